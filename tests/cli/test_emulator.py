"""The emulator as a command: one line of JSON when it is ready, ended by a signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cli.conftest import ROOT, SECONDS, Cli


@contextmanager
def served(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Run the emulator; give its process and the line that it printed."""
    with subprocess.Popen(
        [sys.executable, "-m", "memos_admin", "emulator", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ,
    ) as running:
        try:
            assert running.stdout is not None
            yield running, json.loads(running.stdout.readline())
        finally:
            running.terminate()


def ask(ready: dict[str, str], path: str) -> Any:
    """Return what one of the emulator's own routes answers."""
    root = ready["base_url"].removesuffix("/api/openmem/v1")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(root + path) as answer:
        return json.load(answer)


def test_without_options_it_is_the_demo() -> None:
    with served() as (_, ready):
        assert set(ready) == {"base_url", "api_key"}
        assert ready["base_url"].endswith("/api/openmem/v1")
        assert "memos_user_123" in ask(ready, "/_emulator/users")


def test_data_options(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("--users", "3", "--conversations", "2", "--messages", "4", "--memories", "6")
    with served(*options, "--seed", "1") as (_, ready):
        users = ask(ready, "/_emulator/users")
        assert len(users) == 3
        monkeypatch.setenv("MEMOS_BASE_URL", ready["base_url"])
        monkeypatch.setenv("MEMOS_API_KEY", ready["api_key"])
        ended = cli("sync", "--user", *users, "--rate", "50", "--json")
        assert (ended.code, ended.json["added"]) == (0, 18)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_well(number: signal.Signals) -> None:
    with served() as (running, _):
        running.send_signal(number)
        assert running.wait(SECONDS) == 0


def test_a_port_that_is_taken_is_1(cli: Cli) -> None:
    with served() as (_, ready):
        port = ready["base_url"].split(":")[2].split("/")[0]
        assert cli("emulator", "--port", port).code == 1


def test_the_key_can_be_kept_between_runs(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOS_EMULATOR_API_KEY", " mpg-mine ")
    for _ in range(2):
        with served() as (_, ready):
            assert ready["api_key"] == "mpg-mine"
            monkeypatch.setenv("MEMOS_BASE_URL", ready["base_url"])
            monkeypatch.setenv("MEMOS_API_KEY", "mpg-mine")
            assert cli("projects", "test").code == 0


@pytest.mark.parametrize("key", ["a b", "clé", "a\x1b[31m"])
def test_a_key_that_cannot_be_is_wrong_usage(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("MEMOS_EMULATOR_API_KEY", key)
    ended = cli("emulator")
    assert (ended.code, ended.out) == (2, "")
    assert "MEMOS_EMULATOR_API_KEY" in ended.err
    assert key not in ended.err
    assert "MEMOS_EMULATOR_API_KEY" in cli("emulator", "--help").out
