"""A folder that is gone afterwards. Imports little: it is made before the interface is painted.

Whoever is killed leaves its folder; the next one that makes a folder removes it. A lock says who is alive.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

_REMOVALS = 5

_PREFIX = "memos-admin-demo-"

_ALIVE = ".alive"
"""A file in the folder that is locked for as long as its process lives."""


@contextmanager
def throw_away_folder() -> Iterator[Path]:
    """Give a temporary folder that is gone afterwards, also when a signal ends the program.

    Enter it in the main thread: only there can signals be turned into an orderly end.
    """
    with _ending_well(signal.SIGTERM, signal.SIGHUP):
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
        lock = _lock(folder)
        threading.Thread(
            target=remove_leftovers, args=(folder.parent,), name="leftovers", daemon=True
        ).start()
        try:
            yield folder
        finally:
            # A thread that is still writing may put a file into a folder just emptied.
            for _ in range(_REMOVALS):
                shutil.rmtree(folder, ignore_errors=True)
                if not folder.exists():
                    break
            if lock is not None:
                os.close(lock)


def remove_leftovers(where: Path) -> list[Path]:
    """Remove folders of ours whose processes were killed, and return them.

    Ours are those of this user, of our name, that a process has locked and locks no more. Others are left
    alone, among them those of a process that lives.
    """
    removed = []
    with suppress(OSError):
        for folder in sorted(where.glob(f"{_PREFIX}*")):
            if _is_left(folder):
                shutil.rmtree(folder, ignore_errors=True)
                removed.append(folder)
    return removed


def _is_left(folder: Path) -> bool:
    """Whether a folder is one of ours that nobody uses any more."""
    try:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            return False
        lock = os.open(folder / _ALIVE, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # its process lives, or another one is removing it
        return False
    else:
        return True
    finally:
        os.close(lock)


def _lock(folder: Path) -> int | None:
    """Lock a new folder for as long as this process lives; None where that cannot be done.

    The lock is held before it has its name: nobody may take it for one that was left.
    """
    with suppress(OSError):
        new = folder / f"{_ALIVE}.new"
        lock = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        new.rename(folder / _ALIVE)
        return lock
    return None


@contextmanager
def _ending_well(*signals: signal.Signals) -> Iterator[None]:
    """Turn signals that would end the program at once into SystemExit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
