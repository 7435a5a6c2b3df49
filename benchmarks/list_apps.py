"""The interface's list and Textual's DataTable, driven through the Pilot over the same rows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import DataTable

from benchmarks.bench import Store
from benchmarks.measure import Samples
from memos_admin.backend.model import Filter, Memory
from memos_admin.backend.times import now_ms
from memos_admin.tui.reader import Reader
from memos_admin.tui.rows import main as lists
from memos_admin.tui.widgets.row_list import RowList

TABLE_ROWS = 10_000
_SIZE = (160, 40)
_PAGES = 60
_ENDS = 12
_PATIENCE = 120.0

FIRST, PAGE, END = "first rows drawn", "page down drawn", "jump to the end drawn"


class _List(App[None]):
    def compose(self) -> ComposeResult:
        yield RowList[Memory](lists.MEMORY_COLUMNS, lambda row: row.listing_pk, id="memories")


class _Table(App[None]):
    def compose(self) -> ComposeResult:
        yield DataTable[str](id="memories", cursor_type="row")


async def measured_list(store: Store) -> dict[str, Samples]:
    """Return times of the interface's list over all memories of a store."""
    workspace = store.workspace()
    reader = Reader(lambda: workspace.reads, workspace.open_reads)
    app = _List()
    try:
        async with app.run_test(size=_SIZE) as look:
            rows: RowList[Memory] = app.query_one(RowList)

            def is_there() -> bool:
                return rows.row is not None

            loading: list[asyncio.Task[bool]] = []

            def load() -> None:  # the keys of what is not seen yet come behind the first rows
                loading.append(asyncio.create_task(rows.load(reader, lists.Memories(Filter()))))

            first = Samples()
            for _ in range(5):
                await rows.load(reader, lists.Nothing())
                first.seconds.append(await _drawn(look, rows, load, is_there))
                await loading[-1]
            return {
                FIRST: first,
                PAGE: await _keys(look, rows, lambda: rows.action_page(1), is_there, _PAGES),
                END: await _ends(look, rows, rows.action_end, is_there),
            }
    finally:
        reader.close()
        workspace.abandon()


async def measured_table(store: Store) -> dict[str, Samples]:
    """Return times of a DataTable over the latest `TABLE_ROWS` memories of a store."""
    app = _Table()
    with store.workspace().open_reads() as reads:
        async with app.run_test(size=_SIZE) as look:
            table: DataTable[str] = app.query_one(DataTable)
            names = [column.name for column in lists.MEMORY_COLUMNS]
            table.add_columns(*names)

            async def load() -> None:
                keys = reads.memory_pks(Filter())[:TABLE_ROWS]
                table.add_rows(_cells(reads.memories(keys, cut=lists.TITLE_CUT)))

            first = Samples()
            for _ in range(2):
                table.clear()
                first.seconds.append(await _drawn(look, table, load, lambda: True))
            table.focus()

            def to_end(last: bool) -> None:
                table.move_cursor(row=table.row_count - 1 if last else 0)

            return {
                FIRST: first,
                PAGE: await _keys(look, table, table.action_page_down, lambda: True, _PAGES),
                END: await _ends(look, table, to_end, lambda: True),
            }


def _cells(memories: Sequence[Memory]) -> list[list[str]]:
    now, names = now_ms(), {column.name for column in lists.MEMORY_COLUMNS}
    return [
        [column.text(memory, now, names) for column in lists.MEMORY_COLUMNS] for memory in memories
    ]


async def _keys(
    look: Pilot[None],
    widget: Widget,
    press: Callable[[], None],
    is_there: Callable[[], bool],
    times: int,
) -> Samples:
    async def act() -> None:
        press()

    return Samples([await _drawn(look, widget, act, is_there) for _ in range(times)])


async def _ends(
    look: Pilot[None], widget: Widget, go: Callable[[bool], None], is_there: Callable[[], bool]
) -> Samples:
    samples = Samples()
    for turn in range(_ENDS):
        there = await _keys(look, widget, partial(go, turn % 2 == 0), is_there, 1)
        samples.seconds += there.seconds
    return samples


async def _drawn(
    look: Pilot[None],
    widget: Widget,
    act: Callable[[], object],
    is_there: Callable[[], bool],
) -> float:
    """Return the seconds from acting until the row under the cursor is there and was drawn."""
    start = time.perf_counter()
    done = act()
    if asyncio.iscoroutine(done):
        await done
    deadline = start + _PATIENCE
    while not is_there():
        if time.perf_counter() > deadline:
            raise RuntimeError("the row under the cursor never came")
        await asyncio.sleep(0)
    drawn = asyncio.Event()
    widget.call_after_refresh(drawn.set)
    await drawn.wait()
    seconds = time.perf_counter() - start
    await look.pause()
    return seconds
