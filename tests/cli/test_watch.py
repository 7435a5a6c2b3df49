"""``watch`` against a service on a socket: lines, JSON lines, faults, a task, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from memos_admin.backend import display
from memos_admin.backend.masking.veil import Veil
from memos_admin.backend.watching import calm
from memos_admin.cli import watch
from memos_admin.cli.watch import lines
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import ROOT, SECONDS, Cli, asked, connect, terminal

WHO, MEMORY = "memos_user_123", "0a89db3a-2061-4c97-a1b8-45700f8745bc"
ONE = ("watch", "--user", WHO, "--for", "0.1s")


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> Iterator[EmulatorThread]:
    """A service of the test's own, with one user read."""
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        assert cli("sync", "--user", WHO).code == 0
        yield running


def change(running: EmulatorThread, **fields: str) -> None:
    asked(running, "/update/memory", {"memory_id": MEMORY, **fields})


def strike(running: EmulatorThread, *faults: str) -> None:
    asked(running, "/_emulator/faults", {"faults": faults})


def journaled(cli: Cli) -> list[dict[str, Any]]:
    return list(cli("journal", "list", "--json").json)


def test_help_and_backend_say_the_same() -> None:
    assert watch._USUAL == calm.DEFAULT_INTERVAL
    assert watch._SHORTEST == calm.SHORTEST_INTERVAL
    assert calm.MOST_WATCHED == 100  # the help says so


def test_a_change_is_one_line_with_its_words(running: EmulatorThread, cli: Cli) -> None:
    quiet = cli(*ONE)
    assert (quiet.code, quiet.out) == (0, "")
    assert "Seen: no change. 1 poll, 1 request." in quiet.err
    change(running, title="Summer Family\nTrip \x1b]52;c;Zm9v\x07 Plans")
    ended = cli(*ONE)
    (line,) = ended.out.splitlines()
    assert f"changed  {WHO}  Fact  Summer Family Trip" in line
    assert "title: " in line
    assert "{+" in line
    assert "Watching memos_user_123: about every 30 s" in ended.err
    assert "Seen: 1 changed." in ended.err
    seen = [entry for entry in journaled(cli) if "watch" in json.dumps(entry)]
    assert seen
    assert not [entry for entry in seen if "Summer" in json.dumps(entry)]


@pytest.mark.terminal
def test_on_a_terminal_a_change_stands_at_the_beginning_of_a_line(running: EmulatorThread) -> None:
    change(running, title="While somebody looks")
    (line,) = [line for line in terminal(ONE).text.split("\n") if f"changed  {WHO}" in line]
    assert re.match(r"\d{4}-\d\d-\d\dT", line.rsplit("\r", 1)[-1])


def test_an_address_that_is_cut_is_masked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "_veil", Veil(b"k" * 32))
    for before in range(lines._MOST - 25, lines._MOST):
        text = f"{'x ' * (before // 2)}ann.lee@example.com {'word ' * 100}"
        assert "ann" not in lines.shortened(text)


def test_json_is_an_object_a_line(running: EmulatorThread, cli: Cli) -> None:
    change(running, title="Winter Family Trip Plan")
    (row,) = [json.loads(line) for line in cli(*ONE, "--json").out.splitlines()]
    assert (row["kind"], row["user_id"], row["memory_id"]) == ("changed", WHO, MEMORY)
    assert row["words"] == [{"field": "title", "gone": ["Summer"], "new": ["Winter"]}]


def test_it_says_how_many_requests_a_full_poll_takes(running: EmulatorThread, cli: Cli) -> None:
    ended = cli(*ONE, "--full", "--interval", "60")
    (rate,) = re.findall(r"([0-9.]+) requests a minute at most", ended.err)
    (sent,) = re.findall(r"1 poll, (\d+) requests", ended.err)
    assert float(rate) == float(sent)


def test_what_is_gone_is_told_by_full(running: EmulatorThread, cli: Cli) -> None:
    change(running, status="archived")
    assert cli(*ONE, "--json").out == ""
    (row,) = [json.loads(line) for line in cli(*ONE, "--json", "--full").out.splitlines()]
    assert (row["kind"], row["memory_id"], row["reason"]) == ("vanished", MEMORY, "archived")


def test_what_is_told_is_masked(running: EmulatorThread, cli: Cli) -> None:
    change(running, title="Write to ann@example.com")
    for more in ((), ("--json",)):
        change(running, title=f"Write to ann@example.com {len(more)}")
        ended = cli("--mask", *ONE, *more)
        assert "Write to" in ended.out
        assert "ann@example.com" not in ended.out


def test_a_filter_names_whose_and_what(running: EmulatorThread, cli: Cli) -> None:
    change(running, title="Another plan")
    assert "Another plan" in cli("watch", "--filter", f"user:{WHO} another", "--for", "0.1s").out
    assert cli("watch", "--filter", "as-of:2026-01-01", "--for", "0.1s").code == 2
    assert cli("watch", "--user", "nobody", "--for", "0.1s").code == 1
    assert cli("watch", "--interval", "1").code == 2


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [("expired-key", 3, "refused the API key"), ("code:code=40304", 1, "40304")],
)
def test_it_ends_where_a_person_is_needed(
    running: EmulatorThread, cli: Cli, fault: str, code: int, said: str
) -> None:
    strike(running, fault)
    ended = cli("watch", "--user", WHO)
    assert ended.code == code
    assert ended.err.count(said) == 1


def test_a_broken_answer_is_told_once_and_ends_as_done_in_part(
    running: EmulatorThread, cli: Cli
) -> None:
    strike(running, "html:status=200")
    ended = cli(*ONE)
    assert ended.code == 4
    assert ended.err.count("Trying on, more slowly.") == 1
    assert re.search(
        r"Seen: .* Since [0-9:]{8} MemOS could not be read, or not all of it\.", ended.err
    )


def test_its_time_is_over_also_where_memos_never_answers(
    running: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_FIRST_ANSWER", 0.2)
    for silence in ("timeout", "reset"):
        strike(running, silence)
        ended = cli(*ONE)
        assert ended.code == 4
        assert "MemOS had not answered" in ended.err
        assert "Seen: nothing, since no poll was finished." in ended.err


def test_requests_of_a_poll_that_was_not_finished_count(running: EmulatorThread, cli: Cli) -> None:
    strike(running, "timeout:after=1")
    ended = cli("watch", "--user", WHO, "--interval", "2", "--for", "5s")
    assert "Seen: no change. 1 poll, 2 requests, 1 of a poll that was not finished." in ended.err


def test_new_messages_are_counted_by_conversation(running: EmulatorThread, cli: Cli) -> None:
    body = {
        "user_id": WHO,
        "conversation_id": "0610",
        "messages": [{"role": "user", "content": "I like hiking in the Alps."}],
    }
    asked(running, "/add/message", body)
    assert "1 conversation with new messages" in cli(*ONE, "--full").err


def test_a_task_is_followed_to_what_came_of_it(running: EmulatorThread, cli: Cli) -> None:
    body = {
        "user_id": WHO,
        "conversation_id": "0610",
        "messages": [{"role": "user", "content": "I like hiking in the Alps."}],
    }
    task = asked(running, "/add/message", body)["data"]["task_id"]
    ended = cli("watch", "--task", task, "--json")
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 0
    assert [row["state"] for row in rows if "state" in row][-1] == "completed"
    came = [row for row in rows if "guess" in row]
    assert came
    assert {(row["guess"], row["sure"]) for row in came} == {("added", True)}
    assert "Guessed" not in ended.err
    assert "added  " in cli("watch", "--task", task).out
    assert cli("watch", "--task", "no such").code == 1
    assert cli("watch", "--task", task, "--user", WHO).code == 2


def test_ctrl_c_ends_it_and_tells_what_was_seen(running: EmulatorThread) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "memos_admin", "watch", "--user", WHO, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        try:
            change(running, title="While it runs")  # found by the first poll, or told by it
            row = json.loads(process.stdout.readline())
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
    assert row["title"] == "While it runs"
    assert process.returncode == 130
    assert "memos-admin: interrupted. Seen: 1 changed." in err
    assert "Traceback" not in err
