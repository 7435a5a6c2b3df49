"""Exports from the command line equal what the service holds; what is missing is told."""

from __future__ import annotations

import csv
import io
import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from memos_admin.emulator.generate import generated_data
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli, asked, connect, process, terminal

USER = ("--user", "memos_user_123")
MESSAGES = (
    "project,subject_kind,user_id,conversation_id,seq,role,role_id,role_name,content,"
    "tool_calls,created_at,updated_at,gap_before,seam_before,derived_memory_ids,fetched_at,served_at"
)
MEMORIES = (
    "project,subject_kind,user_id,memory_id,view,title,content,tags,status,confidence,"
    "conversation_id,created_at,updated_at,first_seen,last_seen,vanished,sources,missed_at"
)


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_conversation(synced: EmulatorThread, cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "0610.csv"
    file.write_text("old")
    ended = cli("export", "conversation", *USER, "--conversation", "0610", "--output", str(file))
    assert (ended.code, ended.out) == (0, "")
    assert "Wrote 4 messages" in ended.err
    content = file.read_bytes()
    assert content.startswith(MESSAGES.encode() + b"\r\n")
    rows = rows_of(content.decode())
    assert [row["seq"] for row in rows] == ["1", "2", "3", "4"]
    assert {row["conversation_id"] for row in rows} == {"0610"}
    assert {row["gap_before"] for row in rows} == {"0"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_to_standard_output(synced: EmulatorThread) -> None:
    ended = process("export", "memories", *USER)
    assert ended.returncode == 0
    rows = rows_of(ended.stdout)
    assert ended.stdout.splitlines()[0] == MEMORIES
    assert {row["title"] for row in rows} == {"Summer Family Trip Plan", "Family Trip Requirements"}
    assert {row["tags"] for row in rows} >= {"summer vacation; family trip; plan"}


def test_excel_adds_the_mark(synced: EmulatorThread, cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    assert cli("export", "memories", *USER, "--excel", "--output", str(file)).code == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbfproject,")


def test_raw_warns(synced: EmulatorThread, cli: Cli, tmp_path: Path) -> None:
    ended = cli("export", "memories", "--raw", "--output", str(tmp_path / "m.csv"))
    assert ended.code == 0
    assert "Warning" in ended.err


def test_jsonl(synced: EmulatorThread, cli: Cli) -> None:
    ended = cli("export", "user", "memos_user_123", "--format", "jsonl")
    objects = [json.loads(line) for line in ended.out.splitlines()]
    assert [found["type"] for found in objects] == ["conversation"] + ["message"] * 4 + [
        "memory"
    ] * 2


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_a_masked_export_says_so(
    synced: EmulatorThread, cli: Cli, tmp_path: Path, form: str
) -> None:
    options = ("export", "conversation", *USER, "--conversation", "0610", "--output")
    plain, masked = (str(tmp_path / f"{name}.{form}") for name in ("plain", "masked"))
    ended = cli(*options, plain)
    assert (ended.code, "It is masked" in ended.err) == (0, False)
    ended = cli(*options, masked, "--mask")
    assert ended.code == 0
    assert "It is masked: 0 parts of what it says." in ended.err
    assert "Masked: addresses, phones" in ended.err
    assert "other names" not in ended.err


def test_masked_users_have_other_names(
    synced: EmulatorThread,
    synced_home: Path,
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = shutil.copytree(synced_home, tmp_path / "copy")
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
    ended = cli("export", "memories", "--pseudonyms")
    names = {row["user_id"] for row in rows_of(ended.out)}
    assert "memos_user_123" not in ended.out
    assert all(name.startswith(("user-", "agent-")) for name in names)
    assert "Users and agents have other names." in ended.err
    assert "It is masked: " in ended.err
    (home / "config.toml").write_text("[privacy]\npseudonyms = true\n")
    assert cli("export", "memories", "--mask").out == ended.out
    assert "memos_user_123" in cli("export", "memories").out


def test_an_agent(synced: EmulatorThread, cli: Cli) -> None:
    ended = cli("export", "memories", "--agent", "ops-agent")
    assert {row["subject_kind"] for row in rows_of(ended.out)} == {"agent"}
    assert cli("export", "user", "ops-agent", "--agent").code == 0


def test_filters(synced: EmulatorThread, cli: Cli) -> None:
    ended = cli("export", "memories", "--view", "preference", "--vanished", "no")
    assert {row["view"] for row in rows_of(ended.out)} == {"preference"}


@pytest.mark.parametrize("file", ["no/such/folder/m.csv", "."])
def test_what_cannot_be_written_is_told(
    synced: EmulatorThread, cli: Cli, tmp_path: Path, file: str
) -> None:
    ended = cli("export", "memories", "--output", str(tmp_path / file))
    assert ended.code in {1, 2}
    assert ended.err.startswith("memos-admin: ")


def test_unknown_is_1(synced: EmulatorThread, cli: Cli) -> None:
    assert cli("export", "user", "nobody").code == 1
    assert cli("export", "conversation", *USER, "--conversation", "nothing").code == 1


def test_what_is_missing_is_told(connected: EmulatorThread, cli: Cli) -> None:
    cli("sync", "--user", "memos_user_123")
    cli("conversations", "add", *USER, "0928")
    ended = cli("export", "user", "memos_user_123")
    assert "never read" in ended.err


def test_the_exports_of_all_users_equal_the_service(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmulatorThread(generated_data(6, 2, 30, 20, 5)) as running:
        connect(monkeypatch, running)
        users = asked(running, "/_emulator/users")
        cli("users", "add", *users)
        assert cli("sync", "--rate", "50").code == 0
        for user in users:
            rows = rows_of(cli("export", "user", user).out)
            by_conversation: dict[str, list[dict[str, str]]] = {}
            for row in rows:
                by_conversation.setdefault(row["conversation_id"], []).append(row)
            assert len(by_conversation) == 2
            firsts = [found[0]["created_at"] for found in by_conversation.values()]
            assert firsts == sorted(firsts)
            for conversation, found in by_conversation.items():
                body = {
                    "user_id": user,
                    "conversation_id": conversation,
                    "message_limit_number": 50,
                }
                served = asked(running, "/get/message", body)["data"]["message_detail_list"]
                assert [(row["role"], row["content"]) for row in found] == [
                    (message["role"], message["content"]) for message in served
                ]
                assert [int(row["seq"]) for row in found] == list(range(1, len(served) + 1))


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.xlsx", b"PK"), ("a.JSONL", b'{"type": "memory"'), ("a.csv", MEMORIES.encode())],
)
def test_the_name_says_the_format(
    synced: EmulatorThread, cli: Cli, tmp_path: Path, name: str, begins: bytes
) -> None:
    ended = cli("export", "memories", *USER, "--output", str(tmp_path / name))
    assert ended.code == 0
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert "as CSV" not in ended.err


def test_a_name_that_says_no_format_is_csv_and_that_is_told(
    synced: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "memories.txt"
    ended = cli("export", "memories", *USER, "--output", str(file))
    assert ended.code == 0
    assert f"to {file} as CSV, since its name says no format." in ended.err
    assert file.read_bytes().startswith(MEMORIES.encode())
    told = cli("export", "memories", *USER, "--output", str(file), "--format", "jsonl").err
    assert "as CSV" not in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export", "memories", "--format", "csv", "--output", "x.xlsx"], "contradict each other"),
        (["export", "user", "memos_user_123", "--format", "xlsx", "--output", "x.csv"], ".xlsx"),
        (["journal", "export", "--output", "x.xlsx"], "csv or jsonl"),
    ],
)
def test_a_name_that_says_another_format_is_refused(
    synced: EmulatorThread, cli: Cli, arguments: list[str], words: str
) -> None:
    ended = cli(*arguments)
    assert ended.code == 2
    assert words in ended.err
    assert not Path("x.xlsx").exists()


def test_a_workbook(synced: EmulatorThread, cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "m.xlsx"
    ended = cli("export", "memories", *USER, "--format", "xlsx", "--output", str(file))
    assert (ended.code, ended.out) == (0, "")
    (sheet,) = load_workbook(file).worksheets
    header, *rows = sheet.iter_rows(values_only=True)
    assert ",".join(header) == MEMORIES
    assert f"Wrote {len(rows)} memories to {file}." in ended.err


def test_a_workbook_through_a_pipe(synced: EmulatorThread) -> None:
    command = ("export", "conversation", *USER, "--conversation", "0610", "--format", "xlsx")
    arguments = [sys.executable, "-m", "memos_admin", *command]
    ended = subprocess.run(arguments, capture_output=True, timeout=60, check=True)
    (sheet,) = load_workbook(io.BytesIO(ended.stdout)).worksheets
    assert sheet.max_row == 5


@pytest.mark.parametrize("option", ["--excel", "--raw"])
@pytest.mark.parametrize("form", ["xlsx", "jsonl"])
def test_what_means_nothing_for_a_format_is_wrong_usage(
    synced: EmulatorThread, cli: Cli, tmp_path: Path, option: str, form: str
) -> None:
    file = tmp_path / "m"
    ended = cli("export", "memories", "--format", form, option, "--output", str(file))
    assert ended.code == 2
    assert f"--format {form}" in ended.err
    assert not file.exists()


@pytest.mark.terminal
def test_a_workbook_is_not_for_a_terminal(synced: EmulatorThread) -> None:
    seen = terminal(["export", "memories", "--format", "xlsx"])
    assert seen.code == 2
    assert "A workbook is not for a terminal" in seen.text
