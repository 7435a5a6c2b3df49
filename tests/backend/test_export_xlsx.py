"""Workbooks: read back, they say what was said, in cells that are nothing but text."""

from __future__ import annotations

import io
import re
import stat
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook  # type: ignore[import-untyped]

from memos_admin.backend import roster
from memos_admin.backend.export.exporting import export
from memos_admin.backend.export.rows import MESSAGE_COLUMNS
from memos_admin.backend.export.scope import ConversationScope, MemoriesScope, SubjectScope
from memos_admin.backend.export.xlsx_format import LONGEST, ROWS, XlsxFormat, fitted
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from tests.backend.service import Service, a_memory, a_message
from tests.hostile import HOSTILE

ANN = SubjectRef("user", "ann")
CELLS = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("\0\1\t\r\n_x005F41<>&'\"=+-@ \ufffe\uffff"),
    ),
    max_size=20,
)


def written(scratch: Path, rows: Sequence[Sequence[str]], *, a_sheet: int = ROWS) -> bytes:
    file = io.BytesIO()
    book = XlsxFormat(file, ("a", "b"), "Sheet", scratch, rows=a_sheet)
    book.write(rows)
    book.close()
    return file.getvalue()


def said(text: str | None) -> str:
    """Return what Office reads in a cell's XML: openpyxl leaves the escapes of Office as they are."""
    decode = lambda found: chr(int(found[1], 16))  # noqa: E731
    return re.sub("_x([0-9A-Fa-f]{4})_", decode, text or "")


def sheets(data: bytes) -> dict[str, list[tuple[str, ...]]]:
    book = load_workbook(io.BytesIO(data))
    assert all(
        cell.data_type in "sn" and (cell.data_type == "s" or cell.value is None)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
    )
    return {
        sheet.title: [
            tuple(said(cell) for cell in row) for row in sheet.iter_rows(values_only=True)
        ]
        for sheet in book.worksheets
    }


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=4))
@example(rows=[("<r>x</r>", "<r><t>&</t></r>")])
@example(rows=[("_x0041_x0042_", "_x005F_"), ("\r\n", " a ")])
@example(rows=[("=1+1", "{=1}"), ("http://example.com", "0610"), ("1e5", "TRUE")])
def test_any_text_comes_back_as_it_was(scratch: Path, rows: list[tuple[str, str]]) -> None:
    found = sheets(written(scratch, rows))["Sheet"]
    empty = [("", "")] * (1 + len(rows) - len(found))  # rows without a cell at the end
    assert found + empty == [("a", "b"), *rows]


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_texts_are_texts(scratch: Path, name: str) -> None:
    data = written(scratch, [(HOSTILE[name], "end")])
    _, (first, _) = sheets(data)["Sheet"]
    expected = fitted(HOSTILE[name])
    assert first == expected
    if len(HOSTILE[name]) < LONGEST and not re.search("[\ud800-\udfff]", HOSTILE[name]):
        assert expected == HOSTILE[name]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet
        assert not [n for n in archive.namelist() if "external" in n or "vba" in n]


@pytest.mark.parametrize("text", ["x" * LONGEST, "🎉" * (LONGEST // 2)])
def test_what_fits_is_not_cut(text: str) -> None:
    assert fitted(text) is text or fitted(text) == text


@pytest.mark.parametrize("text", ["x" * (LONGEST + 1), "🎉" * LONGEST, "x🎉" * LONGEST])
def test_longer_texts_are_cut_with_a_mark_and_counted(scratch: Path, text: str) -> None:
    cell = fitted(text)
    assert len(cell.encode("utf-16-le")) // 2 <= LONGEST
    assert len(cell.encode("utf-16-le")) // 2 > LONGEST - 4
    assert cell.endswith(f"… (cut: the text has {len(text):,} characters, a cell holds 32,767)")
    file = io.BytesIO()
    book = XlsxFormat(file, ("a",), "Sheet", scratch)
    book.write([(text,), ("short",)])
    book.close()
    assert book.cut == 1
    assert sheets(file.getvalue())["Sheet"][1] == (cell,)


def test_a_full_sheet_is_followed_by_another_one(scratch: Path) -> None:
    rows = [(str(n), "x") for n in range(7)]
    found = sheets(written(scratch, rows, a_sheet=4))
    assert found == {
        "Sheet": [("a", "b"), *rows[:3]],
        "Sheet 2": [("a", "b"), *rows[3:6]],
        "Sheet 3": [("a", "b"), *rows[6:]],
    }


def test_the_header_stays_and_cells_are_text_by_format_too(scratch: Path) -> None:
    book = load_workbook(io.BytesIO(written(scratch, [("0610", "")])))
    sheet = book["Sheet"]
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert not sheet["A2"].font.bold
    assert {sheet["A2"].number_format, sheet["A1"].number_format} == {"@"}
    assert sheet["A2"].value == "0610"


async def filled(workspace: Workspace, service: Service, *texts: str) -> None:
    service.say("ann", "0610", *map(a_message, texts))
    service.put("ann", a_memory("m1", conversation_id="0610"), a_memory("m2", "=1"))
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope(full=True))


async def test_an_export_is_a_private_workbook_with_the_columns_of_the_csv(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    await filled(workspace, service, "=1+1", "0610", "x" * 40_000)
    folder = tmp_path / "exports"
    folder.mkdir()
    path = folder / "a.xlsx"
    report = export(workspace, ConversationScope(ANN, "0610"), format="xlsx", output=path)
    assert (report.rows, report.guarded, report.cut, report.path) == (3, 0, 1, path)
    header, first, second, third = sheets(path.read_bytes())["Messages"]
    assert header == MESSAGE_COLUMNS
    assert (*first[3:6], first[8]) == ("0610", "1", "user", "=1+1")
    assert (*second[4:6], second[8]) == ("2", "user", "0610")
    assert third[8] == fitted("x" * 40_000)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {found.name for found in folder.iterdir()} == {"a.xlsx", "a.xlsx.manifest.json"}
    report = export(workspace, MemoriesScope(Filter()), format="xlsx", output=path)
    assert report.rows == len(sheets(path.read_bytes())["Memories"]) - 1 == 2


async def test_what_is_written_on_the_way_is_private_and_goes_away(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    await filled(workspace, service, *map(str, range(30)))
    folder = tmp_path / "exports"
    folder.mkdir()
    seen: dict[str, int] = {}

    def look(_done: int, _total: int) -> None:
        for path in folder.rglob("*"):
            seen["folder" if path.is_dir() else "file"] = stat.S_IMODE(path.stat().st_mode)

    path = folder / "a.xlsx"
    export(workspace, SubjectScope(ANN), format="xlsx", output=path, on_progress=look)
    assert seen == {"folder": 0o700, "file": 0o600}
    assert {found.name for found in folder.iterdir()} == {"a.xlsx", "a.xlsx.manifest.json"}


async def test_a_workbook_goes_through_a_pipe(
    workspace: Workspace, service: Service, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    await filled(workspace, service, "through")
    before = set(workspace.project.store_dir.iterdir())
    report = export(workspace, SubjectScope(ANN), format="xlsx")
    assert report.path is None
    assert sheets(capfdbinary.readouterr().out)["Messages"][1][8] == "through"
    left = set(workspace.project.store_dir.iterdir()) - before
    assert not [path for path in left if not path.name.startswith("search.")]  # the index is filled


async def test_a_workbook_is_not_for_a_terminal(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    await filled(workspace, service, "x")
    monkeypatch.setattr(sys, "stdout", Terminal())
    with pytest.raises(ValueError, match="not for a terminal"):
        export(workspace, SubjectScope(ANN), format="xlsx")
