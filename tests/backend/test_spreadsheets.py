"""Exports opened in a real spreadsheet, LibreOffice Calc: what its cells are then, and what they say."""

from __future__ import annotations

import csv
import io
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest

from memos_admin.backend import roster
from memos_admin.backend.export.csv_format import CsvFormat
from memos_admin.backend.export.exporting import export
from memos_admin.backend.export.scope import MemoriesScope, Scope, SubjectScope
from memos_admin.backend.export.xlsx_format import fitted
from memos_admin.backend.home import Home
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.subject_access.bundle import Order
from memos_admin.backend.subject_access.bundle import export as export_bundle
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from tests.backend.service import Service, a_memory, a_message
from tests.effort import LONG
from tests.hostile import HOSTILE

pytestmark = [pytest.mark.needs("soffice"), pytest.mark.timeout(600)]

USER = SubjectRef("user", "0610")
DIGITS = ("0610", "00", "12345678901234567890", "+86 138 0013 8000", "-1", "1e5", "TRUE", "1/2")
FORMULAS = ("=1+1", "+1+1", "=SUM(A1:A9)", '=HYPERLINK("http://evil.example","x")', "{=1}", "-2+3")
WITHIN = (
    "hi;=1+1",
    "hi\t=1+1",
    "hi\n=1+1\nbye",
    'hi; "=1+1"',
    "hi;'=1+1",
    "hi;\0=1+1;",
    "- a\n- b",
)
# A lone surrogate has become U+FFFD in the store.
TEXTS = [
    text
    for text in (*HOSTILE.values(), *DIGITS, *FORMULAS, *WITHIN)
    if text and not any(0xD800 <= ord(char) < 0xE000 for char in text)
]
AT_ONCE = 40
"""Messages of a conversation: fewer than the service's window."""
SCOPES: dict[str, Scope] = {"messages": SubjectScope(USER), "memories": MemoriesScope(Filter())}

_OPEN_DOCUMENT = "fods"
_TEXT = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,true"
"""CSV in UTF-8, all texts quoted, cells as shown, but formulas as formulas."""
_AS_TEXT = "CSV:44,34,76,1," + "/".join(f"{column}/2" for column in range(1, 20))
"""Reading CSV with every column as text; without it Calc guesses, as by a double click."""
_GUESSING = "CSV:44,34,76,1"
_SEPARATORS = {"semicolon": "CSV:59,34,76,1", "tab, comma and semicolon": "CSV:9/44/59,34,76,1"}
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_LONGEST = 65_535
"""UTF-16 units of a cell that Calc reads from CSV; it cuts there without a word."""


class Opened(NamedTuple):
    """What Calc made of a file: how many cells of which kind, formulas and links, and the rows."""

    kinds: Counter[str | None]
    formulas: int
    links: int
    rows: list[list[str]]


class Calc:
    """LibreOffice Calc with a profile of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(
        self, *paths: Path, reading: str | None = None, with_rows: bool = True
    ) -> list[Opened]:
        """Open files, each as Calc does, or as the filter `reading` says; it begins once more for rows."""
        for form in (_OPEN_DOCUMENT, _TEXT) if with_rows else (_OPEN_DOCUMENT,):
            self._convert(form, reading, paths)
        return [self._opened(path.stem, with_rows=with_rows) for path in paths]

    def _convert(self, form: str, reading: str | None, paths: tuple[Path, ...]) -> None:
        profile = (self._folder / "profile").as_uri()
        options = [] if reading is None else [f"--infilter={reading}"]
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation={profile}", *options,
             "--convert-to", form, "--outdir", str(self._folder), *map(str, paths)],
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip

    def _opened(self, name: str, *, with_rows: bool) -> Opened:
        elements = list(ET.parse(self._folder / f"{name}.fods").iter())
        cells = [found for found in elements if found.tag == f"{_TABLE}table-cell"]
        text = self._folder / f"{name}.csv"
        raw = text.read_bytes().decode("utf-8", "replace") if with_rows else ""
        return Opened(
            kinds=Counter(cell.get(f"{_OFFICE}value-type") for cell in cells),
            formulas=sum(f"{_TABLE}formula" in cell.attrib for cell in cells),
            links=sum(found.tag.endswith("}a") for found in elements),
            rows=list(csv.reader(io.StringIO(raw, newline=""))),
        )


@pytest.fixture(scope="module")
def calc(tmp_path_factory: pytest.TempPathFactory) -> Calc:
    return Calc(tmp_path_factory.mktemp("calc"))


@pytest.fixture(scope="module", autouse=True)
def any_length() -> Iterator[None]:
    longest = csv.field_size_limit(10_000_000)
    yield
    csv.field_size_limit(longest)


@pytest.fixture
async def filled(isolated: Path) -> Workspace:
    """A project in which ids are digits, and all texts hostile."""
    home = Home(isolated)
    workspace = Workspace(Projects(home).add("0610", base_url="http://127.0.0.1:9/v1"), home)
    service = Service()
    workspace.use_remote(service)
    names = []
    for start in range(0, len(TEXTS), AT_ONCE):
        some = TEXTS[start : start + AT_ONCE]
        names.append(f"00{start}")
        at = [f"2025-06-10 09:{minute:02d}:00" for minute in range(len(some))]
        service.say(USER.external_id, names[-1],
                    *(a_message(text, at=when) for text, when in zip(some, at, strict=True)))  # fmt: skip
    service.put(
        USER.external_id,
        *(
            a_memory(f"{n:04d}", text, title=text, tags=(text[:50],))
            for n, text in enumerate(TEXTS)
        ),
    )
    await roster.add_subjects(workspace, [USER])
    await roster.add_conversations(workspace, USER, names)
    await sync(workspace, SyncScope(full=True))
    return workspace


def column(opened: Opened, name: str) -> list[str]:
    """Return what stands in a column, sorted."""
    at = opened.rows[0].index(name)
    return sorted(line_ends(row[at]) for row in opened.rows[1:])


def line_ends(text: str) -> str:
    """Return a text with the only line end that a cell has."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_by_calc(text: str) -> str:
    """Return what Calc keeps of a text of CSV: no NUL, and no more than fits."""
    units = line_ends(text).replace("\0", "").encode("utf-16-le")
    return units[: 2 * _LONGEST].decode("utf-16-le", "ignore")


async def test_a_workbook_is_nothing_but_text(
    filled: Workspace, calc: Calc, tmp_path: Path
) -> None:
    books, counts = [], {}
    for name, scope in SCOPES.items():
        books += [tmp_path / f"{name}.xlsx", tmp_path / f"{name}-raw.xlsx"]
        counts[name] = export(filled, scope, format="xlsx", output=books[-2]).rows
        export(filled, scope, format="xlsx", output=books[-1], raw=True)
    for book, opened in zip(books, calc.open(*books), strict=True):
        name = book.stem.removesuffix("-raw")
        assert set(opened.kinds) <= {"string", None}
        assert (opened.formulas, opened.links) == (0, 0)
        assert len(opened.rows) == counts[name] + 1 == len(TEXTS) + 1
        assert column(opened, "content") == sorted(line_ends(fitted(t)) for t in TEXTS)
        assert set(column(opened, "user_id")) == {"0610"}
        if name == "messages":
            conversations = {f"00{start}" for start in range(0, len(TEXTS), AT_ONCE)}
            assert set(column(opened, "conversation_id")) == conversations
        else:
            assert set(column(opened, "memory_id")) == {f"{n:04d}" for n in range(len(TEXTS))}
            assert column(opened, "title") == sorted(map(line_ends, map(fitted, TEXTS)))


async def test_the_workbook_of_an_archive_is_nothing_but_text(
    filled: Workspace, calc: Calc, tmp_path: Path
) -> None:
    report = export_bundle(filled, Order(USER, "=1+1"), tmp_path / "archive.zip")
    with zipfile.ZipFile(report.path) as archive:
        archive.extract("data.xlsx", tmp_path)
    (opened,) = calc.open(tmp_path / "data.xlsx")
    assert set(opened.kinds) <= {"string", None}
    assert (opened.formulas, opened.links) == (0, 0)
    # Of the sheets the first one is written as CSV; all are among the cells.
    names = {f"00{start}" for start in range(0, len(TEXTS), AT_ONCE)}
    assert set(column(opened, "conversation_id")) == names | {"c1"}
    assert opened.kinds["string"] > 10 * 2 * len(TEXTS)


async def test_csv_read_as_text_says_what_was_said(
    filled: Workspace, calc: Calc, tmp_path: Path
) -> None:
    files = []
    for name, scope in SCOPES.items():
        files += [tmp_path / f"{name}.csv", tmp_path / f"{name}-marked.csv"]
        export(filled, scope, output=files[-2])
        export(filled, scope, output=files[-1], excel=True)
    for opened in calc.open(*files, reading=_AS_TEXT):
        assert set(opened.kinds) <= {"string", None}
        assert (opened.formulas, opened.links) == (0, 0)
        guard = CsvFormat(()).guard
        assert opened.rows[0][0] == "project"  # the mark is none of it
        assert column(opened, "content") == sorted(read_by_calc(guard(t)) for t in TEXTS)
        assert set(column(opened, "user_id")) == {"0610"}


async def test_csv_opened_by_a_double_click_has_no_formula_but_numbers(
    filled: Workspace, calc: Calc, tmp_path: Path
) -> None:
    """What the docs tell: Calc guesses numbers in a CSV, where `0610` is 610."""
    guarded, raw = [], []
    for name, scope in SCOPES.items():
        guarded += [tmp_path / f"{name}.csv", tmp_path / f"{name}-marked.csv"]
        raw.append(tmp_path / f"{name}-raw.csv")
        export(filled, scope, output=guarded[-2])
        export(filled, scope, output=guarded[-1], excel=True)
        export(filled, scope, output=raw[-1], raw=True)
    opened = calc.open(*guarded, *raw, reading=_GUESSING)
    for safe in opened[: len(guarded)]:
        assert (safe.formulas, safe.links) == (0, 0)
        assert len(safe.rows) == len(TEXTS) + 1
        assert set(column(safe, "user_id")) == {"610"}
    assert all(unguarded.formulas > 0 for unguarded in opened[len(guarded) :])


@pytest.mark.parametrize("separators", _SEPARATORS if LONG else [*_SEPARATORS][1:])
async def test_csv_read_with_other_separators_has_no_formula(
    filled: Workspace, calc: Calc, tmp_path: Path, separators: str
) -> None:
    """A person may choose them, and where a comma is in numbers, spreadsheets separate by semicolons.

    In the long form by these alone, too.
    """
    guarded, raw = tmp_path / "guarded.csv", tmp_path / "raw.csv"
    export(filled, SCOPES["messages"], output=guarded)
    export(filled, SCOPES["messages"], output=raw, raw=True)
    safe, unguarded = calc.open(guarded, raw, reading=_SEPARATORS[separators], with_rows=False)
    assert (safe.formulas, safe.links) == (0, 0)
    assert unguarded.formulas > 0
