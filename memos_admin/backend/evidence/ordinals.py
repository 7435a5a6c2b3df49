"""Ordinal numbers in words: twenty-first, two hundredth. Pure."""

from __future__ import annotations

import re

from memos_admin.backend.evidence.number_words import CARDINALS
from memos_admin.backend.evidence.numerals import NUMBER_WORD, english_value

ORDINAL = (
    rf"(?:(?P<before>(?:{NUMBER_WORD})(?:[ -](?:and )?(?:{NUMBER_WORD})){{0,8}})[ -](?:and )?)?"
    rf"(?P<ordinal>{'|'.join(sorted(CARDINALS, key=len, reverse=True))})\b"
)
ORDINALS = re.compile(rf"\b{ORDINAL}")
ORDINAL_SIGNS = ("first", "second", "third", "th")


def ordinal_value(found: re.Match[str]) -> int | None:
    """Return what an ordinal means that `ORDINALS` found; None: it is no one number."""
    return english_value(f"{found['before'] or ''} {CARDINALS[found['ordinal']]}".strip())
