"""Numbers in figures as people group them: 85,000, 85.000, 85 000, 85'000, 1,5. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

_BEFORE = r"(?:(?<![\w-])(?<!\d[.,:/])(?<![^\w.]\.)(?<!^\.)|(?<=\d-)|(?<=[\u3400-\u9fff]))"
"""What figures stand behind: no letter, and no figure that they belong to; of a span (10-12) both ends are read."""
_SPACES = " \u00a0\u2009\u202f"
_END = r"(?!\d)"
_FRACTION = rf"(?:\.\d+{_END}|(?!\.\d))"
FIGURES = re.compile(
    rf"{_BEFORE}(?:"
    rf"\d{{1,3}}(?:,\d{{3}}{_END})+(?!,\d{{3}}{_END}){_FRACTION}"
    rf"|\d{{1,3}}(?:\.\d{{3}}{_END})+,\d{{1,2}}{_END}"
    rf"|\d{{1,3}}(?:\.\d{{3}}{_END}){{2,}}(?!\.\d{{3}}{_END})"
    rf"|\d{{1,3}}(?:[{_SPACES}'’]\d{{3}}{_END})+(?![{_SPACES}'’]\d{{3}}{_END})"
    rf"(?:[.,]\d{{1,2}}{_END}|(?![.,]\d{{1,2}}{_END}))"
    rf"|\d{{1,2}}(?:,\d{{2}}){{1,4}},\d{{3}}{_END}"
    r"|\d+,\d{1,2}(?![\d,])"
    rf"|\d+{_END}{_FRACTION}"
    r")(?![.:]\d)|(?<=[\u3400-\u9fff])\d+"
)
_DECIMAL_COMMA = re.compile(rf"(?:\d+|\d{{1,3}}(?:[.{_SPACES}'’]\d{{3}})+),\d{{1,2}}")
_DOTTED = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_SEPARATORS = re.compile(rf"[,.{_SPACES}'’]")


class Reading(NamedTuple):
    """What figures mean.

    Attributes:
        value: most likely.
        also: what they mean where another country's way to write was meant.
        parts: what they mean where they are several numbers, one beside the other.
    """

    value: Decimal
    also: frozenset[Decimal] = frozenset()
    parts: frozenset[Decimal] = frozenset()


def reading(written: str) -> Reading:
    """Return what figures mean, as `FIGURES` finds them."""
    if _DECIMAL_COMMA.fullmatch(written):
        whole, rest = written.rsplit(",", 1)
        value = Decimal(f"{_SEPARATORS.sub('', whole)}.{rest}")
        parts = [whole, rest] if whole.isdigit() and not rest.startswith("0") else []
        return Reading(value, parts=frozenset(map(Decimal, parts)))
    if _DOTTED.fullmatch(written):
        as_group = Decimal(written.replace(".", ""))
        if written.endswith("000"):
            return Reading(as_group, frozenset({Decimal(written)}))
        return Reading(Decimal(written), frozenset({as_group}))
    groups = re.split(rf"[{_SPACES}]", written)
    if len(groups) > 1 and all(one.isdigit() and one[0] != "0" for one in groups):
        return Reading(Decimal("".join(groups)), parts=frozenset(map(Decimal, groups)))
    if written.count(".") > 1:
        return Reading(Decimal(written.replace(".", "")))
    return Reading(Decimal(re.sub(rf"[,{_SPACES}'’]", "", written)))
