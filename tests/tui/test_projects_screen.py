"""The projects: listed, opened, made the default, renamed."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from memos_admin.backend import config, roster
from memos_admin.backend.credentials import FoundKey, set_key
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects, stored
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import MemoryPage
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.jobs import project_states
from memos_admin.tui.screens.first_run import FirstRun
from memos_admin.tui.screens.projects import ProjectsScreen
from tests.backend import keyrings
from tests.backend.service import Service, a_memory
from tests.hostile import unsafe
from tests.tui.looking import at_both_sizes, main, press, rest, rows, seen, sees, until
from tests.tui.projecting import (
    NOWHERE,
    OLD,
    Size,
    add,
    fill,
    footer,
    hosted,
    names,
    opened,
    row,
    says,
    shows,
    type_in,
)

# The list


@at_both_sizes
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
        await press(look, "k")
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


@at_both_sizes
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
        name = f"environment key {OLD.fingerprint[:8]}"
        # The column cuts the name; it begins with what a person knows, as does the word for the key.
        assert row(look, "environment").count("environment") == 2
        await press(look, "down")
        await says(look, "MEMOS_API_KEY goes before the default")
        assert "rename" not in footer(look)
        assert "remove" not in footer(look)
        for key in ("n", "K", "d", "u"):
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
        await press(look, "enter", "n", "K", "t", "u", "d")
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
        for keys in ((), ("t",), ("n",), ("escape", "K"), ("escape", "d"), ("escape", "u")):
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
            look,
            lambda: stored.look_at_store(acme).holds.find("1 memory") > 0,
            "the quick one",
        )
        app.push_screen(ProjectsScreen(home, app.session))
        await sees(look, "Projects", "beta")
        await until(look, lambda: "kB" in row(look, "beta"), "the states")
        await look.press("down", "enter")
        await shows(look, "beta")
        await sees(look, "bob")
        assert app.session is not None
        app.session.abandon()
    state = stored.look_at_store(acme)
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
