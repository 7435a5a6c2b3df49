"""What is deleted of a user is called gone only once everything that is known of it was asked for."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from memos_admin.backend.changing.lines import text_of
from memos_admin.backend.changing.subject_asking import FEW, READINGS, Asked, most_requests
from memos_admin.backend.changing.subject_wording import asked_text
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.subject_access import erasure_wording
from memos_admin.backend.subject_access.bundle import Order
from memos_admin.backend.subject_access.erasure import erase
from memos_admin.backend.subject_access.erasure_outcome import ErasureOutcome
from memos_admin.backend.subject_access.erasure_planning import plan
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.errors import Busy, CloudError, Refused
from tests.backend.changed import at_once
from tests.backend.service import Service, a_memory, a_message

ANN = SubjectRef("user", "ann")
ORDER = Order(ANN, "DSR-18")
MANY = 2 * FEW + 20


class Big(Service):
    """A service with more memories and conversations of Ann than are asked for in one reading."""

    def __init__(self) -> None:
        super().__init__()
        for number in range(MANY):
            self.put("ann", a_memory(f"m{number}", f"fact {number}", conversation_id=f"c{number}"))
            self.say("ann", f"c{number}", a_message("I like tea."))

        self.keeps: tuple[str, ...] = ()
        """Memories that a deletion leaves, known by their ids alone."""

    async def delete_subject(self, kind: object, external_id: str) -> None:
        await super().delete_subject("user", external_id)
        self.details = {each: a_memory(each) for each in self.keeps}


@pytest.fixture
async def big(workspace: Workspace) -> Big:
    Projects(workspace.home).allow_writes("test", allowed=True)
    service = Big()
    workspace.use_remote(service)
    assert (await sync(workspace, SyncScope((ANN,), full=True))).complete
    return service


async def erased(workspace: Workspace, folder: Path, name: str = "a.zip") -> ErasureOutcome:
    planned = await plan(workspace, ORDER, archive_to=folder / name)
    return await erase(workspace, planned, wait=at_once)


def is_stored(workspace: Workspace) -> bool:
    with workspace.open_reads() as reads:
        return reads.subject(ANN) is not None


def told(outcome: ErasureOutcome) -> tuple[str, str]:
    """Return what the screen and the receipt for people say."""
    page = next(path for path in outcome.receipts if path.suffix == ".md").read_text()
    return "\n".join(map(text_of, erasure_wording.outcome_lines(outcome))), page


async def test_all_that_is_known_is_asked_for_once(
    workspace: Workspace, big: Big, tmp_path: Path
) -> None:
    heard: list[Asked] = []
    planned = await plan(workspace, ORDER, archive_to=tmp_path / "a.zip")
    outcome = await erase(workspace, planned, wait=at_once, on_asked=heard.append)
    assert outcome.ended == "complete"
    receipt = json.loads(outcome.receipts[0].read_text())["service"]["read_back"]
    assert (receipt["memories_asked_by_id"], receipt["conversations_asked"]) == (MANY, MANY)
    assert [one.done for one in heard] == [*range(1, planned.service.requests + 1)]
    assert {one.total for one in heard} == {1 + 2 * MANY + 3}
    assert heard[-1].seconds == 0
    assert heard[0].seconds >= (heard[0].total - 1) / workspace.rate
    assert (
        asked_text(Asked(20, 1_200, 118.0)) == "reading MemOS back: 20 of 1,200 · about 2 min more"
    )


def test_how_far_it_is_says_which_reading_that_is_of_at_most_how_many() -> None:
    assert (
        asked_text(Asked(57, 141, 8.0, 3))
        == "reading MemOS back, reading 3 of at most 7: 57 of 141 · about 8 s more"
    )


@pytest.mark.parametrize("kept", [f"m{MANY - 1}", "m0"], ids=["of the few", "of the rest"])
async def test_what_stays_is_asked_for_again_alone_and_it_never_begins_again(
    workspace: Workspace, big: Big, tmp_path: Path, kept: str
) -> None:
    big.keeps = (kept,)
    heard: list[Asked] = []
    asked: list[str] = []
    planned = await plan(workspace, ORDER, archive_to=tmp_path / "a.zip")
    big.trouble = lambda route, name: asked.append(name) if "{id}" in route else None
    reached: list[str] = []
    outcome = await erase(
        workspace,
        planned,
        wait=at_once,
        on_asked=heard.append,
        on_reached=lambda one: reached.extend(asked) if one.step == "read back" else None,
    )
    assert (outcome.ended, is_stored(workspace)) == ("partial", True)
    assert outcome.service.read is not None
    assert outcome.service.read.readings == READINGS
    assert Counter(reached) == Counter({f"m{number}": 1 for number in range(MANY)}) + Counter(
        {kept: READINGS - 1}
    )
    assert [one.done for one in heard] == [*range(1, len(heard) + 1)]
    assert sorted(one.total for one in heard) == [one.total for one in heard]
    assert heard[-1].done == heard[-1].total <= most_requests(planned.service)
    assert (heard[-1].seconds, heard[-1].reading) == (0, READINGS)


async def test_what_stays_whole_takes_as_many_requests_as_the_plan_says_at_most(
    workspace: Workspace, big: Big, tmp_path: Path
) -> None:
    big.keeps = tuple(f"m{number}" for number in range(MANY))
    heard: list[Asked] = []
    planned = await plan(workspace, ORDER, archive_to=tmp_path / "a.zip")
    most = most_requests(planned.service)
    lines = "\n".join(map(text_of, erasure_wording.plan_lines(planned, str)))
    assert f"At most {most:,} requests, about 2 min" in lines
    await erase(workspace, planned, wait=at_once, on_asked=heard.append)
    assert planned.service.requests < len(heard) <= most


async def test_what_is_still_there_beyond_the_first_is_found_and_keeps_the_copy(
    workspace: Workspace, big: Big, tmp_path: Path
) -> None:
    kept = [f"m{number}" for number in range(MANY) if number % 3 == 0]
    big.keeps = (*kept,)
    outcome = await erased(workspace, tmp_path)
    assert outcome.service.read is not None
    assert set(outcome.service.read.known.left) == set(kept)
    assert (outcome.ended, is_stored(workspace)) == ("partial", True)
    screen, page = told(outcome)
    assert f"Still there under their ids: {len(kept)} memories." in screen
    assert f"**Still there by id:** {len(kept)} (asked {MANY} times)" in page
    big.keeps = ()
    assert (await erased(workspace, tmp_path, "b.zip")).ended == "complete"


async def test_what_goes_later_than_the_first_is_asked_for_again(
    workspace: Workspace, big: Big, tmp_path: Path
) -> None:
    last = "m0"  # they are asked for in the order of a list, the newest first
    big.keeps = (last,)
    waited = 0
    asked: list[str] = []

    async def wait(_seconds: float) -> None:
        nonlocal waited
        waited += 1
        big.details.clear()

    planned = await plan(workspace, ORDER, archive_to=tmp_path / "a.zip")
    big.trouble = lambda route, name: asked.append(name) if "{id}" in route else None
    reached: list[str] = []
    outcome = await erase(
        workspace,
        planned,
        wait=wait,
        on_reached=lambda one: reached.extend(asked) if one.step == "read back" else None,
    )
    assert (outcome.ended, waited) == ("complete", 1)
    times = Counter(reached)
    assert (len(times), {each for each, number in times.items() if number > 1}) == (MANY, {last})


@pytest.mark.parametrize("error", [Busy("Not now."), Refused("The key is refused.")])
async def test_what_was_not_asked_for_is_named_and_keeps_the_copy(
    workspace: Workspace, big: Big, tmp_path: Path, error: CloudError
) -> None:
    def trouble(route: str, name: str) -> None:
        if route == "/get/memory/{id}" and big.requests[route] > FEW + 10:
            raise error

    planned = await plan(workspace, ORDER, archive_to=tmp_path / "a.zip")
    big.requests.clear()
    big.trouble = trouble
    outcome = await erase(workspace, planned, wait=at_once)
    assert outcome.service.read is not None
    assert outcome.service.read.known.answered == FEW + 10
    assert (outcome.ended, outcome.is_complete, is_stored(workspace)) == ("unverified", False, True)
    lacking = f"{MANY - FEW - 10} memories by their ids"
    screen, page = told(outcome)
    assert f"Not answered: {lacking}" in screen
    _before, points = page.split("## What could not be verified")
    assert lacking in points
    big.trouble = lambda _route, _name: None
    again = await erased(workspace, tmp_path, "b.zip")
    assert (again.ended, is_stored(workspace)) == ("complete", False)


async def test_the_plan_says_how_long_reading_back_takes_and_counts_as_the_receipt_does(
    workspace: Workspace, big: Big, tmp_path: Path
) -> None:
    for number in range(MANY):
        await big.update_memory(f"m{number}", status="archived")
    for _time in range(2):
        assert (await sync(workspace, SyncScope((ANN,), full=True))).complete
    workspace.rate = 0.5
    planned = await plan(workspace, ORDER, archive_to=tmp_path / "a.zip")
    lines = "\n".join(map(text_of, erasure_wording.plan_lines(planned, str)))
    assert f"about {planned.service.requests} requests, about 9 min." in lines
    assert planned.here.held is not None
    known = (*planned.service.archived, *planned.service.gone)
    assert len(set(known)) == len(known) == planned.here.held.memories == MANY
    outcome = await erase(workspace, planned, wait=at_once)
    _screen, page = told(outcome)
    assert f"**Known here, listed no more before:** {MANY}" in page
    assert f"{MANY} memories" in page.split("**Erased:**")[1].split("\n")[0]
