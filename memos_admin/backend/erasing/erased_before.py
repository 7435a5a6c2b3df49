"""Erasures that have ended: nothing is kept of them but the journal's entries.

An id that is on the roster again is somebody who was erased once: the store remembers that as long as
the id is there, and every list says it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from memos_admin.backend.times import utc_text
from memos_admin.language import counted, sentences
from memos_admin.language import gettext as _
from memos_admin.store.errors import StoreError
from memos_admin.store.records import Subject, SubjectRef

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from memos_admin.backend.home import Home
    from memos_admin.backend.journal import Entry
    from memos_admin.backend.projects.project import Project
    from memos_admin.backend.workspace import Workspace
    from memos_admin.store.ledger import Summary


class ErasedBefore(NamedTuple):
    """An erasure that has ended.

    Attributes:
        at: when, UTC milliseconds.
        request: for which; ``""``: none was named.
        entry: the number of the journal's entry that says so; None: it was not kept.
    """

    at: int
    request: str
    entry: int | None = None


def among(
    home: Home, project: Project, refs: Collection[SubjectRef], until: int | None = None
) -> dict[SubjectRef, ErasedBefore]:
    """Return who of `refs` was erased in the service and here, as the journal has it, and when last.

    An erasure that found nothing is none, nor is one from `until` on, UTC milliseconds. Blocks.

    Raises:
        StoreError: the journal cannot be read.
    """
    from memos_admin.backend import journal
    from memos_admin.backend.journal import reading

    if not refs:
        return {}
    journal.of(home).flush()  # what this program has done is written behind everything
    wanted = set(refs)
    of_one = next(iter(wanted)) if len(wanted) == 1 else None
    deleted: dict[SubjectRef, bool] = {}
    found: dict[SubjectRef, ErasedBefore] = {}
    for entry in reading.of_actions(home, project.uuid, ("subject.delete", "forget"), of_one):
        if entry.result != "done" and not _was_absent(entry):
            continue
        ref = SubjectRef("agent" if entry.subject_kind == "agent" else "user", entry.user_id or "")
        if ref not in wanted or (until is not None and entry.at >= until):
            continue
        anything = any(entry.counts.get(name) for name in ("memories", "messages", "conversations"))
        if entry.action == "subject.delete":
            deleted[ref] = anything
        elif ref in deleted and (deleted.pop(ref) or anything):
            found[ref] = ErasedBefore(entry.at, entry.ticket or "", entry.seq)
    return found


def _was_absent(entry: Entry) -> bool:
    """Whether the service had refused a deletion since it had nothing of it any more, and showed that."""
    details = entry.details
    return details.get("carried_out") == "no" and details.get("read_back") == "verified"


def of_nobody(home: Home, project: Project, ref: SubjectRef) -> str:
    """Return how somebody who is not on the roster was erased, in words; ``""``: no erasure is known. Blocks."""
    from memos_admin.backend import journal
    from memos_admin.backend.journal import reading

    try:
        found = among(home, project, [ref]).get(ref)
        if found is not None:
            return text_of(found)
        journal.of(home).flush()
        here = [
            ErasedBefore(entry.at, entry.ticket or "", entry.seq)
            for entry in reading.done(home, project.uuid, ("forget",), ref)
            if any(entry.counts.values())
        ]
    except StoreError:  # of the journal, whose own commands say what is wrong with it
        return ""
    return sentences(text_of(here[-1]), _("That was here, not in MemOS.")) if here else ""


def how_many(home: Home, project: Project) -> int:
    """Return how many ids were erased here, with or without MemOS, as far as the journal has it. Blocks."""
    from memos_admin.backend import journal
    from memos_admin.backend.journal import reading

    journal.of(home).flush()
    try:
        found = reading.done(home, project.uuid, ("forget",))
        return len({(one.subject_kind, one.user_id) for one in found if any(one.counts.values())})
    except StoreError:
        return 0


async def note(workspace: Workspace, added: Collection[SubjectRef]) -> None:
    """Remember, of those that have just come to the roster, who was erased before.

    Raises:
        StoreError: the store cannot be written.
    """
    from memos_admin.backend.daemon import in_background

    look = partial(among, workspace.home, workspace.project, added)
    try:
        known = await in_background(look)
    except StoreError:  # of the journal, which says so itself; the roster does not need it
        return
    if known:
        writer = await workspace.open_writer()
        await writer.run(partial(_note, known=known))


def of(subject: Subject | Summary | None) -> ErasedBefore | None:
    """Return the erasure of somebody who is on the roster again; None: none is known."""
    if subject is None or subject.erased is None:
        return None
    return ErasedBefore(*json.loads(subject.erased))


def said_of(subject: Subject | Summary | None) -> str:
    """Return that somebody was erased, and is here again; ``""``: none is known."""
    if subject is None or (erased := of(subject)) is None:
        return ""
    if not subject.memories:
        text = _("{erased} It was added again since.")
        return text.format(erased=text_of(erased))
    text = _("{erased} It is back: MemOS lists {memories} of it.")
    memories = counted(subject.memories, "{count} memory", "{count} memories")
    return text.format(erased=text_of(erased), memories=memories)


def text_of(erased: ErasedBefore) -> str:
    """Return when, and for which request, somebody was erased."""
    when = utc_text(erased.at)
    said = _("Erased before, on {time}.").format(time=when)
    if erased.request:
        text = _("Erased before, on {time}, for {request}.")
        said = text.format(time=when, request=erased.request)
    if erased.entry is None:
        return said
    entry = _("Entry {number} of the operator journal says so.")
    return sentences(said, entry.format(number=f"{erased.entry:,}"))


def _note(connection: Connection, known: Mapping[SubjectRef, ErasedBefore]) -> None:
    from memos_admin.store import erasures

    for ref, erased in known.items():
        erasures.note_ended(connection, ref, json.dumps(erased))
