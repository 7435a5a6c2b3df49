"""Texts that want to take over the terminal or the screen, on every surface that shows text."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from memos_admin.backend.workspace import Workspace
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.desk.panes import Desk
from memos_admin.tui.widgets.transcript import Transcript
from tests.backend.service import Service
from tests.effort import LONG
from tests.hostile import HOSTILE, unsafe
from tests.tui.looking import Look, at_both_sizes, main, press, rest, rows, seen, until
from tests.tui.strangers import fill

PLAIN = {"empty", "blank"}


def assert_safe(look: Look) -> None:
    """Nothing of what is drawn is obeyed by a terminal, and each row is as wide as the screen."""
    drawn = "".join(rows(look))
    assert unsafe(drawn) == []
    assert "\u200d\u200d" not in drawn
    for widget in look.app.screen.query("*"):
        if isinstance(widget.tooltip, str):
            assert unsafe(widget.tooltip, newlines=True) == []


def is_filled(desk: Desk) -> bool:
    """Whether a memory is chosen, and messages are shown."""
    return desk.detail.memory is not None and bool(desk.panes.transcript.messages)


@pytest.mark.timeout(300)
@at_both_sizes
async def test_the_main_screen_shows_any_text_safely(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    texts = [text for name, text in sorted(HOSTILE.items()) if name not in PLAIN]
    if not LONG:  # some, and all that are worst; on the small screen there are five times as many
        some = texts[:: 6 if size == (80, 24) else 3]
        texts = [*dict.fromkeys((*some, *(HOSTILE[name] for name in DANGEROUS)))]
    await fill(workspace, service, *texts)
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=size, notifications=True, tooltips=True) as look:
        await rest(look)
        users = main(look).desk.panes.users
        assert len(users) == len(texts)
        for number in range(len(texts)):
            users.move_to(number)
            for pane in ("users", "conversations", "transcript", "memories", "detail"):
                if pane == "users" or size == (80, 24):
                    main(look).go_to(pane)
                    await rest(look)
                    assert_safe(look)
            await until(look, partial(is_filled, main(look).desk))
        assert app.is_running
        assert main(look).fetching.error == ""
    workspace.abandon()


DANGEROUS = ("markup close", "markup action", "nul", "bidi override", "osc 52 clipboard", "c1 all")
WORST = {name: HOSTILE[name] for name in DANGEROUS}
if not LONG:
    WORST = {"all at once": "".join(WORST.values())}
"""What is put wherever one can, each in a test of its own in the long form."""


@pytest.mark.parametrize("text", WORST.values(), ids=WORST)
async def test_dialogs_and_toasts_show_any_text_safely(
    workspace: Workspace, service: Service, text: str
) -> None:
    await fill(workspace, service, text)
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as look:
        await rest(look)
        for keys in (
            ("tab", "y"),  # a toast
            ("tab", "j", "k", "space"),
            ("enter",),  # the viewer
            ("escape",),
            ("R",),
            ("escape",),
            ("tab", "y", "Y"),
            ("R",),
            ("escape", "t"),  # the tags as choices
            ("escape", "tab", "G", "g", "z"),
            ("z", "escape", "e"),  # the export dialog
            ("escape", "a"),
            ("escape",),
        ):
            await press(look, *keys)
            assert_safe(look)
            assert app.is_running
        main(look).fetching.failed(text)
        await rest(look)
        assert_safe(look)
        await press(look, "exclamation_mark")
        assert_safe(look)
        assert app.is_running
    workspace.abandon()


async def test_markup_is_text(workspace: Workspace, service: Service) -> None:
    """What looks like markup stands on the screen as it is, and clicking it does nothing."""
    text = "[@click=app.quit]x[/] [bold]b[/bold] [/]"
    await fill(workspace, service, text)
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=(200, 50), notifications=True) as look:
        await rest(look)
        await press(look, "tab", "tab")
        body = next(y for y, row in enumerate(rows(look)) if "tool call" in row) - 1
        assert text in rows(look)[body]
        column = rows(look)[body].index("[@click") + 18
        await look.click(offset=(column, body))
        await rest(look)
        assert app.is_running
        title = str(main(look).desk.panes.frames["transcript"]._border_title)
        assert title.startswith(text[:12])
    workspace.abandon()


async def test_a_megabyte_in_one_line_is_quick_to_draw_and_stays_whole(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    text = "x" * 1_000_000
    await fill(workspace, service, text)
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=(120, 40), notifications=True) as look:
        await rest(look)
        await press(look, "tab", "tab")
        transcript = look.app.screen.query_one(Transcript)
        assert all(len(message.content) <= 2_000 for message in transcript.messages)
        assert "1,000,000 characters" in seen(look)
        await press(look, "w")
        target = tmp_path / "whole.txt"
        await until(look, lambda: look.app.focused is not None)
        look.app.focused.value = str(target)  # type: ignore[union-attr]
        await press(look, "enter")
        await until(look, target.exists)
        await rest(look)
        assert target.read_text() == text
        assert target.stat().st_mode & 0o777 == 0o600
        await press(look, "enter")
        await until(look, lambda: "xxxxx" in rows(look)[3], "the viewer")
    workspace.abandon()
