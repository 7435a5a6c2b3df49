"""Asking the service: what arrives, what fails, what is stopped, and what the screen says then."""

from __future__ import annotations

from memos_admin.backend import roster
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.errors import Refused, Unreachable
from memos_admin.tui.widgets.status_line import StatusLine
from tests.backend.service import Service, a_memory, a_message
from tests.tui.looking import (
    go_to_user,
    main,
    misses,
    opened,
    press,
    rest,
    rows,
    seen,
    sees,
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
        await sees(look, "Sync stopped")
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
