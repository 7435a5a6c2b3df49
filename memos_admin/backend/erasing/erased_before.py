"""Erasures that have ended: nothing is kept of them but the journal's entries.

An id that is on the roster again is somebody who was erased once: the store remembers that as long as
the id is there, and every list says it, and whether MemOS had let go of it by then.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from memos_admin.backend.private_files import HomeError
from memos_admin.backend.times import utc_text
from memos_admin.language import N_, counted, sentences
from memos_admin.language import gettext as _
from memos_admin.store.errors import StoreError
from memos_admin.store.records import Subject, SubjectRef

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from memos_admin.backend.home import Home
    from memos_admin.backend.journal import Entry
    from memos_admin.backend.projects.project import Project
    from memos_admin.backend.workspace import Workspace
    from memos_admin.store.erasures import Attempt
    from memos_admin.store.ledger import Summary


Service = Literal["nothing", "something", "unknown", "not asked"]
"""What the service showed when it was last asked before the copy here was erased: nothing any more;
something; that was not read, or not all was known; it was not asked to delete anything."""


class ErasedBefore(NamedTuple):
    """An erasure of the copy here, of which the attempts at an erasure in the service need not know.

    Attributes:
        at: when, UTC milliseconds.
        request: for which; ``""``: none was named.
        entry: the number of the journal's entry that says so; None: it was not kept.
        service: what was known of the service then.
        in_part: something remained here.
    """

    at: int
    request: str
    entry: int | None = None
    service: Service = "nothing"
    in_part: bool = False


def among(
    home: Home, project: Project, refs: Collection[SubjectRef], until: int | None = None
) -> dict[SubjectRef, ErasedBefore]:
    """Return whose copy here was erased behind a deletion in the service, as the journal has it, and when last.

    One that found nothing is none, nor is one from `until` on, UTC milliseconds. Blocks.

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
    deleted: dict[SubjectRef, tuple[bool, Service]] = {}
    found: dict[SubjectRef, ErasedBefore] = {}
    for entry in reading.of_actions(home, project.uuid, ("subject.delete", "forget"), of_one):
        if entry.action == "subject.delete" and _was_refused(entry):
            continue
        if entry.action == "forget" and entry.result != "done":
            continue
        ref = SubjectRef("agent" if entry.subject_kind == "agent" else "user", entry.user_id or "")
        if ref not in wanted or (until is not None and entry.at >= until):
            continue
        anything = any(entry.counts.get(name) for name in ("memories", "messages", "conversations"))
        if entry.action == "subject.delete":
            deleted[ref] = anything, _SHOWN.get(entry.details.get("read_back"), "unknown")
        elif ref in deleted:
            was_anything, service = deleted.pop(ref)
            service = _SHOWN.get(entry.details.get("read_back"), service)
            if was_anything or anything:
                found[ref] = _of_entry(entry, service)
        elif ref in found and not _is_in_part(entry):  # what remained was erased since
            found[ref] = found[ref]._replace(in_part=False)
    return found


def _of_entry(entry: Entry, service: Service) -> ErasedBefore:
    return ErasedBefore(entry.at, entry.ticket or "", entry.seq, service, _is_in_part(entry))


def _is_in_part(entry: Entry) -> bool:
    return "ended" in entry.details


_SHOWN: Mapping[str | None, Service] = {
    "verified": "nothing",
    "listing": "nothing",
    "pending": "something",
    "unread": "unknown",
}


def _was_refused(entry: Entry) -> bool:
    """Whether nothing was deleted, since the service did not want to; where it had nothing, it was read back."""
    details = entry.details
    return details.get("carried_out") == "no" and "read_back" not in details


def of_nobody(home: Home, project: Project, ref: SubjectRef) -> str:
    """Return how somebody who is not on the roster was erased, or begun to be, in words; ``""``: that is not known.

    Blocks.
    """
    from memos_admin.backend import journal
    from memos_admin.backend.erasing import begun_here
    from memos_admin.backend.journal import reading

    if begun := begun_here.entries(home, project, ref):
        return sentences(begun_here.of_nobody(begun, ref), _unfinished(project, ref))
    try:
        found = among(home, project, [ref]).get(ref)
        if found is not None:
            return sentences(text_of(found), _unfinished(project, ref))
        journal.of(home).flush()
        here: list[ErasedBefore] = []
        for entry in reading.done(home, project.uuid, ("forget",), ref):
            if any(entry.counts.values()):
                here.append(_of_entry(entry, "not asked"))
            elif here and not _is_in_part(entry):
                here[-1] = here[-1]._replace(in_part=False)
    except StoreError:  # of the journal, whose own commands say what is wrong with it
        return ""
    return sentences(text_of(here[-1]) if here else "", _unfinished(project, ref))


def _unfinished(project: Project, ref: SubjectRef) -> str:
    """Return which erasure of somebody who is not on the roster has no end; ``""``: none is known."""
    from memos_admin.backend.erasing import unerased, unfinished_erasures

    try:
        tried = unerased.attempts_of(project.store_dir, ref)
    except HomeError:  # which says itself what helps where somebody is erased
        return ""
    return unfinished_erasures.text_of(tried[-1]) if tried else ""


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
    """Remember, of those that have just come to the roster, who was erased before, and of whom that has no end.

    Raises:
        StoreError: the store cannot be written.
    """
    from memos_admin.backend.daemon import in_background
    from memos_admin.backend.erasing import unerased

    known: Mapping[SubjectRef, ErasedBefore] = {}
    tried: Mapping[SubjectRef, Sequence[Attempt]] = {}
    # Of the journal, or the notes, which say so themselves; the roster does not need them.
    with suppress(StoreError):
        known = await in_background(partial(among, workspace.home, workspace.project, added))
    with suppress(HomeError):
        look = partial(unerased.attempts_among, workspace.project.store_dir, added)
        tried = await in_background(look)
    if known or tried:
        writer = await workspace.open_writer()
        await writer.run(partial(_note, known=known, tried=tried))


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
    if erased.service != "nothing":
        text = _("{erased} It was added again since: MemOS lists {memories} of it.")
    memories = counted(subject.memories, "{count} memory", "{count} memories")
    return text.format(erased=text_of(erased), memories=memories)


def text_of(erased: ErasedBefore) -> str:
    """Return when, where, and for which request, somebody was erased."""
    is_whole, when = erased.service == "nothing", utc_text(erased.at)
    text = _("Erased before, here alone, on {time}.")
    if is_whole:
        text = _("Erased before, in MemOS and here, on {time}.")
    if erased.request:
        text = _("Erased before, here alone, on {time}, for {request}.")
        if is_whole:
            text = _("Erased before, in MemOS and here, on {time}, for {request}.")
    said = text.format(time=when, request=erased.request)
    if erased.in_part:
        said = sentences(said, _("Here that was in part: something remained then."))
    said = sentences(said, _(_IN_SERVICE[erased.service]) if erased.service in _IN_SERVICE else "")
    if erased.entry is None:
        return said
    entry = _("Entry {number} of the operator journal says so.")
    return sentences(said, entry.format(number=f"{erased.entry:,}"))


_IN_SERVICE: Mapping[Service, str] = {
    "something": N_("MemOS still showed something of it when it was last asked."),
    "unknown": N_("Whether MemOS had let go of it by then is not known."),
    "not asked": N_("That was here, not in MemOS."),
}


def _note(
    connection: Connection,
    known: Mapping[SubjectRef, ErasedBefore],
    tried: Mapping[SubjectRef, Sequence[Attempt]],
) -> None:
    from memos_admin.store import erasures

    for ref, attempts in tried.items():
        for attempt in attempts:
            erasures.note(connection, ref, attempt)
    for ref, erased in known.items():
        erasures.note_ended(connection, ref, json.dumps(erased))
