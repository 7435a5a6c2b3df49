"""Codes and passwords as people tell them to each other, in English and Chinese.

What calls something a code or a password stands before it, seldom right before it, or behind it. What
follows has to look like one: a code of digits, a password of letters and digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

NO_MEASURE = (
    r"(?![A-Za-z0-9])(?! {0,2}(?:位|个|次|天|秒|分|小时|年|月|日|元|条|起|开头"
    r"|(?:ms|s|secs?|seconds?|min|minutes?|hours?|days?|digits?|characters?|chars?|lines?|bytes?|times?)(?![A-Za-z])))"
)
"""Behind a number that stands for itself: no count of what there is in a code, and no time that it holds."""

_SIGN = r"[!#-&*+\-./0-9:=?-Z^_a-z|~]"
"""Of a password: what is seen, but for quotes, brackets and what ends a part of a sentence."""
_LAST = r"[A-Za-z0-9!#$%^&*]"
_NO_NAME = (
    r"(?!(?:sha|md|base|o?auth|utf|aes|rsa|win|windows|ios|ip|ipv|http|web|v|n)-?\d"
    r"|[A-Za-z]+://|[./~]|\d{1,4}(?:chars?|bits?|bytes?|digits?|px|[kmg]i?b|ms|secs?|mins?|hrs?|days?)(?![A-Za-z]))"
)
"""What has letters and digits too: names of procedures, versions, addresses."""
_MIXED = rf"{_NO_NAME}(?={_SIGN}{{0,60}}\d)(?={_SIGN}{{0,60}}[A-Za-z])({_SIGN}{{5,60}}{_LAST}){NO_MEASURE}"
_DIGITS = rf"(?<![\w.,:/$¥#-])(?<!ending )(?<!ending in )(?<!ends in )(?<!尾号)(?<!尾号为)(\d{{4,8}}|\d{{3}}[ -]\d{{3}}|[A-Z]{{1,2}}-\d{{4,8}}){NO_MEASURE}(?![.,:/-]\d)"
_GROUPS = r"(?=[A-Z -]{0,24}\d)([A-Z0-9]{3,5}(?:-[A-Z0-9]{3,5}){1,5}|\d{4} \d{4})(?![A-Za-z0-9-])"

_CODE_IS = (
    r"(?:verification|security|log-?in|sign-?in|sms|confirmation|access|one-time|2fa|two-factor|"
    r"authenticat(?:or|ion)|activation|recovery|backup|reset|door|gate|alarm|entry|unlock|pin) codes?"
    r"|one-time pass(?:word|code)|passcode|otp|two-factor|2fa"
)
_CODE_ZH = r"(?:验证|校验|动态|提取|取件|授权|登录|确认|激活|恢复|识别)码|(?:动态|一次性|短信)(?:密码|口令)"
_NEXT_LINE = r" {0,2}\n{1,2} {0,3}"
_ALONE = r"(?=[ .。]{0,2}(?:\n|\Z))"
"""Behind what has a line for itself."""

_BY_CALLED: dict[str, tuple[str, ...]] = {
    r"code|otp|pin|2fa|factor|one-time|cv[vc]": (
        # A code somewhere behind what calls it one, in the same part of a sentence.
        (
            rf"(?<![A-Za-z])(?:{_CODE_IS})(?![A-Za-z])"
            r"(?:[^\d\n.!?;$#]{0,30}?(?: (?:is|was|says|said|reads|as|got)|[:,=-]))? {0,2}(?!(?:19|20)\d\d(?!\d))"
            rf"{_DIGITS}"
        ),
        rf"(?<![A-Za-z])(?:{_CODE_IS})(?: is| was|:| -)? {{0,2}}{_GROUPS}",
        # Right behind "code", where that is no code of goods, errors or places.
        (
            r"code"
            r"(?<!error code)(?<!exit code)(?<!status code)(?<!zip code)(?<!post code)(?<!postal code)"
            r"(?<!promo code)(?<!discount code)(?<!area code)(?<!country code)(?<!order code)"
            r"(?<!product code)(?<!item code)(?<!coupon code)(?<!voucher code)(?<!sort code)(?<!dress code)"
            r"(?<!response code)(?<!return code)(?<!source code)(?<!dial code)(?<!dialing code)(?<!barcode)"
            r"(?<!bar code)(?<![A-Za-z]code)"
            rf"s?(?: is| was| were|:| -) {_DIGITS}"
        ),
        rf"(?<![A-Za-z])(?:your|my) codes? {_DIGITS}",
        rf"(?<![A-Za-z])(?:(?:{_CODE_IS}|pin)(?: is| was)?[:=]?|code:){_NEXT_LINE}(?!(?:19|20)\d\d(?!\d)){_DIGITS}{_ALONE}",
        # Before it.
        rf"{_DIGITS} (?:is|was) (?:your|the|my) (?:[\w-]{{1,20}} ){{0,3}}(?:code|passcode|otp|pin)(?![A-Za-z])",
        # The digits on the back of a card.
        (
            r"(?<![A-Za-z])(?:cvv2?|cvc2?|security code)(?: on the back)?(?: is| was|:)? {0,2}(?<!\d)(\d{3,4})"
            rf"{NO_MEASURE}(?![.,-]\d)"
        ),
        # PINs.
        rf"(?<![A-Za-z])(?:otp|pin|passcode)(?: for [\w -]{{1,30}}?)?(?: is| was|:| -|=)? {{1,2}}{_DIGITS}",
    ),
    r"pass|pwd?|credential|log-?in|api key|secret|token": (
        # Passwords.
        (
            r"(?<![A-Za-z0-9])(?:pass(?:word|phrase|code|wd)|pwd?|(?:my|old|new|temp|temporary|wi-?fi|login) pass|pass(?=:))"
            rf"(?:'s)?(?: for [\w -]{{1,30}}?)?(?: (?:is|was|to|as|still|now|changed|set|reset|=|-)){{0,3}}[:=]? {{1,2}}{_MIXED}"
        ),
        rf"(?<![A-Za-z0-9])(?:pass(?:word|phrase|code|wd)?|pwd?)(?: is)? ?[:=]{_NEXT_LINE}{_MIXED}",
        rf"(?<![A-Za-z0-9])(?:pass(?:word|phrase|code|wd)?|pwd?)(?: is)?{_NEXT_LINE}{_MIXED}{_ALONE}",
        r"(?<![A-Za-z])pass(?:word|phrase|code)(?: [a-z]{1,12}){0,3} (?:to|as) " + _MIXED,
        r"(?<![A-Za-z])pass(?:word|phrase|code)(?: [a-z]{1,12}){0,3} from " + _MIXED,
        rf"(?<![A-Za-z])pass(?:word|phrase|code)[^\n]{{0,40}}? from {_SIGN}{{4,60}} to {_MIXED}",
        rf"(?<![A-Za-z])(?:credentials?|log-?ins?)(?: are| is|:)? {{1,2}}[\w.@+-]{{2,40}} ?[/|,] ?{_MIXED}",
        rf"(?<![A-Za-z])(?:(?:api|secret|access|private|signing|encryption|master) key|secret|token)(?: is| was) {_MIXED}",
    ),
    r"contrase|clave|senha|mot de passe|wort": (
        (
            r"(?<![A-Za-z])(?:contrase[ñn]a|clave|senha|mot de passe|passwort|kennwort)"
            rf"(?: (?:es|era|é|est|ist|war|lautet))?[:=]? {{1,2}}{_MIXED}"
        ),
    ),
    r"码|背面": (
        rf"(?<![A-Za-z])pin ?码(?:就|还|现在|是|为|[：: ]){{0,3}}(\d{{4,8}}){NO_MEASURE}(?![.,:/-]\d)",
        rf"(?:{_CODE_ZH})[^\d\n。！？；;!?#¥]{{0,10}}?{_DIGITS}",
        (
            rf"(?:{_CODE_ZH})[^\w\n。]{{0,2}}(?:给你|发你|发我|是|为|了|[：:， ]){{0,4}}"
            rf"(?=[a-z]{{0,5}}\d)([a-z0-9]{{4,8}}){NO_MEASURE}"
        ),
        rf"(?:(?:^|[\s，。,！：:的])|(?:[这那]个))码(?:是|为|[：: ])[ ：:]?{_DIGITS}",
        rf"(?:{_CODE_ZH})(?:是|为)?[:：]?{_NEXT_LINE}{_DIGITS}{_ALONE}",
        rf"{_DIGITS}(?:为|是)[^\d\n。，,]{{0,12}}?(?:{_CODE_ZH})",
        rf"(?:安全码|卡背面[^\d\n]{{0,6}})(?:是|为|[：: ]){{0,2}}(\d{{3,4}}){NO_MEASURE}(?![.,-]\d)",
    ),
    r"密码|口令": (
        rf"(?:密码|口令)(?:是|为)?[:：]?{_NEXT_LINE}{_MIXED}{_ALONE}",
        (
            rf"(?:支付|开机|锁屏|解锁|门锁|门禁|取款|提现|登录|初始|默认|银行卡|保险柜|网盘|wi-?fi ?)密码"
            rf"(?:就|还|现在|是|为|[：: ]){{0,3}}(?=[a-z]{{0,8}}\d)([a-z0-9]{{4,12}}){NO_MEASURE}"
        ),
        r"(?:密码|口令)(?:我|就|一直|已经?|还|现在|是|为|叫|给你|发你|设|设置|修?改|换|重置|更新|更改|成|到|了|[：:， ]){0,6}"
        + _MIXED,
    ),
}
"""What is looked for where a text has one of some words in it."""

_PATTERNS = [
    (
        re.compile(called, re.IGNORECASE),
        [re.compile(pattern, re.IGNORECASE) for pattern in patterns],
    )
    for called, patterns in _BY_CALLED.items()
]
_DIGIT = re.compile(r"\d")


def spoken(text: str) -> Iterator[tuple[int, int]]:
    """Yield where codes and passwords stand in a folded text, perhaps overlapping."""
    if not _DIGIT.search(text):
        return
    for called, patterns in _PATTERNS:
        if called.search(text):
            for pattern in patterns:
                yield from (found.span(1) for found in pattern.finditer(text))
