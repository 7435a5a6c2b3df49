"""The English words of months, numbers and ordinals, in lower case. Data."""

from __future__ import annotations

from collections.abc import Mapping

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
"""The first of them is month 1."""

_ONES = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_FIRSTS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

ONES: Mapping[str, int] = {word: number for number, word in enumerate(_ONES, 1)}
TENS: Mapping[str, int] = {word: 10 * number for number, word in enumerate(_TENS, 2)}
SCALES: Mapping[str, int] = {
    "hundred": 100,
    "thousand": 1000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
}

CARDINALS: Mapping[str, str] = {
    **dict(zip(_FIRSTS, _ONES, strict=True)),
    **{f"{word.removesuffix('y')}ieth": word for word in _TENS},
    **{f"{word}th": word for word in SCALES},
}
"""The number that each ordinal is of: ``two`` of ``second``."""

DAYS: Mapping[str, int] = {
    word: number
    for number, word in enumerate(
        [
            *_FIRSTS,
            "twentieth",
            *(f"twenty-{word}" for word in _FIRSTS[:9]),
            "thirtieth",
            "thirty-first",
        ],
        1,
    )
}
"""The day of a month that each of its ordinals names, 1 to 31."""
