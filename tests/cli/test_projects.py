"""Projects: added with a key that is never an argument and never told, tested, renamed, removed."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.cloud.key import ApiKey
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import cipher
from tests.backend import keyrings
from tests.cli.conftest import ROOT, SECONDS, Cli, process, terminal
from tests.forked import Forked


@pytest.fixture
def added(emulator: EmulatorThread) -> EmulatorThread:
    """A project ``acme`` at the demo's service, whose key no keyring keeps."""
    ended = process(
        "projects",
        "add",
        "acme",
        "--base-url",
        emulator.base_url,
        "--key-stdin",
        stdin=f"{emulator.api_key}\n",
    )
    assert ended.returncode == 0
    return emulator


def test_add_tests_the_connection_and_tells_where_the_key_is(emulator: EmulatorThread) -> None:
    ended = process(
        "projects",
        "add",
        "acme",
        "--base-url",
        emulator.base_url,
        "--key-stdin",
        stdin=f"{emulator.api_key}\n",
    )
    assert ended.returncode == 0
    assert ended.stdout == ""
    assert "accepts the key" in ended.stderr
    assert "The key was not kept" in ended.stderr
    assert "key_command" in ended.stderr
    assert "MEMOS_API_KEY" in ended.stderr
    assert emulator.api_key not in ended.stderr


def test_add_binds_the_key_whoever_reads_what_it_tells(
    emulator: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    given = tmp_path / "key"
    given.write_text(emulator.api_key)
    reading, writing = os.pipe()
    os.close(reading)
    arguments = ("projects", "add", "acme", "--base-url", emulator.base_url, "--key-stdin")
    with given.open() as key, os.fdopen(writing, "w") as unread:
        streams = (key.fileno(), unread.fileno(), unread.fileno())
        assert Forked(arguments, apart=True, given=streams, cwd=ROOT).wait(SECONDS) == 0
    (row,) = cli("projects", "list", "--json").json
    assert row["fingerprints"] == [ApiKey(emulator.api_key).fingerprint]
    (kept,) = cli("journal", "list", "--action", "project.key", "--json").json
    assert kept["details"]["kept"] == "nowhere"  # it was tried, behind what nobody has read


def test_add_works_offline_and_tells(cli: Cli) -> None:
    with EmulatorThread() as gone:
        url, key = gone.base_url, gone.api_key
    ended = process("projects", "add", "acme", "--base-url", url, "--key-stdin", stdin=key)
    assert ended.returncode == 0
    assert "not tested" in ended.stderr
    assert [row["name"] for row in cli("projects", "list", "--json").json] == ["acme"]


def test_add_with_a_refused_key_is_3_and_keeps_nothing(emulator: EmulatorThread, cli: Cli) -> None:
    ended = process(
        "projects",
        "add",
        "acme",
        "--base-url",
        emulator.base_url,
        "--key-stdin",
        stdin="mpg-another-key",
    )
    assert ended.returncode == 3
    assert "mpg-another-key" not in ended.stderr
    assert "acme was not added" in ended.stderr
    assert "Added project" not in ended.stderr
    assert "keyring" not in ended.stderr
    assert cli("projects", "list", "--json").json == []


def test_a_name_is_taken_once(added: EmulatorThread, cli: Cli) -> None:
    ended = cli("projects", "add", "ACME", "--key-stdin")
    assert ended.code == 2
    assert "set-key" in ended.err


@pytest.mark.parametrize("text", ["", "\n", "two words\n", "k\x1bey\n"])
def test_what_is_no_key_is_3_and_adds_nothing(cli: Cli, text: str) -> None:
    ended = process("projects", "add", "acme", "--key-stdin", stdin=text)
    assert ended.returncode == 3
    assert cli("projects", "list", "--json").json == []


def test_the_key_is_never_an_argument() -> None:
    ended = process("projects", "add", "acme", "mpg-secret-key")
    assert ended.returncode == 2
    assert "mpg-secret-key" not in ended.stderr


def test_a_key_given_as_the_name_is_refused_and_not_repeated(cli: Cli) -> None:
    ended = cli("projects", "add", "mpg-secret-key")
    assert ended.code == 2
    assert "looks like an API key" in ended.err
    assert "mpg-secret-key" not in ended.err


def test_without_a_terminal_the_key_must_be_piped() -> None:
    ended = process("projects", "add", "acme")
    assert ended.returncode == 2
    assert "--key-stdin" in ended.stderr


@pytest.mark.terminal
def test_the_typed_key_is_not_shown(emulator: EmulatorThread, cli: Cli) -> None:
    seen = terminal(
        ["projects", "add", "acme", "--base-url", emulator.base_url],
        replies=[("API key", f"{emulator.api_key}\n")],
    )
    assert seen.code == 0
    host = emulator.base_url.removeprefix("http://").partition("/")[0]
    assert f"API key for acme ({host}): " in seen.text
    assert emulator.api_key not in seen.text
    assert "accepts the key" in seen.text


def test_list_and_use(added: EmulatorThread, cli: Cli) -> None:
    process(
        "projects",
        "add",
        "second",
        "--base-url",
        added.base_url,
        "--key-stdin",
        stdin=added.api_key,
    )
    rows = cli("projects", "list", "--json").json
    assert [(row["name"], row["used"]) for row in rows] == [("acme", True), ("second", False)]
    assert rows[0]["base_url"] == added.base_url
    assert cli("projects", "use", "second").code == 0
    rows = cli("projects", "list", "--json").json
    assert [row["used"] for row in rows] == [False, True]


def test_what_a_key_left_on_the_disk_is_listed(
    added: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as other:
        other.setenv("MEMOS_BASE_URL", added.base_url)
        other.setenv("MEMOS_API_KEY", "mpg-mistyped")
        assert cli("users", "add", "ann").code == 0
        with_key = cli("projects", "list", "--json")
    without = cli("projects", "list", "--json")
    assert without.json == with_key.json
    named, left = without.json
    assert (named["name"], named["environment"]) == ("acme", False)
    fingerprint = ApiKey("mpg-mistyped").fingerprint
    assert (left["name"], left["environment"], left["used"]) == (None, True, False)
    assert (left["base_url"], left["fingerprints"]) == (added.base_url, [fingerprint])
    assert Path(left["store"]).is_dir()
    assert "1 project without a name" in without.err
    title = f"environment key {fingerprint[:8]}"
    assert f"MEMOS_API_KEY means {title} at {added.base_url}." in with_key.err
    assert "MEMOS_API_KEY means" not in without.err


def test_a_named_project_takes_its_key_from_the_environment(
    added: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("projects", "test", "acme").code == 3
    monkeypatch.setenv("MEMOS_API_KEY", added.api_key)
    assert cli("projects", "test", "acme").code == 0
    assert cli("--project", "acme", "users", "add", "memos_user_123").code == 0
    assert cli("--project", "acme", "sync", "--json").json["added"] == 2
    rows = cli("--project", "acme", "users", "list", "--json").json
    assert [row["user_id"] for row in rows] == ["memos_user_123"]
    assert cli("--project", "other", "users", "list").code == 2


@pytest.mark.terminal
def test_the_key_is_asked_for_where_nobody_else_knows_it(added: EmulatorThread, cli: Cli) -> None:
    seen = terminal(["projects", "test", "acme"], replies=[("API key", f"{added.api_key}\n")])
    assert seen.code == 0
    host = added.base_url.removeprefix("http://").partition("/")[0]
    assert f"API key for acme ({host}): " in seen.text
    assert "accepts the key" in seen.text


def test_rename(added: EmulatorThread, cli: Cli) -> None:
    before = cli("projects", "list", "--json").json[0]
    assert cli("projects", "rename", "acme", "更名").code == 0
    after = cli("projects", "list", "--json").json[0]
    assert after == {**before, "name": "更名"}


def test_changes_are_allowed_and_taken_back(added: EmulatorThread, cli: Cli) -> None:
    assert [row["allow_writes"] for row in cli("projects", "list", "--json").json] == [False]
    allowed = cli("projects", "allow-writes", "acme")
    assert (allowed.code, "may be edited" in allowed.err) == (0, True)
    assert "an id to be typed (on the screen not to archive or to restore" in allowed.err
    assert [row["allow_writes"] for row in cli("projects", "list", "--json").json] == [True]
    seen = terminal(["projects", "list"])
    assert "allowed" in seen.text
    assert cli("projects", "allow-writes", "acme", "--off").code == 0
    assert [row["allow_writes"] for row in cli("projects", "list", "--json").json] == [False]
    assert cli("projects", "allow-writes", "nobody").code == 2
    journaled = cli("journal", "list", "--action", "project.writes", "--json").json
    assert [(row["result"], row["details"]["allow_writes"]) for row in journaled] == [
        ("done", False),
        ("begun", False),
        ("done", True),
        ("begun", True),
    ]


def test_set_key_keeps_what_it_had_where_the_key_is_refused(
    emulator: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = keyrings.Memory()
    keyrings.use(monkeypatch, keyring)
    monkeypatch.setattr("sys.stdin", io.StringIO(emulator.api_key))
    assert cli("projects", "add", "acme", "--base-url", emulator.base_url, "--key-stdin").code == 0
    before = cli("projects", "list", "--json").json
    kept = keyring.kept["memos-admin", before[0]["project_uuid"]]

    monkeypatch.setattr("sys.stdin", io.StringIO("mpg-mistyped"))
    ended = cli("projects", "set-key", "acme", "--key-stdin")

    assert ended.code == 3
    assert "The key was not kept; acme is as it was." in ended.err
    assert cli("projects", "list", "--json").json == before
    assert keyring.kept["memos-admin", before[0]["project_uuid"]] == kept
    assert cli("projects", "test", "acme").code == 0


def test_set_key_takes_a_key_that_it_cannot_keep_but_ends_as_failed(
    added: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(added.emulator._api, "_key", b"mpg-rotated")
    ended = process("projects", "set-key", "acme", "--key-stdin", stdin="mpg-rotated\n")
    assert ended.returncode == 1
    assert "accepts the key" in ended.stderr
    assert "The key was not kept: There is no keyring" in ended.stderr
    assert "MEMOS_API_KEY=… memos-admin --project acme" in ended.stderr
    assert "acme takes this key from now on, wherever it comes from." in ended.stderr
    monkeypatch.setenv("MEMOS_API_KEY", "mpg-rotated")
    assert cli("projects", "test", "acme").code == 0
    assert len(cli("projects", "list", "--json").json[0]["fingerprints"]) == 2


def test_set_key_takes_a_key_that_could_not_be_tested_and_says_so(isolated: Path, cli: Cli) -> None:
    acme = Projects(Home(isolated)).add("acme", base_url="http://127.0.0.1:9/api/openmem/v1")
    Projects(Home(isolated)).remember_key(acme, "0123456789abcdef")
    ended = process("projects", "set-key", "acme", "--key-stdin", stdin="mpg-rotated\n")
    assert ended.returncode == 1
    assert "acme: the key was not tested: " in ended.stderr
    assert "memos-admin projects test acme" in ended.stderr
    assert len(cli("projects", "list", "--json").json[0]["fingerprints"]) == 2


@pytest.mark.terminal
def test_no_answer_to_the_question_for_a_key_is_3(cli: Cli) -> None:
    seen = terminal(["projects", "add", "acme"], replies=[("API key", "\x04")])
    assert seen.code == 3
    assert "No API key was given" in seen.text


def test_remove_needs_the_name_or_yes(added: EmulatorThread, cli: Cli, isolated: Path) -> None:
    ended = process("projects", "remove", "acme")
    assert ended.returncode == 2
    assert "--yes" in ended.stderr
    store = Path(cli("store", "path").out.strip())
    cli("users", "add", "memos_user_123")
    assert store.exists()
    assert cli("projects", "remove", "acme", "--yes").code == 0
    assert not store.parent.exists()
    assert cli("projects", "list", "--json").json == []


@pytest.mark.terminal
@pytest.mark.parametrize(("typed", "code", "left"), [("acme", 0, 0), ("other", 2, 1), ("", 2, 1)])
def test_remove_asks_for_the_name(
    added: EmulatorThread, cli: Cli, typed: str, code: int, left: int
) -> None:
    seen = terminal(["projects", "remove", "acme"], replies=[("Type the name", f"{typed}\n")])
    assert seen.code == code
    assert len(cli("projects", "list", "--json").json) == left


def test_remove_says_what_is_stored(added: EmulatorThread, cli: Cli) -> None:
    assert cli("users", "add", "ann", "bob").code == 0
    ended = process("projects", "remove", "acme")
    assert ended.returncode == 2
    assert "(2 users, 0 conversations, 0 messages and 0 memories)" in ended.stderr
    assert (
        "Copies of the folder of memos-admin share the API key in the keyring, and lose it too."
        in (ended.stderr)
    )
    assert "encrypted" not in ended.stderr


def test_remove_names_what_is_in_no_store(added: EmulatorThread, cli: Cli) -> None:
    assert "Gone with it" not in process("projects", "remove", "acme").stderr
    for name in ("tea", "Ärger", "c", "d", "e", "f"):
        assert cli("filters", "save", name, "view:fact").code == 0
    store = Path(cli("store", "path").out.strip())
    cli("users", "add", "memos_user_123")
    store.with_name("store.db.schema-1.bak").touch()
    ended = process("projects", "remove", "acme")
    assert (
        "Gone with it: its saved filters c, d, e, f, tea and 1 more; an older store beside it: "
        "store.db.schema-1.bak. Copies"
    ) in ended.stderr


def test_remove_says_which_backups_are_left(
    added: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    assert cli("users", "add", "ann").code == 0
    folder = Path(cli("store", "path").out.strip()).parent
    for copy in (tmp_path / "copy.db", tmp_path / "gone.db", folder / "inside.db"):
        assert cli("store", "backup", str(copy)).code == 0
    (tmp_path / "gone.db").unlink()
    ended = cli("projects", "remove", "acme", "--yes")
    assert f"still there; delete them yourself: {tmp_path / 'copy.db'}\n" in ended.err
    assert "gone.db" not in ended.err
    assert "inside.db" not in ended.err


def test_remove_without_a_keyring_says_what_may_be_left(added: EmulatorThread, cli: Cli) -> None:
    (row,) = cli("projects", "list", "--json").json
    ended = cli("projects", "remove", "acme", "--yes")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == (
        "Removed acme and its store.\n"
        "There is no keyring here, so no key was deleted from one.\n"
        "If its key was kept in a keyring (of your desktop, say), it is still there: "
        f"service memos-admin, user {row['project_uuid']}.\n"
    )
    assert cli("projects", "list", "--json").json == []


def test_remove_without_a_keyring_says_that_the_key_of_the_store_may_be_left_too(
    added: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = cli("projects", "list", "--json").json
    with monkeypatch.context() as desktop:
        keyrings.use(desktop, keyrings.Memory())
        assert cli("users", "add", "ann").code == 0
        assert cli("store", "encrypt", "--yes").code == 0
    cipher.forget(Path(cli("store", "path").out.strip()).parent)
    ended = cli("store", "check")
    assert ended.code == 3
    assert "There is no keyring on this machine" in ended.err
    assert "`memos-admin store key` shows the recovery key" in ended.err
    ended = cli("projects", "remove", "acme", "--yes")
    assert ended.code == 0
    left = f"may need it: service memos-admin, user {row['project_uuid']} store."
    assert "The key that its store was encrypted with may be in that keyring too" in ended.err
    assert left in ended.err


def test_remove_says_where_a_key_is_that_the_keyring_keeps(
    added: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = cli("projects", "list", "--json").json
    keyrings.use(monkeypatch, keyrings.Raising(lambda _: OSError("no bus")))
    ended = cli("projects", "remove", "acme", "--yes")
    assert ended.code == 0
    assert "no bus" in ended.err
    assert (
        f"Its key may still be there; delete it there yourself: service memos-admin, user {row['project_uuid']}."
        in (ended.err)
    )
    assert "another way" not in ended.err


def test_a_key_alone_goes_to_the_project_that_knows_it(
    added: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch, isolated: Path
) -> None:
    monkeypatch.setenv("MEMOS_API_KEY", added.api_key)
    ended = cli("doctor")
    assert ended.code == 0
    assert f"acme at {added.base_url}" in ended.out
    assert "memtensor" not in ended.out
    ended = cli("projects", "test")
    assert ended.code == 0
    assert "is the key of" not in ended.err  # acme is used anyhow
    assert "MEMOS_API_KEY is the key of acme." in cli("--verbose", "projects", "test").err
    Projects(Home(isolated)).add("other", base_url=added.base_url)
    cli("projects", "use", "other")
    assert "MEMOS_API_KEY is the key of acme." in cli("projects", "test").err
    named = cli("--project", "acme", "projects", "test")
    assert named.code == 0
    assert "is the key of" not in named.err


def test_the_advice_for_a_key_in_the_environment_works(emulator: EmulatorThread) -> None:
    ended = process(
        *("projects", "add", "acme", "--base-url", emulator.base_url, "--key-stdin"),
        stdin=emulator.api_key,
    )
    assert "MEMOS_API_KEY=… memos-admin --project acme" in ended.stderr
