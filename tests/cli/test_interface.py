"""Starting the interface, in a real terminal: it opens, quits at once and leaves nothing behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli, terminal


@pytest.mark.terminal
def test_the_demo_opens_and_quits(
    tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    seen = terminal(["--demo"], columns=120, replies=[("li.wei@acme.cn", "q")])
    assert seen.code == 0
    assert list(folder.iterdir()) == []
    assert not isolated.exists()


@pytest.mark.terminal
def test_quitting_while_the_demo_opens_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    seen = terminal(["--demo"], columns=120, replies=[("quit", "q")])
    assert seen.code == 0
    assert list(folder.iterdir()) == []


@pytest.mark.terminal
def test_without_a_project_it_offers_to_connect_one() -> None:
    seen = terminal([], columns=120, replies=[("Open the demo", "q")])
    assert seen.code == 0


@pytest.mark.terminal
def test_with_a_project_it_shows_its_users(synced: EmulatorThread) -> None:
    seen = terminal([], columns=120, replies=[("li.wei@acme.cn", "q")])
    assert seen.code == 0


@pytest.mark.terminal
def test_a_bad_address_is_told_before_anything_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOS_BASE_URL", "http://memos.memtensor.cn/")
    seen = terminal([])
    assert seen.code == 2
    assert "\x1b" not in seen.text


@pytest.mark.terminal
@pytest.mark.parametrize("arguments", [[], ["--demo"]], ids=" ".join)
def test_a_faulty_interface_is_told_before_anything_opens(
    isolated: Path, arguments: list[str]
) -> None:
    isolated.mkdir(mode=0o700)
    config = isolated / "config.toml"
    config.write_text('[interface.keys]\nsync = "r"\n')
    config.chmod(0o600)
    seen = terminal(arguments)
    assert seen.code == 1
    assert "\x1b" not in seen.text
    assert f"{config}, line 2: interface.keys.sync: r is the key of refresh" in seen.text


def test_commands_work_beside_a_faulty_interface(isolated: Path, cli: Cli) -> None:
    isolated.mkdir(mode=0o700)
    config = isolated / "config.toml"
    config.write_text('[interface]\ntheme = "pink"\n')
    config.chmod(0o600)
    assert cli("projects", "list").code == 0
    told = {check["name"]: check for check in cli("doctor", "--json").json}
    assert told["Interface"]["ok"] is False
    assert "line 2: interface.theme: " in told["Interface"]["detail"]


@pytest.mark.terminal
def test_no_color_sends_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    seen = terminal([], columns=120, replies=[("Open the demo", "q")])
    assert seen.code == 0
    codes = {
        code for found in re.findall(r"\x1b\[([\d;]*)m", seen.text) for code in found.split(";")
    }
    assert codes <= {"", "0", "1", "2", "3", "4", "7", "39", "49"}


@pytest.mark.terminal
def test_an_empty_no_color_means_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "")
    seen = terminal([], columns=120, replies=[("Open the demo", "q")])
    assert re.search(r"\x1b\[(\d+;)*38;", seen.text)
