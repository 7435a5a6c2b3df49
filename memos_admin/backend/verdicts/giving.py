"""Giving and withdrawing verdicts: written to the store, and journaled behind that.

A verdict says something about memos-admin's copy, not about MemOS: it is kept also where the journal
cannot be written, which says so itself.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from memos_admin.backend import journal, occasion
from memos_admin.backend.daemon import in_background
from memos_admin.backend.journal import Event
from memos_admin.backend.keys import KeyGiven, refuse_key
from memos_admin.backend.times import now_ms
from memos_admin.backend.verdicts.kinds import VERDICTS
from memos_admin.backend.verdicts.operators import operator_of
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.store import verdicts
from memos_admin.store.verdict_records import Judgement
from memos_admin.store.verdicts import Ended, Undone

if TYPE_CHECKING:
    from memos_admin.backend.journal import Action
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.workspace import Workspace

__all__ = [
    "LONGEST_NOTE",
    "BadVerdict",
    "Ended",
    "Judgement",
    "Undone",
    "give",
    "note",
    "undo",
    "withdraw",
]

LONGEST_NOTE = 2_000
"""Characters of a note, and of a ticket."""


class BadVerdict(ValueError):
    """What cannot be said of a memory, or not of this one; a sentence."""


async def give(workspace: Workspace, given: Judgement) -> Ended | None:
    """Let a verdict stand; return the operator's own that it replaces, None: there was none.

    Raises:
        BadVerdict: there is no such verdict, memory or version, or the note cannot be.
        StoreError: it cannot be written.
        HomeError: the configuration cannot be read.
    """
    given = _checked(given)
    operator = await in_background(partial(operator_of, workspace.home))
    writer = await workspace.open_writer()
    try:
        before = await writer.run(lambda c: verdicts.give(c, given, operator, now_ms()))
    except LookupError:
        raise BadVerdict(
            _("There is no memory {id} in this store, or no such version of it.").format(
                id=given.memory_id
            )
        ) from None
    details: dict[str, object] = {"verdict": given.verdict, "version": given.version}
    if before is not None:
        details["replaces"] = before.verdict
    if given.note:
        details["note"] = True
    _journal(workspace, "verdict.give", given.memory_id, given.ref, details)
    return before


async def withdraw(
    workspace: Workspace, memory_id: str, version: int | None, ref: SubjectRef | None = None
) -> Ended | None:
    """Withdraw the operator's verdict on a version; return it, None: there was none.

    Args:
        workspace: the project.
        memory_id: of the memory.
        version: None: the latest that the operator has judged.
        ref: for whom it was listed where it was looked at.

    Raises:
        StoreError: it cannot be written.
        HomeError: the configuration cannot be read.
    """
    operator = await in_background(partial(operator_of, workspace.home))
    writer = await workspace.open_writer()
    ended = await writer.run(lambda c: verdicts.withdraw(c, memory_id, version, operator, now_ms()))
    if ended is not None:
        details: dict[str, object] = {"verdict": ended.verdict, "version": ended.version}
        _journal(workspace, "verdict.withdraw", memory_id, ref, details)
    return ended


async def note(
    workspace: Workspace, memory_id: str, version: int, text: str | None, ref: SubjectRef | None
) -> None:
    """Say why beside the operator's verdict on a version, instead of what was said; None: nothing.

    It stays the verdict of when it was given, for the ticket of then.

    Raises:
        BadVerdict: there is none, or the note cannot be.
        StoreError: it cannot be written.
        HomeError: the configuration cannot be read.
    """
    text = _as_can_be(text)
    operator = await in_background(partial(operator_of, workspace.home))
    writer = await workspace.open_writer()
    of = await writer.run(
        lambda c: verdicts.note(c, memory_id, version, operator, now_ms(), text=text)
    )
    if of is None:
        raise BadVerdict(_("There is no verdict of yours on what it says now."))
    details: dict[str, object] = {"verdict": of.verdict, "version": of.version}
    _journal(workspace, "verdict.give", memory_id, ref, details | {"note": text is not None})


async def undo(
    workspace: Workspace,
    memory_id: str,
    version: int,
    ref: SubjectRef | None = None,
    *,
    slip: bool = False,
) -> Undone | None:
    """Withdraw the operator's verdict on a version, and let the one that it replaced stand again, as it was.

    Args:
        workspace: the project.
        memory_id: of the memory.
        version: the one that was judged.
        ref: for whom it was listed where it was looked at.
        slip: it was given in a review that hides what others said, and that was not shown since.

    Returns:
        What was undone; None: there was no verdict.

    Raises:
        StoreError: it cannot be written.
        HomeError: the configuration cannot be read.
    """
    how = "slip" if slip else "withdrawn"
    operator = await in_background(partial(operator_of, workspace.home))
    writer = await workspace.open_writer()
    done = await writer.run(
        lambda c: verdicts.undo(c, memory_id, version, operator, now_ms(), how=how)
    )
    if done is not None:
        details: dict[str, object] = {"verdict": done.ended.verdict, "version": version}
        if done.again is not None:
            details["again"] = done.again
        if slip:
            details["slip"] = True
        _journal(workspace, "verdict.withdraw", memory_id, ref, details)
    return done


def _checked(given: Judgement) -> Judgement:
    if given.verdict not in VERDICTS:
        text = _("{name} is no verdict. There are {names}.")
        raise BadVerdict(text.format(name=f"{given.verdict!r}", names=", ".join(VERDICTS)))
    note, ticket = map(_as_can_be, (given.note, given.ticket))
    if ticket is None:
        ticket = occasion.present().ticket
    return given._replace(note=note, ticket=ticket)


def _as_can_be(text: str | None) -> str | None:
    """Return a note or ticket without white space around it, None where that is all."""
    kept = (text or "").strip() or None
    if len(kept or "") > LONGEST_NOTE:
        said = _("A note or ticket has at most {most} characters.")
        raise BadVerdict(said.format(most=f"{LONGEST_NOTE:,}"))
    try:
        refuse_key(kept or "", N_("note or ticket"))
    except KeyGiven as error:
        raise BadVerdict(str(error)) from None
    return kept


def _journal(
    workspace: Workspace,
    action: Action,
    memory_id: str,
    ref: SubjectRef | None,
    details: dict[str, object],
) -> None:
    event = Event(action, workspace.project, subject=ref, memory_id=memory_id, details=details)
    journal.of(workspace.home).record(event)
