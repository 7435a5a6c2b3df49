"""The overview on the screen: numbers with bars and words, and the list behind each of them."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from textual.widgets import Static

from memos_admin.backend.model import Filter, Reads
from memos_admin.backend.overview import overview
from memos_admin.backend.times import now_ms
from memos_admin.backend.workspace import Workspace
from memos_admin.store.vanishing import note_gone
from memos_admin.tui.rows import main as lists
from memos_admin.tui.rows.overview import Line, name_of
from memos_admin.tui.screens import overview as screen
from memos_admin.tui.screens.counted import CountedScreen
from memos_admin.tui.screens.overview import OverviewScreen
from memos_admin.tui.widgets import row_list, row_source
from memos_admin.tui.widgets.row_list import RowList
from tests.tui.hosting import hosted, retype
from tests.tui.looking import Look, misses, opened, press, rows, sees, told, until
from tests.tui.story import LI, NEVER

SIZES = ((80, 24), (120, 40), (200, 50))


async def on(look: Look, section: str, item: str) -> Line:
    """Put the cursor on a number, when it is there."""

    def found() -> Line | None:
        return next(
            (
                line
                for lines in look.app.screen.query("#overview").results(RowList)
                for line in lines.shown_rows
                if line.row and (line.section.name, line.row.item) == (section, item)
            ),
            None,
        )

    await until(look, lambda: found() is not None)
    line = found()
    assert line is not None
    look.app.screen.query_one("#overview", RowList).move_to_key(line.key)
    await look.pause()
    return line


@pytest.mark.parametrize("size", SIZES)
async def test_numbers_have_bars_bounds_and_scope(story: Workspace, size: tuple[int, int]) -> None:
    async with hosted(story, size, lambda session: OverviewScreen(session, LI)) as (look, _):
        await sees(look, "Overview", "everyone", "Users and agents", "█", "the project · since")
        await on(look, "days", (await _today(look)))
        await press(look, "end")
        await sees(look, "Changes by day", "added")
        for row in rows(look):
            assert len(row) <= size[0]


async def test_memories_by_view_have_a_total(story: Workspace) -> None:
    with story.open_reads() as reads:
        listed = reads.memory_count(Filter(vanished=False))
    async with hosted(story, (120, 40), lambda session: OverviewScreen(session, LI)) as (look, _):
        await on(look, "views", "detail_factual")
        (row,) = (row for row in rows(look) if "Memories by view" in row)
        assert f" {listed} " in row or f"≥{listed} " in row


async def _today(look: Look) -> str:
    lines: RowList[Any] = look.app.screen.query_one("#overview", RowList)

    def days() -> list[str]:
        return [one.row.item for one in lines.shown_rows if one.row and one.section.name == "days"]

    await until(look, lambda: bool(days()))
    return max(days())


async def test_archived_memories_are_told_from_those_gone(story: Workspace) -> None:
    writer = await story.open_writer()
    gone: tuple[tuple[str, str], ...] = (("m-tea", "archived"), ("m-free", "deleted"))
    for name, status in gone:
        note = partial(note_gone, memory_id=name, reason=status, status=status, now=now_ms())
        await writer.run(note)
    async with hosted(story, (120, 40), lambda session: OverviewScreen(session, LI)) as (look, _):
        line = await on(look, "views", "archived")
        assert line.row is not None
        assert line.row.count == 1
        await press(look, "enter")
        await sees(look, "Memories by view", "archived, not listed", "1 memory", "drinks tea")
        await press(look, "slash", *"view:fact", "enter")
        await sees(look, "No memory passes the filter.")
        await press(look, "slash", "ctrl+u", *"vanished:no", "enter")
        await told(look, "This number says it already.")
        await press(look, "escape", "slash", "ctrl+u", *"tea", "enter")
        await sees(look, "1 memory", "drinks tea", "archived")
        await press(look, "escape")
        await on(look, "statuses", "archived")
        await press(look, "enter")
        await sees(look, "Memories by status", "1 memory", "drinks tea")
        await press(look, "escape")
        day = await _today(look)
        await on(look, "days", day)
        await sees(look, "archived 1")


async def test_what_a_copied_command_lacks_stands_on_a_line_of_its_own(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "ctrl+o", "C")
        await until(look, lambda: len(look.app._notifications))
        (said,) = look.app._notifications
        assert said.message.split("\n") == [
            "Copied memos-admin --project acme-prod overview",
            "Its days are those of UTC.",
        ]


async def test_the_list_behind_a_number_is_read_once(
    story: Workspace, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    again = CountedScreen.action_again

    def counted(screen: CountedScreen) -> None:
        asked.append(True)
        again(screen)

    monkeypatch.setattr(CountedScreen, "action_again", counted)
    async with hosted(story, size, lambda session: OverviewScreen(session, LI)) as (look, _host):
        await on(look, "views", "preference")
        await press(look, "enter")
        await sees(look, "drinks tea")
        assert asked == [True]


async def test_enter_goes_to_what_is_counted(story: Workspace) -> None:
    async with hosted(story, (120, 40), lambda session: OverviewScreen(session, LI)) as (
        look,
        host,
    ):
        line = await on(look, "views", "preference")
        assert line.row is not None
        await press(look, "enter")
        await sees(look, "Memories by view", "1 memory", "drinks tea", LI.external_id)
        await press(look, "enter")
        await until(look, lambda: host.returned)
        (place,) = host.returned
        assert place is not None
        assert (place.subject, place.memory_id) == (LI, "m-tea")
        host.open(lambda session: OverviewScreen(session, LI))
        await on(look, "users", "never")
        await press(look, "enter")
        await sees(look, "not yet all read", NEVER.external_id)
        await press(look, "enter")
        await until(look, lambda: len(host.returned) > 1)
        assert host.returned[-1] is not None
        assert host.returned[-1].subject == NEVER


async def test_the_list_behind_a_number_is_ordered_and_narrowed(story: Workspace) -> None:
    async with hosted(story, (120, 40), lambda session: OverviewScreen(session, None)) as (
        look,
        host,
    ):
        await on(look, "views", "detail_factual")
        await press(look, "enter")
        await sees(look, "1 of ", "Updated↓", "view Fact")
        memories = look.app.screen.query_one("#counted", RowList)
        updated = list(memories.keys)
        assert len(updated) > 2
        await press(look, "O")
        await sees(look, "Updated↑")
        assert list(memories.keys) != updated
        await press(look, "o")
        await sees(look, "Created↓")
        assert sorted(memories.keys) == sorted(updated)
        await press(look, "slash")
        await retype(look, f"user:{LI.external_id}")
        await sees(look, "Column 1: Choose whose in the overview.")
        await retype(look, "view:preference")
        await press(look, "enter")
        await sees(look, "drinks tea", "view Preference", "Created↓")
        await press(look, "slash", *"-tea", "escape")
        await sees(look, "drinks tea")
        await press(look, "enter")
        await until(look, lambda: host.returned)
        assert host.returned[0] is not None
        narrowed = host.returned[0].narrowed
        assert narrowed is not None
        assert (narrowed.views, narrowed.order) == (frozenset({"preference"}), "created")


async def test_the_first_rows_behind_a_number_do_not_wait_for_the_others(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, every = threading.Event(), lists.Memories.keys

    def keys(source: lists.Memories, reads: Reads) -> array[int]:
        assert gate.wait(60)
        return every(source, reads)

    monkeypatch.setattr(lists.Memories, "keys", keys)
    monkeypatch.setattr(row_list, "BEGINNING", 2)
    monkeypatch.setattr(row_source, "BEGINNING", 2)
    async with hosted(story, (120, 40), lambda session: OverviewScreen(session, None)) as (look, _):
        await on(look, "views", "detail_factual")
        await look.press("enter")
        await sees(look, "the first 2 · reading the others", "Updated↓")
        await look.press("G")
        gate.set()
        memories = look.app.screen.query_one("#counted", RowList)
        await until(look, lambda: len(memories) > 2 and memories.cursor == len(memories) - 1)
        await sees(look, f"{len(memories)} of {len(memories)} memories")


@pytest.mark.parametrize(
    ("section", "item", "text"),
    [
        ("problems", "beginning", "Completeness"),
        ("problems", "store", "memos-admin store check looks at it"),
        ("tags", "family trip", "Top tags"),
        ("ages", "older", "Memories updated"),
    ],
)
async def test_each_number_leads_somewhere_or_says_why_not(
    story: Workspace, section: str, item: str, text: str
) -> None:
    async with hosted(story, (120, 40), lambda session: OverviewScreen(session, None)) as (look, _):
        await on(look, section, item)
        await press(look, "enter")
        await sees(look, text)


async def test_what_is_cut_in_a_row_stands_below_in_full_and_a_heading_says_what_it_is(
    story: Workspace,
) -> None:
    async with hosted(story, (80, 24), lambda session: OverviewScreen(session, None)) as (look, _):
        await press(look, "home", "enter")
        await sees(look, "a heading: enter is for the numbers below")
        await on(look, "users", "users")
        await press(look, "home")
        await sees(look, "Users and agents · the project")
        line = await on(look, "users", "users")
        assert line.row is not None
        foot = look.app.screen.query_one(".pane--foot", Static)
        assert str(foot.content).startswith(f"{name_of('users', 'users')} {line.row.count}")


async def test_users_and_memories_behind_a_number_are_narrowed(story: Workspace) -> None:
    async with hosted(story, (120, 40), lambda session: OverviewScreen(session, None)) as (look, _):
        await on(look, "users", "users")
        await press(look, "enter")
        await sees(look, LI.external_id, NEVER.external_id)
        await press(look, "slash", *LI.external_id[:4], "enter")
        await misses(look, NEVER.external_id)
        await press(look, "slash", *"nobody at all", "enter")
        await sees(look, "No id has", "in it")
        await press(look, "escape")
        await sees(look, LI.external_id, NEVER.external_id)
        await press(look, "escape")
        assert isinstance(look.app.screen, OverviewScreen)


async def test_a_filter_narrows_memories_and_says_where_it_is_wrong(story: Workspace) -> None:
    async with hosted(story, (120, 40), lambda session: OverviewScreen(session, LI)) as (look, _):
        await press(look, "u")
        await sees(look, LI.external_id)
        await press(look, "slash")
        await retype(look, "as-of:2026-01-01")
        await press(look, "enter")
        await sees(look, "Column 1: An overview counts what is known now.")
        await retype(look, "viw:pref")
        await sees(look, "Column 1: There is no field viw. Did you mean view?")
        await retype(look, "")
        await press(look, *"view:pref")
        await sees(look, "preference")  # is offered
        await press(look, "tab", "enter")
        await sees(look, "view Preference", LI.external_id)
        await press(look, "u")
        await sees(look, "view Preference", "everyone")
        line = await on(look, "views", "preference")
        assert line.section.scope.of == "filter"
        await press(look, "slash", *f"user:{LI.external_id}", "enter")
        await sees(look, f"Overview · {LI.external_id}")
        overview = look.app.screen
        assert isinstance(overview, OverviewScreen)
        assert {f"--user={LI.external_id}", "--view=preference"} < {*overview.command().words}
        await press(look, "escape", "escape")
        await sees(look, "Overview · everyone")
        await misses(look, "view Preference")


async def test_x_stops_and_what_was_counted_stays(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(reads: Any, *args: Any) -> Iterator[Any]:
        steps = overview(reads, *args)
        yield next(steps)._replace(done=1, of=2)
        numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
        reads.query.text(f"{numbers} SELECT max(x) FROM n")
        raise AssertionError("it was not stopped")

    async with hosted(story, (80, 24), lambda session: OverviewScreen(session, None)) as (look, _):
        monkeypatch.setattr(screen, "overview", endless)
        await look.press("r")
        await sees(look, "counting · 50%", "Users and agents")
        await look.press("x")
        await sees(look, "stopped", "Users and agents")
