"""What ``'`` opens: filters of memories that are saved under a name: chosen, saved, renamed, removed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from textual.screen import Screen

from memos_admin.backend.display import masked
from memos_admin.backend.filter_language import printed
from memos_admin.backend.home import HomeError
from memos_admin.backend.model import Filter
from memos_admin.backend.projects.project import ProjectError
from memos_admin.backend.saved_filters import SavedFilter, SavedFilters
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.reader import in_thread
from memos_admin.tui.session import Session
from memos_admin.tui.telling import tell
from memos_admin.tui.words import narrowing
from memos_admin.tui.words.failures import said_by

_SAVE, _RENAME, _REMOVE = "+save", "+rename", "+remove"
"""Keys beside those of saved filters, which begin with ``=``."""

_AGO = re.compile(r":\S*\d[mhdw]\b")


class Narrowed(Protocol):
    """What has a filter of memories that is active.

    Attributes:
        typed: the last text that was typed for it, and what that meant.
    """

    typed: tuple[str, Filter]

    @property
    def chosen(self) -> Filter:
        """The filter that is active."""


class SavedFilterDialogs:
    """The dialogs over a screen."""

    def __init__(
        self,
        screen: Screen[Any],
        session: Session,
        narrowed: Narrowed,
        use: Callable[[SavedFilter], None],
    ) -> None:
        """Take the screen, the project, what has the active filter, and what takes a saved one."""
        self._screen, self._narrowed, self._use = screen, narrowed, use
        self._filters = SavedFilters(session.workspace.home, session.workspace.project)

    async def choose(self) -> None:
        """Choose a saved filter, or save the one that is active."""
        try:
            known = await in_thread(self._filters.list)
        except HomeError as error:
            self._say(said_by(error))
        else:
            await self._choose(known)

    def _say(self, text: str) -> None:
        tell(self._screen, text)

    async def _choose(self, known: tuple[SavedFilter, ...]) -> None:
        from memos_admin.tui.screens.dialogs import Choice

        now = self._narrowed.chosen
        options = [(f"={one.name}", _line(one)) for one in known]
        if narrowing.wider(now) != now:
            options.append((_SAVE, _("save the filter that is active …")))
        if known:
            options += [(_RENAME, _("rename one …")), (_REMOVE, _("remove one …"))]
        if not options:
            self._say(_("No filter is saved, and none is active that could be."))
            return

        def chosen(key: str | None) -> None:
            if key == _SAVE:
                self._ask_name()
            elif key in {_RENAME, _REMOVE}:
                self._choose_one(known, rename=key == _RENAME)
            elif key is not None:
                self._use(next(one for one in known if f"={one.name}" == key))

        shown = next((f"={one.name}" for one in known if _is(one, now)), None)
        text = _("They hold for memories of any user, and are kept in config.toml.")
        dialog = Choice(_("Saved filters"), options, text=text, chosen=shown, wide=True)
        await self._screen.app.push_screen(dialog, chosen)

    def _ask_name(self) -> None:
        from memos_admin.tui.screens.dialogs import Ask

        typed = self._typed()
        if masked(typed) != typed:
            self._say(_("It holds what is masked. Show it first."))
            return
        text = _("A name for: {filter}").format(filter=typed)
        self._screen.app.push_screen(
            Ask(
                _("Save the filter"), text, prompt=_("name"), take=partial(self._save_filter, typed)
            )
        )

    def _typed(self) -> str:
        """Return the active filter as it is saved: as it was typed where it counts back from now."""
        text, meant = self._narrowed.typed
        now = self._narrowed.chosen
        chosen = replace(now, subject=None, conversation_id=None)
        if _AGO.search(text) and meant == now == chosen:
            return text.strip()
        return printed(chosen)

    async def _save_filter(self, typed: str, name: str) -> str:
        return await self._told(
            lambda: self._filters.save(name, typed), _("Saved the filter {name}.")
        )

    def _choose_one(self, known: tuple[SavedFilter, ...], *, rename: bool) -> None:
        from memos_admin.tui.screens.dialogs import Ask, Choice

        def chosen(name: str | None) -> None:
            if name is None:
                return
            if rename:
                title = _("Rename the filter {name}").format(name=name)
                ask = Ask(
                    title, _("Another name."), value=name, take=partial(self._rename_saved, name)
                )
                self._screen.app.push_screen(ask)
            else:
                background.start(self._screen, partial(self._remove_saved, name), "save filter")

        title = _("Rename which?") if rename else _("Remove which?")
        self._screen.app.push_screen(
            Choice(title, [(one.name, _line(one)) for one in known], wide=True), chosen
        )

    async def _rename_saved(self, name: str, new_name: str) -> str:
        return await self._told(
            lambda: self._filters.rename(name, new_name), _("The filter is called {name} now.")
        )

    async def _remove_saved(self, name: str) -> None:
        problem = await self._told(
            lambda: self._filters.remove(name), _("Removed the filter {name}: {filter}")
        )
        if problem:
            self._say(problem)

    async def _told(self, do: Callable[[], SavedFilter], text: str) -> str:
        """Do something with a saved filter and say so; return why it cannot be done."""
        try:
            done = await in_thread(do)
        except (ProjectError, HomeError) as problem:
            return said_by(problem)
        self._say(text.format(name=done.name, filter=done.typed))
        return ""


def _line(saved: SavedFilter) -> str:
    if problem := saved.problem:
        text = _("{name} · broken: {why} · {filter}")
        return text.format(name=saved.name, why=problem, filter=saved.typed)
    return f"{saved.name} · {saved.typed}"


def _is(saved: SavedFilter, now: Filter) -> bool:
    try:
        return (saved.filter(None) if type(now) is Filter else saved.verdict_filter(None)) == now
    except ProjectError:
        return False
