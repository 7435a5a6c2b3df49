"""Reads everything of a person, in the service and here, and makes of it what an erasure is going to do."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.backend import absent
from memos_admin.backend.absent import NotInRoster
from memos_admin.backend.changing import subject
from memos_admin.backend.changing.subject import CannotDelete, NotAllRead, OnProgress
from memos_admin.backend.daemon import in_background
from memos_admin.backend.erasing import erased_before, forgetting, unfinished_erasures
from memos_admin.backend.erasing.erased_before import ErasedBefore
from memos_admin.backend.model import Filter
from memos_admin.backend.subject_access import naming
from memos_admin.backend.subject_access.bundle import Order
from memos_admin.backend.subject_access.erasure_plan import ErasurePlan
from memos_admin.language import gettext as _
from memos_admin.language import sentences

if TYPE_CHECKING:
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.workspace import Workspace


async def plan(
    workspace: Workspace,
    order: Order,
    *,
    archive: bool = True,
    archive_to: Path | None = None,
    although_unread: bool = False,
    on_progress: OnProgress | None = None,
) -> ErasurePlan:
    """Read everything of a subject that there is, and return what would be done.

    Args:
        workspace: the project.
        order: whom, for which request, and what the archive is to be like.
        archive: write one before.
        archive_to: where to; None: a new file, see `Home.unnamed_dir`.
        although_unread: plan it although not all can be read.
        on_progress: told how far the reading is.

    Raises:
        NotInRoster: nobody of this id is known here, nor in a backup.
        NotAllRead: not all could be read, so that nobody knows what would be erased; but where an earlier
            attempt has sent the deletion, and nothing is listed any more, it is planned all the same.
        CannotDelete: the file of the archive is there already, or the request names whom.
        CloudError, CredentialsError, StoreError, HomeError: it could not be read.
    """
    if order.names_whom:
        text = _(
            "The request {request} has the id of the person in it, which no receipt and no name of one is to "
            "have. Nothing was erased. Name the ticket by its number alone."
        )
        raise CannotDelete(text.format(request=order.request))
    known = await in_background(
        partial(forgetting.look, workspace.home, workspace.project, order.ref)
    )
    if known.is_empty and not known.attempts:
        unasked = _("MemOS was not asked, and nothing was erased.")
        look = partial(erased_before.of_nobody, workspace.home, workspace.project, order.ref)
        erased = await in_background(look)
        other = absent.other_kind(order.ref)
        there = not (
            await in_background(partial(forgetting.look, workspace.home, workspace.project, other))
        ).is_empty
        told = absent.nobody(order.ref, erased, is_other=there)
        raise NotInRoster(sentences(unasked, told))
    target = archive_to
    if target is None:
        folder = await in_background(workspace.home.unnamed_dir)
        target = folder / naming.suggest(workspace.project.title, order)
    try:
        service = await subject.plan(
            workspace,
            order.ref,
            export=archive,
            export_to=target,
            although_unread=although_unread,
            again=any(attempt.sent for attempt in known.attempts),
            shared=known.shared,
            on_progress=on_progress,
        )
    except NotAllRead as error:
        for attempt in known.attempts:
            error.add_note(unfinished_erasures.text_of(attempt))
        raise
    if archive and not await in_background(partial(_holds_anything, workspace, order)):
        service = replace(service, export=None)
    here = await in_background(
        partial(forgetting.look, workspace.home, workspace.project, order.ref)
    )
    until = here.attempts[0].at if here.attempts else None
    before = await in_background(partial(_before, workspace, order.ref, until))
    folder, project = target.absolute().parent, workspace.project.name
    return ErasurePlan(order, service, here, folder, project, before)


def _before(workspace: Workspace, ref: SubjectRef, until: int | None) -> ErasedBefore | None:
    return erased_before.among(workspace.home, workspace.project, [ref], until).get(ref)


def _holds_anything(workspace: Workspace, order: Order) -> bool:
    """Whether the store has a message or a memory of the subject, also one that is gone."""
    with workspace.open_reads() as reads:
        found = reads.subject(order.ref)
        if found is None:
            return False
        return found.messages > 0 or reads.memory_count(Filter(subject=order.ref)) > 0
