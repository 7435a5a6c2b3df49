"""Workbooks: every cell is text as it was said, in sheets that hold what Excel can hold.

XlsxWriter writes row by row and keeps the rows of a sheet in a file until the end. Two of its ways
with text are replaced here: it takes a cell that begins with ``<r>`` and ends with ``</r>`` for
markup of its own, and its escapes lose a text such as ``_x0041_x0042_``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from io import BufferedIOBase
from pathlib import Path
from typing import Any, BinaryIO

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no types
from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]  # it has no types
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # it has no types

from memos_admin.backend.export.csv_format import cell_text

ROWS = 1_048_576
"""Rows of a sheet, its header among them."""
LONGEST = 32_767
"""UTF-16 units of a cell."""
CUT = " … (cut: the text has {:,} characters, a cell holds 32,767)"

_WIDTHS = {"content": 80, "tool_calls": 40, "title": 32, "sources": 48, "tags": 24, "memory_id": 38}
_WIDTH = 20
_NARROW = {
    "seq": 6,
    "role": 10,
    "gap_before": 11,
    "seam_before": 12,
    "vanished": 10,
    "confidence": 11,
}
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Sheet(Worksheet):  # type: ignore[misc]  # it has no types
    """A sheet whose texts are texts, whatever they look like."""

    def _xml_rich_inline_string(self, string: str, attributes: Sequence[Any] = ()) -> None:
        self._xml_inline_string(string, preserve=True, attributes=attributes)

    @staticmethod
    def _escape_control_characters(data: str) -> str:
        return escaped(data)


class XlsxFormat:
    """A workbook being written.

    Args:
        file: where to; need not be seekable.
        columns: of the rows.
        title: of the sheets.
        scratch: a folder that only we can read, for the rows until the end.
        on_write: called while the workbook is put together, after its rows; what it raises ends it.
        rows: of a sheet at most.
    """

    def __init__(
        self,
        file: BinaryIO | BufferedIOBase,
        columns: Sequence[str],
        title: str,
        scratch: Path,
        *,
        on_write: Callable[[], None] = lambda: None,
        rows: int = ROWS,
    ) -> None:
        self.cut = 0
        self._rows = rows
        self._file = _File(file, on_write)
        options = {"constant_memory": True, "tmpdir": str(scratch), "use_zip64": True}
        self._book = Workbook(self._file, options)
        # Text by format too, so that a cell stays one when somebody edits it.
        self._text = self._book.add_format({"num_format": "@", "valign": "top"})
        self._bold = self._book.add_format({"num_format": "@", "bold": True, "bottom": 1})
        self._sheets: list[_Sheet] = []
        self.begin(columns, title)

    def begin(self, columns: Sequence[str], title: str) -> None:
        """Go on with a table of its own: its columns, and what its sheets are called."""
        self._columns, self._title = tuple(columns), title
        self._at = self._of_table = 0
        self._add_sheet()

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write some rows; a full sheet is followed by another one."""
        for row in rows:
            if self._at == self._rows:
                self._add_sheet()
            write = self._sheets[-1].write_string
            for column, value in enumerate(row):
                if text := cell_text(value):
                    fitting = fitted(text)
                    self.cut += len(fitting) < len(text)
                    write(self._at, column, fitting)
            self._at += 1

    def close(self) -> None:
        """Put the workbook together.

        Raises:
            OSError: it cannot be written.
        """
        try:
            self._book.close()
        except FileCreateError as error:
            self.abandon()
            raise error.args[0] from None
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Let go of all files; what was written is of no use."""
        self._file.given_up = True
        for sheet in self._sheets:
            sheet._opt_close()  # noqa: SLF001 - there is no other way without writing on

    def _add_sheet(self) -> None:
        self._of_table += 1
        name = self._title if self._of_table == 1 else f"{self._title} {self._of_table}"
        sheet: _Sheet = self._book.add_worksheet(name, worksheet_class=_Sheet)
        for column, title in enumerate(self._columns):
            width = _NARROW.get(title) or _WIDTHS.get(title, _WIDTH)
            sheet.set_column(column, column, width, self._text)
            sheet.write_string(0, column, title, self._bold)
        sheet.freeze_panes(1, 0)
        # Excel would mark every number that is text as a mistake.
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{ROWS}"})
        self._sheets.append(sheet)
        self._at = 1


def cells(row: Sequence[Any]) -> tuple[str, ...]:
    """Return what a reader of the workbook finds in a row's cells, ``""`` for empty ones."""
    return tuple(fitted(cell_text(value)) for value in row)


def fitted(text: str) -> str:
    """Return a text as a cell can hold it: where it is too long, its beginning and how long it is."""
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
    if len(text) <= LONGEST // 2 or _units(text) <= LONGEST:
        return text
    mark = CUT.format(len(text))
    kept = text[: LONGEST - len(mark)]
    while (over := _units(kept) + len(mark) - LONGEST) > 0:
        kept = kept[: -max(1, over // 2)]
    return kept + mark


def escaped(text: str) -> str:
    """Return a text with what XML cannot hold written as Office does: ``_x0001_``."""
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


class _File:
    """A file that fails once: an archive that was given up writes its end all the same."""

    def __init__(self, file: BinaryIO | BufferedIOBase, on_write: Callable[[], None]) -> None:
        self._file, self._on_write = file, on_write
        self._at = 0
        self.given_up = False

    def write(self, data: bytes) -> int:
        if self.given_up:
            self._at += len(data)
        else:
            self._on_write()
            self._file.write(data)
        return len(data)

    def flush(self) -> None:
        if not self.given_up:
            self._file.flush()

    def tell(self) -> int:
        if not self.given_up:
            self._at = self._file.tell()
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._at if self.given_up else self._file.seek(offset, whence)
