"""What an erasure could not reach is looked at as it is now, and noted no more once it is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from memos_admin.backend.erasing import erased_before, forgetting, left_unerased, unerased
from memos_admin.backend.projects import Projects
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.upkeep import maintenance, tidying
from memos_admin.backend.upkeep.turns import silently
from memos_admin.backend.workspace import Workspace
from memos_admin.store import erasing
from memos_admin.store.records import SubjectRef
from memos_admin.store.scopes import refs_in, scope_of
from tests.backend.service import Service, a_memory

ANN, BOB = SubjectRef("user", "ann"), SubjectRef("user", "bob")
KEY = "0123456789abcdef"


@pytest.fixture
async def two(workspace: Workspace, service: Service) -> AsyncIterator[tuple[Workspace, Workspace]]:
    """Two projects of the same key that both have read Ann and Bob."""
    service.put("ann", a_memory("m1"))
    service.put("bob", a_memory("b1"))
    projects = Projects(workspace.home)
    projects.remember_key(workspace.project, KEY)
    there = projects.remember_key(
        projects.add("there", base_url="http://127.0.0.1:9/api/openmem/v1"), KEY
    )
    both = Workspace(projects.get("test"), workspace.home), Workspace(there, workspace.home)
    for one in both:
        one.use_remote(service)
        assert (await sync(one, SyncScope((ANN, BOB), full=True))).complete
    yield both
    for one in both:
        await one.close()


def left(workspace: Workspace) -> list[str]:
    """The other projects that still hold somebody, or the files."""
    found = maintenance.unerased(workspace)
    return [one.path.name if one.project is None else one.project.title for one in found]


@pytest.mark.parametrize("comes_back", ["", "here", "there"])
async def test_what_another_project_has_erased_since_is_left_no_more(
    two: tuple[Workspace, Workspace], comes_back: str
) -> None:
    """Also where whom it is about came back, here or there, and is not to be erased once more."""
    here, there = two
    done = await forgetting.forget(here, ANN, silently)
    assert [other.title for other in done.elsewhere] == ["there"]
    assert not done.repeating_helps
    assert left(here) == ["there"]
    await tidying.tidy(here, silently)
    assert left(here) == ["there"]
    if comes_back == "here":
        assert (await sync(here, SyncScope((ANN,), full=True))).complete
    await forgetting.forget(there, ANN, silently)
    if comes_back == "there":
        assert (await sync(there, SyncScope((ANN,), full=True))).complete
    assert left(here) == []
    await tidying.tidy(here, silently)
    assert unerased.of_anybody(here.project.store_dir) == {}
    # Bob, whom both have, was never to be erased: he does not count.
    assert forgetting.look(here.home, here.project, BOB).elsewhere


async def test_a_user_whom_only_a_sync_there_names_counts(
    two: tuple[Workspace, Workspace],
) -> None:
    here, there = two
    await forgetting.forget(here, ANN, silently)
    await there.close()
    with closing(sqlite3.connect(there.store_path)) as connection, connection:
        connection.execute("DELETE FROM subject WHERE external_id = 'ann'")
    with erasing.looking(there.store_path) as connection:
        assert {ref for ref, _since in erasing.named(connection)} == {ANN, BOB}
    assert left(here) == ["there"]


async def test_a_backup_that_was_out_of_reach_and_what_cannot_be_looked_at(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    service.put("ann", a_memory("m1"))
    assert (await sync(workspace, SyncScope((ANN,), full=True))).complete
    disk, away = tmp_path / "disk", tmp_path / "away"
    disk.mkdir()
    await maintenance.backup(workspace, disk / "copy.db")
    disk.rename(away)
    await forgetting.forget(workspace, ANN, silently)
    for _time in range(2):
        assert left(workspace) == ["copy.db"]
        await tidying.tidy(workspace, silently)
    away.rename(disk)
    await tidying.tidy(workspace, silently)
    assert left(workspace) == ["copy.db"]  # it has her still
    (disk / "copy.db").write_bytes(b"no database at all")
    assert left(workspace) == ["copy.db"]
    (disk / "copy.db").unlink()
    await maintenance.backup(workspace, disk / "copy.db")
    assert left(workspace) == []
    assert left_unerased.look(workspace.home, workspace.project) == []
    of_ann = partial(erased_before.of_nobody, workspace.home, workspace.project, ANN)
    assert "in part" in of_ann()
    await forgetting.forget(workspace, ANN, silently)
    assert "in part" not in of_ann()


def test_whom_a_scope_names_is_read_as_it_was_written() -> None:
    refs = [SubjectRef("agent", "a%20 b"), SubjectRef("user", "x: y"), SubjectRef("user", "%25")]
    assert list(refs_in(scope_of(refs, "c 1"))) == sorted(refs)
    assert list(refs_in("all")) == []
