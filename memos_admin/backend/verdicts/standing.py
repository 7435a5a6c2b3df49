"""What stands of memories, for rows and details: by whom, and whether it is of what they say now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from memos_admin.backend.model import Memory, Reads
from memos_admin.store import verdict_reads
from memos_admin.store.verdict_records import Verdict

__all__ = ["Standing", "Verdict", "history", "standing", "stood_at"]


class Standing(NamedTuple):
    """The verdicts that stand of a memory, of each operator one, see `verdict_reads.standing`.

    Attributes:
        own: the operator's.
        others: of other operators, earliest first.
    """

    own: Verdict | None = None
    others: tuple[Verdict, ...] = ()

    @property
    def all(self) -> tuple[Verdict, ...]:
        """All of them, the operator's own first."""
        return self.others if self.own is None else (self.own, *self.others)

    @property
    def of_now(self) -> tuple[Verdict, ...]:
        """Those on what the memory says now."""
        return tuple(one for one in self.all if one.is_of_now)

    @property
    def changed(self) -> bool:
        """Whether the memory was judged, and says something else since."""
        return bool(self.all) and not self.of_now

    @property
    def blinded(self) -> Standing:
        """The same without what others said, unless the operator has judged what it says now."""
        if self.own is not None and self.own.is_of_now:
            return self
        return Standing(self.own)


NOTHING = Standing()


def standing(
    reads: Reads, memories: Iterable[Memory], operator: str, as_of: int | None = None
) -> dict[int, Standing]:
    """Return what stands of memories by their key; those that nobody judged are not in it.

    Args:
        reads: the store.
        memories: as they are shown: the version of a past instant is that of then.
        operator: whose verdicts are the own ones.
        as_of: the instant as of which memories are shown; None: now.
    """
    versions = {memory.pk: memory.version for memory in memories}
    found = verdict_reads.standing(reads.query, list(versions), as_of, versions)
    return {
        pk: Standing(
            next((one for one in some if one.operator == operator), None),
            tuple(one for one in some if one.operator != operator),
        )
        for pk, some in found.items()
    }


def history(reads: Reads, memory_pk: int) -> Sequence[Verdict]:
    """Return all that was ever said of a memory, in the order in which it was."""
    return verdict_reads.history(reads.query, memory_pk)


def stood_at(history: Iterable[Verdict], at: int) -> Sequence[Verdict]:
    """Return what stood at an instant of all that was ever said of a memory."""
    found: dict[tuple[int, str], Verdict] = {}
    for one in sorted(history, key=lambda one: one.pk):
        if one.judged_at <= at and (one.ended_at is None or at < one.ended_at):
            # The first: a later one of the same time stands since that ended.
            found.setdefault((one.version, one.operator), one)
    return list(found.values())
