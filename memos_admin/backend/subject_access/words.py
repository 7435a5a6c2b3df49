"""What kind a memory is of, and its state, in words for the person it is about."""

from __future__ import annotations

from memos_admin.backend.subject_access.page import Said
from memos_admin.backend.view_words import VIEWS
from memos_admin.language import N_
from memos_admin.language import gettext as _

_STATUSES = {
    "activated": N_("in use"),
    "resolving": N_("being worked on by MemOS"),
    "archived": N_("archived: kept, and no longer used"),
    "deleted": N_("deleted in MemOS; this copy was read before"),
}


def kind(view: str) -> str:
    """Return the word for a view; what we have none for stays as the service says it."""
    known = VIEWS.get(view)
    return _(known) if known else Said(view)


def state(status: str) -> str:
    """Return the words for a status; what we have none for stays as the service says it."""
    known = _STATUSES.get(status)
    return _(known) if known else Said(status)
