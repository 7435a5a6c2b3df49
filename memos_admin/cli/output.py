r"""Where data and narration go.

Lists have three forms, chosen by ``--json`` and by whether stdout is a terminal:

* JSON: one array, one object a line, written while it is read;
* on a terminal: a table, every text through the display gate, cut with ``…``;
* else: tab-separated with a header line, nothing cut. A backslash, tab, newline or carriage return
  inside a text is written ``\\``, ``\t``, ``\n``, ``\r``, so that a line is a row.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TextIO

from memos_admin.backend.display import printable, safe_json

if TYPE_CHECKING:
    from memos_admin.cli.mask import Mask
    from memos_admin.cli.table import Column

Row = Mapping[str, Any]

_DEFAULT_WIDTH = 80
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Output:
    """The two streams of a command. Made when the command starts, so that tests can replace them."""

    def __init__(self) -> None:
        # A stream that the caller closed (`>&-`) is None.
        self.data: TextIO = sys.stdout or io.StringIO()
        self.notes: TextIO = sys.stderr or io.StringIO()
        for stream in (self.data, self.notes):
            _make_lossless(stream)
        self._rewritten = ""
        self._telling = threading.RLock()
        self.long_reads: list[object] = []
        """Those that are under way; the last one tells how far it is."""
        self.mask: Mask | None = None
        """What data is masked with; None: it is shown as it is."""

    @property
    def on_terminal(self) -> bool:
        """Whether a person reads the data."""
        return self.data.isatty()

    @property
    def notes_on_terminal(self) -> bool:
        """Whether a person reads the narration."""
        return self.notes.isatty()

    @property
    def width(self) -> int:
        """Cells of a line of the terminal; 80 where it does not say."""
        return _width(self.data)

    def note(self, text: str) -> None:
        """Tell a person something, on a line of its own; a line that is rewritten stays below it."""
        self.data.flush()
        with self._telling:
            shown = self._rewritten
            self.rewrite("")
            self._narrate(printable(text, newlines=True) + "\n")
            self.rewrite(shown)

    def rewrite(self, text: str) -> None:
        """Replace the present line of the narration; ``""`` clears it. For a terminal only."""
        if not text and not self._rewritten:
            return
        from memos_admin.backend.display import one_line, pad

        width = _width(self.notes) - 1
        with self._telling:
            self._rewritten = text
            self._narrate(f"\r{pad(one_line(text, width), width)}\r{one_line(text, width)}")

    def _narrate(self, text: str) -> None:
        """Write narration at once; where nobody reads it any more, what is being done goes on all the same."""
        try:
            self.notes.write(text)
            self.notes.flush()
        except BrokenPipeError:
            silence(self.notes)

    def write(self, text: str) -> None:
        """Write data as it is, or through the display gate where a terminal would obey it."""
        if self.on_terminal:
            text = printable(text, newlines=True)
        elif self.mask is not None:
            text = self.mask.value("", text)
        self.data.write(text)

    def line(self, text: str) -> None:
        """Write a line of data."""
        self.write(text + "\n")

    def document(self, value: object) -> None:
        """Write one JSON value, indented on a terminal."""
        if self.mask is not None:
            value = self.mask.value("", value)
        indent = 2 if self.on_terminal else None
        self._json(json.dumps(value, ensure_ascii=False, indent=indent) + "\n")

    def json_line(self, value: object) -> None:
        """Write one JSON value on a line of its own, at once: whoever reads it is waiting."""
        if self.mask is not None:
            value = self.mask.value("", value)
        self._json(json.dumps(value, ensure_ascii=False) + "\n")
        self.data.flush()

    def rows(
        self,
        rows: Iterable[Row],
        *,
        fields: Sequence[str],
        columns: Sequence[Column],
        as_json: bool,
    ) -> int:
        """Write a list and return how many rows it had.

        Args:
            rows: taken one by one; each has the keys `fields` with JSON's own types.
            fields: the keys in their order, for JSON and tab-separated output.
            columns: what a table on a terminal shows.
            as_json: ``--json`` was given.
        """
        if (mask := self.mask) is not None:
            rows = (mask.value("", row) for row in rows)
        counted = _Counted(rows)
        if as_json:
            self._array(counted, fields)
        elif self.on_terminal:
            from memos_admin.cli.table import table_lines

            for line in table_lines(counted, columns, self.width):
                self.data.write(line + "\n")
        else:
            lines = ("\t".join(plain(row[name]) for name in fields) for row in counted)
            first = list(islice(lines, 1))  # what fails before it has a row has no header either
            self.data.write("\t".join(fields) + "\n")
            for line in chain(first, lines):
                self.data.write(line + "\n")
        return counted.count

    def _array(self, rows: Iterable[Row], fields: Sequence[str]) -> None:
        before = "["
        for row in rows:
            value = {name: row[name] for name in fields}
            self._json(f"{before}\n{json.dumps(value, ensure_ascii=False)}")
            before = ","
        self.data.write("[]\n" if before == "[" else "\n]\n")

    def _json(self, document: str) -> None:
        self.data.write(safe_json(document) if self.on_terminal else document)


def silence(stream: TextIO) -> None:
    """Have a stream that nobody reads any more, and what it has not written yet, go nowhere."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


class _Counted:
    """Iterates over rows and knows how many there were."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.count += 1
            yield row


def plain(value: object) -> str:
    """Return a value as a tab-separated cell: booleans 1/0, absent empty, lists joined by ``; ``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list | tuple):
        return "; ".join(map(plain, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    return str(value).translate(_ESCAPES)


def _width(stream: TextIO) -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or _DEFAULT_WIDTH
    except (OSError, ValueError):
        return _DEFAULT_WIDTH


def _make_lossless(stream: TextIO) -> None:
    """Make every text writable: UTF-8 unless a terminal wants another, nothing raises."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is None:
        return
    if stream.isatty():
        reconfigure(errors="backslashreplace")
    else:
        reconfigure(encoding="utf-8", errors="backslashreplace")
