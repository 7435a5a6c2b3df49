"""What syncs have found here: memories added, changed, gone and back, new messages and changed ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from memos_admin.backend.history.worddiff import around, marked, word_diff
from memos_admin.backend.model import Conversation, Memory
from memos_admin.language import N_
from memos_admin.store import changes as stored
from memos_admin.store.changes import KINDS, Change, ChangeKind, Edit
from memos_admin.store.listings import passing
from memos_admin.store.reads import Reads
from memos_admin.store.records import Filter, SubjectRef, SyncRun

__all__ = [
    "KINDS",
    "PERIODS",
    "WORDS",
    "Change",
    "ChangeKind",
    "Edit",
    "about",
    "changes",
    "changes_between",
    "changes_of",
    "changes_within",
    "count_between",
    "found_by",
    "words_changed",
]

WORDS: Mapping[str, str] = {
    "added": N_("added"),
    "changed": N_("changed"),
    "status": N_("status"),
    "vanished": N_("gone"),
    "returned": N_("returned"),
    "messages": N_("messages"),
    "edited": N_("edited"),
}
"""The words for the kinds, to be translated where they are shown."""

_HOUR = 3_600_000
_BATCH = 256

MOST_RUNS = 200
"""Syncs that are looked at and listed; a refresh of what is shown is one."""

PERIODS: Sequence[tuple[str, int | None]] = (
    (N_("the last sync with changes"), None),
    (N_("24 hours"), 24 * _HOUR),
    (N_("7 days"), 7 * 24 * _HOUR),
    (N_("30 days"), 30 * 24 * _HOUR),
)
"""Names and lengths in milliseconds; None: the latest sync that found a change,
and whatever was found since it began."""


def changes(
    reads: Reads,
    period: int | None,
    now: int,
    subject: SubjectRef | None = None,
    *,
    until: int | None = None,
    kinds: Collection[ChangeKind] = KINDS,
    most: int | None = None,
) -> list[Change]:
    """Return what was found within one of the lengths of `PERIODS`, latest first.

    Found means: read here for the first time. It may have changed in MemOS long before.
    With `until` as at that instant: periods end then, and later syncs are left out.
    """

    def found_since(since: int) -> list[Change]:
        return stored.changes(reads.query, since, subject, until=until, kinds=kinds, most=most)

    if period is not None:
        return found_since((now if until is None else until) - period)
    edited = stored.last_edited(reads.query, until)
    for run in reads.runs(MOST_RUNS):
        if until is not None and run.started_at > until:
            continue
        finds = found_by(run) or run.outcome == "running"
        finds = finds or (edited is not None and run.started_at <= edited)
        if finds and (found := found_since(run.started_at)):
            return found
    return []


def changes_between(
    reads: Reads,
    since: int,
    until: int | None,
    subject: SubjectRef | None = None,
    *,
    kinds: Collection[ChangeKind] = KINDS,
    most: int | None = None,
) -> list[Change]:
    """Return what was found from one instant to another (excluded; None: now), latest first."""
    last = None if until is None else until - 1
    return stored.changes(reads.query, since, subject, until=last, kinds=kinds, most=most)


def count_between(
    reads: Reads,
    since: int,
    until: int | None,
    subject: SubjectRef | None = None,
    *,
    kinds: Collection[ChangeKind] = KINDS,
) -> int:
    """Return how many changes `changes_between` would return."""
    last = None if until is None else until - 1
    return sum(stored.count(reads.query, since, subject, until=last, kinds=kinds).values())


def changes_of(
    reads: Reads,
    run: SyncRun,
    subject: SubjectRef | None = None,
    *,
    kinds: Collection[ChangeKind] = KINDS,
    most: int | None = None,
) -> list[Change]:
    """Return what was found while a sync ran, latest first; others may have run at that time."""
    return stored.changes(
        reads.query, run.started_at, subject, until=run.finished_at, kinds=kinds, most=most
    )


def about(
    reads: Reads, found: Sequence[Change], *, cut: int | None = None
) -> list[tuple[Change, Memory | Conversation]]:
    """Return changes with what they are about, without what was removed since.

    A memory has the view, the title and the text that it had behind the change, and all else of now. Of a message
    that changed the change tells the texts, and of a memory the one before where texts are asked for whole.

    Args:
        reads: the store.
        found: changes.
        cut: characters of the texts; None: whole.
    """
    listings = {change.listing_pk for change in found if change.listing_pk is not None}
    others = {change.conversation_pk for change in found if change.conversation_pk is not None}
    memories = {one.listing_pk: one for one in reads.memories(sorted(listings), cut=cut)}
    conversations = {one.pk: one for one in reads.conversations(sorted(others))}
    said = stored.said_behind(reads.query, found)
    before = stored.said_before(reads.query, found) if cut is None else {}
    edits = stored.edits(reads.query, found)
    pairs = list[tuple[Change, Memory | Conversation]]()
    for place, change in enumerate(found):
        if change.listing_pk is None:
            conversation = conversations.get(change.conversation_pk or 0)
            told = replace(change, edit=edits.get(change.replaced or 0))
            pairs += [] if conversation is None else [(told, conversation)]
        elif (memory := memories.get(change.listing_pk)) is not None:
            told = replace(change, content_before=before.get(place))
            pairs.append((told, _behind(memory, said.get(place), cut)))
    return pairs


def _behind(memory: Memory, said: stored.Said | None, cut: int | None) -> Memory:
    """Return a memory as it was behind a change; None: what it said then it still does."""
    if said is None:
        return memory
    content = said.content[:cut]
    return memory._replace(
        view=said.view,
        title=said.title,
        content=content,
        length=len(said.content),
        dropped=said.dropped,
    )


def words_changed(before: str | None, after: str | None, most: int | None = None) -> str:
    """Return which words of a text are gone and new, with their marks; ``""``: one of both is no longer kept.

    With `most` so many characters at most of what is the same beside them.
    """
    if before is None or after is None:
        return ""
    parts = word_diff(before, after)
    return "".join(map(marked, parts if most is None else around(parts, most)))


def changes_within(reads: Reads, found: Sequence[Change], within: Filter) -> list[Change]:
    """Return those of memories that a filter names as they are now; of messages none."""
    passed: set[int] = set()
    listings = sorted({one.listing_pk for one in found if one.listing_pk is not None})
    for start in range(0, len(listings), _BATCH):
        passed |= passing(reads.query, within, listings[start : start + _BATCH])
    return [one for one in found if one.listing_pk in passed]


def found_by(run: SyncRun) -> bool:
    """Whether a sync that has ended found any change."""
    return bool(run.added or run.changed or run.vanished or run.returned or run.messages)
