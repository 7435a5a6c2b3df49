"""Saved filters on the screen: saved by a name, chosen, renamed, removed."""

from __future__ import annotations

from memos_admin.backend.model import Filter
from memos_admin.backend.saved_filters import SavedFilter, SavedFilters
from memos_admin.backend.workspace import Workspace
from tests.tui.looking import go_to_user, main, opened, press, sees, told


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
