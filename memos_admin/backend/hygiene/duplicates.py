"""Whether two memories say nearly the same in nearly the same words. Pure.

How alike two texts are is told by RapidFuzz (a normalised Indel similarity); numbers, dates, names and what
is denied must be the same beside.
"""

from __future__ import annotations

from memos_admin.backend.evidence.denials import flips
from memos_admin.backend.evidence.facts import facts
from memos_admin.backend.hygiene.finding import Hit
from memos_admin.backend.hygiene.pairs import Text, overlap

_SHARED = 0.75


def duplicate(earlier: Text, later: Text, alike: int) -> Hit | None:
    """Return how alike two memories of a view are, in percent; None: not enough."""
    if earlier.memory.view != later.memory.view or overlap(earlier.words, later.words) < _SHARED:
        return None
    from rapidfuzz import fuzz

    found = fuzz.ratio(earlier.plain, later.plain, score_cutoff=alike)
    if not found or _stated(earlier) != _stated(later) or flips(earlier.text, later.text):
        return None
    return Hit(number=int(found))


def _stated(text: Text) -> tuple[frozenset[object], ...]:
    found = facts(text.text)
    return (
        frozenset(one.value for one in found.numbers),
        frozenset(one[:3] for one in found.days),
        frozenset(one.key for one in found.names),
    )
