"""What a line break, a sign, a tag or an escape sequence parts is found whole, and lists are left."""

from __future__ import annotations

import json

import pytest

from memos_admin.backend.masking.finding import find
from memos_admin.backend.masking.veil import Veil


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, _ in find(text)]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Card number:\n4111 1111\n1111 1111", "4111 1111\n1111 1111"),
        ("Card:\r\n4111 1111\r\n1111 1111\r\n12/27", "4111 1111\r\n1111 1111"),
        ("4111\n1111\n1111\n1111", "4111\n1111\n1111\n1111"),
        ("> 4111 1111\n> 1111 1111", "4111 1111\n> 1111 1111"),
        ("卡号\n6222021001123456788", "6222021001123456788"),
        ("身份证号：\n110105\n19491231\n002X", "110105\n19491231\n002X"),
        ("11010519\n491231002X 是我的", "11010519\n491231002X"),
        ("ssn 219-09\n-1999", "219-09\n-1999"),
        ("手机 138-1234-\n5678", "138-1234-\n5678"),
        ("手机13812\n345678", "13812\n345678"),
        ("电话：\n62345678", "62345678"),
        ("call me on\n(212) 555\n0143", "(212) 555\n0143"),
        ("+44 20 7946\n0958", "+44 20 7946\n0958"),
        ("phone 0044 20 7946\n0958", "0044 20 7946\n0958"),
        ("银行账号 6222 0212\n3456 7890 128", "6222 0212\n3456 7890 128"),
        ("DE89 3704 0044\n0532 0130 00", "DE89 3704 0044\n0532 0130 00"),
        ("验证码\n482913", "482913"),
        ("your login code:\n482913\nthanks", "482913"),
        ("pw:\nhunter2x9Q", "hunter2x9Q"),
        ("pwd\nhunter2x9Q\n", "hunter2x9Q"),
        ("密码\nhunter2x9Q", "hunter2x9Q"),
        ("ann.lee@\nexample.com", "ann.lee@\nexample.com"),
    ],
)
def test_what_goes_over_a_line_break_is_found_whole(text: str, part: str) -> None:
    assert found(text) == [part]
    raw = json.dumps({"content": text}, ensure_ascii=False)
    assert found(raw) == [json.dumps(part, ensure_ascii=False)[1:-1]]


@pytest.mark.parametrize(
    "text",
    [
        "13812\n345678",
        "1200\n3400\n5600\n7800",
        "4111\n1111\n1111\n1112",
        "- 4111\n- 1111\n- 1111\n- 1111",
        "4111,\n1111,\n1111,\n1111",
        "order number\n4111 1111\n1111 1111",
        "订单号：\n11010519\n491231002X",
        "phone\n2024 1101",
        "account\n20240917",
        "SSN\n12\n34",
        "code:\n2024",
        "pw\nis hunter2x9Q, they say",
        "verification code\n482913 people asked for",
        "meet @\ncafe.nero",
        "x = read\n@app.get\ndef shown",
        "lunch @ joes.com",
        "3 pens @ 1.50 each",
    ],
)
def test_lists_and_lines_that_nothing_calls_a_number_stay(text: str) -> None:
    assert found(text) == []


def test_what_follows_a_whole_number_on_the_next_line_is_none_of_it() -> None:
    assert found("account number 12345678\n2024 was good") == ["12345678"]
    assert found("电话 13812345678\n1200 次") == ["13812345678"]
    assert found("card 4111 1111 1111 1111\n2222 points") == ["4111 1111 1111 1111"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("\x1b[31m138\x1b[0m12345678", "138\x1b[0m12345678"),
        ("\\u001b[31m138\\u001b[0m12345678", "138\\u001b[0m12345678"),
        ("138\x9b1m12345678", "138\x9b1m12345678"),
        ("138\x0012345678", "138\x0012345678"),
        ("138<b>12345678</b>", "138<b>12345678"),
        ('138</i><font color="red">1234</font>5678', '138</i><font color="red">1234</font>5678'),
        ("4111.1111.1111.1111", "4111.1111.1111.1111"),
        ("𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", "𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖"),
        ("①③⑧①②③④⑤⑥⑦⑧", "①③⑧①②③④⑤⑥⑦⑧"),
        ("13812345678①", "13812345678"),
        ("tag13812345678", "13812345678"),
        ("Friend13812345678", "13812345678"),
        ("maria.garcia @ gmail.com", "maria.garcia @ gmail.com"),
        ("maria @ gmail.com", "maria @ gmail.com"),
        ("mailto:maria.garcia%40gmail.com", "maria.garcia%40gmail.com"),
        ("?email=maria.garcia%40gmail.com&x=1", "maria.garcia%40gmail.com"),
        ("?next=a%3Femail%3D&m=maria%2540gmail.com", "maria%2540gmail.com"),
        ("\\u0031\\u0033812345678", "\\u0031\\u0033812345678"),
    ],
)
def test_what_signs_part_is_found_whole(text: str, part: str) -> None:
    assert found(text) == [part]


@pytest.mark.parametrize(
    "text",
    [
        "temperatures <b>138</b> 1250 <b>5600</b>",
        "<td>138</td><td>12345678</td>",
        "①②③ steps, 4567 words",
        "SF13812345678",
        "order13812345678",
        "mem13812345678 msg13812345678",
        "a13812345678 0c13812345678",
        "deadbeef13812345678",
        "discount%40off.now",
        "100%40 of it",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("QQ 482913765", ["482913765"]),
        ("QQ482913765", ["482913765"]),
        ("加我QQ 123456789", ["123456789"]),
        ("my QQ number is 482913765", ["482913765"]),
        ("QQ is 48291", ["48291"]),
        ("QQ:\n482913765", ["482913765"]),
        ("WeChat: abc_d, QQ 123456789", ["abc_d", "123456789"]),
        ("wechat id is lin_q88", ["lin_q88"]),
        ("QQ group 482913765", []),
        ("QQ群号 482913765", []),
        ("QQ音乐 482913 首", []),
        ("QQ 2013", []),
        ("QQ 9.7.20", []),
        ("QQ 20240917", []),
        ("QQ 800000 users", []),
        ("1QQ 482913765", ["482913765"]),
    ],
)
def test_chat_ids_are_found_as_people_write_them(text: str, parts: list[str]) -> None:
    assert found(text) == parts


def test_a_title_that_is_a_password_of_the_next_line_is_masked_as_it_is() -> None:
    veil = Veil(b"")
    assert veil.beside("hunter2x9Q", ["pw:\nhunter2x9Q"]).text == "[secret **]"
