"""Where the backups of a project were written, a line each: ``backups.jsonl`` beside the store."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from memos_admin.backend import screen_state
from memos_admin.backend.private_files import open_private, read_private, replace_private
from memos_admin.language import gettext as _
from memos_admin.store.backup import abandoned, old_copies, partials_of

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


def missing(path: Path) -> str:
    """Return why a backup that was noted cannot be reached, and what to do; ``""``: it is there.

    Where it went nobody can tell from here: an empty folder may be where a disk is attached.
    """
    if path.exists():
        return ""
    return _(
        "It is not there. Attach that disk, and repeat it. If it was deleted, say so: memos-admin store "
        "tidy --drop-missing"
    )


def left_half(folder: Path) -> list[Path]:
    """Return the files that killed programs have left half-way beside a store and its backups.

    Raises:
        HomeError: the notes of backups cannot be trusted or read.
    """
    wanted = [folder / "store.db", *noted(folder)]
    wanted += [copy for path in wanted for copy in old_copies(path)]
    partials = (file for path in wanted for file in partials_of(path))
    return abandoned([*partials, *folder.glob(f".{screen_state.FILE_NAME}.*")])


def _paths(content: bytes) -> Iterator[Path]:
    for line in content.splitlines():
        with contextlib.suppress(
            ValueError, KeyError, TypeError, RecursionError
        ):  # half a line after a crash
            yield Path(json.loads(line)["path"])
