"""Views, tags and statuses are chosen from what there is, beside how many memories each leaves."""

from __future__ import annotations

import threading

import pytest

from memos_admin.backend.model import Filter, Reads
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.actions import showing
from memos_admin.tui.screens.dialogs import MOST_CHOICES, Choice
from tests.tui.looking import go_to_user, main, misses, opened, press, sees


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


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """As with very many memories: counting tags lasts until this is set."""
    counted, tags = threading.Event(), Reads.tags

    def slowly(reads: Reads, query: Filter) -> list[tuple[str, int]]:
        assert counted.wait(20)
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
