"""Answers that lack fields: what the store holds stays what it was, and the sync says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.sync import SyncReport, SyncScope, sync
from memos_admin.backend.upkeep import maintenance
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud import answers
from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.key import ApiKey
from memos_admin.emulator.generate import generated_data
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store.records import Filter, Memory, SubjectRef
from tests.backend.service import Service, a_memory, a_message
from tests.backend.stored import said

ANN = SubjectRef("user", "ann")
FULL = SyncScope((ANN,), full=True)


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorThread]:
    with EmulatorThread(generated_data(1, 2, 12, 30)) as running:
        yield running


@pytest.fixture
async def online(isolated: Path, emulator: EmulatorThread) -> AsyncIterator[Workspace]:
    """A project whose service is a real one, on a socket."""
    home = Home(isolated)
    opened = Workspace(Projects(home).add("test", base_url=emulator.base_url), home)
    opened.use_remote(CloudClient(emulator.base_url, ApiKey(emulator.api_key), rate=1000))
    yield opened
    assert maintenance.check(opened) == []
    await opened.close()


@pytest.mark.parametrize("thin", product([False, True], repeat=3))
async def test_thin_answers_change_nothing(
    online: Workspace, emulator: EmulatorThread, thin: tuple[bool, ...]
) -> None:
    scope = SyncScope((SubjectRef("user", "user-000001"),), full=True)

    async def read(thin: bool) -> SyncReport:
        emulator.emulator.faults.replace(["missing-fields"] if thin else [])
        return await sync(online, scope)

    reports = [await read(each) for each in thin]
    assert [report.complete for report in reports] == [not each for each in thin]
    whole = await read(False)
    assert (whole.complete, whole.gaps) == (True, 0)
    before = said(online.store_path)
    assert (len(before["memories"]), len(before["messages"])) == (30, 24)
    assert (before["message versions"], before["seams"]) == ([], [])
    # What is learnt of the tools that it uses is part of what a tool memory says.
    assert {view for (view,) in before["versions"]} <= ({"tool_memory"} if thin[0] else set())

    degraded = await read(True)

    assert (degraded.added, degraded.changed, degraded.messages, degraded.gaps) == (0, 0, 0, 0)
    assert said(online.store_path) == before
    listed, *windows = sorted(degraded.failed, key=lambda failure: failure.conversation_id or "")
    assert "MemOS listed 30 of 30 without their status or update time" in listed.error
    assert [failure.conversation_id for failure in windows] == ["c-0001", "c-0002"]
    assert all("create_time: 12" in failure.error for failure in windows)


def lacking(memory: answers.Memory, *names: str) -> answers.Memory:
    """Return a memory of which the service says nothing but what is not in `names`."""
    blank: dict[str, Any] = {name: () if name == "tags" else None for name in names}
    raw = {name: value for name, value in memory.raw.items() if name not in names}
    return replace(memory, **blank, raw=raw, absent=frozenset(names))


def stored(workspace: Workspace) -> Memory:
    reads = workspace.reads
    return reads.memories(reads.memory_pks(Filter(subject=ANN)))[0]


async def test_a_change_in_a_thin_item_keeps_the_rest(
    workspace: Workspace, service: Service
) -> None:
    whole = a_memory("m1", "likes tea")
    service.put("ann", whole)
    await sync(workspace, FULL)
    thin = lacking(replace(whole, content="likes coffee"), "status", "tags", "conversation_id")
    service.put("ann", replace(thin, raw={**thin.raw, "content": "likes coffee"}))

    reports = [await sync(workspace, FULL), await sync(workspace, FULL)]

    assert [report.changed for report in reports] == [1, 0]
    memory = stored(workspace)
    assert (memory.content, memory.version) == ("likes coffee", 2)
    assert (memory.status, memory.tags) == ("activated", ("a", "b"))
    assert memory.conversation_id == "c1"
    conversation = workspace.reads.conversation(ANN, "c1")
    assert conversation is not None
    assert conversation.memories == 1
    service.put("ann", a_memory("m1", "likes coffee"))
    assert (await sync(workspace, FULL)).changed == 0


async def test_null_is_said(workspace: Workspace, service: Service) -> None:
    service.put("ann", a_memory("m1"))
    await sync(workspace, FULL)
    service.put("ann", a_memory("m1", tags=(), title=None))

    assert (await sync(workspace, FULL)).changed == 1
    assert (stored(workspace).title, stored(workspace).tags) == (None, ())


@pytest.mark.parametrize("lost", ["create_time", "role_id"])
async def test_messages_that_lost_what_they_had_are_refused(
    workspace: Workspace, service: Service, lost: str
) -> None:
    words = [replace(a_message(text, at=f"2025-06-10 09:3{n}:00"), role_id="7")
             for n, text in enumerate("abc")]  # fmt: skip
    service.put("ann", a_memory("m1"))
    service.say("ann", "c1", *words)
    await sync(workspace, FULL)
    before = said(workspace.store_path)
    new = replace(a_message("new", at="2025-06-10 09:40:00"), role_id="7")
    nothing: dict[str, Any] = {lost: None}
    service.messages["ann", "c1"] = [replace(m, **nothing) for m in (*words, new)]

    report = await sync(workspace, FULL)

    assert [failure.conversation_id for failure in report.failed] == ["c1"]
    assert "3 came without the time or the role_id that they had" in report.failed[0].error
    assert said(workspace.store_path) == before
    service.messages["ann", "c1"] = [*words, new]
    assert (await sync(workspace, FULL)).messages == 1


async def test_a_message_that_never_had_a_time_is_one_like_any(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"))
    service.say("ann", "c1", a_message("yes"), a_message("yes", at=None))
    assert (await sync(workspace, FULL)).complete
    service.say("ann", "c1", a_message("yes", at=None))
    report = await sync(workspace, FULL)
    assert (report.complete, report.messages) == (True, 1)
