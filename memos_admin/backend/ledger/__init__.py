"""The completeness ledger: what was listed and read when, what is missing where, what it cost.

It tells what this store knows, of a user or agent or of the whole project, and says where it cannot
know: MemOS lists neither its users nor conversations, and serves the latest messages only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from memos_admin.backend.display import called
from memos_admin.backend.erasing import erased_before, unfinished_erasures
from memos_admin.backend.model import Reads, Subject, SubjectRef
from memos_admin.backend.remote import PAGE_SIZE, WINDOW
from memos_admin.backend.times import utc_text
from memos_admin.backend.view_words import VIEWS
from memos_admin.language import gettext as _
from memos_admin.language import sentences, written_in
from memos_admin.store import ledger as stored
from memos_admin.store import streams
from memos_admin.store.ledger import Hole, HoleKind, Memories, Readings, Requests, Summary, Windows
from memos_admin.store.scopes import scope_of

__all__ = [
    "Hole",
    "HoleKind",
    "Ledger",
    "Summary",
    "Windows",
    "document",
    "holes",
    "ledger",
]

MOST_NAMED = 5
"""Conversations with a full window that are named."""

MOST_HOLES = 1_000
"""Holes that a document tells one by one."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """How complete what is stored is, of one subject or of all.

    Attributes:
        ref: whose; None: everybody's.
        subject: the roster's entry of that one.
        subjects: how many it is about; `never`: never listed whole; `failed`: not read by the last
            sync without a problem; `erasing`: with an unfinished erasure; `troubled`: with
            one of these two.
        holes: how many of each kind.
        outcomes: how syncs of it alone ended, or all.
        full: conversations of the subject whose last window was full, by id, the first `MOST_NAMED`.
        retention: earlier texts that are no longer kept are not counted here; see the manifest.
    """

    ref: SubjectRef | None
    subject: Subject | None
    subjects: int
    never: int
    failed: int
    erasing: int
    troubled: int
    memories: tuple[Memories, ...]
    readings: Readings
    windows: Windows
    holes: dict[HoleKind, int]
    requests: Requests
    outcomes: dict[str, int]
    full: tuple[str, ...] = ()
    without_end: int = 0

    @property
    def has_read(self) -> bool:
        """Whether anything was read, by a reading that came to its end or not."""
        return bool(self.memories) or self.windows.latest is not None

    @property
    def ended_before_it_began(self) -> bool:
        """Whether the last whole listing did, since the two are told by different clocks; not known of all."""
        began = None if self.subject is None else self.subject.listed_at
        return began is not None and (self.readings.last or began) < began

    @property
    def listed(self) -> int:
        """Memories that are listed now."""
        return sum(view.listed for view in self.memories)

    @property
    def vanished(self) -> int:
        """Memories that are listed no more."""
        return sum(view.vanished for view in self.memories)

    @property
    def unconfirmed(self) -> int:
        """Memories that the last whole listing lacked, and of which nothing else is known."""
        return sum(view.unconfirmed for view in self.memories)


def ledger(reads: Reads, ref: SubjectRef | None) -> Ledger:
    """Return the ledger of a subject, or of the whole project.

    Raises:
        LookupError: there is no such subject.
    """
    query = reads.query
    subject = None if ref is None else reads.subject(ref)
    if ref is not None and subject is None:
        raise LookupError(_("{id} is not on the roster of this project.").format(id=called(ref)))
    pk = None if subject is None else subject.pk
    word = "" if ref is None else scope_of([ref])
    found = streams.listings(query, pk)
    return Ledger(
        ref,
        subject,
        found.subjects,
        found.never,
        found.failed,
        found.erasing,
        found.troubled,
        tuple(stored.memories(query, pk)),
        stored.readings(query, pk),
        stored.windows(query, pk, WINDOW),
        stored.count_holes(query, pk),
        stored.requests(query, ref, word),
        stored.outcomes(query, ref, word),
        () if pk is None else tuple(stored.full_windows(query, pk, WINDOW, MOST_NAMED)),
        len(stored.without_end(query, ref)),
    )


def holes(reads: Reads, ref: SubjectRef | None, most: int | None = None) -> list[Hole]:
    """Return the places where messages are missing, or may be, by subject and conversation.

    Raises:
        LookupError: there is no such subject.
    """
    subject = None if ref is None else reads.subject(ref)
    if ref is not None and subject is None:
        raise LookupError(_("{id} is not on the roster of this project.").format(id=called(ref)))
    return stored.holes(reads.query, None if subject is None else subject.pk, most)


def summaries(reads: Reads, first: int | None = None) -> list[Summary]:
    """Return a line for each (of the first) subjects of the roster, latest activity first."""
    pks = reads.subject_pks()
    return stored.summaries(reads.query, pks if first is None else pks[:first], WINDOW)


def unfinished(reads: Reads, most: int) -> list[tuple[SubjectRef, str | None]]:
    """Return subjects never listed whole, or with a problem, each with that; unfinished erasures first."""
    found = reads.subjects(stored.unfinished(reads.query, most))
    return [(subject.ref, unfinished_erasures.problem_of(subject)) for subject in found]


def document(reads: Reads, found: Ledger) -> dict[str, Any]:
    """Return a ledger with JSON's types: as `completeness show` and manifests have it."""
    subject, readings, windows = found.subject, found.readings, found.windows
    told = holes(reads, found.ref, MOST_HOLES)
    return {
        "subject_kind": None if found.ref is None else found.ref.kind,
        "user_id": None if found.ref is None else found.ref.external_id,
        "subjects": found.subjects,
        "never_listed_whole": found.never,
        "with_a_problem": found.troubled,
        "with_a_sync_without_an_end": found.without_end,
        "with_an_unfinished_erasure": found.erasing,
        "problem": None if subject is None else problem_document(subject),
        "erased_before": None if subject is None else erased_document(subject),
        "memories": {
            "views_asked_for": list(VIEWS),
            "by_view": {
                view.view: {
                    "listed": view.listed,
                    "vanished": view.vanished,
                    "missed_once": view.unconfirmed,
                }
                for view in found.memories
            },
            "listed_whole_at": _utc(None if subject is None else subject.listed_at),
            "last_read_at": _utc(None if subject is None else subject.synced_at),
            "first_listed_whole_at": _utc(readings.first),
            "last_listed_whole_at": _utc(readings.last),
            "clock_was_behind": found.ended_before_it_began,
            "clock_was_set_back": readings.set_back,
            "readings": readings.readings,
            "whole_listings": readings.whole,
            "pages_of_the_last": readings.pages,
            "page_size": PAGE_SIZE,
        },
        "conversations": {
            "known": windows.conversations,
            "known_from_memories": windows.by_memory,
            "known_from_hand": windows.by_hand,
            "never_read": windows.never,
            "empty": windows.empty,
            "with_messages_kept": windows.kept,
            "messages_kept": windows.kept_messages,
            "kept_served_longest_ago_at": _utc(windows.kept_served_at),
            "kept_read_longest_ago_at": _utc(windows.kept_fetched_at),
            "not_from_the_beginning": windows.late,
            "with_an_older_memory": windows.older,
            "window": WINDOW,
            "windows_full": windows.full,
            "changed_since_read": windows.stale,
            "messages": windows.messages,
            "read_longest_ago_at": _utc(windows.oldest),
            "last_read_at": _utc(windows.latest),
        },
        "places": {
            "counts": {kind: found.holes.get(kind, 0) for kind in HOLES},
            "listed": [hole_document(hole) for hole in told],
            "complete": len(told) == sum(found.holes.values()),
        },
        "requests": {
            # Of one, syncs of it alone are counted; requests and readings are of all that read it.
            "syncs" if found.ref is None else "syncs_of_it_alone": found.requests.runs,
            "by_route": found.requests.routes,
            "syncs_not_counted_by_subject": found.requests.shared,
            "requests_of_these": found.requests.shared_requests,
            "syncs_with_unknown_requests": found.requests.unknown,
        },
        "syncs_by_outcome" if found.ref is None else "syncs_of_it_alone_by_outcome": found.outcomes,
    }


def problem_document(subject: Subject) -> str | None:
    """Return what is wrong with a subject, as programs and auditors read it; see `erased_document`."""
    with written_in("en"):
        told = filter(None, (unfinished_erasures.of(subject), subject.problem))
        return sentences(*told) or None


def erased_document(subject: Subject) -> str | None:
    """Return that somebody who is here was erased before, which is no problem of a reading; None: nobody knows."""
    with written_in("en"):
        return erased_before.said_of(subject) or None


HOLES: tuple[HoleKind, ...] = ("gap", "reset", "uncertain", "beginning", "unread")


def hole_document(hole: Hole) -> dict[str, Any]:
    """Return a hole with JSON's types."""
    return {
        "kind": hole.kind,
        "subject_kind": hole.ref.kind,
        "user_id": hole.ref.external_id,
        "conversation_id": hole.conversation_id,
        "after_message_of": _utc(hole.before),
        "before_message_of": _utc(hole.after),
        "found_at": _utc(hole.seen_at),
        "older_memory_at": _utc(hole.older_at),
    }


def _utc(ms: int | None) -> str | None:
    return None if ms is None else utc_text(ms)
