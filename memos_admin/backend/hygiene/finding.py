"""What a scan finds: enough to show it, to explain it, and to put it into a queue. Pure."""

from __future__ import annotations

from typing import NamedTuple

from memos_admin.backend.hygiene.kinds import RuleId
from memos_admin.backend.model import Memory, SubjectRef


class Hit(NamedTuple):
    """What a rule says of a memory.

    Attributes:
        kind: of the rule's own kinds, such as topics, separated by commas; may be empty.
        parts: what the memory says, and behind it what the other one says, a few words each.
        number: what was measured: days, confidence, how alike in percent.
    """

    kind: str = ""
    parts: tuple[str, ...] = ()
    number: float | None = None


class Other(NamedTuple):
    """The other memory of a pair, of the same user."""

    memory_pk: int
    listing_pk: int
    memory_id: str


class Finding(NamedTuple):
    """A rule that found something about a memory as it says in a version.

    The seam to a queue of verdicts: `memory_pk` and `version` are what a verdict is given on,
    `listing_pk` what the memory is shown with, `hygiene.wording.reason` says why in a sentence. The words
    of the hit stand in `texts`.
    """

    rule: RuleId
    ref: SubjectRef
    memory_pk: int
    listing_pk: int
    memory_id: str
    version: int
    hit: Hit
    other: Other | None = None
    texts: tuple[str, ...] = ()


def finding(rule: RuleId, memory: Memory, hit: Hit, other: Memory | None = None) -> Finding:
    """Return what a rule found about a memory, and perhaps another one."""
    both = (memory,) if other is None else (memory, other)
    return Finding(
        rule,
        memory.ref,
        memory.pk,
        memory.listing_pk,
        memory.memory_id,
        memory.version,
        hit,
        None if other is None else Other(other.pk, other.listing_pk, other.memory_id),
        tuple(text for one in both for text in (one.title, one.content) if text),
    )


def written_at(memory: Memory) -> int:
    """Return when a memory was written as it is, as far as is known, UTC milliseconds."""
    return memory.updated_at or memory.created_at or memory.first_seen
