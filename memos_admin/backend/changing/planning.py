"""Makes plans: asks the service what each memory says now. Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from memos_admin.backend import journal
from memos_admin.backend.changing.plan import NO_EDIT, Act, BadChange, Edit, Passed, Plan, Step
from memos_admin.backend.changing.said import Said, ask
from memos_admin.backend.changing.sending import nothing_sent
from memos_admin.backend.daemon import in_background
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace

_PLAIN = frozenset({"detail_factual", "preference", "event"})
"""Views whose texts are fields of the service: listed and asked for by id they are the same."""


async def plan(
    workspace: Workspace,
    act: Act,
    memory_ids: Sequence[str],
    edit: Edit = NO_EDIT,
    edits: Mapping[str, Edit] = MappingProxyType({}),
) -> Plan:
    """Return what exactly would be done.

    Args:
        workspace: the project.
        act: what.
        memory_ids: to which memories; each once.
        edit: what the memory shall say.
        edits: what single ones shall say, by their ids, or what is said of them.

    Raises:
        BadChange: the edit says nothing, or nothing that the service would take.
        CloudError: the service could not be asked.
        CredentialsError: there is no key for the project.
        StoreError, HomeError: the store cannot be read.
    """
    if act == "edit":
        for one in edits.values() if edits else (edit,):
            _check(one)
    ids = list(dict.fromkeys(memory_ids))
    with nothing_sent():
        remote = await workspace.remote()
        found = await asyncio.gather(*(ask(remote, each) for each in ids))
        here = await in_background(partial(_stored, workspace, ids))
    steps: list[Step] = []
    passed: list[Passed] = []
    for memory_id, said in zip(ids, found, strict=True):
        wanted = edits.get(memory_id, edit)
        why = _not_to_be_done(act, said, wanted)
        if said is None or why:
            failed = said is None or act in {"edit", "feedback"}
            passed.append(Passed(memory_id, why, failed=failed))
        else:
            steps.append(Step(act, said, _changes(said, wanted), here=_else(said, here)))
    journaled = (await in_background(journal.of(workspace.home).settings)).enabled
    return Plan(act, tuple(steps), workspace.project.title, tuple(passed), journaled)


def _check(edit: Edit) -> None:
    if edit.title is None and edit.content is None:
        raise BadChange(_("Say what the memory shall say: a title or a content."))
    if not all(text is None or text.strip() for text in (edit.title, edit.content)):
        raise BadChange(
            _("MemOS takes no empty title or content. To take a memory away, delete it.")
        )


def _not_to_be_done(act: Act, said: Said | None, edit: Edit) -> str:
    """Return why a memory is passed over, ``""``: it is not."""
    if said is None:
        return _("MemOS has no memory with this id.")
    if act == "feedback" and (
        said.ref is None or said.ref.kind != "user" or not said.conversation_id
    ):
        return _("MemOS takes words only about what a user said in a conversation, and names none.")
    return _stands(act, said.status) or (_no_edit(said, edit) if act == "edit" else "")


def _stands(act: Act, status: str | None) -> str:
    """Return why nothing is to be done to a memory of a status, ``""``: something is."""
    if status == "deleted" and act != "restore":
        return _("It is deleted already.")
    if status in {"activated", "resolving"} and act == "restore":
        return _("It is active already.")
    return _("It is archived already.") if (act, status) == ("archive", "archived") else ""


def _no_edit(said: Said, edit: Edit) -> str:
    """Return why a memory cannot be edited like that, ``""``: it can."""
    if said.view == "profile" and edit.content is not None:
        return _("The text of a profile is made of its fields, and cannot be edited.")
    return "" if _changes(said, edit) != NO_EDIT else _("It says that already.")


def _changes(said: Said, edit: Edit) -> Edit:
    """Return what of an edit is another text than what the memory says."""
    return Edit(
        None if edit.title == said.title else edit.title,
        None if edit.content == said.content else edit.content,
        edit.feedback,
    )


def _stored(workspace: Workspace, memory_ids: Sequence[str]) -> dict[str, Said]:
    """Return what the store has of memories."""
    with workspace.open_reads() as reads:
        found = [memory for each in memory_ids for memory in reads.memory(each)[:1]]
    return {
        memory.memory_id: Said(
            memory.memory_id, memory.view, memory.title, memory.content, memory.status, memory.ref
        )
        for memory in found
    }


def _else(said: Said, here: dict[str, Said]) -> Said | None:
    """Return what the store has of a memory, where that is something else."""
    stored = here.get(said.memory_id)
    if stored is None:
        return None
    if said.view not in _PLAIN:
        stored = replace(stored, title=said.title, content=said.content)
    if stored.title is None:  # not every list has a title
        stored = replace(stored, title=said.title)
    if said.status is None:
        stored = replace(stored, status=None)
    return None if stored.text == said.text else stored
