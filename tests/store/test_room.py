"""Whether a disk takes more, which statistics do not say of a quota."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from memos_admin.store import room

SIZE = 1 << 16


@pytest.fixture(params=["without a name", "with one"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Try both ways to a file that is gone as soon as it is closed."""
    if request.param == "with one":
        monkeypatch.setattr(room, "_UNNAMED", 0)


def test_a_disk_with_room_is_not_full_and_nothing_is_left(tmp_path: Path) -> None:
    assert not room.is_full(tmp_path, SIZE)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_full(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)
    assert room.is_full(tmp_path, disk.f_bavail * disk.f_frsize * 2)


@pytest.mark.parametrize(
    ("number", "full"),
    [(errno.EDQUOT, True), (errno.ENOSPC, True), (errno.EIO, False), (errno.EACCES, False)],
)
@pytest.mark.parametrize("call", ["open", "write"])
def test_what_a_quota_refuses_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, full: bool, call: str
) -> None:
    def refused(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refused)
        assert room.is_full(tmp_path, SIZE) is full
    assert list(tmp_path.iterdir()) == []
