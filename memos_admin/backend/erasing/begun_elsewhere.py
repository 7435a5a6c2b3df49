"""Erasures that were begun in other projects here of the same address and key: of the same people of MemOS.

What MemOS has deleted for them is stored in this project as it was read before. Every read of a subject asks
for them, so that each list, count and file says the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from memos_admin.backend.erasing import unerased
from memos_admin.backend.private_files import HomeError
from memos_admin.backend.projects import elsewhere
from memos_admin.store import glance
from memos_admin.store.errors import StoreError
from memos_admin.store.records import SubjectRef
from memos_admin.store.scopes import ERASURES, erasures_of

if TYPE_CHECKING:
    from memos_admin.backend.erasing.unerased import Noted
    from memos_admin.backend.home import Home
    from memos_admin.backend.projects.project import Project

_Stamp = tuple[tuple[int, int] | None, ...]
"""When some files were written and how large they are; None: there is none."""


class _Known(NamedTuple):
    """What a project has of erasures without an end: in its store, by name, and in its notes, if there are any."""

    title: str
    stamp: _Stamp
    stored: Mapping[str, list[dict[str, Any]]]
    noted: Noted | None


class BegunElsewhere:
    """Finds what `Subject.begun_elsewhere` is to be, for SQL: see `memos_admin.store.query.Elsewhere`.

    A project that cannot be looked at has begun none. From any thread; it blocks.
    """

    def __init__(self, home: Home, project: Project) -> None:
        """Take the project that asks."""
        self.project = project
        self._home = home
        self._listed: _Stamp = ()
        self._others: dict[Path, str] = {}
        self._known: dict[Path, _Known] = {}
        self._looking = Lock()

    def look(self) -> bool:
        """Find the projects, read again what has changed of each, and return whether any has begun an erasure."""
        with self._looking:
            listed = _stamp(self._home.config_path, self._home.projects_dir)
            if listed != self._listed:
                self._others = dict(self._like())
                self._listed = listed
            self._known = {
                store: self._look_at(store, title) for store, title in self._others.items()
            }
        return any(known.stored or known.noted for known in self._known.values())

    def of(self, kind: str, external_id: str) -> str | None:
        """Return titles of projects, each with its attempts that have sent a deletion, as JSON; None: there are none."""
        ref = SubjectRef("agent" if kind == "agent" else "user", external_id)
        found = [
            [known.title, json.dumps(sent)]
            for known in self._known.values()
            if (sent := _sent(known, ref))
        ]
        return json.dumps(found) if found else None

    def _like(self) -> Iterator[tuple[Path, str]]:
        try:
            for other in elsewhere.like(self._home, self.project):
                if other.likeness == "key":
                    yield other.store, other.title
        except (StoreError, HomeError, OSError):
            return

    def _look_at(self, store: Path, title: str) -> _Known:
        folder = store.parent
        stamp = _stamp(store, store.with_name(f"{store.name}-wal"), folder / unerased.FILE_NAME)
        known = self._known.get(store)
        if known is not None and known.stamp == stamp:
            return known._replace(title=title)
        stored, noted = {}, None
        if store.exists():
            for name, value in glance.settings(store).items():
                if name.startswith(ERASURES):
                    with suppress(ValueError):
                        stored[name] = json.loads(value)
        with suppress(HomeError, OSError):
            noted = unerased.noted(folder)
        return _Known(title, stamp, stored, noted)


def _sent(known: _Known, ref: SubjectRef) -> list[dict[str, Any]]:
    """Return the attempts of a project at the erasure of a subject that have sent a deletion, the first one first."""
    noted = () if known.noted is None else known.noted(ref)
    # Who was added again has those that were noted in the store too.
    found = {each["at"]: each for each in (*noted, *known.stored.get(erasures_of(ref), ()))}
    return [found[at] for at in sorted(found) if found[at].get("sent")]


def _stamp(*paths: Path) -> _Stamp:
    return tuple(map(_stamp_of, paths))


def _stamp_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
