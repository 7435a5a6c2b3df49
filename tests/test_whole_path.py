"""The whole path with real processes, a real socket and real files: sync, kill, sync again, export."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cli.conftest import process
from tests.effort import LONG

USERS = 100 if LONG else 30
CONVERSATIONS, MESSAGES, MEMORIES = 2, 12, 70


@dataclass
class Service:
    """A running emulator."""

    base_url: str
    api_key: str

    def get(self, path: str) -> Any:
        """Ask one of the emulator's own routes."""
        root = self.base_url.removesuffix("/api/openmem/v1")
        with urllib.request.urlopen(f"{root}{path}", timeout=30) as answer:
            return json.load(answer)

    def post(self, route: str, body: dict[str, object]) -> Any:
        """Ask a route of the service."""
        request = urllib.request.Request(
            f"{self.base_url}{route}",
            json.dumps(body).encode(),
            {"Authorization": f"Token {self.api_key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["data"]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    options = {
        "users": USERS,
        "conversations": CONVERSATIONS,
        "messages": MESSAGES,
        "memories": MEMORIES,
        "seed": 5,
        "latency-ms": 3,
    }
    arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    process = subprocess.Popen(
        [sys.executable, "-m", "memos_admin", "emulator", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        yield Service(ready["base_url"], ready["api_key"])
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


@pytest.fixture(autouse=True)
def connected(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOS_BASE_URL", service.base_url)
    monkeypatch.setenv("MEMOS_API_KEY", service.api_key)


def run(*arguments: str, given: str = "") -> str:
    """Run a command to its end and return what it printed; it has to succeed."""
    done = process(*arguments, stdin=given)
    assert done.returncode == 0, done.stderr
    return done.stdout


def synced() -> int:
    users = json.loads(run("users", "list", "--json", "--limit", "0"))
    return sum(user["last_sync"] is not None for user in users)


def expected_messages(service: Service, user_id: str) -> dict[str, list[tuple[str, str]]]:
    """What the service holds: (role, content) of each conversation of a user, in its order."""
    listed = service.post("/get/memory", {"user_id": user_id, "page": 1, "size": 50})
    named = {
        item["conversation_id"]
        for name, items in listed.items()
        if name.endswith("_detail_list")
        for item in items or []
        if item.get("conversation_id")
    }
    assert listed["pages"] == 1
    found = {}
    for conversation_id in named:
        body = {
            "user_id": user_id,
            "conversation_id": conversation_id,
            "message_limit_number": 50,
        }
        answer = service.post("/get/message", body)
        found[conversation_id] = [
            (message["role"], message["content"]) for message in answer["message_detail_list"]
        ]
    return found


def test_sync_killed_and_run_again_leaves_each_message_once_and_in_order(
    service: Service,
) -> None:
    users = service.get("/_emulator/users")
    assert len(users) == USERS
    run("users", "import", "-", given="\n".join(users))

    killed = subprocess.Popen(
        [sys.executable, "-m", "memos_admin", "sync", "--rate", "15"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not 10 <= synced() < USERS:
        assert killed.poll() is None, "the sync ended before it could be killed"
        assert time.monotonic() < deadline
    killed.kill()
    killed.wait()
    before = synced()
    assert run("store", "check") is not None

    report = json.loads(run("sync", "--rate", "50", "--json"))

    assert report["complete"]
    assert report["subjects"] <= USERS - before
    assert synced() == USERS
    for user_id in users[:: USERS // 10]:
        expected = expected_messages(service, user_id)
        text = run("export", "user", user_id, "--format", "csv", "--output", "-")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert {row["user_id"] for row in rows} == {user_id}
        for conversation_id, messages in expected.items():
            mine = [row for row in rows if row["conversation_id"] == conversation_id]
            assert [(row["role"], row["content"]) for row in mine] == messages
            assert [row["seq"] for row in mine] == [str(n + 1) for n in range(len(mine))]
    memories = json.loads(run("memories", "list", "--json", "--limit", "0"))
    assert len({memory["memory_id"] for memory in memories}) == len(memories) == USERS * MEMORIES
