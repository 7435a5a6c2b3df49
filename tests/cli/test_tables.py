"""Tables fit their width, are aligned by cells and let nothing hostile through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from memos_admin.cli.table import (
    Column,
    at_least,
    fact_lines,
    instant,
    minute,
    number,
    table_lines,
    text,
)
from tests.hostile import HOSTILE, unsafe

COLUMNS = (
    text("id", "Id", least=8),
    number("count", "Count", gives=2),
    text("words", "Words", least=10),
    instant("at", "At", gives=1),
)
AT = "2025-09-17T07:58:05.922Z"


def row(words: str, *, name: str = "u1", count: int | None = 12345) -> dict[str, object]:
    return {"id": name, "count": count, "words": words, "at": AT}


def test_a_table_is_aligned_by_cells() -> None:
    lines = list(table_lines([row("家庭旅行"), row("trip", count=7)], COLUMNS, 80))
    assert lines == [
        "Id   Count  Words     At",
        "u1  12,345  家庭旅行  2025-09-17 07:58Z",
        "u1       7  trip      2025-09-17 07:58Z",
    ]


def test_a_column_in_which_nothing_stands_takes_no_room() -> None:
    assert next(table_lines([row("", count=None)], COLUMNS, 80)).split() == ["Id", "At"]


@pytest.mark.parametrize(
    ("stored", "bound", "told"),
    [(0, "least", "?"), (1000, "least", "1,000+"), (1000, "exact", "1,000"), (0, "exact", "0")],
)
def test_a_number_of_what_was_not_read_whole_says_so(stored: int, bound: str, told: str) -> None:
    column = at_least("memories", "Memories")
    assert column.value({"memories": stored, "bound": bound}) == told


def test_no_rows_no_table() -> None:
    assert list(table_lines([], COLUMNS, 80)) == []


def test_wide_texts_are_cut_with_a_mark() -> None:
    lines = list(table_lines([row("长" * 100)], COLUMNS, 60))
    assert {cell_len(line) for line in lines[1:]} <= {59, 60}
    assert "…" in lines[1]


def test_columns_leave_in_their_order_where_the_width_is_short() -> None:
    words = [row("some words that are long")]
    assert next(table_lines(words, COLUMNS, 60)).split() == ["Id", "Count", "Words", "At"]
    assert next(table_lines(words, COLUMNS, 34)).split() == ["Id", "Words", "At"]
    assert next(table_lines(words, COLUMNS, 20)).split() == ["Id", "Words"]


def test_what_does_not_fit_beside_stands_whole_on_a_line_below() -> None:
    memory_id = "0a89db3a-2061-4c97-a1b8-45700f8745bc"
    columns = (*COLUMNS, text("user", "User", below=True), text("memory", "Memory", below=True))
    rows = [{**row("some words"), "user": name, "memory": memory_id} for name in ("ann", "用" * 20)]
    assert len(list(table_lines(rows, columns, 160))) == 3
    lines = list(table_lines(rows, columns, 80))
    assert lines[1] == "    User · Memory"
    assert lines[3] == f"    ann · {memory_id}"
    assert lines[5:] == [f"    {'用' * 20}", f"    {memory_id}"]


def test_later_rows_take_the_widths_of_the_first() -> None:
    rows = [row("short") for _ in range(200)] + [row("much longer than all before it")]
    lines = list(table_lines(rows, COLUMNS, 80))
    assert cell_len(lines[-1]) == cell_len(lines[1])
    assert "much…" in lines[-1]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_keep_the_table(name: str) -> None:
    rows = [row(HOSTILE[name], name=HOSTILE[name]), row("plain")]
    lines = list(table_lines(rows, COLUMNS, 60))
    assert len(lines) == 3
    for line in lines:
        assert unsafe(line) == []
        assert cell_len(line) <= 60


@given(st.lists(st.text(max_size=80), min_size=1, max_size=5), st.integers(20, 120))
def test_every_line_fits_and_the_last_column_starts_at_one_place(
    texts: list[str], width: int
) -> None:
    columns = (text("words", "Words", least=8), Column("End", lambda _: "|"))
    lines = list(table_lines([row(words) for words in texts], columns, width))
    starts = {cell_len(line[: line.rindex("|")]) for line in lines[1:]}
    assert len(starts) == 1
    assert all(cell_len(line) <= width for line in lines)


def test_facts_go_on_below_and_lose_nothing() -> None:
    lines = list(fact_lines([("title", "Trip"), ("content", "word " * 30 + "end")], 40))
    assert lines[0] == "title    Trip"
    assert lines[1].startswith("content  word")
    assert all(line.startswith(" " * 9) and cell_len(line) <= 40 for line in lines[2:])
    assert " ".join(line[9:] for line in lines[1:]).split() == ["word"] * 30 + ["end"]


@pytest.mark.parametrize(("utc", "shown"), [(AT, "2025-09-17 07:58Z"), (None, ""), ("", "")])
def test_minutes(utc: str | None, shown: str) -> None:
    assert minute(utc) == shown
