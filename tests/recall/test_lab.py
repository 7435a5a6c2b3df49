"""Asking twice over a real socket: what is sent, journaled, known, and told where it fails."""

from __future__ import annotations

import pytest

from memos_admin.backend import journal
from memos_admin.backend.errors import CloudError, Refused
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.recall import wording
from memos_admin.backend.recall.explaining import Row
from memos_admin.backend.recall.lab import LONGEST, Question, Table, ask, tabulate
from memos_admin.backend.recall.parameters import Parameters
from memos_admin.backend.workspace import Workspace
from memos_admin.emulator.thread import EmulatorThread
from tests.backend.journals import entries
from tests.cli.conftest import asked
from tests.recall.conftest import MARIA

ALLERGY = "Who has the peanut allergy?"


async def table(acme: Workspace, text: str = ALLERGY, **parameters: object) -> Table:
    question = Question(MARIA.external_id, text, parameters=Parameters(**parameters))  # type: ignore[arg-type]
    return tabulate(acme.reads, await ask(acme, question))


def named(found: Table, title: str) -> Row:
    return next(row for row in found.explanation.rows if row.title == title)


async def test_the_table_of_a_question(acme: Workspace, emulator: EmulatorThread) -> None:
    before = asked(emulator, "/_emulator/requests").get("/search/memory", 0)
    found = await table(acme)
    assert asked(emulator, "/_emulator/requests")["/search/memory"] == before + 2
    assert named(found, "Peanut Allergy").is_in
    far = named(found, "Holiday in Llanes")
    assert [cause.why for cause in far.causes] == ["threshold"]
    assert "Its relativity 0.000 is below the threshold of 0.45" in wording.explained(far, found)
    tool = next(row for row in found.explanation.rows if row.view == "tool_memory")
    assert "view" in {cause.why for cause in tool.causes}
    told = " ".join(wording.summary(found))
    assert "No parameters are sent: MemOS takes a threshold of 0.45 and 9 of a view." in told
    assert all(row.stored is not None for row in found.explanation.rows)


async def test_parameters_are_sent_as_they_are_given(acme: Workspace) -> None:
    found = await table(
        acme, relativity=0.1, memory_limit_number=1, include_memory_view=("detail_factual",)
    )
    assert found.explanation.counts["detail_factual"] == 1
    second = next(row for row in found.explanation.rows if row.rank_of_all == 2)
    assert [cause.why for cause in second.causes] == ["limit"]
    assert "memory_limit_number is 1" in wording.explained(second, found)
    found = await table(acme, relativity=0, filter={"and": [{"tags": {"contains": "correction"}}]})
    assert named(found, "Correction About the Allergy").is_in
    assert named(found, "Peanut Allergy").causes[0] == ("filter", True)


async def test_what_was_archived_since_is_in_the_store_only(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    found = await table(acme)
    one = named(found, "Peanut Allergy")
    asked(emulator, "/update/memory", {"memory_id": one.memory_id, "status": "archived"})
    found = await table(acme)
    kept = named(found, "Peanut Allergy")
    assert kept.causes == (("not returned", True),)
    assert "may be gone since the last sync" in wording.explained(kept, found)


async def test_a_user_that_is_not_here_is_told(acme: Workspace) -> None:
    question = Question("li.wei@acme.cn", "膝盖手术")
    found = tabulate(acme.reads, await ask(acme, question))
    assert any(row.is_in for row in found.explanation.rows)
    assert "never listed here" in " ".join(wording.summary(found))


async def test_it_is_journaled_once_without_what_a_filter_holds(acme: Workspace) -> None:
    await table(acme, filter={"and": [{"tags": {"contains": "very secret"}}]})
    assert journal.of(acme.home).flush()
    entry = entries(acme.home)[-1]
    assert (entry.action, entry.query, entry.user_id) == ("search", ALLERGY, MARIA.external_id)
    assert entry.details == {"in": "recall lab", "filter": True}
    assert "very secret" not in str(entry.values())
    assert entry.counts["memories_of_all"] > entry.counts["memories"]


async def test_without_a_second_answer_the_first_is_told(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    body = {"faults": ["code:code=40304,route=/search/memory,after=1"]}
    asked(emulator, "/_emulator/faults", body)
    found = await table(acme)
    assert found.explanation.notes == ("no second answer",)
    assert named(found, "Peanut Allergy").is_in
    assert named(found, "Holiday in Llanes").causes == (("not asked", True),)
    assert "used up its calls" in " ".join(wording.summary(found))


@pytest.mark.parametrize(
    ("fault", "error"),
    [("expired-key", Refused), ("code:code=40304", CloudError), ("invalid-json", CloudError)],
)
async def test_without_a_first_answer_there_is_none(
    acme: Workspace, emulator: EmulatorThread, fault: str, error: type[Exception]
) -> None:
    asked(emulator, "/_emulator/faults", {"faults": [fault]})
    with pytest.raises(error):
        await table(acme)


async def test_answers_without_fields_are_told_as_they_are(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    asked(emulator, "/_emulator/faults", {"faults": ["missing-fields:route=/search/memory"]})
    found = await table(acme)
    assert "no relativity" in found.explanation.notes
    assert {row.relativity for row in found.explanation.rows} == {None}


@pytest.mark.parametrize("text", ["", "  ", "x" * (LONGEST + 1)])
async def test_what_is_no_question_is_not_sent(acme: Workspace, text: str) -> None:
    with pytest.raises(ValueError, match="question"):
        await ask(acme, Question(MARIA.external_id, text))


async def test_memories_that_are_named_are_in_the_table(acme: Workspace) -> None:
    question = Question(MARIA.external_id, "zzz", parameters=Parameters(relativity=0.9))
    answers = await ask(acme, question)
    found = tabulate(acme.reads, answers)
    one = named(found, "Peanut Allergy").memory_id
    assert tabulate(acme.reads, answers, [one, "no such"]).explanation == found.explanation
    other = Question("li.wei@acme.cn", "zzz")
    found = tabulate(acme.reads, await ask(acme, other), [one])
    assert one not in {row.memory_id for row in found.explanation.rows}


async def test_agents_are_not_asked_for() -> None:
    assert Question("u", "x").ref == SubjectRef("user", "u")
