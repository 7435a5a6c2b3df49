"""Where the backups of a project were written, a line each: ``backups.jsonl`` beside the store."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from memos_admin.backend.private_files import open_private, read_private, replace_private

FILE_NAME = "backups.jsonl"

_LARGEST = 10_000_000


def note(folder: Path, target: Path) -> None:
    """Note that a backup is about to be written to `target`.

    Raises:
        HomeError: it cannot be noted.
    """
    line = json.dumps({"path": str(target.absolute())}) + "\n"
    descriptor = open_private(folder / FILE_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def noted(folder: Path) -> list[Path]:
    """Return where backups were written, each once; they need not exist.

    Raises:
        HomeError: the notes cannot be trusted or read.
    """
    try:
        content = read_private(folder / FILE_NAME, _LARGEST)
    except FileNotFoundError:
        return []
    return list(dict.fromkeys(_paths(content)))


def drop(folder: Path, paths: Collection[Path]) -> None:
    """Forget about backups that are no more; to be called by who holds the store alone.

    Raises:
        HomeError: it cannot be written.
    """
    if paths:
        lines = [json.dumps({"path": str(path)}) for path in noted(folder) if path not in paths]
        replace_private(folder / FILE_NAME, "".join(f"{line}\n" for line in lines).encode())


def _paths(content: bytes) -> Iterator[Path]:
    for line in content.splitlines():
        with contextlib.suppress(
            ValueError, KeyError, TypeError, RecursionError
        ):  # half a line after a crash
            yield Path(json.loads(line)["path"])
