"""The numbers of a text, also those that are told in another way: 1h45, two dozen, a third, 七折, a phone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from memos_admin.backend.evidence.decimals import in_parts
from memos_admin.backend.evidence.numerals import (
    CHINESE_DIGITS,
    Number,
    apart,
    chinese_value,
    english_value,
    numbers,
    numeral,
)
from memos_admin.backend.evidence.signs import at_figures, has_any, has_digit
from memos_admin.backend.provenance.quotes import CJK, lowered

_COUNT = (
    r"(?:\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen"
    r"|twenty|thirty|forty|fifty)"
)
_MANY = _COUNT.replace("an?|one|", "")
_CN = numeral(4)
_HALVED = r"(?:hour|day|week|month|year|kilo|kilogram|litre|liter|mile|pound|million|dozen|thousand|billion)"

_PHONE = re.compile(
    r"(?<![\w.,:/-])\+?\(?\d{1,8}\)?(?:[ \u00a0./-]{1,2}\(?\d{1,8}\)?){1,6}(?![\w]|[.,:/-]\d)"
)
_DURATION = re.compile(
    rf"(?<![\w.,:])(?P<h>\d{{1,3}}|{_COUNT})\s?-?(?:h|hrs?|hours?)\.?,?\s?(?:and )?"
    rf"(?P<min>{_MANY}(?:-(?:one|two|three|four|five|six|seven|eight|nine))?)(?:\s?(?:m|mins?|minutes?)\b|(?![\w:]|\.\d))"
    rf"|(?P<h2>{_CN})个?(?:小时|钟头)零?(?P<min2>{_CN})分钟?"
)
_AND_A_HALF = re.compile(
    rf"\b(?P<n>{_COUNT}) and a half(?: (?P<scale>million|thousand|billion|dozen)\b)?"
    rf"|\b(?P<one>an?|one) {_HALVED} and a half\b"
    rf"|(?P<cn>{_CN})(?:个半(?=小时|钟头|月|星期|礼拜)|(?:小时|年|天|岁|公斤|斤|公里)半)"
)
_HALF = re.compile(
    rf"\bhalf (?:an? |of an? )?(?=(?P<what>{_HALVED})\b)(?:(?P<scale>million|thousand|billion|dozen)\b)?"
    r"|\b(?P<part>half)\b(?! past)|(?P<cn>一半)"
)
_DOZEN = re.compile(rf"\b(?:(?P<n>{_COUNT}) )?dozen\b")
_FEW = {
    "couple": re.compile(r"\ba couple\b"),
    "twice": re.compile(r"\btwice\b"),
    "thrice": re.compile(r"\bthrice\b"),
    "fortnight": re.compile(r"\bfortnight\b"),
}
_MEANT = {"couple": 2, "twice": 2, "thrice": 3, "fortnight": 14}
_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10, "half": 2}
_QUARTER_HOUR = re.compile(
    r"\b(?:(?P<n>three) quarters|(?:a )?quarter) of an hour\b|(?P<cn>[一三])刻钟"
)
_FRACTION = re.compile(
    rf"\b(?P<n>an?|one|two|three|four) (?P<of>{'|'.join(_PARTS)})s?\b(?P<sure> of\b)?"
)
_SLASHED = re.compile(r"(?<![\w.,:/-])(?P<n>\d{1,2})/(?P<of>\d{1,2})(?![\w/]|[.,]\d)")
_CHINESE_FRACTION = re.compile(rf"(?P<of>{_CN})分之(?P<n>[{CHINESE_DIGITS}.\d]{{1,6}})")
_SIGNS = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3)}
_WITH_SIGN = re.compile(r"(?:(?<![\w.,])(?P<n>\d{1,4})\s?)?(?P<sign>[½¼¾⅓⅔])")
_OFF = re.compile(rf"(?P<n>\d{{1,2}}(?:\.\d)?|[{CHINESE_DIGITS}]{{1,2}})\s?折(?![叠磨腾断])")
_TENTHS = re.compile(r"(?P<n>[一二两三四五六七八九])成(?![为功长立员就本人熟分都语])")
_SCALES = {"thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12}
_UNITS: dict[str, str] = {
    "minute": r"mins?\b|minutes?\b|分钟?",
    "hour": r"h\b|hrs?\b|hours?\b|个?小时|个?钟头",
    "day": r"days?\b|天",
    "week": r"weeks?\b|wks?\b|周(?!年|岁)|个?星期|个?礼拜",
    "month": r"months?\b|个月|(?<=个半)月",
    "year": r"years?\b|yrs?\b|年(?!级)|岁",
    "gram": r"g\b|grams?\b|克",
    "jin": r"斤",
    "kilo": r"kg\b|kilos?\b|kilograms?\b|公斤|千克",
    "mm": r"mm\b|毫米",
    "cm": r"cm\b|centimet(?:re|er)s?\b|厘米|公分",
    "metre": r"m\b|met(?:re|er)s?\b|米",
    "km": r"km\b|kilomet(?:re|er)s?\b|公里|千米",
    "ml": r"ml\b|毫升",
    "cl": r"cl\b",
    "dl": r"dl\b",
    "litre": r"l\b|lit(?:re|er)s?\b|升",
}
_SAME: tuple[dict[str, Decimal | int], ...] = (
    {"minute": 1, "hour": 60, "day": 1440, "week": 10_080},
    {"month": 1, "year": 12},
    {"gram": 1, "jin": 500, "kilo": 1000},
    {"mm": Decimal("0.1"), "cm": 1, "metre": 100, "km": 100_000},
    {"ml": 1, "cl": 10, "dl": 100, "litre": 1000},
    # A month is told as 30 days, or as four weeks.
    {"day": 1, "month": 30},
    {"week": 1, "month": 4},
)
"""What the units come to, of those that are told one for another."""
_UNIT_BEHIND = re.compile(
    r"\s?-?(?:" + "|".join(f"(?P<{unit}>{pattern})" for unit, pattern in _UNITS.items()) + ")"
)
_HOURS = (" h", "hour", "小时", "钟头", *(f"{figure}h" for figure in "0123456789"))
_FRACTION_SIGNS = (*_PARTS, "/", "分之", "刻钟", *_SIGNS)
_HALF_DAY = Decimal("0.5")
_LONGEST_PHONE, _SHORTEST_PHONE = 19, 7


def amounts(text: str) -> Iterator[Number]:
    """Yield the numbers of a text, with what else they come to in another unit: 2 hours are 120 minutes."""
    small = lowered(text)
    has_figure = has_digit(small)
    found = [
        _phones(text) if has_figure else (),
        in_parts(small),
        _durations(small) if has_any(small, _HOURS) else (),
        _chinese(text) if CJK.search(text) else (),
        _halves(small),
        _fractions(small) if has_any(small, _FRACTION_SIGNS) else (),
        _some(small),
        numbers(text),
    ]
    for one in apart(*found):
        yield _with_units(small, one)


def _with_units(text: str, one: Number) -> Number:
    found = _UNIT_BEHIND.match(text, one.end)
    if found is None or (unit := found.lastgroup) is None:
        return one
    also = set[Decimal]()
    for group in (group for group in _SAME if unit in group):
        for value in (one.value, *one.also):
            also.update(_in_other_units(value * group[unit], group))
    return one._replace(also=one.also | also - {one.value})


def _in_other_units(meant: Decimal, group: Mapping[str, Decimal | int]) -> Iterator[Decimal]:
    """Yield what an amount comes to in the units of a group, where it has few decimals."""
    for unit, factor in group.items():
        value = (meant / factor).normalize()
        if _is_short(value):
            yield value
        if unit == "day" and value % 1 == _HALF_DAY:  # a week and a half: ten days, or eleven
            yield from (value - _HALF_DAY, value + _HALF_DAY)


def _is_short(value: Decimal) -> bool:
    """Whether a number has few decimals: nobody tells 3 days as 0.428571 weeks."""
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -3  # grams of a kilo


def _phones(text: str) -> Iterator[Number]:
    for found in _PHONE.finditer(text):
        groups = re.findall(r"\d+", found[0])
        digits = "".join(groups)
        begins = found[0][0] in "+(0" or digits[0] == "0" or [*map(len, groups)] == [3, 4]
        if not _SHORTEST_PHONE <= len(digits) <= _LONGEST_PHONE or not (begins or len(groups) > 2):
            continue
        # Behind + stands a country of one to three figures, which is left out at home.
        shorter = [digits[n:] for n in (1, 2, 3)] if found[0][0] == "+" else []
        parts = frozenset(Decimal(group).normalize() for group in groups)
        also = frozenset(Decimal(one).normalize() for one in shorter)
        yield Number(Decimal(digits).normalize(), *found.span(), also, parts)


def _value(text: str) -> int | None:
    if text[:1].isascii():
        tens, _, ones = text.partition("-")
        value = english_value(tens)
        return value if value is None or not ones else value + (english_value(ones) or 0)
    return chinese_value(text)


def _durations(text: str) -> Iterator[Number]:
    for found in _DURATION.finditer(text):
        hours = _value(found["h"] or found["h2"])
        minutes = _value(found["min"] or found["min2"])
        if hours is None or minutes is None or minutes >= 60:
            continue
        yield Number(
            Decimal(hours * 60 + minutes).normalize(),
            *found.span(),
            parts=frozenset({Decimal(hours).normalize(), Decimal(minutes).normalize()}),
        )


def _halves(text: str) -> Iterator[Number]:
    if "half" not in text and "半" not in text:
        return
    for found in _AND_A_HALF.finditer(text):
        whole = _value(found["n"] or found["one"] or found["cn"])
        if whole is None:
            continue
        value = (whole + Decimal("0.5")) * _SCALES.get(found["scale"] or "", 1)
        one = Number(value.normalize(), found.start(), found.end())
        if found["one"] or (found["cn"] and found[0].endswith("半")):
            # What it counts stands within it.
            inside = _with_units(
                text, one._replace(end=found.start() + len(found["one"] or found["cn"]))
            )
            one = inside._replace(end=found.end())
        yield one
    for found in _HALF.finditer(text):
        if found["part"] or found["cn"]:
            also = frozenset({Decimal("0.5")})
            yield Number(Decimal(50).normalize(), *found.span(), also, sure=False)
        else:
            value = Decimal("0.5") * _SCALES.get(found["scale"] or "", 1)
            one = _with_units(text, Number(value.normalize(), *found.span()))
            yield one._replace(end=found.end("what"))


def _some(text: str) -> Iterator[Number]:
    """Yield what stands for a number: ``two dozen``, ``a couple``."""
    if "dozen" in text:
        for found in _DOZEN.finditer(text):
            value = (_value(found["n"] or "a") or 1) * 12
            yield Number(Decimal(value).normalize(), found.start(), found.end())
    for name, pattern in _FEW.items():
        if name in text:
            for found in pattern.finditer(text):
                yield Number(Decimal(_MEANT[name]).normalize(), *found.span(), sure=False)


def _fractions(text: str) -> Iterator[Number]:
    for found in _QUARTER_HOUR.finditer(text):
        value = 45 if found["n"] or found["cn"] == "三" else 15
        yield Number(Decimal(value).normalize(), found.start(), found.end())
    if not text.isascii():
        yield from _fractions_in_signs(text)
    for found in _FRACTION.finditer(text):
        upper = Decimal(_value(found["n"]) or 1)
        yield _fraction(upper, Decimal(_PARTS[found["of"]]), found, sure=bool(found["sure"]))
    for found in at_figures(_SLASHED, text) if "/" in text else ():
        upper, lower = Decimal(found["n"]), Decimal(found["of"])
        if lower:  # it may be a date too
            parts = frozenset({upper.normalize(), lower.normalize()})
            yield _fraction(upper, lower, found, sure=False)._replace(parts=parts)


def _fractions_in_signs(text: str) -> Iterator[Number]:
    for found in _WITH_SIGN.finditer(text):
        part, whole = _SIGNS[found["sign"]]
        if found["n"]:
            value = round(Decimal(found["n"]) + Decimal(part) / Decimal(whole), 2)
            yield Number(value, found.start(), found.end())
        else:
            yield _fraction(part, whole, found, sure=False)
    for found in _CHINESE_FRACTION.finditer(text):
        upper, lower = _decimal(found["n"]), _decimal(found["of"])
        if upper is not None and lower:
            yield _fraction(upper, lower, found, sure=True)


def _decimal(text: str) -> Decimal | None:
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return Decimal(text)
    value = _value(text)
    return None if value is None else Decimal(value)


def _fraction(
    upper: Decimal | int, lower: Decimal | int, found: re.Match[str], *, sure: bool
) -> Number:
    """Return a fraction, which may be told as per cent, as a decimal number, rounded in either way."""
    exact = Decimal(upper) / Decimal(lower)
    percent = exact * 100
    down, whole = int(percent), percent == int(percent)
    said = {percent} if whole else {Decimal(down), Decimal(down + 1)}
    said |= {round(percent, 1), round(percent, 2), round(exact, 2), round(exact, 3)}
    return Number(
        percent.normalize() if whole else Decimal(round(percent)).normalize(),
        *found.span(),
        frozenset(one.normalize() for one in said),
        sure=sure,
    )


def _chinese(text: str) -> Iterator[Number]:
    for found in _OFF.finditer(text):  # 七折, 八五折: what is left of the price, or what is off
        said = found["n"]
        value = _decimal(said)
        if value is not None and value:
            percent = value * 10 if value < 10 else value
            others = (percent, 100 - percent, percent / 10)
            span = found.start(), found.start() + len(said)
            yield Number(value.normalize(), *span, frozenset(one.normalize() for one in others))
    for found in _TENTHS.finditer(text):
        value = Decimal(chinese_value(found["n"]) or 0)
        also = frozenset({(value * 10).normalize(), (value / 10).normalize()})
        yield Number(value.normalize(), *found.span(), also)
