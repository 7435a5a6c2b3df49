"""The projects: listed, opened, connected, renamed, tested, given a new key, removed."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from memos_admin.backend import config, overview, roster
from memos_admin.backend.credentials import FoundKey, set_key
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.keys import check_key
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Project, Projects
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import MemoryPage
from memos_admin.cloud.key import ApiKey
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.tui import project_states, trying
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.screens.first_run import FirstRun
from memos_admin.tui.screens.main import MainScreen
from memos_admin.tui.screens.projects import ProjectsScreen
from memos_admin.tui.trying import Renewed
from tests.backend import keyrings
from tests.backend.service import Service, a_memory, a_message
from tests.hostile import unsafe
from tests.tui.looking import Look, main, press, rest, rows, seen, sees, until

Size = tuple[int, int]
Emulate = Callable[..., EmulatorThread]
NOWHERE = "http://127.0.0.1:9/api/openmem/v1"
OLD = ApiKey("mpg-old-0123456789")


@pytest.fixture
def emulate() -> Iterator[Emulate]:
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


def add(home: Home, name: str, base_url: str = NOWHERE, **options: Any) -> Project:
    return Projects(home).add(name, base_url=base_url, **options)


async def fill(home: Home, project: Project, user: str) -> None:
    """Sync a user with a conversation and two memories into a project's store, and close it."""
    service = Service()
    service.put(user, a_memory("m1", conversation_id="c1"), a_memory("m2", conversation_id="c1"))
    service.say(user, "c1", a_message(f"hello from {user}"))
    workspace = Workspace(project, home)
    workspace.use_remote(service)
    await roster.add_subjects(workspace, [SubjectRef("user", user)])
    await sync(workspace, SyncScope())
    await workspace.close()


@asynccontextmanager
async def opened(
    home: Home, project: Project | None, size: Size, **options: Any
) -> AsyncIterator[Look]:
    """Open a project, and the screen over it; without one, over the first run."""
    workspace = None if project is None else Workspace(project, home)
    async with hosted(MemosAdmin(home, workspace, **options), size) as look:
        yield look


@asynccontextmanager
async def hosted(app: MemosAdmin, size: Size) -> AsyncIterator[Look]:
    async with app.run_test(size=size, notifications=True) as look:
        await rest(look)
        app.push_screen(ProjectsScreen(app.home, app.session))
        await sees(look, "Projects")
        await rest(look)
        yield look
    app.remembering.close()
    if app.session is not None:
        app.session.abandon()


def row(look: Look, name: str) -> str:
    """Return the line of the list with a project."""
    lines = [line for line in rows(look) if line.startswith("┃")]
    (found,) = [line for line in lines if line.strip("┃> ").startswith(f"{name} ")]
    return found


def footer(look: Look) -> str:
    return rows(look)[-1]


def names(home: Home) -> list[str]:
    return [project.title for project in Projects(home).list()]


def squeezed(text: str) -> str:
    """Return a text without spaces and frames, since both depend on where its lines break."""
    return re.sub(r"[\s│┃╭╮╰╯┏┓┗┛─━▌]", "", text)


async def says(look: Look, *texts: str) -> None:
    """Return when all texts are on the screen, wherever their lines break."""
    wanted = [squeezed(text) for text in texts]
    await until(look, lambda: all(text in squeezed(seen(look)) for text in wanted), f"{texts}")


async def type_in(look: Look, text: str) -> None:
    """Put a text into the field that has the focus, and submit it."""
    await until(look, lambda: isinstance(look.app.focused, Input), "a field")
    field = look.app.focused
    assert isinstance(field, Input)
    field.value = text
    await look.pause()
    await look.press("enter")


async def shows(look: Look, name: str) -> MainScreen:
    """Return the main screen when it shows the project with this name."""

    def shown() -> bool:
        screen = look.app.screen
        return isinstance(screen, MainScreen) and screen.session.name == name

    await until(look, shown, f"the main screen of {name}")
    await rest(look)
    await sees(look, f"memos-admin  {name}")
    return main(look)


# The list


async def test_each_project_is_a_row_with_what_is_stored_of_it(home: Home, size: Size) -> None:
    acme, beta = add(home, "acme"), add(home, "beta", "https://api.memt.ai/platform/api/openmem/v1")
    await fill(home, acme, "ann")
    await fill(home, beta, "bob")
    add(home, "gamma", key_command=["pass", "show", "gamma"])
    async with opened(home, beta, size) as look:
        assert "default" in row(look, "acme")
        assert "open" in row(look, "beta")
        assert "none yet" in row(look, "gamma")
        assert "key_command" in row(look, "gamma")
        assert re.search(r"\b1 +2 +now +\d+ kB", row(look, "acme"))
        await says(look, "Address", "api.memt.ai", "(Global)", "1 user, 1 conversation, 1 message")
        await says(look, "2 memories", "not encrypted", str(beta.store_dir)[-20:], "u makes it")
        await press(look, "up")
        await says(look, "127.0.0.1:9", "yes: memos-admin opens it")


async def test_nothing_is_made_or_changed_by_looking(home: Home) -> None:
    acme, beta = add(home, "acme"), add(home, "beta")
    await fill(home, acme, "ann")
    before = {path: path.stat().st_mtime_ns for path in acme.store_dir.iterdir()}
    async with opened(home, None, (120, 40)) as look:
        await press(look, "down", "up", "r")
        assert "kB" in row(look, "acme")
        assert {path: path.stat().st_mtime_ns for path in acme.store_dir.iterdir()} == before
        assert not beta.store_dir.exists()


async def test_a_store_that_cannot_be_read_says_so_and_is_not_opened(
    home: Home, size: Size
) -> None:
    acme, newer, broken = add(home, "acme"), add(home, "newer"), add(home, "broken")
    await fill(home, newer, "ann")
    connection = sqlite3.connect(newer.store_dir / "store.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    home.create_project_dir(broken.uuid)
    (broken.store_dir / "store.db").write_bytes(b"nothing of a store" * 100)
    async with opened(home, acme, size) as look:
        assert "too new" in row(look, "newer")
        assert "damaged" in row(look, "broken")
        await press(look, "down")
        await says(look, "damaged or not a store")
        await press(look, "enter")
        await says(look, "broken is not opened. The store")
        await press(look, "down", "enter")
        await says(look, "newer is not opened. The store", "schema 99")
        assert isinstance(look.app.screen, ProjectsScreen)
        await press(look, "escape")
        await shows(look, "acme")


async def test_the_list_waits_for_no_keyring(
    home: Home, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = keyrings.Hanging()
    keyrings.use(monkeypatch, hanging)
    acme = add(home, "acme")
    add(home, "beta")
    app = MemosAdmin(home, Workspace(acme, home))
    async with app.run_test(size=size) as look:
        await rest(look)
        app.push_screen(ProjectsScreen(home, app.session))
        await sees(look, "acme", "beta", "none yet")
        assert "…" in row(look, "beta")
        await says(look, "being looked for …")
        hanging.release.set()
        await until(look, lambda: "none known" in row(look, "beta"), "the state of the key")
        await rest(look)
    assert app.session is not None
    app.session.abandon()


async def test_a_keyring_that_stays_silent_is_asked_once(
    home: Home, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = keyrings.Hanging()
    keyrings.use(monkeypatch, hanging)
    monkeypatch.setattr(project_states, "KEYRING_SECONDS", 0.05)
    for number in range(30):
        add(home, f"project {number:02}")
    threads = threading.active_count()
    async with opened(home, None, size) as look:
        await until(look, lambda: "keyring silent" in row(look, "project 00"), "the state")
        await says(look, "did not answer in 0.05 s")
        await press(look, "G")
        assert "keyring silent" in row(look, "project 29")
        assert threading.active_count() < threads + 10
        hanging.release.set()


async def test_where_the_key_is(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    keyrings.use(monkeypatch, keyrings.Memory())
    set_key(Projects(home), add(home, "kept"), OLD)
    elsewhere = set_key(Projects(home), add(home, "moved"), OLD)
    text = home.config_path.read_text()
    moved = text.replace(NOWHERE, "https://example.com", 2).replace(
        "https://example.com", NOWHERE, 1
    )
    home.config_path.write_text(moved)
    assert Projects(home).get("moved").uuid == elsewhere.uuid
    async with opened(home, None, (120, 40)) as look:
        assert " keyring " in row(look, "kept")
        await says(look, "in the keyring of this system", OLD.fingerprint)
        assert "other address" in row(look, "moved")
        await press(look, "down")
        await says(look, "none to be used. The key of moved was stored for")
        assert OLD.reveal() not in seen(look)


async def test_a_locked_keyring_is_told(
    home: Home, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KeyringLocked(Exception):
        pass

    keyrings.use(monkeypatch, keyrings.Raising(lambda _: KeyringLocked("no \x1b]52;c;eA\x07[/]")))
    add(home, "acme")
    async with opened(home, None, size) as look:
        assert "keyring locked" in row(look, "acme")
        await says(look, "The keyring is locked, and was not unlocked")
        assert unsafe("".join(rows(look))) == []


async def test_the_project_of_the_environment_is_listed_and_cannot_be_changed(
    home: Home, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_API_KEY", OLD.reveal())
    monkeypatch.setenv("MEMOS_BASE_URL", NOWHERE)
    add(home, "acme")
    project = Projects(home).of_environment({"MEMOS_API_KEY": OLD.reveal()})
    assert project is not None
    async with opened(home, None, size) as look:
        name = f"key {OLD.fingerprint[:8]}"
        assert "environment" in row(look, name)
        await press(look, "down")
        await says(look, "MEMOS_API_KEY goes before the default")
        assert "rename" not in footer(look)
        assert "remove" not in footer(look)
        for key in ("n", "k", "d", "u"):
            await press(look, key)
            await says(look, "This project comes from MEMOS_API_KEY and is kept nowhere")
            assert isinstance(look.app.screen, ProjectsScreen)
        await press(look, "up", "u")
        await says(look, "acme is what memos-admin opens", "MEMOS_API_KEY is set and goes before")
        await press(look, "down", "enter")
        await shows(look, name)
        assert OLD.reveal() not in seen(look)


async def test_an_environment_that_makes_no_project_is_told(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_API_KEY", "two words")
    add(home, "acme")
    async with opened(home, None, (120, 40)) as look:
        await says(look, "MEMOS_API_KEY: The API key contains a space")
        assert "acme" in row(look, "acme")
        assert "two words" not in seen(look)


async def test_no_project_says_how_to_come_by_one(home: Home, size: Size) -> None:
    async with opened(home, None, size) as look:
        await sees(look, "No project yet.", "Press a to connect one.")
        await press(look, "enter", "n", "k", "t", "u", "d")
        assert isinstance(look.app.screen, ProjectsScreen)
        await press(look, "escape")
        assert isinstance(look.app.screen, FirstRun)


async def test_a_broken_configuration_is_named_with_file_line_and_key(
    home: Home, size: Size
) -> None:
    add(home, "acme")
    whole = home.config_path.read_text()
    home.config_path.write_text(whole.replace("base_url", "base_uri"))
    async with opened(home, None, size) as look:
        await says(look, "config.toml, line", "base_uri: unknown. Known here", "then press r")
        home.config_path.write_text(whole)
        await press(look, "r")
        assert "none yet" in row(look, "acme")


async def test_many_projects_scroll(home: Home, size: Size) -> None:
    for number in range(100):
        add(home, f"project {number:03}")
    async with opened(home, None, size) as look:
        await sees(look, "Projects · 100", "project 000")
        await press(look, "G")
        await sees(look, "project 099")
        await press(look, "pageup", "g")
        await sees(look, "project 000")


HOSTILE_NAMES = (
    "a" + "\u0301" * 60,
    "中文项目" * 16,
    "\u3164\u3164x",
    "ﷺ\u064b\u064b\u064b\u064b\u064b\u064b\u064b\u064b",
    "מזל" + "x" * 50,
    "a\u115f\u1160b",
)


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
async def test_any_name_is_shown_safely(home: Home, size: Size, name: str) -> None:
    project = add(home, name, "https://example.com:8443/" + "a/(x)$&'*;=~" * 20)
    async with opened(home, project, size) as look:
        for keys in ((), ("t",), ("n",), ("escape", "k"), ("escape", "d"), ("escape", "u")):
            await press(look, *keys)
            assert unsafe("".join(rows(look))) == []
            assert look.app.is_running


# Opening


async def test_enter_opens_another_project_from_its_store_and_closes_the_first(
    home: Home, size: Size
) -> None:
    acme, beta = add(home, "acme"), add(home, "beta")
    await fill(home, acme, "ann")
    await fill(home, beta, "bob")
    async with opened(home, acme, size) as look:
        app = look.app
        assert isinstance(app, MemosAdmin)
        first = app.session
        assert first is not None
        await press(look, "down", "enter")
        await shows(look, "beta")
        await sees(look, "bob")
        assert len(app.screen_stack) == 2  # nothing of the first is left behind
        assert first.reader.join(0)
        assert not list(acme.store_dir.glob("store.db-*"))  # closed: its log is gone
        used = Projects(home).used()
        assert used is not None
        assert used.title == "acme"  # opening is not `projects use`


async def test_enter_on_the_open_one_goes_back_to_it(home: Home, size: Size) -> None:
    acme = add(home, "acme")
    async with opened(home, acme, size) as look:
        before = main(look)
        assert "enter back" in footer(look)
        await press(look, "enter")
        assert look.app.screen is before


class Slow(Service):
    """Does not answer for one user until the test lets it."""

    def hold(self) -> None:
        self.gate, self.asked = asyncio.Event(), asyncio.Event()

    async def get_memories(self, kind: Any, external_id: str, **options: Any) -> MemoryPage:
        if external_id == "slow":
            self.asked.set()
            await self.gate.wait()
        return await super().get_memories(kind, external_id, **options)


async def test_leaving_a_project_that_syncs_keeps_what_was_committed(
    home: Home, size: Size
) -> None:
    acme, beta = add(home, "acme"), add(home, "beta")
    await fill(home, beta, "bob")
    service = Slow()
    service.hold()
    service.put("quick", a_memory("m1"))
    workspace = Workspace(acme, home)
    workspace.use_remote(service)
    await roster.add_subjects(workspace, [SubjectRef("user", "quick"), SubjectRef("user", "slow")])
    async with MemosAdmin(home, workspace).run_test(size=size, notifications=True) as look:
        app = look.app
        assert isinstance(app, MemosAdmin)
        await rest(look)
        main(look).fetching.sync()
        await until(look, service.asked.is_set, "the slow request")
        await until(
            look, lambda: overview.look_at_store(acme).holds.find("1 memory") > 0, "the quick one"
        )
        app.push_screen(ProjectsScreen(home, app.session))
        await sees(look, "Projects", "beta")
        await until(look, lambda: "kB" in row(look, "beta"), "the states")
        await look.press("down", "enter")
        await shows(look, "beta")
        await sees(look, "bob")
        assert app.session is not None
        app.session.abandon()
    state = overview.look_at_store(acme)
    assert state.totals is not None
    assert (state.totals.users, state.totals.memories) == (2, 1)
    assert state.last_run is not None
    assert state.last_run.outcome == "cancelled"  # and not left as if it still ran
    assert not list(acme.store_dir.glob("store.db-*"))


async def test_a_project_removed_meanwhile_is_not_opened(home: Home) -> None:
    acme = add(home, "acme")
    add(home, "beta")
    async with opened(home, acme, (120, 40)) as look:
        Projects(home).remove("beta")
        await press(look, "down", "enter")
        await says(look, "There is no project 'beta'")
        assert isinstance(look.app.screen, ProjectsScreen)


async def test_from_the_demo_to_a_project_and_back(home: Home, size: Size, tmp_path: Path) -> None:
    acme = add(home, "acme")
    await fill(home, acme, "ann")
    demo_home = Home(tmp_path / "demo")
    demo = Projects(demo_home).add("demo", base_url=NOWHERE)
    await fill(demo_home, demo, "dora")
    app = MemosAdmin(
        home, None, demo=True, open_demo=lambda: Workspace(demo, demo_home, find_key=_no_key)
    )
    async with app.run_test(size=size, notifications=True) as look:
        await shows(look, "demo")
        app.push_screen(ProjectsScreen(home, app.session))
        await sees(look, "Projects")
        await rest(look)
        assert "open" in row(look, "demo")
        await press(look, "d")
        await says(look, "The demo is gone when the program ends")
        await press(look, "up", "enter")
        await shows(look, "acme")
        await sees(look, "ann")
        app.push_screen(ProjectsScreen(home, app.session))
        await sees(look, "Projects")
        await rest(look)
        await press(look, "down")
        await says(look, "A MemOS Cloud inside this program")
        await look.press("enter")
        await shows(look, "demo")
        await sees(look, "dora")
    assert app.session is not None
    app.session.abandon()


async def _no_key() -> FoundKey:
    raise AssertionError("nobody asks the demo here")


async def test_a_demo_that_cannot_be_opened_says_why(home: Home) -> None:
    acme = add(home, "acme")

    def fails() -> Workspace:
        raise OSError("no space for a demo")

    app = MemosAdmin(home, Workspace(acme, home), open_demo=fails)
    app.demo_opened = True
    async with hosted(app, (120, 40)) as look:
        await press(look, "down", "enter")
        await says(look, "no space for a demo")
        assert isinstance(look.app.screen, ProjectsScreen)


# The default and the name


async def test_u_makes_a_project_the_default(home: Home, size: Size) -> None:
    acme = add(home, "acme")
    add(home, "beta")
    async with opened(home, acme, size) as look:
        await press(look, "down", "u")
        await says(look, "beta is what memos-admin opens from now on.")
        assert "default" in row(look, "beta")
        assert "default" not in row(look, "acme")
    used = Projects(home).used()
    assert used is not None
    assert used.title == "beta"


async def test_a_project_is_renamed_everywhere(home: Home, size: Size) -> None:
    acme = add(home, "acme")
    async with opened(home, acme, size) as look:
        await press(look, "n")
        await says(look, "Its store, its key and its UUID stay")
        await type_in(look, "acme-prod")
        await says(look, "acme is now called acme-prod.")
        await rest(look)
        assert "open, default" in row(look, "acme-prod")
        await press(look, "escape")
        await shows(look, "acme-prod")
    assert names(home) == ["acme-prod"]
    assert Projects(home).get("acme-prod").uuid == acme.uuid


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Beta", "There is a project beta already"),
        ("a/b", "cannot hold '/'"),
        ("mpg-secret", "looks like an API key"),
    ],
)
async def test_a_name_that_cannot_be_is_told_and_can_be_corrected(
    home: Home, size: Size, name: str, why: str
) -> None:
    acme = add(home, "acme")
    add(home, "beta")
    async with opened(home, acme, size) as look:
        await press(look, "n")
        await type_in(look, name)
        await says(look, why)
        await press(look, "escape")
        assert isinstance(look.app.screen, ProjectsScreen)
    assert names(home) == ["acme", "beta"]


async def test_a_configuration_that_cannot_be_written_is_told(
    home: Home, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = add(home, "acme")
    add(home, "beta")

    def refuse(path: Path, content: bytes) -> None:
        raise HomeError(f"{path} cannot be written: Read-only file system. Nothing was changed.")

    monkeypatch.setattr(config, "replace_private", refuse)
    async with opened(home, acme, size) as look:
        await press(look, "down", "u")
        await says(look, "cannot be written: Read-only file system")
        await press(look, "n")
        await type_in(look, "gamma")
        await says(look, "enter takes it", "Read-only")
        await press(look, "escape", "d")
        await type_in(look, "beta")
        await says(look, "Read-only file system. Nothing was changed.")
        await rest(look)
        assert "none yet" in row(look, "beta")


# Connecting


async def test_a_is_the_form_and_what_it_connects_is_opened(
    home: Home, size: Size, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.use(monkeypatch, keyrings.Memory())
    emulator = emulate()
    acme = add(home, "acme")
    async with opened(home, acme, size) as look:
        await press(look, "a")
        await sees(look, "Name, as you want to see it here", "escape back")
        await type_in(look, "beta")
        await press(look, "up", "enter")
        await type_in(look, emulator.base_url)
        await sees(look, "It is kept in the keyring (keyrings Memory)")
        await type_in(look, emulator.api_key)
        await shows(look, "beta")
        assert len(look.app.screen_stack) == 2
        assert emulator.api_key not in seen(look)
    assert names(home) == ["acme", "beta"]


async def test_escape_leaves_the_form_for_the_list(home: Home, size: Size) -> None:
    acme = add(home, "acme")
    async with opened(home, acme, size) as look:
        await press(look, "a")
        await sees(look, "Name, as you want")
        await press(look, "q", "escape")
        assert isinstance(look.app.screen, ProjectsScreen)


async def test_a_key_for_this_run_is_known_when_one_comes_back(
    home: Home, size: Size, emulate: Emulate
) -> None:
    emulator = emulate()
    acme = add(home, "acme")

    async def given() -> FoundKey:
        return FoundKey(check_key(emulator.api_key, "a test"), "prompt")

    beta = add(home, "beta", emulator.base_url)
    async with hosted(MemosAdmin(home, Workspace(beta, home, find_key=given)), size) as look:
        assert "this run" in row(look, "beta")
        await press(look, "up", "enter")
        await shows(look, "acme")
        assert isinstance(look.app, MemosAdmin)
        look.app.push_screen(ProjectsScreen(home, look.app.session))
        await rest(look)
        assert "this run" in row(look, "beta")
        await press(look, "down", "t")
        await says(look, f"beta: {emulator.root_url} answers in", "and accepts the key")
    assert acme.title == "acme"


# Testing


async def test_t_says_that_address_and_key_work(
    home: Home, size: Size, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.use(monkeypatch, keyrings.Memory())
    emulator = emulate()
    acme = add(home, "acme", emulator.base_url)
    set_key(Projects(home), acme, check_key(emulator.api_key, "a test"))
    async with opened(home, acme, size) as look:
        await says(look, "not tested; t tests it")
        await press(look, "t")
        await says(look, f"acme: {emulator.root_url} answers in", "ms and accepts the key")
        await says(look, "and accepts the key (just now)")
        assert emulator.api_key not in seen(look)


async def test_t_says_what_is_wrong_with_the_key(
    home: Home, size: Size, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.use(monkeypatch, keyrings.Memory())
    acme = add(home, "acme", emulate().base_url)
    set_key(Projects(home), acme, OLD)
    beta = add(home, "beta", emulate().base_url)
    async with opened(home, beta, size) as look:
        await press(look, "up", "t")
        await says(look, "answers, but does not accept the key")
        await press(look, "down", "t")
        await says(look, "There is no key for beta")
        assert OLD.reveal() not in seen(look)


async def test_t_says_what_is_waited_for(
    home: Home, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.use(monkeypatch, keyrings.Memory())
    emulator = emulate("timeout")
    acme = add(home, "acme", emulator.base_url)
    set_key(Projects(home), acme, OLD)
    async with opened(home, acme, (80, 24)) as look:
        await look.press("t")
        await says(look, "Testing acme …", "MemOS has not answered for")
        await press(look, "escape")
        await shows(look, "acme")


# A new key


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> keyrings.Memory:
    """A keyring that works."""
    keyring = keyrings.Memory()
    keyrings.use(monkeypatch, keyring)
    return keyring


def secrets(kept: keyrings.Memory) -> str:
    return " ".join(kept.kept.values())


async def test_the_first_key_is_tried_and_kept(
    home: Home, size: Size, emulate: Emulate, kept: keyrings.Memory
) -> None:
    emulator = emulate()
    acme = add(home, "acme", emulator.base_url)
    async with opened(home, acme, size) as look:
        assert "none known" in row(look, "acme")
        await press(look, "k")
        await says(look, "New key for acme", emulator.root_url)
        await says(look, "It is kept in the keyring (keyrings Memory)")
        await type_in(look, emulator.api_key)
        await says(look, "The new key of acme works. It is in the keyring, and nowhere else.")
        await rest(look)
        assert " keyring " in row(look, "acme")
        assert emulator.api_key not in seen(look)
        await press(look, "t")
        await says(look, "and accepts the key")
    assert emulator.api_key in secrets(kept)
    assert len(Projects(home).get("acme").fingerprints) == 1


async def test_another_key_is_asked_about_before_it_is_kept(
    home: Home, size: Size, emulate: Emulate, kept: keyrings.Memory
) -> None:
    emulator = emulate()
    acme = set_key(Projects(home), add(home, "acme", emulator.base_url), OLD)
    async with opened(home, acme, size) as look:
        await press(look, "k")
        await type_in(look, emulator.api_key)
        await says(look, "it is none of those that filled acme", OLD.fingerprint)
        await says(look, "press enter again")
        assert Projects(home).get("acme").fingerprints == (OLD.fingerprint,)
        assert emulator.api_key not in secrets(kept)
        await look.press("enter")
        await says(look, "The new key of acme works.")
    assert emulator.api_key in secrets(kept)
    assert len(Projects(home).get("acme").fingerprints) == 2


async def test_a_key_of_another_project_is_told_and_escape_leaves_all_as_it_was(
    home: Home, size: Size, emulate: Emulate, kept: keyrings.Memory
) -> None:
    emulator = emulate()
    key = check_key(emulator.api_key, "a test")
    set_key(Projects(home), add(home, "beta", emulator.base_url), key)
    acme = set_key(Projects(home), add(home, "acme", emulator.base_url), OLD)
    before = dict(kept.kept), home.config_path.read_text()
    async with opened(home, acme, size) as look:
        await press(look, "k")
        await type_in(look, emulator.api_key)
        await says(look, "but it is the key of beta here")
        await press(look, "escape")
        assert isinstance(look.app.screen, ProjectsScreen)
    assert (dict(kept.kept), home.config_path.read_text()) == before


async def test_a_refused_key_replaces_nothing(
    home: Home, size: Size, emulate: Emulate, kept: keyrings.Memory
) -> None:
    acme = set_key(Projects(home), add(home, "acme", emulate().base_url), OLD)
    before = dict(kept.kept), home.config_path.read_text()
    async with opened(home, acme, size) as look:
        await press(look, "k")
        await type_in(look, "mpg-wrong")
        await says(look, "MemOS refused this key (code 40132)")
        await says(look, "The key that acme had is as it was.")
        assert "mpg-wrong" not in seen(look)
        await type_in(look, "two words")
        await says(look, "contains a space")
        assert "two words" not in seen(look)
    assert (dict(kept.kept), home.config_path.read_text()) == before


async def test_escape_cancels_the_try_of_a_key(
    home: Home, size: Size, emulate: Emulate, kept: keyrings.Memory
) -> None:
    emulator = emulate("timeout")
    acme = add(home, "acme", emulator.base_url)
    async with opened(home, acme, size) as look:
        await press(look, "k")
        await type_in(look, emulator.api_key)
        await until(look, lambda: emulator.emulator.requests, "a request")
        await press(look, "escape")
        await says(look, "Cancelled. Nothing was changed.")
        await press(look, "escape")
        assert isinstance(look.app.screen, ProjectsScreen)
    assert kept.kept == {}
    assert Projects(home).get("acme").fingerprints == ()


async def test_without_a_keyring_a_new_key_is_for_this_run(
    home: Home, size: Size, emulate: Emulate
) -> None:
    emulator = emulate()
    acme = set_fingerprint(home, add(home, "acme", emulator.base_url))
    async with opened(home, acme, size) as look:
        await press(look, "k")
        await says(look, "There is no keyring here: it is kept for this run only")
        await type_in(look, emulator.api_key)
        await says(look, "press enter again")
        await look.press("enter")
        await says(look, "The new key of acme works, but is for this run only")
        await rest(look)
        assert "this run" in row(look, "acme")
        assert isinstance(look.app, MemosAdmin)
        assert look.app.session is not None
        remote = await look.app.session.workspace.remote()  # the open project uses it at once
        assert (await remote.get_memories("user", "nobody")).memories == ()
        await remote.close()
    assert emulator.api_key not in home.config_path.read_text()


def set_fingerprint(home: Home, project: Project) -> Project:
    return Projects(home).remember_key(project, OLD.fingerprint)


async def test_a_keyring_that_is_locked_while_a_key_is_kept_is_told(
    home: Home, size: Size, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KeyringLocked(Exception):
        pass

    keyrings.use(monkeypatch, keyrings.Raising(KeyringLocked))
    emulator = emulate()
    acme = add(home, "acme", emulator.base_url)
    async with opened(home, acme, size) as look:
        await press(look, "k")
        await type_in(look, emulator.api_key)
        await says(look, "works, but is for this run only: The keyring is locked")
        assert emulator.api_key not in seen(look)


def test_a_key_is_in_no_repr(home: Home) -> None:
    acme = add(home, "acme")
    renewed = trying.keep_key(home, acme, OLD.reveal())
    assert isinstance(renewed, Renewed)
    assert renewed.find_key is not None
    assert OLD.reveal() not in repr(renewed)
    assert OLD.reveal() not in repr(asyncio.run(renewed.find_key()))  # type: ignore[arg-type]


# Removing


async def test_removing_says_what_is_deleted_and_wants_the_name(
    home: Home, size: Size, kept: keyrings.Memory
) -> None:
    acme, beta = add(home, "acme"), add(home, "beta", key_command=["pass"])
    await fill(home, beta, "bob")
    set_key(Projects(home), beta, OLD)
    async with opened(home, acme, size) as look:
        await press(look, "down", "d")
        await says(look, "This is deleted from this machine, for ever:")
        await says(look, "its store: 1 user, 1 conversation, 1 message and 2 memories")
        await says(look, "its key, if it is in the keyring", "MemOS keeps all that it has.")
        await says(look, "What its key_command prints is kept elsewhere", "Type beta to remove it.")
        await type_in(look, "acme")
        await says(look, "That is not its name. Nothing was removed.")
        assert beta.store_dir.exists()
        await type_in(look, "beta")
        await says(look, "Removed beta and its store.")
        await rest(look)
        assert "beta " not in "\n".join(rows(look)[2:8])
        await press(look, "escape")
        await shows(look, "acme")
    assert names(home) == ["acme"]
    assert not beta.store_dir.exists()
    assert kept.kept == {}


async def test_escape_removes_nothing(home: Home, size: Size) -> None:
    acme = add(home, "acme")
    async with opened(home, acme, size) as look:
        await press(look, "delete")
        await says(look, "Type acme to remove it.")
        await press(look, "escape")
        assert isinstance(look.app.screen, ProjectsScreen)
    assert names(home) == ["acme"]


async def test_the_open_project_is_closed_removed_and_followed_by_another(
    home: Home, size: Size
) -> None:
    acme, beta = add(home, "acme"), add(home, "beta")
    await fill(home, acme, "ann")
    await fill(home, beta, "bob")
    async with opened(home, acme, size) as look:
        await press(look, "d")
        await says(look, "It is open here: it is closed first.")
        await type_in(look, "acme")
        await shows(look, "beta")
        await says(look, "Removed acme and its store.", "no key was deleted", "bob")
        assert len(look.app.screen_stack) == 2
    assert names(home) == ["beta"]
    assert not acme.store_dir.exists()


async def test_after_the_last_project_comes_the_first_run(home: Home, size: Size) -> None:
    acme = add(home, "acme")
    async with opened(home, acme, size) as look:
        await press(look, "d")
        await type_in(look, "acme")
        await until(look, lambda: isinstance(look.app.screen, FirstRun), "the first run")
        await says(look, "Removed acme and its store.", "Connect a project")
        assert isinstance(look.app, MemosAdmin)
        assert look.app.session is None
    assert names(home) == []


async def test_a_keyring_that_keeps_the_key_of_a_removed_project_is_told(
    home: Home, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.use(monkeypatch, keyrings.Raising(lambda _: RuntimeError("out of order")))
    acme, beta = add(home, "acme"), add(home, "beta")
    async with opened(home, acme, size) as look:
        await press(look, "down", "d")
        await type_in(look, "beta")
        await says(look, "The keyring did not delete its key.", str(beta.uuid)[-12:])


async def test_what_cannot_be_removed_can_be_left(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = add(home, "acme")

    def refuse(path: Path, content: bytes) -> None:
        raise HomeError(f"{path} cannot be written: Read-only file system.")

    monkeypatch.setattr(config, "replace_private", refuse)
    async with opened(home, acme, (120, 40)) as look:
        await press(look, "d")
        await type_in(look, "acme")
        await says(look, "Read-only file system")
        await rest(look)
        await press(look, "escape")
        await until(look, lambda: isinstance(look.app.screen, FirstRun), "the first run")
    assert names(home) == ["acme"]
