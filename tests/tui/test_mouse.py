"""The mouse, where people expect it: crumbs, wheels, keys of the footer, the top line."""

from __future__ import annotations

import pytest
from textual import events
from textual.widget import Widget

from memos_admin.backend import roster
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.layout.crumbs import Crumb, fit, line
from tests.tui.looking import Look, go_to_user, main, misses, opened, press, rest, rows, sees, until
from tests.tui.slowness import Slow

NARROW = (80, 24)


async def click(look: Look, text: str, row: int, *, times: int = 1) -> None:
    """Click on a text in a row of the screen."""
    line = rows(look)[row]
    assert text in line, line
    await look.click(offset=(line.index(text) + 1, row), times=times)
    await rest(look)


async def wheel_down(look: Look, widget: Widget, times: int) -> None:
    """Turn the wheel over a widget, as a terminal would tell it."""
    x, y = widget.region.x + 4, widget.region.y + 4
    for _ in range(times):
        event = events.MouseScrollDown(None, x, y, 0, 0, 0, False, False, False, x, y)
        look.app.screen._forward_event(event)
        await look.pause()


async def test_a_click_on_a_crumb_goes_there(story: Workspace) -> None:
    async with opened(story, NARROW) as look:
        await go_to_user(look, "memos")
        await press(look, "enter")
        await sees(look, "Users › memos_user_123 › 0610 › Messages · Memories")
        await click(look, "Memories", 1)
        assert main(look).pane == "memories"
        await sees(look, "Summer Family Trip Plan")
        await press(look, "enter")
        assert main(look).pane == "detail"
        await click(look, "0610", 1)
        assert main(look).pane == "transcript"
        await click(look, "memos_user_123", 1)
        assert main(look).pane == "conversations"
        await click(look, "Users", 1)
        assert main(look).pane == "users"


async def test_the_crumb_of_all_memories_leads_to_memories(story: Workspace) -> None:
    async with opened(story, NARROW) as look:
        await go_to_user(look, "memos")
        await press(look, "g", "enter", "enter")
        assert main(look).pane == "detail"
        await click(look, "all memories", 1)
        assert main(look).pane == "memories"


async def test_a_click_beside_the_crumbs_does_nothing(story: Workspace) -> None:
    async with opened(story, NARROW) as look:
        await go_to_user(look, "memos")
        await look.click(offset=(78, 1))
        await rest(look)
        assert main(look).pane == "conversations"


@pytest.mark.parametrize(("x", "pane"), [(0, "users"), (8, "conversations"), (14, "transcript")])
def test_crumbs_of_wide_letters_end_where_they_end(x: int, pane: str) -> None:
    tabs = [Crumb("Messages", "transcript"), Crumb("Memories", "memories")]
    fitted = fit([Crumb("用户", "conversations")], tabs, 80)
    content, ends = line(fitted, 2, "transcript")
    assert content.plain == "Users › 用户 › Messages · Memories"
    assert next(found for end, found in ends if x < end) == pane


async def test_the_wheel_scrolls_the_list_under_the_mouse(workspace: Workspace) -> None:
    await roster.add_subjects(workspace, [SubjectRef("user", f"u{n:03}") for n in range(100)])
    async with opened(workspace, (120, 40)) as look:
        users = main(look).desk.panes.users
        await sees(look, "u000")
        await wheel_down(look, users, 4)
        await until(look, lambda: not any(" u000 " in row for row in rows(look)[1:]), "scrolling")
        assert users.cursor == 0
        await press(look, "j")  # the cursor comes back into sight
        await sees(look, "> u001")
    workspace.abandon()


async def test_the_wheel_scrolls_messages(story: Workspace) -> None:
    async with opened(story, NARROW) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"weekly", "enter", "enter")
        await sees(look, "Mon 1 Sep 2025")
        transcript = main(look).desk.panes.transcript
        await wheel_down(look, transcript, 3)
        await misses(look, "Mon 1 Sep 2025")


async def test_a_click_on_what_failed_opens_it(story: Workspace) -> None:
    async with opened(story, NARROW) as look:
        main(look).fetching.failed("Something failed.")
        await rest(look)
        await click(look, "Something", 0)
        await sees(look, "Notice", "Something failed.")


async def test_a_click_on_the_footer_does_what_the_key_does(story: Workspace) -> None:
    async with opened(story, NARROW) as look:
        await click(look, "? help", 23)
        await sees(look, "Here: Users")


async def test_a_click_on_stop_stops_the_sync(workspace: Workspace) -> None:
    slow = Slow()
    workspace.use_remote(slow)
    refs = [SubjectRef("user", f"u{number}") for number in range(5)]
    await roster.add_subjects(workspace, refs)
    async with opened(workspace, NARROW) as look:
        await look.press("S")
        await sees(look, "x stop")
        await look.click(offset=(rows(look)[0].index("x stop") + 2, 0))
        await sees(look, "Stopped")
        await rest(look)
    workspace.abandon()
