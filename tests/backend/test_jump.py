"""Going to an id: what is stored here, and what the service says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from memos_admin.backend import jump, roster
from memos_admin.backend.errors import NotFound, Rejected, Unreachable
from memos_admin.backend.jump import FoundMemory, FoundTask, Match, NothingFound
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Task
from memos_admin.store import lookups
from memos_admin.store.records import SubjectRef
from tests.backend.service import Service, a_memory, a_message
from tests.hostile import HOSTILE

ANN, ANNE, BOT = SubjectRef("user", "ann"), SubjectRef("user", "anne"), SubjectRef("agent", "ann")
UUID = "0a89db3a-2061-4c97-a1b8-45700f8745bc"
TASK = "c464e17e-f2ff-4e9a-a2c2-41cc55ab43b9"


@dataclass
class Tasking(Service):
    """A service with tasks."""

    tasks: dict[str, Task] = field(default_factory=dict)

    async def get_status(self, task_id: str) -> Task:
        self._called("/get/status", task_id)
        if task_id not in self.tasks:
            raise NotFound("MemOS has no such task.")
        return self.tasks[task_id]


@pytest.fixture
def service() -> Tasking:
    return Tasking()


@pytest.fixture
async def filled(workspace: Workspace, service: Tasking) -> Workspace:
    service.put("ann", a_memory(UUID, conversation_id="0610"), a_memory("m-1", title=None))
    service.put("anne", a_memory("m-2", conversation_id="0610-b"))
    service.put("ann", a_memory("m-bot", conversation_id="0610"), kind="agent")
    service.say("ann", "0610", a_message("hi"), a_message("hello", "assistant"))
    await roster.add_subjects(workspace, [ANNE, ANN, BOT])
    await sync(workspace, SyncScope())
    return workspace


def found(workspace: Workspace, typed: str, **more: object) -> list[tuple[str, str, str]]:
    matches = jump.find(workspace.reads, typed, **more)  # type: ignore[arg-type]
    return [(match.kind, match.ref.external_id, match.id) for match in matches.found]


async def test_exact_ids_come_first(filled: Workspace) -> None:
    assert found(filled, "ann") == [
        ("user", "ann", "ann"),
        ("agent", "ann", "ann"),
        ("user", "anne", "anne"),
    ]
    assert found(filled, "0610")[:2] == [
        ("conversation", "ann", "0610"),
        ("conversation", "ann", "0610"),
    ]
    assert found(filled, "610-b") == [("conversation", "anne", "0610-b")]


async def test_what_belongs_to_the_chosen_one_comes_before_others_that_fit_as_well(
    filled: Workspace,
) -> None:
    for ref in (ANN, BOT):
        matches = jump.find(filled.reads, "0610", subject=ref).found
        assert matches[0].ref == ref
    assert jump.find(filled.reads, "m", subject=ANNE).found[0].id == "m-2"


async def test_memories_are_found_by_the_beginning_of_their_id(filled: Workspace) -> None:
    assert found(filled, "0a89") == [("memory", "ann", UUID)]
    assert found(filled, UUID) == [("memory", "ann", UUID)]
    assert found(filled, f'"memory_id": "{UUID.upper()}",') == [("memory", "ann", UUID)]


async def test_only_what_the_text_says_it_is(filled: Workspace) -> None:
    assert {kind for kind, _, _ in found(filled, '"user_id": "ann"')} == {"user"}
    assert {kind for kind, _, _ in found(filled, "agent_id=ann")} == {"agent"}
    assert found(filled, f"task_id={UUID}") == []


async def test_a_match_says_what_a_person_chooses_by(filled: Workspace) -> None:
    (conversation, *_) = jump.find(filled.reads, "0610", subject=ANN).found
    assert (conversation.messages, conversation.memories) == (2, 1)
    assert conversation.at is not None
    (memory,) = jump.find(filled.reads, "m-1").found
    assert (memory.title, memory.gone) == ("likes tea", False)
    user = jump.find(filled.reads, "anne").found[0]
    assert (user.messages, user.memories) == (0, 1)


async def test_a_user_never_fetched_has_no_counts(workspace: Workspace) -> None:
    await roster.add_subjects(workspace, [ANN])
    (user,) = jump.find(workspace.reads, "ann").found
    assert (user.messages, user.memories, user.at) == (None, None, None)


async def test_matches_are_capped_and_it_is_said(workspace: Workspace) -> None:
    await roster.add_subjects(workspace, [SubjectRef("user", f"u{n}") for n in range(60)])
    matches = jump.find(workspace.reads, "u")
    assert (len(matches.found), matches.capped) == (jump.MOST, True)
    few = jump.find(workspace.reads, "u5")
    assert (len(few.found), few.capped) == (11, False)
    assert few.found[0].id == "u5"


async def test_large_tables_are_told(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not jump.find(filled.reads, "0610").beginnings
    monkeypatch.setattr(lookups, "SMALL", 1)
    assert jump.find(filled.reads, "610-b").beginnings
    assert found(filled, "610-b") == []
    assert found(filled, "610-b", subject=ANNE) == [("conversation", "anne", "0610-b")]


async def test_hostile_texts_find_nothing(workspace: Workspace) -> None:
    await roster.add_subjects(workspace, [SubjectRef("user", "\U0001f9ea")])
    found = {name: jump.find(workspace.reads, text).found for name, text in HOSTILE.items()}
    assert {name: some for name, some in found.items() if some} == {}


async def test_places_are_described_while_they_are_here(filled: Workspace) -> None:
    reads = filled.reads

    def kind(match: Match | None) -> str | None:
        return None if match is None else match.kind

    assert kind(jump.describe(reads, ANN, None, None)) == "user"
    assert kind(jump.describe(reads, BOT, None, None)) == "agent"
    assert kind(jump.describe(reads, ANN, "", None)) == "user"
    assert kind(jump.describe(reads, ANN, "0610", None)) == "conversation"
    assert kind(jump.describe(reads, ANN, "0610", UUID)) == "memory"
    assert jump.describe(reads, ANNE, None, UUID) is None
    assert jump.describe(reads, ANN, "no", None) is None
    assert jump.describe(reads, SubjectRef("user", "gone"), None, None) is None


async def test_known_memories_keep_their_order(filled: Workspace) -> None:
    known = jump.known_memories(filled.reads, ["m-2", "no", UUID])
    assert [each and each.ref for each in known] == [ANNE, None, ANN]
    assert len(jump.known_memories(filled.reads, ["m-2"] * 99, 3)) == 3


# -- the service -------------------------------------------------------------------------------


async def test_a_memory_of_the_service_brings_its_user(
    workspace: Workspace, service: Tasking
) -> None:
    service.details[UUID] = replace(a_memory(UUID, status="archived"), user_id="new")
    answer = await jump.ask(workspace, f'"memory_id": "{UUID}"')
    new = SubjectRef("user", "new")
    assert answer == FoundMemory(UUID, new, "c1", "archived", new=True)
    assert workspace.reads.subject(new) is not None
    again = await jump.ask(workspace, UUID)
    assert isinstance(again, FoundMemory)
    assert not again.new
    service.details["m-a"] = replace(a_memory("m-a"), agent_id="bot")
    of_agent = await jump.ask(workspace, "m-a")
    assert isinstance(of_agent, FoundMemory)
    assert of_agent.ref == SubjectRef("agent", "bot")


async def test_a_memory_whose_user_is_not_told(workspace: Workspace, service: Tasking) -> None:
    service.details[UUID] = a_memory(UUID)
    answer = await jump.ask(workspace, UUID)
    assert isinstance(answer, FoundMemory)
    assert answer.ref is None


async def test_a_task_tells_what_it_did(workspace: Workspace, service: Tasking) -> None:
    views = (("detail_factual", ("m-1", "m-2")), ("skill", ("s-1",)))
    service.tasks[TASK] = Task(TASK, "completed", 2, 1, 0, views)
    assert await jump.ask(workspace, TASK) == FoundTask(
        TASK,
        "completed",
        2,
        1,
        0,
        (("detail_factual", "m-1"), ("detail_factual", "m-2"), ("skill", "s-1")),
    )
    assert service.requests["/get/memory/{id}"] == 1
    await jump.ask(workspace, f"task_id: {TASK}")
    assert service.requests["/get/memory/{id}"] == 1


async def test_what_the_service_does_not_know_may_still_be_a_user(
    workspace: Workspace, service: Tasking
) -> None:
    answer = await jump.ask(workspace, "0610")
    assert answer == NothingFound("0610", ("memory", "task"), ("user", "conversation", "agent"))
    asked = service.requests.total()
    assert await jump.ask(workspace, "user_id=ann") == NothingFound("ann", (), ("user",))
    assert await jump.ask(workspace, " ") == NothingFound("", (), ())
    assert await jump.ask(workspace, "x" * 5000) == NothingFound("x" * 5000, (), ())
    assert service.requests.total() == asked


async def test_no_answer_is_not_no(workspace: Workspace, service: Tasking) -> None:
    def down(route: str, name: str) -> None:
        raise Unreachable("MemOS did not answer.")

    service.trouble = down
    with pytest.raises(Unreachable):
        await jump.ask(workspace, UUID)


async def test_what_is_declined_as_a_memory_may_be_a_task(
    workspace: Workspace, service: Tasking
) -> None:
    def decline(route: str, name: str) -> None:
        if route == "/get/memory/{id}":
            raise Rejected("This is no memory's id.")

    service.trouble = decline
    service.tasks["t"] = Task("t", "running")
    assert isinstance(await jump.ask(workspace, "t"), FoundTask)
    with pytest.raises(Rejected):
        await jump.ask(workspace, "t2")
