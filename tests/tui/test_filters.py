"""Filters that find nothing, the footer while one is typed, and how lists are sorted."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.widgets import Input

from memos_admin.backend import roster
from memos_admin.backend.filter_language import LONGEST
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.filters_memories import FiltersMemories
from memos_admin.tui.preferences import Preferences
from memos_admin.tui.rows.main import memory_columns, subject_columns
from memos_admin.tui.widgets.filter_field import FilterField
from tests.backend.service import Service, a_memory, a_message
from tests.tui.hosting import paste
from tests.tui.looking import (
    Look,
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
from tests.tui.story import LI

Size = tuple[int, int]


def footer(look: Look) -> str:
    return rows(look)[-1].strip()


async def test_a_filter_without_hits_leads_to_those_of_other_conversations(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"long", "enter", "enter", "tab")
        await press(look, "slash", *"report", "enter")
        await sees(look, "No memory here passes", "of this user does")
        await press(look, "enter")
        await sees(look, "Report day")
        assert main(look).pane == "memories"
        scope = main(look).desk.scope
        assert scope is not None
        assert scope.label == "all memories"


async def test_a_filter_that_nothing_passes_says_only_that(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"long", "enter", "enter", "tab")
        await press(look, "slash", *"zebra", "enter")
        await sees(look, "No memory here passes the", "Press escape")
        await press(look, "enter")
        await sees(look, "No memory here passes the", "Press escape")
        await press(look, "escape")
        await sees(look, "drinks tea")


async def test_a_filter_that_no_conversation_passes_is_all_that_is_said_beside_it(
    story: Workspace,
) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"zzz")
        await told(
            look, "No conversation's id contains zzz. Press escape there to drop the filter."
        )
        await misses(look, "No conversation of this user")
        await misses(look, "MemOS lists no memories")
        await press(look, "escape")
        await sees(look, "weekly", "Report day")


async def test_memories_that_arrive_while_none_is_explained_are_shown(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        desk = main(look).desk
        explained, explain = asyncio.Event(), desk.words.no_memories

        async def explain_late(*query: Filter) -> str:
            await explained.wait()
            return await explain(*query)

        monkeypatch.setattr(desk.words, "no_memories", explain_late)
        shown = desk.chosen
        desk.chosen = Filter(tags=frozenset({"nowhere"}))
        late = asyncio.create_task(desk.show_memories())
        await until(look, lambda: not len(desk.panes.memories))
        desk.chosen = shown
        await desk.show_memories()
        explained.set()
        await late
        await rest(look)
        await sees(look, "Report day")
        await misses(look, "No memory")


@pytest.mark.parametrize("keys", [(), ("enter", "home", "enter")], ids=["users", "memories"])
async def test_tab_stays_in_a_filter_where_nothing_is_offered(
    story: Workspace, keys: tuple[str, ...]
) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "slash", *"li.wei", "enter", *keys)
        await press(look, "slash", "ctrl+u", *"zzz", "tab", *"b")
        await sees(look, "/ zzzb")


async def test_an_order_is_no_filter(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"unread", "enter")
        await press(look, "tab", "tab", "o")
        await sees(look, "No memory was made from this", "conversation.")


async def test_an_unknown_user_and_conversation_are_added_from_the_filter(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await press(look, "slash", *"zora")
        await sees(look, "No user's id contains", "then a")
        await press(look, "enter", "a")
        assert look.app.screen.query_one(Input).value == "zora"
        await press(look, "enter")
        await sees(look, "Added 1 id")
        chosen = main(look).desk.subject
        assert chosen is not None
        assert chosen.ref.external_id == "zora"
        await press(look, "escape")
        await go_to_user(look, "memos")
        await press(look, "slash", *"0999")
        await sees(look, "No conversation's id", "then a")
        await press(look, "enter", "a")
        assert look.app.screen.query_one(Input).value == "0999"


@at_both_sizes
async def test_the_footer_says_what_keys_do_while_a_filter_is_typed(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await press(look, "slash")
        assert footer(look) == "enter keep  escape drop"
        await press(look, *"memos")
        assert footer(look) == "enter keep  escape drop"
        await press(look, "enter")
        assert "s sync" in footer(look)
        await press(look, "slash", "escape")
        assert "s sync" in footer(look)
        await sees(look, "li.wei")


@at_both_sizes
async def test_so_does_that_of_the_screens_over_the_main_one(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await press(look, "c")
        assert footer(look).startswith("enter open")
        await press(look, "slash")
        assert footer(look) == "enter keep  escape drop"
        await press(look, "escape")
        assert footer(look).startswith("enter open")
        await press(look, "slash", *"tea")
        await look.click("#keys", offset=(2, 0))
        await rest(look)
        assert footer(look).startswith("enter open")
        await sees(look, "with “tea”")
        await press(look, "l", "slash", *"a")  # the syncs are narrowed by words
        assert footer(look) == "enter keep  escape drop"
        await press(look, "enter")
        assert footer(look).startswith("enter its changes")


async def test_a_click_on_the_footer_keeps_the_filter(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "slash", *"memos")
        await look.click(main(look).keys, offset=(2, 0))
        await rest(look)
        assert main(look).desk.panes.users.has_focus
        assert "li.wei" not in seen(look)


async def test_a_footer_without_room_keeps_help_and_quit(story: Workspace) -> None:
    async with opened(story, (60, 20)) as look:
        await go_to_user(look, "memos")
        await press(look, "enter", "tab", "enter")
        assert footer(look).endswith("q quit")
        assert "? help" in footer(look)


@pytest.fixture
async def dated(workspace: Workspace, service: Service) -> Workspace:
    """Two memories: the one that was created first was updated last."""
    for name, created, updated, confidence in (
        ("old", "2024-03-05T00:00:00Z", "2025-09-17T00:00:00Z", 0.9),
        ("young", "2025-05-01T00:00:00Z", "2025-06-01T00:00:00Z", 0.2),
    ):
        times = {"create_time": created, "update_time": updated}
        service.put("bob", a_memory(name, confidence=confidence, **times))
    await roster.add_subjects(workspace, [SubjectRef("user", "bob")])
    await sync(workspace, SyncScope())
    return workspace


@at_both_sizes
async def test_the_heading_shows_what_memories_are_sorted_by(dated: Workspace, size: Size) -> None:
    async with opened(dated, size) as look:
        await press(look, "enter", "g", "enter")
        listed = main(look).desk.panes.memories

        def heading() -> str:
            return "".join(s.text for s in listed.render_line(0)).strip()

        def first() -> str:
            return "".join(s.text for s in listed.render_line(1))

        if size == (80, 24):
            assert heading().endswith("Updated↓")
        await press(look, "o")
        assert heading().endswith("Created↓")
        assert "Updated" not in heading()
        assert "About young" in first()
        assert first().rstrip().endswith("May ’25")
        await press(look, "o")
        assert "Title↑" in heading()
        await press(look, "o")
        assert "View↑" in heading()
        await press(look, "o")
        assert "State↑" in heading()
        await press(look, "o")
        assert "Conf↓" in heading()
        assert first().rstrip().endswith("0.90")
        await press(look, "o")
        assert "Conf↓" not in heading()
    dated.abandon()


@at_both_sizes
async def test_the_heading_shows_what_users_are_sorted_by(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await press(look, "o")
        await sees(look, "User↑")
        await press(look, "o")
        await sees(look, "Mem↓")
        await press(look, "o")
        await misses(look, "Mem↓")


def test_headings_keep_room_for_their_mark() -> None:
    for order in ("updated", "created", "title", "view", "status", "confidence"):
        [marked] = [c for c in memory_columns(order, descending=True) if c.mark]
        assert not marked.cells or marked.cells >= len(marked.name + marked.mark)
    for by in ("activity", "name", "memories"):
        [column] = [c for c in subject_columns(by) if c.mark]
        assert not column.cells or column.cells >= len(column.name + column.mark)


NAMES = [f"user-{letter}" for letter in "abcdef"]


def shown(look: Look) -> list[str]:
    return [name for row in rows(look) for name in NAMES if f" {name} " in row[:31]]


async def test_users_stay_in_their_order_while_all_are_synced(
    workspace: Workspace, service: Service, size: Size
) -> None:
    """The later a user is in the list, the later it was active: a sorted list would turn round."""
    for number, name in enumerate(NAMES):
        service.say(name, "c", a_message("hello", at=f"2025-06-{10 + number} 10:00:00"))
        updated = f"2025-09-{10 + number}T00:00:00Z"
        service.put(name, a_memory(f"m-{name}", conversation_id="c", update_time=updated))
    await roster.add_subjects(workspace, [SubjectRef("user", name) for name in NAMES[:-1]])
    async with opened(workspace, size) as look:
        desk = main(look).desk
        held: list[bool] = []
        service.trouble = lambda *_: held.append(desk.holding)
        assert shown(look) == NAMES[:-1]
        desk.holding = True
        await roster.add_subjects(workspace, [SubjectRef("user", NAMES[-1])])
        await sync(workspace, SyncScope())
        held.clear()
        main(look).reload()
        await rest(look)
        assert shown(look) == NAMES
        await press(look, "j")
        assert desk.panes.users.row.ref.external_id == "user-b"  # type: ignore[union-attr]
        await press(look, "S")
        await until(look, lambda: not main(look).fetching.syncing, "the end of the sync")
        await rest(look)
        assert held
        assert all(held)
        assert shown(look) == NAMES[::-1]
        assert desk.panes.users.row.ref.external_id == "user-b"  # type: ignore[union-attr]
        held.clear()
        await press(look, "s")
        await until(look, lambda: not main(look).fetching.syncing, "the end of the sync")
        assert held
        assert not any(held)
    workspace.abandon()


async def test_users_are_sorted_again_after_a_sync_that_failed(
    workspace: Workspace, service: Service
) -> None:
    await roster.add_subjects(workspace, [SubjectRef("user", name) for name in NAMES[:2]])

    def broken(*_: object) -> None:
        raise RuntimeError("the line is dead")

    service.trouble = broken
    async with opened(workspace, (80, 24)) as look:
        await press(look, "S")
        await until(look, lambda: not main(look).fetching.syncing, "the end of the sync")
        assert not main(look).desk.holding
    workspace.abandon()


async def test_filters_of_memories_work_from_any_pane_inside(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "v", "down", "down", "enter")
        assert main(look).pane == "memories"
        await sees(look, "view Preference")


async def test_a_slash_in_a_text_finds_words_and_runs_no_commands(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"long", "enter", "enter")
        await press(look, "slash", *"export", "enter")
        await sees(look, "/ export", "not found")
        await misses(look, "Fields such as")
        await press(look, "escape", "slash", *"tag:travel", "enter")
        await told(look, "Fields such as view: narrow memories only; in messages words are found")
        await press(look, "slash", "ctrl+u")
        await misses(look, "Fields such as")
        await press(look, "escape", "tab", "enter", "slash", *"thanks", "enter")
        await sees(look, "1 of 1 found")
        assert main(look).pane == "transcript"


async def test_a_key_of_another_pane_says_where_it_works(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "Y")
        await sees(look, "Y works in: Messages, Memories, Detail.")
        await press(look, "n")
        await sees(look, "n works in: Messages, Detail.")
        await misses(look, "Y works in")  # one thing is told at a time
        main(look).desk.panes.frames["users"].open_filter()
        main(look).post_message(events.Key("Y", "Y"))  # as in one burst with the slash
        await until(look, lambda: main(look).desk.panes.frames["users"].filter == "Y")
        await misses(look, "Y works in")
        await press(look, "escape")
        await press(look, "v", "escape")  # the memories stand beside the users: that works
        await misses(look, "v works in")
        await go_to_user(look, "memos")
        await press(look, "j", "enter", "G", "space")
        await sees(look, "This message is shown whole.")
        await press(look, "J")
        await sees(look, "There is no later message of the user here.")


async def test_the_memories_are_filtered_in_the_language_of_filters(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "home", "enter")
        assert main(look).pane == "memories"
        await press(look, "slash", *"view:pref")
        field = look.app.screen.query_one(FilterField)
        await until(look, lambda: field._suggestion == "view:preference")  # is offered
        await press(look, "tab", *" -nothing-like-this tea", "enter")
        desk = main(look).desk
        wanted = Filter(
            views=frozenset({"preference"}), not_texts=frozenset({"nothing-like-this"}), text="tea"
        )
        await until(look, lambda: desk.chosen == wanted)
        await sees(look, "Preference · without “nothing", "drinks tea")
        await misses(look, "Report day")

        # It is typed on from what is active, and escape goes back to that.
        await press(look, "slash", *" zebra")
        assert desk.chosen.text == "tea  zebra"
        await press(look, "escape")
        assert desk.chosen == wanted
        assert len(desk.panes.memories)

        # What is chosen by a key is the same filter.
        await press(look, "escape", "escape", "slash")
        assert look.app.screen.query_one("#memories-pane Input", Input).value == "view:preference "
        await press(look, "escape", "escape")
        assert desk.chosen == Filter()


@at_both_sizes
async def test_a_filter_that_is_none_is_told_under_its_field(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "enter", "tab", "slash", *"tea viev:fact")
        await told(look, "Column 5: There is no field viev. Did you mean view?")
        await press(look, "enter")  # it stays to be corrected
        assert isinstance(look.app.focused, Input)
        assert not main(look).desk.chosen.views
        for _ in "view:fact":
            await look.press("backspace")
        await press(look, *"user:zora")
        await told(look, "Choose another in the list of users.")
        await press(look, "escape")
        await misses(look, "Column")
        assert main(look).desk.chosen == Filter()


@pytest.mark.parametrize("key", ["g", "8", "c", "ctrl+o"])
async def test_a_filter_of_more_than_2000_characters_is_told_and_changes_nothing(
    story: Workspace, size: Size, key: str
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        main(look).go_to("memories")
        await press(look, key, "slash")
        before = seen(look)
        await paste(look, "x" * LONGEST)
        await misses(look, "at most")
        await press(look, "x")
        await told(look, "A filter has at most 2000 characters.")
        await press(look, "enter")  # it stays to be corrected
        assert isinstance(look.app.focused, Input)
        await press(look, "ctrl+u")
        await until(look, lambda: seen(look) == before, "what was there before")


async def test_where_no_user_passes_no_key_opens_what_is_of_the_one_before(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "shift+tab", "slash", *"no-such-user", "enter")
        await until(look, lambda: main(look).desk.panes.users.row is None, "nobody is listed")
        for key in ("p", "i", "c", "H", "Z", "8", "ctrl+o", "ctrl+r", "C"):
            look.app.clear_notifications()
            await press(look, key)
            await told(look, "There is no user here to show that of.")
            assert look.app.screen is main(look)
        for key in ("s", "r", "F", "ctrl+w"):
            look.app.clear_notifications()
            await press(look, key)
            await told(look, "No user passes the filter, so there is nobody to ask MemOS about.")
            assert look.app.screen is main(look)
        assert not main(look).watching.on
        look.app.clear_notifications()
        await press(look, "L")
        await told(look, "There is no place here to link to.")
        assert look.app.clipboard == ""


async def test_while_a_filter_is_unfinished_the_list_stays_as_the_last_one_left_it(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "enter")
        main(look).go_to("memories")
        await sees(look, "Old office", "Report day")
        await press(look, "slash", *"report")
        await misses(look, "Old office")
        await press(look, *" tag:")
        await sees(look, "Report day")
        await misses(look, "Old office")
        await press(look, "escape")
        await sees(look, "Old office", "Report day")


async def test_on_a_screen_over_the_main_one_it_stays_as_well(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await press(look, "c")
        await sees(look, "Changes found", "Old office")
        await press(look, "slash", *"zebra")
        await told(look, "No change was found then of a memory that passes.")
        await press(look, *" view:")
        await told(look, "fact · preference · tool")
        await press(look, "enter")
        await told(look, "A value is missing behind view:")
        await misses(look, "Old office")
        await press(look, "escape")
        await sees(look, "Old office")


async def test_only_fields_that_apply_are_offered(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "home", "enter")
        await press(look, "slash", *"s")
        await sees(look, "status: · source: · sort:")
        await press(look, "ctrl+u", *"u")
        await sees(look, "/ updated:")
        await misses(look, "user:")
        await press(look, "ctrl+u", *"a")
        await sees(look, "/ as-of:")
        await misses(look, "agent:")
        await press(look, "escape", "c", "slash", *"s")
        await sees(look, "status: · source:")
        await misses(look, "sort:")
        await press(look, "ctrl+u", *"a")
        await misses(look, "as-of:")
        await misses(look, "agent:")
        await press(look, "ctrl+u", *"sort:")
        await sees(look, "Changes stand in the order in which they were found.")


async def test_whom_nobody_knows_is_told_alike_in_each_filter(story: Workspace, size: Size) -> None:
    unknown = "Column 5: nobody is not on the roster of this project."
    async with opened(story, size) as look:
        for key in ("p", "Z", "c", "H", "8", "ctrl+o"):
            await press(look, key)
            screen = look.app.screen
            assert isinstance(screen, FiltersMemories)
            if screen.is_of_chosen:
                await press(look, "u")
            await press(look, "slash", "ctrl+u", *"tea user:nobody", "enter")
            await told(look, unknown)
            await press(look, *["backspace"] * len("nobody"), *LI.external_id)
            await misses(look, "is not on the roster")
            look.app.pop_screen()
            await rest(look)
            assert look.app.screen is main(look), key


async def test_whom_nobody_knows_is_told_in_a_search_too(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await press(look, "f", *"tea user:nobody")
        await told(look, "Column 5: nobody is not on the roster of this project.")


async def test_in_chinese_its_words_are_offered_and_no_latin_word_is_broken(
    story: Workspace,
) -> None:
    async with opened(story, (120, 40), preferences=Preferences(language="zh")) as look:
        await go_to_user(look, "li.wei")
        await press(look, "enter", "tab", "slash", *"视图：")
        await sees(look, "事实 · 偏好 · 工具")
        await press(look, "tab")
        assert main(look).query_one(FilterField).value == "视图：事实"
        await press(look, *" updated:")
        await sees(look, "2026-01-01..2026-01-31")
