"""What an export cannot contain, in words: counts without it would say too much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from memos_admin.backend.model import Conversation, Reads, Subject, SubjectRef
from memos_admin.backend.remote import WINDOW


def of_conversations(reads: Reads, conversations: Iterable[Conversation]) -> tuple[str, ...]:
    """Return a line for each kind of incompleteness that the conversations' messages have."""
    count = never = empty = late = 0
    seams = {"gap": 0, "reset": 0, "uncertain": 0}
    for conversation in conversations:
        count += 1
        if conversation.fetched_at is None:
            never += 1
        elif not conversation.messages:
            empty += 1
        elif not conversation.from_beginning:
            late += 1
        for seam in reads.seams(conversation.pk):
            seams[seam.kind] += 1
    lines = []
    if never:
        lines.append(f"{_of(never, count, 'was', 'were')} never read; a sync reads them.")
    if empty:
        which = "it" if empty == 1 else "them"
        lines.append(
            f"{_of(empty, count, 'is', 'are')} empty: MemOS returned no messages for {which}."
        )
    if late:
        lines.append(
            f"{_of(late, count, 'is', 'are')} not known from the beginning: "
            f"MemOS serves the latest {WINDOW} messages only."
        )
    if seams["gap"]:
        lines.append(
            f"{_places(seams['gap'])} messages are missing that MemOS no longer serves (gap_before)."
        )
    if seams["reset"]:
        lines.append(
            f"{_places(seams['reset'])} MemOS no longer had the earlier messages; some may be missing."
        )
    if seams["uncertain"]:
        lines.append(
            f"{_places(seams['uncertain'])} repeated messages are a lower bound: "
            "MemOS gives messages no id."
        )
    return tuple(lines)


def of_memories(reads: Reads, ref: SubjectRef | None, vanished: int) -> tuple[str, ...]:
    """Return a line for each kind of incompleteness of memories: one subject's, or everybody's.

    Args:
        reads: the store.
        ref: whose; None: everybody's.
        vanished: how many of the memories exported are listed no more.
    """
    count = never = failed = 0
    for subject in _subjects(reads, ref):
        count += 1
        never += subject.listed_at is None
        failed += subject.problem is not None
    lines = []
    if never:
        lines.append(
            f"{_whose(never, count, 'was', 'were')} never completely listed: "
            "memories may be missing."
        )
    if failed:
        lines.append(f"{_whose(failed, count, 'was', 'were')} not read by the last sync.")
    if vanished:
        are = "memory is" if vanished == 1 else "memories are"
        lines.append(f"{vanished:,} {are} listed no more by MemOS (vanished).")
    return tuple(lines)


def _subjects(reads: Reads, ref: SubjectRef | None) -> Iterator[Subject]:
    if ref is not None:
        subject = reads.subject(ref)
        yield from [] if subject is None else [subject]
        return
    pks = reads.subject_pks()
    for start in range(0, len(pks), 500):
        yield from reads.subjects(pks[start : start + 500])


def _whose(number: int, count: int, singular: str, plural: str) -> str:
    if count == 1:
        return f"The user or agent {singular}"
    return f"{number:,} of {count:,} users and agents {singular if number == 1 else plural}"


def _of(number: int, count: int, singular: str, plural: str) -> str:
    if count == 1:
        return f"The conversation {singular}"
    return f"{number:,} of {count:,} conversations {singular if number == 1 else plural}"


def _places(number: int) -> str:
    return "At 1 place" if number == 1 else f"At {number:,} places"
