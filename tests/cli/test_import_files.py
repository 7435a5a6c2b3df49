"""``users import`` of files that are no lists of ids: told in time, in little memory, nothing lost."""

from __future__ import annotations

import gzip
import io
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from tests.cli.conftest import ROOT, SECONDS, Cli, terminal
from tests.effort import LONG

WORDS = "用户_1\nzoë\nu3\n"
MEMORY = 700 << 20
"""Bytes of addresses that the program may use: some 400 MiB it takes to load, and threads' stacks."""
ENDLESS = {
    "ids": b"u%d\n" % 7,
    "blank lines": b"\n",
    "one line": b"x" * 100,
    "one field": b'user_id,x\n"' + b"a\n" * 50,
    "rows": b"user_id,x\n" + b"u,1\n" * 50,
}


@pytest.fixture
def offline(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A project with a user, whose service cannot be reached."""
    monkeypatch.setenv("MEMOS_API_KEY", "mpg-offline")
    monkeypatch.setenv("MEMOS_BASE_URL", "http://127.0.0.1:9/api/openmem/v1")
    assert cli("users", "add", "kept").code == 0
    return cli


def ids(cli: Cli) -> list[str]:
    return sorted(row["user_id"] for row in cli("users", "list", "--json", "--limit", "0").json)


def a_zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ids.csv", "0" * 10_000_000)
    return file.getvalue()


def a_workbook() -> bytes:
    file = io.BytesIO()
    with Workbook(file) as book:
        book.add_worksheet().write_column(0, 0, ["user_id", "u1"])
    return file.getvalue()


FILES = {
    "UTF-16": (WORDS.encode("utf-16"), "Save it as UTF-8"),
    "UTF-16 without a mark": ("u1\n".encode("utf-16-le"), "Save it as UTF-8"),
    "UTF-32": (WORDS.encode("utf-32"), "Save it as UTF-8"),
    "Latin-1": ("zoë\n".encode("latin-1"), "Save it as UTF-8"),
    "GBK": ("用户一\n用户\n".encode("gbk"), "Save it as UTF-8"),
    "Big5 late": (b"u1\n" * 50_000 + "用戶".encode("big5"), "Save it as UTF-8"),
    "gzip": (gzip.compress(b"u1\n" * 1000), "Unpack it"),
    "a zip bomb": (a_zip_bomb(), "Unpack it"),
    "a workbook": (a_workbook(), "save its sheet as CSV"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "Save its sheet as CSV"),
    "junk": (random.Random(1).randbytes(100_000), "Save it as UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(100), "Save it as UTF-8"),
    "controls": (bytes(range(1, 9)) + b"\n" + bytes(range(14, 32)), "control characters"),
    "JSON": (
        b'[{"user_id": "u1"},\n{"user_id": "' + b"x" * 100 + b'"}]',
        'Line 1: [{"user_id": "u1"}, is JSON or in quotes. Give the ids alone',
    ),
    "JSON over lines": (b'u1\n[\n  "u2",\n  "u3"\n]\n', "4 lines cannot be taken. Line 2: ["),
    "JSON of one name": (b'[\n{\n"user_id": "u1"\n}]\n', 'Line 3: "user_id": "u1" is JSON'),
    "a list of JSON": (b'["u1", "u2"]', 'Line 1: ["u1", "u2"] is JSON'),
    "numbers of JSON": (b"u1\nu2\n[3, [4]]", "Line 3: [3, [4]] is JSON"),
    "lines of JSON": (b'{"user_id": "u1"}\n{"user_id": "u2"}\n', 'Line 2: {"user_id": "u2"} is'),
    "quoted lines": (b'u0\n"u1"\n', 'Line 2: "u1" is JSON or in quotes'),
    "JSON in a table": (
        b'user_id,x\nu1,1\n"[""u2"", ""u3""]",2\n',
        'Line 3: ["u2", "u3"] is JSON or in quotes',
    ),
    "an object in a table": (b'user_id,x\n"{""id"": 7}",\n', 'Line 2: {"id": 7} is JSON'),
    "JSON without an end": (b'u1\n["' + b"[" * 50_000, 'Line 2: ["[['),
    "nothing": (b"", "holds no id"),
    "a mark alone": (b"\xef\xbb\xbf\n", "holds no id"),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_list_is_told_with_what_to_do(offline: Cli, tmp_path: Path, name: str) -> None:
    data, advice = FILES[name]
    path = tmp_path / "given"
    path.write_bytes(data)
    ended = offline("users", "import", str(path))
    assert ended.code == 2
    assert str(path) in ended.err
    assert advice in ended.err
    assert ids(offline) == ["kept"]


@pytest.mark.parametrize("name", FILES)
def test_standard_input_is_told_of_in_the_same_words(
    offline: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    data, advice = FILES[name]
    given = io.TextIOWrapper(io.BufferedReader(io.BytesIO(data)), errors="surrogateescape")
    monkeypatch.setattr("sys.stdin", given)
    ended = offline("users", "import", "-")
    assert ended.code == 2
    assert "Standard input" in ended.err
    assert advice in ended.err
    assert ids(offline) == ["kept"]


def test_a_closed_standard_input_is_told(offline: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    ended = offline("users", "import", "-")
    assert (ended.code, "It is closed." in ended.err) == (2, True)


def test_a_folder_and_what_is_not_there_are_told(offline: Cli, tmp_path: Path) -> None:
    ended = offline("users", "import", str(tmp_path))
    assert (ended.code, "It is a folder. Name a file in it." in ended.err) == (2, True)
    ended = offline("users", "import", str(tmp_path / "none"))
    assert (ended.code, "No such file" in ended.err) == (1, True)
    assert ids(offline) == ["kept"]


def test_a_pipe_with_a_name_is_read_as_a_file(offline: Cli, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(WORDS,), daemon=True)
    writer.start()
    assert offline("users", "import", str(pipe)).code == 0
    assert ids(offline) == ["kept", "u3", "zoë", "用户_1"]


def test_ids_that_only_begin_as_json_does_are_ids(offline: Cli, tmp_path: Path) -> None:
    path = tmp_path / "ids"
    path.write_text("[bot] 1\n{x}\n'u'\n\"u\n")
    assert offline("users", "import", str(path)).code == 0
    assert ids(offline) == sorted(["kept", "[bot] 1", "{x}", "'u'", '"u'])


def test_a_pipe_that_nobody_writes_is_told_of_and_can_be_left(offline: Cli, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(
        [sys.executable, "-m", "memos_admin", "users", "import", str(pipe)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=ROOT,
    ) as waiting:
        assert waiting.stderr is not None
        told = waiting.stderr.readline()
        waiting.send_signal(signal.SIGINT)
        rest = waiting.stderr.read()
        code = waiting.wait(SECONDS)
    assert told == f"Waiting for ids, one a line, from {pipe} … (Ctrl+C gives up)\n"
    assert (code, "Traceback" in rest) == (130, False)
    assert ids(offline) == ["kept"]


def test_who_is_to_type_ids_is_told_how(offline: Cli) -> None:
    seen = terminal(["users", "import", "-"], replies=[("Ctrl+C gives up.", "u7\nagent:u8\n\4")])
    assert "Type ids, one a line, then Ctrl+D on a line of its own; Ctrl+C gives up." in seen.text
    assert seen.code == 0
    assert ids(offline) == ["kept", "u7", "u8"]


def test_what_another_program_gives_in_time_is_not_waited_for_aloud(
    offline: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "ids"
    path.write_text(WORDS)
    assert "Waiting" not in offline("users", "import", str(path)).err


FEWER_LINES = """
import sys
from memos_admin.backend.ids import from_file
from memos_admin.__main__ import main
from_file._MOST_LINES = 50_000
sys.exit(main())
"""
"""The program, to which a file ends sooner: what a million lines show takes seconds."""


def bounded(
    stdin: int | None, *arguments: str, fewer: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run the program with little memory; `fewer`: not as many lines are read as usual."""
    program = ["-c", FEWER_LINES] if fewer else ["-m", "memos_admin"]
    return subprocess.run(
        [sys.executable, *program, *arguments],
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=3 * SECONDS,
        check=False,
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )


@pytest.mark.parametrize("name", ENDLESS)
def test_a_file_without_an_end_is_refused_in_bounded_memory(
    offline: Cli, tmp_path: Path, name: str
) -> None:
    """As many lines as are read of a list of ids; in the long form of every kind of file."""
    part = ENDLESS[name] * (1 + 65_536 // len(ENDLESS[name]))
    ours, theirs = os.pipe()
    refused = threading.Event()

    def write() -> None:
        with open(theirs, "wb", buffering=0) as file:  # noqa: PTH123 - a descriptor
            try:
                while not refused.is_set():
                    file.write(part)
            except BrokenPipeError:
                pass

    writer = threading.Thread(target=write)
    writer.start()
    try:
        ended = bounded(ours, "users", "import", "-", fewer=not LONG and name != "ids")
    finally:
        refused.set()
        os.close(ours)
        writer.join()
    assert ended.returncode == 2, ended.stderr
    assert "Nothing was added." in ended.stderr
    assert ids(offline) == ["kept"]


def test_a_device_without_an_end_is_refused(offline: Cli) -> None:
    ended = bounded(None, "users", "import", "/dev/zero")
    assert (ended.returncode, "Nothing was added." in ended.stderr) == (2, True)


def test_a_hundred_megabytes_without_a_line_end_are_refused(offline: Cli, tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.write(b"x" * 2_000_000)
        file.truncate(100_000_000)
    ended = bounded(None, "users", "import", str(path))
    assert (ended.returncode, "Line 1: it is longer" in ended.stderr) == (2, True)
    assert ids(offline) == ["kept"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no such file")
def test_a_web_page_is_no_list_and_what_cannot_be_read_is_named(
    offline: Cli, tmp_path: Path
) -> None:
    page = tmp_path / "page"
    page.write_text("<html><body>Login</body></html>")
    ended = offline("users", "import", str(page))
    assert (ended.code, "It is a web page." in ended.err) == (2, True)
    assert "/proc/self/mem: " in offline("users", "import", "/proc/self/mem").err
