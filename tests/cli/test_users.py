"""The roster: ids added, imported, shown, removed."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from memos_admin.backend import journal
from memos_admin.backend.home import Home
from memos_admin.backend.keys import without_keys
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.roster import BadId, check_id
from memos_admin.cli.output import Output
from memos_admin.cloud.key import fingerprint_of
from memos_admin.emulator.thread import EmulatorThread
from tests.backend.journals import entries
from tests.cli.conftest import Cli, terminal


def ids(cli: Cli) -> list[tuple[str, str]]:
    """Return kind and id of everybody."""
    rows = cli("users", "list", "--json", "--limit", "0").json
    return sorted((row["kind"], row["user_id"]) for row in rows)


def piped(text: str) -> io.TextIOWrapper:
    """Return a standard input that says `text`."""
    return io.TextIOWrapper(io.BufferedReader(io.BytesIO(text.encode())), encoding="utf-8")


@pytest.fixture
def offline(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A project whose service cannot be reached."""
    monkeypatch.setenv("MEMOS_API_KEY", "mpg-offline")
    monkeypatch.setenv("MEMOS_BASE_URL", "http://127.0.0.1:9/api/openmem/v1")
    return cli


def test_several_are_added_offline_with_a_note(offline: Cli) -> None:
    ended = offline("users", "add", "a", "用户", "-x")
    assert ended.code == 2  # An id that looks like an option stands behind --.
    ended = offline("users", "add", "a", "用户", "a", "--", "-x")
    assert (ended.code, ended.out) == (0, "")
    assert "Nothing was asked of MemOS" in ended.err
    assert ids(offline) == [("user", "-x"), ("user", "a"), ("user", "用户")]
    again = offline("users", "add", "a", "b")
    assert "1 known already" in again.err


def test_a_store_that_another_program_has_locked_is_waited_for_and_that_is_said(
    offline: Cli, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offline("users", "add", "a")
    monkeypatch.setattr("memos_admin.store.engine.TELL_AFTER_MS", 1)
    (store,) = isolated.glob("projects/*/store.db")
    note = Output.note
    with closing(sqlite3.connect(store, isolation_level=None, check_same_thread=False)) as other:

        def told(out: Output, text: str) -> None:
            note(out, text)
            if text.startswith("Another program"):
                other.rollback()

        monkeypatch.setattr(Output, "note", told)
        other.execute("BEGIN IMMEDIATE")
        ended = offline("users", "add", "b")
    assert ended.code == 0
    assert ended.err.startswith("Another program has the store locked; waiting for it")
    assert ids(offline) == [("user", "a"), ("user", "b")]


@pytest.mark.parametrize("key", ["mpg-offline", "mpg-0123456789abcdefghijklmnop"])
@pytest.mark.parametrize(
    "command",
    [
        ("users", "add", "u1"),
        ("users", "add", "--agent"),
        ("users", "import"),
        ("sync", "--user"),
        ("sync", "--user", "u1", "--agent"),
        ("conversations", "add", "0610", "--user"),
        ("conversations", "add", "--user", "u1"),
        ("sync", "--user", "u1", "--conversation"),
    ],
)
def test_the_api_key_is_no_id_and_stands_nowhere_then(
    offline: Cli, key: str, command: tuple[str, ...], isolated: Path, tmp_path: Path
) -> None:
    file = tmp_path / "ids"
    file.write_text(f"u1\n{key}\n")
    ended = offline(*command, str(file) if "import" in command else key)
    assert ended.code == 2
    assert "That is the API key, and no" in ended.err
    assert key not in ended.err
    assert ids(offline) == []
    written = [path.read_bytes() for path in isolated.rglob("*") if path.is_file()]
    assert not any(key.encode() in some for some in written)


def test_the_key_of_a_project_is_no_id_however_it_looks(isolated: Path) -> None:
    home, key = Home(isolated), "canary/0123456789"
    project = Projects(home).add("acme", base_url="http://127.0.0.1:9/v1")
    project = replace(project, fingerprints=(fingerprint_of(key),))
    with pytest.raises(BadId, match="That is the API key"):
        check_id(key, fingerprints=project.fingerprints)
    assert "canary" not in without_keys(f"not {key}")
    event = journal.Event("view", project, subject=SubjectRef("user", key))
    journal.of(home).settle(event)
    assert entries(home)[-1].user_id == "[API key]"


@pytest.mark.parametrize(
    "command",
    [("users", "add"), ("sync", "--user"), ("conversations", "add", "0610", "--user")],
)
def test_an_id_with_control_characters_is_refused_however_it_is_named(
    offline: Cli, command: tuple[str, ...]
) -> None:
    ended = offline(*command, "u1\x1b[31m")
    assert ended.code == 2
    assert "The id holds control characters." in ended.err
    assert ids(offline) == []


def test_an_id_with_what_nobody_sees_is_named_as_it_is_shown(offline: Cli) -> None:
    offline("users", "add", "王芳", "王\u200b芳")
    told = offline("users", "remove", "--yes", "王⟨U+200B⟩芳")
    assert told.code == 0
    assert ids(offline) == [("user", "王芳")]
    assert offline("users", "add", "王⟨U+200B⟩芳").code == 0
    assert sorted(ids(offline)) == [("user", "王\u200b芳"), ("user", "王芳")]


def test_of_several_ids_all_that_cannot_be_are_told_and_how_to_add_the_others(offline: Cli) -> None:
    ended = offline("users", "add", "--agent", "--", "u 1", "x" * 101, "u2\x07", "-u3")
    assert ended.code == 2
    assert "The id has 101 characters" in ended.err
    assert "The id holds control characters." in ended.err
    told = "Nothing was added. The others can be: memos-admin users add --agent -- 'u 1' -u3"
    assert told in " ".join(ended.err.split())
    assert ids(offline) == []
    assert offline("users", "add", "--agent", "--", "u 1", "-u3").code == 0
    assert "The others" not in offline("users", "add", "x" * 101).err
    many = [f"m{number}" for number in range(21)]
    assert "The other 21 can be." in offline("users", "add", *many, "x" * 101).err


def test_no_sentence_ends_in_an_id(offline: Cli) -> None:
    """Its full stop would look like a part of one such as ``..``."""
    added = offline("users", "add", "..")
    assert "Added to the roster: user ..\n" in added.err
    ended = offline("users", "show", ".")
    assert "There is no user '.' on this project's roster." in ended.err
    assert ended.err.endswith("or add it: memos-admin users add .\n")


def test_a_user_and_an_agent_may_share_an_id(offline: Cli) -> None:
    offline("users", "add", "both")
    offline("users", "add", "both", "--agent")
    assert ids(offline) == [("agent", "both"), ("user", "both")]
    assert offline("users", "remove", "both", "--agent", "--yes").code == 0
    assert ids(offline) == [("user", "both")]


def test_agent_before_an_id_means_an_agent_also_as_an_argument(
    offline: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = offline("users", "add", "agent:bot", "u1", "agent:")
    assert "Added to the roster: agent bot\n" in ended.err
    assert ids(offline) == [("agent", "bot"), ("user", "agent:"), ("user", "u1")]
    assert "1 known already" in offline("users", "add", "--agent", "bot").err
    assert offline("users", "show", "agent:bot", "--json").json["kind"] == "agent"
    ended = offline("users", "remove", "agent:bot", "--yes")
    assert "store forget --agent bot" in ended.err
    ended = offline("users", "show", "agent:bot")
    assert (ended.code, "no agent 'bot'" in ended.err) == (1, True)
    ended = offline("users", "show", "agent:u1")
    assert (ended.code, "it is a user. Name it as one: --user u1" in ended.err) == (1, True)
    assert "users add" not in ended.err
    monkeypatch.setattr("sys.stdin", piped("user_id,kind\nagent:bot,user\n"))
    offline("users", "import", "-")
    assert offline("users", "show", "agent:bot", "--json").json["user_id"] == "agent:bot"


@pytest.mark.parametrize(
    "text",
    [
        "u1\nu2\n\n用户\n",
        "\ufeffu1\r\nu2\r\n用户",
        'name,user_id,note\nAnna,u1,x\nBo,u2,"a,b"\nC,用户,\n',
        "user_id\nu1\nu2\nu1\n用户\n",
        "name;user_id\nAnna;u1\nBo;u2\nC;用户\n",
        '"User_ID"\t"name"\r\nu1\tAnna\r\n"u2"\tBo\r\n用户\tC\r\n',
    ],
)
def test_import_takes_lines_and_csv(
    offline: Cli, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ids.csv"
    file.write_text(text, "utf-8", newline="")
    assert offline("users", "import", str(file)).code == 0
    assert ids(offline) == [("user", "u1"), ("user", "u2"), ("user", "用户")]
    monkeypatch.setattr("sys.stdin", piped(text))
    ended = offline("users", "import", "-")
    assert ended.code == 0
    assert "3 known already" in ended.err


def test_import_refuses_what_is_no_id(offline: Cli, tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text(f"u1\n{'x' * 101}\n")
    ended = offline("users", "import", str(file))
    assert ended.code == 2
    assert "Line 2" in ended.err
    file.write_bytes(b"\xff\xfe\x00")
    assert offline("users", "import", str(file)).code == 2
    assert ids(offline) == []


def test_import_says_what_it_takes_for_a_heading(
    offline: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", piped("User ID\nu1\n"))
    assert "heading" not in offline("users", "import", "-").err
    monkeypatch.setattr("sys.stdin", piped("UserId\nu2\n"))
    ended = offline("users", "import", "-")
    assert "The first line, 'UserId', was taken for a heading." in ended.err
    assert ids(offline) == [("user", "u1"), ("user", "u2")]


def test_import_adds_nothing_of_a_table_that_names_no_ids(offline: Cli, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("name;customer\nAnna;u1\nBo;u2\n")
    ended = offline("users", "import", str(file))
    assert ended.code == 2
    assert "name, customer" in ended.err
    assert "user_id" in ended.err
    assert ids(offline) == []


def test_show(synced: EmulatorThread, cli: Cli) -> None:
    found = cli("users", "show", "memos_user_123", "--json").json
    assert found["messages"] == 4
    assert found["known_from"] == "hand"
    assert "memos_user_123" in cli("users", "show", "memos_user_123").out
    assert cli("users", "show", "ops-agent", "--agent", "--json").json["kind"] == "agent"


def test_remove_takes_everything_of_the_user(connected: EmulatorThread, cli: Cli) -> None:
    cli("sync", "--user", "memos_user_123")
    assert cli("memories", "list", "--json").json
    assert cli("users", "remove", "memos_user_123", "--yes").code == 0
    assert ids(cli) == []
    assert cli("memories", "list", "--json").json == []
    assert cli("users", "remove", "memos_user_123", "--yes").code == 1


@pytest.mark.terminal
@pytest.mark.parametrize(("typed", "left"), [("a", 0), ("b", 1)])
def test_remove_asks_for_the_id(offline: Cli, typed: str, left: int) -> None:
    offline("users", "add", "a")
    seen = terminal(["users", "remove", "a"], replies=[("Type the name", f"{typed}\n")])
    assert seen.code == (2 if left else 0)
    assert len(ids(offline)) == left


def test_conversations_added_by_hand(connected: EmulatorThread, cli: Cli) -> None:
    cli("sync", "--user", "memos_user_123")
    user = ("--user", "memos_user_123")
    assert cli("conversations", "add", *user, "0610", "0928").code == 0
    rows = {
        row["conversation_id"]: row for row in cli("conversations", "list", *user, "--json").json
    }
    assert {found: row["known_from"] for found, row in rows.items()} == {
        "0610": "memory",
        "0928": "hand",
    }
    assert rows["0928"]["fetched_at"] is None
    assert cli("conversations", "remove", *user, "0928").code == 0
    assert cli("conversations", "remove", *user, "0928").code == 1
    assert cli("conversations", "remove", *user, "0610").code == 2
    assert cli("conversations", "remove", *user, "0610", "--yes").code == 0
    assert cli("conversations", "list", *user, "--json").json == []


def test_a_memory_id_finds_its_user(connected: EmulatorThread, cli: Cli) -> None:
    memory = "0a89db3a-2061-4c97-a1b8-45700f8745bc"
    assert cli("memories", "history", memory).code == 1
    ended = cli("memories", "show", memory, "--json")
    assert ended.code == 0
    assert ended.json["title"] == "Summer Family Trip Plan"
    assert "memos_user_123" in ended.err
    assert ids(cli) == [("user", "memos_user_123")]
    assert cli("memories", "show", "00000000-0000-0000-0000-000000000000").code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["users", "remove", "memos_user_123"],
            (
                "This removes user memos_user_123 and 4 messages and 2 memories from the local store, "
                "not from MemOS. This cannot be undone: repeat it with --yes to go on."
            ),
        ),
        (
            ["conversations", "remove", "--user", "memos_user_123", "0610"],
            (
                "This removes conversation 0610 and 4 messages from the local store, not from MemOS. "
                "MemOS serves only the latest 50 messages of it again. "
                "This cannot be undone: repeat it with --yes to go on."
            ),
        ),
    ],
)
def test_what_a_removal_loses_is_said_first(
    synced: EmulatorThread, cli: Cli, arguments: list[str], said: str
) -> None:
    ended = cli(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_a_new_project_of_the_environment_is_told(offline: Cli) -> None:
    words = "This is the project of MEMOS_API_KEY (environment key "
    for command in (["users", "list"], ["users", "list"], ["projects", "list"]):
        err = offline(*command).err
        assert words in err
        assert " at 127.0.0.1:9); nothing is stored for it." in err
    assert "nothing is stored for it" in offline("doctor").out
    offline("users", "add", "u1")
    assert words not in offline("users", "list").err
    assert "MEMOS_API_KEY means environment key " in (offline("projects", "list").err)
    assert offline("store", "forget", "--user", "u1", "--yes").code == 0
    for ended in (offline("users", "list"), offline("projects", "list"), offline("doctor")):
        assert "nothing is stored for it" in ended.out + ended.err
    offline("users", "add", "u1")
    doctor = offline("doctor").out
    assert "the unnamed project of MEMOS_API_KEY" in doctor
    assert "nothing is stored" not in doctor


def test_import_tells_kinds_and_rows_without_an_id(offline: Cli, tmp_path: Path) -> None:
    file = tmp_path / "ids.csv"
    file.write_text("user_id,kind,name\nbot,agent,B\nu1,user,A\n,user,C\n")
    ended = offline("users", "import", str(file))
    assert ended.code == 0
    assert "Added to the roster: agent bot\n" in ended.err
    assert "Added to the roster: user u1\n" in ended.err
    assert "1 row without a user_id passed over." in ended.err
    assert ids(offline) == [("agent", "bot"), ("user", "u1")]
    file.write_text("u2\nagent:b2\n")
    offline("users", "import", str(file))
    assert ids(offline) == [("agent", "b2"), ("agent", "bot"), ("user", "u1"), ("user", "u2")]
    file.write_text("user_id,kind\nu3,user\nu4,robot\n")
    ended = offline("users", "import", str(file))
    assert ended.code == 2
    assert "Line 3: the kind is 'robot'" in ended.err
    assert len(ids(offline)) == 4


def test_a_bad_id_among_several_is_named_and_nothing_added(offline: Cli) -> None:
    ended = offline("users", "add", "good", "x" * 101, "fine")
    assert ended.code == 2
    assert "xxxxx…'" in ended.err
    assert "101 characters" in ended.err
    assert "Nothing was added." in ended.err
    assert ids(offline) == []
