"""What commands leave in the operator journal, and the commands that read it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.journal import Event, Journal
from memos_admin.backend.journal.verifying import verify
from memos_admin.backend.model import SubjectRef
from memos_admin.cli.main import NOUNS, noun_parser
from memos_admin.emulator.thread import EmulatorThread
from tests.backend.journals import entries, sealed, tampered, with_keyring, written
from tests.cli.conftest import Cli, process, terminal

WHOSE = ("--user", "memos_user_123")
MEMORY = "0a89db3a-2061-4c97-a1b8-45700f8745bc"


@pytest.fixture
def home(isolated: Path) -> Home:
    return Home(isolated)


@pytest.fixture
def lately(synced: EmulatorThread, synced_home: Path, cli: Cli) -> Callable[..., list[Any]]:
    """Run a command on everything of the demo; return the entries that it left, first one first."""
    journal = synced_home / "journal.db"

    def run(*arguments: str, code: int = 0) -> list[Any]:
        with closing(sqlite3.connect(journal)) as connection:
            before = connection.execute("SELECT max(seq) FROM entry").fetchone()[0]
        assert cli(*arguments).code == code
        found = cli("journal", "list", "--json", "--limit", "20").json
        return [entry for entry in reversed(found) if entry["seq"] > before]

    return run


def switched_off(home: Home) -> None:
    home.create()
    home.config_path.write_text("[journal]\nenabled = false\n")
    home.config_path.chmod(0o600)


def broken(home: Home) -> None:
    home.create()
    home.journal_path.write_bytes(b"junk" * 1000)
    home.journal_path.chmod(0o600)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("users", "list", "--limit", "2"), {"counts": {"users": 2}, "details": {"what": "users"}}),
        (
            ("users", "show", "memos_user_123"),
            {"user_id": "memos_user_123", "subject_kind": "user"},
        ),
        (
            ("conversations", "list", *WHOSE),
            {"user_id": "memos_user_123", "counts": {"conversations": 1}},
        ),
        (
            ("messages", "list", *WHOSE, "--conversation", "0610"),
            {"user_id": "memos_user_123", "conversation_id": "0610", "counts": {"messages": 4}},
        ),
        (
            ("messages", "history", *WHOSE, "--conversation", "0610"),
            {
                "user_id": "memos_user_123",
                "conversation_id": "0610",
                "details": {"what": "messages"},
            },
        ),
        (
            ("memories", "list", "--view", "preference", "--text", "tea", "--limit", "1"),
            {
                "user_id": None,
                "query": "tea",
                "details": {"what": "memories", "views": ["preference"]},
            },
        ),
        (("memories", "show", MEMORY), {"user_id": "memos_user_123", "memory_id": MEMORY}),
        (("memories", "history", MEMORY), {"memory_id": MEMORY, "details": {"what": "history"}}),
        (("memories", "sources", MEMORY), {"memory_id": MEMORY, "details": {"what": "sources"}}),
        (
            ("search", "trip", *WHOSE, "--in", "memories"),
            {
                "action": "search",
                "query": "trip",
                "user_id": "memos_user_123",
                "counts": {"hits": 2},
            },
        ),
        (
            ("search", "trip", "--limit", "1"),
            {"action": "search", "user_id": None, "counts": {"hits": 1}},
        ),
        (
            ("search", "trip", *WHOSE, "--remote"),
            {"action": "search", "query": "trip", "details": {"in": "what MemOS recalls"}},
        ),
        (
            ("memories", "edit", MEMORY, "--title", "Trip", "--dry-run"),
            {"details": {"what": "memory"}, "memory_id": MEMORY, "user_id": "memos_user_123"},
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_looking_is_journaled(
    lately: Callable[..., list[Any]], arguments: tuple[str, ...], said: dict[str, Any]
) -> None:
    (entry,) = lately("--ticket", "T-1", "--reason", "asked", *arguments)
    expected = {"action": "view", "via": "cli", "ticket": "T-1", "reason": "asked", **said}
    assert {name: entry[name] for name in expected} == expected
    assert "vacation" not in json.dumps(entry)


JOURNALED = {
    *(
        "users list",
        "users show",
        "conversations list",
        "messages list",
        "messages history",
        "search",
    ),
    *("memories list", "memories show", "memories history", "memories sources"),
    *("memories edit", "memories archive", "memories restore", "memories delete", "users delete"),
    *(
        "changes",
        "overview",
        "timeline",
        "completeness list",
        "completeness show",
        "completeness gaps",
    ),
    *(
        "evidence summary",
        "evidence links",
        "evidence silent",
        "evidence missing",
        "evidence uncompared",
        "evidence check",
        "hygiene scan",
    ),
    *("subject export", "subject erase", "recall ask", "recall check", "sql", "watch"),
    *("verdicts list", "verdicts give", "verdicts withdraw", "verdicts queue", "verdicts figures"),
    *("verdicts agreement", "verdicts export", "verdicts send"),
    *(
        "export conversation",
        "export user",
        "export messages",
        "export memories",
        "store backup",
        "store forget",
    ),
}
SHOWS_NOBODY = {"store check", "store tidy"}
"""Of the commands that read a store, those that neither show nor take anybody's data."""


def test_each_command_that_reads_is_journaled_or_known_to_show_nobody_s_data() -> None:
    reading = set()
    for noun in NOUNS:
        top = noun_parser(noun)
        for parser in (top, *top.verbs.values()):
            if parser.get_default("needs_data"):
                reading.add(" ".join(parser.words))
    assert reading == JOURNALED | SHOWS_NOBODY


@pytest.mark.parametrize(
    "arguments",
    [
        ("store", "path"),
        ("projects", "list"),
        ("journal", "list"),
        ("journal", "verify"),
        ("messages", "list", *WHOSE, "--conversation", "nobody's"),
        ("__complete", "zsh", "memos-admin", "users", "show", ""),
    ],
    ids=" ".join,
)
def test_what_shows_nobody_s_data_is_not(
    lately: Callable[..., list[Any]], arguments: tuple[str, ...]
) -> None:
    assert lately(*arguments, code=1 if "nobody's" in arguments else 0) == []


def test_an_export_is_journaled_before_and_after_and_names_the_last_hash(
    lately: Callable[..., list[Any]], cli: Cli, tmp_path: Path
) -> None:
    target = tmp_path / "out.jsonl"
    begun, done = lately(
        "export", "user", "memos_user_123", "--format", "jsonl", "--output", str(target)
    )
    assert (begun["action"], begun["result"], begun["counts"]) == ("export", "begun", {})
    assert (done["result"], done["counts"]) == ("done", {"messages": 4, "memories": 2})
    assert done["file"] == str(target)
    assert done["details"] == {"what": "user", "format": "jsonl"}
    ended = cli("export", "memories", *WHOSE)
    last = cli("journal", "list", "--json", "--limit", "1").json[0]
    assert f"Journal: entry {last['seq']}, hash {last['hash']} (only chained" in ended.err
    assert "Journal:" not in ended.out
    ended = cli("journal", "verify", "--hash", last["hash"][:12])
    assert ended.code == 0
    assert f"Entry {last['seq']} has this hash: {last['action']}, {last['at'][:10]} " in ended.err
    ended = cli("journal", "verify", "--hash", last["hash"], "--json")
    assert ended.json["noted"] == {name: last[name] for name in ("seq", "hash", "action", "at")}
    assert cli("journal", "verify", "--json").json["noted"] is None
    ended = cli("journal", "verify", "--hash", "0" * 64, "--json")
    assert (ended.code, ended.json["noted"]) == (1, None)
    assert cli("journal", "verify", "--hash", "zz").code == 2


def test_what_is_added_and_removed_is_journaled(
    connected: EmulatorThread, cli: Cli, home: Home
) -> None:
    cli("users", "add", "u1", "u2")
    cli("users", "add", "u1")
    cli("conversations", "add", "--user", "u1", "c1")
    cli("conversations", "remove", "--user", "u1", "c1")
    cli("users", "remove", "u2", "--yes")
    found = [
        (entry["action"], entry["result"], entry["user_id"], entry["conversation_id"])
        for entry in reversed(cli("journal", "list", "--json").json)
    ]
    assert found == [
        ("add", None, "u1", None),
        ("add", None, "u2", None),
        ("add", None, "u1", None),
        ("remove", "begun", "u1", "c1"),
        ("remove", "done", "u1", "c1"),
        ("remove", "begun", "u2", None),
        ("remove", "done", "u2", None),
    ]
    assert verify(home).problems == ()


def test_many_that_are_added_at_once_are_counted(
    connected: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "ids.txt").write_text("\n".join(f"u{at}" for at in range(101)))
    cli("users", "import", str(tmp_path / "ids.txt"))
    (entry,) = cli("journal", "list", "--json").json
    assert (entry["user_id"], entry["counts"]) == (None, {"users": 101})


def test_a_sync_and_a_backup_are_journaled(
    connected: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    cli("sync", *WHOSE)
    copy = tmp_path / "copy.db"
    cli("store", "backup", str(copy))
    done, begun, sync = cli("journal", "list", "--json").json
    assert (sync["action"], sync["user_id"]) == ("sync", "memos_user_123")
    assert sync["counts"]["messages"] == 4
    assert [(one["action"], one["file"]) for one in (begun, done)] == [("backup", str(copy))] * 2


def test_the_journal_outlives_its_projects(
    connected: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch, home: Home
) -> None:
    monkeypatch.setattr("sys.stdin.readline", lambda: connected.api_key, raising=False)
    cli("projects", "add", "acme", "--key-stdin", "--base-url", connected.base_url)
    cli("projects", "rename", "acme", "zebra")
    cli("projects", "remove", "zebra", "--yes")
    found = [
        (entry["action"], entry["result"], entry["project"])
        for entry in reversed(cli("journal", "list", "--json").json)
    ]
    assert found == [
        ("project.add", None, "acme"),
        ("project.key", None, "acme"),
        ("project.rename", None, "zebra"),
        ("project.remove", "begun", "zebra"),
        ("project.remove", "done", "zebra"),
    ]


def test_lists_are_narrowed(connected: EmulatorThread, cli: Cli) -> None:
    cli("users", "add", "u1")
    cli("users", "add", "--agent", "u1")
    cli("users", "show", "u1")

    def kinds(*options: str) -> list[tuple[str, str]]:
        entries = cli("journal", "list", "--json", *options).json
        return [(entry["action"], entry["subject_kind"]) for entry in entries]

    assert kinds("--user", "u1") == [("view", "user"), ("add", "user")]
    assert kinds("--agent", "u1") == [("add", "agent")]
    assert kinds("--action", "add") == [("add", "agent"), ("add", "user")]
    assert kinds("--since", "1h", "--limit", "1") == [("view", "user")]
    assert kinds("--until", "1h") == []
    cut = cli("journal", "list", "--limit", "1")
    assert "The first 1 of 3 entries" in cut.err
    assert "Only chained, not sealed" in cut.err
    assert cli("journal", "list", "--action", "nothing").code == 2


def test_who_and_why_narrow_the_list_and_are_in_it(
    connected: EmulatorThread, cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("--ticket", "T-1", "--reason", "asked by phone", "users", "add", "u1")
    home.config_path.write_text('operator = "ann"\n')
    home.config_path.chmod(0o600)
    cli("--ticket", "T-1", "users", "show", "u1")
    cli("users", "show", "u1")

    def found(*options: str) -> list[tuple[str, str | None]]:
        entries = cli("journal", "list", "--json", *options).json
        return [(entry["action"], entry["ticket"]) for entry in entries]

    assert found("--ticket", "T-1") == [("view", "T-1"), ("add", "T-1")]
    assert found("--operator", "ann") == [("view", None), ("view", "T-1")]
    assert found("--operator", "ann", "--ticket", "T-1") == [("view", "T-1")]
    assert found("--ticket", "T") == []
    assert found("--unfinished", "--ticket", "T-1") == []
    wide = terminal(["journal", "list"], columns=200).text
    assert "Reason" in wide
    assert "asked by phone" in wide
    assert "asked by phone" not in terminal(["journal", "list"], columns=80).text


def test_a_reason_that_is_cut_in_the_journal_says_so(
    connected: EmulatorThread, cli: Cli, home: Home
) -> None:
    ended = cli("--reason", "x" * 5_000, "users", "add", "u1")
    assert "The reason has 5,000 characters; the journal keeps the first 999." in ended.err
    (entry,) = cli("journal", "list", "--json").json
    assert entry["reason"] == "x" * 999 + "…"
    assert "the journal keeps" not in cli("--reason", "x" * 1_000, "users", "show", "u1").err


def test_of_a_user_is_also_what_was_done_with_everybody(
    connected: EmulatorThread, cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for arguments in (
        ("users", "add", "u1", "u2"),
        ("export", "memories"),
        ("users", "show", "u2"),
        ("sync",),
        ("sync", "--user", "u1", "--user", "u2"),
        ("search", "trip"),
    ):
        assert cli(*arguments).code == 0
    journal = Journal(home)
    journal.record(Event("project.rename"))
    assert journal.flush()
    ended = cli("journal", "list", "--user", "u1", "--json")
    of_them = [(one["action"], one["user_id"]) for one in ended.json]
    everybody = [("search", None), ("sync", None), ("sync", None), *[("export", None)] * 2]
    assert of_them == [*everybody, ("add", "u1")]
    assert "5 entries among them: no user is named" in ended.err
    only = cli("journal", "list", "--user", "u1", "--only-named", "--json")
    assert [(one["action"], one["user_id"]) for one in only.json] == [("add", "u1")]
    assert "no user is named" not in only.err
    monkeypatch.setenv("COLUMNS", "160")
    lines = terminal(["journal", "list", "--user", "u1"], columns=160).text.splitlines()
    told = [("everybody" in line) for line in lines if re.match(r" *\d+  \d{4}-", line)]
    # A sync of several is one of those who were named.
    assert told == [True, False, True, True, True, False]


def test_what_was_begun_and_has_no_end_is_listed_with_how_to_read_what_came_of_it(
    cli: Cli, home: Home
) -> None:
    def event(result: Any, memory_id: str, at: int) -> Event:
        user = SubjectRef("user", "u 1")
        return Event("memory.delete", subject=user, memory_id=memory_id, result=result, at=at)

    journal = Journal(home)
    assert cli("journal", "list", "--unfinished", "--json").json == []
    killed, again, other = (
        event("begun", memory, at) for memory, at in (("m1", 1), ("m1", 2), ("m2", 3))
    )
    ends = (event("failed", "m2", 4), event("done", "m1", 5))
    journal.record(killed, again, other, *ends, Event("export", result="begun", at=6))
    assert journal.flush()
    ended = cli("journal", "list", "--unfinished", "--json")
    found = [(one["seq"], one["action"], one["memory_id"]) for one in ended.json]
    assert found == [(6, "export", None), (1, "memory.delete", "m1")]
    assert "no end is journaled" in ended.err
    assert "memos-admin sync --full --user 'u 1'" in ended.err
    assert cli("journal", "list", "--unfinished", "--action", "memory.edit", "--json").json == []


def test_exports_of_the_journal(connected: EmulatorThread, cli: Cli, tmp_path: Path) -> None:
    cli("users", "add", "u1")
    lines = cli("journal", "export", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["add", "journal.export"]
    target = tmp_path / "journal.csv"
    ended = cli("journal", "export", "--output", str(target))
    assert "Wrote 4 entries to" in ended.err
    assert "The last is entry 4, hash" in ended.err
    assert target.read_text().count("\n") == 5
    assert cli("journal", "export", "--output", str(tmp_path)).code == 2


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_is_not_taken_for_a_damaged_journal(
    connected: EmulatorThread, cli: Cli, tmp_path: Path, form: str
) -> None:
    cli("users", "add", "u1")
    path = tmp_path / "exported"
    assert cli("journal", "export", "--format", form, "--output", str(path)).code == 0
    ended = cli("journal", "verify", "--file", str(path))
    assert ended.code == 1
    assert "is an export of a journal" in ended.err
    assert "--hash" in ended.err
    assert "damaged" not in ended.err
    path.write_bytes(b"junk" * 1000)
    assert "damaged or not a journal" in cli("journal", "verify", "--file", str(path)).err


def test_nobodys_data_is_read_while_what_is_said_of_the_journal_cannot_be(
    connected: EmulatorThread, cli: Cli, home: Home
) -> None:
    home.create()
    home.config_path.write_text('[journal]\nenabled = "no"\n')
    home.config_path.chmod(0o600)
    for command in ("users list", "sync", "memories list", "export memories", "overview"):
        ended = cli(*command.split())
        assert (ended.code, ended.out) == (1, "")
        assert str(home.config_path) in ended.err
        assert "enabled" in ended.err
    home.config_path.write_text("")
    assert cli("users", "list").code == 0


def test_without_a_journal_nothing_is_made(cli: Cli, isolated: Path) -> None:
    assert cli("journal", "list", "--json").json == []
    assert cli("journal", "verify").code == 0
    assert cli("journal", "export").code == 1
    assert not isolated.exists()


def test_verify_names_the_first_bad_entry(
    cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 1)
    sealed(home)
    written(home, 5, first=2)
    ended = cli("journal", "verify", "--json")
    assert ended.code == 0
    assert ended.json["sealed_from"] == 2
    assert ended.json["problems"] == []
    with tampered(home.journal_path) as connection:
        connection.execute("UPDATE entry SET operator = 'somebody else' WHERE seq = 3")
    ended = cli("journal", "verify")
    assert ended.code == 1
    assert ended.out.splitlines()[0] == "Entry 3 was changed, or what came before it."
    assert cli("journal", "verify", "--json").json["problems"][0]["seq"] == 3
    noted = entries(home)[5].hash
    with tampered(home.journal_path) as connection:
        connection.execute("UPDATE entry SET at = 'then' WHERE seq = 6")
    ended = cli("journal", "verify", "--hash", noted)
    assert (ended.code, "Entry 6 has this hash.\n" in ended.err) == (1, True)


def test_entries_that_are_dated_before_those_before_them_are_told_and_nothing_is_wrong(
    cli: Cli, home: Home
) -> None:
    journal = Journal(home)
    hour = 3_600_000
    for at in (5 * hour, 5 * hour - 30_000, 3 * hour, 4 * hour, hour):
        journal.record(Event("view", details={"what": "users"}, at=at))
    assert journal.flush()
    ended = cli("journal", "verify")
    assert ended.code == 0
    assert (
        "Entry 3 (1970-01-01T03:00:00.000Z) is dated before the one before it (1970-01-01T04:59:30.000Z)"
        in ended.err
    )
    assert "Further such entries: 1." in ended.err
    told = cli("journal", "verify", "--json").json["dated_before_the_one_before"]
    assert told == {"entries": 2, "first_seq": 3}


def test_where_a_copy_of_the_folder_goes_on_by_itself_is_said(
    connected: EmulatorThread,
    cli: Cli,
    home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_keyring(monkeypatch)
    assert cli("export", "memories", "--output", str(tmp_path / "a.csv")).code == 0
    copy = tmp_path / "copy"
    shutil.copytree(home.path, copy)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(copy))
    ended = cli("export", "memories", "--output", str(tmp_path / "b.csv"))
    assert ended.code == 0
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home.path))
    ended = cli("journal", "verify")
    assert (ended.code, ended.out) == (0, "")
    assert f"This journal is in {copy} too, and goes on there by itself, up to entry 4" in ended.err
    assert cli("journal", "verify", "--file", str(copy / "journal.db")).code == 0
    (told,) = cli("journal", "verify", "--json").json["copies"]
    assert (told["folder"], told["last_seq"], told["there"]) == (str(copy), 4, True)
    shutil.rmtree(copy)
    ended = cli("journal", "verify")
    assert (ended.code, f"A copy of this journal went on by itself in {copy}" in ended.err) == (
        0,
        True,
    )


def test_seals_that_nobody_can_check_are_4(
    cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as elsewhere:
        with_keyring(elsewhere)
        written(home, 1)
        sealed(home)
        written(home, 1, first=2)
    with_keyring(monkeypatch)
    ended = cli("journal", "verify")
    assert ended.code == 4
    assert "The seals were not checked" in ended.err


def test_a_command_that_asks_the_keyring_begins_to_seal(
    connected: EmulatorThread, cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = with_keyring(monkeypatch)
    cli("users", "add", "u1")
    assert memory.kept == {}
    assert "(sealed)" in cli("export", "user", "u1").err
    assert verify(home).sealed_from == 3
    assert "sealed from 3 on" in cli("doctor").out


def test_a_journal_that_was_moved_away_is_shown_where_it_is(
    connected: EmulatorThread,
    cli: Cli,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with_keyring(monkeypatch)
    cli("users", "add", "u1")
    cli("export", "user", "u1")
    moved = tmp_path / "moved.db"
    home.journal_path.rename(moved)
    whole = moved.read_bytes()
    missing = "Another journal was in this folder before"
    ended = cli("export", "user", "u1")
    assert "(sealed)" in ended.err
    assert missing in ended.err
    assert missing in cli("export", "user", "u1").err
    ended = cli("journal", "verify")
    assert (ended.code, ended.out.startswith(missing)) == (1, True)
    assert "not as it was written" not in ended.err
    assert "journal verify --previous FILE" in ended.err

    with tampered(moved) as connection:
        connection.execute("UPDATE entry SET operator = 'somebody else' WHERE seq = 2")
    ended = cli("journal", "verify", "--previous", str(moved))
    assert (ended.code, ended.out.splitlines()[0]) == (
        1,
        "Entry 2 was changed, or what came before it.",
    )
    assert "is missed as before" in ended.err
    assert cli("journal", "verify").code == 1

    moved.write_bytes(whole)
    ended = cli("journal", "verify", "--previous", str(moved))
    assert (ended.code, ended.out) == (0, "")
    assert "missed no more" in ended.err
    begun, done = [entry for entry in entries(home) if entry.action == "journal.previous"]
    assert (begun.result, done.result, done.file) == ("begun", "done", str(moved))
    found = cli("journal", "verify", "--json")
    assert (found.code, found.json["problems"]) == (0, [])
    assert [each["shown"] for each in found.json["previous"]] == [True]
    assert "It was shown since, and was whole." in found.err
    assert missing not in cli("export", "user", "u1").err
    assert "sealed from" in cli("doctor").out
    again = cli("journal", "verify", "--previous", str(moved))
    assert (again.code, "was shown before" in again.err) == (1, True)

    later = tmp_path / "later.db"
    home.journal_path.rename(later)
    moved.rename(home.journal_path)  # put back: the other one is missed
    assert cli("journal", "verify").code == 1
    assert cli("journal", "verify", "--previous", str(later)).code == 0
    cli("export", "user", "u1")
    assert cli("journal", "verify").code == 0
    home.journal_path.unlink()
    assert "is missing: the keyring knows journal" in cli("journal", "verify").out


def test_a_journal_that_nobody_misses_is_not_shown(
    cli: Cli, home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_keyring(monkeypatch)
    written(home, 2)
    copy = tmp_path / "copy.db"
    copy.write_bytes(home.journal_path.read_bytes())
    ended = cli("journal", "verify", "--previous", str(copy))
    assert (ended.code, "knows of no journal" in ended.err) == (1, True)
    assert "journal.previous" not in [entry.action for entry in entries(home)]


def test_where_it_cannot_be_written_exports_and_removals_are_refused(
    connected: EmulatorThread, cli: Cli, home: Home, tmp_path: Path
) -> None:
    cli("users", "add", "u1")
    broken(home)
    target = tmp_path / "out.csv"
    ended = cli("export", "user", "u1", "--output", str(target))
    assert (ended.code, ended.out) == (1, "")
    assert "Nothing was exported, since it could not be journaled" in ended.err
    assert "[journal] enabled = false" in ended.err
    assert not target.exists()
    assert "Nothing was removed" in cli("users", "remove", "u1", "--yes").err
    assert "Nothing was copied" in cli("store", "backup", str(tmp_path / "copy.db")).err
    shown = cli("users", "show", "u1", "--json")
    assert shown.code == 0
    assert shown.json["user_id"] == "u1"
    assert "Not journaled (1): The journal" in shown.err
    assert "is damaged" in shown.err
    told = {check["name"]: check for check in cli("doctor", "--json").json}
    assert told["Journal"]["ok"] is False


def test_a_project_is_not_removed_unseen(
    cli: Cli, home: Home, connected: EmulatorThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.readline", lambda: connected.api_key, raising=False)
    cli("projects", "add", "acme", "--key-stdin", "--base-url", connected.base_url)
    broken(home)
    ended = cli("projects", "remove", "acme", "--yes")
    assert ended.code == 1
    assert "Nothing was removed" in ended.err
    assert [row["name"] for row in cli("projects", "list", "--json").json] == ["acme"]


def test_switched_off_it_is_said_everywhere(
    connected: EmulatorThread, cli: Cli, home: Home
) -> None:
    switched_off(home)
    off = "switched off in config.toml ([journal] enabled = false)"
    assert f"Not journaled: the journal is {off}." in cli("users", "add", "u1").err
    ended = cli("export", "user", "u1")
    assert ended.code == 0
    assert f"Who exported this is not journaled: the journal is {off}." in ended.err
    assert off in cli("journal", "list").err
    assert f"Nothing is journaled now: the journal is {off}." in cli("journal", "verify").err
    told = {check["name"]: check for check in cli("doctor", "--json").json}
    assert (told["Journal"]["ok"], off in told["Journal"]["detail"]) == (None, True)
    assert not home.journal_path.exists()


def test_a_reason_may_look_like_a_noun(connected: EmulatorThread, cli: Cli) -> None:
    cli("--reason", "users", "--ticket", "list", "users", "add", "u1")
    (entry,) = cli("journal", "list", "--json").json
    assert (entry["reason"], entry["ticket"]) == ("users", "list")


def test_the_demo_journals_into_its_own_home(isolated: Path) -> None:
    ended = process("--demo", "export", "user", "memos_user_123")
    assert ended.returncode == 0
    assert "Journal: entry" in ended.stderr
    assert not isolated.exists()


def test_the_demo_has_a_journal_to_look_at() -> None:
    ended = process("--demo", "journal", "list", "--json", "--action", "add")
    assert ended.returncode == 0
    assert "memos_user_123" in [entry["user_id"] for entry in json.loads(ended.stdout)]


@pytest.mark.terminal
def test_hostile_words_are_made_harmless(connected: EmulatorThread, cli: Cli, home: Home) -> None:
    cli("search", "\x1b]52;c;aGk=\x07 =1+1")
    assert cli("journal", "list", "--json").json[0]["query"].startswith("\x1b]52")
    found = cli("journal", "export", "--format", "csv")
    assert "cell" not in found.err
    seen = terminal(["journal", "list"], columns=200)
    assert "aGk=" in seen.text
    assert b"\x1b" not in seen.sent
    cli("search", "=1+1")
    assert "1 cell began like a formula, or a part did" in cli("journal", "export").err


@pytest.mark.terminal
def test_quitting_at_once_loses_nothing(
    synced: EmulatorThread, synced_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(synced_home)
    before = entries(home)[-1].seq
    monkeypatch.setenv("MEMOS_ADMIN_TICKET", "T-2")
    assert terminal([], columns=120, replies=[(" synced ", "q")]).code == 0
    found = [entry for entry in entries(home) if entry.seq > before]
    assert {(entry.action, entry.via, entry.ticket) for entry in found} == {("view", "tui", "T-2")}
    assert {entry.details["what"] for entry in found} == {"users", "user"}
