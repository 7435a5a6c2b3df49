"""Erasures that are not finished, ``unerased.json``: in which files something may still stand, and what was tried.

Whose they are it says by a digest alone, so that it keeps no id of who is to be forgotten. Attempts at an
erasure stand there once the store has no row any more that could remember them.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memos_admin.backend.private_files import HomeError, read_private, replace_private
from memos_admin.backend.times import now_ms
from memos_admin.backend.upkeep import backups
from memos_admin.language import gettext as _
from memos_admin.store.records import SubjectRef

if TYPE_CHECKING:
    from memos_admin.store.erasures import Attempt

FILE_NAME = "unerased.json"

Noted = Callable[[SubjectRef], Sequence[dict[str, Any]]]
"""Returns the attempts at an erasure of a subject."""

_LARGEST = 10_000_000


class _Notes(NamedTuple):
    """What the file says: what digests are made with, and of each which files, noted when, and attempts."""

    salt: str
    files: Mapping[str, list[str]]
    attempts: Mapping[str, list[dict[str, Any]]]
    noted: Mapping[str, int]


def note(
    folder: Path, ref: SubjectRef, paths: Iterable[Path], attempts: Sequence[Attempt] = ()
) -> None:
    """Note in which files of a project something of a subject may still stand; none: it is erased.

    To be called by who holds the store alone.

    Args:
        folder: of the project.
        ref: whom.
        paths: the files.
        attempts: at an erasure, which have no end. The names of their files are left out: they have the id.

    Raises:
        HomeError: it cannot be read or written.
    """
    notes = _read(folder)
    who, names = _digest(notes.salt, ref), [str(path) for path in paths]
    tried = [asdict(replace(each, file="")) for each in attempts]
    if not (names or tried or who in notes.files or who in notes.attempts):
        return
    _write(
        folder,
        notes._replace(
            files={**notes.files, who: names},
            attempts={**notes.attempts, who: tried},
            noted={**notes.noted, who: now_ms()},
        ),
    )


def keep(folder: Path, ref: SubjectRef, attempts: Sequence[Attempt]) -> None:
    """Note attempts at an erasure of a subject whose rows, which remember them, are removed; `left` stays as it is.

    To be called by who holds the store alone, before the rows go.

    Raises:
        HomeError: it cannot be read or written; where there are no attempts it is not tried.
    """
    if attempts:
        gone = (replace(each, erased_here=True) for each in attempts)
        known = {each.at: each for each in (*attempts_of(folder, ref), *gone)}
        note(folder, ref, left(folder, ref), [known[at] for at in sorted(known)])


def attempts_of(folder: Path, ref: SubjectRef) -> tuple[Attempt, ...]:
    """Return the attempts at an erasure of a subject that the store cannot remember any more.

    Raises:
        HomeError: it cannot be read.
    """
    from memos_admin.store.erasures import Attempt

    notes = _read(folder)
    return tuple(Attempt(**each) for each in notes.attempts.get(_digest(notes.salt, ref), ()))


def attempts_among(
    folder: Path, refs: Collection[SubjectRef]
) -> dict[SubjectRef, tuple[Attempt, ...]]:
    """Return the attempts at an erasure of each of some that `attempts_of` has any of.

    Raises:
        HomeError: it cannot be read.
    """
    from memos_admin.store.erasures import Attempt

    notes = _read(folder)
    if not any(notes.attempts.values()):
        return {}
    found = {ref: notes.attempts.get(_digest(notes.salt, ref), ()) for ref in refs}
    return {ref: tuple(Attempt(**each) for each in some) for ref, some in found.items() if some}


def noted(folder: Path) -> Noted | None:
    """Return what says which attempts of a subject `attempts_of` returns, as JSON has them; None: there are none of anybody.

    Raises:
        HomeError: it cannot be read.
    """
    notes = _read(folder)
    if not any(notes.attempts.values()):
        return None
    return lambda ref: notes.attempts.get(_digest(notes.salt, ref), ())


def left(folder: Path, ref: SubjectRef) -> list[Path]:
    """Return the files in which something of a subject may still stand.

    A file that is gone counts no more, unless it is a backup that is still looked for.

    Raises:
        HomeError: it cannot be read.
    """
    notes = _read(folder)
    paths = [Path(name) for name in notes.files.get(_digest(notes.salt, ref), [])]
    return list(_there(folder, paths))


def of_anybody(folder: Path) -> dict[Path, dict[str, int | None]]:
    """Return all such files, of whom something may stand in each, and when that was noted.

    They are named by digests, see `digests_with`; None: nobody knows when.

    Raises:
        HomeError: it cannot be read.
    """
    notes = _read(folder)
    whose: defaultdict[Path, dict[str, int | None]] = defaultdict(dict)
    for who, names in notes.files.items():
        for name in names:
            whose[Path(name)][who] = notes.noted.get(who)
    return {path: whose[path] for path in _there(folder, whose)}


def digests_with(folder: Path) -> Callable[[SubjectRef], str]:
    """Return what says by which digest somebody is noted.

    Raises:
        HomeError: it cannot be read.
    """
    return partial(_digest, _read(folder).salt)


def settle(folder: Path, still: Mapping[Path, Collection[str]]) -> None:
    """Note no other files than those in which something of somebody still stands: `of_anybody`, or less.

    To be called by who holds the store alone.

    Raises:
        HomeError: it cannot be read or written.
    """
    notes = _read(folder)
    files = {
        who: [name for name in names if who in still.get(Path(name), ())]
        for who, names in notes.files.items()
    }
    if files != notes.files:
        _write(folder, notes._replace(files=files))


def _there(folder: Path, paths: Collection[Path]) -> Iterator[Path]:
    """Yield those that are there, and backups that are looked for."""
    known = set(backups.noted(folder)) if paths else set()
    yield from (path for path in paths if path in known or path.exists())


def _digest(salt: str, ref: SubjectRef) -> str:
    who = f"{ref.kind} {ref.external_id}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(who, key=salt.encode(), digest_size=16).hexdigest()


def _read(folder: Path) -> _Notes:
    try:
        found = json.loads(read_private(folder / FILE_NAME, _LARGEST))
    except FileNotFoundError:
        import secrets  # which lists do without

        return _Notes(secrets.token_hex(16), {}, {}, {})
    except (ValueError, RecursionError):
        found = None
    if not _is_sound(found):
        raise HomeError(
            _(
                "{path} cannot be read, so that nobody knows which erasures are unfinished. Delete it, "
                "and repeat memos-admin store forget for whom they were."
            ).format(path=folder / FILE_NAME)
        )
    return _Notes(found["salt"], found["of"], found.get("attempts", {}), found.get("noted", {}))


def _write(folder: Path, notes: _Notes) -> None:
    """Write what is left to be said: nothing of whom nothing is."""
    said: dict[str, Any] = {"salt": notes.salt}
    for name, of in (("of", notes.files), ("attempts", notes.attempts)):
        said[name] = {who: some for who, some in of.items() if some}
    said["noted"] = {who: at for who, at in notes.noted.items() if who in said["of"]}
    content = json.dumps(said, indent=1)
    replace_private(folder / FILE_NAME, content.encode() + b"\n")


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
        and _are_attempts(found.get("attempts", {}))
        and isinstance(found.get("noted", {}), dict)
        and all(isinstance(at, int) for at in found.get("noted", {}).values())
    )


def _are_attempts(found: Any) -> bool:
    if not found:
        return isinstance(found, dict)
    from memos_admin.store.erasures import is_sound

    return isinstance(found, dict) and all(
        isinstance(some, list) and all(is_sound(each) for each in some) for some in found.values()
    )
