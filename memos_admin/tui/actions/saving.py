"""Filters of the memories that are saved under a name: chosen, saved, renamed, removed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from memos_admin.backend.display import masked
from memos_admin.backend.filter_language import printed
from memos_admin.backend.home import HomeError
from memos_admin.backend.model import Filter
from memos_admin.backend.project import ProjectError
from memos_admin.backend.saved_filters import SavedFilter, SavedFilters
from memos_admin.language import gettext as _
from memos_admin.tui import narrowing
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.failures import said_by
from memos_admin.tui.reader import in_thread

_SAVE, _RENAME, _REMOVE = "+save", "+rename", "+remove"
"""Keys beside those of saved filters, which begin with ``=``."""

_AGO = re.compile(r":\S*\d[mhdw]\b")


class SavingActions(Acting, inherit_bindings=False):
    """What ``'`` opens."""

    def action_saved_filters(self) -> None:
        """Choose a saved filter, or save the one that is active."""
        self.work(self._choose_saved, "pick")

    async def _choose_saved(self) -> None:
        from memos_admin.tui.screens.dialogs import Choice

        known = await self._saved()
        options = [(f"={one.name}", _line(one)) for one in known]
        if narrowing.wider(self.desk.chosen) != self.desk.chosen:
            options.append((_SAVE, _("save the filter that is active …")))
        if known:
            options += [(_RENAME, _("rename one …")), (_REMOVE, _("remove one …"))]
        if not options:
            self.say(_("No filter is saved, and none is active that could be."))
            return

        def chosen(key: str | None) -> None:
            if key == _SAVE:
                self._ask_name()
            elif key in {_RENAME, _REMOVE}:
                self._choose_one(known, rename=key == _RENAME)
            elif key is not None:
                self._use(next(one for one in known if f"={one.name}" == key))

        now = self.desk.chosen
        shown = next((f"={one.name}" for one in known if _is(one, now)), None)
        text = _("They hold for memories of any user, and are kept in config.toml.")
        dialog = Choice(_("Saved filters"), options, text=text, chosen=shown, wide=True)
        await self.app.push_screen(dialog, chosen)

    async def _saved(self) -> tuple[SavedFilter, ...]:
        return await in_thread(self._filters.list)

    @property
    def _filters(self) -> SavedFilters:
        workspace = self.session.workspace
        return SavedFilters(workspace.home, workspace.project)

    def _use(self, saved: SavedFilter) -> None:
        try:
            wanted = saved.filter(None)
        except ProjectError as error:
            self.say(said_by(error))
            return
        self.desk.chosen = wanted
        if self.pane != "memories":
            self.go_to("memories")
        self.show_state()
        self.work(self.desk.show_memories, "filter memories-pane")

    def _ask_name(self) -> None:
        from memos_admin.tui.screens.dialogs import Ask

        typed = self._typed()
        if masked(typed) != typed:
            self.say(_("It holds what is masked; {key} shows it.").format(key=self.key("mask")))
            return
        text = _("A name for: {filter}").format(filter=typed)
        self.app.push_screen(
            Ask(
                _("Save the filter"), text, prompt=_("name"), take=partial(self._save_filter, typed)
            )
        )

    def _typed(self) -> str:
        """Return the active filter as it is saved: as it was typed where it counts back from now."""
        text, meant = self.desk.typed
        chosen = replace(self.desk.chosen, conversation_id=None)
        if _AGO.search(text) and meant == self.desk.chosen and chosen == self.desk.chosen:
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
                self.app.push_screen(ask)
            else:
                self.work(partial(self._remove_saved, name), "save filter")

        title = _("Rename which?") if rename else _("Remove which?")
        self.app.push_screen(
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
            self.say(problem)

    async def _told(self, do: Callable[[], SavedFilter], text: str) -> str:
        """Do something with a saved filter and say so; return why it cannot be done."""
        try:
            done = await in_thread(do)
        except (ProjectError, HomeError) as problem:
            return said_by(problem)
        self.say(text.format(name=done.name, filter=done.typed))
        return ""


def _line(saved: SavedFilter) -> str:
    return f"{saved.name} · {saved.typed}"


def _is(saved: SavedFilter, now: Filter) -> bool:
    try:
        return saved.filter(None) == now
    except ProjectError:
        return False
