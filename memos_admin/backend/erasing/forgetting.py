"""Looking what is here of somebody, and erasing it.

The order is such that whoever is killed on the way can be repeated: whose rows are still there can be
looked for elsewhere, and a removal leaves a note.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memos_admin.backend import absent, journal, screen_state
from memos_admin.backend.absent import NotInRoster
from memos_admin.backend.daemon import in_background
from memos_admin.backend.erasing import begun_here, unerased
from memos_admin.backend.erasing.in_backups import (
    delete,
    erase_in_backup,
    look_at_backup,
    told_of_room,
)
from memos_admin.backend.erasing.in_kept_stores import look_at_kept, why_left
from memos_admin.backend.erasing.plan import Erased, Plan
from memos_admin.backend.erasing.rewriting import lacking, rewrite_store
from memos_admin.backend.projects import elsewhere
from memos_admin.backend.saved_filters import SavedFilters
from memos_admin.backend.upkeep import backups, turns
from memos_admin.backend.upkeep.turns import OnWait
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.store import erasing, erasures, subjects
from memos_admin.store.backup import old_copies
from memos_admin.store.errors import StoreError, StoreUnwritable
from memos_admin.store.records import SubjectRef
from memos_admin.store.restoring import kept_stores, log_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from memos_admin.backend.home import Home
    from memos_admin.backend.projects.project import Project
    from memos_admin.backend.workspace import Workspace
    from memos_admin.store.erasures import Attempt


def look(home: Home, project: Project, ref: SubjectRef, let_go: Collection[str] = ()) -> Plan:
    """Return what is here of a subject. Changes nothing.

    Args:
        home: of all projects.
        project: where.
        ref: whom.
        let_go: ids of memories of it that the service has no more, which are nobody's then.

    Raises:
        StoreError: the store cannot be read.
        HomeError, ConfigError: the notes of backups cannot, or nobody knows which projects there are.
    """
    folder = project.store_dir
    store, shared = folder / "store.db", list[str]()
    tried = {each.at: each for each in unerased.attempts_of(folder, ref)}
    try:
        with erasing.looking(store) as connection:
            held = erasing.held(connection, ref, let_go)
            tried |= {each.at: each for each in erasures.open_of(connection, ref)}
            shared = erasing.shared(connection, ref)
    except FileNotFoundError:
        held = None
    known = backups.noted(folder)
    copies = tuple(
        told_of_room(look_at_backup(path, ref, project, let_go), folder) for path in known
    )
    return Plan(
        ref,
        held,
        backups=copies,
        old_copies=tuple(path for one in (store, *known) for path in old_copies(one)),
        leftovers=tuple(backups.left_half(folder)),
        replaced=tuple(look_at_kept(path, ref, project, let_go) for path in kept_stores(store)),
        screen=screen_state.names(screen_state.screen_state_path(folder), ref),
        unfinished=tuple(unerased.left(folder, ref)),
        shared=tuple(dict.fromkeys((*shared, *(each for copy in copies for each in copy.shared)))),
        elsewhere=elsewhere.look(home, project, ref),
        lacking=lacking(folder, copies),
        filters=tuple(saved.name for saved in SavedFilters(home, project).list()),
        attempts=tuple(tried[at] for at in sorted(tried)),
        begun=begun_here.entries(home, project, ref),
    )


def check_room(project: Project, plan: Plan) -> None:
    """Raise StoreUnwritable where the disk has no room (any more) for what a plan says; see `rewriting`."""
    if why := lacking(project.store_dir, plan.backups):
        raise StoreUnwritable(sentences(why, _("Nothing was erased.")))


async def forget(
    workspace: Workspace,
    ref: SubjectRef,
    on_wait: OnWait,
    let_go: Collection[str] = (),
    *,
    verified: bool | None = None,
) -> Erased:
    """Erase a subject here. Nothing is asked of the service, which keeps what it has.

    Args:
        workspace: where.
        ref: whom.
        on_wait: told who uses the store, where that is waited for.
        let_go: as `look` takes them; they go for everybody.
        verified: the service shows nothing any more of all that was known of it, so that attempts at its
            erasure end with this, unless something remains; False: not of all, so that the id stays on the
            roster, marked, for who has to end it; None: it was not asked.
            Attempts that do not end are known when it is erased once more.

    Raises:
        NotInRoster: there is nothing of it here.
        NotJournaled: it could not be journaled; nothing was erased.
        StoreUnwritable: the disk has no room for it; nothing was erased.
        StoreError, HomeError: it could not be done; what is left is found when it is repeated.
    """
    async with turns.turn(workspace, alone=True, on_wait=on_wait):
        return await in_background(partial(_forget, workspace, ref, on_wait, let_go, verified))


def _forget(
    workspace: Workspace,
    ref: SubjectRef,
    on_wait: OnWait,
    let_go: Collection[str],
    verified: bool | None,
) -> Erased:
    workspace.unlock()
    plan = look(workspace.home, workspace.project, ref, let_go)
    if plan.is_empty and not (verified is not None and plan.attempts):
        raise NotInRoster(absent.nothing(ref, said_elsewhere=plan.said_elsewhere))
    check_room(workspace.project, plan)
    event = journal.Event("forget", workspace.project, subject=ref)
    if verified is False:  # else what the deletion has read back stands in its own entry
        event = replace(event, details={"read_back": "unread"})
    _begin(workspace, plan, event)
    try:
        done = _erase(workspace, plan, on_wait, let_go, keeps_id=verified is False)
        tried = () if verified and not done.remains else _tried(plan)
        unerased.note(workspace.project.store_dir, ref, done.unerased, tried)
    except BaseException as error:
        journal.failed(workspace.home, event, error)
        raise
    # At once: who waits for this to end finds nothing that was begun.
    ended = replace(event, details={**event.details, **_details(done)})
    journal.settled(workspace.home, ended, _counts(done))
    return done


def _begin(workspace: Workspace, plan: Plan, event: journal.Event) -> None:
    """Note what is about to be erased, and journal it: whoever is killed from here on leaves that note.

    Raises:
        HomeError, NotJournaled: it could not be; nothing was erased.
    """
    folder, ref = workspace.project.store_dir, plan.ref
    before = unerased.attempts_of(folder, ref)
    unerased.note(folder, ref, _to_erase(workspace, plan), before)
    try:
        journal.begin(workspace.home, event, N_("Nothing was erased"))
    except BaseException:
        unerased.note(folder, ref, plan.unfinished, before)
        raise


def _to_erase(workspace: Workspace, plan: Plan) -> list[Path]:
    """Return the files in which something stands, or may, until it is erased there."""
    files = [*plan.leftovers, *plan.old_copies, *plan.unfinished]
    files += [one.path for one in plan.backups if one.problem or one.is_due]
    files += [one.path for one in plan.replaced if one.may_hold]
    files += [one.store for one in plan.elsewhere if one.is_left]
    if plan.held is not None and (plan.held.anything or plan.held.unswept):
        files.append(workspace.store_path)
    if plan.screen:
        files.append(screen_state.screen_state_path(workspace.project.store_dir))
    return list(dict.fromkeys(files))


def _tried(plan: Plan) -> list[Attempt]:
    """Return the attempts at an erasure as they are once the rows have gone."""
    return [replace(each, erased_here=True) for each in plan.attempts]


def _counts(done: Erased) -> dict[str, int]:
    counts, held = {"backups": len(done.backups), "remain": len(done.remains)}, done.plan.held
    if held is not None:
        counts |= {"messages": held.messages, "memories": held.memories}
    return counts


def _details(done: Erased) -> dict[str, Any]:
    """Return what the journal says of the end: whether something remains and where, and what it finishes."""
    details: dict[str, Any] = {}
    if done.remains:
        details |= {"ended": "in part", "remain": [str(path) for path in done.unerased]}
    if done.plan.begun:
        details["finishes"] = [str(number) for number in done.plan.begun]
    return details


def _erase(
    workspace: Workspace, plan: Plan, on_wait: OnWait, let_go: Collection[str], *, keeps_id: bool
) -> Erased:
    folder, ref = workspace.project.store_dir, plan.ref
    done, remove = Erased(plan), partial(erasing.remove, ref=ref, let_go=let_go)
    for path in (*plan.leftovers, *plan.old_copies):
        delete(path, done)
    _leave_kept(plan, done)
    for backup in plan.backups:
        if backup.problem:
            done.leave(backup.path, f"{backup.path}: {backup.problem}")
        elif backup.is_due:
            erase_in_backup(backup.path, folder, remove, on_wait, done)
    for other in plan.elsewhere:
        if other.is_left:
            done.leave(other.store, elsewhere.text_of(other, ref))
    # Before the rows go, without which nobody would look for the rest, nor know what was tried.
    tried = _tried(plan)
    unerased.note(folder, ref, {*_to_erase(workspace, plan), *done.unerased}, tried)
    if plan.held is not None:
        done.keeps_id = keeps_id and plan.held.known
        of_store: Callable[[Connection], bool] = remove
        if done.keeps_id:
            of_store = partial(_remove_all_but_the_id, remove, ref, tried, workspace.clock())
        workspace.writer.submit(of_store).result()
        try:
            rewrite_store(workspace.store_path, on_wait)
        except StoreError as error:  # the rows are gone: it is done in part, which the store notes
            done.leave(workspace.store_path, str(error))
    # Behind the rows, so that an open interface which still writes it is not the last to do so.
    screen_state.forget(screen_state.screen_state_path(folder), ref)
    return done


def _leave_kept(plan: Plan, done: Erased) -> None:
    """Note which kept stores remain, and their logs, which are to be deleted with them."""
    for kept in plan.replaced:
        if kept.may_hold:
            done.leave(kept.path, why_left(kept, plan.ref))
            log = log_of(kept.path)
            if log.exists() and log.stat().st_size:
                done.unerased.append(log)


def _remove_all_but_the_id(
    remove: Callable[[Connection], bool],
    ref: SubjectRef,
    tried: Collection[Attempt],
    now: int,
    connection: Connection,
) -> bool:
    """Remove what is stored of a subject; its id stays with what was tried, for who has to end that."""
    there_was = remove(connection)
    subjects.add(connection, [ref], "hand", now)
    for attempt in tried:
        erasures.note(connection, ref, attempt)
    return there_was
