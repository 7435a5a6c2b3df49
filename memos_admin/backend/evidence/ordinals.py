"""Ordinal numbers in words: twenty-first, two hundredth. Pure."""

from __future__ import annotations

import re

from memos_admin.backend.evidence.numerals import NUMBER_WORD, english_value

_CARDINALS = dict(
    zip(
        [
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
            "twentieth",
            "thirtieth",
            "fortieth",
            "fiftieth",
            "sixtieth",
            "seventieth",
            "eightieth",
            "ninetieth",
            "hundredth",
            "thousandth",
            "millionth",
        ],
        [
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
            "twenty",
            "thirty",
            "forty",
            "fifty",
            "sixty",
            "seventy",
            "eighty",
            "ninety",
            "hundred",
            "thousand",
            "million",
        ],
        strict=True,
    )
)
ORDINAL = (
    rf"(?:(?P<before>(?:{NUMBER_WORD})(?:[ -](?:and )?(?:{NUMBER_WORD})){{0,8}})[ -](?:and )?)?"
    rf"(?P<ordinal>{'|'.join(sorted(_CARDINALS, key=len, reverse=True))})\b"
)
ORDINALS = re.compile(rf"\b{ORDINAL}")
ORDINAL_SIGNS = ("first", "second", "third", "th")


def ordinal_value(found: re.Match[str]) -> int | None:
    """Return what an ordinal means that `ORDINALS` found; None: it is no one number."""
    return english_value(f"{found['before'] or ''} {_CARDINALS[found['ordinal']]}".strip())
