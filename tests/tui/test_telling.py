"""What is told at the bottom goes with the screen that it is about, but for what goes on and errors."""

from __future__ import annotations

import pytest
from textual.screen import ModalScreen, Screen

from memos_admin.backend.workspace import Workspace
from memos_admin.tui.telling import Telling, tell
from tests.backend.service import Service
from tests.tui.looking import at_both_sizes, main, misses, opened, press, rows, sees
from tests.tui.test_verdicts import judged


class Teller(Telling):
    """Nothing but screens."""


@pytest.mark.parametrize("over", [Screen, ModalScreen], ids=["screen", "dialog"])
async def test_it_goes_when_another_screen_opens_or_comes_back(over: type[Screen[None]]) -> None:
    app = Teller()
    async with app.run_test(notifications=True) as look:
        first, second = app.screen, over()
        tell(first, "about the first")
        await sees(look, "about the first")
        await app.push_screen(second)
        await misses(look, "about the first")
        tell(second, "about the second")
        await sees(look, "about the second")
        app.pop_screen()
        await misses(look, "about the second")
        assert app.screen is first
        assert not app._notifications


async def test_what_is_told_of_the_screen_below_stays_for_it() -> None:
    app = Teller()
    async with app.run_test(notifications=True) as look:
        below = app.screen
        await app.push_screen(ModalScreen())
        tell(below, "done")
        await sees(look, "done")
        app.pop_screen()
        await look.pause()
        await sees(look, "done")


async def test_what_stays_and_what_is_of_no_screen_goes_along() -> None:
    app = Teller()
    async with app.run_test(notifications=True) as look:
        tell(app.screen, "it stays", stays=True)
        app.tell("of no screen")
        app.notify("an error", severity="error")
        await sees(look, "an error")
        await app.push_screen(Screen())
        await look.pause()
        await sees(look, "it stays", "of no screen", "an error")


async def test_what_is_told_next_takes_its_place_wherever() -> None:
    app = Teller()
    async with app.run_test(notifications=True) as look:
        tell(app.screen, "one")
        app.tell("two")
        await sees(look, "two")
        await misses(look, "one")
        await app.push_screen(Screen())
        await look.pause()
        await sees(look, "two")  # it is not of the screen that `one` was of


@at_both_sizes
async def test_a_confirmation_does_not_cover_the_screen_below(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    await judged(workspace, service)
    async with opened(workspace, size) as look:
        before = rows(look)
        await press(look, "8")
        await sees(look, "1 of 22")
        await press(look, "C")
        await sees(look, "Copied memos-admin")
        await press(look, "escape")
        await misses(look, "Copied")
        assert rows(look)[-8:] == before[-8:]


async def test_what_a_dialog_did_is_told_when_it_is_gone(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    await judged(workspace, service)
    async with opened(workspace, size) as look:
        await press(look, "8", "slash", *"view:fact", "enter")
        await press(look, "apostrophe", "enter")
        await sees(look, "A name for:")
        await press(look, *"facts", "enter")
        await sees(look, "Saved the filter facts.")
        await misses(look, "A name for:")
        await press(look, "escape", "escape")
        assert look.app.screen is main(look)
        await misses(look, "Saved the filter")


async def test_what_goes_on_is_told_on_whatever_screen_one_goes_to(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    await judged(workspace, service)
    async with opened(workspace, size) as look:
        main(look).say("Found: 1 change of ann.", everywhere=True)
        await sees(look, "Found: 1 change of ann.")
        await press(look, "8")
        await sees(look, "Found: 1 change of ann.", "Verdicts · what was said")
