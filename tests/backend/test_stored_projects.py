"""Projects beside each other: looked at without a trace, and where their keys would come from."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from memos_admin.backend import roster
from memos_admin.backend.config import ConfigError
from memos_admin.backend.credentials import (
    KeyringLocked,
    KeyringTimeout,
    OsKeyring,
    key_state,
    set_key,
    store_key,
)
from memos_admin.backend.home import Home
from memos_admin.backend.keys import BadKey, ForeignKey, KeyBoundElsewhere, NoKeyring
from memos_admin.backend.projects import Project, Projects, stored
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.key import ApiKey
from memos_admin.store.errors import StoreBroken
from memos_admin.store.glance import glance
from memos_admin.store.records import SubjectRef
from memos_admin.store.schema import CURRENT
from tests.backend import keyrings
from tests.backend.service import Service, a_memory, a_message

KEY, OTHER = ApiKey("mpg-0123456789"), ApiKey("mpg-9876543210")


def footprint(folder: Path) -> dict[str, tuple[int, str]]:
    """What stands in a folder: names, times of change, contents."""
    return {
        path.name: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in folder.iterdir()
    }


async def filled(workspace: Workspace, service: Service) -> None:
    service.put("ann", a_memory("m1"), a_memory("m2"))
    service.say("ann", "c1", a_message("hello"), a_message("hi", "assistant"))
    await roster.add_subjects(workspace, [SubjectRef("user", "ann"), SubjectRef("agent", "bot")])
    await sync(workspace, SyncScope())
    service.put("ann", a_memory("m1", "likes coffee", update_time="2025-09-18T07:58:05Z"))
    await sync(workspace, SyncScope(full=True))


# Stores


async def test_a_closed_store_is_counted_without_a_trace(
    workspace: Workspace, service: Service
) -> None:
    await filled(workspace, service)
    await workspace.close()
    before = footprint(workspace.project.store_dir)
    state = stored.look_at_store(workspace.project)
    assert state.condition == "fine"
    assert state.holds == (
        "1 user, 1 agent, 1 conversation, 2 messages, 2 memories and 1 earlier version"
    )
    assert state.last_run is not None
    assert state.last_run.outcome == "complete"
    assert state.size == workspace.store_path.stat().st_size
    assert footprint(workspace.project.store_dir) == before


async def test_a_store_that_is_being_written_is_counted_as_committed(
    workspace: Workspace, service: Service
) -> None:
    await filled(workspace, service)
    state = stored.look_at_store(workspace.project)
    assert state.totals is not None
    assert (state.totals.users, state.totals.messages) == (1, 2)
    assert state.size > workspace.store_path.stat().st_size  # the log counts


async def test_looking_holds_up_no_writer(workspace: Workspace, service: Service) -> None:
    await filled(workspace, service)
    other = sqlite3.connect(workspace.store_path, isolation_level=None, timeout=0)
    other.execute("BEGIN IMMEDIATE")
    assert stored.look_at_store(workspace.project).condition == "fine"
    other.execute("DELETE FROM setting")
    other.execute("COMMIT")
    other.close()


def test_a_store_that_is_not_there_is_not_made(workspace: Workspace) -> None:
    state = stored.look_at_store(workspace.project)
    assert (state.condition, state.size, state.holds, state.usable) == ("none", 0, "", True)
    assert not workspace.project.store_dir.exists()


async def test_a_newer_store_is_left_untouched(workspace: Workspace, service: Service) -> None:
    await filled(workspace, service)
    await workspace.close()
    connection = sqlite3.connect(workspace.store_path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = footprint(workspace.project.store_dir)
    state = stored.look_at_store(workspace.project)
    assert (state.condition, state.usable) == ("newer", False)
    assert "schema 99" in state.problem
    assert footprint(workspace.project.store_dir) == before


async def test_an_older_store_is_not_migrated(workspace: Workspace, service: Service) -> None:
    await filled(workspace, service)
    await workspace.close()
    connection = sqlite3.connect(workspace.store_path)
    connection.execute(f"PRAGMA user_version = {CURRENT - 1}")
    connection.close()
    before = footprint(workspace.project.store_dir)
    state = stored.look_at_store(workspace.project)
    assert (state.condition, state.totals, state.usable) == ("older", None, True)
    assert footprint(workspace.project.store_dir) == before


def test_a_damaged_store_is_told_and_left(workspace: Workspace) -> None:
    folder = workspace.home.create_project_dir(workspace.project.uuid)
    (folder / "store.db").write_bytes(b"nothing of a store" * 100)
    state = stored.look_at_store(workspace.project)
    assert (state.condition, state.usable) == ("damaged", False)
    assert "damaged or not a store" in state.problem
    assert [path.name for path in folder.iterdir()] == ["store.db"]
    with pytest.raises(StoreBroken):
        glance(folder / "store.db", 1)


def test_what_cannot_be_opened_is_told(workspace: Workspace) -> None:
    folder = workspace.home.create_project_dir(workspace.project.uuid)
    (folder / "store.db").mkdir()
    state = stored.look_at_store(workspace.project)
    assert (state.condition, state.usable) == ("unreadable", False)
    assert str(folder) in state.problem


async def test_counting_that_takes_too_long_is_given_up(
    workspace: Workspace, service: Service
) -> None:
    await filled(workspace, service)
    writer = await workspace.open_writer()
    await writer.run(
        lambda connection: connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) "
            "INSERT INTO subject (kind, external_id, known_from, added_at, conversations, "
            "messages, memories) SELECT 'user', 'u' || i, 'hand', 0, 0, 0, 0 FROM n"
        )
    )
    state = stored.look_at_store(workspace.project, -1)
    assert (state.condition, state.totals) == ("fine", None)
    assert state.last_run is not None


# Which there are


def test_the_projects_of_home_and_environment(isolated: Path) -> None:
    home = Home(isolated)
    projects = Projects(home)
    projects.add("beta")
    projects.add("acme", base_url="https://example.com")
    projects.use("acme")
    found = stored.listing(home, {"MEMOS_API_KEY": KEY.reveal(), "MEMOS_IS_GLOBAL": "true"})
    assert [project.name for project in found.named] == ["acme", "beta"]
    assert found.used == projects.get("acme").uuid
    assert found.environment is not None
    assert found.environment.region == "global"
    assert found.environment == projects.resolve(
        None, {"MEMOS_API_KEY": KEY.reveal(), "MEMOS_IS_GLOBAL": "true"}
    )
    assert KEY.reveal() not in repr(found)


def test_listing_creates_nothing(isolated: Path) -> None:
    assert stored.listing(Home(isolated), {}) == stored.Listing((), None, None)
    assert not isolated.exists()


def test_an_environment_that_makes_no_project_is_told(isolated: Path) -> None:
    home = Home(isolated)
    Projects(home).add("acme")
    found = stored.listing(home, {"MEMOS_API_KEY": "two words"})
    assert (found.environment, len(found.named)) == (None, 1)
    assert "MEMOS_API_KEY" in found.problem
    assert "two words" not in found.problem
    address = {"MEMOS_API_KEY": KEY.reveal(), "MEMOS_BASE_URL": "http://example.com"}
    assert "plain http" in stored.listing(home, address).problem


def test_a_broken_configuration_is_named_with_its_line(isolated: Path) -> None:
    home = Home(isolated)
    home.create()
    home.config_path.write_text("use = 3\n")
    home.config_path.chmod(0o600)
    with pytest.raises(ConfigError, match=r"config\.toml, line 1: use"):
        stored.listing(home, {})


# Keys


@pytest.fixture
def acme(isolated: Path) -> Project:
    return Projects(Home(isolated)).add("acme")


def test_a_key_of_the_keyring(
    isolated: Path, acme: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.use(monkeypatch, keyrings.Memory())
    assert key_state(acme, {}).source is None
    project = set_key(Projects(Home(isolated)), acme, KEY)
    state = key_state(project, {"MEMOS_API_KEY": OTHER.reveal()})
    assert (state.source, state.error) == ("keyring", None)
    moved = replace(project, base_url="https://example.com")
    assert isinstance(key_state(moved, {}).error, KeyBoundElsewhere)
    foreign = replace(project, fingerprints=(OTHER.fingerprint,))
    assert isinstance(key_state(foreign, {}).error, ForeignKey)
    store_key(replace(project, fingerprints=()), OTHER)
    assert isinstance(key_state(project, {}).error, ForeignKey)


def test_a_key_of_the_environment(acme: Project, isolated: Path) -> None:
    env = {"MEMOS_API_KEY": KEY.reveal()}
    state = key_state(acme, env)
    assert state.source == "environment"
    assert isinstance(state.unusable, NoKeyring)
    known = Projects(Home(isolated)).remember_key(acme, OTHER.fingerprint)
    assert isinstance(key_state(known, env).error, ForeignKey)
    unnamed = Projects(Home(isolated)).unnamed(acme.base_url, KEY)
    assert key_state(unnamed, env).source == "environment"
    assert isinstance(key_state(unnamed, {"MEMOS_API_KEY": OTHER.reveal()}).error, ForeignKey)
    assert isinstance(key_state(acme, {"MEMOS_API_KEY": "a b"}).error, BadKey)


def test_a_key_command_is_not_run(isolated: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    project = Projects(Home(isolated)).add("acme", key_command=["touch", str(ran)])
    assert key_state(project, {}).source == "key_command"
    assert not ran.exists()


def test_a_silent_keyring_is_asked_once(acme: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = keyrings.Hanging()
    keyrings.use(monkeypatch, hanging)
    state = key_state(acme, {}, keyring=OsKeyring(0.05))
    assert isinstance(state.error, KeyringTimeout)
    hanging.release.set()
    again = key_state(acme, {}, unusable=KeyringLocked("locked"))
    assert (again.source, str(again.error)) == (None, "locked")
