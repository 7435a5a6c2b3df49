"""Sync from the command line: what it tells, and that interrupting it loses nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from memos_admin.backend.changing.subject_asking import Asked
from memos_admin.backend.sync import SyncProgress, SyncReport
from memos_admin.cli import progress
from memos_admin.cli.context import Context, Options
from memos_admin.cli.output import Output
from memos_admin.cli.sync import tell
from memos_admin.cli.table import minute
from memos_admin.cloud.key import ApiKey
from memos_admin.emulator.generate import generated_data
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import ROOT, SECONDS, Cli, asked, connect, terminal
from tests.effort import LONG

KEYS = [
    "asked",
    "subjects",
    "requests",
    "added",
    "changed",
    "vanished",
    "missed_once",
    "listed_in_part",
    "listed_whole",
    "returned",
    "messages",
    "messages_changed",
    "gaps",
    "conversations_kept",
    "failed",
    "not_begun",
    "finishes",
    "complete",
]


def test_the_object(connected: EmulatorThread, cli: Cli) -> None:
    cli("users", "add", "memos_user_123")
    ended = cli("sync", "--json")
    assert ended.code == 0
    assert list(ended.json) == KEYS
    assert ended.json == {
        **ended.json,
        "asked": 1,
        "subjects": 1,
        "added": 2,
        "changed": 0,
        "vanished": 0,
        "missed_once": 0,
        "listed_in_part": 0,
        "listed_whole": 1,
        "returned": 0,
        "messages": 4,
        "messages_changed": 0,
        "gaps": 0,
        "conversations_kept": 0,
        "failed": [],
        "not_begun": [],
        "finishes": [],
        "complete": True,
    }
    again = cli("sync", "--json").json
    assert (again["added"], again["changed"], again["messages"]) == (0, 0, 0)
    assert (again["listed_in_part"], again["listed_whole"], again["vanished"]) == (1, 0, None)
    assert again["missed_once"] is None
    told = cli("sync").err
    assert "vanished ones not looked for" in told
    assert "found by --full" in told
    assert "0 vanished" in cli("sync", "--full").err


@pytest.mark.parametrize("fault", ["invalid-json", "code:code=40020", "html:status=404"])
@pytest.mark.parametrize("full", [[], ["--full"]])
def test_where_no_listing_was_whole_nothing_is_said_of_what_vanished(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, fault: str, full: list[str]
) -> None:
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        running.emulator.faults.replace([fault])
        ended = cli("sync", "--user", "memos_user_123", *full)
        object_ = cli("sync", "--user", "memos_user_123", *full, "--json").json
        journaled = cli("journal", "list", "--action", "sync", "--json").json
    assert ended.code != 0
    assert "vanished ones not looked for" in ended.err
    assert "0 vanished" not in ended.err
    assert (object_["vanished"], object_["listed_whole"]) == (None, 0)
    assert ["vanished" in entry["counts"] for entry in journaled] == [False, False]


def test_without_json_stdout_stays_empty(connected: EmulatorThread, cli: Cli) -> None:
    ended = cli("sync", "--user", "memos_user_123")
    assert (ended.code, ended.out) == (0, "")
    assert "2 memories new" in ended.err
    assert "4 new messages" in ended.err


def test_users_and_agents_may_be_named_together(connected: EmulatorThread, cli: Cli) -> None:
    ended = cli("sync", "--user", "memos_user_123", "王芳", "--agent", "ops-agent", "--rate", "50")
    assert ended.code == 0
    rows = cli("users", "list", "--json").json
    assert {row["user_id"] for row in rows} == {"memos_user_123", "王芳", "ops-agent"}
    assert all(row["last_sync"] for row in rows)


def test_one_conversation(connected: EmulatorThread, cli: Cli) -> None:
    ended = cli("sync", "--user", "memos_user_123", "--conversation", "0610", "--json")
    assert ended.json["messages"] == 4


def test_a_mistyped_user_is_added_and_doubted(connected: EmulatorThread, cli: Cli) -> None:
    ended = cli("sync", "--user", "memos_user_132", "memos_user_123")
    assert ended.code == 0
    assert "memos_user_132 was not on the roster; it was added." in ended.err
    assert "MemOS lists no memories for memos_user_132: is the id right?" in ended.err
    assert "no memories for memos_user_123" not in ended.err
    again = cli("sync", "--user", "memos_user_132").err
    assert "was not on the roster" not in again
    assert "no memories for memos_user_132" in again


def test_a_sync_of_all_says_of_whom_memos_lists_nothing(
    connected: EmulatorThread, cli: Cli
) -> None:
    mistyped = ["a1", "a2", "a3", "a4", "a5", "=cmd|calc"]
    cli("users", "add", "memos_user_123", *mistyped)
    for _ in range(2):
        err = cli("sync").err
        assert "MemOS lists nothing for 6 of 7: a1, a2, a3, a4, a5, … Are the ids right?" in err
        assert "=cmd" not in err
    err = cli("--verbose", "sync").err
    assert "for 6 of 7: a1, a2, a3, a4, a5, =cmd|calc. Are the ids right?" in err


def test_a_mistyped_conversation_is_doubted_and_not_kept(
    connected: EmulatorThread, cli: Cli
) -> None:
    ended = cli("sync", "--user", "memos_user_123", "--conversation", "0160")
    assert ended.code == 0
    assert "MemOS returned no messages for conversation 0160 of memos_user_123" in ended.err
    assert "no memory names it" in ended.err
    rows = cli("conversations", "list", "--user", "memos_user_123", "--json").json
    assert [row["conversation_id"] for row in rows] == ["0610"]
    right = cli("sync", "--user", "memos_user_123", "--conversation", "0610")
    assert "is the id right" not in right.err


def test_nobody_to_read_is_told(connected: EmulatorThread, cli: Cli) -> None:
    ended = cli("sync", "--json")
    assert ended.code == 0
    assert list(ended.json) == KEYS
    assert (ended.json["subjects"], ended.json["requests"]) == (0, 0)
    assert "users add" in ended.err
    assert "0 users and agents" not in ended.err


def test_a_mistyped_key_is_no_empty_project(
    connected: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch, isolated: Path
) -> None:
    monkeypatch.setenv("MEMOS_API_KEY", "mpg-mistyped")
    ended = cli("sync")
    assert ended.code == 3
    host = connected.base_url.removeprefix("http://").partition("/")[0]
    title = f"environment key {ApiKey('mpg-mistyped').fingerprint[:8]}"
    assert f"This is the project of MEMOS_API_KEY ({title} at {host})" in ended.err
    assert "refused the API key" in ended.err
    assert "Nobody" not in ended.err
    assert not (isolated / "projects").exists()


def test_who_was_added_is_told_behind_what_came_of_it(
    connected: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_API_KEY", "mpg-mistyped")
    ended = cli("sync", "--user", "zed")
    assert ended.code == 3
    told = ended.err
    assert told.index("refused the API key") < told.index(
        "zed was not on the roster; it was added."
    )
    assert cli("users", "list", "--json").json[0]["user_id"] == "zed"


def test_verbose_tells_requests_and_no_key(connected: EmulatorThread, cli: Cli) -> None:
    ended = cli("--verbose", "sync", "--user", "memos_user_123")
    assert "/get/memory" in ended.err
    assert connected.api_key not in ended.err
    assert "Token" not in ended.err
    assert cli("sync", "--user", "memos_user_123").err.count("/get/memory") == 0


@pytest.mark.terminal
def test_progress_on_a_terminal_is_one_line(connected: EmulatorThread) -> None:
    seen = terminal(["sync", "--user", "memos_user_123", "--json"], columns=80)
    assert seen.code == 0
    assert "\x1b" not in seen.text
    assert "1 of 1" in seen.text
    assert seen.text.count("\r") >= 2


@pytest.mark.terminal
def test_progress_leaves_piped_json_alone(connected: EmulatorThread) -> None:
    seen = terminal(["sync", "--user", "memos_user_123", "--json"], piped=True)
    assert seen.code == 0
    assert "complete" not in seen.text


def memory_ids(cli: Cli) -> set[str]:
    """Return the ids of all stored memories."""
    rows = cli("memories", "list", "--json", "--limit", "0").json
    return {row["memory_id"] for row in rows}


def requests_of(running: EmulatorThread) -> int:
    """Return how many requests the service has had."""
    return sum(asked(running, "/_emulator/requests").values())


def test_it_is_said_who_has_read_what_is_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    report = SyncReport(0, 2, 0, 0, 0, 0, 0, 0, 0, (), complete=True)
    context = Context(Output(), Options(), {})
    for beside, told in (
        (True, "another sync, which is under way"),
        (False, "an interrupted sync"),
    ):
        tell(context, replace(report, beside=beside))
        assert f"2 skipped: {told}" in capsys.readouterr().err


def test_messages_that_memos_returns_no_more_are_told_as_kept(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        whose = ("--user", "memos_user_123")
        assert cli("users", "add", whose[1]).code == 0
        assert "returned none" not in cli("sync", *whose).err
        assert "kept here" not in cli("messages", "list", *whose, "--conversation", "0610").err
        assert "Kept here" not in cli("completeness", "gaps", *whose).err
        asked(running, "/delete/memory", {"user_id": whose[1]})
        assert (
            "Of 1 conversation MemOS returned none of the messages that are here; they are kept."
            in cli("sync", *whose, "--full").err
        )
        (row,) = [
            row
            for row in cli("conversations", "list", *whose, "--json").json
            if row["conversation_id"] == "0610"
        ]
        served, read = row["served_at"], row["fetched_at"]
        assert served < read
        of_it = "messages", "list", *whose, "--conversation", "0610"
        assert {(one["served_at"], one["fetched_at"]) for one in cli(*of_it, "--json").json} == {
            (served, read)
        }
        told = cli(*of_it).err
        assert f"4 messages, from the beginning, as of {minute(served)}." in told
        time = r"( \d\d:\d\d(:\d\d)? UTC)?"
        days = rf"{served[:10]}{time}: MemOS returned none of them at the last reading, {read[:10]}{time}"
        line = rf"The messages of the conversation are kept here, as of {days}\.\n"
        assert re.search(line, told)
        assert re.search(line, cli("conversations", "list", *whose).err)
        kept = f", as of {served}: MemOS returned none of them at the last reading, {read}"
        told = f"4 messages of 1 conversation{kept}"
        assert f"Kept here: {told}" in cli("completeness", "gaps", *whose).err
        assert told in " ".join(cli("completeness", "show", *whose).out.split())
        syncs = cli("sql", "SELECT mode, kept FROM syncs ORDER BY started_at", "--json").json
        assert syncs == [{"mode": "changes", "kept": 0}, {"mode": "full", "kept": 1}]


def test_an_interrupted_sync_keeps_what_it_read(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmulatorThread(faults=["timeout:after=40"]) as running:  # so that it cannot end by itself
        connect(monkeypatch, running)
        users = asked(running, "/_emulator/users")
        cli("users", "add", *users)
        before = requests_of(running)
        with subprocess.Popen(
            [sys.executable, "-m", "memos_admin", "sync", "--rate", "10", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ,
        ) as syncing:
            deadline = time.monotonic() + SECONDS
            while requests_of(running) < before + 20:
                assert syncing.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)
            syncing.send_signal(signal.SIGINT)
            out, err = syncing.communicate(timeout=SECONDS)
        assert syncing.returncode == 130
        assert out == ""
        assert "Kept:" in err
        assert "Traceback" not in err
        kept = memory_ids(cli)
        assert {row["bound"] for row in cli("users", "list", "--json").json} >= {"least"}
        for command in ("users", "completeness"):
            for row in cli(command, "list", "--json").json:
                never = row.get("listed_whole_at", row.get("last_sync")) is None
                assert row["bound"] == ("least" if never else "exact")
        today = cli("timeline", "--json").json[-1]
        assert (today["listed"], today["bound"]) == (len(kept), "least")
        assert "Lower bounds (+): somebody" in cli("timeline").err
        asked(running, "/_emulator/faults", {"faults": []})
        ended = cli("sync", "--rate", "50", "--json")
        assert ended.code == 0
        assert ended.json["complete"] is True
        assert ended.json["added"] > 0
        assert kept < memory_ids(cli)
        assert cli("timeline", "--json").json[-1]["bound"] == "exact"
        assert {row["bound"] for row in cli("users", "list", "--json").json} == {"exact"}
        assert "Lower bounds" not in cli("timeline").err
        for user in users:
            check_user(cli, running, user)


def test_what_is_read_equals_what_the_service_holds(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    from memos_admin.emulator.generate import generated_data

    data = generated_data(5, 3, 12, 70, 3)
    with EmulatorThread(data) as running:
        connect(monkeypatch, running)
        assert cli("users", "add", *asked(running, "/_emulator/users")).code == 0
        assert cli("sync", "--rate", "50").code == 0
        for user in asked(running, "/_emulator/users"):
            check_user(cli, running, user)


def says(text: str, content: str | list[dict[str, Any]]) -> bool:
    """Return whether a listed text is what the service holds; of parts the texts come first."""
    if isinstance(content, str):
        return text == content
    return text.startswith("\n".join(part["text"] for part in content if part["type"] == "text"))


def check_user(cli: Cli, running: EmulatorThread, user: str) -> None:
    """Compare what the lists say of a user with what the service answers without our client."""
    page = asked(running, "/get/memory", {"user_id": user, "page": 1, "size": 50})["data"]
    pages = [page] + [
        asked(running, "/get/memory", {"user_id": user, "page": number, "size": 50})["data"]
        for number in range(2, page["pages"] + 1)
    ]
    served = {
        item["id"]
        for some in pages
        for name, items in some.items()
        if name.endswith("_detail_list")
        for item in items or ()
    }
    stored = cli("memories", "list", "--user", user, "--json", "--limit", "0").json
    assert {row["memory_id"] for row in stored} == served
    for row in cli("conversations", "list", "--user", user, "--json").json:
        body = {
            "user_id": user,
            "conversation_id": row["conversation_id"],
            "message_limit_number": 50,
        }
        said = asked(running, "/get/message", body)["data"]["message_detail_list"]
        listed = cli(
            "messages", "list", "--user", user, "--conversation", row["conversation_id"], "--json"
        ).json
        assert [found["role"] for found in listed] == [message["role"] for message in said]
        for found, message in zip(listed, said, strict=True):
            assert says(found["content"], message["content"])
        assert [found["seq"] for found in listed] == list(range(1, len(said) + 1))


def test_a_problem_is_kept_in_the_list(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        asked(running, "/_emulator/faults", {"faults": ["code:code=40000,route=/get/memory"]})
        assert cli("sync", "--user", "memos_user_123").code == 1
        (row,) = cli("users", "list", "--json").json
        assert row["problem"]
        asked(running, "/_emulator/faults", {"faults": []})
        assert cli("sync").code == 0
        (row,) = cli("users", "list", "--json").json
        assert row["problem"] is None


def test_a_used_up_quota_says_how_many_were_not_read(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmulatorThread(faults=["code:code=40304"]) as running:
        connect(monkeypatch, running)
        ended = cli("sync", "--user", "u1", "u2", "u3")
    assert ended.code == 1
    assert "memos-admin: stopped: " in ended.err
    assert "0 of 3 users and agents read" in ended.err
    assert " 3 were not listed completely. What was read stays." in ended.err


def test_a_key_refused_on_the_way_names_of_each_what_was_not_read(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is told once, with the part that is marked in the list of users."""
    with EmulatorThread(
        generated_data(users=12, conversations=2, messages=4, memories=6, seed=3)
    ) as running:
        connect(monkeypatch, running)
        cli("users", "add", *asked(running, "/_emulator/users"))
        assert cli("sync").code == 0
        asked(running, "/_emulator/faults", {"faults": ["expired-key:after=6"]})
        ended = cli("sync", "--full", "--json")
    assert ended.code == 3
    said, marks = ended.json, {}
    for row in cli("users", "list", "--limit", "0", "--json").json:
        if row["problem"]:
            marks[row["user_id"]] = row["problem"].partition(":")[0]
    failed = {row["user_id"]: row["part"] for row in said["failed"]}
    assert failed == marks
    assert set(failed.values()) == {"memories", "messages"}
    waiting = {row["user_id"] for row in said["not_begun"]}
    assert waiting
    assert not waiting & failed.keys()
    assert (said["asked"], said["subjects"]) == (12, 12 - len(waiting) - len(failed))
    parts = Counter(failed.values())
    assert said["listed_whole"] == parts["messages"] + said["subjects"]
    for told in (
        f"{said['subjects']} of 12 users and agents read, ",
        f" The memories of {parts['messages']} were listed, but not all of their messages were read.",
        f" {parts['memories']} w",
        f" {len(waiting)} were not asked for. What was read stays.",
        *(f"  user {name}: {part}: " for name, part in failed.items()),
    ):
        assert told in ended.err


def test_faults_go_to_stderr_only(connected: EmulatorThread, cli: Cli) -> None:
    ended = cli("sync", "--user", "memos_user_123", "--json")
    json.loads(ended.out)
    assert ended.err


@pytest.mark.terminal
def test_requests_told_stand_on_lines_of_their_own(connected: EmulatorThread) -> None:
    seen = terminal(["--verbose", "sync", "--user", "memos_user_123"], columns=80)
    assert seen.code == 0
    requests = re.findall(r"([^\r\n]*)POST (/get/\w+) ok", seen.text)
    assert {route for _, route in requests} == {"/get/memory", "/get/message"}
    assert all(not before for before, _ in requests)
    behind_the_last = seen.text[seen.text.rindex("POST") :]
    assert "1 of 1 · " in behind_the_last


WAITS = [
    ["sync", "--user", "memos_user_123"],
    ["memories", "show", "0a89db3a-2061-4c97-a1b8-45700f8745bc"],
    ["search", "trip", "--user", "memos_user_123", "--remote"],
    ["projects", "test"],
]
SLOW = [
    (
        "error:status=503,times=1",
        "MemOS cannot answer now (HTTP 503); trying again in 1 s (try 2 of 5",
    ),
    ("rate-limit:retry-after=1,times=1", "MemOS limits the rate; going on in "),
    ("reset:times=1", "the connection broke off; trying again in "),
    ("latency:ms=3500,times=1", "MemOS has not answered for 3 s"),
]
WHY = [
    pytest.param(arguments, *slow, id=f"{' '.join(arguments)}-{slow[0]}")
    for turn, arguments in enumerate(WAITS)
    for number, slow in enumerate(SLOW)
    if LONG or turn == number
]
"""Each command, each reason; in the long form each command for each reason."""


@pytest.mark.terminal
@pytest.mark.parametrize(("arguments", "fault", "words"), WHY)
def test_why_it_takes_long_is_told_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], fault: str, words: str
) -> None:
    with EmulatorThread(faults=[fault]) as running:
        connect(monkeypatch, running)
        seen = terminal(arguments, columns=80)
    assert seen.code == 0
    assert words in seen.text


@pytest.mark.parametrize("arguments", [["sync", "--user", "memos_user_123"], ["projects", "test"]])
def test_what_is_waited_for_is_told_in_a_log_once(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    with EmulatorThread(faults=["error:status=503,times=2", "latency:ms=4600,times=1"]) as running:
        connect(monkeypatch, running)
        ended = cli(*arguments)
    assert ended.code == 0
    waits = [line for line in ended.err.splitlines() if line.startswith("MemOS ")]
    silence, again, last = waits
    assert silence == "MemOS has not answered for 3 s"  # and not for 4
    assert again.startswith("MemOS cannot answer now (HTTP 503); trying again in ")
    tries = [re.search(r"\((try .*), about (\d+) s more\)$", line) for line in (again, last)]
    assert [found[1] for found in tries if found] == ["try 2 of 5", "try 3 of 5"]
    assert all(found and int(found[2]) <= 60 for found in tries)


class Clock:
    """Seconds that a test lets pass."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


def test_a_log_is_never_silent_while_the_rate_is_limited(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    waits = progress.Waits(Output())
    told: list[tuple[float, list[str]]] = []
    for seconds in (1, 1, 2, 5, 8, 17):
        for _ in range(3):  # as many requests as wait at once
            waits(f"MemOS limits the rate; going on in {seconds} s")
        told.append((clock.now, capsys.readouterr().err.splitlines()))
        clock.now += seconds
    assert [(at, [line[-4:] for line in lines if "rate" in line]) for at, lines in told] == [
        (0.0, [" 1 s"]),
        (1.0, []),
        (2.0, [" 2 s"]),
        (4.0, [" 5 s"]),
        (9.0, [" 8 s"]),
        (17.0, ["17 s"]),
    ]
    assert [lines for _, lines in told if progress.READING in lines] == [told[3][1]]


def test_a_silence_is_told_again_and_again_in_a_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    waits = progress.Waits(Output(), progress.CHANGING)
    for second in range(3, 40):
        waits(f"MemOS has not answered for {second} s")
        clock.now += 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[1] == progress.CHANGING
    assert [line[-4:] for line in lines if "answered" in line] == [" 3 s", "13 s", "23 s", "33 s"]


@pytest.mark.parametrize("is_terminal", [False, True])
def test_how_far_a_reading_back_is_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, is_terminal: bool
) -> None:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    monkeypatch.setattr(Output, "notes_on_terminal", is_terminal)
    reading = progress.ReadingBack(Output())
    for done in range(1, 61):
        reading(Asked(done, 60, (60 - done) / 2))
        clock.now += 0.5
    told = capsys.readouterr().err
    assert told.count("Ctrl+C ends it; what came of it is not verified then.") == 1
    numbers = [int(done) for done in re.findall(r"reading MemOS back: (\d+) of 60", told)]
    assert [*dict.fromkeys(numbers)] == ([*range(1, 61)] if is_terminal else [1, 21, 41])


@pytest.mark.terminal
def test_ending_a_wait_is_said_to_be_safe_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    with EmulatorThread(faults=["rate-limit:retry-after=3,times=1"]) as running:
        connect(monkeypatch, running)
        seen = terminal(["search", "trip", "--user", "memos_user_123", "--remote"], columns=80)
    assert seen.code == 0
    assert progress.NOTHING_READ in seen.text


def test_where_all_conversations_failed_and_memories_were_listed_is_in_part(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        assert cli("sync", "--user", "memos_user_123").code == 0
        asked(running, "/_emulator/faults", {"faults": ["code:code=40000,route=/get/message"]})
        ended = cli("sync", "--full", "--json")
        assert ended.code == 4  # though nothing of what was listed was new
        assert [failure["conversation_id"] for failure in ended.json["failed"]] == ["0610"]
        asked(running, "/_emulator/faults", {"faults": ["code:code=40000"]})
        assert cli("sync", "--full").code == 1


@pytest.mark.terminal
def test_a_silent_question_is_told_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    with EmulatorThread(faults=["latency:ms=1500,times=1"]) as running:
        connect(monkeypatch, running)
        seen = terminal(["memories", "show", "0a89db3a-2061-4c97-a1b8-45700f8745bc"])
    assert "asking MemOS …" in seen.text
    assert seen.text.rindex("asking MemOS …") < seen.text.index("Summer Family Trip Plan")


def test_what_worked_before_is_not_advised_to_be_wrong(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = {"faults": ["invalid-json"]}
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        asked(running, "/_emulator/faults", faults)
        ended = cli("sync", "--user", "memos_user_123")
        assert (ended.code, "Check the base URL." in ended.err) == (1, True)
        asked(running, "/_emulator/faults", {"faults": []})
        assert cli("sync", "--user", "memos_user_123").code == 0
        asked(running, "/_emulator/faults", faults)
        ended = cli("sync", "--full")
        assert "has answered at this base URL before" in ended.err
        assert "Check the base URL." not in ended.err


def test_a_clock_that_is_far_from_that_of_the_service_is_told_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = SyncReport(0, 2, 0, 0, 0, 0, 0, 0, 0, (), complete=True)
    for ahead in (0.0, -2 * 86_400.0):
        tell(Context(Output(), Options(), {}), replace(report, clock_ahead=ahead))
        assert ("2 days behind that of MemOS" in capsys.readouterr().err) == (ahead < 0)


def test_memories_that_may_be_gone_or_not_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    report = SyncReport(1, 51, 0, 0, 0, 50, 0, 0, 0, (), complete=True, listed_whole=1, asked=1)
    context = Context(Output(), Options(), {})
    for number, told in (
        (94, "94 memories more are in doubt"),
        (1, "1 memory more is in doubt"),
        (0, ""),
    ):
        tell(context, replace(report, unconfirmed=number))
        said = capsys.readouterr().err
        assert told in said
        assert ("in doubt" in said) == bool(number)


def test_how_much_an_interrupted_sync_keeps_is_said_to_be_at_least_that() -> None:
    telling = progress.Progress(Output())
    telling(SyncProgress(0, 1, 6, 251, 0, "memories, page 7", None))
    assert telling.kept().startswith("Kept: 0 of 1 finished, at least 251 memories and 0 messages")
