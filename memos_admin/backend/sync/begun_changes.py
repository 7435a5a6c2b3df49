"""Changes in MemOS that were begun and have no end: whoever reads all of a user afterwards has what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from memos_admin.backend.private_files import HomeError
from memos_admin.backend.upkeep import changing_now
from memos_admin.store.errors import StoreError
from memos_admin.store.records import SubjectRef

if TYPE_CHECKING:
    from memos_admin.backend.journal import Entry
    from memos_admin.backend.sync.report import SyncReport, SyncScope
    from memos_admin.backend.workspace import Workspace


def now(workspace: Workspace) -> tuple[Entry, ...]:
    """Return the entries that began a change of this project and have no end. Blocks.

    None while one is under way, of which a reading does not tell how it ends, and none where the
    journal cannot be read, which says so itself.
    """
    from memos_admin.backend import journal
    from memos_admin.backend.journal import reading

    journal.of(workspace.home).flush()  # what this program has ended is written behind everything
    try:
        found = reading.begun_changes(workspace.home, workspace.project.uuid)
        is_any = found and not changing_now.is_held(workspace.project.store_dir)
    except (StoreError, HomeError):
        return ()
    return tuple(found) if is_any else ()


def read_since(begun: Sequence[Entry], scope: SyncScope, report: SyncReport) -> tuple[int, ...]:
    """Return the numbers of those whose memories a sync has read, all of them, the first one first.

    Where an entry names no user, they may be anybody's.
    """
    everybody = scope.full and not scope.subjects and report.complete and not report.skipped
    of_all = everybody and len(report.up_to_date) == report.asked
    return tuple(entry.seq for entry in begun if _whose(entry) in report.up_to_date or of_all)


def _whose(entry: Entry) -> SubjectRef | None:
    if entry.user_id is None:
        return None
    return SubjectRef("agent" if entry.subject_kind == "agent" else "user", entry.user_id)
