"""Changing what MemOS holds by commands: shown, confirmed, done, verified, and with which exit code."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from memos_admin.backend import journal
from memos_admin.backend.home import Home
from memos_admin.backend.upkeep import changing_now
from memos_admin.cli.progress import Waits
from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.key import fingerprint_of
from memos_admin.emulator.thread import EmulatorThread
from tests.backend.changed import REQUIREMENTS, TRIP
from tests.cli.conftest import Cli, asked, confirmed, connect, process, terminal

USER = "memos_user_123"
OTHER = "maria.gonzalez@example.com"
OF_MARIA = "6861c161-95b6-589f-bd6f-2c4d323c30e1"


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[EmulatorThread]:
    """A service of the test's own, which may be changed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEMOS_ADMIN_ALLOW_WRITES", "true")
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        yield running


@pytest.fixture
def read(ours: EmulatorThread, cli: Cli) -> EmulatorThread:
    """The same, with the user in the store."""
    assert cli("sync", "--user", USER).code == 0
    return ours


def status(running: EmulatorThread, memory_id: str) -> str:
    return str(asked(running, f"/get/memory/{memory_id}")["data"]["status"])


def writes(running: EmulatorThread) -> int:
    found = asked(running, "/_emulator/requests")
    return int(found.get("/update/memory", 0)) + int(found.get("/delete/memory", 0))


def test_a_dry_run_shows_everything_and_sends_nothing(read: EmulatorThread, cli: Cli) -> None:
    ended = cli("memories", "edit", TRIP, "--content", "The user travels alone.", "--dry-run")
    assert (ended.code, ended.out) == (0, "")
    assert "Sent: POST /update/memory with memory_id" in ended.err
    assert "[-" in ended.err
    assert "{+alone+}" in ended.err
    assert "Nothing was changed." in ended.err
    assert writes(read) == 0


def test_a_dry_run_works_where_the_project_is_only_read(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEMOS_ADMIN_ALLOW_WRITES")
    assert cli("memories", "delete", TRIP, "--dry-run").code == 0
    ended = cli("memories", "delete", TRIP, "--confirm", TRIP)
    assert (ended.code, writes(read)) == (2, 0)
    assert "MEMOS_ADMIN_ALLOW_WRITES=true" in ended.err


def test_without_a_terminal_the_id_has_to_be_given(read: EmulatorThread) -> None:
    ended = process("memories", "archive", TRIP)
    assert (ended.returncode, writes(read)) == (2, 0)
    assert f"--confirm {TRIP}" in ended.stderr


def test_another_id_changes_nothing(read: EmulatorThread, cli: Cli) -> None:
    ended = cli("memories", "archive", TRIP, "--confirm", REQUIREMENTS)
    assert (ended.code, writes(read)) == (2, 0)
    assert "Nothing was changed." in ended.err


def test_the_id_is_typed(read: EmulatorThread) -> None:
    seen = terminal(["memories", "archive", TRIP], replies=[("to go on:", f"{TRIP}\n")])
    assert seen.code == 0
    assert "done; verified" in seen.text
    assert status(read, TRIP) == "archived"


def test_something_else_is_typed(read: EmulatorThread) -> None:
    seen = terminal(["memories", "archive", TRIP], replies=[("to go on:", "yes\n")])
    assert (seen.code, writes(read)) == (2, 0)


def test_what_will_be_journaled_is_said_as_it_is(
    read: EmulatorThread, cli: Cli, isolated: Path
) -> None:
    look = ("memories", "archive", TRIP, "--dry-run")
    assert "1 request, journaled before and after." in cli(*look).err
    config = isolated / "config.toml"
    config.write_text("[journal]\nenabled = false\n")
    config.chmod(0o600)
    told = cli(*look).err
    assert "journaled before" not in told
    assert "1 request.\nNot journaled: the journal is switched off" in told


def test_archived_restored_and_deleted(read: EmulatorThread, cli: Cli) -> None:
    assert cli("memories", "archive", TRIP, "--confirm", TRIP).code == 0
    (row,) = cli("memories", "list", "--vanished", "yes", "--json").json
    assert (row["memory_id"], row["status"]) == (TRIP, "archived")
    assert cli("memories", "restore", TRIP, "--confirm", TRIP).code == 0
    assert cli("memories", "list", "--vanished", "yes", "--json").json == []
    ended = confirmed(cli, "memories", "delete", TRIP, REQUIREMENTS, "--json")
    assert ended.code == 0
    assert "To read what MemOS holds now" not in ended.err
    assert (ended.json["changed"], ended.json["complete"]) == (2, True)
    assert [one["read_back"] for one in ended.json["memories"]] == ["verified", "verified"]
    assert len(cli("memories", "list", "--vanished", "yes", "--json").json) == 2


def test_several_memories_want_the_id_of_whose_they_are(read: EmulatorThread, cli: Cli) -> None:
    words = ("memories", "delete", TRIP, REQUIREMENTS)
    ended = process(*words)
    assert ended.returncode == 2
    assert f"2 memories of {USER}:" in ended.stderr
    pinned = cli(*words, "--dry-run", "--json").json["confirm"]
    assert pinned.startswith(f"{USER} 2 ")
    assert f"Nothing was changed. To go on with 2 memories: --confirm '{pinned}'" in ended.stderr
    for reflex in ("2 memories", "2", "y", "yes", TRIP, USER, f"{USER} 2"):
        assert cli(*words, "--confirm", reflex).code == 2
    assert writes(read) == 0
    seen = terminal([*words], replies=[("with 2 memories:", f"{USER}\n")])
    assert (seen.code, writes(read)) == (0, 2)


def test_what_was_confirmed_is_what_was_shown(read: EmulatorThread, cli: Cli) -> None:
    shown = cli("memories", "archive", TRIP, REQUIREMENTS, "--dry-run")
    pinned = cli("memories", "archive", TRIP, REQUIREMENTS, "--dry-run", "--json").json["confirm"]
    assert f"Nothing was changed. To do it: --confirm '{pinned}'" in shown.err
    turned = cli("memories", "archive", REQUIREMENTS, TRIP, "--dry-run")
    assert f"--confirm '{pinned}'" in turned.err
    more = cli("memories", "archive", TRIP, REQUIREMENTS, OF_MARIA, "--confirm", pinned)
    assert (more.code, writes(read)) == (2, 0)
    assert cli("memories", "delete", TRIP, REQUIREMENTS, "--confirm", pinned).code == 2
    assert writes(read) == 0
    cli("memories", "edit", TRIP, "--title", "A trip", "--confirm", TRIP)
    ended = cli("memories", "archive", TRIP, REQUIREMENTS, "--confirm", pinned)
    assert (ended.code, writes(read)) == (2, 1)
    assert "That does not confirm these memories as they are now." in ended.err
    assert confirmed(cli, "memories", "archive", REQUIREMENTS, TRIP).code == 0


def test_memories_of_several_users_want_the_name_of_the_project(
    read: EmulatorThread, cli: Cli
) -> None:
    words = ("memories", "archive", TRIP, OF_MARIA)
    title = f"environment key {fingerprint_of(read.api_key)[:8]}"
    ended = cli(*words, "--confirm", USER)
    assert (ended.code, writes(read)) == (2, 0)
    assert f"2 memories of 2 users and agents of the project {title}:" in ended.err
    assert f"That is not {title} 2 " in ended.err
    assert "Nothing was changed." in ended.err
    assert confirmed(cli, *words).code == 0
    assert (status(read, TRIP), status(read, OF_MARIA)) == ("archived", "archived")


def test_a_content_comes_from_standard_input(read: EmulatorThread) -> None:
    words = ["memories", "edit", TRIP, "--content", "-"]
    assert process(*words, stdin="Rail only.\n").returncode == 2
    ended = process(*words, "--confirm", TRIP, stdin="Rail only.\n")
    assert ended.returncode == 0
    assert asked(read, f"/get/memory/{TRIP}")["data"]["content"] == "Rail only."


def test_the_history_has_both_texts(read: EmulatorThread, cli: Cli) -> None:
    ended = cli("memories", "edit", TRIP, "--title", "A trip", "--confirm", TRIP)
    assert f"{TRIP}: done; verified · A trip" in ended.err
    titles = [row["title"] for row in cli("memories", "history", TRIP, "--json").json]
    assert titles == ["Summer Family Trip Plan", "A trip"]


@pytest.mark.parametrize("fault", ["reset", "truncate"])
@pytest.mark.parametrize(
    "words", [("memories", "delete", TRIP), ("users", "delete", USER, "--no-export")]
)
def test_what_is_verified_although_the_service_did_not_say_so_leaves_nothing_to_be_read(
    read: EmulatorThread, cli: Cli, words: tuple[str, ...], fault: str
) -> None:
    asked(read, "/_emulator/faults", {"faults": [f"{fault}:route=/delete/memory"]})
    ended = cli(*words, "--confirm", words[2])
    assert "done, although MemOS did not say so" in ended.err
    assert "To read what MemOS holds now" not in ended.err


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_change_whose_process_was_killed_is_settled_by_reading_all_of_its_user(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """As when it is killed, nothing is journaled after what was begun."""

    async def stopped(*given: object, **_others: object) -> None:
        if moment == "after":
            asked(read, "/delete/memory", {"memory_ids": [TRIP]})
        raise RuntimeError

    with monkeypatch.context() as killed:
        killed.setattr(journal, "failed", lambda *_given: None)
        killed.setattr(CloudClient, "delete_memories", stopped)
        assert cli("memories", "delete", TRIP, "--confirm", TRIP).code == 1
    (begun,) = unfinished(cli)
    assert begun["action"] == "memory.delete"
    assert "1 change in MemOS begun" in cli("doctor").out
    if moment == "after":
        again = cli("memories", "delete", TRIP, "--confirm", TRIP)
        assert f"no end is journaled (entry {begun['seq']}). To read what MemOS holds" in again.err
    assert cli("sync", "--user", USER).code == 0  # what is gone is not looked for
    assert cli("sync", "--user", OTHER, "--full").code == 0
    with changing_now.held(Path(cli("store", "path").out.strip()).parent):
        assert cli("sync", "--user", USER, "--full").code == 0
    assert unfinished(cli) == [begun]
    ended = cli("sync", "--user", USER, "--full", "--json")
    assert ended.json["finishes"] == [begun["seq"]]
    assert f"(entry {begun['seq']}): what MemOS has since was read." in ended.err
    assert unfinished(cli) == []
    assert unfinished(cli, "--user", USER, "--only-named", "--action", "memory.delete") == []
    assert "Changes" not in cli("doctor").out
    (entry, *_others) = cli("journal", "list", "--action", "sync", "--json").json
    assert entry["details"]["finishes"] == [str(begun["seq"])]


def unfinished(cli: Cli, *more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cli("journal", "list", "--unfinished", "--json", *more).json
    return found


def test_what_fails_in_the_middle_is_4_and_a_refused_key_is_3(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memos_admin.backend.changing.reading_back.PAUSES", ())
    asked(read, "/_emulator/faults", {"faults": ["500:route=/delete/memory,after=1"]})
    ended = confirmed(cli, "memories", "delete", TRIP, REQUIREMENTS)
    assert ended.code == 4
    assert f"{TRIP}: done; verified" in ended.err
    assert "not known whether it was done; not verified" in ended.err
    assert "Done: 1 of 2 memories." in ended.err
    asked(read, "/_emulator/faults", {"faults": ["expired-key:route=/delete/memory"]})
    assert cli("memories", "delete", REQUIREMENTS, "--confirm", REQUIREMENTS).code == 3


@pytest.mark.parametrize(
    ("words", "route"),
    [
        (("memories", "edit", TRIP, "--title", "A trip", "--confirm", TRIP), "/update/memory"),
        (("memories", "archive", TRIP, "--confirm", TRIP), "/update/memory"),
        (("memories", "delete", TRIP, "--confirm", TRIP), "/delete/memory"),
        (("users", "delete", USER, "--no-export", "--confirm", USER), "/delete/memory"),
    ],
    ids=["edit", "archive", "delete", "user"],
)
def test_where_nobody_knows_whether_it_was_done_it_is_4(
    read: EmulatorThread,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    route: str,
) -> None:
    for module in ("reading_back", "subject_asking"):
        monkeypatch.setattr(f"memos_admin.backend.changing.{module}.PAUSES", ())
    asked(read, "/_emulator/faults", {"faults": [f"error:status=500,route={route}"]})
    ended = cli(*words)
    assert "not known whether it was done" in ended.err
    assert ended.code == 4


@pytest.mark.parametrize(
    ("words", "route"),
    [
        (("memories", "delete", TRIP), "/get/memory/{memory_id}"),
        (("users", "delete", USER), "/get/message"),
    ],
    ids=["memory", "user"],
)
def test_what_fails_before_anything_is_sent_says_that_nothing_was_changed(
    read: EmulatorThread, cli: Cli, words: tuple[str, ...], route: str
) -> None:
    faults = (("code:code=40002,", 1), ("rate-limit:retry-after=86400,", 1), ("expired-key:", 3))
    for fault, code in faults:
        asked(read, "/_emulator/faults", {"faults": [f"{fault}route={route}"]})
        ended = cli(*words, "--confirm", words[-1])
        assert (ended.code, ended.err.count("Nothing was changed.")) == (code, 1)
        assert "--rate" not in ended.err
    assert writes(read) == 0
    asked(
        read, "/_emulator/faults", {"faults": ["rate-limit:retry-after=86400,route=/get/message"]}
    )
    assert "--rate reads more slowly" in cli("sync", "--user", USER, "--full").err


def test_json_has_what_is_sent_as_the_text_has_it(read: EmulatorThread, cli: Cli) -> None:
    (gone,) = cli("memories", "delete", TRIP, "--dry-run", "--json").json["memories"]
    assert (gone["route"], gone["sent"]) == ("/delete/memory", {"memory_ids": [TRIP]})
    (edited,) = cli("memories", "edit", TRIP, "--title", "A", "--dry-run", "--json").json[
        "memories"
    ]
    assert edited["sent"] == {"memory_id": TRIP, "title": "A"}


def test_what_the_service_declines_is_1(read: EmulatorThread, cli: Cli) -> None:
    asked(read, "/_emulator/faults", {"faults": ["code:code=40002,route=/delete/memory"]})
    ended = cli("memories", "delete", TRIP, "--confirm", TRIP)
    assert f"{TRIP}: not done" in ended.err
    assert ended.code == 1


def test_an_unknown_memory_is_1_and_keeps_no_other(read: EmulatorThread, cli: Cli) -> None:
    ended = cli("memories", "archive", "none", "--confirm", "none")
    assert (ended.code, writes(read)) == (1, 0)
    assert "MemOS has no memory with this id." in ended.err
    assert cli("memories", "archive", "none", TRIP, "--confirm", TRIP).code == 4
    assert status(read, TRIP) == "archived"
    assert cli("memories", "archive", TRIP).code == 0  # there is nothing to do


@pytest.mark.parametrize("words", [(), ("--content", " ")])
def test_an_edit_that_says_nothing_is_2(
    read: EmulatorThread, cli: Cli, words: tuple[str, ...]
) -> None:
    assert cli("memories", "edit", TRIP, *words).code == 2


def test_each_change_is_in_the_journal_with_its_ticket(read: EmulatorThread, cli: Cli) -> None:
    cli("--ticket", "SUP-1", "memories", "archive", TRIP, "--confirm", TRIP)
    rows = cli("journal", "list", "--action", "memory.archive", "--json").json
    assert [(row["result"], row["ticket"], row["memory_id"]) for row in rows] == [
        ("done", "SUP-1", TRIP),
        ("begun", "SUP-1", TRIP),
    ]


def test_a_user_is_exported_and_deleted(read: EmulatorThread, cli: Cli, tmp_path: Path) -> None:
    dry = cli("users", "delete", USER, "--dry-run", "--json")
    assert (dry.code, dry.json["memories"], dry.json["deleted"]) == (0, 2, False)
    folder = Home(Path(os.environ["MEMOS_ADMIN_HOME"])).exports_dir
    assert f"Exported first to {folder}/" in dry.err
    assert list(folder.iterdir()) == []
    ended = cli("users", "delete", USER, "--confirm", USER, "--json")
    assert ended.code == 0
    assert (ended.json["deleted"], ended.json["complete"]) == (True, True)
    assert list(tmp_path.glob("*before-deletion-*")) == []
    (path,) = folder.glob("*before-deletion-*.jsonl")
    assert str(path) == ended.json["export"]
    assert {json.loads(line)["type"] for line in path.read_text().splitlines()} == {
        "conversation",
        "memory",
        "message",
    }
    assert "cannot be verified" in ended.err
    (exported,) = cli("journal", "list", "--action", "export", "--limit", "1", "--json").json
    assert f"Journal: entry {exported['seq']}, hash {exported['hash']}" in ended.err
    beside = json.loads(path.with_name(f"{path.name}.manifest.json").read_text())
    assert beside["journal"]["hash"] == exported["hash"]
    assert f"stands in {path.name}.manifest.json" in ended.err
    assert USER not in asked(read, "/_emulator/users")
    assert cli("users", "show", USER, "--json").json["memories"] == 0


def test_a_user_is_deleted_without_an_export(
    read: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    ended = cli("users", "delete", USER, "--no-export", "--confirm", USER)
    assert ended.code == 0
    assert "Nothing is exported first." in ended.err
    assert list(tmp_path.glob("*.jsonl")) == []


@pytest.mark.parametrize("name", ["before.csv", "before.xlsx", "before"])
def test_an_export_that_would_lack_memories_is_2(
    read: EmulatorThread, cli: Cli, tmp_path: Path, name: str
) -> None:
    before = asked(read, "/_emulator/requests")
    ended = cli("users", "delete", USER, "--export", name, "--confirm", USER)
    assert ended.code == 2
    assert "CSV and XLSX of a user hold messages only; use .jsonl" in " ".join(ended.err.split())
    assert asked(read, "/_emulator/requests") == before
    assert not (tmp_path / name).exists()


def test_an_export_goes_to_the_file_that_is_named(
    read: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    assert cli("users", "delete", USER, "--export", "a.JSONL", "--confirm", USER).code == 0
    lines = (tmp_path / "a.JSONL").read_text().splitlines()
    assert sum(json.loads(line)["type"] == "memory" for line in lines) == 2


def test_a_user_who_is_not_on_the_roster(ours: EmulatorThread, cli: Cli) -> None:
    ended = cli("users", "delete", "nobody", "--confirm", "nobody")
    assert (ended.code, writes(ours)) == (1, 0)
    assert "users add" in ended.err


def test_where_nobody_knows_what_was_done_it_says_how_to_read_it_at_once(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memos_admin.backend.changing.reading_back.PAUSES", ())
    asked(read, "/_emulator/faults", {"faults": ["500:route=/delete/memory"]})
    ended = cli("memories", "delete", TRIP, "--confirm", TRIP)
    command = f"memos-admin sync --full --user {USER}"
    assert (ended.code, command in ended.err) == (4, True)
    asked(read, "/_emulator/faults", {"faults": []})
    asked(read, "/delete/memory", {"memory_ids": [TRIP]})  # it was carried out after all
    assert cli(*command.split()[1:]).code == 0
    (gone,) = cli("memories", "list", "--vanished", "yes", "--json").json
    assert gone["memory_id"] == TRIP


@pytest.mark.parametrize(
    ("words", "after"),
    [(("memories", "delete", TRIP), 2), (("users", "delete", USER, "--no-export"), 0)],
    ids=["memory", "user"],
)
def test_where_what_was_done_cannot_be_read_back_it_says_how_to_read_it_and_not_to_repeat_it(
    read: EmulatorThread,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    after: int,
) -> None:
    for module in ("reading_back", "subject_asking"):
        monkeypatch.setattr(f"memos_admin.backend.changing.{module}.PAUSES", ())
    fault = f"code:code=40002,route=/get/memory/{{memory_id}},after={after}"
    asked(read, "/_emulator/faults", {"faults": [fault]})
    ended = cli(*words, "--confirm", words[2])
    assert (ended.code, writes(read)) == (4, 1)
    assert "done; not verified" in ended.err
    assert f"To read what MemOS holds now: memos-admin sync --full --user {USER}" in ended.err
    is_memory = words[0] == "memories"
    assert ("MemOS said that it did it: it need not be sent again." in ended.err) == is_memory


async def ctrl_c(*_arguments: object) -> None:
    """Press it while a request is on its way."""
    signal.raise_signal(signal.SIGINT)
    await asyncio.Event().wait()


def test_interrupted_it_tells_each_memory(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("memories", "delete", TRIP, REQUIREMENTS)
    pinned = cli(*words, "--dry-run", "--json").json["confirm"]
    with monkeypatch.context() as patch:
        patch.setattr(CloudClient, "delete_memories", ctrl_c)
        ended = cli(*words, "--confirm", pinned)
    assert ended.code == 130
    *_plan, trip, unsaid, requirements, done, last = ended.err.splitlines()
    assert trip.startswith(f"{TRIP}: not known whether it was done")
    assert unsaid == "  Interrupted before MemOS said whether it did it."
    assert requirements.startswith(f"{REQUIREMENTS}: not tried")
    assert done == "Done: 0 of 2 memories."
    assert "just being sent was done is not known" in last
    assert last.endswith(f"To read what MemOS holds now: memos-admin sync --full --user {USER}")
    with monkeypatch.context() as patch:
        patch.setattr("memos_admin.backend.changing.carrying.ask", ctrl_c)
        ended = cli(*words, "--confirm", pinned)
    assert (ended.code, writes(read)) == (130, 0)
    assert f"{TRIP}: not tried" in ended.err
    assert ended.err.endswith("interrupted. Nothing was changed.\n")


def test_interrupted_it_tells_how_far_the_deletion_of_a_user_is(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("users", "delete", USER, "--confirm", USER)
    module = "memos_admin.backend.changing.subject"
    looked = list[Path]()

    def interrupting(path: Path) -> None:
        looked.append(path)  # when it is planned, and right before the export
        if len(looked) > 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"{module}._check_new", interrupting)
        ended = cli(*words)
    assert (ended.code, writes(read)) == (130, 0)
    assert ended.err.endswith("interrupted. Nothing was changed.\n")
    with monkeypatch.context() as patch:
        patch.setattr(CloudClient, "delete_subject", ctrl_c)
        ended = cli(*words)
    assert ended.code == 130
    assert f"{USER}: The deletion was sent to MemOS, or was about to be" in ended.err
    assert "\n  Exported to " in ended.err
    assert f"To read what MemOS holds now: memos-admin sync --full --user {USER}" in ended.err
    with monkeypatch.context() as patch:
        patch.setattr(f"{module}.read_back", ctrl_c)
        ended = cli(*words, "--no-export")
    assert f"{USER}: MemOS answered the deletion." in ended.err
    assert "just being sent" not in ended.err
    (last,) = cli("journal", "list", "--action", "subject.delete", "--limit", "1", "--json").json
    assert (last["result"], last["details"]["read_back"]) == ("done", "unread")


@pytest.mark.parametrize("fault", ["rate-limit:retry-after=1", "code:code=40300"])
def test_a_limited_change_is_sent_again_and_nothing_is_said_to_be_unknown(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr("memos_admin.cli.progress.LONG", 0.0)
    asked(read, "/_emulator/faults", {"faults": [f"{fault},times=1,route=/delete/memory"]})
    ended = cli("memories", "delete", TRIP, "--confirm", TRIP)
    assert (ended.code, writes(read)) == (0, 2)
    assert "MemOS limits the rate; going on in " in ended.err
    assert "Ctrl+C ends it; what was done until then is told." in ended.err
    assert "would not be known" not in ended.err


def interrupting_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Ctrl+C pressed as soon as it is told that a request waits to be sent again."""
    tell = Waits.__call__

    def pressed(waits: Waits, waiting: str) -> None:
        tell(waits, waiting)
        if "going on in" in waiting:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Waits, "__call__", pressed)


def test_a_change_that_waits_to_be_sent_again_was_not_done_when_it_is_interrupted(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(read, "/_emulator/faults", {"faults": ["rate-limit:retry-after=9,route=/delete/memory"]})
    interrupting_waits(monkeypatch)
    words = ("memories", "delete", TRIP, REQUIREMENTS)
    ended = cli(*words, "--confirm", cli(*words, "--dry-run", "--json").json["confirm"])
    assert (ended.code, writes(read)) == (130, 1)
    assert f"{TRIP}: not done" in ended.err
    assert "MemOS did not do it. It was interrupted before it was sent again." in ended.err
    assert f"{REQUIREMENTS}: not tried" in ended.err
    assert "not known" not in ended.err
    (last,) = cli("journal", "list", "--action", "memory.delete", "--limit", "1", "--json").json
    assert (last["result"], last["details"]["carried_out"]) == ("failed", "no")
    ended = cli("users", "delete", USER, "--confirm", USER, "--no-export")
    assert (ended.code, writes(read)) == (130, 2)
    assert f"{USER}: MemOS did not do the deletion: it was interrupted" in ended.err
    assert ended.err.endswith("interrupted. Nothing was changed.\n")
    ended = cli("subject", "erase", USER, "--request", "R", "--no-archive", "--carry-out",
                "--confirm", USER)  # fmt: skip
    assert (ended.code, writes(read)) == (130, 3)
    assert "MemOS did not do the deletion: it was interrupted" in ended.err
    assert "not known" not in ended.err
    planned = cli("subject", "erase", USER, "--request", "R")
    assert "The deletion was sent before" not in planned.err + planned.out
