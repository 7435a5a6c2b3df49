"""Editing, archiving, restoring and deleting memories: planned, journaled, read back, kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memos_admin.backend import journal
from memos_admin.backend.changing import carrying, permission
from memos_admin.backend.changing.lines import text_of
from memos_admin.backend.changing.outcome import Outcome, StepOutcome
from memos_admin.backend.changing.plan import NO_EDIT, Act, BadChange, Edit, Plan, Step
from memos_admin.backend.changing.planning import plan
from memos_admin.backend.changing.said import Said
from memos_admin.backend.changing.wording import plan_lines, step_outcome_lines
from memos_admin.backend.home import Home
from memos_admin.backend.model import Filter, Memory, SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.errors import Busy
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.transport import Timeouts
from memos_admin.emulator.thread import EmulatorThread
from tests.backend.changed import REQUIREMENTS, TRIP, USER, at_once, project_on
from tests.backend.journals import entries
from tests.backend.service import Service, a_memory
from tests.cli.conftest import asked
from tests.effort import examples


async def change(workspace: Workspace, act: Act, *ids: str, edit: Edit = NO_EDIT) -> Outcome:
    return await carrying.carry_out(workspace, await plan(workspace, act, ids, edit), wait=at_once)


async def use(workspace: Workspace, client: CloudClient) -> None:
    await (await workspace.remote()).close()
    workspace.use_remote(client)


def faults(emulator: EmulatorThread, *specs: str) -> None:
    asked(emulator, "/_emulator/faults", {"faults": list(specs)})


def shown(emulator: EmulatorThread, memory_id: str) -> dict[str, object]:
    found: dict[str, object] = asked(emulator, f"/get/memory/{memory_id}")["data"]
    return found


def kept(workspace: Workspace, memory_id: str) -> Memory:
    with workspace.open_reads() as reads:
        return reads.memory(memory_id)[0]


def verdicts(outcome: Outcome) -> list[tuple[str, str | None]]:
    return [(one.carried, None if one.read is None else one.read.verdict) for one in outcome.steps]


def journaled(workspace: Workspace) -> list[tuple[str, str | None, str | None]]:
    journal.of(workspace.home).flush()
    wanted = ("memory.", "subject.")
    return [
        (entry.action, entry.result, entry.memory_id)
        for entry in entries(workspace.home)
        if entry.action.startswith(wanted)
    ]


# -- what is asked for is done, shown and kept -----------------------------------------------------


async def test_an_edit_is_done_shown_and_kept_as_a_version(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    before = kept(acme, TRIP)
    outcome = await change(acme, "edit", TRIP, edit=Edit("Trip", "The user travels alone."))
    assert verdicts(outcome) == [("done", "verified")]
    assert (outcome.is_complete, outcome.not_kept) == (True, "")
    assert shown(emulator, TRIP)["content"] == "The user travels alone."
    with acme.open_reads() as reads:
        versions = reads.memory_versions(before.pk)
    assert [(one.title, one.content) for one in versions] == [
        (before.title, before.content),
        ("Trip", "The user travels alone."),
    ]


async def test_archived_and_restored_again(acme: Workspace) -> None:
    outcome = await change(acme, "archive", TRIP)
    assert verdicts(outcome) == [("done", "verified")]
    gone = kept(acme, TRIP)
    assert (gone.status, gone.reason, gone.vanished_at is None) == ("archived", "archived", False)
    assert kept(acme, REQUIREMENTS).vanished_at is None
    outcome = await change(acme, "restore", TRIP)
    assert verdicts(outcome) == [("done", "verified")]
    back = kept(acme, TRIP)
    assert (back.status, back.reason, back.vanished_at) == ("activated", None, None)


async def test_deleted_memories_stay_here_as_gone(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    outcome = await change(acme, "delete", TRIP, REQUIREMENTS)
    assert verdicts(outcome) == [("done", "verified")] * 2
    requests = asked(emulator, "/_emulator/requests")
    assert requests["/delete/memory"] == 2
    for memory_id in (TRIP, REQUIREMENTS):
        gone = kept(acme, memory_id)
        assert (gone.reason, gone.vanished_at is None) == ("not found", False)
        assert gone.content
    with acme.open_reads() as reads:
        subject = reads.subject(USER)
    assert subject is not None
    assert subject.memories == 0


async def test_what_was_archived_here_before_is_deleted_for_good(acme: Workspace) -> None:
    await change(acme, "archive", TRIP)
    outcome = await change(acme, "delete", TRIP)
    assert verdicts(outcome) == [("done", "verified")]
    assert kept(acme, TRIP).reason == "not found"


# -- plans ---------------------------------------------------------------------------------------


async def test_what_there_is_nothing_to_do_about_is_passed_over(acme: Workspace) -> None:
    await change(acme, "archive", TRIP)
    found = await plan(acme, "archive", [TRIP, REQUIREMENTS, "none", TRIP])
    assert [step.memory_id for step in found.steps] == [REQUIREMENTS]
    assert [(one.memory_id, one.failed) for one in found.passed] == [(TRIP, False), ("none", True)]
    assert (found.word, found.is_lasting) == (REQUIREMENTS, False)
    again = await plan(acme, "restore", [REQUIREMENTS])
    assert [one.why for one in again.passed] == ["It is active already."]


async def test_an_edit_sends_only_what_differs(acme: Workspace) -> None:
    before = kept(acme, TRIP)
    (step,) = (await plan(acme, "edit", [TRIP], Edit(before.title, "New."))).steps
    assert step.fields == {"content": "New."}
    nothing = await plan(acme, "edit", [TRIP], Edit(before.title, before.content))
    assert ([one.why for one in nothing.passed], nothing.steps) == (["It says that already."], ())


@pytest.mark.parametrize("edit", [NO_EDIT, Edit(content=" \n"), Edit(title="", content="x")])
async def test_an_edit_that_says_nothing_is_refused(acme: Workspace, edit: Edit) -> None:
    with pytest.raises(BadChange):
        await plan(acme, "edit", [TRIP], edit)


async def test_a_plan_tells_what_the_store_has_not_seen_yet(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    assert (await plan(acme, "delete", [TRIP])).steps[0].here is None
    asked(emulator, "/update/memory", {"memory_id": TRIP, "content": "Something else."})
    (step,) = (await plan(acme, "delete", [TRIP])).steps
    assert step.before.content == "Something else."
    assert step.here is not None
    assert step.here.content == kept(acme, TRIP).content


async def test_every_view_says_the_same_under_its_id_as_in_a_list(
    emulator: EmulatorThread, isolated: Path
) -> None:
    users = [*asked(emulator, "/_emulator/users")]
    async with project_on(emulator, Home(isolated)) as workspace:
        await sync(workspace, SyncScope(tuple(SubjectRef("user", one) for one in users)))
        with workspace.open_reads() as reads:
            stored = reads.memories(reads.memory_pks(Filter(vanished=False)))
        by_view = {memory.view: memory.memory_id for memory in stored}
        found = await plan(workspace, "delete", list(by_view.values()))
    assert len(by_view) == 6
    assert [step.here for step in found.steps] == [None] * 6


# -- what is not allowed, not journaled, not as it was -------------------------------------------------


async def test_a_project_is_only_read_unless_it_says_otherwise(
    emulator: EmulatorThread, isolated: Path
) -> None:
    async with project_on(emulator, Home(isolated), USER, allowed=False) as workspace:
        found = await plan(workspace, "delete", [TRIP])
        with pytest.raises(permission.ReadOnly, match="projects allow-writes acme"):
            await carrying.carry_out(workspace, found)
        assert shown(emulator, TRIP)["status"] == "activated"
        Projects(workspace.home).allow_writes("acme", allowed=True)
        outcome = await carrying.carry_out(workspace, found, wait=at_once)
    assert outcome.is_complete


async def test_permission_that_was_taken_away_meanwhile_holds(acme: Workspace) -> None:
    found = await plan(acme, "archive", [TRIP])
    Projects(acme.home).allow_writes("acme", allowed=False)
    with pytest.raises(permission.ReadOnly):
        await carrying.carry_out(acme, found)


@pytest.mark.parametrize("gone", ["file", "project"])
async def test_a_project_that_is_in_the_configuration_no_more_is_only_read(
    emulator: EmulatorThread, acme: Workspace, gone: str
) -> None:
    found = await plan(acme, "archive", [TRIP])
    if gone == "file":
        acme.home.config_path.unlink()
    else:
        acme.home.config_path.write_text("", encoding="utf-8")
    assert not permission.standing(acme.home, acme.project).allow_writes
    with pytest.raises(permission.ReadOnly, match=r"acme is not in .*config\.toml any more"):
        await carrying.carry_out(acme, found)
    assert shown(emulator, TRIP)["status"] == "activated"


async def test_permission_that_is_taken_away_in_the_middle_ends_it_there(acme: Workspace) -> None:
    found = await plan(acme, "archive", [TRIP, REQUIREMENTS])

    def forbid(_outcome: object) -> None:
        Projects(acme.home).allow_writes("acme", allowed=False)

    outcome = await carrying.carry_out(acme, found, on_step=forbid, wait=at_once)
    assert [step.carried for step in outcome.steps] == ["done", "not tried"]
    assert "allow-writes acme" in outcome.steps[1].problem


async def test_each_change_is_journaled_before_and_after_without_a_text(acme: Workspace) -> None:
    secret = "The user travels alone."
    await change(acme, "edit", TRIP, edit=Edit(content=secret))
    await change(acme, "delete", TRIP)
    assert journaled(acme) == [
        ("memory.edit", "begun", TRIP),
        ("memory.edit", "done", TRIP),
        ("memory.delete", "begun", TRIP),
        ("memory.delete", "done", TRIP),
    ]
    edit = next(entry for entry in entries(acme.home) if entry.action == "memory.edit")
    assert (edit.user_id, edit.conversation_id) == (USER.external_id, "0610")
    last = entries(acme.home)[-1]
    assert last.details["read_back"] == "verified"
    assert secret not in json.dumps([entry.values() for entry in entries(acme.home)])


async def test_what_cannot_be_journaled_is_not_done(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    found = await plan(acme, "delete", [TRIP, REQUIREMENTS])
    journal.of(acme.home).flush()
    acme.home.journal_path.unlink()
    acme.home.journal_path.mkdir()
    with pytest.raises(journal.NotJournaled, match="Nothing was changed"):
        await carrying.carry_out(acme, found, wait=at_once)
    assert asked(emulator, "/_emulator/requests").get("/delete/memory") is None


async def test_a_journal_that_fails_in_the_middle_ends_it_there(acme: Workspace) -> None:
    found = await plan(acme, "delete", [TRIP, REQUIREMENTS])

    def break_journal(step: StepOutcome) -> None:
        if step.is_done:
            journal.of(acme.home).flush()
            for path in acme.home.path.glob("journal.db*"):
                path.unlink()
            acme.home.journal_path.mkdir()

    outcome = await carrying.carry_out(acme, found, on_step=break_journal, wait=at_once)
    assert verdicts(outcome) == [("done", "verified"), ("not tried", None)]
    assert "could not be journaled" in outcome.steps[1].problem
    assert kept(acme, TRIP).vanished_at is not None


async def test_what_changed_meanwhile_is_shown_and_nothing_sent(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    found = await plan(acme, "delete", [TRIP, REQUIREMENTS])
    asked(emulator, "/update/memory", {"memory_id": TRIP, "content": "Said meanwhile."})
    outcome = await carrying.carry_out(acme, found, wait=at_once)
    assert verdicts(outcome) == [("changed", None), ("not tried", None)]
    assert outcome.steps[0].now is not None
    assert outcome.steps[0].now.content == "Said meanwhile."
    assert asked(emulator, "/_emulator/requests").get("/delete/memory") is None
    assert kept(acme, TRIP).content == "Said meanwhile."


# -- when the service fails ---------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["reset", "truncate", "invalid-json", "timeout"])
async def test_an_answer_that_is_lost_after_it_was_done(
    acme: Workspace, emulator: EmulatorThread, fault: str
) -> None:
    found = await plan(acme, "archive", [TRIP])
    client = CloudClient(
        emulator.base_url, ApiKey(emulator.api_key), timeouts=Timeouts(read=2.0, total=4.0)
    )
    await use(acme, client)
    faults(emulator, f"{fault}:route=/update/memory")
    outcome = await carrying.carry_out(acme, found, wait=at_once)
    assert verdicts(outcome) == [("unknown", "verified")]
    assert outcome.is_complete
    assert journaled(acme)[-1] == ("memory.archive", "done", TRIP)
    last = next(e for e in reversed(entries(acme.home)) if e.action == "memory.archive")
    assert (last.details["carried_out"], last.details["read_back"]) == ("unsaid", "verified")
    assert kept(acme, TRIP).status == "archived"


async def test_a_failure_in_the_middle_leaves_the_rest_and_says_so(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    ids = [TRIP, REQUIREMENTS]
    asked(emulator, "/add/message", _said("I like tea."))
    third = await _extracted(emulator)
    faults(emulator, "500:route=/delete/memory,after=1")
    outcome = await change(acme, "delete", *ids, third)
    assert verdicts(outcome) == [
        ("done", "verified"),
        ("unknown", "pending"),
        ("not tried", None),
    ]
    assert (outcome.done, outcome.is_complete) == (1, False)
    assert journaled(acme)[1:] == [
        ("memory.delete", "done", TRIP),
        ("memory.delete", "begun", REQUIREMENTS),
        ("memory.delete", "failed", REQUIREMENTS),
    ]
    assert kept(acme, TRIP).vanished_at is not None
    assert kept(acme, REQUIREMENTS).vanished_at is None


async def test_one_that_is_refused_does_not_keep_the_others(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    faults(emulator, "code:code=40306,route=/delete/memory,times=1")
    outcome = await change(acme, "delete", TRIP, REQUIREMENTS)
    assert verdicts(outcome) == [("refused", None), ("done", "verified")]
    assert "does not permit" in outcome.steps[0].problem


async def test_a_key_that_is_refused_ends_it(acme: Workspace, emulator: EmulatorThread) -> None:
    faults(emulator, "expired-key:route=/delete/memory")
    outcome = await change(acme, "delete", TRIP, REQUIREMENTS)
    assert verdicts(outcome) == [("refused", None), ("not tried", None)]
    assert (outcome.is_refused, outcome.done) == (True, 0)


async def test_what_cannot_be_read_back_is_not_called_verified(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    found = await plan(acme, "archive", [TRIP])
    faults(emulator, "html:route=/get/memory/{memory_id},after=1")
    client = CloudClient(emulator.base_url, ApiKey(emulator.api_key), wait=at_once)
    await use(acme, client)
    outcome = await carrying.carry_out(acme, found, wait=at_once)
    assert verdicts(outcome) == [("done", "unread")]
    assert (outcome.done, outcome.is_complete) == (1, False)
    assert kept(acme, TRIP).status == "activated"


def _said(text: str) -> dict[str, object]:
    return {
        "user_id": USER.external_id,
        "conversation_id": "0610",
        "messages": [{"role": "user", "content": text}],
        "async_mode": False,
    }


async def _extracted(emulator: EmulatorThread) -> str:
    """Return the memory that a new message became."""
    body = {"user_id": USER.external_id, "page": 1, "size": 50}
    listed = asked(emulator, "/get/memory", body)["data"]["memory_detail_list"]
    return next(str(item["id"]) for item in listed if item["id"] not in {TRIP, REQUIREMENTS})


# -- a service in memory: what it shows late, or otherwise ------------------------------------------


async def planned(workspace: Workspace, service: Service, act: Act, *ids: str) -> Plan:
    Projects(workspace.home).allow_writes("test", allowed=True)
    service.put("ann", *(a_memory(each, user_id="ann") for each in ids))
    return await plan(workspace, act, ids, Edit(content="new") if act == "edit" else NO_EDIT)


async def test_a_service_that_shows_it_late(workspace: Workspace, service: Service) -> None:
    found = await planned(workspace, service, "edit", "m")
    waits: list[float] = []
    service.details["m"] = service.memories["user", "ann"]["m"]

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            service.details["m"] = a_memory("m", "new")

    def hold(route: str, name: str) -> None:
        if route == "/get/memory/{id}" and not waits and service.requests["/update/memory"]:
            service.details["m"] = a_memory("m")

    service.trouble = hold
    outcome = await carrying.carry_out(workspace, found, wait=wait)
    assert verdicts(outcome) == [("done", "verified")]
    assert waits == [0.2, 0.5, 1.0]


async def test_a_service_that_shows_something_else(workspace: Workspace, service: Service) -> None:
    found = await planned(workspace, service, "edit", "m")

    def other(route: str, name: str) -> None:
        if service.requests["/update/memory"]:
            service.details["m"] = a_memory("m", "neither")

    service.trouble = other
    outcome = await carrying.carry_out(workspace, found, wait=at_once)
    assert verdicts(outcome) == [("done", "contradicts")]
    assert outcome.steps[0].read is not None
    assert outcome.steps[0].read.now is not None
    assert outcome.steps[0].read.now.content == "neither"


async def test_a_listing_tells_what_an_answer_without_a_status_cannot(
    workspace: Workspace, service: Service
) -> None:
    bare = replace(a_memory("m", user_id="ann"), status=None)
    service.put("ann", a_memory("other"))
    Projects(workspace.home).allow_writes("test", allowed=True)
    service.put("ann", bare)
    found = await plan(workspace, "archive", ["m"])

    def lists_it_no_more(route: str, name: str) -> None:
        if service.requests["/update/memory"]:
            service.details["m"] = bare

    service.trouble = lists_it_no_more
    outcome = await carrying.carry_out(workspace, found, wait=at_once)
    assert verdicts(outcome) == [("done", "verified")]


async def test_interrupted_while_it_is_sent(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await planned(workspace, service, "delete", "a", "b", "c")
    sent, delete = asyncio.Event(), service.delete_memories

    async def hang(memory_ids: Sequence[str]) -> None:
        if memory_ids == ["b"]:
            sent.set()
            await asyncio.Event().wait()
        await delete(memory_ids)

    monkeypatch.setattr(service, "delete_memories", hang)
    told: list[StepOutcome] = []
    task = asyncio.create_task(
        carrying.carry_out(workspace, found, on_step=told.append, wait=at_once)
    )
    await sent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [(one.step.memory_id, one.carried, one.is_verified) for one in told] == [
        ("a", "done", True),
        ("b", "unknown", False),
        ("c", "not tried", False),
    ]
    assert journaled(workspace)[-2:] == [
        ("memory.delete", "begun", "b"),
        ("memory.delete", "failed", "b"),
    ]
    assert entries(workspace.home)[-1].details["carried_out"] == "unknown"


async def test_interrupted_while_it_is_read_back_it_is_done_all_the_same(
    workspace: Workspace, service: Service
) -> None:
    found = await planned(workspace, service, "delete", "a", "b")

    def stop(route: str, _name: str) -> None:
        if route == "/get/memory/{id}" and "a" not in service.memories["user", "ann"]:
            raise asyncio.CancelledError

    service.trouble = stop
    told: list[StepOutcome] = []
    with pytest.raises(asyncio.CancelledError):
        await carrying.carry_out(workspace, found, on_step=told.append, wait=at_once)
    assert [one.carried for one in told] == ["done", "not tried"]
    assert "need not be sent again" in "\n".join(map(text_of, step_outcome_lines(told[0])))
    assert journaled(workspace)[-1] == ("memory.delete", "done", "a")
    assert entries(workspace.home)[-1].details["read_back"] == "unread"


# -- plans and outcomes against a service that does as it is told, or not -----------------------------


class Plain:
    """What a service would hold: the naive reference."""

    def __init__(self, statuses: dict[str, str]) -> None:
        self.statuses = dict(statuses)

    def act(self, act: Act, memory_id: str) -> None:
        """Do what is asked for, where there is something to do."""
        if act == "delete":
            self.statuses.pop(memory_id, None)
        elif memory_id in self.statuses:
            self.statuses[memory_id] = "archived" if act == "archive" else "activated"


NAMES = ("a", "b", "c", "d")


@given(
    statuses=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["activated", "archived"])),
    act=st.sampled_from(["archive", "restore", "delete"]),
    ids=st.lists(st.sampled_from(NAMES), min_size=1, max_size=6),
    fails_at=st.integers(0, 6),
)
@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_outcome_tells_of_every_memory_what_the_service_holds(
    tmp_path_factory: pytest.TempPathFactory,
    statuses: dict[str, str],
    act: Act,
    ids: list[str],
    fails_at: int,
) -> None:
    service, plain = Service(), Plain(statuses)
    for memory_id, status in statuses.items():
        service.details[memory_id] = replace(a_memory(memory_id, user_id="ann"), status=status)
    sent = 0

    def trouble(route: str, name: str) -> None:
        nonlocal sent
        if route in {"/update/memory", "/delete/memory"}:
            sent += 1
            if sent == fails_at:
                raise Busy("The service cannot answer now.")
            plain.act(act, name)

    service.trouble = trouble

    async def run() -> Outcome:
        home = Home(tmp_path_factory.mktemp("home") / "home")
        Projects(home).add("test", base_url="http://127.0.0.1:9/api/openmem/v1")
        workspace = Workspace(Projects(home).allow_writes("test", allowed=True), home)
        workspace.use_remote(service)
        try:
            return await change(workspace, act, *ids)
        finally:
            await workspace.close()

    outcome = asyncio.run(run())
    told = [step.memory_id for step in outcome.plan.steps]
    told += [passed.memory_id for passed in outcome.plan.passed]
    assert sorted(told) == sorted(set(ids))
    for one in outcome.steps:
        name = one.step.memory_id
        target = {"archive": "archived", "restore": "activated", "delete": None}[act]
        assert one.is_verified == (plain.statuses.get(name) == target)
        assert one.is_done == one.is_verified
    assert {name: memory.status for name, memory in service.details.items()} == plain.statuses
    failed = 0 < fails_at <= len(outcome.plan.steps)
    assert [one.carried for one in outcome.steps].count("not tried") == (
        len(outcome.plan.steps) - fails_at if failed else 0
    )
    assert outcome.is_complete == (not failed and set(ids) <= statuses.keys())


@pytest.mark.parametrize(
    ("view", "edit", "is_said"),
    [
        ("preference", Edit(title="Tea"), True),
        ("tool_memory", Edit(title="Tea"), True),
        ("preference", Edit(content="Tea"), False),
        ("event", Edit(title="Tea"), False),
    ],
)
def test_of_a_title_that_no_list_will_have_that_is_said_before_it_is_sent(
    view: str, edit: Edit, is_said: bool
) -> None:
    plan = Plan("edit", (Step("edit", Said("m-1", view, None, "likes tea", None), edit),), "acme")
    told = "\n".join(map(text_of, plan_lines(plan, str)))
    assert ("stand in no list, history or export here." in told) is is_said


@pytest.mark.parametrize(
    ("act", "edit", "sent"),
    [
        ("feedback", Edit(feedback="It is wrong."), "  feedback_content: It is wrong."),
        ("archive", NO_EDIT, "  status: [-ACTIVATED-]{+ARCHIVED+}"),
    ],
)
def test_what_is_sent_is_told_before_what_a_memory_says_and_a_status_in_the_words_of_the_screen(
    act: Act, edit: Edit, sent: str
) -> None:
    said = Said(
        "m-1", "detail_factual", None, "long " * 300, "activated", SubjectRef("user", "ann")
    )
    plan = Plan(act, (Step(act, said, edit),), "acme")
    lines = [text_of(one) for one in plan_lines(plan, str.upper)]
    assert lines[1] == sent
    assert "ann, status ACTIVATED" in lines[3]
    assert lines[4].startswith("  content: long long")
