"""How complete it is, as a person sees it, and going to where something is missing."""

from __future__ import annotations

import re

import pytest

from memos_admin.backend import ledger
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.errors import Rejected
from memos_admin.tui.screens import completeness
from memos_admin.tui.screens.completeness import CompletenessScreen
from tests.backend.service import Service
from tests.tui.hosting import hosted
from tests.tui.looking import (
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
)
from tests.tui.story import LI, NEVER, TRIP
from tests.tui.test_hostile import assert_safe

Size = tuple[int, int]


@at_both_sizes
async def test_the_ledger_says_what_was_read_and_leads_to_a_gap(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "i")
        await sees(look, "Completeness", LI.external_id)
        await told(look, "all six are asked for in each listing", "2 whole listings of 2 readings")
        await press(look, "G")
        await told(look, "weekly · gap: messages between 1 Sep 2025")
        await press(look, "n", "n")  # behind what is gone and what was said first
        await press(look, "enter")
        await rest(look)
        desk = main(look).desk
        assert desk.conversation is not None
        assert desk.conversation.conversation_id == "weekly"
        assert desk.detail.message is not None
        assert desk.detail.message.seam == "gap"
        assert main(look).pane == "transcript"


@at_both_sizes
async def test_what_is_gone_is_led_to_of_whichever_conversation(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "i")
        await sees(look, "1, with their last texts and why", "n next place")
        await press(look, "enter")
        await rest(look)
        assert main(look).pane == "memories"
        await sees(look, "Works from Shanghai" if size[0] > 80 else "Old office")
        assert [memory.memory_id for memory in main(look).desk.panes.memories.shown_rows] == [
            "m-old"
        ]


@at_both_sizes
async def test_the_keys_at_the_end_of_lines_are_no_part_of_their_text(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "i", "u", "G", "n")
        await sees(look, "[N]", "[n]")
        assert "[enter]" in seen(look) or "[↵]" in seen(look)
        assert not [row for row in rows(look) if re.search(r"\w +(n|N|enter|↵) *\W?┃$", row)]


async def test_the_next_place_is_offered_where_there_is_one(
    story: Workspace, service: Service, size: Size
) -> None:
    """Behind the only line that leads somewhere is none."""
    service.memories["user", TRIP.external_id].popitem()
    assert (await sync(story, SyncScope((TRIP,), full=True))).complete
    async with hosted(story, size, lambda session: CompletenessScreen(session, TRIP)) as (look, _):
        await sees(look, "1, with their last texts and why", "enter go there")
        await misses(look, "next place")
        await press(look, "u")
        await sees(look, "everyone", "n next place")


async def test_everybody_has_those_that_are_not_complete(
    story: Workspace, service: Service, size: Size
) -> None:
    def trouble(route: str, name: str) -> None:
        if name == TRIP.external_id:
            raise Rejected("It said no.", route=route)

    service.trouble = trouble
    await sync(story, SyncScope((TRIP,), full=True))
    async with hosted(story, size, lambda session: CompletenessScreen(session, LI)) as (look, host):
        await press(look, "u")
        await sees(look, "everyone")
        await told(look, "1 of 4 users and agents never were")
        await press(look, "G", "n")
        await told(look, f"{NEVER.external_id}: its memories were never all read", "It said no.")
        assert_safe(look)
        await press(look, "N", "N", "N", "N", "N", "N", "enter")
        (place,) = host.returned
        assert place is not None
        assert place.subject == TRIP


async def test_a_project_without_anybody_is_counted_too(workspace: Workspace) -> None:
    async with hosted(workspace, (80, 24), lambda session: CompletenessScreen(session, None)) as (
        look, _,
    ):  # fmt: skip
        await told(look, "Listed now: none", "none has read anything yet")
        await misses(look, "next place")
    workspace.abandon()


async def test_a_gap_within_a_minute_is_told_with_its_seconds(
    story: Workspace, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = next(hole for hole in ledger.holes(story.reads, LI) if hole.kind == "gap")
    short = gap._replace(before=1_757_000_045_000, after=1_757_000_052_000)
    monkeypatch.setattr(completeness, "holes", lambda *_args: [short])
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "i", "G")
        await told(look, "between 4 Sep 2025 15:34:05 and", "15:34:12 were not served")
