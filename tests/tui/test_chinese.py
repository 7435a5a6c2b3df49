"""The interface in Chinese: no column, frame or line breaks, and the main states read as they did."""

from __future__ import annotations

from itertools import accumulate
from typing import cast

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from memos_admin.backend.home import Home
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.preferences import Preferences
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from tests.tui import test_texts
from tests.tui.looking import Look, opened, press, rest, rows, seen, sees, until
from tests.tui.test_texts import TextFile, Walk, World, text_of

Size = tuple[int, int]

CHINESE = Preferences(language="zh")

clock, world, size = test_texts.clock, test_texts.world, test_texts.size  # the same fixtures


async def help_(look: Look, world: World) -> None:
    """All keys."""
    await press(look, "question_mark")


async def export(look: Look, world: World) -> None:
    """What can be written of a user."""
    await test_texts.why(look, world)
    await press(look, "e")


async def search(look: Look, world: World) -> None:
    """Words that are found."""
    await press(look, "f", *"family")


async def recall(look: Look, world: World) -> None:
    """Why a memory is recalled or not."""
    await test_texts.why(look, world)
    await press(look, "ctrl+r", *"family", "enter")


async def projects(look: Look, world: World) -> None:
    """The list of projects."""
    await press(look, "P")


TOLD: list[Walk] = [test_texts.why, test_texts.all_memories, test_texts.partial_sync]
"""States that are kept as text."""

MORE: list[Walk] = [
    test_texts.never_read,
    test_texts.offline,
    help_,
    export,
    search,
    recall,
    projects,
]


def places(row: str) -> dict[int, str]:
    """Return the characters of a row by the cell where each begins."""
    starts = accumulate((cell_len(character) for character in row), initial=0)
    return dict(zip(starts, row, strict=False))


def check_whole(look: Look) -> None:
    """Nothing is broken: rows are full, frames closed, headings not cut."""
    lines, width = rows(look), look.app.size.width
    assert {cell_len(line) for line in lines} == {width}
    cells = [places(line) for line in lines]
    for pane in look.app.screen.query(Pane):
        region = pane.region
        if not region:
            continue
        for y in range(region.y + 1, region.bottom - 1):
            assert cells[y].get(region.x) in set("│┃"), (pane.id, y, lines[y])
            assert cells[y].get(region.right - 1) in set("│┃"), (pane.id, y, lines[y])
    for list_ in look.app.screen.query(RowList):
        if list_.region and list_.styles.height and len(list_):
            heading = lines[list_.region.y]
            inside = "".join(
                character
                for cell, character in places(heading).items()
                if list_.region.x <= cell < list_.region.right
            )
            assert "…" not in inside, inside


@pytest.mark.parametrize("walk", [*TOLD, *MORE], ids=lambda walk: walk.__name__)
async def test_nothing_breaks(
    world: World, size: Size, walk: Walk, snapshot: SnapshotAssertion
) -> None:
    async with opened(world.project, size, preferences=CHINESE) as look:
        await walk(look, world)
        look.app.clear_notifications()
        await rest(look)
        check_whole(look)
        if walk in TOLD:
            assert text_of(look) == snapshot(extension_class=TextFile)


async def test_the_first_run_reads_as_it_did(
    home: Home, size: Size, snapshot: SnapshotAssertion
) -> None:
    app = MemosAdmin(home, None, preferences=CHINESE)
    async with app.run_test(size=size) as look:
        await rest(look)
        assert {cell_len(line) for line in rows(look)} == {size[0]}
        assert text_of(look) == snapshot(extension_class=TextFile)


async def test_orders_are_marked_in_every_heading(world: World) -> None:
    """A mark makes a heading longer; it finds room."""
    async with opened(world.project, (80, 24), preferences=CHINESE) as look:
        await test_texts.all_memories(look, world)
        for _ in range(6):
            await press(look, "o")
            check_whole(look)
        await press(look, "shift+tab", "shift+tab")
        for _ in range(4):
            await press(look, "o")
            check_whole(look)


async def test_the_palette_finds_commands_by_their_chinese_and_their_english_names(
    world: World,
) -> None:
    async with opened(world.project, (120, 40), preferences=CHINESE) as look:
        await press(look, "ctrl+p")
        await sees(look, "搜索命令…", "全部同步  sync_all", "Language · 语言")
        await press(look, *"sync_al")
        await sees(look, "全部同步  sync_all")
        await press(look, *["backspace"] * 7, *"verdict.correct")
        await sees(look, "判定：正确  verdict.correct")
        await press(look, *"qqqq")
        await sees(look, "没有匹配的命令")
        assert "No matches" not in seen(look)


@pytest.mark.parametrize("before", ["", "a"])
async def test_pop_ups_keep_characters_below_which_a_pane_begins(world: World, before: str) -> None:
    """A character has two cells: the edge of a pane is beside one, or goes through it."""
    text = before + "已同步没有变化适用于消息记忆详情" * 4
    async with opened(world.project, (120, 40), preferences=CHINESE) as look:
        cast("MemosAdmin", look.app).tell(text)
        await until(look, lambda: any(t.region for t in look.app.screen.query("Toast")), "pop-up")
        region = look.app.screen.query_one("Toast").content_region
        lines = [places(line) for line in rows(look)[region.y : region.bottom]]
        drawn = [line.get(x, "") for line in lines for x in range(region.x, region.right)]
        assert "".join(drawn).replace(" ", "") == text
        assert {cell_len(line) for line in rows(look)} == {120}
