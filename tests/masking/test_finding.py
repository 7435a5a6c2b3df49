"""What is found in a text, what is not, and that no text takes long."""

from __future__ import annotations

import itertools
import time
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memos_admin.backend.masking.covering import cover
from memos_admin.backend.masking.finding import find
from memos_admin.backend.masking.veil import Veil
from tests.hostile import HOSTILE


def found(text: str) -> list[tuple[str, str]]:
    return [(text[start:end], kind) for start, end, kind in find(text)]


def test_unseen_characters_inside_a_number_do_not_hide_it() -> None:
    copied = "call \u202d+86 138\u200b1234 5678\u202c now"
    assert found(copied) == [("+86 138\u200b1234 5678", "phone")]


def test_full_width_letters_are_letters() -> None:
    assert found("寄到ａｂ＠ｃｄ．ｃｎ吧") == [("ａｂ＠ｃｄ．ｃｎ", "e-mail")]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("验证码 482913", "482913"),
        ("验证码a1b2，五分钟内有效", "a1b2"),
        ("password is hunter2", "hunter2"),
        ("my password was Blue42Sky.", "Blue42Sky"),
        ("发到zhang.san@公司.cn谢谢", "zhang.san@公司.cn"),
        ("the otp is 482913, hurry", "482913"),
        ("验证码60秒后可重新发送", ""),
        ("密码 90 天换一次", ""),
        ("password is 14 characters long", ""),
        ("the code is 120 lines long", ""),
        ("error code 500123", ""),
        ("@公司.cn 见", ""),
    ],
)
def test_what_a_chat_calls_a_code_or_a_password_is_found_without_a_colon(
    text: str, part: str
) -> None:
    assert [one for one, _ in found(text)] == ([part] if part else [])


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("two-factor says 607 281", "607 281"),
        ("here is the access code you asked for: 204417", "204417"),
        ("482913 is your login code", "482913"),
        ("482913为您的动态密码", "482913"),
        ("my pw is hunter22", "hunter22"),
        ("the password for the new router was changed to Blue42Sky.", "Blue42Sky"),
        ("credentials: admin / Adm1n#2026", "Adm1n#2026"),
        ("recovery code 8F2K-99QD", "8F2K-99QD"),
        ("cvv 907", "907"),
        ("密码改成了Hanmei2020", "Hanmei2020"),
        ("支付密码261933", "261933"),
        ("写给 小红@例子.公司", "小红@例子.公司"),
    ],
)
def test_what_people_tell_each_other_is_found(text: str, part: str) -> None:
    assert [one for one, _ in found(text)] == [part]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("AWS_SECRET_ACCESS_KEY=je7MtGbClwBF/2Zp9Utk", "je7MtGbClwBF/2Zp9Utk"),
        ("aws_secret_access_key: q8Zr1abcDEF123ghi456", "q8Zr1abcDEF123ghi456"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI/K7MDENG"),
        ("my secret key is abcDEF123ghi456JKL", "abcDEF123ghi456JKL"),
        ("glpat-ABCdefGHIjklMNOpqrST", "glpat-ABCdefGHIjklMNOpqrST"),
        ("https://acme.dev/invite/9f8a7c6b5d4e3f2a1b0c", "9f8a7c6b5d4e3f2a1b0c"),
        ("https://acme.dev/r/0f1e2d3c4b5a69788796a5b4c3d2e1f0", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
        ("密碼：Gato2024", "Gato2024"),
        ("我的密碼是Gato2024", "Gato2024"),
        ("驗證碼 482913", "482913"),
        ("電話：0912345678", "0912345678"),
        ("電話號碼是0912345678", "0912345678"),
        ("香港電話 9123 4567", "9123 4567"),
        ("電話 02-2345-6789", "02-2345-6789"),
        ("登入密码 hello世界123", "hello世界123"),
        ("登录密码 hello123世界", "hello123世界"),
        ("密码是abc12345登不上", "abc12345"),
        ("PIN码 9021", "9021"),
        ("PIN码是9021", "9021"),
        ("account number 12345678", "12345678"),
        ("身分證 A123456789", "A123456789"),
        ("香港身份證：A123456(7)", "A123456(7)"),
        ("my Aadhaar number is 2341 2341 2346", "2341 2341 2346"),
        ("QQ 号 123456789", "123456789"),
        ("微信号 wxid_abc123def", "wxid_abc123def"),
        ("微信號：wangfang_1990", "wangfang_1990"),
        ("mi clave es gato2024", "gato2024"),
        ("contraseña: gato2024", "gato2024"),
        ("telefone (11) 98765-4321", "(11) 98765-4321"),
    ],
)
def test_what_names_a_secret_may_be_long_traditional_or_of_another_language(
    text: str, part: str
) -> None:
    assert [one for one, _ in found(text)] == [part]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("sort code 12-34-56 account 12345678", ["12-34-56", "12345678"]),
        ("Sort code: 12 34 56", ["12 34 56"]),
        ("my sort-code is 123456.", ["123456"]),
        ("sort code and account number are 12-34-56 and 12345678", ["12-34-56", "12345678"]),
        ("Sort code 12\u201334\u201356, account 3141 5926", ["12\u201334\u201356", "3141 5926"]),
        ("account no. 12-34-56 12345678", ["12-34-56 12345678"]),
        ("the account: 12-34-56", ["12-34-56"]),
        ("use 12-34-56 (sort code)", ["12-34-56"]),
        ("12-34-56 is my sort code", ["12-34-56"]),
        ("met on 12-03-21 about the account", []),
        ("The account was opened on 12-03-21", []),
        ("sort code 12-34-5678", []),
        ("sort codes are told in step 2", []),
        ("sort by code 123456", []),
    ],
)
def test_sort_codes_are_found_where_they_are_called_so(text: str, parts: list[str]) -> None:
    assert [one for one, _ in found(text)] == parts


def test_what_only_stands_near_such_words_stays() -> None:
    texts = NEAR.splitlines()
    assert len(texts) > 35
    assert [(text, found(text)) for text in texts if found(text)] == []


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("11010519491231002X", ["id number"]),
        ("110105194912310021", []),  # the checksum
        ("4111111111111111", ["card"]),
        ("4111111111111112", []),
        ("DE89370400440532013000", ["account"]),
        ("DE88370400440532013000", []),
        ("+8613812345678", ["phone"]),
        ("+8610812345678", []),
        ("219-09-1999", ["id number"]),
        ("000-09-1999", []),
    ],
)
def test_numbers_are_checked(text: str, kinds: list[str]) -> None:
    assert [kind for _, kind in found(f"it is {text} here")] == kinds


@pytest.mark.parametrize(
    "text",
    [
        "7f3a9b2c-1d4e-4f60-8a7b-138123456789",
        "2025-09-17T07:58:05.922Z",
        "订单号13812345678",
        "¥13800138000",
        "mem_13812345678_a",
        "user_13812345678x",
    ],
)
def test_what_an_auditor_needs_stays(text: str) -> None:
    assert found(text) == []


NEAR = """\
I pinned 2024 photos to the board
the password policy v2.1.3 requires 12 characters
Password manager 1Password7 is installed on my laptop
I use Bitwarden2024 as my password manager
boarding pass AB12345 gate 22
the login page at http://192.168.1.1:8080 is down
login as user42 on the server
credentials expired on 2024-11-02T10:00
security code scanning with CodeQL2 takes 400 seconds
access code v1.2.3 of the app
the code is 1500 lines of Python3
status code was 500
my code 2.0 compiles
The reset code path handles 4096 connections
text code 12345 to vote? no, text VOTE to 67890
secret is stored in vault2/path
the api key was introduced in v2.31
My OTP app was updated in 2024
two-factor auth takes 5000 ms
door code changed in 2021, ask John
order 482913 confirmation code pending
The alarm code fires at 0600 every day
the password changed from time to time in 2019
pw = power in kW1000
密码学101课程什么时候开始
密码锁型号ZW8800怎么装
口令红包888元
登录码头2024号仓库
验证码图片大小2048字节
验证码发送失败，错误40010
提取码错误，文件编号20240918
激活码有效期到2026年
安全码头1234号
确认码放在A1234柜子
初始密码是身份证后6位
开机密码8位以上
网盘密码忘了，资料2048页
这个码1234元
车牌号码是京A12345
邮编码是100080
密码是不是要包含A1这样的字符
密码设置了三次都失败，代码E1001
account created 20240917
the access key was introduced in v2.31
secret key rotation in 2024
https://github.com/acme/app/blob/9f8a7c6b5d4e3f2a1b0c/x
https://acme.dev/p/64f1a2b3c4d5e6f708192a3b
https://acme.dev/assets/0f1e2d3c4b5a69788796a5b4c3d2e1f0/app.js
Aadhaar was introduced in 2009. 2341 2341 2346
la clave es usar 2 llaves2
訂單號13812345678已發貨
身分證有10位數字
密碼 90 天換一次
驗證碼60秒後可重新發送
PIN码 6位，60秒后失效
QQ群 123456789 欢迎加入
微信是 iOS 里最常用的，2024年"""
"""Words that call something a code or a password, and numbers that are neither."""

PARTS = st.sampled_from(
    [
        "li.wei@acme.cn",
        "13812345678",
        "+44 20 7946 0958",
        "11010519491231002X",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "https://u:p@x.cn/a?token=abc&sig=d",
        "sk-proj-4f8Kd92LmQz71XwPq0TnB3",
        "password: Summer2024!",
        "password is hunter2",
        "验证码 482913",
        "a@公司.cn",
        "电话",
        "phone",
        "card",
        "卡号",
        "身份证",
        "account ",
        "[",
        "]",
        " ",
        "，",
        "-",
        "@",
        "1",
        "2024",
        "138",
        "订单号",
        "\u200b",
        "\n",
        "\\n",
        "\x1b[0m",
        "QQ ",
        "pw:",
        "1111\n1111",
        " @ ",
        "%40",
        "中",
        "a",
        ".",
        "=",
        "?",
        "//",
    ]
)
TEXTS = st.lists(PARTS | st.text(max_size=6), max_size=14).map("".join)


@given(TEXTS)
def test_what_is_found_lies_apart_and_in_order(text: str) -> None:
    places = [(start, end) for start, end, _ in find(text)]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(places))


@given(TEXTS)
@example("password is hunter2https://u:p@x.cn/a?token=abc&sig=d")
def test_nothing_outside_of_what_is_found_changes(text: str) -> None:
    edits = Veil(b"").covered(text).edits
    rebuilt, at = "", 0
    covered = cover(text, edits)
    for start, end, mask in edits:
        rebuilt += text[at:start] + mask
        at = end
    assert covered.text == rebuilt + text[at:]
    for position in range(len(text)):
        if not any(start <= position < end for start, end, _ in edits):
            first, last = covered.moved(position, position + 1)
            assert covered.text[first:last] == text[position]


@given(TEXTS)
def test_a_masked_text_stays_as_it_is(text: str) -> None:
    veil = Veil(b"")
    masked = veil.covered(text).text
    assert veil.covered(masked).text == masked


@given(TEXTS)
def test_a_part_of_a_mask_has_the_whole_mask(text: str) -> None:
    covered = Veil(b"").covered(text)
    for start, end, mask in covered.edits:
        for one in range(start, end):
            first, last = covered.moved(one, one + 1)
            assert covered.text[first:last] == mask


LONG = {
    **{name: text for name, text in HOSTILE.items() if len(text) > 1_000},
    "at": "@",
    "digits": "1",
    "spaced digits": "1 ",
    "dashes": "1-",
    "dots": "a.",
    "mobiles": "13812345678 ",
    "addresses": "a@b.cn ",
    "half addresses": "a@",
    "links": "http://",
    "query": "&a=1",
    "keys": "sk-",
    "accounts": "AB12 ",
    "plus": "+1 ",
    "brackets": "(0",
    "called": "phone: ",
    "passwords": "password:",
    "said passwords": "password is 1 ",
    "passwords for": "password for a ",
    "codes": "验证码 1",
    "pins": "pin is 1",
    "chinese domains": "a@中",
    "pem": "-----BEGIN PRIVATE KEY-----",
    "pem without an end": "-----BEGIN PRIVATE KEY-----!",
    "lines": "A" * 64 + "\n",
    "nearly lines": "AB" * 30 + "\n",
    "nearly tokens": "-eyJabcdefgh",
    "chinese": "电话",
    "two scripts": "密码 a1中",
    "chats": "微信号 a1",
    "aadhaar": "aadhaar ",
    "broken numbers": "4111\n1111 ",
    "called and broken": "phone\n1234567\n",
    "broken addresses": "a.b @\n",
    "escaped addresses": "a%40b.",
    "escapes": "\\n1",
    "sequences": "1\x1b[0m",
    "tags": "1<b>",
    "words and numbers": "tag138",
    "doors": "https://a/r/0a1b2c3d4e5f6a7b",
}


@pytest.mark.parametrize("name", LONG)
def test_the_time_for_a_text_grows_with_its_length(name: str) -> None:
    """Twice the text takes about twice as long; four times would be what backtracking costs."""
    unit = LONG[name]
    text = (unit * (8_000 // len(unit) + 1))[:8_000]

    def cpu(text: str) -> float:
        begun = time.process_time()
        find(text)
        return time.process_time() - begun

    cpu(text)  # what is compiled once
    short = min(cpu(text) for _ in range(3))
    long = min(cpu(text * 8) for _ in range(2))
    assert long < 24 * short + 0.1


def test_memory_stays_within_bounds() -> None:
    text = "13812345678 " * 20_000
    tracemalloc.start()
    try:
        find(text)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 200 * len(text)
