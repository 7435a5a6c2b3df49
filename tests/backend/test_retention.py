"""Retention: what is no longer kept is dropped, also from the index, and says so where it was shown."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from memos_admin.backend import roster, search
from memos_admin.backend.config import ConfigError
from memos_admin.backend.export.exporting import export
from memos_admin.backend.export.scope import SubjectScope
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.times import now_ms
from memos_admin.backend.upkeep import indexing, maintenance, retention, tidying
from memos_admin.backend.upkeep.retention import Dropped, Retention
from memos_admin.backend.upkeep.turns import silently
from memos_admin.backend.workspace import Workspace
from memos_admin.store.records import SubjectRef
from memos_admin.store.search.filling import Filling
from tests.backend.service import Service, a_memory, a_message

ANN = SubjectRef("user", "ann")
DAY = 24 * 3_600_000


def configure(home: Path, text: str, *, project: str = "") -> None:
    """Say what is to be kept, of all projects and of the one that there is."""
    (only,) = Projects(Home(home)).list()
    table = f"[projects.{only.uuid}.retention]\n{project}\n" if project else ""
    with (home / "config.toml").open("a") as file:
        file.write(f"\n[retention]\n{text}\n{table}")


async def changed(workspace: Workspace, service: Service) -> None:
    """A memory and a message that said something else before; the index has read both."""
    service.put("ann", a_memory("m1", "quetzalcoatl once"), a_memory("m2"))
    service.say("ann", "c1", a_message("xylophone first"), a_message("hi", "assistant"))
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope())
    fill(workspace)
    service.put("ann", a_memory("m1", "now something else"))
    said = a_message("now said otherwise")
    service.messages["ann", "c1"][0] = type(said)(
        **{name: getattr(said, name) for name in said.__dataclass_fields__}
        | {"update_time": "2025-06-11 09:30:00"}
    )


def fill(workspace: Workspace) -> None:
    indexing.stop(workspace.store_path, wait=True)
    with Filling(workspace.store_path) as filling:
        while filling.step():
            pass


def versions(workspace: Workspace) -> list[tuple[str, bool]]:
    """Return what both said before, and whether that is no longer kept."""
    reads = workspace.reads
    (memory,) = reads.memory("m1")
    (conversation,) = reads.conversations(reads.conversation_pks(memory_subject(workspace)))
    first = reads.message_pks(conversation.pk)[0]
    said = [(one.content, one.dropped) for one in reads.memory_versions(memory.pk)[:-1]]
    return said + [(one.content, one.dropped) for one in reads.message_versions(first)]


def memory_subject(workspace: Workspace) -> int:
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    return subject.pk


async def test_nothing_is_dropped_unless_asked_for(workspace: Workspace, service: Service) -> None:
    await changed(workspace, service)
    await sync(workspace, SyncScope(full=True))
    assert versions(workspace) == [("quetzalcoatl once", False), ("xylophone first", False)]
    assert await retention.apply(workspace) == Dropped()


async def test_earlier_versions_are_dropped_at_the_end_of_a_sync(
    workspace: Workspace, service: Service, isolated: Path
) -> None:
    await changed(workspace, service)
    configure(isolated, "keep_versions_days = false")
    await sync(workspace, SyncScope(full=True))
    # What was replaced in this very moment may be a millisecond too young.
    await retention.apply(workspace)
    assert versions(workspace) == [("", True), ("", True)]
    (memory,) = workspace.reads.memory("m1")
    assert (memory.version, memory.content) == (2, "now something else")
    assert json.loads(workspace.reads.memory_raw(memory.pk) or "")["content"] == memory.content
    assert maintenance.check(workspace) == []
    fill(workspace)
    assert maintenance.check_index(workspace) == []
    for text in ("quetzalcoatl", "xylophone"):
        assert list(search.search(workspace.reads, text)) == []
        index = workspace.store_path.with_name("search.db")
        assert text.encode() not in index.read_bytes()
    assert maintenance.is_unswept(workspace)
    await tidying.tidy(workspace, silently)
    files = b"".join(f.read_bytes() for f in workspace.store_path.parent.iterdir() if f.is_file())
    assert b"quetzalcoatl" not in files
    assert b"xylophone" not in files
    assert not maintenance.is_unswept(workspace)
    assert "texts" in journaled(isolated)


def journaled(home: Path) -> str:
    from memos_admin.backend import journal

    journal.close_all()
    return b"".join(file.read_bytes() for file in home.glob("journal.db*")).decode(errors="replace")


async def test_younger_versions_and_json_are_kept(
    workspace: Workspace,
    service: Service,
    isolated: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await changed(workspace, service)
    configure(isolated, "keep_versions_days = 10\nkeep_raw_json = 20")
    await sync(workspace, SyncScope(full=True))
    now = now_ms()
    (memory,) = workspace.reads.memory("m1")
    for days, dropped in ((9, Dropped()), (11, Dropped(versions=2)), (21, Dropped(raws=4))):
        monkeypatch.setattr(retention, "now_ms", lambda days=days: now + days * DAY)
        assert await retention.apply(workspace) == dropped
        assert (workspace.reads.memory_raw(memory.pk) == "") == (days > 20)
    assert await retention.apply(workspace) == Dropped()
    assert maintenance.check(workspace) == []


async def test_json_that_is_not_kept_changes_nothing_else(
    workspace: Workspace, service: Service, isolated: Path, tmp_path: Path
) -> None:
    await changed(workspace, service)
    configure(isolated, "keep_raw_json = true", project="keep_raw_json = false")
    await sync(workspace, SyncScope(full=True))
    await retention.apply(workspace)
    (memory,) = workspace.reads.memory("m1")
    assert workspace.reads.memory_raw(memory.pk) == ""
    again = await sync(workspace, SyncScope(full=True))
    assert (again.changed, again.added, again.messages) == (0, 0, 0)
    assert versions(workspace) == [("quetzalcoatl once", False), ("xylophone first", False)]
    target = tmp_path / "ann.jsonl"
    export(workspace, SubjectScope(ANN), format="jsonl", output=target)
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    raws = [(line["raw"], line.get("raw_dropped")) for line in lines if "raw" in line]
    assert (None, True) in raws
    kept = [one for line in lines for one in line.get("earlier_versions", [])]
    assert [one["dropped"] for one in kept] == [False, False]


@pytest.mark.parametrize(
    ("text", "project", "kept"),
    [
        ("", "", Retention()),
        ("keep_versions_days = 30\nkeep_raw_json = false", "", Retention(30, 0)),
        ("keep_versions_days = 30\nkeep_raw_json = 7", "keep_raw_json = true", Retention(30, None)),
        ("", "keep_versions_days = false", Retention(0, None)),
    ],
)
def test_a_project_goes_before_all(
    workspace: Workspace, isolated: Path, text: str, project: str, kept: Retention
) -> None:
    configure(isolated, text, project=project)
    assert retention.of_project(workspace.home, workspace.project.uuid) == kept


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("keep_versions = 3", "keep_versions: unknown"),
        ("keep_versions_days = -1", "must be true, false or a number of days"),
        ('keep_raw_json = "no"', "must be true, false or a number of days"),
        ("keep_raw_json = 36501", "at most 36500"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(
    workspace: Workspace, isolated: Path, text: str, told: str
) -> None:
    before = len((isolated / "config.toml").read_text().splitlines())
    configure(isolated, text)
    with pytest.raises(ConfigError, match=told) as caught:
        Projects(Home(isolated)).list()
    assert caught.value.line == before + 3
    assert os.fspath(isolated / "config.toml") in str(caught.value)
