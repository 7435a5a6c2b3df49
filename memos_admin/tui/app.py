"""The terminal interface. This module only wires: screens know what to show."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.geometry import Size
from textual.reactive import Reactive
from textual.screen import Screen

from memos_admin import language
from memos_admin.language import gettext as _
from memos_admin.tui import any_bytes, background, closing, hangup, stopping, themes
from memos_admin.tui.choices import Choices
from memos_admin.tui.clipboard import Clipboard
from memos_admin.tui.commands import keymap
from memos_admin.tui.commands.command import MOVING
from memos_admin.tui.importing import imported
from memos_admin.tui.preferences import Preferences, preferences
from memos_admin.tui.reader import DaemonExecutor, in_thread
from memos_admin.tui.remembering import Remembering
from memos_admin.tui.screen_safe import ScreenSafe
from memos_admin.tui.session import Session
from memos_admin.tui.still import Still
from memos_admin.tui.widgets import toast
from memos_admin.tui.widgets.cover import cover as cover_small
from memos_admin.tui.words.failures import report_of_loop, report_without_keys, said_by

if TYPE_CHECKING:
    from uuid import UUID

    from rich.console import RenderableType
    from textual.worker import Worker

    from memos_admin.backend.credentials import FoundKey
    from memos_admin.backend.home import Home
    from memos_admin.backend.model import Subject
    from memos_admin.backend.projects.project import Project
    from memos_admin.backend.workspace import Workspace
    from memos_admin.tui.commands.command import Command
    from memos_admin.tui.screens.main import MainScreen
    from memos_admin.tui.screens.opening import Opening
    from memos_admin.tui.widgets.row_list import RowList

    FindKey = Callable[[], Awaitable[FoundKey]]


_MAIN = "memos_admin.tui.screens.main"

_PATIENCE = 1.0
"""Seconds that the first frame, and then the main screen, may take to be filled from the store."""


class MemosAdmin(Choices, Clipboard, Still):
    """Shows one project at a time; without one, how to come by one.

    Attributes:
        session: the project that is shown; None: there is none.
        given_keys: by project, what finds a key that was given for this run only.
        demo_opened: the demo was shown in this run.
    """

    TITLE = "memos-admin"
    ENABLE_COMMAND_PALETTE = True
    CSS = """
    Screen { background: $background; color: $foreground; layers: base cover; }
    Screen:ansi { background: ansi_default; color: ansi_default; }
    ModalScreen { background: $background 60%; }
    Toast { background: $panel; padding: 0 1; width: 64; max-width: 100%; }
    OptionList:ansi > .option-list--option-highlighted {
        color: ansi_black; background: ansi_bright_blue; text-style: bold;
    }
    /* Textual's option lists know no reverse. */
    OptionList:nocolor > .option-list--option-highlighted { text-style: bold underline; }
    Input:nocolor > .input--selection { text-style: reverse; }
    SearchIcon { display: none; }
    CommandPalette:ansi #--input { border: hkey ansi_default; }
    CommandList:ansi { border-bottom: hkey ansi_default; }
    """

    # Textual's own default is what TEXTUAL_THEME names: one of ours would be taken for unknown while
    # the styles are made, and for chosen already when it is set.
    theme: Reactive[str] = Reactive("textual-dark")

    def __init__(
        self,
        home: Home,
        workspace: Workspace | None,
        *,
        demo: bool = False,
        open_demo: Callable[[], Workspace] | None = None,
        preferences: Preferences | None = None,
    ) -> None:
        # Without colours it is drawn as with sixteen: what the terminal's own two cannot say is
        # reverse, bold or dim then. Textual alone would send shades of grey.
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)
        self.home, self.demo, self.open_demo = home, demo, open_demo
        self.preferences = preferences or Preferences()
        language.activate(self.preferences.language)
        toast.use()
        any_bytes.use()
        self.remembering = Remembering()
        self.screen_safe = ScreenSafe(home)
        self.screen_safe.set(self.preferences.privacy)
        self.failure: Exception | None = None
        self.given_keys: dict[UUID, FindKey] = {}
        self.demo_opened = demo
        self._opening: Opening | None = None
        self.session = self._new_session(workspace, demo=demo) if workspace is not None else None
        for theme in themes.OURS:
            self.register_theme(theme)
        self.theme = self.preferences.theme
        self._bind_keys()

    def _new_session(self, workspace: Workspace, *, demo: bool) -> Session:
        if workspace.find_key is not None and not demo:
            self.given_keys[workspace.project.uuid] = workspace.find_key
        self.demo_opened |= demo
        self.screen_safe.belong_to(workspace.home)
        session = Session(workspace, demo=demo, remembering=self.remembering)
        session.journaling.masks = self.preferences.configured
        return session

    def _bind_keys(self) -> None:
        """Bind what works on every screen; the palette has the keys that it has on the main one."""
        palette = next(c for c in self.preferences.commands if c.id == "palette")
        masks = [c for c in self.preferences.commands if c.id in {"mask", "pseudonyms"}]
        suspend = next(c for c in self.preferences.commands if c.id == "suspend")
        bindings = [Binding(keymap.QUITS, "quit", "Quit", show=False, priority=True)]
        bindings.append(Binding("ctrl+c", "help_quit", show=False, system=True))
        if palette.keys:
            bindings.append(Binding(palette.keys, "command_palette", palette.title, show=False))
        if suspend.keys:
            bindings.append(Binding(suspend.keys, "suspend", suspend.title, show=False))
        # In dialogs too, which let no other key of the app through; what types something types it.
        bindings += (
            Binding(key, one.action, one.title, show=False, priority="+" in key)
            for one in masks
            for key in one.keys.split(",")
            if key
        )
        keymap.bind(self, bindings)

    def _main_screen(self, session: Session, opened: RowList[Subject] | None = None) -> MainScreen:
        from memos_admin.tui.screens.main import MainScreen

        return MainScreen(session, self.preferences.commands, opened)

    def on_mount(self) -> None:
        """Show the project, or the first run."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(DaemonExecutor())
        loop.set_exception_handler(report_of_loop)
        self.screen_change_signal.subscribe(self, self._cover, immediate=True)
        if self.session is not None and self._opening is not None:
            opening = self._opening
            background.start(self, partial(self._go_on, self.session, opening), "opening")
        elif self.session is not None:
            self.push_screen(self._main_screen(self.session))
        else:
            from memos_admin.tui.screens.first_run import FirstRun

            self.push_screen(FirstRun(self.home, opening=self.demo and self.open_demo is not None))
        if self.session is None and self.demo and self.open_demo is not None:
            self.show_demo()

    def get_default_screen(self) -> Screen[None]:
        """Return what is under all others: the first frame, if the main one is still to be imported."""
        if self.session is None or _MAIN in sys.modules:
            return Screen(id="_default")
        from memos_admin.tui.screens.opening import Opening

        self._opening = Opening(self.session)
        self.hold(self._opening)
        return self._opening

    async def _go_on(self, session: Session, opening: Opening) -> None:
        """Show the main screen behind the first frame, and let it have what was typed meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await opening.painted.wait()
        await imported(_MAIN)
        screen = self._main_screen(session, opening.users)
        await self.push_screen(screen)
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await screen.filled.wait()
        self.arrived(opening)

    def on_row_list_unread(self, event: RowList.Unread) -> None:
        """Say why rows of a list could not be read, on screens that do not say it themselves."""
        self.tell(said_by(event.error))

    def on_resize(self, event: events.Resize) -> None:
        """Say on every screen that the terminal is too small, or show them again."""
        for screen in self.screen_stack:
            self._cover(screen, event.size)

    def _cover(self, screen: Screen[Any], size: Size | None = None) -> None:
        """Cover a screen where the terminal is too small, as soon as it is there."""

        def cover() -> None:
            if screen.is_attached:
                cover_small(screen, size or self.size, keymap.QUITS)

        screen.call_later(cover)

    def show_demo(self) -> None:
        """Open the demo behind the first run's screen; what is typed meanwhile is meant for the demo."""
        background.start(self, self._show_demo, "demo", awaited=True, typing=False)

    async def _show_demo(self) -> None:
        if self.open_demo is None:
            return
        from memos_admin.tui.screens.first_run import FirstRun
        from memos_admin.tui.screens.projects import ProjectsScreen

        try:
            workspace = await in_thread(self.open_demo)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            if isinstance(self.screen, FirstRun | ProjectsScreen):
                self.screen.failed(said_by(error))
            return
        self.show_workspace(workspace, demo=True)

    def show_workspace(
        self, workspace: Workspace, *, demo: bool = False, warning: str = ""
    ) -> None:
        """Show a project instead of whatever is shown, which is closed behind it.

        A warning stands in its top line until it was read.
        """
        left, self.session = self.session, self._new_session(workspace, demo=demo)
        screen = self._main_screen(self.session)
        if warning:
            screen.fetching.failed(warning)
        self._show_alone(screen, left)

    def show_project(self, project: Project) -> None:
        """Show a project of the home, or the environment's, as `show_workspace` does."""
        from memos_admin.backend.workspace import Workspace

        find_key = self.given_keys.get(project.uuid)
        self.show_workspace(Workspace(project, self.home, find_key=find_key))

    def show_text(self, title: str, text: str) -> None:
        """Show a text over the main screen; gated there."""
        from memos_admin.tui.screens.main import MainScreen

        main = next(s for s in reversed(self.screen_stack) if isinstance(s, MainScreen))
        main.view(title, text)

    def tell_from_thread(self, text: str) -> None:
        """Do as `tell`, from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.tell, text)

    def show_first_run(self) -> None:
        """Show how to come by a project, instead of whatever is shown."""
        from memos_admin.tui.screens.first_run import FirstRun

        left, self.session = self.session, None
        self._show_alone(FirstRun(self.home, opening=False), left)

    async def close_project(self) -> None:
        """Close the project that is shown, and return when it is closed; show another one next."""
        left, self.session = self.session, None
        if left is None:
            return
        from memos_admin.tui.screens.main import MainScreen

        workers = [worker for worker in self.workers if _is_of(MainScreen, worker)]
        for worker in workers:
            worker.cancel()
        await closing.close(left, workers)

    def changed_project(self, project: Project) -> None:
        """Take the new name of a project, or what may be done in it, if it is the one that is shown."""
        if self.session is None or self.session.workspace.project.uuid != project.uuid:
            return
        from memos_admin.tui.screens.main import MainScreen

        self.session.workspace.project = project
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                screen.show_project()

    def changed_key(self, project: Project, find_key: FindKey | None) -> None:
        """Take a project's new key from the keyring; `find_key`: it is for this run only."""
        if find_key is None:
            self.given_keys.pop(project.uuid, None)
        else:
            self.given_keys[project.uuid] = find_key
        if self.session is not None and self.session.workspace.project.uuid == project.uuid:
            self.session.workspace.project = project
            self.session.workspace.use_key(find_key)

    def _show_alone(self, screen: Screen[Any], left: Session | None) -> None:
        """Put a screen in place of all others, and close the session that these were about."""
        workers = [worker for worker in self.workers if _is_of(Screen, worker)]
        gone: list[Awaitable[object]] = [self.pop_screen() for _ in self.screen_stack[2:]]
        gone.append(self.switch_screen(screen))
        if left is not None:
            background.start(self, partial(_close, left, workers, gone), "close", exclusive=False)

    def action_command_palette(self) -> None:
        """Show the commands, to be found by their names."""
        from memos_admin.tui.commands.palette import Palette

        if not Palette.is_open(cast("App[object]", self)):
            placeholder = _("Search for commands…")
            self.push_screen(Palette(placeholder=placeholder, id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield what the palette finds: the commands of the screen, the themes, the languages."""
        from memos_admin.tui.screens.first_run import FirstRun
        from memos_admin.tui.screens.main import MainScreen

        if isinstance(screen, MainScreen):
            for command in self.preferences.commands:
                if command.group != MOVING and command.title and command.id != "palette":
                    keys = f"  ({command.shown})" if command.shown else ""
                    yield SystemCommand(
                        _named(command),
                        f"{_(command.help)}{keys}",
                        partial(self._act, screen, command.action),
                    )
        yield SystemCommand(_("Theme"), _("Choose other colours."), self.action_change_theme)
        if isinstance(screen, MainScreen | FirstRun):
            # Whoever looks for it may not read what is spoken now.
            yield SystemCommand("Language · 语言", "English · 中文", self.choose_language)

    def _act(self, screen: MainScreen, action: str) -> None:
        async def act() -> None:
            if not screen.say_where(action):
                await screen.run_action(action)

        background.start(screen, act, "palette", exclusive=False, awaited=True)

    async def on_event(self, event: events.Event) -> None:
        """Let no field, ours or Textual's, show what is pasted and a terminal would obey."""
        if isinstance(event, events.Paste):
            from memos_admin.tui.widgets.field import with_marks

            event.text = with_marks(event.text)
        await super().on_event(event)

    def _handle_exception(self, error: Exception) -> None:
        self.failure = error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Leave without Textual's own report: it lists local variables, texts of people among them."""
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """Leave without what an error has to say of itself: `run` raises it, to be told without keys."""
        self._close_messages_no_wait()

    async def action_suspend(self) -> None:
        """Go back to the shell for a while; say why not where that would not be safe."""
        if self._driver is None or not self._driver.can_suspend:
            self.notify(_("Not stopped: this terminal has no shell to go back to."), markup=False)
            return
        why = stopping.why_not(self.workers)
        if not why and self.session is not None:
            why = await stopping.settle(self.session)
        if why:
            self.notify(why, markup=False)
            return
        self.app_suspend_signal.publish(self)
        stopping.stop()

    def action_help_quit(self) -> None:
        """Let ctrl+c say how to quit."""
        quit_ = next(c for c in self.preferences.commands if c.id == "quit")
        key = quit_.shown.partition(" ")[0] or keymap.QUITS
        self.notify(_("{key} quits").format(key=key), markup=False)


def _named(command: Command) -> str:
    """Return what the palette finds a command by: in other languages by its id too."""
    title = _(command.entry or command.title)
    ours = "" if language.active() == "en" else f"  {command.id}"
    return f"{title[:1].upper()}{title[1:]}{ours}"


def _is_of(kind: type[Screen[Any]], worker: Worker[Any]) -> bool:
    """Whether a worker works for a screen of this kind, or for a widget on one."""
    return any(isinstance(node, kind) for node in worker.node.ancestors_with_self)


async def _close(
    session: Session, workers: Sequence[Worker[Any]], gone: Sequence[Awaitable[object]]
) -> None:
    """Close a session when its screens are gone, and their workers cancelled by that."""
    for screen in gone:
        await screen
    await closing.close(session, workers)


def run(
    home: Home,
    workspace: Workspace | None,
    *,
    demo: bool = False,
    open_demo: Callable[[], Workspace] | None = None,
) -> int:
    """Show the terminal interface until a person quits; return the exit code.

    Args:
        home: where projects live.
        workspace: the project to show; None: the first run, which connects one.
        demo: the project is the demo; without a workspace it is opened behind the first screen.
        open_demo: makes the demo's workspace; blocks, and is called in a thread.

    Raises:
        ConfigError: the configuration says something about the interface that cannot be; nothing
            was opened.
        Exception: what ended the interface, if it was not the person.
    """
    chosen = preferences(home)
    if not os.environ.get("NO_COLOR"):
        os.environ.pop("NO_COLOR", None)  # empty means nothing; Textual thinks otherwise
    hangup.watch()
    report_without_keys()
    app = MemosAdmin(home, workspace, demo=demo, open_demo=open_demo, preferences=chosen)
    code = app.run()
    app.remembering.close()
    if app.session is not None:
        app.session.abandon()
    if app.failure is not None:
        raise app.failure
    return code if code is not None else (app.return_code or 0)
