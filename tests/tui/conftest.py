"""Projects for screens: real stores, filled by real syncs from a service in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import textual._styles_cache
import textual._wait
from rich.console import RenderableType
from textual._compositor import Compositor
from textual._context import active_app, visible_screen_stack
from textual.app import ScreenStackError
from textual.css.model import RuleSet
from textual.css.styles import Styles
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.screen import Screen

from memos_admin.backend import journal
from memos_admin.backend.home import Home
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.tui import app, closing, filters_memories, importing, typed_ahead
from memos_admin.tui.desk import panes
from memos_admin.tui.jobs import connecting, detailing, project_states
from memos_admin.tui.jobs.searching import LocalSearch
from memos_admin.tui.reader import Reader
from memos_admin.tui.remembering import Remembering
from memos_admin.tui.screens import queue_reasons
from tests.backend.service import Service
from tests.effort import LONG
from tests.tui import thrift
from tests.tui.looking import PATIENCE, SIZES, Frames
from tests.tui.persons import NAMES, tell_of
from tests.tui.story import Stories


@pytest.fixture(autouse=True)
def waits_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the Pilot look five times as often whether the screen is at rest: a key costs two looks."""
    monkeypatch.setattr(textual._wait, "SLEEP_GRANULARITY", 0.004)
    monkeypatch.setattr(textual._wait, "SLEEP_IDLE", 0.0002)


@pytest.fixture(autouse=True)
def types_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what waits for a person to stop for a moment start soon behind a key."""
    for module in (detailing, panes, queue_reasons):
        monkeypatch.setattr(module, "BEFORE_CHECKING", 0.03)
    monkeypatch.setattr(filters_memories, "SETTLED", 0.06)


@pytest.fixture(autouse=True)
def waits_for_who_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the Pilot wait for widgets that have something to do, not for an answer of each of a hundred.

    And let it go on when a widget that it waits for was taken away meanwhile: it never answers. What has
    to be there before a test goes on, the test waits for itself.
    """

    def works(pump: Any) -> bool:
        queue = pump._message_queue
        return not (queue.empty() and queue.ready_event._waiters)

    async def wait(pilot: Pilot[Any], timeout: float = 5.0) -> bool:  # noqa: ASYNC109 - Textual's
        try:
            screen = pilot.app.screen
        except ScreenStackError:
            return False
        answers = set()
        for pump in filter(works, [pilot.app, *screen.walk_children(with_self=True)]):
            answered = asyncio.Event()
            if pump.call_later(answered.set):
                answers.add(asyncio.create_task(answered.wait()))
        if not answers:
            return True
        event: asyncio.Event = pilot.app._exception_event
        failed: asyncio.Future[Any] = asyncio.create_task(event.wait())
        all_answered: asyncio.Future[Any] = asyncio.gather(*answers)
        await asyncio.wait(
            (all_answered, failed), timeout=min(timeout, 5.0), return_when=asyncio.FIRST_COMPLETED
        )
        failed.cancel()
        return all_answered.done() or not all_answered.cancel()

    monkeypatch.setattr(Pilot, "_wait_for_screen", wait)


@pytest.fixture(autouse=True)
def draws_for_who_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no terminal, let a screen be drawn only when a test looks at it.

    That is a fifth of the work of a test.
    """
    render = Compositor.render_update

    def drawn(
        compositor: Compositor,
        full: bool = False,
        screen_stack: list[Screen[Any]] | None = None,
        simplify: bool = False,
    ) -> RenderableType | None:
        Frames.number += 1
        if full or not active_app.get().is_headless:
            return render(compositor, full, screen_stack, simplify)
        visible_screen_stack.set(screen_stack or [])
        compositor._dirty_regions = set()
        return None

    monkeypatch.setattr(Compositor, "render_update", drawn)


@pytest.fixture(autouse=True)
def is_thrifty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Textual work out once what is the same in each app."""
    thrift.install(monkeypatch)


_SORTED: dict[tuple[object, ...], tuple[Styles, Any]] = {}


@pytest.fixture(autouse=True)
def sorts_rules_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what a rule sets be laid out once, not for each widget that it holds for."""
    extract = Styles.extract_rules

    def extracted(styles: Styles, *how: Any) -> Any:
        key = (id(styles), styles._updates, how)
        if key not in _SORTED:
            _SORTED[key] = (
                styles,
                extract(styles, *how),
            )  # which is held, so that no other has its id
        return _SORTED[key][1]

    monkeypatch.setattr(Styles, "extract_rules", extracted)


_PARSED: dict[tuple[object, ...], list[RuleSet]] = {}


@pytest.fixture(autouse=True)
def parses_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the apps of all tests have the same rules where their styles and colours are the same."""
    parse = Stylesheet._parse_rules

    def parsed(sheet: Stylesheet, css: str, *args: Any, **options: Any) -> list[RuleSet]:
        key = (css, args, *options.items(), *sheet._variables.items())
        if key not in _PARSED:
            _PARSED[key] = parse(sheet, css, *args, **options)
        return _PARSED[key]

    monkeypatch.setattr(Stylesheet, "_parse_rules", parsed)


@pytest.fixture(autouse=True)
def is_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no limit of the program's run out on a slow machine; a test of a limit sets its own."""
    monkeypatch.setattr(app, "_PATIENCE", PATIENCE)
    monkeypatch.setattr(typed_ahead, "LONGEST", PATIENCE)
    monkeypatch.setattr(closing, "PATIENCE", PATIENCE)
    monkeypatch.setattr(connecting, "KEYRING_SECONDS", 2 * PATIENCE)
    monkeypatch.setattr(project_states, "KEYRING_SECONDS", 2 * PATIENCE)
    monkeypatch.setattr(project_states, "STORE_SECONDS", 2 * PATIENCE)


@pytest.fixture(autouse=True)
def leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """End the threads that would keep the app of their test in memory, and what Textual keeps of it;
    close what they read with.

    Thousands of apps make each test slower than the one before.
    """
    begun: list[Reader | Remembering] = []
    workspaces: list[Workspace] = []
    searches: list[LocalSearch] = []

    def note(kind: type[Any], among: list[Any]) -> None:
        begin = kind.__init__

        def noted(self: Any, *args: Any, **options: Any) -> None:
            begin(self, *args, **options)
            among.append(self)

        monkeypatch.setattr(kind, "__init__", noted)

    note(Reader, begun)
    note(Remembering, begun)
    note(Workspace, workspaces)
    note(LocalSearch, searches)
    monkeypatch.setattr(
        importing, "freeze", lambda: None
    )  # what other tests left would stay for ever
    yield
    for one in begun:
        one.close()
    if all(one.join(1) for one in begun if isinstance(one, Reader)):  # none hangs
        for search in searches:
            search._opened.close()
        for workspace in workspaces:
            workspace.close_store()
    journal.close_all()
    textual._styles_cache.StylesCache.get_inner_outer.cache_clear()


@pytest.fixture(params=SIZES if LONG else None, ids=str)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """One of the two sizes, for tests of what does not depend on it; in the long form both.

    Which one is chosen by the name of the test, so that it is always the same, and each of them
    for half of the tests.
    """
    if LONG:
        chosen: tuple[int, int] = request.param
        return chosen
    return SIZES[crc32(request.node.nodeid.encode()) % len(SIZES)]


@pytest.fixture
def emulate() -> Iterator[Callable[..., EmulatorThread]]:
    """Starts emulators; they are gone after the test."""
    running: list[EmulatorThread] = []

    def start(*faults: str) -> EmulatorThread:
        running.append(EmulatorThread(faults=list(faults)).start())
        return running[-1]

    yield start
    for emulator in running:
        emulator.stop()


@pytest.fixture
def home(isolated: Path) -> Home:
    return Home(isolated)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def workspace(isolated: Path, service: Service) -> Workspace:
    """A project called acme-prod with an empty store, its service in memory."""
    home = Home(isolated)
    project = Projects(home).add("acme-prod", base_url="http://127.0.0.1:9/api/openmem/v1")
    opened = Workspace(project, home)
    opened.use_remote(service)
    return opened


@pytest.fixture
async def three(workspace: Workspace, service: Service) -> Workspace:
    """Three users, each with texts that name them."""
    for name in NAMES:
        tell_of(service, name)
    await sync(workspace, SyncScope(tuple(SubjectRef("user", name) for name in NAMES)))
    return workspace


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Stories:
    return Stories(tmp_path_factory.mktemp("stories"))


@pytest.fixture
async def story(isolated: Path, service: Service, stories: Stories) -> AsyncIterator[Workspace]:
    """The project of `tests.tui.story`, synced."""
    workspace = await stories.copied(Home(isolated), service)
    yield workspace
    workspace.abandon()
