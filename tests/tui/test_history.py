"""Versions, memories as of an instant, changes by kind, and the time line, as they are seen."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection
from textual.events import Key
from textual.keys import _character_to_key
from textual.widgets import Input

from memos_admin.backend import roster
from memos_admin.backend.history.timeline import Day, bar
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.times import now_ms
from memos_admin.backend.workspace import Workspace
from memos_admin.language import gettext as _
from memos_admin.language import written_in
from memos_admin.tui.screens import timeline
from memos_admin.tui.screens.changes import ChangesScreen
from memos_admin.tui.screens.timeline import TimelineScreen
from memos_admin.tui.screens.versions import VersionsScreen
from memos_admin.tui.words import phrases
from tests.backend.service import Service, a_memory
from tests.hostile import HOSTILE
from tests.tui.hosting import hosted
from tests.tui.looking import (
    at_both_sizes,
    go_to_user,
    main,
    misses,
    opened,
    press,
    rest,
    rows,
    seen,
    sees,
    told,
    until,
)
from tests.tui.story import LI
from tests.tui.test_hostile import DANGEROUS, assert_safe
from tests.tui.test_overview import on

Size = tuple[int, int]


async def test_versions_have_their_words_marked(story: Workspace, size: Size) -> None:
    async with hosted(story, size, lambda session: VersionsScreen(session, "m-report")) as (
        look,
        _,
    ):
        await sees(look, "Version 2 of 2 · Report day", "Changed: text")
        await told(look, "{+, now on Fridays+}")
        await told(look, "Two changes between two readings are seen as one")
        await told(look, "Found by a sync that began")
        await press(look, "p")
        await sees(look, "Version 1 of 2")
        await told(look, "What it said before it was first read here is not known.")
        await misses(look, "Fridays")
        await press(look, "p", "n", "n")
        await sees(look, "Version 2 of 2")


async def test_what_changed_stands_first_where_there_is_little_room(story: Workspace) -> None:
    async with hosted(story, (60, 15), lambda session: VersionsScreen(session, "m-report")) as (
        look, _,
    ):  # fmt: skip
        await told(look, "Changed: text", "{+, now on Fridays+}")
        await misses(look, "title")


async def test_versions_stand_beside_each_other_where_there_is_room(story: Workspace) -> None:
    async with hosted(story, (120, 40), lambda session: VersionsScreen(session, "m-report")) as (
        look, _,
    ):  # fmt: skip
        await sees(look, "version 1", "version 2")
        await look.resize_terminal(80, 24)
        await misses(look, "version 1")


async def test_a_version_says_from_which_conversation_to_which(
    workspace: Workspace, service: Service, size: Size
) -> None:
    for number, name in enumerate(("summer", "autumn")):
        memory = a_memory("m-boat", conversation_id=name, update_time=f"176250000000{number}")
        service.put("ann", memory)
        await sync(workspace, SyncScope((SubjectRef("user", "ann"),), full=True))
    async with hosted(workspace, size, lambda session: VersionsScreen(session, "m-boat")) as (
        look,
        _,
    ):
        await sees(look, "Version 2 of 2", "Changed: conversation")
        await told(look, "summer", "autumn")
    async with hosted(workspace, size, lambda session: ChangesScreen(session, None)) as (look, _):
        await sees(look, "changed", " summer → autumn", "this row: conversation summer → autumn")
    async with opened(workspace, size) as look:
        await press(look, "ctrl+g", *"m-boat", "enter", "enter", "G")
        await told(look, "version 1, until", "conversation summer")
    writer = await workspace.open_writer()
    sql = "UPDATE memory_version SET conversation_id = NULL"
    await writer.run(partial(Connection.exec_driver_sql, statement=sql))
    async with hosted(workspace, size, lambda session: VersionsScreen(session, "m-boat")) as (
        look,
        _,
    ):
        await sees(look, "Version 2 of 2")
        await misses(look, "Changed: conversation")
        await press(look, "p")
        await told(look, "not kept for this version")
    async with hosted(workspace, size, lambda session: ChangesScreen(session, None)) as (look, _):
        await press(look, "right", "down")
        await sees(look, "conversation of then not kept; now of conversation autumn")


async def test_the_last_version_of_what_is_gone_says_why(story: Workspace, size: Size) -> None:
    async with hosted(story, size, lambda session: VersionsScreen(session, "m-old")) as (look, _):
        await sees(look, "Works from Shanghai", "no change was seen")
        await told(look, "MemOS no longer has it. This is its last text.")


def test_the_time_line_counts_readings_under_a_name_of_its_own() -> None:
    with written_in("zh"):
        headings = [_(column.name) for column in timeline.COLUMNS]
    assert "读取" in headings
    assert "范围" not in headings


@at_both_sizes
async def test_a_memory_that_was_gone_for_a_while_says_so(
    workspace: Workspace, service: Service, size: Size
) -> None:
    ann, memory = SubjectRef("user", "ann"), a_memory("m-boat", "has a boat", title="Boat")
    service.put("ann", memory)
    await roster.add_subjects(workspace, [ann])
    await sync(workspace, SyncScope(full=True))
    del service.memories["user", "ann"]["m-boat"]
    await sync(workspace, SyncScope(full=True))
    service.put("ann", memory)
    await sync(workspace, SyncScope(full=True))
    async with hosted(workspace, size, lambda session: VersionsScreen(session, "m-boat")) as (
        look,
        _,
    ):
        await sees(look, "Version 1 of 1 · Boat", "not listed from", "no other change was seen")
    async with opened(workspace, size) as look:
        await press(look, "ctrl+g", *"m-boat", "enter", "enter", "G")
        await told(look, "absent not listed from", "MemOS did not have it then")


@pytest.mark.parametrize("text", [HOSTILE[name] for name in DANGEROUS], ids=DANGEROUS)
async def test_hostile_versions_are_shown_harmless(
    workspace: Workspace, service: Service, text: str
) -> None:
    service.put("ann", a_memory("m1", "plain", title=None))
    await sync(workspace, SyncScope((SubjectRef("user", "ann"),)))
    service.put("ann", a_memory("m1", text, title=text[:80], update_time="1762500000000"))
    await sync(workspace, SyncScope(full=True))
    async with hosted(workspace, (80, 24), lambda session: VersionsScreen(session, "m1")) as (
        look, _,
    ):  # fmt: skip
        await rest(look)
        await sees(look, "Version")
        assert_safe(look)


async def test_screens_of_the_present_say_so_where_memories_are_shown_as_of_then(
    story: Workspace,
) -> None:
    said = "as known now, not as of then"
    async with opened(story, (60, 15)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "Q", "enter", "enter")
        await sees(look, "Review · li.wei")
        await misses(look, said)
        await press(look, "escape", "at", "down", "enter")
        await press(look, "Q", "enter", "enter")
        await sees(look, "as of", "Review · li.wei", said)
        await press(look, "8")
        await sees(look, "as of", "Verdicts · what was said", f"{said} · changed since review: 0")
        await press(look, "escape", "escape", "ctrl+o")
        await sees(look, "as of", "Overview · everyone", said)
        await on(look, "views", "detail_factual")
        await press(look, "enter")
        await sees(look, "as of", "Memories by view · Fact", said)
        await press(look, "escape", "escape", "Z")
        await sees(look, "as of", "Hygiene", said)


async def test_memories_are_shown_as_of_a_reading_and_as_now_again(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "at")
        await sees(look, "As of", "the reading of", "at a time")
        await told(look, "Only the memories are shown as of then")
        readings = re.findall(r"the reading of ([-0-9 :.]+)", seen(look))
        assert len(readings) == len({*readings}) == 2  # within one minute
        await press(look, "down", "down", "enter")  # the first of both readings
        await sees(look, "memories as of", "not now", "Old office")
        await misses(look, "gone since")
        await press(look, "c")
        await sees(look, "memories as of", "not now", "until then", "Report day", "added")
        await misses(look, "changed")  # that was found later
        await press(look, "escape", "slash", *"report", "enter", "enter")
        await told(look, "Wants the quarterly report on Thursdays")
        await misses(look, "Fridays")
        await told(look, "As this store knew them at")
        await told(look, "not kept for this version", "not kept by date")
        await press(look, "Y")
        assert look.app.clipboard == "Wants the quarterly report on Thursdays"
        await press(look, "R")
        await told(look, "as MemOS sent it last, not as of then")
        await press(look, "escape", "G")
        await told(look, "two changes in between are seen as one")
        await press(look, "escape", "at")
        await press(look, "home", "enter")
        await misses(look, "memories as of")
        await press(look, "enter")
        await told(look, "now on Fridays")


async def test_as_of_then_those_of_a_conversation_are_not_taken_for_all_of_the_user(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        panes = main(look).desk.panes
        await until(look, lambda: panes.conversations.cursor == 1)  # the first conversation
        await press(look, "at", "down", "down", "enter")  # the first of both readings
        await sees(look, "memories as of", "of 2 here · 5 known then in all")
        await press(look, "at", *"1h", "enter")
        await sees(look, "No memory was known here then")
        await press(look, "at", "home", "enter")
        await sees(look, "here · 4 listed in all")


async def test_how_many_there_are_in_all_is_told_whole_where_there_is_little_room(
    story: Workspace,
) -> None:
    async with opened(story, (100, 30)) as look:
        await go_to_user(look, "li.wei")
        panes = main(look).desk.panes
        await until(look, lambda: panes.conversations.cursor == 1)
        await sees(look, "4 listed in all ─")
        await press(look, "at", "down", "down", "enter")
        await sees(look, "of 2 · 5 in all then ━")


async def test_as_of_then_is_asked_of_a_whole_user_among_the_users(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await press(look, "slash", *"li.wei", "enter")
        panes = main(look).desk.panes
        await until(look, lambda: panes.conversations.cursor == 1)  # the first conversation
        await press(look, "at", "down", "down", "enter")
        await sees(look, "memories as of", "of 5 ")
        assert panes.conversations.cursor == 0


async def test_as_of_then_it_is_said_where_others_were_known(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "end", "up")
        await sees(look, "unread")
        await press(look, "at", "down", "down", "enter")
        await told(look, "No memory of this conversation was known here then, but 5 of this user")
        await press(look, "enter")
        await sees(look, "1 of 5")


async def test_versions_begin_with_that_of_the_instant_that_is_shown(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "at")
        await press(look, "down", "down", "enter")  # the first of both readings
        await press(look, "slash", *"report", "enter", "V")
        await sees(look, "Version 1 of 2", "as of ")
        await misses(look, "not known yet")
        await misses(look, "Fridays")
        await press(look, "n")
        await sees(look, "Version 2 of 2", "not known yet as of ")
        await press(look, "escape", "at")
        await press(look, "home", "enter", "V")
        await sees(look, "Version 2 of 2")
        await misses(look, "as of ")


async def test_a_time_is_typed_at_once_and_enter_goes_back(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "at", *"2999", "minus", *"01", "minus", *"01", "enter")
        await told(look, "That lies in the future.")
        assert not main(look).desk.chosen.as_of
        await press(look, "ctrl+u", *"1h", "enter")
        await until(look, lambda: look.app.screen is main(look))
        await sees(look, "memories as of")
        await told(look, "@ and enter go back to now")
        await press(look, "at")
        await sees(look, "● as of")
        await press(look, "enter")
        await until(look, lambda: main(look).desk.chosen.as_of is None)


async def test_a_time_that_comes_in_one_read_is_taken_in_order(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "at")
        for character in "2026-11-10 08:05":
            look.app.post_message(Key(_character_to_key(character), character))
        await until(look, lambda: look.app.screen.query_one(Input).value == "2026-11-10 08:05")


async def test_an_export_begins_with_the_memories_of_then(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "at")
        await press(look, "down", "down", "enter")
        await press(look, "e")
        await told(look, "● memories as shown", "As this store knew them at")
        await sees(look, "Old office")
        await press(look, "right")
        await told(look, "This is as of now.")


async def test_escape_goes_back_to_now(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "at")
        await press(look, "down", "enter")
        await sees(look, "memories as of")
        assert main(look).pane == "memories"
        await press(look, "escape")
        await misses(look, "memories as of")
        assert main(look).desk.chosen == Filter()


async def test_before_the_first_reading_nothing_was_known_and_that_is_said(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "at")
        await press(look, "end", "enter", *"2001-09-11", "enter")
        await told(look, "No memory was known here then.", "It was first listed completely at")
        await press(look, "at")
        await press(look, "end", "enter", *"2999-01-01", "enter")
        await sees(look, "That lies in the future.")


async def test_changes_are_narrowed_by_kind_and_time(story: Workspace, size: Size) -> None:
    async with hosted(story, size, lambda session: ChangesScreen(session, LI)) as (look, _):
        await press(look, "right", "v")
        await press(look, *["down"] * 4, "enter")
        await sees(look, "Old office", "1 change")
        await misses(look, "Report day")
        await press(look, "d", *"2001-01-01", "enter")
        await sees(look, "since 2001-01-01 00:00", "Old office")
        await press(look, "escape")
        await sees(look, "Report day")
        await press(look, "d", *"soon", "enter")
        await told(look, "That is no time.")
        await press(look, "ctrl+u", *"2999-01-01", "enter")
        await told(look, "That lies in the future.")
        await press(look, "escape")
        await misses(look, "2999")


@at_both_sizes
async def test_the_time_line_leads_to_the_changes_of_a_day(story: Workspace, size: Size) -> None:
    async with hosted(story, size, lambda session: TimelineScreen(session, LI)) as (look, host):
        await sees(look, "Day by day", LI.external_id, "█", "+5", "~1", "-1")
        await press(look, "u")
        await sees(look, "everyone", "+8", "listed for two users")
        await sees(look, "dated by the reading that found it")
        await press(look, "u", "enter")
        await sees(look, "Changes found", "Old office", "Report day")
        await press(look, "enter")
        (place,) = host.returned
        assert place is not None
        assert place.subject == LI


async def test_a_narrow_time_line_says_which_numbers_it_leaves_out(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "now_ms", lambda: now_ms() + 245 * phrases.DAY)
    async with hosted(story, (60, 15), lambda session: TimelineScreen(session, LI)) as (look, _):
        await sees(look, "no room for: Reads, Status, Back", " +244 ", " not read ", "+5")
        heading = next(row for row in rows(look) if "Listed" in row)
        assert heading.strip("┃ ").split() == [
            "Day",
            "Listed",
            "As",
            "a",
            "bar",
            "Added",
            "Changed",
            "Gone",
        ]
        await look.resize_terminal(120, 40)
        await sees(look, "Reads", "Status", "Back", " +244 ", " not read ", "dated by the reading")
        await sees(look, "days of your time zone")
        await misses(look, "no room for")


async def test_bars_are_drawn_for_the_room_that_there_is(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [183, 172, 165, 92, *[0] * 30]
    first = date(2026, 11, 1)

    def days(*_given: object, **_named: object) -> list[Day]:
        ago = enumerate(reversed(listed))
        return [
            Day(first + timedelta(days=number), 1, 1, count, 1788, 0, 0, 0, 0)
            for number, count in ago
        ]

    monkeypatch.setattr(timeline, "days", days)
    async with hosted(story, (60, 15), lambda session: TimelineScreen(session, LI)) as (look, _):
        for width, height in ((60, 15), (80, 24), (120, 50), (200, 24), (80, 50)):
            await look.resize_terminal(width, height)
            await sees(look, " 183 ", " 92 ", "+1,788")
            await rest(look)
            drawn = [re.search("█[█▏▎▍▌▋▊▉…]*", line) for line in seen(look).splitlines()]
            bars = [bar[0] for bar in drawn if bar]
            cells = len(bars[0])
            assert bars == [bar(count, 183, cells) for count in listed[:4]], width
            assert len({*bars}) >= 3
            assert cells >= 8


async def test_the_time_line_is_filtered_and_so_are_the_changes_that_it_leads_to(
    story: Workspace, size: Size
) -> None:
    async with hosted(story, size, lambda session: TimelineScreen(session, LI)) as (look, _host):
        await sees(look, "Day by day", "+5", "/ filter")
        await press(look, "slash", *"report", "enter")
        await sees(look, "of memories as they are now", "+1", "~1")
        await misses(look, "+5")
        await press(look, "enter")
        await sees(look, "Changes found", "Report day")
        await misses(look, "Old office")
        await press(look, "escape", "escape")
        await sees(look, "Day by day", "+1")
        await press(look, "slash", *" as-of:1d")
        await told(look, "Days are counted by what memories say now.")
        await press(look, "escape", "escape")
        await sees(look, "Day by day", "+5")


async def test_a_day_on_which_nothing_was_read_says_so_instead_of_no_changes(
    story: Workspace, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = now_ms() + 3 * phrases.DAY
    monkeypatch.setattr(timeline, "now_ms", lambda: later)
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "H")
        await sees(look, " +2 ", " not read ")
        await press(look, "enter")
        await told(look, "Nothing was read then: what changed is found by the next reading.")
        await press(look, "down", "enter")
        await sees(look, "Changes found")


async def test_a_time_line_of_nothing_says_so(workspace: Workspace) -> None:
    async with hosted(workspace, (80, 24), lambda session: TimelineScreen(session, None)) as (
        look, _,
    ):  # fmt: skip
        await sees(look, "Nothing was read yet.")
    workspace.abandon()


async def test_keys_lead_to_versions_and_the_time_line(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", "enter", "tab", "tab")
        main(look).go_to("memories")
        await press(look, "V")
        await sees(look, "Version", "earlier")
        await press(look, "escape", "H")
        await sees(look, "Day by day", LI.external_id)
