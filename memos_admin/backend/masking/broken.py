"""Numbers that go on behind a line break: of cards, persons, accounts, phones.

Lines of plain numbers are a list more often than not. So what goes over a break is one number only where
its checksum or its country says so, or what calls it by a name stands in front.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from stdnum.cn import ric

from memos_admin.backend.masking.cards import is_card
from memos_admin.backend.masking.phones import NAMES, NOUNS, is_date, is_of_goods, is_valid

Kind = Literal["phone", "id number", "card", "account"]

_BETWEEN = r"\)?(?: ?[.-]? {0,2}\n[ >]{0,3}[(-]?|[ .-]\(?)"
"""Two groups of digits: a sign, or a break with one at either side."""
_RUN = re.compile(
    rf"(?<![A-Za-z0-9_$¥€£#])(?<!\d[.,/:])(?<![0-9a-f]-)\+?\(?\d+(?:{_BETWEEN}\d+)*(?:\n?[Xx](?![A-Za-z0-9]))?"
)
_GROUP = re.compile(r"\d+(?:\n?[Xx](?![A-Za-z0-9]))?")
_GOES_ON = re.compile(r"[A-Za-z0-9_%°]|[.,/:]\d")
"""Behind a group that is of something else: a measure, a time, a decimal."""
_ENDS = re.compile(r"[ ,.;，。；、)）']{0,3}(?:[\n\"]|\Z)")

_THEN = r"[^\w\n\[\]+]{0,3}(?:(?:is|was|是|为)[^\w\n\[\]+]{0,3})?\n?[ >]{0,3}\Z"
"""Between a name and its number."""
_NUMBER = r"(?: ?(?:number|num|no\.?|#|号码?))?"
_CARD = re.compile(
    rf"(?:(?<![A-Za-z\[])(?:card|visa|master-?card|amex)( ?(?:number|num|no\.?|#))?|(?<!\[)卡(号码?)?){_THEN}",
    re.IGNORECASE,
)
_RESIDENT = re.compile(rf"(?<!\[)身[份分]证(?:号码?)?{_THEN}")
_SOCIAL = re.compile(
    rf"(?<![A-Za-z\[])(?:ssn|social security)(?: number| no\.?)?{_THEN}", re.IGNORECASE
)
_ACCOUNT = re.compile(
    rf"(?:(?<![A-Za-z\[])(?:account|acct)|(?<!\[)(?:账户|账号|帐号)){_NUMBER}{_THEN}", re.IGNORECASE
)
_PHONE = re.compile(rf"(?:{NAMES}|(?<!\[)联系){_NUMBER}{_THEN}", re.IGNORECASE)
_PHONE_NOUN = re.compile(rf"(?:{NOUNS}){_NUMBER}{_THEN}", re.IGNORECASE)

_BEFORE = 48
"""Characters before a number in which its name stands."""
_MOST_GROUPS, _MOST_DIGITS = 12, 23
_SHORTEST_PHONE, _LONGEST_PHONE, _LONGEST_ABROAD = 7, 13, 15
_SHORTEST_ACCOUNT = 8
_FIXED = ("CN", "US")
_TRUNK = ("GB", "FR", "IT", "JP", "KR", "AU", "IN", "TW", "DE")
"""Where a phone is dialled with a zero at home."""


class Broken(NamedTuple):
    """A number, and what it is."""

    start: int
    end: int
    kind: Kind


class _Part(NamedTuple):
    """The first groups of a run of digits: where they end, and how many breaks they have."""

    digits: str
    end: int
    breaks: int


def broken(text: str) -> Iterator[Broken]:
    """Yield numbers of a folded text that go over a line break, or stand on the line behind their name."""
    if "\n" not in text:
        return
    for run in _RUN.finditer(text):
        start = run.start()
        before = text[max(0, start - _BEFORE) : start]
        is_on_next = before.rstrip(" >").endswith("\n")
        if not is_on_next and "\n" not in run[0]:
            continue
        parts = [*_parts(text, run)]
        found = _called(text, before, run[0], parts)
        if found is None and not is_of_goods(text, start):
            found = _known(run[0], parts)
        if found is not None and (is_on_next or found[0].breaks):
            yield Broken(start, found[0].end, found[1])


def _parts(text: str, run: re.Match[str]) -> Iterator[_Part]:
    """Yield the beginnings of a run, each one group longer, up to more than any number has."""
    digits, breaks, at = "", 0, run.start()
    for count, group in enumerate(_GROUP.finditer(text, *run.span())):
        if _GOES_ON.match(text, group.end()) or count > _MOST_GROUPS or len(digits) > _MOST_DIGITS:
            return
        digits += group[0].replace("\n", "").upper()
        breaks += text.count("\n", at, group.end())
        at = group.end()
        yield _Part(digits, at, breaks)


def _known(run: str, parts: list[_Part]) -> tuple[_Part, Kind] | None:
    """Return all of a run where its checksum knows it; of one with a plus what a country has for a phone."""
    if run.startswith("+"):
        return _phone_of(parts, "+", (None,))
    if not parts or "." in run or "(" in run:
        return None
    whole = parts[-1]
    if is_card(whole.digits):
        return whole, "card"
    return (whole, "id number") if _is_resident(whole.digits) else None


def _called(text: str, before: str, run: str, parts: list[_Part]) -> tuple[_Part, Kind] | None:
    """Return the beginning of a run that is what its name in front says."""
    if run.startswith("+") or not parts:
        return None
    if card := _CARD.search(before):
        likely = [part for part in parts if 14 <= len(part.digits) <= 19] if card.lastindex else []
        sure = [part for part in parts if is_card(part.digits)]
        return next(((part, "card") for part in (*sure, *reversed(likely))), None)
    if _RESIDENT.search(before):
        return _of_length(parts, 18) or _of_length(parts, 15)
    if _SOCIAL.search(before):
        return _of_length(parts, 9)
    if _ACCOUNT.search(before):
        return _account(text, parts)
    return _phone(before, run, parts) if _PHONE.search(before) else None


def _is_resident(digits: str) -> bool:
    return len(digits) == 18 and ric.is_valid(digits)


def _of_length(parts: list[_Part], length: int) -> tuple[_Part, Kind] | None:
    return next(((part, "id number") for part in parts if len(part.digits) == length), None)


def _account(text: str, parts: list[_Part]) -> tuple[_Part, Kind] | None:
    """Return as much as is of one account: one unspaced number, or lines with nothing but groups of it."""
    if is_date(parts[0].digits):
        return None
    if len(parts[0].digits) >= _SHORTEST_ACCOUNT:
        return parts[0], "account"
    some = [
        part
        for part in parts
        if _SHORTEST_ACCOUNT <= len(part.digits) <= _MOST_DIGITS
        and (not part.breaks or _ENDS.match(text, part.end))
    ]
    return (some[-1], "account") if some else None


def _phone(before: str, run: str, parts: list[_Part]) -> tuple[_Part, Kind] | None:
    """Return what a country has for a phone, else, behind a noun, one line or all of a number that goes on."""
    first = parts[0].digits
    if first.startswith("00"):
        abroad = [part._replace(digits=part.digits[2:]) for part in parts]
        return _phone_of(abroad, "+", (None,))
    if found := _phone_of(parts, "", _FIXED + _TRUNK * first.startswith("0")):
        return found
    some = [part for part in parts if _SHORTEST_PHONE <= len(part.digits) <= _LONGEST_PHONE]
    if not some or is_date(some[0].digits) or not _PHONE_NOUN.search(before):
        return None
    line = [part for part in some if not part.breaks]
    return (line[-1] if line and "-\n" not in run else some[-1]), "phone"


def _phone_of(
    parts: list[_Part], plus: str, regions: tuple[str | None, ...]
) -> tuple[_Part, Kind] | None:
    """Return the shortest beginning that is a phone of one of some regions."""
    likely = (part for part in parts if _SHORTEST_PHONE <= len(part.digits) <= _LONGEST_ABROAD)
    for part in likely:
        if any(is_valid(plus + part.digits, region) for region in regions):
            return part, "phone"
    return None
