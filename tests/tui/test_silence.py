"""A key that does nothing where one is says so, and where it would do something."""

from __future__ import annotations

from memos_admin.backend.workspace import Workspace
from memos_admin.tui.commands.command import PANES
from memos_admin.tui.commands.table import COMMANDS
from tests.tui.looking import go_to_user, main, opened, press, rest, sees

ELSEWHERE = [
    (pane, key)
    for pane in PANES
    for key in dict.fromkeys(c.keys.split(",")[0] for c in COMMANDS if c.keys)
    if not any(pane in c.panes for c in COMMANDS if key in c.keys.split(","))
]


async def test_every_key_of_another_pane_says_where_it_works(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        for pane, key in ELSEWHERE:
            main(look).go_to(pane)
            await rest(look)
            look.app.clear_notifications()
            await press(look, key)
            await sees(look, " works in: ")


async def test_h_and_l_go_out_and_in(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await go_to_user(look, "memos")
        assert main(look).pane == "conversations"
        await press(look, "l")
        assert main(look).pane == "transcript"
        await press(look, "h", "h")
        assert main(look).pane == "users"


async def test_what_finds_nothing_under_the_cursor_says_so(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "slash", *"u-88", "enter")
        for pane, key, said in (
            ("memories", "enter", "There is nothing here to open."),
            ("memories", "R", "There is no message or memory here."),
            ("detail", "n", "There is nothing here to go to."),
        ):
            main(look).go_to(pane)
            await press(look, key)
            await sees(look, said)
