"""Backups that can take the place of a project's store: which there are, and putting one there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from memos_admin.backend.display import both_ends, printable
from memos_admin.backend.times import now_ms
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.tui import background
from memos_admin.tui.importing import imported
from memos_admin.tui.reader import in_thread
from memos_admin.tui.screens.dialogs import Ask, Choice
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.dialog import Dialog
from memos_admin.tui.words import phrases
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.projects.project import Project
    from memos_admin.backend.upkeep.restoring import Holds, Offer
    from memos_admin.backend.workspace import Workspace
    from memos_admin.tui.app import MemosAdmin

_PATH_CELLS = 50


async def offer(app: MemosAdmin, project: Project) -> None:
    """Show the backups of a project's store; put one in its place, and open it, where one is chosen.

    Raises:
        StoreError, HomeError: they cannot be looked at.
    """
    restoring = await imported("memos_admin.backend.upkeep.restoring")

    def look() -> tuple[list[Offer], Holds | None]:
        workspace = _workspace(app, project)
        workspace.unlock(to_replace=True)
        return list(restoring.offers(project)), restoring.standing(workspace)

    offers, there = await in_thread(look)
    usable = [copy for copy in offers if not copy.problem or copy.is_locked]

    def chosen(key: str | None) -> None:
        if key and usable[int(key)].is_locked:
            _ask_key(app, project, usable[int(key)], agree)
        elif key:
            agree(usable[int(key)])

    def agree(copy: Offer) -> None:
        put = partial(_put_in_place, app, project, copy.path)
        begin = partial(background.start, app, put, "restore", exclusive=False)
        if there is None or copy.holds is None:
            begin()
        else:
            app.push_screen(
                _agreement(there, copy.holds), lambda agreed: begin() if agreed else None
            )

    options = [("", _("leave the store as it is"))]
    options += [(str(n), _named(copy, project)) for n, copy in enumerate(usable)]
    title = _("Backups of {project}").format(project=project.title)
    app.push_screen(Choice(title, options, text=_told(project, offers, usable), wide=True), chosen)


def _ask_key(
    app: MemosAdmin, project: Project, copy: Offer, go_on: Callable[[Offer], None]
) -> None:
    """Ask for the key of a copy that has another one than the store, and go on with the copy."""
    opened: list[Offer] = []

    async def take(text: str) -> str:
        restoring = await imported("memos_admin.backend.upkeep.restoring")
        look = partial(
            restoring.look, copy.path, project, ask=lambda wrong: None if wrong else text
        )
        found: Offer = await in_thread(look)
        if not found.problem:
            opened.append(found)
        return found.problem

    def closed(_text: str | None) -> None:
        if opened:
            go_on(opened[0])

    text = _(
        "It is encrypted with another key than the store has now. Type the passphrase that the store had "
        "then, or its recovery key of that time. In the place of the store it has what that has now: its key, or "
        "none."
    )
    title = _("Key of {name}").format(name=copy.path.name)
    app.push_screen(Ask(title, text, hidden=True, take=take), closed)


def _agreement(there: Holds, copy: Holds) -> Choice:
    """Return the question whether a whole store is to give its place to a copy."""
    text = [
        _("The store is whole. {amount}").format(amount=_amount(there)),
        _("The backup: {amount}").format(amount=_amount(copy)),
        _("What only the store has is then no longer used; it is kept beside it."),
    ]
    options = [
        ("", _("leave the store as it is")),
        ("put", _("put the backup in its place")),
    ]
    return Choice(_("Replace a whole store"), options, text="\n\n".join(text), wide=True)


def _amount(holds: Holds) -> str:
    text = _(
        "Users and agents: {subjects}, messages: {messages}, memories: {memories}; last fetched {age}."
    )
    return text.format(
        subjects=phrases.count(holds.subjects),
        messages=phrases.count(holds.messages),
        memories=phrases.count(holds.memories),
        age=_("never") if holds.newest is None else phrases.ago(holds.newest, now_ms()),
    )


def _workspace(app: MemosAdmin, project: Project) -> Workspace:
    from memos_admin.backend.workspace import Workspace

    return Workspace(project, app.home, find_key=app.given_keys.get(project.uuid))


def _named(copy: Offer, project: Project) -> str:
    """Return a copy as it is chosen: when it was made, and its name."""
    if copy.is_plain_copy_of(project):
        return _("{time}  {name}, not encrypted").format(time=_when(copy), name=copy.path.name)
    if not copy.is_locked:
        return f"{_when(copy)}  {copy.path.name}"
    return _("{time}  {name}, its key is asked for").format(time=_when(copy), name=copy.path.name)


def _when(copy: Offer) -> str:
    time = copy.written_at[:16].replace("T", " ")
    if copy.time_from == "file":
        return _("{time} UTC, by its file").format(time=time)
    return _("{time} UTC").format(time=time)


def _told(project: Project, offers: Sequence[Offer], usable: Sequence[Offer]) -> str:
    """Return what a person should know before one is chosen."""
    store = both_ends(str(project.store_dir / "store.db"), _PATH_CELLS)
    if not usable:
        parts = [
            _("There is no backup that could take the place of the store. It is left as it is."),
            _("To put a damaged store aside and start anew: memos-admin store restore --none"),
        ]
    else:
        kept = _(
            "One that is chosen takes the place of {store}; what is there now is kept beside it. What was "
            "read since is not in it, and who was erased since may be in it again."
        ).format(store=store)
        parts = [kept]
    parts += [
        f"{both_ends(str(o.path), _PATH_CELLS)}: {o.problem}"
        for o in offers
        if o.problem and o not in usable
    ]
    if any(copy.is_plain_copy_of(project) for copy in offers):
        parts.append(
            _(
                "The store is encrypted, and not each of its backups is. To encrypt those that are not: "
                "memos-admin store encrypt"
            )
        )
    parts.append(_("One that is not listed: memos-admin store restore FILE"))
    return "\n\n".join(parts)


async def _put_in_place(app: MemosAdmin, project: Project, copy: Path) -> None:
    """Close the project, put a copy in the place of its store, and open it again, whatever came of it."""
    waiting = _Working(_("Putting the backup in the place of the store …"))
    await app.push_screen(waiting)
    if app.session is not None and app.session.workspace.project.uuid == project.uuid:
        await app.close_project()
    restoring = await imported("memos_admin.backend.upkeep.restoring")
    workspace = _workspace(app, project)
    try:
        kept = await restoring.restore(workspace, copy, app.tell_from_thread)
    except Exception as error:  # noqa: BLE001 - whatever it is, the project is opened and says it
        title, text = _("Nothing was put back"), said_by(error)
    else:
        title, text = _("Put back from a backup"), _outcome(copy, kept)
    finally:
        await workspace.close()
    app.show_project(project)
    app.show_text(title, text)


def _outcome(copy: Path, kept: Path | None) -> str:
    done = _("A copy of {copy} is in the place of the store.").format(copy=copy)
    if kept is not None:
        stays = _("What was there is kept as {path}. Delete it when nothing in it is missed.")
        done = sentences(done, stays.format(path=kept))
    after = _(
        "What was read since the backup is not in it: sync all users. Who was erased since may be in it "
        "again: erase them once more."
    )
    return f"{done}\n\n{after}"


class _Working(Veiled, ModalScreen[None]):
    """Says what is being done, for as long as nothing else can be."""

    DEFAULT_CSS = "_Working { align: center middle; }"

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Return the text."""
        with Dialog():
            yield Static(Content(printable(self._text)))
