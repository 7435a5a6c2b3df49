"""Times of day that are told in words: noon, half past seven, 1930 hours, 差一刻三点. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memos_admin.backend.evidence.moments import Clock, minutes_of
from memos_admin.backend.evidence.numerals import chinese_value, english_value, numeral
from memos_admin.backend.evidence.signs import at_figures, has_any, has_digit
from memos_admin.backend.provenance.quotes import lowered

_HOUR = r"(?:[1-9]|1[0-2]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_MINUTES = r"(?:\d{1,2}|five|ten|twenty|twenty-five|quarter|a quarter)"
_SPOKEN = (
    r"(?:oh[ -](?:one|two|three|four|five|six|seven|eight|nine)|ten|fifteen"
    r"|(?:twenty|thirty|forty|fifty)(?:[ -]five)?)"
)
_HALF = r"(?P<half>\s?[ap]\.?m\b\.?|,? (?:in the (?:morning|afternoon|evening)|at night|tonight))?"
_HALF_PAST = re.compile(
    rf"\bhalf (?:(?P<past>past) )?(?P<h>{_HOUR})\b(?![.:]\d| (?:of|year|month|week|day|hour)){_HALF}"
)
_PAST = re.compile(
    rf"\b(?P<min>{_MINUTES})(?P<exactly> minutes?)? (?P<way>past|to|before|after) (?P<h>{_HOUR})\b"
    rf"(?![.:]\d| ?%){_HALF}"
)
_HALVES = ("am", "pm", "a.m", "p.m", " in the ", " at night")
_OF_SPAN = re.compile(r"\b(?:from|between|open|works?|working|hours?) $")
_SPAN = re.compile(
    rf"(?<![\w.,:/-])(?P<h>{_HOUR}) ?(?:and|to|until|till|through|or|[-–—]) ?"
    rf"(?=(?P<last>{_HOUR})(?:[:.][0-5]\d)?(?P<half>\s?[ap]\.?m\b|,? in the (?:morning|afternoon|evening)|,? at night))"
)
"""The first of two times, of which the second one alone tells the half of the day: ``between 2 and 4 pm``."""
_BEFORE = re.compile(r"\b(?:at|by|until|till|around|about|it['’]s|is) $")
_CLOCK = re.compile(rf"(?<![\d:.,])\b(?P<h>{_HOUR}) o['’]?clock\b{_HALF}")
_BARE = re.compile(
    rf"\b(?:at|by|from|until|till|around|about) (?P<h>{_HOUR})[ -](?P<spoken>{_SPOKEN})\b{_HALF}"
)
_PART_OF_DAY = re.compile(
    rf"(?<![\d:.,-])\b(?P<h>{_HOUR})(?P<half>\s[ap]\.?m\b\.?| in the (?:morning|afternoon|evening)| at night)"
)
_WORDS = (
    (_HALF_PAST, ("half ",)),
    (_PAST, (" past ", " to ", " before ", " after ")),
    (_CLOCK, ("clock",)),
    (_BARE, ("at ", "by ", "from ", "until ", "till ", "around ", "about ")),
    (_PART_OF_DAY, (" am", " pm", " a.m", " p.m", " in the ", " at night")),
)
"""With what must stand in a text where one is found."""
_WHOLE = {
    "noon": (720,),
    "midday": (720,),
    "midnight": (0, 1440),
    "正午": (720,),
    "午夜": (0, 1440),
}
_WHOLE_WORD = re.compile(r"\b(?:noon|midday|midnight)\b|正午|午夜")
_MILITARY = re.compile(r"(?<![\w.,:/-])(?P<h>[01]\d|2[0-4])(?P<min>[0-5]\d) ?(?:hours|hrs|h|uhr)\b")
_FOUR_FIGURES = re.compile(
    r"(?<![\w.,:/-])(?:(?P<h>0\d)(?P<min>[0-5]\d)|(?:(?<=at )|(?<=by )|(?<=from )|(?<=until ))(?P<h2>1\d|2[0-3])(?P<min2>[0-5]\d))(?![\w/]|[.,:-]\d)"
)
_DOTTED = re.compile(r"(?<![\w.,:/-])(?P<h>[01]?\d|2[0-3])\.(?P<min>[0-5]\d)(?![\w/%€$]|[.,:]\d)")
_CN = numeral(3)
_PART = r"(?P<part>上午|下午|早上|早晨|清晨|晚上|中午|凌晨|傍晚|夜里|今晚|明晚|当晚)?\s?"
_CHINESE = (
    re.compile(rf"{_PART}差(?:(?P<quarter>一刻)钟?|(?P<min>{_CN})分钟?)(?:就|到)?(?P<h>{_CN})点"),
    re.compile(rf"{_PART}(?P<h>{_CN})点钟?差(?:(?P<quarter>一刻)|(?P<min>{_CN})分)"),
    re.compile(rf"{_PART}(?P<h>{_CN})点(?P<past>过)(?:(?P<quarter>一刻)|(?P<min>{_CN})分?)"),
)
_AFTERNOON = frozenset({"下午", "晚上", "傍晚", "夜里", "今晚", "明晚", "当晚"})
_MORNING = frozenset({"上午", "早上", "早晨", "清晨", "凌晨"})
_HOURS = 24


def clocks(text: str) -> Iterator[Clock]:
    """Yield the times of day of a text that are certainly meant as such."""
    small = lowered(text)
    taken = set[int]()
    for clock in _all(small):
        span = range(clock.start, clock.end)
        if taken.isdisjoint(span):
            yield clock
            taken.update(span)


def loose_clocks(text: str) -> Iterator[Clock]:
    """Yield what may be a time of day or a number: ``at 1930``, 8.30, the 2 of ``2 to 4 pm``; 中午 is about 12."""
    if has_digit(text):
        for match in at_figures(_FOUR_FIGURES, text):
            hour, minute = int(match["h"] or match["h2"]), int(match["min"] or match["min2"])
            yield Clock(minutes_of(hour, minute, morning=hour == 0), *match.span())
        for match in at_figures(_DOTTED, text):
            yield Clock(minutes_of(int(match["h"]), int(match["min"])), *match.span())
    small = lowered(text)
    for match in _SPAN.finditer(small) if has_any(small, _HALVES) else ():
        hour, last = (english_value(match[name]) or 1 for name in ("h", "last"))
        after = not ("morning" in match["half"] or "a" in match["half"][:2])
        is_same = hour % 12 < last % 12 or last == 12
        yield Clock(minutes_of(hour, 0, afternoon=after and is_same), *match.span("h"))
    at = text.find("中午")
    while at >= 0:
        yield Clock(frozenset({720}), at, at + 2)
        at = text.find("中午", at + 2)


def _all(text: str) -> Iterator[Clock]:
    if has_any(text, ("noon", "midday", "midnight", "正午", "午夜")):
        for match in _WHOLE_WORD.finditer(text):
            yield Clock(frozenset(_WHOLE[match[0]]), *match.span())
    for match in at_figures(_MILITARY, text) if has_digit(text) else ():
        yield Clock(frozenset({int(match["h"]) * 60 + int(match["min"])}), *match.span())
    for pattern, signs in _WORDS:
        if not has_any(text, signs):
            continue
        for match in pattern.finditer(text):
            if (minutes := _english(match)) is not None:
                start = match.start("h") if match.re is _BARE else match.start()
                yield Clock(minutes, start, match.end())
    if "点" in text:
        for pattern in _CHINESE:
            for match in pattern.finditer(text):
                if (minutes := _chinese(match)) is not None:
                    yield Clock(minutes, *match.span())


def _english(match: re.Match[str]) -> frozenset[int] | None:
    said = match.groupdict()
    hour, minute = english_value(said["h"]) or 1, 0
    part = said.get("half") or ""
    after = ("p" in part.replace("p.", "p") and "m" in part) or any(
        one in part for one in ("noon", "evening", "night")
    )
    morning = not after and bool(part)
    if match.re is _HALF_PAST:
        if said["past"]:
            return minutes_of(hour, 30, afternoon=after, morning=morning)
        earlier = minutes_of(hour - 1 or 12, 30, afternoon=after, morning=morning)
        return earlier | minutes_of(hour, 30, afternoon=after, morning=morning)
    if written := said.get("min"):
        minute = _minute(written)
        if minute >= 60 or not _is_time(match, written):
            return None
        if said["way"] in {"to", "before"}:
            hour, minute = hour - 1 or 12, 60 - minute
    elif spoken := said.get("spoken"):
        minute = _minute(spoken.removeprefix("oh-").removeprefix("oh "))
    return minutes_of(hour, minute, afternoon=after, morning=morning and hour != 12)


def _is_time(match: re.Match[str], written: str) -> bool:
    """Whether it is a time for certain: ``from ten to twelve guests`` is none."""
    if "quarter" in written or match["exactly"]:
        return True
    if match["way"] == "past":
        return not written.isdigit()
    ahead = match.string[max(0, match.start() - 8) : match.start()]
    if match["way"] == "to" and (_OF_SPAN.search(ahead) or not _is_spoken(written)):
        return False  # from 9 to 5 pm
    return bool(match["half"]) or (match["way"] == "to" and bool(_BEFORE.search(ahead)))


def _is_spoken(written: str) -> bool:
    """Whether minutes are told so: five, ten, twenty; nobody says nine to five of a time."""
    return (english_value(written) or 0) % 5 == 0


def _minute(written: str) -> int:
    return 15 if "quarter" in written else english_value(written) or 0


def _chinese(match: re.Match[str]) -> frozenset[int] | None:
    hour = _number(match["h"])
    minute = 15 if match["quarter"] else _number(match["min"])
    if hour is None or minute is None or not 1 <= hour <= _HOURS or not 0 < minute < 60:
        return None
    if "past" not in match.groupdict():
        hour, minute = hour - 1 or 12, 60 - minute
    part = match["part"]
    return minutes_of(hour, minute, afternoon=part in _AFTERNOON, morning=part in _MORNING)


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() and text.isascii() else chinese_value(text)
