"""The roster: whom this project knows, since the service lists neither users nor conversations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from memos_admin.backend import absent, journal
from memos_admin.backend.absent import NotInRoster
from memos_admin.backend.daemon import in_background
from memos_admin.backend.display import one_line
from memos_admin.backend.erasing import erased_before, unerased
from memos_admin.backend.journal import Event, journaled_async
from memos_admin.backend.keys import KeyGiven, refuse_key, without_keys
from memos_admin.backend.remote import Remote
from memos_admin.backend.times import now_ms
from memos_admin.backend.upkeep import indexing, turns
from memos_admin.backend.upkeep.turns import OnWait, silently
from memos_admin.backend.workspace import Workspace
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.store import erasing, erasures, messages, subjects
from memos_admin.store.records import SubjectRef

LONGEST_ID = 100
"""Characters of a user's or conversation's id (memos-cloud-api, codes 40010 and 40011)."""

_NAMED = 100
"""So many that are added at once the journal names."""

_BATCH = 5_000


class BadId(ValueError):
    """A text that cannot be an id; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Added:
    """What an addition found: ids that are new, and those known before, in the order given."""

    added: tuple[str, ...]
    known: tuple[str, ...]


def check_id(text: str, what: str = N_("id"), fingerprints: Collection[str] = ()) -> str:
    """Return an id without the white space around it.

    Args:
        text: what was given.
        what: it is the id of, translated here.
        fingerprints: of the project's keys.

    Raises:
        BadId: it is empty, longer than the service allows, holds control characters, or is an API key.
    """
    kept = text.strip()
    if not kept:
        raise BadId(_("The {what} is empty.").format(what=_(what)))
    if len(kept) > LONGEST_ID:
        raise BadId(
            _("The {what} has {count} characters; MemOS allows {most}.").format(
                what=_(what), count=len(kept), most=LONGEST_ID
            )
        )
    if any(ord(c) < 32 or 127 <= ord(c) < 160 or 0xD800 <= ord(c) < 0xE000 for c in kept):
        raise BadId(
            _("The {what} holds control characters. Copy only the id itself.").format(what=_(what))
        )
    try:
        refuse_key(kept, what, fingerprints)
    except KeyGiven as error:
        raise BadId(str(error)) from None
    return kept


def check_new(refs: Iterable[SubjectRef], fingerprints: Collection[str]) -> None:
    """Raise BadId for the first of those that came to the roster, by being named, whose id cannot be."""
    for ref in refs:
        try:
            check_id(ref.external_id, fingerprints=fingerprints)
        except BadId as error:
            shown = one_line(without_keys(ref.external_id), 40)
            raise BadId(f"{shown!r}: {error}") from None


async def add_subjects(
    workspace: Workspace,
    refs: Iterable[SubjectRef],
    *,
    known_from: str = "hand",
    on_wait: OnWait = silently,
) -> Added:
    """Add users or agents to the roster. Works offline: whether they exist shows at a sync.

    Args:
        workspace: whose roster.
        refs: whom.
        known_from: where they are known from.
        on_wait: is told who is waited for.

    Raises:
        BadId: one of the ids cannot be; nothing was added.
    """
    keys = workspace.project.fingerprints
    checked = (SubjectRef(ref.kind, check_id(ref.external_id, fingerprints=keys)) for ref in refs)
    wanted = list(dict.fromkeys(checked))
    new: set[SubjectRef] = set()
    async with turns.turn(workspace, alone=False, on_wait=on_wait):
        writer = await workspace.open_writer()
        for start in range(0, len(wanted), _BATCH):
            some = wanted[start : start + _BATCH]
            job = partial(subjects.add, refs=some, known_from=known_from, now=workspace.clock())
            new.update(await writer.run(job))
        await erased_before.note(workspace, new)
    _journal_added(workspace, [ref for ref in wanted if ref in new], known_from)
    return Added(
        tuple(ref.external_id for ref in wanted if ref in new),
        tuple(ref.external_id for ref in wanted if ref not in new),
    )


async def remove_subject(workspace: Workspace, ref: SubjectRef, on_wait: OnWait = silently) -> None:
    """Remove a subject from the roster with all that is stored of it here.

    The service is not touched. Memories that another subject lists too stay. Files may keep parts of
    what was removed, and backups have all of it: see `memos_admin.backend.erasing`. An erasure of it
    that has no end stays noted without its id, for when it is added again.

    Args:
        workspace: whose roster.
        ref: who.
        on_wait: is told who is waited for.

    Raises:
        NotInRoster: there is none.
        NotJournaled: it could not be journaled; nothing was removed.
        HomeError: an erasure that has no end could not be noted; nothing was removed.
        StoreError: also where it is removed, but the search index may still have its words.
    """

    def job(connection: Connection) -> None:
        _known(connection, ref)
        unerased.keep(workspace.project.store_dir, ref, erasures.of(connection, ref))
        erasing.remove(connection, ref)

    event = Event("remove", workspace.project, subject=ref, details={"what": ref.kind})
    await _remove(workspace, event, job, on_wait)


async def add_conversations(
    workspace: Workspace,
    ref: SubjectRef,
    conversation_ids: Iterable[str],
    *,
    on_wait: OnWait = silently,
) -> Added:
    """Add conversations that no memory names; the subject is added too if need be.

    Args:
        workspace: whose roster.
        ref: whose conversations.
        conversation_ids: their ids.
        on_wait: is told who is waited for.

    Raises:
        BadId: one of the ids cannot be; nothing was added.
    """
    keys = workspace.project.fingerprints
    what = N_("conversation id")
    wanted = list(dict.fromkeys(check_id(text, what, keys) for text in conversation_ids))
    came: list[SubjectRef] = []

    def job(connection: Connection) -> list[str]:
        came.extend(subjects.add(connection, [ref], "hand", workspace.clock()))
        check_new(came, keys)
        pk = _known(connection, ref)
        new = subjects.add_conversations(connection, pk, wanted, "hand", workspace.clock())
        subjects.refresh_counts(connection, pk)
        return new

    async with turns.turn(workspace, alone=False, on_wait=on_wait):
        new = set(await (await workspace.open_writer()).run(job))
        await erased_before.note(workspace, came)
    if new:
        details = {
            "what": "conversations",
            "ids": [text for text in wanted if text in new][:_NAMED],
        }
        counts = {"conversations": len(new)}
        event = Event("add", workspace.project, subject=ref, counts=counts, details=details)
        journal.of(workspace.home).record(event)
    return Added(
        tuple(text for text in wanted if text in new),
        tuple(text for text in wanted if text not in new),
    )


async def remove_conversation(
    workspace: Workspace, ref: SubjectRef, conversation_id: str, on_wait: OnWait = silently
) -> None:
    """Remove a conversation with its messages here; memories that name it stay.

    It comes back when a listing shows a memory that names it.

    Args:
        workspace: whose roster.
        ref: whose conversation.
        conversation_id: which.
        on_wait: is told who is waited for.

    Raises:
        NotInRoster: there is none.
    """

    def job(connection: Connection) -> None:
        pk = _known(connection, ref)
        conversation_pk = subjects.conversation_pks(connection, pk).get(conversation_id)
        if conversation_pk is None:
            raise NotInRoster(
                _("{name} has no conversation {id} here.").format(
                    name=ref.external_id, id=conversation_id
                )
            )
        messages.remove_conversation(connection, conversation_pk)
        erasing.note_unswept(connection)
        subjects.refresh_counts(connection, pk)

    event = Event(
        "remove",
        workspace.project,
        subject=ref,
        conversation_id=conversation_id,
        details={"what": "conversation"},
    )
    await _remove(workspace, event, job, on_wait)


def _journal_added(workspace: Workspace, refs: Sequence[SubjectRef], known_from: str) -> None:
    """Journal each of a few, of many how many there are."""
    details = {"what": "users", "known_from": known_from}
    if len(refs) > _NAMED:
        events = [Event("add", workspace.project, counts={"users": len(refs)}, details=details)]
    else:
        events = [Event("add", workspace.project, subject=ref, details=details) for ref in refs]
    journal.of(workspace.home).record(*events)


async def find_by_memory_id(
    workspace: Workspace, remote: Remote, memory_id: str
) -> SubjectRef | None:
    """Ask the service whose memory that is, add its subject to the roster, and return it.

    Returns:
        None where the service names neither a user nor an agent.

    Raises:
        NotFound: the service has no such memory.
        NotInRoster: it is of somebody who was erased here.
        CloudError: it could not be asked.
    """
    detail = await remote.get_memory(memory_id)
    ref = None
    if detail.user_id:
        ref = SubjectRef("user", detail.user_id)
    elif detail.agent_id:
        ref = SubjectRef("agent", detail.agent_id)
    if ref is not None:
        await add_owner(workspace, ref)
    return ref


async def add_owner(workspace: Workspace, ref: SubjectRef) -> bool:
    """Add whom the service says that a memory is of; return whether it is new on the roster.

    Whoever asks for a memory by its id does not know whose it is: somebody who was erased here is not
    brought back by that.

    Raises:
        NotInRoster: it was erased here, or that was begun.
        StoreError: the store cannot be used.
    """
    writer = await workspace.open_writer()
    if await writer.run(partial(subjects.pk_of, ref=ref)) is None:
        look = partial(erased_before.of_nobody, workspace.home, workspace.project, ref)
        if erased := await in_background(look):
            raise NotInRoster(absent.not_brought_back(ref, erased))
    return bool((await add_subjects(workspace, [ref], known_from="memory")).added)


async def mark_opened(
    workspace: Workspace, subject_pk: int, conversation_pk: int | None = None
) -> None:
    """Remember that a person looks at a subject, or at a conversation of it."""
    writer = await workspace.open_writer()
    await writer.run(
        partial(
            subjects.mark_opened,
            subject_pk=subject_pk,
            conversation_pk=conversation_pk,
            now=now_ms(),
        )
    )


async def _remove(
    workspace: Workspace, event: Event, job: Callable[[Connection], None], on_wait: OnWait
) -> None:
    """Run a job that removes something, alone, and take its words from the index."""
    async with (
        turns.turn(workspace, alone=True, on_wait=on_wait),
        journaled_async(workspace.home, event, N_("Nothing was removed")),
    ):
        await (await workspace.open_writer()).run(job)
        await in_background(partial(indexing.forget_removed, workspace.store_path))


def _known(connection: Connection, ref: SubjectRef) -> int:
    pk = subjects.pk_of(connection, ref)
    if pk is None:
        is_other = subjects.pk_of(connection, absent.other_kind(ref)) is not None
        raise NotInRoster(absent.nobody(ref, is_other=is_other))
    return pk
