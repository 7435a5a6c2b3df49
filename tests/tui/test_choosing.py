"""Views, tags and statuses are chosen from what there is, beside how many memories each leaves."""

from __future__ import annotations

import threading

import pytest

from memos_admin.backend.model import Filter, Reads
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.actions import showing
from memos_admin.tui.screens.dialogs import MOST_CHOICES, Choice
from tests.tui.looking import go_to_user, main, misses, opened, press, rows, sees, told


async def test_a_choice_among_many_is_narrowed(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "memos")
        await press(look, "g", "t", "slash", *"SUMM")
        await misses(look, "all tags")
        await press(look, "enter")
        assert main(look).desk.chosen.tags == {"summer vacation"}
        await press(look, "t")
        await sees(look, "● summer vacation")
        await press(look, "slash", *"nothing", "escape", "g", "enter")
        assert not main(look).desk.chosen.tags


async def test_views_and_statuses_say_how_many_each_leaves(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await go_to_user(look, "memos")
        await press(look, "g", "v")
        await sees(look, "● all views   2", "  Preference  0")
        await press(look, "G", "k", "k", "g", "j", "enter", "u")
        await sees(look, "● all ")


async def test_a_list_that_is_cut_says_so(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        options = [(f"{n}", f"tag {n}") for n in range(MOST_CHOICES + 100)]
        look.app.push_screen(Choice("Tag", options))
        await sees(look, "… and 100 more: / narrows")
        await press(look, "slash", *"tag 57")
        await sees(look, "tag 570")
        await misses(look, "more: / narrows")


async def test_tags_are_counted_where_they_narrow(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "g", "t")
        await sees(look, "● all tags  5")
        await press(look, "escape", "slash", *"weekly", "enter", "t")
        await sees(look, "● all tags  2", "  a         2")


@pytest.mark.parametrize("size", [(80, 24), (60, 15)], ids=["80x24", "60x15"])
async def test_why_what_was_typed_is_none_stands_below_it_however_long_the_list(
    story: Workspace, size: tuple[int, int]
) -> None:
    why = "That is no time. Write it as 2026-11-12 14:30, or as 36h or 10d."

    async def refuse(text: str) -> str:
        return why

    async with opened(story, size) as look:
        about = "Only the memories are shown as of then; users, conversations and messages as now. "
        options = [(f"-{n}", f"{n} days ago") for n in range(1, 31)]
        dialog = Choice("As of", options, text=about + "A time can be typed at once.", take=refuse)
        look.app.push_screen(dialog)
        await press(look, *"2026-13-45", "enter")
        await told(look, why)
        drawn = rows(look)
        typed = next(at for at, row in enumerate(drawn) if "2026-13-45" in row)
        assert "That is no time." in drawn[typed + 1]
        await press(look, "escape", "end")
        await misses(look, "no time")
        await sees(look, "30 days ago", "enter chooses")
        await press(look, *["up"] * 12)
        await sees(look, "18 days ago")


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """As with very many memories: counting tags lasts until this is set."""
    counted, tags = threading.Event(), Reads.tags

    def slowly(reads: Reads, query: Filter) -> list[tuple[str, int]]:
        assert counted.wait(60)
        return tags(reads, query)

    monkeypatch.setattr(showing, "COUNTED_AT_ONCE", 0)
    monkeypatch.setattr(Reads, "tags", slowly)
    return counted


async def test_of_very_many_memories_numbers_come_when_they_are_counted(
    story: Workspace, counting: threading.Event
) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "memos")
        await press(look, "g", "v")
        await sees(look, "● all views   2", "  Preference  0")
        await press(look, "escape")
        await look.press("t")
        await sees(look, "● all tags  …")
        await press(look, "escape")  # which ends the counting, as nobody waits for it
        await look.press("t")
        await sees(look, "● all tags  …")
        counting.set()
        await sees(look, "  summer vacation  ")
        await press(look, "slash", *"summer", "enter")
        assert main(look).desk.chosen.tags == {"summer vacation"}
        counting.clear()
        await look.press("t")
        await sees(look, "● summer vacation  …")
        await look.press("k")
        counting.set()
        await sees(look, "  all tags         2", "  family trip      2", "● summer vacation  1")
        await press(look, "enter")
        assert not main(look).desk.chosen.tags  # the cursor stayed where it was
