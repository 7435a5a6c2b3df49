"""CSV cells, batches, file names and files: the parts of an export that need no store."""

from __future__ import annotations

import csv
import io
import itertools
import os
import re
import stat
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.export.batches import CHARACTERS, MOST, batches
from memos_admin.backend.export.beside import ENDING as MANIFEST
from memos_admin.backend.export.csv_format import CsvFormat
from memos_admin.backend.export.names import suggest_name, without_id
from memos_admin.backend.export.table import Block, Run, block
from memos_admin.backend.export.target import writing
from memos_admin.backend.model import SubjectRef
from memos_admin.cloud.key import ApiKey
from memos_admin.tui.jobs.taking import MOST_NUMBERED
from tests.hostile import HOSTILE, unsafe

CELLS = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("\0\r\n\t\",;'=+-@＝(\ufeff\u202e"),
    ),
    max_size=12,
)


def read(text: str, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def unguarded(cell: str) -> str:
    """Return what a cell said before it was guarded, as the documents tell."""
    unseen = "\xad\u034f\u061c\u180e\ufeff" + "".join(
        map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)])
    )

    def is_formula(text: str, *, at_start: bool) -> bool:
        shown = text
        while shown and (
            shown[0] in unseen + "'"
            or (shown[0].isspace() and (at_start or shown[0] not in "\t\r\n"))
            or (not at_start and (shown[0] == '"' or shown[0] < " ") and shown[0] not in "\t\r\n")
        ):
            shown = shown[1:]
        if at_start:
            return text.lstrip("'")[:1] in tuple("\t\r\n\0") or shown[:1] in tuple("=+-@＝＋－＠")
        rest = re.split("[;\t\r\n]", shown)[0]
        called = any(sign in rest for sign in "(|!（｜！")
        return rest[:1] in tuple("=@＝＠") or (rest[:1] in tuple("+-＋－") and called)

    said = "" if cell[:1] == "'" and is_formula(cell, at_start=True) else cell[:1]
    for at in range(1, len(cell)):
        added = cell[at - 1] in ";\t\r\n" and cell[at] == "'"
        said += "" if added and is_formula(cell[at:], at_start=False) else cell[at]
    return said


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_what_is_written_raw_is_what_a_reader_reads(rows: list[tuple[str, str]]) -> None:
    sheet = CsvFormat(("a", "b"), guard=False)
    text = sheet.header() + sheet.lines(block(rows))
    assert read(text) == [["a", "b"], *map(list, rows)]
    assert sheet.guarded == 0


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_guards_are_all_that_a_guarded_reading_differs_by(rows: list[tuple[str, str]]) -> None:
    sheet = CsvFormat(("a", "b"))
    text = sheet.lines(block(rows))
    found = read(text)
    guarded = 0
    for cells, given_ in zip(found, rows, strict=True):
        for cell, value in zip(cells, given_, strict=True):
            guarded += cell != value
            assert unguarded(cell) == value
            visible = cell.lstrip(" \t\r\n\0\x0b\x0c\u3000\xa0\ufeff\u200b\u200c\u200d\u2060")
            assert not visible.startswith(tuple("=+-@＝＋－＠"))
            assert not cell.startswith(("\t", "\r", "\n", "\0"))
    assert guarded == sheet.guarded


@given(st.data())
def test_what_rows_share_is_written_as_in_each_of_them(data: st.DataObject) -> None:
    before, between, after = (data.draw(st.integers(least, 2)) for least in (0, 1, 0))
    runs, rows = [], []
    for length in data.draw(st.lists(st.integers(1, 3), max_size=4)):
        first, last = (data.draw(st.tuples(*[CELLS] * width)) for width in (before, after))
        some = data.draw(st.lists(st.tuples(*[CELLS] * between), min_size=length, max_size=length))
        runs.append(Run(length, first, last))
        rows += [(*first, *values, *last) for values in some]
    columns = list(zip(*(row[before : before + between] for row in rows), strict=True))
    together = Block(runs, columns)
    assert list(together.rows()) == rows
    assert together.length == len(rows)
    names = tuple("abcdef"[: before + between + after])
    sheet, alone = CsvFormat(names), CsvFormat(names)
    assert sheet.lines(together) == "".join(alone.lines(block([row])) for row in rows)
    assert sheet.guarded == alone.guarded


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\tx",
        "\rx",
        "\nx",
        "\0x",
        "  =1",
        "\u3000=1",
        "\xa0=1",
        "\ufeff=1",
        "\u200b=1",
        "\u200d\u2060 \ufeff@x",
        "\u202e=1",
        "'=1",
    ],
)
def test_a_cell_that_a_spreadsheet_would_compute_is_guarded(text: str) -> None:
    sheet = CsvFormat(("a",))
    [[cell]] = read(sheet.lines(block([(text,)])))
    assert cell == f"'{text}"
    assert sheet.guarded == 1


@pytest.mark.parametrize("text", ["", "a=1", "1-1", "'a=1", "你好", " x", "x\t", "#=1", "(=1"])
def test_other_cells_are_left_alone(text: str) -> None:
    sheet = CsvFormat(("a", "b"))
    assert read(sheet.lines(block([(text, "b")]))) == [[text, "b"]]
    assert sheet.guarded == 0


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("hi;=1+1", "hi;'=1+1"),
        ("hi\t=1+1", "hi\t'=1+1"),
        ("hi\r\n=1+1\r\nbye", "hi\r\n'=1+1\r\nbye"),
        ("hi\r =1+1", "hi\r' =1+1"),
        ('hi;"=1+1"', 'hi;\'"=1+1"'),
        ("hi;\0\u200b@SUM(1;2)", "hi;'\0\u200b@SUM(1;2)"),
        ("a\n-cmd|' /C calc'!A0", "a\n'-cmd|' /C calc'!A0"),
        ("a;+SUM(1);＝2", "a;'+SUM(1);'＝2"),
        ("hi;'=1+1", "hi;''=1+1"),
        ("a list\n- milk\n+ bread\n--\nand so on ;-)", None),
        ("a; b=1\nc@d.example\te", None),
    ],
)
def test_a_part_of_a_cell_that_would_be_computed_is_guarded(text: str, guarded: str | None) -> None:
    sheet = CsvFormat(("a", "b"))
    line = sheet.lines(block([(text, "b")]))
    assert read(line) == [[guarded or text, "b"]]
    assert sheet.line((text, "b")) == line
    assert sheet.guarded == 2 * (guarded is not None)
    assert unguarded(read(line)[0][0]) == text
    assert CsvFormat(("a", "b"), guard=False).cells((text, "b")) == (text, "b")


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5), st.sampled_from(";\t"))
def test_no_formula_comes_of_another_separator(rows: list[tuple[str, str]], separator: str) -> None:
    text = CsvFormat(("a", "b")).lines(block(("x", *cells) for cells in rows))
    for cells in read(text, separator):
        for cell in cells:
            visible = cell.lstrip(" \r\n\0\x0b\x0c\u3000\xa0\ufeff\u200b\u200c\u200d\u2060\u202e")
            assert not visible.startswith(tuple("=@＝＠"))
            assert not (visible.startswith(("+", "-")) and "(" in visible)


def test_values_have_one_form() -> None:
    row = {"a": True, "b": False, "c": None, "d": ["x", "y; z"], "e": [], "f": 7, "g": 0.25}
    sheet = CsvFormat(tuple(row))
    assert sheet.header() == "a,b,c,d,e,f,g\r\n"
    assert sheet.lines(block([tuple(row.values())])) == '1,0,,"x; y; z",,7,0.25\r\n'
    mixed = [(1, "x", None), (True, None, 0.5), (-1, ["y"], 0), (0, 2, False)]
    assert sheet.lines(block((*row, "", "", "", "") for row in mixed)) == (
        "1,x,,,,,\r\n1,,0.5,,,,\r\n'-1,y,0,,,,\r\n0,2,0,,,,\r\n"
    )
    assert sheet.lines(block([('say "hi", ok\r\n', *[None] * 6)])) == (
        '"say ""hi"", ok\r\n",,,,,,\r\n'
    )


@dataclass
class Text:
    pk: int
    content: str


@given(st.lists(st.sampled_from((0, 10, CHARACTERS // 3, CHARACTERS)), max_size=60), st.data())
def test_batches_have_every_row_once_in_order_and_shrink_where_rows_are_long(
    lengths: list[int], data: st.DataObject
) -> None:
    long = "x" * CHARACTERS
    gone = data.draw(st.sets(st.integers(0, 60)))
    asked: list[tuple[int, int]] = []

    def rows(keys: Sequence[int], before: int) -> list[Text]:
        assert keys[0] == before
        asked.append((before, len(keys)))
        return [Text(pk, long[: lengths[pk]]) for pk in keys if pk not in gone]

    found = [[row.pk for row in batch] for batch in batches(range(len(lengths)), rows)]
    assert [pk for batch in found for pk in batch] == [
        pk for pk in range(len(lengths)) if pk not in gone
    ]
    for (start, size), (_, following) in itertools.pairwise(asked):
        longest = max(
            (lengths[pk] for pk in range(start, start + size) if pk not in gone), default=0
        )
        assert following <= max(1, CHARACTERS // (longest + 1))
        assert following <= MOST


# Files


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "exports"
    made.mkdir()
    return made


def test_a_file_is_private_and_has_the_text_as_it_is(folder: Path) -> None:
    before = os.umask(0)
    try:
        with writing(folder / "a.csv") as write:
            write("é,好\r\n")
    finally:
        os.umask(before)
    assert (folder / "a.csv").read_bytes() == "é,好\r\n".encode()
    assert mode(folder / "a.csv") == 0o600
    assert names(folder) == ["a.csv"]


def test_an_existing_file_is_replaced_when_all_is_written(folder: Path) -> None:
    path = folder / "a.csv"
    path.write_text("old")
    path.chmod(0o644)
    with writing(str(path)) as write:
        write("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert mode(path) == 0o600


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    folder: Path, error: type[BaseException]
) -> None:
    path = folder / "a.csv"
    path.write_text("old")

    def fail() -> None:
        with writing(path) as write:
            write("new" * 1_000_000)
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "old"
    assert names(folder) == ["a.csv"]


def test_a_link_is_replaced_not_followed(folder: Path) -> None:
    (folder / "other").write_text("mine")
    (folder / "a.csv").symlink_to(folder / "other")
    with writing(folder / "a.csv") as write:
        write("new")
    assert (folder / "other").read_text() == "mine"
    assert not (folder / "a.csv").is_symlink()


@pytest.mark.parametrize("name", ["", "missing/a.csv", "file/a.csv"])
def test_what_cannot_be_written_names_the_path(folder: Path, name: str) -> None:
    (folder / "file").write_text("")
    path = folder / name
    with pytest.raises(OSError, match=r".") as caught, writing(path):
        pass
    assert caught.value.filename == str(path)
    assert names(folder) == ["file"]


def test_a_name_of_255_bytes_can_be_written(folder: Path) -> None:
    path = folder / ("a" * 255)
    with writing(path) as write:
        write("x")
    assert path.read_text() == "x"


def test_a_pipe_is_written_to(folder: Path) -> None:
    path = folder / "pipe"
    os.mkfifo(path)
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(path.read_text()))
    reader.start()
    with writing(path) as write:
        write("through")
    reader.join(10)
    assert found == ["through"]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_standard_output_gets_the_bytes_as_they_are(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    with writing("-") as write:
        write("\ufeffa,\x1b[2J好\r\n")
    assert capfdbinary.readouterr().out == "\ufeffa,\x1b[2J好\r\n".encode()


def test_what_is_written_to_standard_output_first_is_there_while_more_is_looked_for(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    with writing("-") as write:
        write("seq,content\r\n")
        assert capfdbinary.readouterr().out == b"seq,content\r\n"


def test_a_terminal_gets_no_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    with writing("-") as write:
        write('"a\x1b]52;c;eA==\x07",b\r\n')
    assert "\x1b" not in terminal.getvalue()
    assert "\x07" not in terminal.getvalue()
    assert terminal.getvalue().endswith(",b\n")


# Names


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("acme", SubjectRef("user", "ann"), "0610"), "acme-ann-0610.csv"),
        (("acme", SubjectRef("agent", "bot")), "acme-bot.csv"),
        (("acme",), "acme-memories.csv"),
        (
            ("acme", SubjectRef("user", "../../etc/passwd"), "c:\\x"),
            "acme-.._.._etc_passwd-c__x.csv",
        ),
        (("-rf", SubjectRef("user", "用户"), "今天"), "rf-用户-今天.csv"),
    ],
)
def test_names_tell_what_is_inside(parts: tuple[str, SubjectRef, str], name: str) -> None:
    assert suggest_name(*parts) == name


@given(
    st.text(max_size=110),
    st.text(min_size=1, max_size=110),
    st.none() | st.text(max_size=110),
    st.sampled_from(("csv", "jsonl")),
)
def test_any_id_makes_a_name_that_every_system_takes(
    project: str, user: str, conversation: str | None, ending: str
) -> None:
    name = suggest_name(project, SubjectRef("user", user), conversation, ending)
    assert name.endswith(f".{ending}")
    beside = f"{name.removesuffix(f'.{ending}')}-{MOST_NUMBERED}.{ending}{MANIFEST}"
    assert 1 <= len(name.encode()) <= len(beside.encode()) <= 255
    assert not set(name) & set('/\\:*?"<>|\0\n\r\t\x1b\u202e')
    assert not name.startswith((".", "-", " "))
    assert Path(name).name == name
    stem = name.split(".")[0].upper()
    assert stem not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1"}


@pytest.mark.parametrize("user", ["用" * 90, "🎉" * 100, "x" * 300, "ann"], ids=ascii)
@pytest.mark.parametrize("project", ["acme", "项目" * 60])
def test_a_long_id_takes_no_other_part_off_a_name(project: str, user: str) -> None:
    ref, end = SubjectRef("user", user), "before-deletion-20250917T075805Z"
    names = [
        suggest_name(project, ref, format="jsonl", end=end),
        suggest_name(project, ref, "票" * 40, "zip", end="data-20250917T075805Z"),
        suggest_name(project, ref, "messages"),
        suggest_name(project, ref, "今天" * 60),
    ]
    assert names[0].endswith(f"-{end}.jsonl")
    assert names[1].endswith("票-data-20250917T075805Z.zip")
    assert names[2].endswith("-messages.csv")
    assert names[3].endswith(("今.csv", "天.csv"))
    for name in names:
        assert name.startswith(project[:10])
        assert f"-{user[:10]}" in name
        shown = without_id(f"/home/{name}", ref)
        assert "-…-" in shown
        assert user[:2] not in shown.replace(project, "")


RESERVED = ("CON", "con.txt", "NUL ", "AUX", "PRN.", "COM1", "LPT9", "COM¹")
ELSEWHERE = (
    "../../etc/passwd",
    "..",
    "/",
    "~root",
    "\\\\server\\share",
    "c:\\x",
    "file:///etc/passwd",
)
LONG = ("x" * 300, "用" * 100, "🎉" * 100, "a" * 250 + ". .")
ODD = ("-rf", "--help", ".hidden", "a. .", " a ", "line\nbreak", "$(id)", "%2e%2e%2f")


@pytest.mark.parametrize("project", ["", "acme", ".."])
@pytest.mark.parametrize(
    "name",
    [*RESERVED, *ELSEWHERE, *LONG, *ODD, *HOSTILE.values()],
    ids=lambda text: ascii(text)[:30],
)
def test_an_id_as_a_file_name_stays_in_its_folder_and_is_seen(
    tmp_path: Path, project: str, name: str
) -> None:
    found = suggest_name(project, SubjectRef("user", name), name[:100])
    written = tmp_path / found
    written.write_text("")
    assert [path.name for path in tmp_path.iterdir()] == [found]
    assert unsafe(found) == []
    assert not found.startswith((".", "-", "~", " "))
    stem = found.removesuffix(".csv")
    assert stem == stem.rstrip(". ")
    first = stem.split(".")[0].upper()
    assert first not in {f"{name}{n}" for name in ("COM", "LPT") for n in "123456789¹²³"}
    assert first not in {"CON", "NUL", "AUX", "PRN"}


def test_names_that_systems_reserve_and_halves_of_characters_are_changed() -> None:
    assert suggest_name("a\ud800", SubjectRef("user", "CON")) == "a_-CON.csv"
    assert suggest_name("", SubjectRef("user", "CON")) == "CON_.csv"


def test_no_name_holds_an_api_key() -> None:
    key = "mpg-0123456789abcdefghijklmnop"
    of_here = ApiKey("canary/0123456789")
    assert suggest_name("p", SubjectRef("user", key), f"{key}-message-1") == "p-API-key-API-key.csv"
    named = suggest_name("p", None, f"a {of_here.reveal()}" + "x" * 300)
    assert named == "p-API-key.csv"
