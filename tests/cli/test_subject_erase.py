"""Erasing a person from the command line, on a service that may fail: told, done, read back, resumed."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tenacity import wait_none

from memos_admin.backend.changing import reading_back, sending, subject, subject_asking
from memos_admin.backend.erasing import forgetting
from memos_admin.backend.home import Home
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.subject_access import erasure
from memos_admin.backend.subject_access.receipt import hash_of
from memos_admin.cloud import calling
from memos_admin.cloud.key import ApiKey
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli, asked, connect, terminal

USER = "memos_user_123"
ERASE = ("subject", "erase", USER, "--request", "DSR-18")
DO = (*ERASE, "--carry-out", "--confirm", USER)


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[EmulatorThread]:
    """A service of the test's own, which may be changed; nobody waits between two readings."""
    folder = tmp_path / "out"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MEMOS_ADMIN_ALLOW_WRITES", "true")
    for module in (reading_back, subject_asking):
        monkeypatch.setattr(module, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(calling, "wait_random_exponential", lambda **_given: wait_none())
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        yield running


@pytest.fixture
def read(ours: EmulatorThread, cli: Cli) -> EmulatorThread:
    """The same, with the user in the store."""
    assert cli("sync", "--user", USER).code == 0
    return ours


def users(running: EmulatorThread) -> list[str]:
    found: list[str] = asked(running, "/_emulator/users")
    return found


def break_(running: EmulatorThread, *faults: str) -> None:
    asked(running, "/_emulator/faults", {"faults": list(faults)})


def stored(cli: Cli) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cli("users", "list", "--json").json
    return found


OF_ONE: tuple[tuple[str, ...], ...] = (
    ("changes", "--user", "ID"),
    ("completeness", "gaps", "--user", "ID"),
    ("completeness", "show", "--user", "ID"),
    ("conversations", "list", "--user", "ID"),
    ("conversations", "remove", "0610", "--yes", "--user", "ID"),
    ("evidence", "check", "--user", "ID"),
    ("evidence", "links", "--user", "ID"),
    ("evidence", "missing", "--user", "ID"),
    ("evidence", "uncompared", "--user", "ID"),
    ("evidence", "silent", "--user", "ID"),
    ("evidence", "summary", "--user", "ID"),
    ("export", "conversation", "--conversation", "0610", "--output", "x.csv", "--user", "ID"),
    ("export", "memories", "--output", "x.csv", "--user", "ID"),
    ("export", "user", "ID", "--output", "x.csv"),
    ("hygiene", "scan", "--user", "ID"),
    ("memories", "list", "--filter", f"user:{USER}"),
    ("memories", "list", "--user", "ID"),
    ("messages", "list", "--conversation", "0610", "--user", "ID"),
    ("overview", "--user", "ID"),
    ("search", "tea", "--user", "ID"),
    ("store", "forget", "--user", "ID"),
    ("subject", "erase", "ID", "--request", "DSR-18"),
    ("subject", "export", "ID", "--request", "DSR-18"),
    ("timeline", "--user", "ID"),
    ("users", "remove", "ID", "--yes"),
    ("users", "show", "ID"),
    ("verdicts", "list", "--user", "ID"),
    ("verdicts", "queue", "unreviewed", "--user", "ID"),
)
"""Commands about one user that only read the store, or need it there."""


def exports() -> Path:
    """Return where the program writes what nobody named a place for."""
    return Home(Path(os.environ["MEMOS_ADMIN_HOME"])).exports_dir


def receipts(ending: str = "json") -> list[Path]:
    return sorted(exports().glob(f"erasure-receipt-DSR-18-*.{ending}"))


def test_without_more_it_tells_what_it_would_do(read: EmulatorThread, cli: Cli) -> None:
    ended = cli(*ERASE)
    assert (ended.code, ended.out) == (0, "")
    for words in (
        "For the request DSR-18",
        f"Delete everything that MemOS holds of user {USER}",
        "2 memories are listed (Fact 2)",
        "Exported first to",
        "and searching: about 6 requests, about 1 s.",
        "In the store and its index: 1 conversation, 4 messages, 2 memories, 0 earlier versions",
        "Write a receipt, without a text or id of the person",
        f"Nothing was changed. To do it: memos-admin subject erase {USER} --request DSR-18 --carry-out",
    ):
        assert words in ended.err
    assert USER in users(read)
    assert not [*Path.cwd().iterdir(), *exports().iterdir()]
    assert asked(read, "/_emulator/requests").get("/delete/memory", 0) == 0


def test_erasing_here_names_another_project_of_the_same_key_and_is_not_complete(
    read: EmulatorThread, cli: Cli, isolated: Path
) -> None:
    projects = Projects(Home(isolated))
    other = projects.add("other", base_url=os.environ["MEMOS_BASE_URL"])
    projects.remember_key(other, ApiKey(os.environ["MEMOS_API_KEY"]).fingerprint)
    assert cli("--project", "other", "users", "add", USER).code == 0
    there = f"memos-admin --project other users remove {USER}"
    forget = ("store", "forget", "--user", USER)
    looked = cli(*forget, "--dry-run", "--json")
    assert there in looked.err
    assert [one["project"] for one in looked.json["elsewhere"]] == ["other"]
    assert there in cli(*ERASE).err
    ended = cli(*forget, "--yes")
    assert (ended.code, there in ended.err) == (4, True)
    assert "in this project, not in another one here, other: to repeat this does not" in ended.err
    assert "Repeat it" not in ended.err
    checked = cli("store", "check")
    assert checked.code == 4
    assert "project other still holds who was erased here" in checked.err
    assert "memos-admin --project other store forget\n" in checked.err
    assert "delete those files" not in checked.err
    assert cli("--project", "other", "users", "remove", USER, "--yes").code == 0
    assert cli("store", "check").code == 0
    assert cli(*forget, "--yes").code == 0


def test_the_command_that_helps_first_is_in_the_other_project(
    read: EmulatorThread, cli: Cli, isolated: Path
) -> None:
    projects = Projects(Home(isolated))
    other = projects.add("other", base_url=os.environ["MEMOS_BASE_URL"])
    projects.remember_key(other, ApiKey(os.environ["MEMOS_API_KEY"]).fingerprint)
    assert cli("--project", "other", "users", "add", USER).code == 0
    ended = cli(*DO)
    assert ended.code == 4, ended.err
    first = f"To go on, first in project other: memos-admin --project other users remove {USER}"
    assert f"{first}\nThen: memos-admin subject erase {USER} " in ended.err
    assert "Do it again" not in ended.err
    assert cli("--project", "other", "users", "remove", USER, "--yes").code == 0
    last = cli(*DO, "--json")
    assert (last.code, last.json["ended"]) == (0, "nothing")
    (earlier,) = last.json["earlier_attempts"]
    assert earlier["found"] == {"conversations": 1, "messages": 4, "memories": 2}
    (archive,) = exports().glob("*.zip")
    assert earlier["archive_sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()


def test_a_dry_run_is_what_it_does_without_more_and_nothing_else(
    read: EmulatorThread, cli: Cli
) -> None:
    told = cli(*ERASE, "--dry-run")
    assert (told.code, "Nothing was changed. To do it:" in told.err) == (0, True)
    assert USER in users(read)
    both = cli(*DO, "--dry-run")
    assert (both.code, "not allowed with" in both.err) == (2, True)
    assert USER in users(read)


def test_the_command_that_does_it_has_all_that_was_given(read: EmulatorThread, cli: Cli) -> None:
    ended = cli("--reason", "they left", *ERASE, "--language", "zh", "--output", "my file.zip")
    assert "--request DSR-18 --language zh --output 'my file.zip' --carry-out" in ended.err
    assert "memos-admin --reason 'they left' subject erase" in ended.err
    assert "--request DSR-18 --no-archive --carry-out" in cli(*ERASE, "--no-archive").err


def test_it_is_archived_deleted_read_back_and_erased_with_a_receipt(
    read: EmulatorThread, cli: Cli
) -> None:
    ended = cli(*DO)
    assert ended.code == 0, ended.err
    assert "Erased, in MemOS and here." in ended.err
    assert USER not in users(read)
    assert stored(cli) == []
    (archive,) = exports().glob("*.zip")
    with zipfile.ZipFile(archive) as opened:
        assert json.loads(opened.read("manifest.json"))["counts"]["messages"] == 4
    assert cli("subject", "verify", str(archive)).code == 0
    (receipt,) = receipts()
    about = json.loads(receipt.read_text())
    assert about["ended"] == "complete"
    assert about["subject"] == {"kind": "user", "sha256": hash_of(SubjectRef("user", USER))}
    read_back = about["service"]["read_back"]
    assert read_back == {
        "verdict": "verified",
        "shown": "nothing",
        "readings": 1,
        "memories_of_others_asked_by_id": 0,
        "memories_of_others_still_there": None,
        "memories_listed": 0,
        "memories_asked_by_id": 2,
        "memories_still_there": 0,
        "conversations_asked": 1,
        "conversations_still_served": 0,
        "searches": 2,
        "memories_found_by_searching": 0,
        "not_answered": {
            "listings": 0,
            "memories_by_id": 0,
            "memories_of_others_by_id": 0,
            "conversations": 0,
            "searches": 0,
        },
    }
    assert about["here"]["erased"]
    assert any("beyond the latest 50" in text for text in about["not_verified"])
    assert (about["here"]["messages"], about["here"]["remain"]) == (4, 0)
    assert cli("journal", "verify", "--hash", about["journal"]["hash"]).code == 0
    entries = cli("journal", "list", "--json", "--limit", "0").json
    assert {(one["action"], one["ticket"]) for one in entries} >= {
        ("export", "DSR-18"),
        ("subject.delete", "DSR-18"),
        ("forget", "DSR-18"),
        ("subject.receipt", "DSR-18"),
    }
    for ending in ("json", "html", "md"):
        (path,) = receipts(ending)
        text = path.read_text()
        assert path.stat().st_mode & 0o777 == 0o600
        assert not re.search(rf"{USER}|\b0610\b|[Tt]ravel|[Ff]amily", text + path.name)


@pytest.mark.parametrize(
    ("fault", "lacks", "said"),
    [
        (
            "code:code=50004,route=/get/memory,after=2",
            {"memories_listed": None, "listings": 1},
            ("**Still listed:** no answer", "0 listings, 2 memories", "Not answered: 1 listing."),
        ),
        (
            "code:code=50004,route=/search/memory",
            {"memories_found_by_searching": None, "searches": 0},
            ("searching:** no answer", "1 conversation, 0 searches", "Not answered: 2 searches."),
        ),
        (
            "code:code=50004,route=/get/message,after=2",
            {"conversations_still_served": None, "conversations_asked": 0, "conversations": 1},
            ("served:** no answer", "0 conversations, 2 searches", "answered: 1 conversation."),
        ),
        (
            "code:code=50004,route=/get/memory/{memory_id},after=1,times=9",
            {"memories_asked_by_id": 1, "memories_by_id": 1},
            ("by id:** 0 (1 answer, of 2 that were due)", "1 memory and 0", "1 memory by its id."),
        ),
    ],
)
def test_what_cannot_be_read_back_keeps_the_store_and_is_done_by_the_next_run(
    read: EmulatorThread,
    cli: Cli,
    fault: str,
    lacks: dict[str, int | None],
    said: tuple[str, str, str],
) -> None:
    """Each way of asking has its own result: what had no answer is no zero, and no reason to stop."""
    break_(read, fault)
    ended = cli(*DO, "--json")
    assert ended.code == 4, ended.err
    assert "Not verified" in ended.err
    assert "Not erased here" in ended.err
    assert f"what is left: memos-admin subject erase {USER} --request " in ended.err
    assert len(stored(cli)) == 1
    (receipt,) = receipts()
    about = json.loads(receipt.read_text())
    assert (about["ended"], about["service"]["carried_out"]) == ("unverified", "done")
    read_back = about["service"]["read_back"]
    shown = {**read_back.pop("not_answered"), **read_back}
    answered = {
        "verdict": "unread",
        "shown": "unread",
        "readings": 1,
        "memories_of_others_asked_by_id": 0,
        "memories_of_others_still_there": None,
        "memories_of_others_by_id": 0,
        "memories_listed": 0,
        "memories_asked_by_id": 2,
        "memories_still_there": 0,
        "conversations_asked": 1,
        "conversations_still_served": 0,
        "searches": 2,
        "memories_found_by_searching": 0,
        "listings": 0,
        "memories_by_id": 0,
        "conversations": 0,
    }
    assert shown == answered | lacks
    told = ended.json["service"]["read_back"]
    for name in ("memories_listed", "searches", "conversations_asked"):
        assert told[name] == shown[name]
    page = receipts("md")[0].read_text()
    assert "could not be read back whole" in page
    assert said[0] in page
    for words in said[1:]:
        assert words in ended.err
    break_(read)
    again = cli(*DO)
    assert again.code == 0, again.err
    assert "MemOS has nothing of it any more" in again.err
    assert stored(cli) == []
    assert sorted(json.loads(path.read_text())["ended"] for path in receipts()) == [
        "complete",
        "unverified",
    ]


def test_an_answer_that_is_lost_and_a_deletion_that_was_not_done(
    read: EmulatorThread, cli: Cli
) -> None:
    break_(read, "error:status=503,route=/delete/memory")
    ended = cli(*DO)
    assert ended.code == 4, ended.err
    assert "Nobody knows whether MemOS did it." in ended.err
    assert json.loads(receipts()[0].read_text())["ended"] == "unknown"
    told = stored(cli)[0]["problem"]
    assert "An erasure for DSR-18, begun " in told
    assert cli("completeness", "list", "--json").json[0]["problem"] == told
    assert "unfinished of 1 user or agent" in cli("completeness", "show").out
    exported = cli("subject", "export", USER, "--request", "DSR-19", "--output", "known.zip")
    assert exported.code == 4, exported.err
    assert told in exported.err
    assert "may lack what MemOS deleted before it was read here" in exported.err
    assert (USER in users(read), len(stored(cli))) == (True, 1)
    here_alone = cli("store", "forget", "--user", USER, "--dry-run", "--json")
    assert told in here_alone.err
    assert "an erasure after this cannot verify that any more" in here_alone.err
    assert f"subject erase {USER} --request DSR-18 --carry-out" in here_alone.err
    assert here_alone.json["unfinished_erasures"] == ["DSR-18"]
    break_(read, "reset:route=/delete/memory")
    again = cli(*DO)
    assert again.code == 0, again.err
    assert "done, although MemOS did not say so" in again.err
    assert stored(cli) == []


def test_what_a_deletion_waits_for_is_told(read: EmulatorThread, cli: Cli) -> None:
    break_(read, "latency:route=/delete/memory,ms=3400", "error:status=503,times=1,after=1")
    ended = cli(*DO)
    assert ended.code == 0
    assert f"Everything of {USER} is read from MemOS first." in ended.err
    assert re.search(r"HTTP 503\); trying again in \d+ s \(try 2 of 5, about \d+ s more", ended.err)
    assert ended.err.count("MemOS has not answered for 3 s") == 1
    assert "Ctrl+C ends it; whether what was just sent is done would not be known" in ended.err


def test_a_refusal_changes_nothing(read: EmulatorThread, cli: Cli) -> None:
    break_(read, "code:code=40000,route=/delete/memory")
    ended = cli(*DO)
    assert ended.code == 1, ended.err
    assert "Nothing was erased." in ended.err
    assert "To go on" not in ended.err
    assert f"To try it again: memos-admin subject erase {USER} --request DSR-18" in ended.err
    assert (USER in users(read), len(stored(cli))) == (True, 1)
    assert stored(cli)[0]["problem"] is None
    (receipt,) = receipts()
    about = json.loads(receipt.read_text())
    assert (about["ended"], about["here"]["erased"]) == ("refused", False)
    (archive,) = exports().glob("*.zip")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert about["archive_before"]["sha256"] == digest
    page = receipts("md")[0].read_text()
    assert "Nothing was erased: MemOS refused to delete it. Repeat the erasure." in page
    assert "* **Deletion:** MemOS refused it\n" in page
    assert "* **Erased:** no: nothing was deleted in MemOS\n" in page


def test_what_cannot_be_read_whole_is_erased_only_by_who_says_so(
    read: EmulatorThread, cli: Cli
) -> None:
    break_(read, "code:code=40002,route=/get/message")
    for more in ((), ("--no-archive",)):
        ended = cli(*DO, *more)
        assert ended.code == 1
        assert "could not be read whole, so that nobody knows what would be deleted" in ended.err
        assert "Nothing was changed. Try again later." in ended.err
        assert "--although-unread" in ended.err
    assert (USER in users(read), list(exports().iterdir())) == (True, [])
    ended = cli(*DO, "--although-unread")
    assert (ended.code, USER in users(read)) == (4, False)
    assert "Not all could be read, and what was not is kept nowhere: " in ended.err
    assert "--request DSR-18 --although-unread --carry-out" in ended.err
    (archive,) = exports().glob("*.zip")
    with zipfile.ZipFile(archive) as opened:
        about = json.loads(opened.read("manifest.json"))["completeness"]
    assert "was not read whole by the last sync" in " ".join(about["said"])


def test_a_deletion_that_was_sent_is_verified_again_although_messages_cannot_be_read(
    read: EmulatorThread, cli: Cli
) -> None:
    break_(read, "code:code=50004,route=/search/memory")
    assert cli(*DO, "--no-archive").code == 4
    break_(read, "code:code=50004,route=/get/message")
    ended = cli(*DO, "--no-archive")
    assert ended.code == 4, ended.err
    assert "MemOS says that it has nothing of it any more" in ended.err
    assert "The deletion was sent before, by the run begun " in ended.err
    assert "Nothing was erased" not in ended.err
    assert [json.loads(path.read_text())["ended"] for path in receipts()] == ["unverified"] * 2
    break_(read, "code:code=50004,route=/get/memory")  # nor is it known whether something is back
    ended = cli(*DO, "--no-archive")
    assert ended.code == 1
    assert "An erasure for DSR-18, begun" in ended.err
    break_(read)
    assert cli(*DO, "--no-archive").code == 0


def test_backups_that_are_out_of_reach_remain_and_are_erased_by_the_next_run(
    read: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    disk, away = tmp_path / "disk", tmp_path / "away"
    disk.mkdir()
    assert cli("store", "backup", str(disk / "backup.db")).code == 0
    disk.rename(away)
    ended = cli(*DO)
    assert ended.code == 4, ended.err
    assert "Not erased:" in ended.err
    assert json.loads(receipts()[0].read_text())["here"]["remain"] == 1
    away.rename(disk)
    again = cli(*DO)
    assert again.code == 0, again.err
    assert "In 1 backup too." in again.err
    # Nothing was left to be archived.
    assert len(list(exports().glob("*.zip"))) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((*ERASE, "--carry-out", "--confirm", "memos_user_12"), 2, "That is not"),
        ((*ERASE, "--carry-out"), 2, "To go on: --confirm"),
        ((*ERASE, "--confirm", USER), 2, "--confirm is for --carry-out"),
        (("subject", "erase", "nobody", "--request", "1"), 1, "nobody"),
    ],
)
def test_nothing_is_done_unless_it_is_asked_for_properly(
    read: EmulatorThread, cli: Cli, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ended = cli(*arguments)
    assert ended.code == code
    assert said in ended.err
    assert (USER in users(read), len(stored(cli))) == (True, 1)


@pytest.mark.terminal
def test_an_id_typed_before_the_plan_is_there_confirms_nothing(read: EmulatorThread) -> None:
    command = [*ERASE, "--carry-out"]
    seen = terminal(command, ahead=f"{USER}\n", replies=[(f"Type {USER}", "no\n")])
    assert seen.code == 2, seen.text
    assert f"That is not {USER}. Nothing was changed." in seen.text
    assert USER in users(read)


def test_an_id_that_is_not_on_the_roster_says_that_memos_was_not_asked(
    ours: EmulatorThread, cli: Cli
) -> None:
    ended = cli(*DO)
    assert ended.code == 1
    assert "MemOS was not asked" in ended.err
    assert f"memos-admin users add {USER}" in ended.err
    assert USER in users(ours)


def test_interrupted_it_says_how_to_go_on(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped(*_given: object, **_more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(erasure, "erase", stopped)
    ended = cli(*DO)
    assert ended.code == 130
    assert "Nothing was sent to MemOS, and nothing was erased here." in ended.err
    assert f"memos-admin subject erase {USER} --request DSR-18 --carry-out" in ended.err


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ((sending, "send"), "The deletion was sent to MemOS, or was about to be"),
        ((subject, "read_back"), "What it shows of it now was not read back."),
        ((forgetting, "forget"), "Not erased here, or not to the end. No receipt was written."),
    ],
)
def test_interrupted_on_the_way_it_names_what_was_done(
    read: EmulatorThread,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    at: tuple[object, str],
    said: str,
) -> None:
    def stopped(*given: object, **_more: object) -> None:
        for one in filter(inspect.iscoroutine, given):
            one.close()
        raise KeyboardInterrupt

    with monkeypatch.context() as stopping:
        stopping.setattr(*at, stopped)
        ended = cli(*DO, "--output", "a.zip")
    assert ended.code == 130
    assert said in ended.err
    assert "Archived to a.zip" in ended.err
    assert hashlib.sha256(Path("a.zip").read_bytes()).hexdigest() in ended.err
    # The same file would be refused: it is the only copy by now.
    (output,) = re.findall(r"--output (\S+) --carry-out", ended.err)
    assert output != "a.zip"
    assert cli(*DO, "--output", output).code == 0


def test_a_project_that_is_only_read(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEMOS_ADMIN_ALLOW_WRITES")
    looked = cli(*ERASE)
    assert (looked.code, "Read-only" in looked.err) == (0, True)
    ended = cli(*DO)
    assert (ended.code, USER in users(read)) == (2, True)
    assert "Read-only" in ended.err


def test_json_tells_all_of_it(read: EmulatorThread, cli: Cli) -> None:
    planned = cli(*ERASE, "--json").json
    assert (planned["ended"], planned["complete"]) == (None, False)
    done = cli(*DO, "--json", "--no-archive").json
    assert (done["ended"], done["complete"], done["archive"]) == ("complete", True, None)
    assert done["service"]["read_back"]["searches"] == 2
    assert done["here"]["complete"]
    assert len(done["receipts"]) == 3


def test_an_id_that_was_erased_before_says_so_wherever_it_comes_up(
    read: EmulatorThread, cli: Cli
) -> None:
    assert cli(*DO).code == 0
    entry = cli("journal", "list", "--action", "forget", "--json").json[0]
    told = (
        f"Erased before, in MemOS and here, on {entry['at']}, for DSR-18. "
        f"Entry {entry['seq']} of the operator journal says so."
    )
    for command in OF_ONE:
        gone = cli(*(USER if word == "ID" else word for word in command))
        assert (gone.code, told in gone.err) == (1, True), command
        assert gone.err.count(told) == 1
    assert f"memos-admin journal list --user {USER}" in gone.err
    added = cli("users", "add", USER)
    assert f"user {USER}: Erased before, in MemOS and here, on " in added.err
    assert ", for DSR-18. " in added.err
    assert " says so. It was added again since." in added.err
    again = cli(*DO, "--json")
    assert (again.code, again.json["ended"], again.json["complete"]) == (0, "nothing", True)
    assert again.json["erased_before"]["request"] == "DSR-18"
    assert "Nothing was found to delete" in again.err
    cli("users", "add", USER)
    assert cli("sync", "--user", USER).code == 0
    assert "Erased before, in MemOS and here, on " in stored(cli)[0]["problem"]
    for command in OF_ONE:
        if command[0] not in {"subject", "store"} and "remove" not in command:
            back = cli(*(USER if word == "ID" else word for word in command))
            assert f"user {USER}: Erased before, in MemOS and here, on " in back.err, command


def test_an_id_that_was_erased_here_alone_says_that(read: EmulatorThread, cli: Cli) -> None:
    memory = cli("memories", "list", "--user", USER, "--json").json[0]["memory_id"]
    assert "erased" not in cli("memories", "history", "no-such-memory").err
    assert cli("store", "forget", "--user", USER, "--yes").code == 0
    gone = cli("memories", "list", "--user", USER)
    assert gone.code == 1
    assert re.search(
        r"Erased before, here alone, on \S+ That was here, not in MemOS\. Entry \d+ of the operator ",
        gone.err,
    )
    assert "Erased" not in cli("memories", "list", "--user", "nobody").err
    lost = cli("memories", "history", memory)
    assert (lost.code, "of one of those who were erased here (1)" in lost.err) == (1, True)


def test_who_is_removed_before_an_erasure_has_ended_is_told_what_stays_noted(
    read: EmulatorThread, cli: Cli
) -> None:
    break_(read, "code:code=50004,route=/search/memory")
    assert cli(*DO).code == 4
    ended = cli("users", "remove", USER, "--yes")
    assert ended.code == 0
    assert "An erasure for DSR-18, begun " in ended.err
    assert "stays noted without the id" in ended.err
    assert stored(cli) == []
    assert "An erasure for DSR-18, begun " in cli("users", "show", USER).err
    assert cli("users", "add", USER).code == 0
    (row,) = stored(cli)
    assert "The copy here was erased since" in row["problem"]
    again = cli("users", "remove", USER, "--yes")
    assert "The ids by which MemOS is asked" not in again.err  # they are gone already
