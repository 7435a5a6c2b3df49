"""Erasures that are not finished: in which files something may still stand, ``unerased.json``.

Whose they are it says by a digest alone, so that it keeps no id of who is to be forgotten.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from memos_admin.backend.private_files import HomeError, read_private, replace_private
from memos_admin.backend.upkeep import backups
from memos_admin.language import gettext as _
from memos_admin.store.records import SubjectRef

FILE_NAME = "unerased.json"

_LARGEST = 10_000_000


def note(folder: Path, ref: SubjectRef, paths: Iterable[Path]) -> None:
    """Note in which files of a project something of a subject may still stand; none: it is erased.

    To be called by who holds the store alone.

    Raises:
        HomeError: it cannot be read or written.
    """
    salt, files = _read(folder)
    who, names = _digest(salt, ref), [str(path) for path in paths]
    if files.get(who, []) == names:
        return
    files = {one: kept for one, kept in files.items() if one != who}
    if names:
        files[who] = names
    content = json.dumps({"salt": salt, "of": files}, indent=1)
    replace_private(folder / FILE_NAME, content.encode() + b"\n")


def left(folder: Path, ref: SubjectRef | None = None) -> list[Path]:
    """Return the files in which something of a subject may still stand; None: of anybody.

    A file that is gone counts no more, unless it is a backup that is still looked for.

    Raises:
        HomeError: it cannot be read.
    """
    salt, files = _read(folder)
    wanted = files.values() if ref is None else [files.get(_digest(salt, ref), [])]
    paths = dict.fromkeys(Path(name) for names in wanted for name in names)
    known = set(backups.noted(folder)) if paths else set()
    return [path for path in paths if path in known or path.exists()]


def _digest(salt: str, ref: SubjectRef) -> str:
    who = f"{ref.kind} {ref.external_id}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(who, key=salt.encode(), digest_size=16).hexdigest()


def _read(folder: Path) -> tuple[str, Mapping[str, list[str]]]:
    """Return what digests are made with, and of each which files."""
    try:
        found = json.loads(read_private(folder / FILE_NAME, _LARGEST))
    except FileNotFoundError:
        return secrets.token_hex(16), {}
    except (ValueError, RecursionError):
        found = None
    if not _is_sound(found):
        raise HomeError(
            _(
                "{path} cannot be read, so that nobody knows which erasures are unfinished. Delete it, "
                "and repeat memos-admin store forget for whom they were."
            ).format(path=folder / FILE_NAME)
        )
    return found["salt"], found["of"]


def _is_sound(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and isinstance(found.get("salt"), str)
        and 0 < len(found["salt"]) <= 64
        and isinstance(found.get("of"), dict)
        and all(
            isinstance(names, list) and all(isinstance(name, str) for name in names)
            for names in found["of"].values()
        )
    )
