"""Whether a disk takes more: what is free on it, and what a quota leaves, which only trying tells."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from memos_admin.language import gettext as _

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What the system says where no more is taken: the disk is full, or what one may have of it is used up."""

SPARE = 1_000_000
"""Bytes that a disk must have besides those of what is written to it."""

_UNNAMED = getattr(os, "O_TMPFILE", 0)
"""Makes a file without a name, which no kill can leave behind; Linux has it, on most file systems."""


def lacking(path: Path, folder: Path, size: int) -> str:
    """Return why so many bytes for a file to be written anew have no room in a folder; ``""``: they have.

    Nothing is tried, since these are many: what a quota leaves is not known from it.
    """
    import shutil  # lists, which never ask, would wait for it

    needed, free = size + SPARE, shutil.disk_usage(folder).free
    if free >= needed:
        return ""
    return _(
        "{path} is written anew, which needs {needed:.0f} MB of free space in {folder}; there are "
        "{free:.0f} MB. Free some space, then try again."
    ).format(path=path, needed=needed / 1e6, folder=folder, free=free / 1e6)


def is_full(folder: Path, size: int) -> bool:
    """Return whether a folder takes no file of so many bytes."""
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < size:
        return True
    try:
        _try(folder, size)
    except OSError as error:
        return error.errno in FULL
    return False


def _try(folder: Path, size: int) -> None:
    """Write so many bytes into a file of the folder, of which nothing is left. Raises OSError."""
    descriptor = _opened(folder)
    try:
        left = size
        while left:
            left -= os.write(descriptor, bytes(left))
    finally:
        os.close(descriptor)  # on some file systems of the network this is what fails


def _opened(folder: Path) -> int:
    """Return a new file of the folder that has no name (any more)."""
    if _UNNAMED:
        try:
            return os.open(folder, _UNNAMED | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if error.errno in FULL:
                raise
    path = folder / f".room.{os.getpid()}.partial"
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    path.unlink()
    return descriptor
