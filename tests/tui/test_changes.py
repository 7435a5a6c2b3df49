"""What changed lately, as a screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from textual.app import App

from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.times import now_ms
from memos_admin.backend.upkeep.under_way import Hold
from memos_admin.backend.workspace import Workspace
from memos_admin.store import runs
from memos_admin.tui.desk.place import Place
from memos_admin.tui.screens.changes import ChangesScreen
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.status_line import KeyLine
from tests.tui.looking import (
    Look,
    at_both_sizes,
    misses,
    press,
    rest,
    rows,
    seen,
    sees,
    told,
    until,
)
from tests.tui.story import LI, TRIP


class Host(App[None]):
    """Opens the screen and keeps what it returned."""

    def __init__(self, workspace: Workspace, subject: SubjectRef | None) -> None:
        super().__init__()
        self.session, self.subject = Session(workspace), subject
        self.returned: list[Place | None] = []

    def on_mount(self) -> None:
        self.push_screen(ChangesScreen(self.session, self.subject), self.returned.append)


@asynccontextmanager
async def hosted(
    workspace: Workspace, size: tuple[int, int], subject: SubjectRef | None = None
) -> AsyncIterator[tuple[Look, Host]]:
    host = Host(workspace, subject)
    async with host.run_test(size=size) as look:
        await rest(look)
        yield look, host


@at_both_sizes
async def test_the_last_sync_is_told_kind_by_kind(story: Workspace, size: tuple[int, int]) -> None:
    async with hosted(story, size) as (look, _):
        await sees(look, "the last sync", "everyone", "changed", "gone", "50 new")
        await misses(look, "Summer Family")  # was there before


async def test_new_messages_name_their_conversation_at_every_width(story: Workspace) -> None:
    async with hosted(story, (80, 24)) as (look, _):
        await sees(look, "50 new in weekly")
        await look.resize_terminal(200, 50)
        await misses(look, "50 new in weekly")
        await sees(look, "50 new messages", "weekly")


async def test_the_row_names_its_conversation_where_there_is_no_column(story: Workspace) -> None:
    async with hosted(story, (80, 24)) as (look, _):
        await press(look, "right")
        await misses(look, "Conversation")
        for _row in range(16):  # those of one sync are in no order of their own
            if "this row: conversation " in seen(look):
                break
            await press(look, "down")
        await sees(look, "this row: conversation ")
        await look.resize_terminal(200, 50)
        await misses(look, "this row: conversation ")


async def test_they_are_narrowed_by_the_filter_of_memories(
    story: Workspace, size: tuple[int, int]
) -> None:
    async with hosted(story, size) as (look, host):
        await sees(look, "50 new", "gone")
        screen = host.screen
        assert isinstance(screen, ChangesScreen)
        await press(look, "right", "slash", *'tag:"fam')
        await sees(look, "family trip")  # is offered
        await press(look, "tab", "enter")
        await sees(look, "of memories alone", "Summer Family Trip Plan")
        await misses(look, "50 new")
        found = screen.command()
        assert not isinstance(found, str)
        assert '--filter=tag:"family trip"' in found.words
        await press(look, "slash", *"viw:x")
        await told(look, "Column 19: There is no field viw. Did you mean view?")
        await press(look, "escape", "slash", *"no-such-word", "enter")
        await sees(look, "No change was found then of a memory that passes.")
        await press(look, "escape", "escape")
        await sees(look, "50 new", "drinks tea")
        assert seen(look).count("50 new") == 2  # a row for each sync


async def test_enter_returns_where_the_change_can_be_seen(story: Workspace) -> None:
    async with hosted(story, (120, 40)) as (look, host):
        await press(look, "G", "enter")
        (place,) = host.returned
        assert place is not None
        assert place.subject == LI
        assert place.memory_id in {"m-report", "m-old"}


async def test_a_sync_that_found_nothing_hides_no_changes(
    story: Workspace, size: tuple[int, int]
) -> None:
    await sync(story, SyncScope(full=True))
    await sync(story, SyncScope((LI,)))
    async with hosted(story, size) as (look, _):
        await sees(look, "the last sync with changes", "gone", "50 new")
        await misses(look, "Summer Family")
        await press(look, "right")
        await sees(look, "24 hours", "added", "Summer Family Trip Plan")


@at_both_sizes
async def test_the_log_of_syncs_is_narrowed_by_words(
    story: Workspace, size: tuple[int, int]
) -> None:
    async with hosted(story, size) as (look, host):
        await press(look, "l")
        await sees(look, "8 memories added", "1 changed", "/ filter")
        await press(look, "slash", *"ADDED every")
        await misses(look, "1 changed")
        await sees(look, "8 memories added")
        await press(look, *"zz", "enter")
        await told(look, "No sync has these words.")
        await press(look, "escape")
        await sees(look, "8 memories added", "1 changed", "Syncs")
        await press(look, "escape")
        await sees(look, "Changes found")
        assert host.returned == []


async def test_the_log_of_syncs_leads_to_what_each_found(
    story: Workspace, size: tuple[int, int]
) -> None:
    await sync(story, SyncScope((LI,)))
    async with hosted(story, size) as (look, _):
        await press(look, "l")
        await sees(look, "Syncs", "everyone", LI.external_id, "nothing new", "8 memories added")
        await press(look, "enter")
        await sees(look, f"the sync of {LI.external_id}, just now", "This sync found no change")
        await press(look, "l", "G", "enter")
        await sees(look, "the sync of everyone", "Summer Family Trip Plan")
        await misses(look, "gone")  # that is what the second one found
        await press(look, "right")
        await sees(look, "24 hours", "gone")


async def test_a_sync_of_several_names_one_and_how_many_more(
    story: Workspace, size: tuple[int, int]
) -> None:
    await sync(story, SyncScope((LI, TRIP)))
    async with hosted(story, size) as (look, _):
        await press(look, "l")
        await sees(look, "li.wei@acme.cn and 1 more", "everyone")
        await press(look, "slash", *"memos_user", "enter")
        await sees(look, "and 1 more")
        await misses(look, "everyone")


async def test_a_sync_that_runs_is_told_from_one_whose_program_was_killed(
    story: Workspace,
) -> None:
    writer = await story.open_writer()
    begin = partial(runs.start, mode="changes", now=now_ms(), fresh_since=0)
    await writer.run(partial(begin, scope="user:ann"))
    of_bob = await writer.run(partial(begin, scope="user:bob"))
    hold = Hold(story.store_path)
    hold.take(of_bob.run_pk)
    async with hosted(story, (80, 24)) as (look, _):
        await press(look, "l")
        await sees(look, "broken off")
        ann, bob = (next(row for row in rows(look) if name in row) for name in ("ann", "bob"))
        assert ("broken off" in ann, "running" in ann) == (True, False)
        assert ("broken off" in bob, "running" in bob) == (False, True)
        hold.release()
        await press(look, "r")
        await until(look, lambda: seen(look).count("broken off") == 2)


async def test_no_sync_yet_says_so(workspace: Workspace) -> None:
    async with hosted(workspace, (80, 24)) as (look, _):
        await sees(look, "No sync has found a change lately.")
        await press(look, "l")
        await sees(look, "There was no sync yet.")
    workspace.abandon()


async def test_one_user_or_everyone(story: Workspace, size: tuple[int, int]) -> None:
    async with hosted(story, size, LI) as (look, _):
        await sees(look, LI.external_id, "Report day")
        await press(look, "right")
        await misses(look, "Summer Family")
        await misses(look, "Whose")
        await press(look, "u")
        await sees(look, "everyone", "Summer Family", "Whose", "u this user", "l syncs")


async def test_escape_returns_nothing(story: Workspace) -> None:
    async with hosted(story, (80, 24)) as (look, host):
        await press(look, "escape")
        assert host.returned == [None]
        assert "Changes" not in seen(look)


async def test_all_keys_are_told_where_the_bottom_line_has_no_room_for_them(
    story: Workspace,
) -> None:
    async with hosted(story, (44, 20)) as (look, _):
        bottom = rows(look)[-1]
        keys = [title for _, title, _ in look.app.screen.query_one("#keys", KeyLine).keys]
        without_room = [title for title in keys if title not in bottom]
        assert without_room
        await press(look, "question_mark")
        await sees(look, "Here: Changes")
        told = seen(look)
        for _page in range(2):
            await press(look, "pagedown")
            told += seen(look)
        assert [title for title in without_room if title not in told] == []
        await press(look, "escape")
        await sees(look, "changed", "gone")
