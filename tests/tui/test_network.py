"""Asking the service: what arrives, what fails, what is stopped, and what the screen says then."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from memos_admin.backend import roster
from memos_admin.backend.model import Reads, SubjectRef
from memos_admin.backend.sync import SyncScope, open_conversation, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from memos_admin.cloud.errors import Refused, Unreachable
from memos_admin.tui.standing import Progress
from memos_admin.tui.widgets.status_line import StatusLine
from tests.backend.service import Service, a_memory, a_message
from tests.tui.looking import (
    PATIENCE,
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
from tests.tui.slowness import Slow
from tests.tui.story import TRIP

Size = tuple[int, int]


async def test_refresh_brings_new_messages_and_leaves_the_cursor(
    story: Workspace, service: Service, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        await press(look, "enter", "j", "j")
        chosen = main(look).desk.panes.transcript.message
        service.say(TRIP.external_id, "0610", a_message("One more thing", at="2025-06-10 09:40:00"))
        await press(look, "r")
        await sees(look, "5 messages")
        assert main(look).desk.panes.transcript.message == chosen
        await press(look, "G")
        await sees(look, "One more thing")


async def test_messages_that_arrive_after_a_memory_are_marked_as_its_source(
    workspace: Workspace, service: Service
) -> None:
    rye = Source("chat", excerpt="I like rye bread", role="user")
    memory = a_memory("m-rye", "likes rye bread", conversation_id="bread", sources=(rye,))
    service.put("new", memory)
    await roster.add_subjects(workspace, [SubjectRef("user", "new")])
    await sync(workspace, SyncScope())
    async with opened(workspace, (120, 40)) as look:
        await told(look, "MemOS returned no messages for this conversation.", "likes rye bread")
        service.say("new", "bread", a_message("I like rye bread"))
        await press(look, "tab", "r")
        await sees(look, "▌ I like rye bread", "1 memory  source")
    workspace.abandon()


async def test_messages_are_marked_where_the_choice_of_their_conversation_is_handled_late(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, asked, conversation = threading.Event(), threading.Event(), Reads.conversation
    rye = Source("chat", excerpt="I like rye bread", role="user")
    service.put(
        "new", a_memory("m-rye", "likes rye bread", conversation_id="bread", sources=(rye,))
    )
    await roster.add_subjects(workspace, [SubjectRef("user", "new")])
    await sync(workspace, SyncScope())

    def held(reads: Reads, *args: Any) -> Any:
        asked.set()
        assert gate.wait(PATIENCE)
        return conversation(reads, *args)

    async with opened(workspace, (120, 40)) as look:
        await told(look, "MemOS returned no messages for this conversation.", "likes rye bread")
        desk = main(look).desk
        service.say("new", "bread", a_message("I like rye bread"))
        await open_conversation(workspace, SubjectRef("user", "new"), "bread")
        await desk.show_conversations()
        await rest(look)
        row = desk.panes.conversations.row
        assert row is not None
        chosen = replace(row)  # the list had the same row before it was read again
        monkeypatch.setattr(Reads, "conversation", held)
        main(look).reload()
        await until(look, asked.is_set)
        main(look).work(partial(desk.choose_conversation, chosen), "conversation")
        await until(look, lambda: desk.scope is chosen)
        gate.set()
        await sees(look, "▌ I like rye bread", "1 memory  source")
    workspace.abandon()


async def test_what_was_read_before_the_clock_was_set_back_is_asked_for(
    story: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now - 3_600_000_000_000)
    service.requests.clear()
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "memos")
        await until(look, lambda: service.requests["/get/memory"])


async def test_opening_a_new_user_fetches_it(
    workspace: Workspace, service: Service, size: Size
) -> None:
    service.put("new", a_memory("m-new", "likes rye bread", conversation_id="bread"))
    service.say("new", "bread", a_message("I like rye bread"))
    await roster.add_subjects(workspace, [SubjectRef("user", "new")])
    async with opened(workspace, size) as look:
        await sees(look, "?")
        await press(look, "enter")
        await sees(look, "bread")
        await press(look, "enter")
        await sees(look, "I like rye bread")
    workspace.abandon()


@at_both_sizes
async def test_offline_keeps_what_was_fetched_and_says_what_to_do(
    story: Workspace, service: Service, size: Size
) -> None:
    def down(route: str, name: str) -> None:
        raise Unreachable("MemOS did not answer in 10 s. Press r to try again.", route=route)

    async with opened(story, size) as look:
        service.trouble = down
        await go_to_user(look, "memos")
        await press(look, "r")
        what = "MemOS did not answer" if size[0] > 80 else "MemOS cannot be reached"
        await sees(look, what, "! read", "0610")
        await press(look, "j", "k")
        await sees(look, what)  # it stays until it was read
        await press(look, "exclamation_mark")
        await sees(look, "The last error", "Press r to try again")
        await press(look, "escape")
        await misses(look, what)


async def test_a_refused_key_stops_everything_and_says_so(
    story: Workspace, service: Service
) -> None:
    def refuse(route: str, name: str) -> None:
        raise Refused("MemOS refused the key (40132).", code=40132)

    async with opened(story, (120, 40)) as look:
        service.trouble = refuse
        await press(look, "S")
        await sees(look, "MemOS refused the key")
        assert not main(look).fetching.syncing


async def test_a_sync_shows_progress_and_stops_on_x(workspace: Workspace, size: Size) -> None:
    slow = Slow()
    workspace._remote = None
    workspace.use_remote(slow)
    for number in range(5):
        slow.put(f"u{number}", a_memory(f"m{number}"))
    refs = [SubjectRef("user", f"u{number}") for number in range(5)]
    await roster.add_subjects(workspace, refs)
    async with opened(workspace, size) as look:
        await look.press("S")
        await sees(look, "of 5", "x stop")
        assert main(look).fetching.syncing
        await look.press("j")  # the screen lives meanwhile
        await look.press("x")
        await sees(look, "Stopped")
        await rest(look)
        assert "x stop" not in rows(look)[0]
    workspace.abandon()


async def test_quitting_waits_for_nothing(workspace: Workspace) -> None:
    slow = Slow()
    workspace.use_remote(slow)
    await roster.add_subjects(workspace, [SubjectRef("user", "a"), SubjectRef("user", "b")])
    async with opened(workspace, (120, 40)) as look:
        await look.press("S")
        await sees(look, "x stop")
        await look.press("q")
        await until(look, lambda: not look.app.is_running)
    assert not slow.go.is_set()
    workspace.abandon()


async def test_errors_do_not_hide_behind_a_sync(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        main(look).fetching.failed("Something failed.")
        await rest(look)
        status = look.app.screen.query_one(StatusLine)
        assert "Something failed." in str(status.render())
        assert "Something failed." in seen(look)


async def test_what_is_being_fetched_says_so_and_stops(workspace: Workspace) -> None:
    slow = Slow()
    slow.requests["/get/memory"] = 1  # so that the first answer is waited for as well
    workspace._remote = None
    workspace.use_remote(slow)
    await roster.add_subjects(workspace, [SubjectRef("user", "new")])
    async with opened(workspace, (120, 40)) as look:
        await sees(look, "Press r to ask MemOS")
        await look.press("x")
        await sees(look, "Nothing is being fetched")
        for key in ("r", "S"):
            await look.press(key)
            await sees(look, "Fetching the memories of this")
            await misses(look, "Press r")
            await look.press("x")
            await sees(look, "Stopped. What has arrived is kept.", "Press r to ask MemOS")
    workspace.abandon()


async def test_everything_is_listed_again_from_the_screen(
    story: Workspace, service: Service
) -> None:
    async with opened(story, (120, 40)) as look:
        del service.memories["user", TRIP.external_id]["c8b41a89-83b3-4512-b4f7-1dfca3570107"]
        await go_to_user(look, "memos")
        await press(look, "F")
        await told(
            look,
            "everything of memos_user_123",
            "everything of 1 user that passes the filter",
            "memories are gone",
        )
        await press(look, "enter")
        await sees(look, "memos_user_123", "1 gone. Press c")


async def test_a_sync_of_many_is_asked_about_first(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memos_admin.tui.actions.fetching.MOST_UNASKED", 4)
    await roster.add_subjects(workspace, [SubjectRef("user", f"u{n}") for n in range(5)])
    async with opened(workspace, (120, 40)) as look:
        await press(look, "S")
        await told(
            look, "Sync 5 users", "At least 1 s", "10 requests a second", "shares this limit"
        )
        await press(look, "down", "enter")
        assert service.requests.total() == 0
        await press(look, "S", "enter")
        assert service.requests.total() == 5
        await press(look, "slash", *"zz", "enter", "S")
        await sees(look, "No user passes the filter")
    workspace.abandon()


async def test_a_dialog_that_was_being_prepared_does_not_cover_another(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, asked, every = threading.Event(), threading.Event(), Reads.subject_pks

    def subject_pks(reads: Reads, *args: Any) -> Any:
        asked.set()
        assert gate.wait(60)
        return every(reads, *args)

    async with opened(story, (120, 40)) as look:
        monkeypatch.setattr(Reads, "subject_pks", subject_pks)
        await look.press("F")
        await until(look, asked.is_set)
        main(look).action_ticket()  # what is typed waits; the program itself asks at any time
        await sees(look, "Ticket")
        await look.press("a", "b")
        gate.set()
        await rest(look)
        await sees(look, "Ticket", "ab")
        await misses(look, "Fetch everything")
        await press(look, "escape", "F")
        await sees(look, "Fetch everything")


async def test_the_same_sync_is_not_begun_twice_without_a_word(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow()
    workspace._remote = None
    workspace.use_remote(slow)
    await roster.add_subjects(workspace, [SubjectRef("user", f"u{n}") for n in range(5)])
    async with opened(workspace, (120, 40)) as look:
        await look.press("S")
        await sees(look, "x stop")
        await look.press("S")
        await sees(look, "This is being synced already. x stops it.")
        monkeypatch.setattr("memos_admin.tui.actions.fetching.MOST_UNASKED", 4)
        await look.press("j", "S")  # as many as would be asked about first
        await until(look, lambda: len(main(look).app.screen_stack) == 2)
        await sees(look, "This is being synced already. x stops it.")
        await press(look, "x")
    workspace.abandon()


async def test_the_progress_of_a_sync_stands_on_other_screens_too(story: Workspace) -> None:
    slow = Slow()
    slow.requests["/get/memory"] = 1
    story._remote = None
    story.use_remote(slow)
    async with opened(story, (120, 40)) as look:
        await look.press("S")
        await sees(look, "x stop")
        for key, title in (("e", "First rows"), ("P", "Projects"), ("c", "Changes found")):
            await look.press(key)
            await sees(look, title)
            assert "x stop" in rows(look)[0]
            if key != "c":
                await look.press("escape")
                await misses(look, title)
        await look.press("x")
        await sees(look, "Stopped. What has arrived is kept.")
        await until(look, lambda: "x stop" not in rows(look)[0], "the end of the sync")


@at_both_sizes
async def test_an_unread_error_hides_no_progress(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        main(look).fetching.failed("Something failed before.")
        await sees(look, "Something failed before.", "! read")
        main(look).status.set_progress(Progress(1, 4, "syncing somebody"))
        await look.pause()
        await sees(look, "syncing somebody", "! read", "x stop")
        main(look).status.set_progress(None)
        await look.pause()
        await sees(look, "Something failed before.")
