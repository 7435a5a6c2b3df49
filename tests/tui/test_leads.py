"""From the detail to where its lines lead: a memory's message, a message's memories."""

from __future__ import annotations

import pytest

from memos_admin.backend import roster
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from tests.backend.service import Service, a_memory, a_message
from tests.tui.looking import Look, at_both_sizes, main, opened, press, rows, seen, sees

Size = tuple[int, int]

PEANUTS, PARIS = "My sister is allergic to peanuts.", "We are going to Paris in spring."


@pytest.fixture
async def two(workspace: Workspace, service: Service) -> Workspace:
    """A memory made from two messages, another one made from the second of them."""
    texts = ["Hello", PEANUTS, "I see", PARIS, "Nice", "Bye"]
    service.say(
        "bob", "c", *(a_message(text, at=f"2025-06-10 09:3{n}:00") for n, text in enumerate(texts))
    )
    both = (
        Source("chat", excerpt=PEANUTS, role="user"),
        Source("chat", excerpt=PARIS, role="user"),
    )
    service.put(
        "bob", a_memory("m-both", "about both", title="Both", conversation_id="c", sources=both)
    )
    service.put(
        "bob",
        a_memory("m-trip", "goes to Paris", title="Trip", conversation_id="c", sources=both[1:]),
    )
    await roster.add_subjects(workspace, [SubjectRef("user", "bob")])
    await sync(workspace, SyncScope())
    return workspace


def footer(look: Look) -> str:
    return rows(look)[-1].strip()


def line(look: Look, text: str) -> str:
    """Return the row with a text, from the pane that has it on: what stands right of the last frame."""
    row = next(row for row in rows(look) if text in row)
    return row[: row.index(text)].rpartition("┃")[2] + row[row.index(text) :]


async def to_detail_of(look: Look, title: str) -> None:
    """Open the user, the conversation, the memories, and the detail of one."""
    await press(look, "enter", "enter", "tab", "slash", *title, "enter", "enter")
    await sees(look, "by quoted text")


@at_both_sizes
async def test_enter_goes_to_the_message_that_a_memory_came_from(
    two: Workspace, size: Size
) -> None:
    async with opened(two, size) as look:
        await to_detail_of(look, "Trip")
        assert footer(look).startswith("enter go to message 4")
        assert line(look, "message 4, by quoted text").split()[6].strip("[]") in {"enter", "↵"}
        await press(look, "enter")
        assert main(look).pane == "transcript"
        transcript = main(look).desk.panes.transcript
        assert transcript.has_focus
        assert transcript.message is not None
        assert transcript.message.content == PARIS
        assert any("▌" in row and "Paris in spring" in row for row in rows(look))
        await press(look, "y", "Y")
        assert look.app.clipboard == PARIS
        await press(look, "escape")
        assert main(look).pane == "detail"
        await sees(look, "Trip", "message 4, by quoted text")
        await press(look, "escape")
        assert main(look).pane == "memories"
    two.abandon()


async def test_n_chooses_among_several(two: Workspace, size: Size) -> None:
    async with opened(two, size) as look:
        await to_detail_of(look, "Both")
        assert footer(look).startswith("enter go to message 2")
        assert line(look, "message 2, by quoted").startswith(">")
        await sees(look, "1 of 2 to go to")
        await press(look, "n")
        assert footer(look).startswith("enter go to message 4")
        await press(look, "n")
        assert footer(look).startswith("enter go to message 4")
        await press(look, "N")
        assert footer(look).startswith("enter go to message 2")
        await press(look, "n", "enter")
        message = main(look).desk.panes.transcript.message
        assert message is not None
        assert message.seq == 4
    two.abandon()


async def test_enter_goes_to_the_memories_made_from_a_message(two: Workspace, size: Size) -> None:
    async with opened(two, size) as look:
        await press(look, "enter", "enter", "tab", "slash", *"Both", "enter", "shift+tab")
        await press(look, "g", "j", "j", "j", "tab", "tab")
        await sees(look, "2 memories made from it")
        assert footer(look).startswith("enter go to the memory")
        await press(look, "n")
        chosen = main(look).desk.panes.detail.lead
        assert chosen is not None
        await press(look, "enter")
        assert main(look).pane == "memories"
        memory = main(look).desk.panes.memories.row
        assert memory is not None
        assert memory.memory_id == chosen.key
        await press(look, "N", "enter")
        assert main(look).desk.detail.about == "memory"
        await sees(look, "by quoted text")
    two.abandon()


async def test_a_filter_that_hides_the_memory_is_dropped(two: Workspace, size: Size) -> None:
    async with opened(two, size) as look:
        await press(look, "enter", "enter", "tab", "slash", *"zebra", "enter", "shift+tab")
        await press(look, "g", "j", "tab", "tab")
        await sees(look, "1 memory made from it")
        await press(look, "enter")
        await sees(look, "Both", "Trip")
        assert "zebra" not in seen(look)
        memory = main(look).desk.panes.memories.row
        assert memory is not None
        assert memory.memory_id == "m-both"
    two.abandon()


async def test_a_detail_that_leads_nowhere_offers_no_enter(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await press(look, "slash", *"li.wei", "enter", "enter", "g", "enter")
        await press(look, "slash", *"Free", "enter", "enter")
        await sees(look, "it names no conversation")
        assert main(look).pane == "detail"
        assert "enter" not in footer(look)
        await press(look, "enter", "n")
        assert main(look).pane == "detail"


async def test_arrows_scroll_the_detail(two: Workspace) -> None:
    async with opened(two, (80, 24)) as look:
        await to_detail_of(look, "Both")
        detail = main(look).desk.panes.detail
        await press(look, "j", "down")
        assert detail.scroll_y == 2
        assert detail.chosen == 0
    two.abandon()


async def test_enter_on_a_memory_shows_it_though_a_message_was_shown(
    two: Workspace, size: Size
) -> None:
    async with opened(two, size) as look:
        await press(look, "enter", "enter", "j", "j")
        assert main(look).desk.detail.about == "message"
        await press(look, "tab", "enter")
        await sees(look, "by quoted text")
    two.abandon()


async def test_a_filter_that_brings_another_memory_leads_to_its_source(two: Workspace) -> None:
    async with opened(two, (120, 40)) as look:
        await press(look, "enter", "tab", "tab", "g")
        desk = main(look).desk
        first = desk.detail.memory
        assert first is not None
        other, seq = ("Trip", 4) if first.title == "Both" else ("Both", 2)
        await press(look, "slash", *other, "enter")
        assert desk.detail.memory is not None
        assert desk.detail.memory.title == other
        message = desk.panes.transcript.message
        assert message is not None
        assert message.seq == seq
        assert desk.panes.memories._marks == {m.listing_pk for m in desk.panes.memories.shown_rows}
    two.abandon()
