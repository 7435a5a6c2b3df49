"""The screen of verdicts: three lists, the memory behind a verdict, the command, a file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from memos_admin.backend.errors import StoreError
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.saved_filters import SavedFilters
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.verdicts.figures import Reviewed
from memos_admin.backend.verdicts.giving import withdraw
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.screens import verdicts as screen
from memos_admin.tui.screens.overview import OverviewScreen
from memos_admin.tui.screens.verdicts import VerdictsScreen
from tests.backend.service import Service, a_memory
from tests.backend.test_verdicts import act_as, judge, read
from tests.tui.hosting import hosted, retype
from tests.tui.looking import go_to_user, main, misses, opened, press, rows, seen, sees, told, until
from tests.tui.strangers import fill as fill_hostile
from tests.tui.test_copied_commands import copied, written
from tests.tui.test_hostile import WORST, assert_safe
from tests.tui.test_overview import on

ANN = SubjectRef("user", "ann")


async def judged(workspace: Workspace, service: Service) -> None:
    """Have two operators judge eleven memories, of which they differ in one."""
    await read(workspace, service, ann=10, bob=1)
    with workspace.open_reads() as reads:
        some = reads.memories(reads.memory_pks(Filter(subject=ANN)))
    for operator in ("eve", "zoe"):
        act_as(workspace, operator)
        for number, memory in enumerate(some):
            wrong = number == 0 and operator == "zoe"
            await judge(workspace, memory.memory_id, "wrong" if wrong else "correct")


async def test_it_lists_counts_and_compares_and_copies_the_commands(
    workspace: Workspace,
    service: Service,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await judged(workspace, service)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(workspace.home.path))
    async with opened(workspace, size) as look:
        await press(look, "8")
        await sees(look, "Verdicts · what was said · everyone", "1 of 22", "wrong", "correct")
        await sees(look, "judged as they are now: 11 of 12 memories")
        await press(look, "C")
        assert copied(look)[2:] == ["verdicts", "list", "--limit=0"]
        assert len(written(look)) == 22
        await press(look, "right")
        await sees(look, "by week and view", "95% (78% to 99%)", "correct 21 · wrong 1")
        await press(look, "C")
        assert copied(look)[2:] == ["verdicts", "figures", "--limit=0"]
        await press(look, "right")
        await sees(look, "who agrees", "eve", "zoe", "11", "10", "too few", "correct/wrong 1")
        await sees(look, "Where they differ")
        await press(look, "C")
        assert copied(look)[2:] == ["verdicts", "agreement", "--limit=0"]
        await press(look, "right", "slash", *"-view:fact", "enter")
        await sees(look, "what was said", "e export")
        await press(look, "C")
        assert "--filter=-view:fact" in copied(look)
        await press(look, "escape")
        await misses(look, "without Fact")
        await press(look, "escape")
        assert not isinstance(look.app.screen, VerdictsScreen)


async def test_its_filter_is_that_of_the_memories(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    await judged(workspace, service)
    SavedFilters(workspace.home, workspace.project).save("facts", "view:fact sort:title")
    async with opened(workspace, size) as look:
        await press(look, "8", "slash", *"view:pref")
        await sees(look, "view:preference")
        await press(look, "tab", "enter")
        await told(look, "No verdict was given that fits.")
        await press(look, "slash", "ctrl+u", *"user:ann", "enter")
        await sees(look, "Verdicts · what was said · ann", "1 of 22")
        await press(look, "slash", "ctrl+u", *"as-of:7d", "enter")
        await told(look, "Each verdict stands on the version that it was given on.")
        await press(look, "ctrl+u", *"tag:nothing", "enter")
        await told(look, "No verdict was given that fits.")
        await press(look, "escape")
        await sees(look, "1 of 22")
        await press(look, "apostrophe", "enter")
        await sees(look, "view Fact", "1 of 22")


async def test_its_filter_names_verdicts_too_and_can_be_saved(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    await judged(workspace, service)
    async with opened(workspace, size) as look:
        await press(look, "8", "slash", *"verdict:wr")
        await sees(look, "verdict:wrong")
        await press(look, "tab", *" operator:")
        await sees(look, "eve · zoe")
        await press(look, *"z")
        await misses(look, "eve · zoe")
        await press(look, "tab", "enter")
        await sees(look, "wrong · ", "zoe", "1 of 1")
        await press(look, "C")
        assert "--filter=verdict:wrong operator:zoe" in copied(look)
        assert len(written(look)) == 1
        await press(look, "apostrophe", "enter", *"wrong ones", "enter")
        await told(look, "Saved the filter wrong ones.")
        await press(look, "escape", "escape")
        await sees(look, "1 of 22")
        await press(look, "apostrophe", "enter")
        await sees(look, "1 of 1")
        await press(look, "slash", "ctrl+u", *"verdict:wrnog", "enter")
        await told(look, "Column 9: There is no verdict wrnog. Did you mean wrong?")
        await press(look, "escape", "escape", "escape", "escape")
        main(look).go_to("memories")
        await press(look, "apostrophe", "enter")
        await told(look, "verdict: narrows verdicts, not memories.")


async def test_numbers_lead_to_the_verdicts_that_they_count_and_back(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    await judged(workspace, service)
    await judge(workspace, "bob-0", "wrong")
    async with opened(workspace, size) as look:
        await press(look, "8")
        await sees(look, "1 of 23")
        await press(look, "right", "enter")
        await sees(look, "what was said", "given since", "Fact", "1 of 23")
        await press(look, "escape")
        await sees(look, "by week and view", "1 of 1")
        await press(look, "right", "enter")
        await sees(look, "what was said", "judged by eve and zoe", "1 of 22")
        await press(look, "C")
        assert "--filter=operator:eve operator:zoe" in copied(look)
        assert len(written(look)) == 22
        await press(look, "escape")
        await sees(look, "who agrees")
        await press(look, "escape")
        assert not isinstance(look.app.screen, VerdictsScreen)


async def test_numbers_end_with_a_total_that_leads_to_all(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    await judged(workspace, service)
    service.put("bob", a_memory("bob-9", "a preference", view="preference"))
    await sync(workspace, SyncScope((SubjectRef("user", "bob"),), full=True))
    await judge(workspace, "bob-9", "wrong")
    async with opened(workspace, size) as look:
        await press(look, "8", "right")
        await sees(look, "by week and view", "1 of 3", "in all")
        await press(look, "end")
        await sees(look, "3 of 3", "in all · correct 21 · wrong 2", "91%")
        await press(look, "enter")
        await sees(look, "what was said", "1 of 23")
        await press(look, "escape")
        await sees(look, "by week and view", "3 of 3")


async def test_numbers_count_only_verdicts_that_stand(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    """One that was replaced, one that was withdrawn and one that was undone count no more."""
    await judged(workspace, service)
    await judge(workspace, "ann-1", "wrong")
    await withdraw(workspace, "ann-2", None)
    async with opened(workspace, size) as look:
        await press(look, "8", "right")
        await sees(look, "by week and view", "correct 19 · wrong 2")
        assert " 21 " in next(row for row in rows(look) if "correct 19" in row)
        await press(
            look, "right", "enter"
        )  # what two operators said, of what stands no more as well
        await sees(look, "what was said", "1 of 22")
        await press(look, "right")
        await sees(look, "by week and view", "correct 19 · wrong 1")
        await press(look, "escape", "escape", "escape")
        assert look.app.screen is main(look)
        await go_to_user(look, "bob")
        main(look).go_to("memories")
        await press(look, "3", "8", "right")
        await sees(look, "correct 19 · wrong 2 · outdated 1")
        await press(look, "escape", "backspace", "8", "right")
        await sees(look, "correct 19 · wrong 2")
        await misses(look, "outdated")


async def test_the_overview_leads_to_the_verdicts_that_it_counts(
    workspace: Workspace, service: Service
) -> None:
    await judged(workspace, service)
    await judge(workspace, "bob-0", "wrong")
    async with hosted(workspace, (120, 40), lambda session: OverviewScreen(session, ANN)) as (
        look,
        host,
    ):
        await press(look, "u")
        await on(look, "verdicts", "detail_factual")
        await press(look, "enter")
        await sees(look, "Verdicts · what was said · ann", "view Fact", "1 of 22")
        await press(look, "slash", *"verdict:wrong", "enter")
        await sees(look, "1 of 1")
        await press(look, "u")
        await sees(look, "everyone", "2 of 2")
        await press(look, "escape", "escape")
        assert isinstance(look.app.screen, OverviewScreen)
        await press(look, "enter", "enter")
        await until(look, lambda: host.returned)
        assert host.returned[0] is not None
        assert host.returned[0].subject == ANN


async def test_it_shows_what_was_judged_and_where_the_memory_says_something_else_now(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service, ann=1, bob=1)
    await judge(workspace, "ann-0", "about_someone_else")
    service.put("ann", a_memory("ann-0", "it is another one now", title="Something else"))
    await sync(workspace, SyncScope((ANN,), full=True))
    await judge(workspace, "ann-0", "correct", version=2)
    async with opened(workspace, (80, 24)) as look:
        await press(look, "8")
        await sees(look, "Now", "As judged", "1 of 2")
        (past,) = (row for row in rows(look) if "someone else" in row)
        (present,) = (row for row in rows(look) if "correct" in row)
        assert "changed" in past
        assert "About ann-0" in past
        assert "changed" not in present
        assert "Something else" in present


async def test_typing_a_filter_reads_neither_the_journal_nor_all_memories(
    workspace: Workspace,
    service: Service,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def noted(name: str, then: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: object) -> object:
            asked.append(name)
            return then(*args)

        return call

    await judged(workspace, service)
    for name in ("sent", "memories_there", "VerdictLists"):
        monkeypatch.setattr(screen, name, noted(name, getattr(screen, name)))
    async with opened(workspace, size) as look:
        await press(look, "8")
        await sees(look, "1 of 22", "11 of 12 memories")
        assert asked == ["sent", "VerdictLists", "memories_there"]
        asked.clear()
        await look.press("slash")
        await retype(look, "verdict:wrong")
        await sees(look, " 1 of 1 ")
        assert asked == ["VerdictLists"]
        await press(look, "enter", "r")
        await sees(look, "1 of 1", "1 of 12")
        assert asked[-3:] == ["sent", "VerdictLists", "memories_there"]


async def test_that_the_journal_cannot_tell_what_was_sent_is_said(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_args: object) -> None:
        raise StoreError("The operator journal is damaged.")

    await judged(workspace, service)
    monkeypatch.setattr(screen, "sent", unreadable)
    async with opened(workspace, (120, 40)) as look:
        await press(look, "8")
        await sees(look, "1 of 22", "What was sent to MemOS is not known: The operator journal")


@pytest.mark.parametrize("steps", [0, 1, 2])
async def test_what_is_said_above_the_lists_is_not_cut_at_80_columns(
    workspace: Workspace, service: Service, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await judged(workspace, service)
    monkeypatch.setattr(screen, "memories_there", lambda *_args: 1_234_567)
    monkeypatch.setattr(screen, "reviewed", lambda *_args: Reviewed(123_456, 12_345))
    async with opened(workspace, (80, 24)) as look:
        await press(look, "8", *["right"] * steps)
        await sees(look, "judged: 123,456 of 1,234,567")
        assert "…" not in rows(look)[2]


async def test_enter_goes_to_the_memory_also_from_a_review(
    workspace: Workspace, service: Service
) -> None:
    await judged(workspace, service)
    async with opened(workspace, (120, 40)) as look:
        await press(look, "Q", "enter", "enter")
        await sees(look, "1 of 1 · 0 judged")
        await press(look, "8")
        await sees(look, "1 of 22")
        await press(look, "enter")
        await until(look, lambda: main(look).pane == "memories" and main(look).desk.detail.memory)
        subject = main(look).desk.subject
        assert subject is not None
        assert subject.ref == ANN


async def test_a_second_reviewer_does_not_see_them_before_having_judged(
    workspace: Workspace, service: Service
) -> None:
    await judged(workspace, service)
    act_as(workspace, "ida")
    async with opened(workspace, (120, 40)) as look:
        await press(look, "Q", *["down"] * 5, "enter", "enter")
        await sees(look, "1 of 11 · 0 judged")
        await press(look, "8")
        await told(look, "which is hidden in this review")
        assert not isinstance(look.app.screen, VerdictsScreen)


async def test_they_are_written_to_a_file_that_did_not_exist(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    await judged(workspace, service)
    path = tmp_path / "v.csv"
    async with opened(workspace, (80, 24)) as look:
        await press(look, "8", "e")
        await told(look, "The ending says the form")
        for name, answer in (("v.txt", "The name ends in"), ("v.csv", "Wrote 22 verdicts to")):
            await press(look, "ctrl+u")
            look.app.screen.query_one("Input").value = str(tmp_path / name)  # type: ignore[attr-defined]
            await press(look, "enter")
            await told(look, answer)
        await press(look, "e", "ctrl+u")
        look.app.screen.query_one("Input").value = str(path)  # type: ignore[attr-defined]
        await press(look, "enter")
        await told(look, "This file exists already.")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["verdict"] for row in rows].count("correct") == 21
    assert len(rows) == 22


async def test_where_nobody_judged_it_says_how_to(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "8")
        await told(look, "On a memory 1 to 7 give one.")
        await press(look, "left")
        await told(look, "No two operators have judged the same version of a memory that fits.")
        await press(look, "u")
        await misses(look, "· everyone")


async def test_of_the_demo_it_says_that_another_one_has_none_of_them(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "8", "C")
        await told(look, "Copied memos-admin --project")
        assert "Each demo begins anew" not in seen(look)
        main(look).session.demo = True
        await press(look, "C")
        await told(look, "Copied memos-admin --demo verdicts list", "Each demo begins anew")


@pytest.mark.parametrize("text", WORST.values(), ids=WORST)
async def test_it_shows_any_text_safely(
    workspace: Workspace, service: Service, text: str, isolated: Path
) -> None:
    await fill_hostile(workspace, service, text)
    async with opened(workspace, (80, 24)) as look:
        await press(look, "Q", "enter", "enter")
        await sees(look, "0 judged")
        await press(look, "2", "p", "comma", *"why", "enter", "8")
        await until(look, lambda: isinstance(look.app.screen, VerdictsScreen))
        await sees(look, "wrong")
        assert_safe(look)
        await press(look, "right", "right", "left", "left", "e")
        assert_safe(look)
    workspace.abandon()
