"""Phones: international ones, Chinese mobiles and landlines, and what is called a phone.

`phonenumbers` knows which numbers there are; the patterns here only say what is worth asking about,
so that order numbers and dates are not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

_ALONE = r"(?<![A-Za-z0-9_])(?<![0-9a-f]-)(?<![\d][.,:])(?<![$¥€£])"
"""Nothing before a number that makes it part of an id, a decimal, a time or a price."""
_ENDS = r"(?![A-Za-z0-9_%])(?!-[0-9a-f])(?![.,:]\d)(?! ?(?:元|块|万|亿|美元|(?:USD|EUR|RMB|CNY)\b))"
_SEP = "[ .-]"

_ABROAD = re.compile(
    r"(?<![A-Za-z0-9_])(?:\+ ?|00)(?=[1-9])\(?\d{1,3}\)?(?:[ .()/-]{0,3}\d){6,13}(?![A-Za-z0-9_])"
)
_MOBILE = re.compile(
    rf"{_ALONE}(?:\(?(?:\+|00)?86\)?[ -]?)?"
    r"1[3-9]\d(?:([ -]?)\d{4}\1\d{4}|([ -])\d{3}\2\d{5}|([ -])\d{5}\3\d{3}|[ -]\d{8})"
    rf"{_ENDS}"
)
_BEHIND_LETTERS = re.compile(
    rf"(?<![A-Za-z0-9_])(?<![0-9a-f]-)"
    r"(?!(?:orders?|ord|invoice|inv|tracking|track|ticket|case|ref|sku|id|ids|no|num|number|serial|sn|isbn|img|image|pic|photo|file"
    r"|doc|dsc|item|mem|memory|msg|message|conv|chat|session|run|job|task|build|commit|rev|issue|pr|po|so|batch|lot|part"
    r"|model|version|txn|tx|bill|receipt|video|vid)\d)"
    rf"(?!(?:[A-Fa-f]+|(?!TEL|MOB)[A-Z]{{1,4}})\d)[A-Za-z]{{2,16}}(1[3-9]\d{{9}}){_ENDS}"
)
"""A mobile with a word in front of it, as a tag has it; no word of goods, no hexadecimal, no capitals."""
_LANDLINE = re.compile(
    rf"{_ALONE}(?:\(0\d{{2,3}}\) ?|0\d{{2,3}}[ -])[2-8]\d{{2,3}}[ -]?\d{{4}}"
    rf"(?:(?:转| ?ext\.? ?|-)\d{{1,5}})?{_ENDS}"
)
_SERVICE = re.compile(rf"{_ALONE}[48]00[ -]?\d{{3}}[ -]\d{{4}}{_ENDS}")
_AMERICAN = re.compile(
    rf"{_ALONE}(?:1[ .-])?(?:\([2-9]\d{{2}}\) ?|[2-9]\d{{2}}({_SEP}))[2-9]\d{{2}}{_SEP}\d{{4}}{_ENDS}"
)
_TRUNK = re.compile(rf"{_ALONE}\(?0[1-9]\d{{1,4}}\)?(?:[ -]\d{{2,8}}){{1,4}}{_ENDS}")
NOUNS = (
    r"wa\.me/|(?<![A-Za-z\[])(?:tele)?phone"
    r"|(?<![A-Za-z\[])(?:tel[eé]fono|telefone?|celular|tel|mobile|cell|whatsapp|fax|sms|handy)"
    r"|(?<!\[)(?:电话|手机|手机号|传真|致电|拨打|热线|座机|联系方式|微信号?)"
)
"""What calls a number a phone."""
NAMES = (
    rf"{NOUNS}"
    r"|(?<![A-Za-z])(?:call|text|ring|dial)(?: (?:me|him|her|us|them))?(?: (?:on|at|back on))?"
)
"""The same, and what says what to do with one."""
_CALLED = re.compile(
    rf"(?:{NAMES})"
    r"(?: ?(?:number|no|num|#|号码|号))?[^\w\n\[\]+]{0,4}?(?:(?:is|was|on|at|是|为|改成|换成)[^\w\n\[\]+]{0,3})?"
    r"(\(?\d(?:[ ()./-]{0,2}\d){6,14})(?![A-Za-z0-9_%])(?!-[0-9a-f])",
    re.IGNORECASE,
)
_NOT_CALLED = re.compile(
    r"(?:order|invoice|tracking|ticket|case|ref(?:erence)?|sku|id|no|number|#|serial|isbn|"
    r"订单|单|运单|快递|编|序列|流水|发票|工单|货|型)[ _]?(?:no|number|id|号码|号)?[.:#：]{0,2} ?(?:is |是|为)?$",
    re.IGNORECASE,
)
_BEFORE = 24
_TRUNK_REGIONS = ("GB", "DE", "FR", "IT", "JP", "KR", "AU", "IN", "TW")


def phones(text: str, addresses: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield where phones stand in a folded text, perhaps overlapping.

    Args:
        text: folded.
        addresses: of the web; numbers in them are numbers of pages, unless they begin with a plus.
    """
    for found in _ABROAD.finditer(text):
        number = "+" + digits_of(found[0])[2 if found[0].startswith("00") else 0 :]
        if is_valid(number, None):
            yield found.span()
    for found in _MOBILE.finditer(text):
        if is_valid(digits_of(found[0])[-11:], "CN") and not _is_else(text, found, addresses):
            yield found.span()
    yield from _behind_letters(text, addresses)
    for pattern, regions in (
        (_LANDLINE, ("CN",)),
        (_SERVICE, ("CN", "US")),
        (_AMERICAN, ("US",)),
        (_TRUNK, _TRUNK_REGIONS),
    ):
        for found in pattern.finditer(text):
            if _is_else(text, found, addresses):
                continue
            number = re.split(r"转| ?ext", found[0])[0]
            if any(is_valid(number, region) for region in regions):
                yield found.span()
    for found in _CALLED.finditer(text):
        if not is_date(found[1]):
            yield found.span(1)


def _behind_letters(text: str, addresses: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for found in _BEHIND_LETTERS.finditer(text):
        if is_valid(found[1], "CN") and not _is_else(text, found, addresses):
            yield found.span(1)


def digits_of(text: str) -> str:
    """Return the digits of a text, without what stands between them."""
    return "".join(char for char in text if char.isdigit())


@lru_cache(4_096)
def is_valid(number: str, region: str | None) -> bool:
    """Return whether there is such a phone as one dials it in a region; None: from everywhere, with its plus."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed)


def _is_else(text: str, found: re.Match[str], addresses: list[tuple[int, int]]) -> bool:
    """Whether a number is that of an order or the like, or stands in an address."""
    at = bisect_right(addresses, (found.start(), len(text))) - 1
    return is_of_goods(text, found.start()) or (at >= 0 and found.start() < addresses[at][1])


def is_of_goods(text: str, start: int) -> bool:
    """Return whether what stands before a number says that it is of an order, a parcel, a ticket."""
    return bool(_NOT_CALLED.search(text[max(0, start - _BEFORE) : start]))


def is_date(text: str) -> bool:
    """Return whether a number begins as a day of these centuries, and is one."""
    return bool(re.match(r"(?:19|20)\d\d[ ./-]?(?:0\d|1[0-2])[ ./-]?[0-3]\d(?!\d)", text))
