"""Whether a clause says the same as another one with another number, or denies it. Pure."""

from __future__ import annotations

from memos_admin.backend.evidence.denials import flips
from memos_admin.backend.hygiene.finding import Hit
from memos_admin.backend.hygiene.pairs import Part, overlap

_SAME = 0.75
"""The part of the words that clauses with other numbers share."""
_ABOUT = 0.6
"""The same of a clause and the one that denies it."""
_ENDS = " \n.,;:，。；："


def contradiction(earlier: Part, later: Part) -> Hit | None:
    """Return in what two clauses about the same contradict each other; None: in nothing."""
    quoted = (later.text.strip(_ENDS), earlier.text.strip(_ENDS))
    if later.text == earlier.text:
        return None
    if _other_number(earlier, later):
        return Hit("number", quoted)
    if _denied(earlier, later):
        return Hit("negation", quoted)
    return None


def _other_number(earlier: Part, later: Part) -> bool:
    mine = later.numbers
    if not mine:
        return False
    theirs = earlier.numbers
    return (
        len(mine) == len(theirs)
        and later.readings.isdisjoint(earlier.readings)
        and overlap(earlier.key, later.key) >= _SAME
        and earlier.occasion == later.occasion
    )


def _denied(earlier: Part, later: Part) -> bool:
    if not (earlier.negates or later.negates):
        return False
    one, other = earlier.denied, later.denied
    if one is None or other is None or bool(one.denied) == bool(other.denied):
        return False
    if earlier.occasion[3] != later.occasion[3] or overlap(earlier.words, later.words) < _ABOUT:
        return False
    return bool(flips(later.text, earlier.text))
