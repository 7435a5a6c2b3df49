"""Where the backups of a project were written and when: ``backups.jsonl`` beside the store.

A line is a backup that is about to be written, or says that the last one to that path came to nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from memos_admin.backend import screen_state
from memos_admin.backend.command_words import placed
from memos_admin.backend.private_files import open_private, read_private, replace_private
from memos_admin.backend.times import now_ms, utc_text
from memos_admin.language import gettext as _
from memos_admin.store.backup import abandoned, old_copies, partials_of
from memos_admin.store.errors import StoreBroken

FILE_NAME = "backups.jsonl"

_LARGEST = 10_000_000
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def note(folder: Path, target: Path) -> None:
    """Note that a backup is about to be written to `target`.

    Raises:
        HomeError: it cannot be noted.
    """
    _append(folder, {"path": str(target.absolute()), "at": utc_text(now_ms())})


def withdraw(folder: Path, target: Path) -> None:
    """Note that the backup that was noted last for `target` came to nothing.

    Raises:
        HomeError: it cannot be noted.
    """
    _append(folder, {"path": str(target.absolute()), "came_to": "nothing"})


def _append(folder: Path, note: dict[str, str]) -> None:
    line = json.dumps(note) + "\n"
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
    return list(times_noted(folder))


def times_noted(folder: Path) -> dict[Path, str]:
    """Return where backups were written, and when the last one to each path was begun, UTC.

    ``""``: an earlier version has noted it, without a time. Raises as `noted` does.
    """
    found: dict[Path, list[str]] = {}
    for note in _notes(folder):
        times = found.setdefault(note.path, [])
        if not note.came_to_nothing:
            times.append(note.at)
        elif times:
            times.pop()
    return {path: times[-1] for path, times in found.items() if times}


def drop(folder: Path, paths: Collection[Path]) -> None:
    """Forget about backups that are no more; to be called by who holds the store alone.

    Raises:
        HomeError: it cannot be written.
    """
    if paths:
        kept = {path: at for path, at in times_noted(folder).items() if path not in paths}
        lines = [json.dumps({"path": str(path), "at": at}) for path, at in kept.items()]
        replace_private(folder / FILE_NAME, "".join(f"{line}\n" for line in lines).encode())


def missing(path: Path) -> str:
    """Return why a backup that was noted cannot be reached, and what to do; ``""``: it is there.

    Where it went nobody can tell from here: an empty folder may be where a disk is attached.
    """
    if path.exists():
        return ""
    text = _(
        "It is not there. Attach that disk, and repeat it. If it was deleted, say so: memos-admin store "
        "tidy --drop-missing"
    )
    return placed(text)


def why_not(error: Exception) -> str:
    """Return why a backup cannot be used, and what to do; what is to be done to a store is not to be to it."""
    return damaged() if isinstance(error, StoreBroken) else str(error)


def damaged() -> str:
    """Return what is said of a backup that is damaged."""
    return _(
        "It is damaged, or is no store. It was left as it is: delete it, or look at it yourself."
    )


def left_half(folder: Path) -> list[Path]:
    """Return what killed programs have left half-way beside a store and its backups: files, and folders of such.

    Raises:
        HomeError: the notes of backups cannot be trusted or read.
    """
    from memos_admin.backend.export.target import left_by_killed

    wanted = [folder / "store.db", *noted(folder)]
    wanted += [copy for path in wanted for copy in old_copies(path)]
    partials = (file for path in wanted for file in partials_of(path))
    left = abandoned([*partials, *folder.glob(f".{screen_state.FILE_NAME}.*")])
    return [*left, *left_by_killed(folder)]


class _Note(NamedTuple):
    path: Path
    at: str
    came_to_nothing: bool


def _notes(folder: Path) -> Iterator[_Note]:
    try:
        content = read_private(folder / FILE_NAME, _LARGEST)
    except FileNotFoundError:
        return
    for line in content.splitlines():
        with contextlib.suppress(
            ValueError, KeyError, TypeError, AttributeError, RecursionError
        ):  # half a line after a crash
            found = json.loads(line)
            at = found.get("at")
            at = at if isinstance(at, str) and _TIME.fullmatch(at) else ""
            yield _Note(Path(found["path"]), at, found.get("came_to") == "nothing")
