"""The demo's folder: gone afterwards, at the latest when the next demo begins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import pytest

from memos_admin.cli.throwaway import remove_leftovers, throw_away_folder

HOLDER = textwrap.dedent(
    """
    import sys, time
    from memos_admin.cli.throwaway import throw_away_folder
    with throw_away_folder() as folder:
        (folder / "home").mkdir()
        (folder / "home" / "store.db").write_text("made up")
        print(folder, flush=True)
        sys.stdin.read()
    """
)


def holder(where: Path) -> tuple[subprocess.Popen[str], Path]:
    """Start a process with a folder of its own; return both."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(where)},
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_what_a_killed_demo_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    killed, left = holder(tmp_path)
    alive, used = holder(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".alive").write_text("")
    (elsewhere / "kept").write_text("")
    link = tmp_path / "memos-admin-demo-link"
    link.symlink_to(elsewhere)
    strange = tmp_path / "memos-admin-demo-strange"
    strange.mkdir()
    (strange / "kept").write_text("")
    linked = tmp_path / "memos-admin-demo-linked"
    linked.mkdir()
    (linked / ".alive").symlink_to(elsewhere / ".alive")
    try:
        assert left.is_dir()
        assert remove_leftovers(tmp_path) == []
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert remove_leftovers(tmp_path) == [left]
        assert not left.exists()
        assert (used / "home" / "store.db").exists()
        for kept in (elsewhere / "kept", link, strange / "kept", linked / ".alive"):
            assert kept.exists()
    finally:
        alive.communicate()
    assert not used.exists()


def test_the_next_demo_removes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed, left = holder(tmp_path)
    killed.kill()
    killed.communicate()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with throw_away_folder() as used:
        removing = next((t for t in threading.enumerate() if t.name == "leftovers"), None)
        if removing is not None:
            removing.join()
        assert not left.exists()
        assert used.exists()
    assert [*tmp_path.iterdir()] == []


def test_the_folder_is_ones_own(tmp_path: Path) -> None:
    with throw_away_folder() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert [path.name for path in folder.iterdir()] == [".alive"]
    assert not folder.exists()
