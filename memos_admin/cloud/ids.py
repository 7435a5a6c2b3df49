"""Ids, checked before they are sent: the limits are the service's (codes 40010, 40011)."""

from __future__ import annotations

from memos_admin.cloud import errors
from memos_admin.cloud.envelope import failure
from memos_admin.language import N_
from memos_admin.language import gettext as _

LONGEST_ID = 100
"""Characters of a user's or a conversation's id (codes 40010, 40011)."""

LONGEST_MEMORY_ID = 200
"""Characters of a memory's id: theirs are UUIDs of 36, and a path has no room for more."""


def checked_subject_id(route: str, external_id: str) -> str:
    """Return a user's or an agent's id, or raise Rejected."""
    return _checked_id(
        route,
        external_id,
        N_("the id of a user or agent has 1 to {count} characters"),
        LONGEST_ID,
        40010,
    )


def checked_conversation_id(route: str, conversation_id: str) -> str:
    """Return a conversation's id, or raise Rejected."""
    return _checked_id(
        route,
        conversation_id,
        N_("the id of a conversation has 1 to {count} characters"),
        LONGEST_ID,
        40011,
    )


def checked_memory_id(route: str, memory_id: str) -> str:
    """Return a memory's id, or raise Rejected; no path can carry `.` and `..`."""
    if memory_id in {".", ".."}:
        raise failure(
            errors.Rejected, route, _("this is no memory's id"), _("Check the id."), 40000
        )
    return _checked_id(
        route,
        memory_id,
        N_("the id of a memory has 1 to {count} characters"),
        LONGEST_MEMORY_ID,
        40000,
    )


def _checked_id(route: str, given: str, rule: str, longest: int, code: int) -> str:
    """Return the id, or raise Rejected with the code that the service would answer with."""
    if 1 <= len(given) <= longest and not any("\ud800" <= c <= "\udfff" for c in given):
        return given
    what = _(rule).format(count=longest)
    raise failure(errors.Rejected, route, what, _("Check the id."), code)
