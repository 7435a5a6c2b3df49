"""Which other processes have a store open, and which keeps it from being written to, as Linux tells it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_LOCKS = Path("/proc/locks")

_WRITE = 120
"""The byte of the shared file that who writes has locked (SQLite's WAL format, "Locks")."""


class Holder(NamedTuple):
    """A process, and what its program is called."""

    pid: int
    name: str


def users_of(path: Path) -> list[Holder]:
    """Return which other processes have a store open and have read it; none where the system does not tell.

    SQLite holds a part of the file for each of them as long as that is in WAL mode.
    """
    found: list[Holder] = []
    with suppress(OSError, ValueError):
        inode = str(path.stat().st_ino)
        for line in _LOCKS.read_text().splitlines():
            words = line.partition(": ")[2].split()
            if words[:1] != ["POSIX"] or words[4].rpartition(":")[2] != inode:
                continue
            if (pid := int(words[3])) not in {0, os.getpid(), *(each.pid for each in found)}:
                found.append(Holder(pid, _name_of(pid)))
    return found


def holder_of(path: Path) -> Holder | None:
    """Return which other process writes to a store now; None: none does, or the system does not tell.

    The file is only looked up: who opens and closes it gives up the locks that this process has on it.
    """
    with suppress(OSError, ValueError):
        inode = str(path.with_name(f"{path.name}-shm").stat().st_ino)
        for line in _LOCKS.read_text().splitlines():
            # 1: POSIX  ADVISORY  WRITE 24235 fe:00:2146339 120 120 (proc(5))
            words = line.partition(": ")[2].split()
            if words[:1] != ["POSIX"] or words[2] != "WRITE":
                continue
            pid, (first, last) = int(words[3]), words[5:7]
            end = _WRITE if last == "EOF" else int(last)
            is_it = words[4].rpartition(":")[2] == inode and int(first) <= _WRITE <= end
            if is_it and pid not in {0, os.getpid()}:  # 0 is in another container
                return Holder(pid, _name_of(pid))
    return None


def _name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").strip()
