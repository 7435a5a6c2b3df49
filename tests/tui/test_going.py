"""Going about: to a place and back, words in a transcript, and where one was the last time."""

from __future__ import annotations

from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.times import now_ms
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.desk.place import Place
from tests.backend.service import Service, a_memory
from tests.tui.looking import (
    Look,
    at_both_sizes,
    go_to_user,
    main,
    misses,
    opened,
    press,
    rest,
    seen,
    sees,
    told,
)
from tests.tui.story import LI, QUOTE, TRIP

Size = tuple[int, int]
SUMMER = "0a89db3a-2061-4c97-a1b8-45700f8745bc"


async def go(look: Look, place: Place) -> None:
    main(look).open(place)
    await rest(look)


@at_both_sizes
async def test_a_place_is_opened_whatever_is_filtered(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await press(look, "slash", *"u-88", "enter")
        desk = main(look).desk
        desk.chosen = Filter(views=frozenset({"skill"}))
        await go(look, Place(TRIP, "0610", SUMMER, pane="memories"))
        assert desk.place == Place(TRIP, "0610", SUMMER)
        assert desk.panes.memories.has_focus
        await sees(look, "Summer Family Trip")
        if size == (120, 40):
            await sees(look, "▌", "source")  # the message that it came from is marked


async def test_what_is_not_here_is_said(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go(look, Place(SubjectRef("user", "nobody"), pane="memories"))
        await sees(look, "nobody is not on the roster")
        await go(look, Place(TRIP, "9999", "no-such-memory"))
        await sees(look, "conversation 9999 and memory no-such-memory", "not stored here")
        assert main(look).desk.place == Place(TRIP, None, "c8b41a89-83b3-4512-b4f7-1dfca3570107")


async def test_back_and_forward(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        await go(look, Place(LI, "long", "m-tea", pane="memories"))
        await go(look, Place(TRIP, "0610", SUMMER, pane="transcript"))
        await press(look, "left_square_bracket")
        assert main(look).desk.place == Place(LI, "long", "m-tea")
        assert main(look).pane == "memories"
        await press(look, "left_square_bracket")
        assert main(look).desk.place.subject == TRIP  # type: ignore[union-attr]
        await press(look, "right_square_bracket", "right_square_bracket")
        assert main(look).desk.place == Place(TRIP, "0610", SUMMER)
        assert main(look).pane == "transcript"
        await press(look, "right_square_bracket")
        await sees(look, "There is nothing after this.")
        await press(look, "left_square_bracket", "left_square_bracket", "right_square_bracket")
        assert main(look).desk.place == Place(LI, "long", "m-tea")


async def test_back_and_forward_faster_than_places_open(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go(look, Place(LI, None, "m-tea", pane="memories"))
        await press(look, "slash", *"tea", "enter", "enter")
        await go(look, Place(TRIP, None, SUMMER, pane="memories"))
        assert main(look).desk.query.text == ""
        await press(look, "j", "enter", "enter", "K", "J", "J")
        last = main(look).here
        assert last.message is not None
        await look.press(*["left_square_bracket"] * 5, *["right_square_bracket"] * 5)
        await rest(look)
        assert main(look).here == last
        await misses(look, "not stored here")
        await sees(look, "There is nothing after this.")
        assert "nothing before this" not in seen(look)  # one text at a time


async def test_back_brings_the_cursor_and_the_filter_of_memories_back(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go(look, Place(LI, None, "m-tea", pane="memories"))
        await press(look, "v", "down", "down", "enter", "slash", *"tea", "enter")
        await go(look, Place(TRIP, None, SUMMER, pane="memories"))
        await press(look, "enter", "enter", "K")
        message = main(look).here
        await press(look, "left_square_bracket")
        assert main(look).here == Place(TRIP, None, SUMMER, pane="detail")
        await press(look, "left_square_bracket")
        assert main(look).desk.place == Place(LI, None, "m-tea")
        await sees(look, "view Preference", "with “tea”")
        await press(look, "right_square_bracket", "right_square_bracket")
        assert main(look).here == message
        assert main(look).desk.detail.memory.memory_id == SUMMER  # type: ignore[union-attr]
        assert main(look).desk.query.text == ""


async def test_back_leads_to_where_one_was_before_the_first_place(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        before = main(look).desk.place
        await go(look, Place(TRIP, "0610", SUMMER, pane="transcript"))
        await press(look, "left_square_bracket")
        assert main(look).desk.place == before
        assert main(look).pane == "users"


async def test_back_leads_through_the_conversations_that_were_read(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "tab")
        read: list[Place] = []
        for _ in range(3):
            await press(look, "escape", "down", "tab")
            read.append(main(look).here)
        assert len({place.conversation_id for place in read}) == 3
        assert {place.pane for place in read} == {"transcript"}
        await press(look, "left_square_bracket")
        assert main(look).here == read[1]
        await press(look, "left_square_bracket")
        assert main(look).here == read[0]
        await press(look, "right_square_bracket", "right_square_bracket")
        assert main(look).here == read[2]


async def test_words_are_found_in_the_transcript(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go(look, Place(LI, "weekly", pane="transcript"))
        await press(look, "ctrl+f", *"note 1", "enter")
        transcript = main(look).desk.panes.transcript
        await sees(look, "1 of 11 found", "note 1")
        assert transcript.message is not None
        first = transcript.message.content
        await press(look, "n")
        await sees(look, "2 of 11 found")
        await press(look, "N", "N")
        await sees(look, "11 of 11 found")
        await press(look, "N")
        await press(look, "n", "n")
        assert transcript.message.content == first
        await press(look, "escape")
        await misses(look, "found")
        assert main(look).pane == "transcript"


async def test_words_in_a_folded_part_unfold_it(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go(look, Place(LI, "long", pane="transcript"))
        assert "line 44 of" not in seen(look)
        await press(look, "ctrl+f", *"LINE 44 of", "enter")
        await sees(look, "line 44 of a long answer", "1 of 1 found")


async def test_what_is_not_found_says_so(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await go(look, Place(LI, "long", pane="transcript"))
        await press(look, "ctrl+f", *"zebra", "enter")
        await sees(look, "not found")


async def test_the_next_start_begins_where_one_was(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go(look, Place(LI, "long", pane="memories"))
        await press(look, "v", "down", "down", "enter", "o", "d", "end", "enter")
        await press(look, *"2025-01-01", "enter")
        await sees(look, "view Preference", "since 2025-01-01")
    async with opened(story, size, again=True) as look:
        await sees(look, "view Preference", "since 2025-01-01", "drinks tea")
        screen = main(look)
        assert screen.pane == "memories"
        assert screen.desk.place == Place(LI, "long", "m-tea")
        assert screen.desk.chosen.order == "created"


async def test_a_user_who_is_gone_since_is_not_missed(story: Workspace) -> None:
    from memos_admin.backend.roster import remove_subject

    async with opened(story, (120, 40)) as look:
        await go(look, Place(TRIP, "0610", pane="memories"))
    await remove_subject(story, TRIP)
    async with opened(story, (120, 40), again=True) as look:
        await sees(look, LI.external_id, "Report day")
        assert main(look).pane == "users"


async def test_headings_sort_by_a_click(story: Workspace) -> None:
    async with opened(story, (200, 50)) as look:
        await go(look, Place(LI, None, pane="memories"))
        memories = main(look).desk.panes.memories
        await look.click(memories, offset=(16, 0))
        await sees(look, "Title↑")
        await look.click(memories, offset=(16, 0))
        await sees(look, "Title↓")
        await look.click(main(look).desk.panes.users, offset=(4, 0))
        await sees(look, "User↑")
        await look.click(main(look).desk.panes.conversations, offset=(4, 0))
        await sees(look, "Conversation↑")
        await look.click(main(look).desk.panes.conversations, offset=(4, 0))
        await sees(look, "Conversation↓")


async def test_the_order_of_users_and_conversations_is_turned_round(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        users = main(look).desk.panes.users
        before = [*users.keys]
        await press(look, "O")
        assert [*users.keys] == before[::-1]
        await go(look, Place(LI))
        await press(look, "o", "O")
        await sees(look, "Conversation↓")
        names = [row.label for row in main(look).desk.panes.conversations.shown_rows]
        assert names == ["all memories", "weekly", "unread", "tools", "long", "no conversation"]
    async with opened(story, (120, 40), again=True) as look:
        assert [*main(look).desk.panes.users.keys] == before[::-1]


async def test_memories_since_a_day(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go(look, Place(LI, None, pane="memories"))
        await press(look, "d", "end", "enter")
        await press(look, *"soon", "enter")
        await sees(look, "That is no day")
        await press(look, *["backspace"] * 4, *"2025-11-01", "enter")
        await sees(look, "since 2025-11-01", "Report day")
        await misses(look, "Free")
        await press(look, "escape")
        await sees(look, "Free")


async def test_link_and_command_are_copied(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go(look, Place(TRIP, "0610", SUMMER, pane="memories"))
        await press(look, "L")
        link = f"memos-admin:user/memos_user_123/conversation/0610/memory/{SUMMER}"
        assert look.app.clipboard == link
        await press(look, "C")
        command = "memos-admin --project acme-prod memories list --user=memos_user_123"
        assert look.app.clipboard == f"{command} --conversation=0610 --limit=0"
        await told(look, f"Copied {command} --conversation=0610 --limit=0")
        await go(look, Place(TRIP, "0610", SUMMER, pane="detail"))
        await press(look, "C")
        assert look.app.clipboard.endswith(f"memories show {SUMMER}")
        assert QUOTE


async def test_what_is_not_here_yet_is_asked_for(story: Workspace, service: Service) -> None:
    service.put(
        TRIP.external_id,
        a_memory("m-late", "likes trains", title="Trains", update_time=str(now_ms())),
    )
    async with opened(story, (120, 40)) as look:
        await go(look, Place(TRIP, None, "m-late", pane="memories"))
        await sees(look, "> Fact       Trains")
        assert main(look).desk.place == Place(TRIP, None, "m-late")


async def test_the_detail_is_about_the_message_that_was_opened(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go(look, Place(TRIP, "0610", pane="transcript"))
        third = main(look).desk.panes.transcript.messages[2]
        await go(look, Place(LI, "long", pane="transcript"))
        await go(look, Place(TRIP, "0610", message=third.pk, pane="transcript"))
        await sees(look, "Message 3 · user")
        assert main(look).desk.place == Place(TRIP, "0610", message=third.pk)
