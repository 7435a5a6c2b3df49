"""Every exit code of the public interface, and that the address is checked before anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from memos_admin.cli.exits import Exit, strongest
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli, asked, connect

USAGE = [
    ["nonsense"],
    ["users"],
    ["users", "add"],
    ["users", "add", ""],
    ["users", "add", "x" * 101],
    ["users", "list", "--limit", "-1"],
    ["users", "list", "--limit", "many"],
    ["memories", "list", "--limit", "9223372036854775808"],
    ["users", "list", "--nonsense"],
    ["users", "import", "empty.csv"],
    ["users", "remove", "memos_user_123"],
    ["conversations", "list"],
    ["conversations", "list", "--user", "a", "--agent", "b"],
    ["messages", "list", "--user", "memos_user_123"],
    ["memories", "list", "--view", "nonsense"],
    ["memories", "list", "--since", "yesterday"],
    ["memories", "list", "--since", "0001-01-01T00:00:00+14:00"],
    ["memories", "list", "--until", "9999-12-31T23:59:59-08:00"],
    ["memories", "list", "--since", "999999w"],
    ["memories", "list", "--vanished", "perhaps"],
    ["search"],
    ["search", ""],
    ["search", "  "],
    ["search", "trip", "--remote"],
    ["search", "trip", "--in", "nowhere"],
    ["sync", "--rate", "0"],
    ["sync", "--rate", "-1"],
    ["sync", "--rate", "nan"],
    ["sync", "--rate", "inf"],
    ["sync", "--rate", "fast"],
    ["sync", "--rate", "51"],
    ["sync", "--conversation", "0610"],
    ["export", "conversation", "--user", "memos_user_123"],
    ["export", "memories", "--format", "pdf"],
    ["projects", "add", "-bad"],
    ["projects", "add", "x", "--region", "mars"],
    ["projects", "use", "nobody"],
    ["projects", "remove", "nobody"],
    ["--project", "nobody", "users", "list"],
    ["emulator", "--port", "-1"],
    ["emulator", "--fault", "nonsense"],
    ["store"],
]
NOBODY = [
    ["users", "show", "nobody"],
    ["users", "remove", "nobody", "--yes"],
    ["conversations", "list", "--user", "nobody"],
    ["conversations", "remove", "--user", "nobody", "0610", "--yes"],
    ["messages", "list", "--user", "nobody", "--conversation", "0610"],
    ["memories", "list", "--user", "nobody"],
    ["search", "trip", "--user", "nobody"],
    ["export", "user", "nobody"],
    ["export", "conversation", "--user", "nobody", "--conversation", "0610"],
    ["export", "memories", "--user", "nobody"],
    ["messages", "history", "--user", "nobody", "--conversation", "0610"],
    *(
        ["evidence", verb, "--user", "nobody"]
        for verb in ("summary", "links", "silent", "missing", "check", "uncompared")
    ),
    ["hygiene", "scan", "--user", "nobody"],
    ["verdicts", "list", "--user", "nobody"],
]
REFUSED = [
    ["messages", "list", "--user", "memos_user_123", "--conversation", "nothing"],
    ["memories", "history", "nothing"],
    ["users", "import", "no-such-file.csv"],
]
NEEDS_A_PROJECT = [
    ["users", "list"],
    ["users", "add", "x"],
    ["sync"],
    ["memories", "list"],
    ["search", "x"],
    ["store", "check"],
    ["projects", "test"],
    ["doctor"],
]
BAD_ADDRESSES = [
    "http://memos.memtensor.cn/api/openmem/v1",
    "ftp://127.0.0.1/",
    "https://user:secret@memos.memtensor.cn/",
    "nonsense",
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_wrong_usage_is_2(
    synced: EmulatorThread,
    cli: Cli,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "empty.csv").touch()
    monkeypatch.chdir(tmp_path)
    ended = cli(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("memos-admin: ")


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "50.1"])
def test_a_rate_that_cannot_be_names_the_range(cli: Cli, rate: str) -> None:
    ended = cli("sync", "--rate", rate)
    assert ended.code == 2
    assert "more than 0 and at most 50" in ended.err


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_what_is_not_there_is_1(synced: EmulatorThread, cli: Cli, arguments: list[str]) -> None:
    ended = cli(*arguments)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("memos-admin: ")


@pytest.mark.parametrize("arguments", NOBODY, ids=" ".join)
def test_who_is_not_on_the_roster_is_1_in_the_same_words(
    synced: EmulatorThread, cli: Cli, arguments: list[str]
) -> None:
    ended = cli(*arguments)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "memos-admin: There is no user 'nobody' on this project's roster. "
        "See who is there (memos-admin users list), or add it: memos-admin users add nobody\n"
    )


@pytest.mark.parametrize("kind", ["user", "agent"])
def test_who_is_named_as_masks_do_is_told_that_commands_take_ids(
    synced: EmulatorThread, cli: Cli, kind: str
) -> None:
    name = f"{kind}-7fk3m2q"
    ended = cli("memories", "list", f"--filter={kind}:{name}")
    assert (ended.code, ended.out) == (1, "")
    assert (
        f"There is no {kind} '{name}' on this project's roster. If it is another name" in ended.err
    )
    assert "commands take ids, which memos-admin --no-mask users list shows" in ended.err


@pytest.mark.parametrize("arguments", NEEDS_A_PROJECT, ids=" ".join)
def test_no_project_is_3(cli: Cli, arguments: list[str]) -> None:
    assert cli(*arguments).code == 3


@pytest.mark.parametrize("url", BAD_ADDRESSES)
@pytest.mark.parametrize(
    "arguments", [["users", "list"], ["sync"], ["projects", "test"], ["doctor"]], ids=" ".join
)
def test_a_bad_address_is_2_even_without_a_key(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, url: str, arguments: list[str], isolated: Path
) -> None:
    monkeypatch.setenv("MEMOS_BASE_URL", url)
    ended = cli(*arguments)
    assert ended.code == 2
    assert "secret" not in ended.err + ended.out
    assert not isolated.exists()


@pytest.mark.parametrize("url", ["", *BAD_ADDRESSES])
def test_a_bad_base_url_is_told_before_the_key_is_asked_for(cli: Cli, url: str) -> None:
    ended = cli("projects", "add", "x", "--base-url", url)
    assert ended.code == 2
    assert "base URL" in ended.err


def test_a_refused_key_is_3(
    connected: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_API_KEY", "mpg-not-the-key-of-this-project")
    assert cli("users", "add", "memos_user_123").code == 0
    ended = cli("sync", "--json")
    assert ended.code == 3
    assert ended.json["complete"] is False
    assert "mpg-not" not in ended.err + ended.out
    assert cli("projects", "test").code == 3
    assert cli("doctor").code == 3


def test_a_service_that_does_not_answer_is_1(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmulatorThread() as gone:
        connect(monkeypatch, gone)
    assert cli("projects", "test").code == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("code:code=40000,route=/get/memory,times=1", 4),
        ("code:code=40000,route=/get/memory", 1),
        ("expired-key:after=3", 3),
        ("code:code=40304,after=3", 4),
        ("code:code=40304", 1),
    ],
)
def test_a_sync_that_fails_in_part(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, fault: str, code: int
) -> None:
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        cli("users", "add", *asked(running, "/_emulator/users"))
        asked(running, "/_emulator/faults", {"faults": [fault]})
        ended = cli("sync", "--json", "--rate", "50")
    assert ended.code == code
    assert ended.json["complete"] is False
    assert ended.json["failed"]
    assert set(ended.json["failed"][0]) == {"kind", "user_id", "part", "conversation_id", "error"}


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 1], 1),
        ([1, 4], 4),
        ([4, 3, 1], 3),
        ([3, 130], 130),
    ],
)
def test_the_strongest_code_stands_for_all(codes: list[int], code: int) -> None:
    assert strongest(map(Exit, codes)) == code
