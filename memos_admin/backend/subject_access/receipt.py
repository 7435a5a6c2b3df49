"""A receipt of an erasure: what was done, when, and what could not be verified. No text of the person.

The id is in it as a hash: whoever knows the id can compare it, and nobody else reads it.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import memos_admin
from memos_admin.backend import journal
from memos_admin.backend.changing.subject_reading import Seen, verdict_of
from memos_admin.backend.export.manifest import journal_entry
from memos_admin.backend.export.target import writing
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.subject_access import naming
from memos_admin.backend.subject_access.page_html import HtmlPage
from memos_admin.backend.subject_access.receipt_page import not_verified, page
from memos_admin.backend.subject_access.runs_elsewhere import noted
from memos_admin.backend.times import utc_text
from memos_admin.language import written_in

if TYPE_CHECKING:
    from memos_admin.backend.changing.subject_reading import SubjectRead
    from memos_admin.backend.subject_access.erasure_outcome import ErasureOutcome
    from memos_admin.backend.subject_access.erasure_plan import ErasurePlan
    from memos_admin.backend.workspace import Workspace
    from memos_admin.store.erasures import Attempt

FORMAT = "memos-admin erasure receipt"
VERSION = 1


def write(workspace: Workspace, outcome: ErasureOutcome, now: int) -> tuple[Path, ...]:
    """Write a receipt as JSON, HTML and Markdown, journaled behind; return the files. Blocks.

    Raises:
        OSError: it cannot be written.
    """
    journal.of(workspace.home).flush()
    about = document(workspace, outcome, now)
    folder = outcome.plan.receipts
    base = _free(folder, naming.receipt_name(outcome.plan.order.request))
    texts = {"json": json.dumps(about, indent=2) + "\n"}
    texts["html"] = "".join(page(about, outcome, now, HtmlPage()))
    texts["md"] = "".join(page(about, outcome, now))
    paths = []
    for ending, text in texts.items():
        path = folder / f"{base}.{ending}"
        with writing(path) as put:
            put(text)
        paths.append(path)
    sha256 = hashlib.sha256(texts["json"].encode()).hexdigest()
    journal.of(workspace.home).record(noted(workspace.project, outcome, paths[0], sha256))
    return tuple(paths)


def _free(folder: Path, name: str) -> str:
    """Return a name of which there is no receipt yet: each tells of another run."""
    number, free = 1, name
    while (folder / f"{free}.json").exists():
        number += 1
        free = f"{name}-{number}"
    return free


def document(workspace: Workspace, outcome: ErasureOutcome, now: int) -> dict[str, Any]:
    """Return what a receipt says, with JSON's types."""
    plan, service = outcome.plan, outcome.service
    read, bundle = service.read, outcome.bundle
    project = workspace.project
    with written_in("en"):
        unverified = list(not_verified(outcome))
    return {
        "format": FORMAT,
        "format_version": VERSION,
        "tool": {"name": "memos-admin", "version": memos_admin.__version__},
        "began_at": utc_text(outcome.began_at),
        "made_at": utc_text(now),
        "request": plan.order.request,
        "project": {"name": project.title, "uuid": str(project.uuid)},
        "subject": {"kind": plan.order.ref.kind, "sha256": hash_of(plan.order.ref)},
        "ended": outcome.ended,
        "archive_before": None
        if bundle is None
        else {"sha256": bundle.sha256, "size": bundle.size, "counts": bundle.counts.document()},
        "erased_before": None
        if plan.before is None
        else {
            "at": utc_text(plan.before.at),
            "request": plan.before.request or None,
            "journal_entry": plan.before.entry,
            "memos_then": plan.before.service,
        },
        "earlier_attempts": [attempt_document(each) for each in plan.earlier],
        "attempts_elsewhere": attempts_elsewhere(plan),
        "runs_elsewhere": [run.document() for run in outcome.runs_elsewhere],
        "service": {
            "before": {
                "memories_listed": plan.service.memories,
                "memories_archived_known": len(plan.service.archived),
                "memories_gone_known": len(plan.service.gone),
                "conversations_known": len(plan.service.conversations),
                "memories_shared_with_others": plan.service.shared,
            },
            "carried_out": service.carried,
            "read_back": None
            if read is None or outcome.shown is None
            else _read_back(read, outcome.shown),
            "syncs_afterwards": service.syncs,
        },
        "here": {"erased": outcome.erased is not None, **_here(outcome)},
        "not_verified": unverified,
        "journal": journal_entry(journal.of(workspace.home).stamp),
    }


def attempts_elsewhere(plan: ErasurePlan) -> list[dict[str, Any]]:
    """Return the attempts of other projects of the same people that have no end, with JSON's types."""
    return [
        {"project": other.title, **attempt_document(each)}
        for other in plan.begun_elsewhere
        for each in other.attempts
    ]


def attempt_document(attempt: Attempt) -> dict[str, Any]:
    """Return an attempt that has no end, with JSON's types."""
    return {
        "began_at": utc_text(attempt.at),
        "request": attempt.request,
        "deletion_sent": attempt.sent,
        "erased_here": attempt.erased_here,
        "still_shown": attempt.still_shown,
        "verified": attempt.shown in {"nothing", "others"},
        "carried_out": attempt.answer or None,
        "shown": attempt.shown,
        "found": None
        if attempt.memories is None
        else {
            "conversations": attempt.conversations,
            "messages": attempt.messages,
            "memories": attempt.memories,
        },
        "archive_sha256": attempt.archive or None,
    }


def _read_back(read: SubjectRead, shown: Seen) -> dict[str, Any]:
    """Return what was asked afterwards and what it showed; None: there was no answer that could show it.

    Readings are repeated while the service shows something; the counts are those of the last one.
    """
    return {
        "verdict": verdict_of(shown),
        "shown": shown,
        "readings": read.readings,
        "memories_listed": read.listing.count,
        "memories_asked_by_id": read.known.answered,
        "memories_still_there": read.known.count,
        "memories_of_others_asked_by_id": read.others.answered,
        "memories_of_others_still_there": read.others.count,
        "conversations_asked": read.conversations.answered,
        "conversations_still_served": read.conversations.count,
        "searches": read.searches.answered,
        "memories_found_by_searching": read.searches.count,
        "not_answered": {
            name: check.unanswered
            for name, check in (
                ("listings", read.listing),
                ("memories_by_id", read.known),
                ("memories_of_others_by_id", read.others),
                ("conversations", read.conversations),
                ("searches", read.searches),
            )
        },
    }


def hash_of(ref: SubjectRef) -> str:
    """Return the SHA-256 of ``user:ID`` or ``agent:ID`` in UTF-8, in hexadecimal digits."""
    return hashlib.sha256(f"{ref.kind}:{ref.external_id}".encode("utf-8", "replace")).hexdigest()


def _here(outcome: ErasureOutcome) -> dict[str, int | bool]:
    """Return what was, or was to be, erased here, and what remains of it."""
    erased = outcome.erased
    held = outcome.here.held
    return {
        "conversations": 0 if held is None else held.conversations,
        "messages": 0 if held is None else held.messages,
        "memories": 0 if held is None else held.memories,
        "earlier_versions": 0 if held is None else held.message_versions + held.memory_versions,
        "backups_erased_in": 0 if erased is None else len(erased.backups),
        "files_deleted": 0 if erased is None else len(erased.deleted),
        "remain": 0 if erased is None else len(erased.remains),
        "id_kept": erased is not None and erased.keeps_id,
        "memories_kept_for_others": 0 if held is None or erased is None else held.shared_memories,
        "messages_in_conversations_of_others": 0 if held is None else held.said_elsewhere,
        "messages_there_with_a_name_only": 0 if held is None else held.perhaps_said_elsewhere,
    }
