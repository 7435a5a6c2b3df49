"""Saved filters on the screen: saved by a name, chosen, renamed, removed."""

from __future__ import annotations

from memos_admin.backend.model import Filter
from memos_admin.backend.saved_filters import SavedFilter, SavedFilters
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.filters_memories import FiltersMemories
from memos_admin.tui.screens.evidence import EvidenceScreen
from tests.tui.looking import go_to_user, main, misses, opened, press, sees, told


async def test_a_filter_is_saved_chosen_renamed_and_removed(
    story: Workspace, size: tuple[int, int]
) -> None:
    filters = SavedFilters(story.home, story.project)
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "home", "enter", "apostrophe")
        await told(look, "No filter is saved, and none is active that could be.")
        await press(look, "slash", *"view:preference updated:9000d", "enter", "apostrophe")
        await sees(look, "Saved filters", "save the filter that is active")
        await press(look, "enter", *"[/]", "enter")
        await told(look, "A filter's name begins with a letter or a digit.")
        await press(look, "backspace", "backspace", "backspace", *"Mine", "enter")
        await sees(look, "Saved the filter Mine.")
        # What counts back from now goes on doing so.
        assert filters.list() == (SavedFilter("Mine", "view:preference updated:9000d"),)

        await press(look, "escape", "escape")
        assert main(look).desk.chosen == Filter()
        await press(look, "apostrophe")
        await sees(look, "Mine · view:preference")
        await press(look, "enter")
        assert main(look).desk.chosen.views == frozenset({"preference"})
        await sees(look, "drinks tea")

        await press(look, "apostrophe", "end", "up", "enter", "enter", "home")
        await press(look, *"All ", "enter")
        await sees(look, "The filter is called All Mine now.")
        await press(look, "apostrophe", "end", "enter", "enter")
        await told(look, "Removed the filter All Mine: view:preference")
        assert filters.list() == ()


async def test_an_order_is_left_out_and_told_where_rows_have_one_of_their_own(
    story: Workspace, size: tuple[int, int]
) -> None:
    filters = SavedFilters(story.home, story.project)
    filters.save("Facts", "view:fact sort:title")
    filters.save("Then", "view:fact as-of:2026-01-01")
    wanted = Filter(views=frozenset({"detail_factual"}))
    told_of = "The order of the filter Facts does not apply here."
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "c", "apostrophe")
        await sees(look, "Facts · view:fact sort:title")
        await press(look, "enter")
        await told(look, f"{told_of} Changes stand in the order in which they were found.")
        screen = look.app.screen
        assert isinstance(screen, FiltersMemories)
        assert screen.chosen == wanted
        await press(look, "apostrophe", "end", "up", "up", "up", "enter")
        await told(look, "Column 11: Changes are compared with what memories say now.")
        assert screen.chosen == wanted

        await press(look, "escape", "escape", "p", "apostrophe", "home", "enter")
        review = look.app.screen
        assert isinstance(review, EvidenceScreen)
        assert review.chosen.order == "title"
        await misses(look, told_of)
        review.action_choose("silent")
        await press(look, "apostrophe", "home", "enter")
        await told(look, f"{told_of} Messages have an order of their own.")


async def test_what_does_not_apply_to_the_memories_of_a_conversation_is_refused(
    story: Workspace, size: tuple[int, int]
) -> None:
    SavedFilters(story.home, story.project).save("None", 'conversation:""')
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"long", "enter", "apostrophe", "enter")
        await told(look, "Column 1: A conversation is chosen. Choose all memories first.")
        assert main(look).desk.chosen == Filter()


async def test_one_that_is_no_filter_any_more_is_listed_with_why_and_refused(
    story: Workspace, size: tuple[int, int]
) -> None:
    filters = SavedFilters(story.home, story.project)
    filters.save("Pets", "view:fact")
    path = story.home.config_path
    path.write_text(path.read_text().replace("view:fact", "cats OR dogs"))
    async with opened(story, size) as look:
        await press(look, "apostrophe")
        await sees(look, "Pets · broken: Column 6: OR means nothing here.")
        await press(look, "enter")
        await told(look, "Column 6: OR means nothing here.")
        assert main(look).desk.chosen == Filter()
        await press(look, "c", "apostrophe")
        await sees(look, "Pets · broken")
        await press(look, "home", "enter")
        await told(look, "Column 6: OR means nothing here.")
        await press(look, "apostrophe", "end", "enter", "enter")
        await told(look, "Removed the filter Pets: cats OR dogs")
        assert filters.list() == ()
