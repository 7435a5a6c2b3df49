"""The list: any number of rows, a cursor that stays on its row, columns that give way."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

import pytest
from textual.app import App, ComposeResult

from memos_admin.backend import roster
from memos_admin.backend.model import Reads, Subject, SubjectRef
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.reader import Reader
from memos_admin.tui.rows import main as lists
from memos_admin.tui.widgets.columns import Column, cell, fitting
from memos_admin.tui.widgets.row_list import KEPT_WINDOWS, RowList
from memos_admin.tui.widgets.row_source import BEGINNING, WINDOW
from tests.tui.looking import Look, main, opened, press, rest, rows, seen, sees, until


def some_subject(problem: str | None) -> Subject:
    ref = SubjectRef("user", "user-0000001")
    return Subject(1, ref, "hand", 0, 0, 0, None, None, None, None, problem)


@dataclass
class Numbers:
    """A source of numbers that remembers what was read, and in which thread."""

    numbers: array[int]
    read: list[int] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def keys(self, _reads: Reads) -> array[int]:
        return self.numbers

    def rows(self, _reads: Reads, keys: Sequence[int]) -> list[int]:
        self.threads.add(threading.current_thread().name)
        self.read.append(len(keys))
        return list(keys)


COLUMNS: tuple[Column[int], ...] = (
    Column("Number", lambda row, _now, _shown: f"n{row}"),
    Column("Twice", lambda row, _now, _shown: f"t{row * 2}", 10, gives_way=2),
    Column("Thrice", lambda row, _now, _shown: f"x{row * 3}", 10, gives_way=1),
)


class Host(App[None]):
    def __init__(self, source: Numbers) -> None:
        super().__init__()
        self.source = source
        self.list = RowList[int](COLUMNS, lambda row: row, id="numbers")
        self.reader = Reader(lambda: None, nullcontext)  # type: ignore[arg-type, return-value]
        self.told: list[object] = []

    def compose(self) -> ComposeResult:
        yield self.list

    async def on_mount(self) -> None:
        await self.list.load(self.reader, self.source)

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        self.told.append(event.row)


async def settle(look: Look) -> None:
    await rest(look)


async def test_a_million_rows_cost_a_few_windows() -> None:
    source = Numbers(array("q", range(1_000_000)))
    app = Host(source)
    async with app.run_test(size=(60, 20)) as look:
        await settle(look)
        assert "n0 " in seen(look)
        assert sum(source.read) <= 2 * WINDOW
        app.list.action_end(True)
        await until(look, lambda: "n999999 " in seen(look), "the last row")
        await until(look, lambda: app.told[-1] == 999_999, "news of the last row")
        for page in range(40):
            app.list.move_to(page * WINDOW)
            await settle(look)
        assert len(app.list.shown_rows) <= (KEPT_WINDOWS + 1) * WINDOW
        assert max(source.read) <= WINDOW
        assert source.threads == {"reader"}


@pytest.mark.parametrize(("line", "ahead"), [(5 * WINDOW - 30, 5), (5 * WINDOW + 30, 4)])
async def test_the_next_page_is_read_before_it_is_turned_to(line: int, ahead: int) -> None:
    app = Host(Numbers(array("q", range(1_000_000))))
    async with app.run_test(size=(60, 20)) as look:
        await settle(look)
        app.list.move_to(line)
        edge = 5 * WINDOW - (ahead < 5)
        await until(look, lambda: edge in app.list.shown_rows, "the window that is not seen yet")
        assert f"n{edge} " not in seen(look)


async def test_the_cursor_stays_on_its_row_when_rows_come_and_go() -> None:
    source = Numbers(array("q", range(1000)))
    app = Host(source)
    async with app.run_test(size=(60, 20)) as look:
        await settle(look)
        app.list.move_to(500)
        await settle(look)
        line = next(y for y, row in enumerate(rows(look)) if "n500 " in row)
        source.numbers = array("q", [*range(-30, 0), *range(1000)])
        await app.list.reload()
        await settle(look)
        assert app.list.cursor_key == 500
        assert "n500 " in rows(look)[line]  # nothing jumped
        source.numbers = array("q", [n for n in source.numbers if n != 500])
        await app.list.reload()
        await settle(look)
        assert app.list.cursor_key == 501
        source.numbers = array("q")
        await app.list.reload()
        await settle(look)
        assert app.list.row is None
        assert app.told[-1] is None


async def test_columns_give_way_in_order() -> None:
    for width, here, gone in ((60, ("t0", "x0"), ()), (32, ("t0",), ("x0",)), (20, (), ("t0",))):
        app = Host(Numbers(array("q", range(5))))
        async with app.run_test(size=(width, 10)) as look:
            await settle(look)
            text = seen(look)
            assert all(word in text for word in here)
            assert not any(word in text for word in gone)


@pytest.mark.parametrize("width", range(38, 80))
def test_how_memories_are_ordered_is_seen_beside_their_titles(width: int) -> None:
    shown = fitting(lists.memory_columns("updated", descending=True), width, least=22)
    cells = {column.name: cells for column, cells in shown}
    assert "Updated" in cells
    assert cells["Title"] >= (22 if "Tags" in cells or "State" in cells else 16)


@pytest.mark.parametrize("width", range(38, 80))
def test_the_state_that_memories_are_ordered_by_leaves_room_for_titles(width: int) -> None:
    shown = fitting(lists.memory_columns("status", descending=False), width, least=22)
    cells = {column.name: cells for column, cells in shown}
    assert cells["State"] >= 8
    assert cells["Title"] >= (22 if width > 45 else 16)


def test_how_users_are_ordered_is_seen_on_a_small_wide_screen() -> None:
    columns = lists.subject_columns("activity")
    assert [c.name for c, _cells in fitting(columns, 30, least=14)] == ["User", "Mem", "Active"]
    assert [c.name for c, _cells in fitting(columns, 26, least=14)] == ["User", "Mem"]


@pytest.mark.parametrize(
    ("words", "cells", "shown"),
    [
        (("", "changed", "check"), 33, "changed · check · A loaf"),
        (("wrong", "changed", "check"), 33, "wrong · … · A loaf"),
        (("wrong", "changed", "check"), 60, "wrong · changed · check · A loaf"),
        (("", "changed", "check"), 23, "changed · A loaf"),
    ],
)
def test_of_words_before_a_title_the_last_one_is_no_mark_where_it_has_room(
    words: tuple[str, ...], cells: int, shown: str
) -> None:
    column = Column[str]("Title", lambda row, _now, _s: row, before=lambda _row, _shown: words)
    assert cell(column, "A loaf", 0, (), cells).rstrip() == shown


def test_a_problem_shifts_no_id() -> None:
    fine = some_subject(problem=None)
    names = {column.name for column in lists.SUBJECT_COLUMNS if column.name != "Active"}
    column = lists.SUBJECT_COLUMNS[0]
    assert cell(column, fine, 0, names, 12) == "user-0000001"
    assert cell(column, fine._replace(problem="no"), 0, names, 12) == "user-…0001 !"


async def test_wide_letters_are_cut_by_cells() -> None:
    app = Host(Numbers(array("q", [1])))
    app.list._columns = (Column("N", lambda *_: "宽" * 40), COLUMNS[1])
    async with app.run_test(size=(31, 5)) as look:
        await settle(look)
        row = rows(look)[1]
        assert "…" in row
        assert "t2" in row


async def test_a_click_moves_and_a_second_one_goes_in() -> None:
    app = Host(Numbers(array("q", range(5))))
    async with app.run_test(size=(40, 10)) as look:
        await settle(look)
        await look.click(app.list, offset=(5, 3))
        assert app.list.cursor == 2


async def test_ten_thousand_users_narrow_as_one_types(workspace: Workspace) -> None:
    refs = [SubjectRef("user", f"user-{number:05d}") for number in range(10_000)]
    await roster.add_subjects(workspace, refs)
    async with opened(workspace, (80, 24)) as look:
        await sees(look, "1 of 10,000")
        await press(look, "slash", *"777")
        await sees(look, "user-00777", "1 of 19")
        await press(look, "enter", "j", "escape")
        await sees(look, "of 10,000")
        chosen = main(look).desk.subject
        assert chosen is not None
        assert "777" in chosen.ref.external_id  # the cursor stayed on it
    workspace.abandon()


@dataclass
class Many(Numbers):
    """Numbers whose first ones are there before all of them are let through."""

    gate: threading.Event = field(default_factory=threading.Event, compare=False)

    def first_keys(self, _reads: Reads, most: int) -> array[int]:
        return self.numbers[:most]

    def keys(self, reads: Reads) -> array[int]:
        assert self.gate.wait(60)
        return super().keys(reads)


async def test_the_first_rows_of_a_long_list_do_not_wait_for_the_others() -> None:
    many = Many(array("q", range(100_000)))
    app = Host(Numbers(array("q")))
    async with app.run_test(size=(40, 12)) as look:
        app.run_worker(app.list.load(app.reader, many))
        await until(look, lambda: app.list.row == 0)
        assert (len(app.list), app.list.more) == (BEGINNING, True)
        app.list.move_to(3)
        many.gate.set()
        await until(look, lambda: not app.list.more)
        assert (len(app.list), app.list.row) == (100_000, 3)
        assert app.told[-1] == 3


async def test_other_rows_are_read_while_the_keys_of_the_rest_are() -> None:
    many = Many(array("q", range(100_000)))
    app = Host(Numbers(array("q")))
    async with app.run_test(size=(40, 12)) as look:
        app.run_worker(app.list.load(app.reader, many))
        await until(look, lambda: app.list.row == 0)
        app.list.move_to(BEGINNING - 1)
        await sees(look, f"n{BEGINNING - 1} ")
        assert app.list.more
        many.gate.set()
        await until(look, lambda: not app.list.more)
        assert (len(app.list), app.list.row) == (100_000, BEGINNING - 1)
        many.gate.clear()
        app.run_worker(app.list.reload())
        app.list.move_to(50_000)
        await sees(look, "n50000 ")
        many.gate.set()
        await rest(look)
        assert app.list.row == 50_000


async def test_the_end_of_a_long_list_is_gone_to_when_it_is_known() -> None:
    many = Many(array("q", range(100_000)))
    app = Host(Numbers(array("q")))
    async with app.run_test(size=(40, 12)) as look:
        app.run_worker(app.list.load(app.reader, many))
        await until(look, lambda: app.list.row == 0)
        app.list.action_end(last=True)
        many.gate.set()
        await sees(look, "n99999")
        assert app.list.row == 99_999
        await sees(look, "n99999 ")
        app.list.action_move(-1)
        await app.list.reload()
        assert app.list.row == 99_998  # it was for once


async def test_who_goes_elsewhere_before_the_end_is_known_stays_there() -> None:
    many = Many(array("q", range(100_000)))
    app = Host(Numbers(array("q")))
    async with app.run_test(size=(40, 12)) as look:
        app.run_worker(app.list.load(app.reader, many))
        await until(look, lambda: app.list.row == 0)
        app.list.action_end(last=True)
        app.list.move_to(7)
        many.gate.set()
        await until(look, lambda: not app.list.more)
        assert app.list.row == 7


async def test_a_short_list_of_a_long_source_is_read_once() -> None:
    few = Many(array("q", range(BEGINNING - 1)))  # asking for all keys would wait
    app = Host(Numbers(array("q")))
    async with app.run_test(size=(40, 12)):
        await app.list.load(app.reader, few)
        assert (len(app.list), app.list.more, app.list.row) == (BEGINNING - 1, False, 0)


async def test_a_cursor_whose_row_is_not_among_the_first_waits_for_it() -> None:
    app = Host(Numbers(array("q", [90_000])))
    many = Many(array("q", range(100_000)))
    async with app.run_test(size=(40, 12)) as look:
        app.run_worker(app.list.load(app.reader, many))
        await until(look, lambda: app.list.more)
        assert app.list.row == 90_000  # still that of the list before
        many.gate.set()
        await until(look, lambda: len(app.list) == 100_000)
        assert app.list.row == 90_000
