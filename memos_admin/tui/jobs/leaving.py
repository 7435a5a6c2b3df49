"""Somebody who was open here, and whom another program has taken out of the store meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memos_admin.backend.display import both_ends, called
from memos_admin.backend.model import SubjectRef
from memos_admin.language import N_
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace

_HOW = {
    "forget": N_("{name} was erased here by another program."),
    "remove": N_("{name} was removed here by another program."),
}
"""What is said of whom the journal names, by its actions."""


def how(workspace: Workspace, ref: SubjectRef, since: int) -> str:
    """Return in a sentence that somebody is not in the store any more, and why where that is known; blocks.

    Args:
        workspace: where.
        ref: who.
        since: when the store still had it, UTC milliseconds.
    """
    from memos_admin.backend.errors import StoreError
    from memos_admin.backend.journal import reading

    home, project = workspace.home, workspace.project.uuid
    try:
        entries = [
            entry
            for entry in reading.of_actions(home, project, ("forget", "remove"), ref)
            if entry.at >= since and entry.result != "failed" and entry.conversation_id is None
        ]
        # An erasure takes them out before it ends; what was begun here, too late, is not what has done it.
        ended = [entry.action for entry in entries if entry.result == "done"]
        found = ended or [entry.action for entry in entries]
    except StoreError:  # of the journal, whose own commands say what is wrong with it
        found = []
    text = _(_HOW[found[-1]]) if found else _("{name} is no longer in this store.")
    return text.format(name=both_ends(called(ref), 40))
