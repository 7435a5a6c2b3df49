"""Runs of an erasure in other projects here of the same address and key, as the journal has their receipts.

They erase the same person of MemOS. Once one has ended, its project has nothing of the person any more, so that
the journal alone tells of it.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast, get_args
from uuid import UUID

from memos_admin.backend import journal
from memos_admin.backend.journal import reading
from memos_admin.backend.projects import elsewhere
from memos_admin.backend.subject_access.erasure_outcome import Ended
from memos_admin.backend.times import parse_service_time, utc_text

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.backend.journal import Entry
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.projects.project import Project
    from memos_admin.backend.subject_access.erasure_outcome import ErasureOutcome

_MOST = 50
"""Runs that are told: the last ones."""


class RunElsewhere(NamedTuple):
    """A run that has a receipt.

    Attributes:
        project: what the project is called.
        began_at: UTC milliseconds.
        file: the receipt for programs, where it was written; those for people are beside it.
        sha256: of that file.
        entry: the number of the journal's entry that says so.
    """

    project: str
    began_at: int
    request: str
    ended: Ended
    file: str
    sha256: str
    entry: int

    @property
    def name(self) -> str:
        """The name of the receipt: a folder may name the person, or who wrote it."""
        return Path(self.file).name

    def document(self) -> dict[str, Any]:
        """Return it with JSON's types, without the folder of its receipt."""
        return {
            "project": self.project,
            "began_at": utc_text(self.began_at),
            "request": self.request,
            "ended": self.ended,
            "receipt": self.name,
            "receipt_sha256": self.sha256,
            "journal_entry": self.entry,
        }


def of(home: Home, project: Project, ref: SubjectRef) -> tuple[RunElsewhere, ...]:
    """Return the runs that other projects have had to erase a subject, in the order in which they began. Blocks.

    Raises:
        StoreError: the journal cannot be read.
        HomeError, ConfigError: nobody knows which projects there are.
    """
    journal.of(home).flush()
    found = [
        run
        for other in elsewhere.like(home, project)
        if other.likeness == "key"
        for entry in reading.done(home, UUID(other.store.parent.name), ("subject.receipt",), ref)
        if (run := _of_entry(entry, other.title)) is not None
    ]
    return tuple(sorted(found, key=lambda run: run.began_at)[-_MOST:])


def noted(project: Project, outcome: ErasureOutcome, file: Path, sha256: str) -> journal.Event:
    """Return what the journal keeps of a receipt."""
    order = outcome.plan.order
    return journal.Event(
        "subject.receipt",
        project,
        subject=order.ref,
        file=str(file.absolute()),
        details={
            "began_at": utc_text(outcome.began_at),
            "request": order.request,
            "ended": outcome.ended,
            "receipt_sha256": sha256,
        },
        result="done",
    )


def _of_entry(entry: Entry, project: str) -> RunElsewhere | None:
    """Return a run; None: an entry of another form."""
    details = entry.details
    ended, began_at = details.get("ended"), parse_service_time(details.get("began_at"), UTC)
    if ended not in get_args(Ended) or began_at is None:
        return None
    return RunElsewhere(
        project,
        began_at,
        str(details.get("request", "")),
        cast("Ended", ended),
        entry.file or "",
        str(details.get("receipt_sha256", "")),
        entry.seq,
    )
