"""``manifest.json``: what an export is, what it holds, how complete it is, and what its files are.

It is English and for programs and auditors. Whoever has the files can compare them with it; see
`memos_admin.backend.subject_access.verifying`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, field
from typing import Any

import memos_admin
from memos_admin.backend import ledger, occasion
from memos_admin.backend.export.completeness import NOTHING, of_conversations, of_memories
from memos_admin.backend.journal import Stamp
from memos_admin.backend.model import Reads, Subject, SubjectRef
from memos_admin.backend.projects.project import Project
from memos_admin.backend.times import utc_text
from memos_admin.language import written_in
from memos_admin.store import bundles, streams

NAME = "manifest.json"
FORMAT = "memos-admin manifest"
VERSION = 1
"""Of the fields below; what is added to them does not change it."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file that an export consists of."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Of what an export is.

    Attributes:
        kind: ``subject``, ``conversation``, ``messages``, ``memories`` or ``verdicts``.
        filters: those that narrow it, by name.
        as_of: the past time whose state is told, UTC milliseconds; None: it is the present one.
    """

    kind: str
    subject: SubjectRef | None = None
    conversation_id: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    as_of: int | None = None

    def document(self) -> dict[str, Any]:
        """Return it with JSON's types."""
        return {
            "kind": self.kind,
            "subject_kind": None if self.subject is None else self.subject.kind,
            "user_id": None if self.subject is None else self.subject.external_id,
            "conversation_id": self.conversation_id,
            "filters": dict(self.filters),
            "as_of": _utc(self.as_of),
        }


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says.

    Attributes:
        counts: conversations, messages, memories, versions, by these names.
        completeness: what `completeness` returns.
        guarded_cells: cells of CSV files that got a ``'``.
        cut_cells: cells of workbooks that were longer than a cell can be.
        redactions: what `redactions` returns.
        dropped: what retention no longer keeps, by name.
        journal: what `journal_entry` returns.
        request: the ticket that it was made for.
        columns: what stands in columns whose names do not say it, by file.
    """

    project: Project
    scope: Scope
    made_at: int
    _: KW_ONLY
    counts: Mapping[str, Any]
    completeness: Mapping[str, Any]
    files: Sequence[FileEntry]
    guarded_cells: int = 0
    cut_cells: int = 0
    redactions: Mapping[str, Any] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    journal: Mapping[str, Any] | None = None
    request: str | None = None
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def text(self) -> str:
        """Return the file: JSON that is the same for the same values."""
        project = self.project
        document = {
            "format": FORMAT,
            "format_version": VERSION,
            "tool": {"name": "memos-admin", "version": memos_admin.__version__},
            "made_at": utc_text(self.made_at),
            "request": self.request,
            "project": {"name": project.title, "uuid": str(project.uuid)},
            "scope": self.scope.document(),
            "counts": dict(self.counts),
            "completeness": dict(self.completeness),
            "guarded_cells": self.guarded_cells,
            "cut_cells": self.cut_cells,
            "redactions": dict(self.redactions),
            "dropped_by_retention": dict(self.dropped),
            "journal": self.journal,
            "columns": {name: dict(explained) for name, explained in self.columns.items()},
            "files": [asdict(entry) for entry in self.files],
        }
        return json.dumps(document, ensure_ascii=True, indent=2) + "\n"


def completeness(reads: Reads, subject: Subject, vanished: int) -> dict[str, Any]:
    """Return how complete what is stored of a subject is: times, counts, and the same in sentences.

    Args:
        reads: the store.
        subject: whose.
        vanished: how many of its memories are listed no more.
    """
    messages = streams.coverage(reads.query, subject_pk=subject.pk)
    oldest = bundles.oldest_reading(reads.query, subject.pk)
    with written_in("en"):
        said = (
            *of_conversations(reads, subject.pk),
            *of_memories(reads, subject.ref, vanished),
        )
    return {
        "listed_whole_at": _utc(subject.listed_at),
        "last_read_at": _utc(subject.synced_at),
        "last_problem": ledger.problem_document(subject),
        "erased_before": ledger.erased_document(subject),
        "messages_read_since": _utc(oldest),
        "conversations": {
            "known": messages.conversations,
            "never_read": messages.never,
            "empty": messages.empty,
            "with_messages_kept": messages.kept,
            "not_from_the_beginning": messages.late,
            "with_an_older_memory": messages.older,
        },
        "places": {kind: messages.seams.get(kind, 0) for kind in ("gap", "reset", "uncertain")},
        "vanished_memories": vanished,
        "memories_missed_once": subject.doubted,
        "said": list(said or [NOTHING]),
        "ledger": ledger.document(reads, ledger.ledger(reads, subject.ref)),
    }


def redactions(parts: int | None, *, pseudonyms: bool) -> dict[str, Any]:
    """Return what of an export is masked.

    Args:
        parts: how many parts of texts; None: it is not masked.
        pseudonyms: users and agents have other names in it.
    """
    return {"masked": parts is not None, "parts": parts or 0, "pseudonyms": pseudonyms}


def request() -> str | None:
    """Return the ticket that all is done for; None: there is none."""
    return occasion.present().ticket or None


def journal_entry(stamp: Stamp | None) -> dict[str, Any] | None:
    """Return an entry of the journal as it is named here; None: there is none."""
    return None if stamp is None else stamp._asdict()


def _utc(ms: int | None) -> str | None:
    return None if ms is None else utc_text(ms)
