"""Whether something is being changed in MemOS now: who does it holds a file beside the store, who was killed does not."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from memos_admin.backend.private_files import open_private

_NAME = "changing.lock"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a project's folder for a change, side by side with others. Raises HomeError."""
    descriptor = open_private(folder / _NAME, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def is_held(folder: Path) -> bool:
    """Return whether a change is under way in a project, in this process too. Raises HomeError."""
    try:
        descriptor = open_private(folder / _NAME, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
