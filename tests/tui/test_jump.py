"""The jump box: any id, typed or pasted, here or at the service."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from textual.screen import Screen

from memos_admin.backend import jump, roster
from memos_admin.backend.errors import Unreachable
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Memory, Task
from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.key import ApiKey
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import lookups
from memos_admin.tui.desk.place import Place
from memos_admin.tui.rows.jump import Asking
from memos_admin.tui.screens.jump import JumpBox
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.results import Results
from tests.backend.service import a_memory
from tests.backend.test_jump import TASK, Tasking
from tests.hostile import HOSTILE
from tests.tui.hosting import Host, Make, hosted, paste, retype, told
from tests.tui.looking import Look, at_both_sizes, misses, press, rest, rows, seen, sees, until
from tests.tui.story import AGENT, LI, NEVER, TRIP
from tests.tui.strangers import fill as fill_with
from tests.tui.test_hostile import assert_safe

Size = tuple[int, int]
FACT = "0a89db3a-2061-4c97-a1b8-45700f8745bc"
ELSEWHERE = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def service() -> Tasking:
    return Tasking()


def box(subject: SubjectRef | None = None, recent: Sequence[Place] = ()) -> Make:
    def make(session: Session) -> Screen[Place | None]:
        return JumpBox(session, subject=subject, recent=recent)

    return make


def chosen(look: Look) -> str:
    """Return the line under the cursor."""
    return next(line.strip(" │") for line in rows(look) if "│  > " in line or "│  >" in line)


async def returned(look: Look, host: Host) -> Place | None:
    await until(look, lambda: host.returned, "the box closed")
    return host.returned[-1]


# -- what is stored here -------------------------------------------------------------------------


async def test_typing_a_part_of_an_id_and_enter_goes_there(story: Workspace, size: Size) -> None:
    async with hosted(story, size, box()) as (look, host):
        await press(look, *"user_1")
        assert "memos_user_123" in chosen(look)
        await press(look, "enter")
        assert await returned(look, host) == Place(TRIP)


@at_both_sizes
async def test_all_kinds_are_found_and_the_service_is_last(story: Workspace, size: Size) -> None:
    async with hosted(story, size, box()) as (look, _):
        for typed, kind, whose in (
            ("ops", "agent", "ops-agent"),
            ("week", "conversation", "li.wei@acme.cn"),
            ("0a89", "memory", "memos_user_123"),
        ):
            await retype(look, typed)
            assert kind in chosen(look)
            assert whose in chosen(look)
            last = [line for line in rows(look) if "ask MemOS" in line]
            assert len(last) == 1
            assert typed in last[0]


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("weekly", Place(LI, "weekly", pane="transcript")),
        ("m-agent", Place(AGENT, memory_id="m-agent", pane="memories")),
        ("ops-agent", Place(AGENT)),
        (f'"memory_id": "{FACT}",', Place(TRIP, memory_id=FACT, pane="memories")),
    ],
)
async def test_each_kind_opens_where_it_is_read(story: Workspace, typed: str, place: Place) -> None:
    async with hosted(story, (120, 40), box()) as (look, host):
        await retype(look, typed)
        await press(look, "enter")
        assert await returned(look, host) == place


async def test_a_block_of_json_can_be_pasted(story: Workspace) -> None:
    async with hosted(story, (120, 40), box()) as (look, host):
        await paste(look, f'{{\r\n  "code": 0,\r\n  "memory_id": "{FACT}"\r\n}}\r\n')
        await sees(look, f"memory {FACT}", "Summer Family Trip Plan")
        await press(look, "enter")
        assert await returned(look, host) == Place(TRIP, memory_id=FACT, pane="memories")


async def test_keys_choose_among_matches(story: Workspace, size: Size) -> None:
    async with hosted(story, size, box()) as (look, host):
        await press(look, "m", "minus")
        first = chosen(look)
        await press(look, "down", "ctrl+n")
        third = chosen(look)
        await press(look, "up", "ctrl+p")
        assert chosen(look) == first != third
        await press(look, "pagedown", "pagedown")
        assert "ask MemOS" in chosen(look)
        await press(look, "pageup", "pageup", "enter")
        place = await returned(look, host)
        assert place is not None
        assert place.memory_id is not None


async def test_escape_leaves(story: Workspace) -> None:
    async with hosted(story, (120, 40), box()) as (look, host):
        await press(look, *"memos", "escape")
        assert await returned(look, host) is None


async def test_conversations_of_the_chosen_user_come_first(
    story: Workspace, service: Tasking
) -> None:
    await roster.add_conversations(story, NEVER, ["0610"])
    for subject in (NEVER, TRIP):
        async with hosted(story, (120, 40), box(subject)) as (look, host):
            await press(look, *"0610", "enter")
            assert await returned(look, host) == Place(subject, "0610", pane="transcript")


async def test_the_row_is_told_in_full(story: Workspace) -> None:
    async with hosted(story, (80, 24), box()) as (look, _):
        await retype(look, FACT[:8])
        assert FACT not in chosen(look)
        await sees(look, f"Summer Family Trip Plan · {FACT}")


@at_both_sizes
async def test_a_memory_that_is_gone_says_so(story: Workspace, size: Size) -> None:
    async with hosted(story, size, box()) as (look, _):
        await press(look, *"m-old")
        assert "gone" in chosen(look)


async def test_a_cut_is_told(story: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = [SubjectRef("user", f"many-{n}") for n in range(60)]
    await roster.add_subjects(story, refs)
    monkeypatch.setattr(lookups, "SMALL", 3)
    async with hosted(story, (120, 40), box()) as (look, _):
        await press(look, *"many")
        await told(look, "the best 50", "type more of the id", "by the beginning of their ids")


async def test_enter_waits_for_what_was_typed_last(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, find = threading.Event(), jump.find

    def slow(*args: Any, **more: Any) -> jump.Matches:
        go.wait(60)
        return find(*args, **more)

    async with hosted(story, (120, 40), box()) as (look, host):
        await press(look, *"li.wei")
        monkeypatch.setattr(jump, "find", slow)
        look.app.focused.value = "ops-agent"  # type: ignore[union-attr]
        await look.press("enter")
        await look.press("x", "backspace", "enter")  # keys are taken while the store is read
        assert host.returned == []
        go.set()
        assert await returned(look, host) == Place(AGENT)


# -- places visited lately -----------------------------------------------------------------------


async def test_an_empty_field_shows_the_places_visited_lately(story: Workspace, size: Size) -> None:
    went = [
        Place(LI, "weekly", message=3, pane="transcript"),
        Place(SubjectRef("user", "removed since")),
        Place(TRIP, memory_id=FACT, pane="detail"),
    ]
    async with hosted(story, size, box(recent=went)) as (look, host):
        await sees(look, "visited lately", "weekly")
        assert "removed since" not in seen(look)
        await press(look, *"ops")
        await misses(look, "visited lately")
        await press(look, "backspace", "backspace", "backspace")
        await sees(look, "visited lately")
        await press(look, "down", "enter")
        assert await returned(look, host) == went[2]


async def test_without_any_it_says_what_can_be_typed(story: Workspace) -> None:
    async with hosted(story, (120, 40), box()) as (look, host):
        await sees(look, "Type or paste the id of a user")
        await press(look, "enter")
        assert host.returned == []


# -- links ---------------------------------------------------------------------------------------


async def test_a_link_opens_its_place(story: Workspace) -> None:
    place = Place(TRIP, "0610", FACT, pane="memories")
    async with hosted(story, (120, 40), box()) as (look, host):
        await paste(look, f" {place.link}\n")
        await sees(look, "a link to what is stored here")
        await press(look, "enter")
        assert await returned(look, host) == place


async def test_a_link_from_another_machine_adds_its_user(story: Workspace) -> None:
    place = Place(SubjectRef("user", "far away"), "c 1")
    async with hosted(story, (120, 40), box()) as (look, host):
        await paste(look, place.link)
        await sees(look, "not stored here", "add the conversation c 1 of the user far away")
        await press(look, "enter")
        assert await returned(look, host) == Place(place.subject, "c 1", pane="transcript")
        assert story.reads.conversation(place.subject, "c 1") is not None


# -- the service ---------------------------------------------------------------------------------


async def test_a_memory_that_only_the_service_has_opens_with_its_user(
    story: Workspace, service: Tasking, size: Size
) -> None:
    service.details[ELSEWHERE] = replace(a_memory(ELSEWHERE), user_id="stranger")
    async with hosted(story, size, box()) as (look, host):
        await paste(look, ELSEWHERE)
        await sees(look, "nothing stored here fits")
        await press(look, "enter")
        stranger = SubjectRef("user", "stranger")
        assert await returned(look, host) == Place(stranger, memory_id=ELSEWHERE, pane="memories")
        assert story.reads.subject(stranger) is not None


async def test_a_memory_that_is_archived_is_told_before_it_opens(
    story: Workspace, service: Tasking
) -> None:
    service.details[ELSEWHERE] = replace(a_memory(ELSEWHERE, status="archived"), user_id="stranger")
    async with hosted(story, (120, 40), box()) as (look, host):
        await paste(look, ELSEWHERE)
        await press(look, "enter")
        await told(look, "no longer lists it: it is archived")
        assert "stranger" in chosen(look)
        await press(look, "enter")
        place = await returned(look, host)
        assert place is not None
        assert place.subject == SubjectRef("user", "stranger")


async def test_a_memory_without_a_user_is_told(story: Workspace, service: Tasking) -> None:
    service.details[ELSEWHERE] = a_memory(ELSEWHERE)
    async with hosted(story, (120, 40), box()) as (look, host):
        await paste(look, ELSEWHERE)
        await press(look, "enter")
        await told(look, "does not say whose it is")
        assert host.returned == []


async def test_a_task_shows_its_state_and_its_memories(
    story: Workspace, service: Tasking, size: Size
) -> None:
    views = (("detail_factual", (FACT, ELSEWHERE)), ("preference", ("m-tea",)))
    service.tasks[TASK] = Task(TASK, "completed", 2, 1, 4, views)
    async with hosted(story, size, box()) as (look, host):
        await paste(look, f"task_id={TASK}")
        await press(look, "enter")
        await told(look, "completed", "2 added, 1 updated, 4 deleted", "m-tea", "ask MemOS again")
        assert "memory" in chosen(look)
        await press(look, "enter")
        assert await returned(look, host) == Place(TRIP, memory_id=FACT, pane="memories")


async def test_a_memory_of_a_task_that_is_not_stored_here_is_asked_for(
    story: Workspace, service: Tasking
) -> None:
    service.tasks[TASK] = Task(TASK, "completed", 1, 0, 0, (("skill", (ELSEWHERE,)),))
    async with hosted(story, (120, 40), box()) as (look, host):
        await paste(look, TASK)
        await press(look, "enter")
        await sees(look, "Skill · not stored here")
        await press(look, "enter")
        await told(look, "MemOS no longer has this memory")
        service.details[ELSEWHERE] = replace(a_memory(ELSEWHERE), agent_id="ops-agent")
        await press(look, "enter")
        assert await returned(look, host) == Place(AGENT, memory_id=ELSEWHERE, pane="memories")


async def test_a_running_task_can_be_asked_for_again(story: Workspace, service: Tasking) -> None:
    service.tasks[TASK] = Task(TASK, "running")
    async with hosted(story, (120, 40), box()) as (look, _):
        await paste(look, TASK)
        await press(look, "enter")
        await told(look, "running. Ask again in a moment")
        service.tasks[TASK] = Task(TASK, "failed")
        await press(look, "enter")
        await told(look, f"Task {TASK}: failed.")


async def test_what_nobody_knows_can_be_added(story: Workspace, size: Size) -> None:
    async with hosted(story, size, box(LI)) as (look, host):
        await press(look, *"new-one", "enter")
        await told(look, "no memory and no task", "add the user new-one", "add the agent new-one")
        await press(look, "enter")
        new = SubjectRef("user", "new-one")
        assert await returned(look, host) == Place(new)
        host.open(box(LI))
        await rest(look)
        await press(look, *"standup", "enter")
        await press(look, "down")
        assert "conversation standup of the user li.wei@acme.cn" in chosen(look)
        await press(look, "enter")
        assert host.returned[-1] == Place(LI, "standup", pane="transcript")
        assert story.reads.subject(new) is not None
        assert story.reads.conversation(LI, "standup") is not None


async def test_no_answer_is_told_and_can_be_asked_for_again(
    story: Workspace, service: Tasking, size: Size
) -> None:
    def down(route: str, name: str) -> None:
        raise Unreachable("MemOS did not answer in 10 s.")

    service.details[ELSEWHERE] = replace(a_memory(ELSEWHERE), user_id="stranger")
    async with hosted(story, size, box()) as (look, host):
        working, service.trouble = service.trouble, down
        await paste(look, ELSEWHERE)
        await press(look, "enter")
        await told(look, "MemOS did not answer in 10 s.")
        service.trouble = working
        await press(look, "enter")
        place = await returned(look, host)
        assert place is not None
        assert place.memory_id == ELSEWHERE


class Slow(Tasking):
    """A service that waits before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def get_memory(self, memory_id: str) -> Memory:
        self.requests["/get/memory/{id}"] += 1
        await self.go.wait()
        return await super().get_memory(memory_id)


async def test_an_answer_to_what_is_no_longer_asked_is_dropped(story: Workspace) -> None:
    slow = Slow()
    slow.details[ELSEWHERE] = replace(a_memory(ELSEWHERE), user_id="stranger")
    story.use_remote(slow)
    async with hosted(story, (120, 40), box()) as (look, host):
        await paste(look, ELSEWHERE)
        await look.press("enter")
        await sees(look, "Asking MemOS …")
        await look.press("enter")  # once is enough
        await retype(look, "ops-agent")
        slow.go.set()
        await rest(look)
        assert host.returned == []
        assert "agent" in chosen(look)
        assert slow.requests["/get/memory/{id}"] == 1


async def instantly(_seconds: float) -> None:
    """Wait for nothing."""


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("error:status=502", "502"),
        ("expired-key", "refused the API key"),
        ("code:code=40304", "40304"),
        ("reset", "the connection broke off"),
        ("invalid-json", "JSON"),
    ],
)
async def test_a_service_that_fails_is_told_in_words(
    workspace: Workspace, fault: str, words: str
) -> None:
    with EmulatorThread() as emulator:
        key = ApiKey(emulator.api_key)
        async with CloudClient(emulator.base_url, key, rate=10_000, wait=instantly) as client:
            workspace.use_remote(client)
            async with hosted(workspace, (80, 24), box()) as (look, host):
                emulator.emulator.faults.replace([fault])
                await paste(look, FACT)
                await press(look, "enter")
                await told(look, "Reading a memory failed", words)
                emulator.emulator.faults.replace([])
                await press(look, "enter")
                assert await returned(look, host) == Place(TRIP, memory_id=FACT, pane="memories")
    workspace.abandon()


# -- hostile texts -------------------------------------------------------------------------------


@pytest.mark.timeout(300)
async def test_hostile_texts_can_be_pasted(story: Workspace, size: Size) -> None:
    async with hosted(story, size, box(LI)) as (look, host):
        for number, (name, text) in enumerate(sorted(HOSTILE.items())):
            await retype(look, "")
            await paste(look, f'"memory_id": "{text}"' if number % 2 else text)
            assert_safe(look)
            assert host.is_running, name
        assert host.returned == []


@pytest.mark.timeout(300)
async def test_hostile_ids_of_others_are_shown_safely(
    workspace: Workspace, service: Tasking, size: Size
) -> None:
    texts = [text for name, text in sorted(HOSTILE.items()) if name not in {"empty", "blank"}]
    await fill_with(workspace, service, *texts)
    recent = [Place(s.ref) for s in workspace.reads.subjects(workspace.reads.subject_pks())]
    service.tasks[TASK] = Task(
        HOSTILE["osc 52 clipboard"],
        HOSTILE["c1 all"],
        memories=tuple((HOSTILE["bidi override"], (f"x{text}"[:150],)) for text in texts),
    )
    async with hosted(workspace, size, box(recent=recent)) as (look, host):
        for keys in (("down",) * 10, (*"0",), ("pagedown",) * 5, ("backspace", *"1")):
            await press(look, *keys)
            assert_safe(look)
        await retype(look, TASK)
        await press(look, "enter")
        for _ in range(6):
            assert_safe(look)
            await press(look, "pagedown")
        assert host.is_running
    workspace.abandon()


async def test_a_hostile_error_is_shown_safely(story: Workspace, service: Tasking) -> None:
    def down(route: str, name: str) -> None:
        raise Unreachable(HOSTILE["osc 52 clipboard"] + HOSTILE["markup close"])

    service.trouble = down
    async with hosted(story, (120, 40), box()) as (look, _):
        await paste(look, ELSEWHERE)
        await press(look, "enter")
        await sees(look, "[/]")
        assert_safe(look)


async def test_the_service_is_asked_with_one_key_and_for_what_it_can_know(
    story: Workspace, size: Size
) -> None:
    async with hosted(story, size, box()) as (look, _):
        await press(look, *"e")
        last = jump_rows_of(look)[-1]
        assert isinstance(last.value, Asking)
        await press(look, "up")
        await sees(look, "> ask MemOS for a memory or task e")
        await press(look, "down")
        assert "ask MemOS" not in chosen(look)
        await press(look, "tab")
        await told(look, "MemOS has no memory and no task with this id.")


async def test_a_user_s_id_is_added_without_asking_a_service_that_lists_no_users(
    story: Workspace,
) -> None:
    async with hosted(story, (120, 40), box()) as (look, _):
        await paste(look, "user_id: somebody-new")
        await sees(look, "add the user somebody-new")
        await misses(look, "ask MemOS for")


async def test_words_lead_to_the_search(story: Workspace) -> None:
    async with hosted(story, (120, 40), box()) as (look, _):
        await press(look, *"peanut")
        await told(look, "to search texts for it: escape, then f")


async def test_a_place_visited_twice_is_listed_once(story: Workspace) -> None:
    recent = [
        Place(TRIP, "0610", FACT, pane="memories"),
        Place(LI),
        Place(TRIP, None, FACT, pane="detail"),
    ]
    async with hosted(story, (120, 40), box(recent=recent)) as (look, host):
        await rest(look)
        assert len(jump_rows_of(look)) == 3  # the heading, the memory, the user
        await press(look, "enter")
        assert await returned(look, host) == recent[0]


def jump_rows_of(look: Look) -> Sequence[Any]:
    return look.app.screen.query_one(Results).rows
