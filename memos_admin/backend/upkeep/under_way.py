"""Which runs are under way: each holds a file beside the store, which one that was killed does not."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from memos_admin.backend.private_files import HomeError, open_private
from memos_admin.store.records import SyncRun

_NAME = "sync-{}.lock"

BROKEN_OFF = "broken off"
"""The outcome of a sync that noted no end and does not run: the store has it as running."""


class Hold:
    """What a run holds from its beginning to its end; two are told apart by the runs' keys.

    `take` and `is_under_way` are called in a transaction that writes, so that no two run at once.
    """

    def __init__(self, store: Path) -> None:
        """Take the path of the store; nothing is held yet."""
        self._store = store
        self._held: tuple[Path, int] | None = None

    def take(self, run_pk: int) -> None:
        """Hold a run's file; those of runs that were killed are taken away."""
        for path in self._store.parent.glob(_NAME.format("*")):
            _is_held(path)
        path = self._path(run_pk)
        descriptor = open_private(path, os.O_RDWR | os.O_CREAT)
        self._held = path, descriptor
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def is_under_way(self, run_pk: int) -> bool:
        """Return whether another run is held by whoever reads it."""
        return _is_held(self._path(run_pk))

    def release(self) -> None:
        """Hold nothing any more."""
        if self._held is not None:
            path, descriptor = self._held
            path.unlink(missing_ok=True)
            os.close(descriptor)

    def _path(self, run_pk: int) -> Path:
        return self._store.with_name(_NAME.format(run_pk))


def as_they_are(store: Path, runs: Iterable[SyncRun]) -> list[SyncRun]:
    """Return syncs; those that have noted no end, and that nobody runs any more, as ``broken off``.

    Whatever read those was killed, or the machine was. Changes nothing beside the store.
    """
    return [
        run._replace(outcome=BROKEN_OFF)
        if run.outcome == "running" and not _is_locked(store.with_name(_NAME.format(run.pk)))
        else run
        for run in runs
    ]


def _is_locked(path: Path) -> bool:
    """Return whether somebody holds a file, which stays where it is; one that cannot be looked at counts as held."""
    try:
        descriptor = open_private(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    except (HomeError, OSError):
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _is_held(path: Path) -> bool:
    """Return whether somebody holds a file; one that nobody holds is taken away."""
    with suppress(FileNotFoundError):
        descriptor = open_private(path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
    return False
