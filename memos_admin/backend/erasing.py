"""Erasing somebody here: the rows, the words in the index, what files keep of them, and backups.

`roster.remove_subject` removes rows and words. This does that too, and then whatever else this machine
is known to hold: free space of the files, their logs, backups, copies from before an upgrade, what a
killed program left, and where the screen was left. The order is such that whoever is killed on the way
can be repeated: whose rows are still there can be looked for elsewhere, and a removal leaves a note.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from memos_admin.backend import absent, elsewhere, encryption, journal, screen_state, unerased
from memos_admin.backend.daemon import in_background
from memos_admin.backend.elsewhere import Elsewhere
from memos_admin.backend.encryption import finishing
from memos_admin.backend.roster import NotInRoster
from memos_admin.backend.upkeep import backups, indexing, retention, turns
from memos_admin.backend.upkeep.retention import Dropped
from memos_admin.backend.upkeep.turns import OnWait
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.store import damage, erasing, rewriting
from memos_admin.store.backup import mark_of, old_copies
from memos_admin.store.converting import erase
from memos_admin.store.erasing import NAMES, Held
from memos_admin.store.errors import StoreBroken, StoreError, StoreUnwritable
from memos_admin.store.records import SubjectRef
from memos_admin.store.restoring import replaced
from memos_admin.store.schema import open_current
from memos_admin.store.search.index import path_beside
from memos_admin.store.writer import Writer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from memos_admin.backend.home import Home
    from memos_admin.backend.project import Project
    from memos_admin.backend.workspace import Workspace

_OTHERS = "waiting for other programs that use the store or its search index"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written once.

    Attributes:
        held: what it holds of the subject; None where that is not known.
        problem: why it is out of reach, a sentence; ``""``: it is not.
        shared: ids of memories that it has for others too.
    """

    path: Path
    held: Held | None = None
    problem: str = ""
    shared: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_due(self) -> bool:
        """Whether something is to be erased there, and can be."""
        held = self.held
        return not self.problem and held is not None and (held.anything or held.unswept)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is here of a subject.

    Attributes:
        held: what the store holds; None where there is no store.
        backups: those that are known.
        old_copies: of the store, from before it was upgraded; they are deleted whole.
        leftovers: of programs that were killed; they are deleted.
        replaced: stores whose place backups have taken; they are left, and told.
        screen: the screen was left at the subject.
        unfinished: files that an earlier erasure of it could not reach.
        shared: ids of memories that the store or a backup has for others too.
        elsewhere: other projects here that hold it, or may.
        lacking: why the disk of the store has no room to erase it, and what to do; ``""``: it has.
    """

    ref: SubjectRef
    held: Held | None
    backups: tuple[Backup, ...] = ()
    old_copies: tuple[Path, ...] = ()
    leftovers: tuple[Path, ...] = ()
    replaced: tuple[Path, ...] = ()
    screen: bool = False
    unfinished: tuple[Path, ...] = ()
    shared: tuple[str, ...] = field(default=(), repr=False)
    elsewhere: tuple[Elsewhere, ...] = ()
    lacking: str = ""

    @property
    def said_elsewhere(self) -> int:
        """Messages that it said in conversations of others, which an erasure leaves there."""
        return 0 if self.held is None else self.held.said_elsewhere

    @property
    def is_empty(self) -> bool:
        """Whether nothing is here of the subject, and nothing of an earlier removal is left to do."""
        return not (
            (self.held is not None and (self.held.anything or self.held.unswept))
            or any(backup.held is not None and backup.held.anything for backup in self.backups)
            or self.screen
            or self.unfinished
        )


@dataclass(slots=True)
class Erased:
    """What came of it.

    Attributes:
        plan: what was here.
        backups: those that were erased in.
        deleted: files that were deleted.
        remains: what could not be erased and what to do, a sentence or two each.
        unerased: the files that is about.
    """

    plan: Plan
    backups: list[Path] = field(default_factory=list)
    deleted: list[Path] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)
    unerased: list[Path] = field(default_factory=list)

    def leave(self, path: Path, why: str) -> None:
        """Note that a file remains as it is, and why."""
        self.remains.append(why)
        self.unerased.append(path)


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
    try:
        with erasing.looking(store) as connection:
            held = erasing.held(connection, ref, let_go)
            shared = [memory_id for memory_id, _gone in erasing.shared(connection, ref)]
    except FileNotFoundError:
        held = None
    known = backups.noted(folder)
    copies = tuple(
        _told_of_room(_look_at_backup(path, ref, project, let_go), folder) for path in known
    )
    return Plan(
        ref,
        held,
        backups=copies,
        old_copies=tuple(path for one in (store, *known) for path in old_copies(one)),
        leftovers=tuple(backups.left_half(folder)),
        replaced=tuple(replaced(store)),
        screen=screen_state.names(screen_state.screen_state_path(folder), ref),
        unfinished=tuple(unerased.left(folder, ref)),
        shared=tuple(dict.fromkeys((*shared, *(each for copy in copies for each in copy.shared)))),
        elsewhere=elsewhere.look(home, project, ref),
        lacking=_lacking(folder, copies),
    )


def check_room(project: Project, plan: Plan) -> None:
    """Raise StoreUnwritable where the disk has no room (any more) for what a plan says; see `rewriting`."""
    if why := _lacking(project.store_dir, plan.backups):
        raise StoreUnwritable(sentences(why, _("Nothing was erased.")))


def _lacking(folder: Path, copies: Sequence[Backup] = ()) -> str:
    """Return why there is no room to rewrite a store, its index and backups, one after the other."""
    store = folder / "store.db"
    to_rewrite = [store, path_beside(store), *(copy.path for copy in copies if copy.is_due)]
    return next(filter(None, (rewriting.lacking(path, folder) for path in to_rewrite)), "")


async def forget(
    workspace: Workspace, ref: SubjectRef, on_wait: OnWait, let_go: Collection[str] = ()
) -> Erased:
    """Erase a subject here. Nothing is asked of the service, which keeps what it has.

    `let_go`: as `look` takes them; they go for everybody.

    Raises:
        NotInRoster: there is nothing of it here.
        NotJournaled: it could not be journaled; nothing was erased.
        StoreUnwritable: the disk has no room for it; nothing was erased.
        StoreError, HomeError: it could not be done; what is left is found when it is repeated.
    """
    async with turns.turn(workspace, alone=True, on_wait=on_wait):
        return await in_background(partial(_forget, workspace, ref, on_wait, let_go))


async def tidy(workspace: Workspace, on_wait: OnWait) -> Dropped:
    """Drop what is no longer to be kept; rewrite the store and its index without what was removed.

    What killed programs have left half-way is deleted too.

    Raises:
        HomeError, StoreError: it could not be done; see `retention.apply`.
    """
    async with turns.turn(workspace, alone=True, on_wait=on_wait):
        if why := await in_background(partial(_lacking, workspace.project.store_dir)):
            raise StoreUnwritable(sentences(why, _("Nothing was changed.")))
        dropped = await retention.apply(workspace)
        await in_background(partial(finishing.drop_left_half, workspace.project.store_dir))
        await in_background(partial(_rewrite_store, workspace.store_path, on_wait))
    return dropped


def out_of_retention(project: Project) -> list[Path]:
    """Return the copies of a store that `tidy` leaves as they are: backups, older and replaced ones.

    Raises:
        HomeError: the notes of backups cannot be read.
    """
    store = project.store_dir / "store.db"
    known = [path for path in backups.noted(project.store_dir) if path.exists()]
    return [*known, *old_copies(store), *replaced(store)]


async def drop_missing(workspace: Workspace, on_wait: OnWait) -> list[Path]:
    """Take off the notes the backups that are not there, since somebody says that they were deleted.

    Raises:
        NotJournaled: it could not be journaled; the notes stay.
        HomeError: the notes cannot be read or written.
    """
    async with turns.turn(workspace, alone=True, on_wait=on_wait):
        return await in_background(partial(_drop_missing, workspace))


def _drop_missing(workspace: Workspace) -> list[Path]:
    folder = workspace.project.store_dir
    missing = [path for path in backups.noted(folder) if backups.missing(path)]
    with ExitStack() as journaled:
        for path in missing:
            details = {"what": "missing backup"}
            event = journal.Event("remove", workspace.project, file=str(path), details=details)
            journaled.enter_context(
                journal.journaled(workspace.home, event, N_("Nothing was changed"))
            )
        backups.drop(folder, missing)
    return missing


def _forget(
    workspace: Workspace, ref: SubjectRef, on_wait: OnWait, let_go: Collection[str]
) -> Erased:
    workspace.unlock()
    plan = look(workspace.home, workspace.project, ref, let_go)
    if plan.is_empty:
        raise NotInRoster(absent.nothing(ref, said_elsewhere=plan.said_elsewhere))
    check_room(workspace.project, plan)
    event = journal.Event("forget", workspace.project, subject=ref)
    with journal.journaled(workspace.home, event, N_("Nothing was erased")) as counts:
        done = _erase(workspace, plan, on_wait, let_go)
        if plan.held is not None:
            counts["messages"], counts["memories"] = plan.held.messages, plan.held.memories
        counts["backups"], counts["remain"] = len(done.backups), len(done.remains)
    return done


def _erase(workspace: Workspace, plan: Plan, on_wait: OnWait, let_go: Collection[str]) -> Erased:
    folder, ref = workspace.project.store_dir, plan.ref
    done, remove = Erased(plan), partial(erasing.remove, ref=ref, let_go=let_go)
    for path in (*plan.leftovers, *plan.old_copies):
        _delete(path, done)
    for path in plan.replaced:
        why = "is a store whose place a backup has taken, and may hold something of it. Delete it."
        done.leave(path, f"{path} {why}")
    for backup in plan.backups:
        if backup.problem:
            done.leave(backup.path, f"{backup.path}: {backup.problem}")
        elif backup.is_due:
            _erase_in_backup(backup.path, folder, remove, on_wait, done)
    for other in plan.elsewhere:
        if other.is_left:
            done.leave(other.store, elsewhere.text_of(other, ref))
    # Before the rows go, without which nobody would look for the rest.
    unerased.note(folder, ref, done.unerased)
    if plan.held is not None:
        workspace.writer.submit(remove).result()
        try:
            _rewrite_store(workspace.store_path, on_wait)
        except StoreError as error:  # the rows are gone: it is done in part, which the store notes
            done.remains.append(str(error))
    # Behind the rows, so that an open interface which still writes it is not the last to do so.
    screen_state.forget(screen_state.screen_state_path(folder), ref)
    return done


def _rewrite_store(store: Path, on_wait: OnWait) -> None:
    """Rewrite the files of a store and of its index, and take the note of that away at the end."""
    waiting = partial(on_wait, _OTHERS)
    with closing(open_current(store)) as connection:
        note = erasing.unswept(connection)
        rewriting.rewrite(connection, store, store.parent, waiting)
        indexing.forget_removed(store, rewriting=waiting)
        erasing.note_swept(connection, note)


def _erase_in_backup(
    path: Path,
    folder: Path,
    remove: Callable[[Connection], bool],
    on_wait: OnWait,
    done: Erased,
) -> None:
    """Erase somebody in a backup, which is brought to the newest schema for that."""
    ref = done.plan.ref
    then = f"memos-admin store forget --{ref.kind} {quote(ref.external_id)}"
    try:
        writer = Writer(path)
        try:
            writer.submit(remove).result()
        finally:
            writer.close()
        with closing(open_current(path)) as connection:
            note = erasing.unswept(connection)
            rewriting.rewrite(
                connection,
                path,
                folder,
                partial(on_wait, f"waiting for another program that uses {path}"),
                then=then,
            )
            erasing.note_swept(connection, note)
            connection.execute("PRAGMA journal_mode = DELETE")
    except StoreError as error:
        done.leave(path, f"{path}: {backups.why_not(error)}")
        return
    done.backups.append(path)
    for copy in old_copies(path):
        _delete(copy, done)


def _look_at_backup(
    path: Path, ref: SubjectRef, project: Project, let_go: Collection[str]
) -> Backup:
    if problem := backups.missing(path):
        return Backup(path, problem=problem)
    try:
        encryption.open_copy_as_it_is(path, project)
        with erasing.looking(path) as connection:
            if mark_of(connection) != str(project.uuid):
                problem = _("It is no backup of this project's store. It was left as it is.")
                return Backup(path, problem=problem)
            # Before a byte is written: what is damaged is left for somebody to look at.
            if damage.reason(connection) is not None:
                return Backup(path, problem=backups.damaged())
            shared = tuple(each for each, _gone in erasing.shared(connection, ref))
            return Backup(path, erasing.held(connection, ref, let_go), shared=shared)
    except StoreBroken:
        return Backup(path, problem=backups.damaged())
    except (StoreError, OSError) as error:
        problem = _("{error} It was left as it is: look at it yourself.").format(error=error)
        return Backup(path, problem=problem)


def _told_of_room(backup: Backup, folder: Path) -> Backup:
    """Return a backup with the problem that it is on another disk, which has no room to rewrite it."""
    why = rewriting.lacking_beside(backup.path, folder) if backup.is_due else ""
    return replace(backup, problem=sentences(why, _("It was left as it is."))) if why else backup


def _delete(path: Path, done: Erased) -> None:
    try:
        if path.is_dir():
            erase(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        done.leave(path, f"{path} cannot be deleted: {error.strerror}. Delete it yourself.")
    else:
        done.deleted.append(path)


__all__ = ["NAMES", "Backup", "Erased", "Held", "Plan", "forget", "look", "tidy"]
