"""The command as a process: one line when ready, a clean end on a signal."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from memos_admin.emulator.command import chosen_data, run
from memos_admin.emulator.demo import demo_data
from memos_admin.emulator.generate import Generated

CODE = "import sys; from memos_admin.emulator.command import run; sys.exit(run({}))"


@contextmanager
def running(options: str = "") -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The command's process and the line that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-c", CODE.format(options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_PROXY": "*"},
    )
    with process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def get(url: str) -> Any:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as response:
        return json.load(response)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal(number: signal.Signals) -> None:
    with running() as (process, ready):
        assert list(ready) == ["base_url", "api_key"]
        assert ready["base_url"].endswith("/api/openmem/v1")
        assert ready["api_key"].startswith("mpg-")
        root = ready["base_url"].removesuffix("/api/openmem/v1")
        assert get(f"{root}/_emulator/users") == demo_data().users
        process.send_signal(number)
        output, errors = process.communicate(timeout=20)
        assert (process.returncode, output, errors) == (0, "", "")


def test_a_signal_ends_it_while_clients_wait() -> None:
    with running("faults=['timeout']") as (process, ready):
        host, port = ready["base_url"].split("/")[2].split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall(b"POST /api/openmem/v1/get/memory HTTP/1.1\r\nHost: x\r\n")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0


def test_data_options_generate() -> None:
    with running("users=3, memories=20, seed=4") as (_, ready):
        root = ready["base_url"].removesuffix("/api/openmem/v1")
        assert get(f"{root}/_emulator/users") == ["user-000001", "user-000002", "user-000003"]


def test_without_data_options_it_is_the_demo() -> None:
    assert chosen_data(None, None, None, None, None) is demo_data()
    data = chosen_data(None, None, 7, None, None)
    assert isinstance(data, Generated)
    assert (len(data.users), len(data.transcript("user-000001", "c-0005"))) == (10, 7)


def test_what_cannot_be_understood_ends_it_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(faults=["nonsense"]) == 2
    assert run(users=-1) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "no fault 'nonsense'" in output.err
    assert "users must be from 0" in output.err


def test_a_taken_port_ends_it_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run(port=taken.getsockname()[1]) == 1
    assert run(port=700_000) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("cannot listen on 127.0.0.1:") == 2
