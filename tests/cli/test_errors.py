"""What goes wrong is told in a line; a traceback only on request, a key never."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.keys import without_keys
from memos_admin.cli import users
from memos_admin.cli.errors import words_of
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import ROOT, Cli, asked

PERIODS = ("changes", "timeline", "memories list", "journal list", "evidence silent", "overview")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that has a mistake, and whose error holds a key."""

    def mistake(*_: object) -> int:
        raise TypeError("no such thing as mpg-secret-key")

    monkeypatch.setattr(users, "list_users", mistake)


@pytest.mark.usefixtures("broken")
def test_a_mistake_of_ours_says_how_to_report_it(cli: Cli) -> None:
    ended = cli("users", "list")
    assert ended.code == 1
    assert "unexpected error" in ended.err
    assert "report" in ended.err
    assert "Traceback" not in ended.err
    assert "mpg-secret-key" not in ended.err


@pytest.mark.usefixtures("broken")
def test_verbose_shows_where_without_the_key(cli: Cli) -> None:
    ended = cli("--verbose", "users", "list")
    assert "Traceback" in ended.err
    assert "mpg-secret-key" not in ended.err


def test_verbose_shows_no_traceback_of_what_is_expected(
    cli: Cli, connected: EmulatorThread
) -> None:
    ended = cli("--verbose", "users", "show", "nobody")
    assert ended.code == 1
    assert "Traceback" not in ended.err
    asked(connected, "/_emulator/faults", {"faults": ["expired-key"]})
    try:
        ended = cli("--verbose", "sync", "--user", "ann")
    finally:
        asked(connected, "/_emulator/faults", {"faults": []})
    assert ended.code == 3
    assert "Traceback" not in ended.err


def test_keys_of_any_kind_are_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOS_API_KEY", "another kind of key")
    assert without_keys("with another kind of key and mpg-ab_C-1.") == (
        "with [API key] and [API key]."
    )


def test_interrupting_a_list_is_130(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(users, "list_users", interrupted)
    ended = cli("users", "list")
    assert (ended.code, ended.err) == (130, "memos-admin: interrupted.\n")


def test_a_faulty_configuration_names_file_and_line(
    synced: EmulatorThread, cli: Cli, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(isolated))
    monkeypatch.delenv("MEMOS_API_KEY")
    isolated.mkdir(mode=0o700)
    (isolated / "config.toml").write_text('use = "x"\nuse = "y"\n')
    ended = cli("users", "list")
    assert ended.code == 1
    assert "config.toml, line 2" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["memories", "list", "--json", "--limit", "0"],
        ["memories", "list", "--limit", "0"],
        ["export", "memories"],
        ["export", "memories", "--format", "jsonl"],
        ["--help"],
    ],
    ids=" ".join,
)
def test_a_reader_that_has_enough_is_no_error(synced: EmulatorThread, arguments: list[str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "memos_admin", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        told = running.stderr.read()
        assert running.wait(60) == 0
    assert b"Traceback" not in told
    assert b"Broken" not in told


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_and_a_used_up_quota_say_what_to_do(number: int) -> None:
    told = words_of(OSError(number, os.strerror(number), "/there/x.csv"))
    assert told.startswith(f"/there/x.csv: {os.strerror(number)}. Free some space")
    assert "quota" in told


def test_all_faults_of_the_configuration_are_told(isolated: Path, cli: Cli) -> None:
    home = Home(isolated)
    home.create()
    home.config_path.write_text(
        "[privacy]\nmask = 1\n[retention]\nversions = 1\n[journal]\non = 1\n"
    )
    ended = cli("users", "list")
    assert (ended.code, ended.out) == (1, "")
    told = ended.err.splitlines()
    assert [line.partition("line ")[2].split(":")[0] for line in told] == ["2", "4", "6"]


@pytest.mark.parametrize(
    ("command", "since", "until"),
    [
        *((words, "--since", "--until") for words in PERIODS),
        ("verdicts list", "--given-since", "--given-until"),
    ],
)
def test_a_period_that_holds_nothing_is_wrong_usage(
    cli: Cli, command: str, since: str, until: str
) -> None:
    ended = cli(*command.split(), since, "1d", until, "3d")
    assert ended.code == 2
    assert f"{until} is not behind {since}: there is nothing between them" in ended.err
    assert f"usage: memos-admin {command}" in ended.err
    long_ago = cli(*command.split(), since, "9999999d")
    assert long_ago.code == 2
    assert "or how long ago: 30m, 24h, 7d, 2w" in long_ago.err


def test_commands_speak_english_whatever_the_locale_says(
    connected: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What programs read stays the same: the interface alone speaks Chinese (docs/configuration.md)."""
    for name in ("LC_ALL", "LANG", "LANGUAGE"):
        monkeypatch.setenv(name, "zh_CN.UTF-8")
    for command in (("users", "list"), ("evidence", "check")):
        ended = cli(*command)
        assert ended.err + ended.out
        assert not re.search("[\u4e00-\u9fff]", ended.out + ended.err)
    assert (
        "There is no user 'nobody' on this project's roster." in cli("users", "show", "nobody").err
    )
