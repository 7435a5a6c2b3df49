"""Deleting everything of a user in the service: read, exported, compared, journaled, read back."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from memos_admin.backend import journal
from memos_admin.backend.changing import permission, subject
from memos_admin.backend.changing.lines import text_of
from memos_admin.backend.changing.subject import CannotDelete, NotAllRead, SubjectOutcome
from memos_admin.backend.changing.subject_reading import Check
from memos_admin.backend.changing.subject_wording import subject_outcome_lines, subject_plan_lines
from memos_admin.backend.erasing import erased_before, forgetting
from memos_admin.backend.errors import Refused
from memos_admin.backend.home import Home
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.upkeep.turns import silently
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.errors import Busy
from memos_admin.emulator.thread import EmulatorThread
from tests.backend.changed import TRIP, USER, at_once, project_on
from tests.backend.journals import entries
from tests.backend.service import Service, a_memory, a_message
from tests.cli.conftest import asked


async def delete(workspace: Workspace, path: Path | None = None) -> SubjectOutcome:
    export = path is not None
    plan = await subject.plan(workspace, USER, export=export, export_to=path)
    return await subject.delete(workspace, plan, wait=at_once)


def listed(workspace: Workspace) -> int:
    with workspace.open_reads() as reads:
        return reads.memory_count(Filter(subject=USER, vanished=False))


async def test_a_user_is_exported_deleted_and_gone(
    acme: Workspace, emulator: EmulatorThread, tmp_path: Path
) -> None:
    path = tmp_path / "before.jsonl"
    plan = await subject.plan(acme, USER, export_to=path)
    assert (plan.memories, plan.views) == (2, (("detail_factual", 2),))
    assert (plan.conversations, plan.messages, plan.unread) == (("0610",), 4, "")
    outcome = await subject.delete(acme, plan, wait=at_once)
    assert (outcome.carried, outcome.is_complete, outcome.not_kept) == ("done", True, "")
    assert outcome.read is not None
    read = outcome.read
    assert (read.memories.answered, read.archived.answered) == (2, 0)
    assert read.conversations.answered == 1
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted(line["type"] for line in lines) == [
        "conversation",
        *["memory"] * 2,
        *["message"] * 4,
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert USER.external_id not in asked(emulator, "/_emulator/users")
    assert listed(acme) == 0
    with acme.open_reads() as reads:
        gone = reads.memories(reads.memory_pks(Filter(subject=USER)))
        conversation = reads.conversation(USER, "0610")
    assert {(memory.reason, bool(memory.content)) for memory in gone} == {("not found", True)}
    assert conversation is not None
    assert conversation.messages == 4


async def test_the_export_goes_where_nobody_else_can_read_it(
    acme: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plan = await subject.plan(acme, USER)
    assert plan.export is not None
    assert plan.export.parent == acme.home.exports_dir
    assert stat.S_IMODE(acme.home.exports_dir.stat().st_mode) == 0o700
    assert plan.export.name.startswith("acme-memos_user_123-before-deletion-")
    await subject.delete(acme, plan, wait=at_once)
    assert plan.export.exists()


async def test_it_is_journaled_with_the_file(acme: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "before.jsonl"
    await delete(acme, path)
    journal.of(acme.home).flush()
    found = [entry for entry in entries(acme.home) if entry.action in {"subject.delete", "export"}]
    assert [(entry.action, entry.result, entry.file) for entry in found] == [
        ("export", "begun", str(path)),
        ("export", "done", str(path)),
        ("subject.delete", "begun", str(path)),
        ("subject.delete", "done", str(path)),
    ]
    assert found[-1].counts == {"memories": 2, "conversations": 1}
    assert found[-1].details == {"read_back": "verified"}


async def test_nothing_is_deleted_where_the_export_cannot_be_written(
    acme: Workspace, emulator: EmulatorThread, tmp_path: Path
) -> None:
    plan = await subject.plan(acme, USER, export_to=tmp_path / "none" / "before.jsonl")
    with pytest.raises(OSError, match="none"):
        await subject.delete(acme, plan, wait=at_once)
    assert USER.external_id in asked(emulator, "/_emulator/users")


async def test_an_export_never_takes_the_place_of_a_file(acme: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "before.jsonl"
    plan = await subject.plan(acme, USER, export_to=path)
    path.write_text("the only copy of somebody else")
    with pytest.raises(CannotDelete, match="left alone"):
        await subject.delete(acme, plan, wait=at_once)
    assert path.read_text() == "the only copy of somebody else"


async def test_what_changed_since_it_was_shown_ends_it(
    acme: Workspace, emulator: EmulatorThread, tmp_path: Path
) -> None:
    plan = await subject.plan(acme, USER, export_to=tmp_path / "before.jsonl")
    asked(emulator, "/update/memory", {"memory_id": TRIP, "content": "Said meanwhile."})
    with pytest.raises(CannotDelete, match="something else by now"):
        await subject.delete(acme, plan, wait=at_once)
    assert USER.external_id in asked(emulator, "/_emulator/users")
    assert not (tmp_path / "before.jsonl").exists()


@pytest.mark.parametrize("export", [True, False])
async def test_what_cannot_be_read_again_is_not_said_to_have_changed(
    acme: Workspace, emulator: EmulatorThread, tmp_path: Path, *, export: bool
) -> None:
    before = tmp_path / "before.jsonl" if export else None
    plan = await subject.plan(acme, USER, export=export, export_to=before)
    asked(emulator, "/_emulator/faults", {"faults": ["code:code=40002,route=/get/message"]})
    with pytest.raises(
        CannotDelete, match=r"could not be read again .*40002.* Nothing was deleted\."
    ):
        await subject.delete(acme, plan, wait=at_once)
    assert USER.external_id in asked(emulator, "/_emulator/users")
    assert not (tmp_path / "before.jsonl").exists()
    asked(emulator, "/_emulator/faults", {"faults": []})
    assert (await subject.delete(acme, plan, wait=at_once)).is_complete


async def test_why_not_all_was_read_is_a_sentence(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    asked(emulator, "/_emulator/faults", {"faults": ["missing-fields:route=/get/memory"]})
    with pytest.raises(NotAllRead, match=r"What was known of them stays\.\n"):
        await subject.plan(acme, USER, export=False)


@pytest.mark.parametrize("export", [True, False])
async def test_what_cannot_be_read_whole_is_deleted_only_by_who_says_so(
    acme: Workspace, emulator: EmulatorThread, tmp_path: Path, *, export: bool
) -> None:
    asked(emulator, "/_emulator/faults", {"faults": ["code:code=40002,route=/get/message"]})
    before = tmp_path / "before.jsonl" if export else None
    with pytest.raises(NotAllRead, match="nobody knows what would be deleted"):
        await subject.plan(acme, USER, export=export, export_to=before)
    with pytest.raises(NotAllRead):  # something is listed
        await subject.plan(acme, USER, export=export, export_to=before, again=True)
    plan = await subject.plan(acme, USER, export=export, export_to=before, although_unread=True)
    assert plan.unread
    outcome = await subject.delete(acme, plan, wait=at_once)
    assert outcome.carried == "done"
    assert USER.external_id not in asked(emulator, "/_emulator/users")


async def test_the_same_reason_is_told_once(workspace: Workspace, service: Service) -> None:
    Projects(workspace.home).allow_writes("test", allowed=True)
    service.put("ann", *(a_memory(f"m{n}", conversation_id=f"c{n}") for n in range(5)))

    def busy(route: str, name: str) -> None:
        if route == "/get/message":
            raise Busy("Not now.", route=route)

    service.trouble = busy
    ann = SubjectRef("user", "ann")
    plan = await subject.plan(workspace, ann, export=False, although_unread=True)
    assert plan.unread == "5 times: Not now."


async def test_archived_memories_are_read_back_too(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    asked(emulator, "/update/memory", {"memory_id": TRIP, "status": "archived"})
    plan = await subject.plan(acme, USER, export=False)
    assert (plan.memories, plan.archived) == (1, (TRIP,))
    assert "1 is known here" in "".join(map(text_of, subject_plan_lines(plan, str)))
    outcome = await subject.delete(acme, plan, wait=at_once)
    assert outcome.read is not None
    assert (outcome.read.archived, outcome.is_complete) == (Check(1, 1), True)
    assert "1 archived memory by id" in "".join(map(text_of, subject_outcome_lines(outcome)))
    with acme.open_reads() as reads:
        (gone,) = reads.memory(TRIP)
    assert gone.reason == "not found"


async def test_an_archived_memory_that_stays_is_told(
    workspace: Workspace, service: Service
) -> None:
    """A service that deletes what it lists, and keeps what it archived."""
    ann = SubjectRef("user", "ann")
    Projects(workspace.home).allow_writes("test", allowed=True)
    service.put("ann", a_memory("m1"), a_memory("m2"))
    await sync(workspace, SyncScope((ann,)))
    await service.update_memory("m2", status="archived")
    plan = await subject.plan(workspace, ann, export=False)
    outcome = await subject.delete(workspace, plan, wait=at_once)
    assert outcome.read is not None
    assert (outcome.read.known.left, outcome.is_complete) == (("m2",), False)


async def test_a_project_that_is_only_read(acme: Workspace, emulator: EmulatorThread) -> None:
    plan = await subject.plan(acme, USER, export=False)
    Projects(acme.home).allow_writes("acme", allowed=False)
    with pytest.raises(permission.ReadOnly):
        await subject.delete(acme, plan)
    assert USER.external_id in asked(emulator, "/_emulator/users")


@pytest.mark.parametrize("fault", ["reset", "truncate"])
async def test_an_answer_that_is_lost_after_it_was_done(
    acme: Workspace, emulator: EmulatorThread, fault: str
) -> None:
    plan = await subject.plan(acme, USER, export=False)
    asked(emulator, "/_emulator/faults", {"faults": [f"{fault}:route=/delete/memory"]})
    outcome = await subject.delete(acme, plan, wait=at_once)
    assert (outcome.carried, outcome.is_done, outcome.is_complete) == ("unknown", True, True)
    journal.of(acme.home).flush()
    last = next(e for e in reversed(entries(acme.home)) if e.action == "subject.delete")
    assert (last.result, last.details["carried_out"]) == ("done", "unsaid")
    assert listed(acme) == 0


async def test_of_two_who_delete_the_same_user_only_one_is_journaled_as_having_done_it(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    plan = await subject.plan(acme, USER, export=False)

    async def meanwhile(step: str) -> None:
        if step == "journaled":
            asked(emulator, "/delete/memory", {"user_id": USER.external_id})

    outcome = await subject.delete(acme, plan, on_step=meanwhile, wait=at_once)
    assert (outcome.is_absent, outcome.is_done, outcome.is_complete) == (True, False, True)
    journal.of(acme.home).flush()
    last = next(e for e in reversed(entries(acme.home)) if e.action == "subject.delete")
    assert (last.result, last.details["error"]) == ("failed", "NotFound")
    assert (last.details["carried_out"], last.details["read_back"]) == ("no", "verified")
    # What an earlier attempt has deleted, and this one found gone, is erased all the same.
    await forgetting.forget(acme, USER, silently)
    assert USER in erased_before.among(acme.home, acme.project, [USER])


async def test_a_deletion_that_is_not_carried_out_is_not_called_done(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    plan = await subject.plan(acme, USER, export=False)
    asked(emulator, "/_emulator/faults", {"faults": ["500:route=/delete/memory"]})
    outcome = await subject.delete(acme, plan, wait=at_once)
    assert (outcome.carried, outcome.is_done) == ("unknown", False)
    assert outcome.read is not None
    assert (outcome.read.verdict, outcome.read.listing.count) == ("pending", 2)
    assert outcome.read.conversations.left == ("0610",)
    journal.of(acme.home).flush()
    last = next(e for e in reversed(entries(acme.home)) if e.action == "subject.delete")
    assert (last.result, last.details["carried_out"]) == ("failed", "unknown")
    assert listed(acme) == 2


async def test_a_key_that_is_refused(acme: Workspace, emulator: EmulatorThread) -> None:
    plan = await subject.plan(acme, USER, export=False)
    asked(emulator, "/_emulator/faults", {"faults": ["expired-key:route=/delete/memory"]})
    outcome = await subject.delete(acme, plan, wait=at_once)
    assert (outcome.carried, outcome.is_refused) == ("refused", True)
    asked(emulator, "/_emulator/faults", {"faults": ["expired-key"]})
    with pytest.raises(Refused):
        await subject.plan(acme, USER, export=False)


async def test_messages_that_are_still_served_are_told(
    workspace: Workspace, service: Service
) -> None:
    """A service that deletes memories and keeps messages."""
    ann = SubjectRef("user", "ann")
    Projects(workspace.home).allow_writes("test", allowed=True)
    service.put("ann", *(a_memory(f"m{n}") for n in range(120)))
    service.say("ann", "c1", a_message("hello"))
    plan = await subject.plan(workspace, ann, export=False)
    said = service.messages["ann", "c1"]

    def keep(route: str, name: str) -> None:
        if route == "/get/message":
            service.messages["ann", "c1"] = said

    service.trouble = keep
    outcome = await subject.delete(workspace, plan, wait=at_once)
    assert (outcome.carried, outcome.is_complete) == ("done", False)
    assert outcome.read is not None
    assert (outcome.read.listing.count, outcome.read.known) == (0, Check(120, 120))
    assert outcome.read.conversations == Check(1, 1, ("c1",))
    with workspace.open_reads() as reads:
        assert reads.memory_count(Filter(subject=ann, vanished=False)) == 0
        gone = reads.memories(reads.memory_pks(Filter(subject=ann)))
    assert len(gone) == 120
    assert {memory.reason for memory in gone} == {"not found", "not listed twice"}


async def test_an_agent_is_deleted_as_an_agent(emulator: EmulatorThread, isolated: Path) -> None:
    agent = SubjectRef("agent", asked(emulator, "/_emulator/agents")[0])
    async with project_on(emulator, Home(isolated), agent) as workspace:
        plan = await subject.plan(workspace, agent, export=False)
        outcome = await subject.delete(workspace, plan, wait=at_once)
    assert outcome.is_done
    assert agent.external_id not in asked(emulator, "/_emulator/agents")
