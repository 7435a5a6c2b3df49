"""Where an export goes: a file that is replaced as a whole or not at all, or standard output."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from memos_admin.language import gettext as _
from memos_admin.store import cipher
from memos_admin.store.backup import abandoned
from memos_admin.store.errors import StoreError

if TYPE_CHECKING:
    from memos_admin.backend.projects.project import Project

Write = Callable[[str], object]
"""Takes text. Called with many short pieces; what is written is buffered."""

STDOUT = "-"
_BUFFER = 1 << 18
_PATIENCE = 0.05
"""Seconds that what is written to a pipe may stay in the buffer while more is looked for."""
_PREFIX = ".memos-admin."
"""Of what is half-way; behind it stands the number of the program that writes it."""


@contextlib.contextmanager
def writing(output: Path | str) -> Iterator[Write]:
    """Give a function that writes text to `output` as UTF-8, line ends as they are.

    A file gets mode 0600 and appears, whole and on the disk, when the block ends well; where it
    ends otherwise nothing has changed and nothing is left. ``-`` is standard output: as it is where
    it is piped, through the display gate on a terminal. Devices and pipes are written to directly.

    Raises:
        OSError: with `output` as its file name.
    """
    if str(output) == STDOUT:
        with _standard_output() as write:
            yield write
        return
    with _file(Path(output)) as file:
        yield lambda text: file.write(text.encode("utf-8", "replace"))


@contextlib.contextmanager
def writing_bytes(output: Path | str, project: Project) -> Iterator[tuple[BinaryIO, Path]]:
    """Give a file for bytes as `writing` does for text, and a folder for what is written on the way.

    The folder is one that only we can read, beside the file; it is gone when the block ends.

    Args:
        output: where to; ``-`` is standard output, if that is no terminal.
        project: in whose folder it is made if it cannot stand beside the output.

    Raises:
        StoreError: it would have to stand beside an encrypted store, and is not encrypted.
        OSError: with `output` as its file name.
        ValueError: standard output is a terminal.
    """
    if str(output) == STDOUT:
        if sys.stdout.isatty():
            raise ValueError("This format is not for a terminal. Name a file.")
        sys.stdout.flush()
        with _scratch(_private(project)) as folder:
            yield sys.stdout.buffer, folder
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    beside = _private(project) if is_special(path) else path.parent
    with _file(path) as file, _scratch(beside) as folder:
        yield file, folder


def _private(project: Project) -> Path:
    if cipher.is_declared(project.store_dir):
        raise StoreError(
            _(
                "The store is encrypted, and what a workbook is made of on the way would lie beside it "
                "unencrypted. Name a file: it lies beside that, and is deleted."
            )
        )
    return project.store_dir


def left_by_killed(folder: Path) -> list[Path]:
    """Return what exports that were killed have left in a folder: files, and folders of such."""
    return abandoned(folder.glob(f"{_PREFIX}*.part*"), or_ours=False)


@contextlib.contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    try:
        with _direct(path) if is_special(path) else _replacing(path) as file:
            yield file
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


@contextlib.contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    # What is made there gets mode 0600 by those who make it, and the folder is 0700.
    _delete_abandoned(beside)
    prefix = f"{_PREFIX}{os.getpid()}."
    with tempfile.TemporaryDirectory(prefix=prefix, suffix=".parts", dir=beside) as folder:
        yield Path(folder)


def _delete_abandoned(folder: Path) -> None:
    """Delete what exports that were killed have left in a folder."""
    for left in left_by_killed(folder):
        with contextlib.suppress(OSError):  # not ours to delete, or another one was faster
            if left.lstat().st_uid != os.geteuid():
                continue
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()


@contextlib.contextmanager
def _standard_output() -> Iterator[Write]:
    stream = sys.stdout
    if stream.isatty():
        from memos_admin.backend.display import printable

        yield lambda text: stream.write(printable(text.replace("\r\n", "\n"), newlines=True))
    else:
        stream.flush()
        yield _soon(stream.buffer)
        stream.buffer.flush()
    stream.flush()


def _soon(file: BinaryIO) -> Write:
    """Return a function that writes text; what is written while others wait goes out at once."""
    last = -_PATIENCE

    def write(text: str) -> None:
        nonlocal last
        file.write(text.encode("utf-8", "replace"))
        if (now := time.monotonic()) - last >= _PATIENCE:
            file.flush()
            last = now

    return write


def is_special(path: Path) -> bool:
    """Return whether a path is a device or a pipe, which is written to directly.

    Raises:
        IsADirectoryError: it is a folder.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "Is a folder; name a file in it", str(path))
    return not stat.S_ISREG(mode)


@contextlib.contextmanager
def _direct(path: Path) -> Iterator[BinaryIO]:
    with path.open("wb", buffering=_BUFFER) as file:
        yield file


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    _delete_abandoned(path.parent)
    temporary = path.with_name(f"{_PREFIX}{os.getpid()}.{secrets.token_hex(8)}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, mode=0o600)
    try:
        with open(descriptor, "wb", buffering=_BUFFER) as file:  # noqa: PTH123 - of a descriptor
            os.fchmod(descriptor, 0o600)
            yield file
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # not every file system can
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
