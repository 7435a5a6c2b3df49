"""Starting the interface, in a real terminal: it opens, quits at once and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import terminal


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
