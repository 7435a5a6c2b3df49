"""Erasures that were begun in other projects here of the same address and key: of the same people of MemOS.

What MemOS has deleted for them is stored in this project as it was read before.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from memos_admin.backend.erasing import unerased
from memos_admin.backend.private_files import HomeError
from memos_admin.backend.projects import elsewhere
from memos_admin.store.errors import StoreError

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.backend.projects.project import Project
    from memos_admin.store.erasures import Attempt
    from memos_admin.store.records import Subject, SubjectRef


def among(
    home: Home, project: Project, refs: Collection[SubjectRef]
) -> dict[SubjectRef, list[Attempt]]:
    """Return the attempts of other projects that have sent a deletion and have no end. Blocks.

    A project that cannot be looked at has none.

    Raises:
        ConfigError: the configuration is faulty.
        HomeError: it, or the folder of all projects, cannot be read.
    """
    found: defaultdict[SubjectRef, list[Attempt]] = defaultdict(list)
    if not refs:
        return found
    for other in elsewhere.like(home, project):
        if other.likeness != "key":
            continue
        from memos_admin.store import erasing, erasures  # with SQLAlchemy, which lists do without

        try:
            some = {**unerased.attempts_among(other.store.parent, refs)}
            with erasing.looking(other.store) as connection:
                for ref in refs:
                    if tried := erasures.open_of(connection, ref):
                        some[ref] = tried
        except (StoreError, HomeError, OSError):
            continue
        for ref, attempts in some.items():
            found[ref] += (attempt for attempt in attempts if attempt.sent)
    return {ref: attempts for ref, attempts in found.items() if attempts}


def told(subject: Subject, tried: Mapping[SubjectRef, Sequence[Attempt]]) -> Subject:
    """Return a subject that knows of the attempts elsewhere too, as `among` returns them."""
    if not (others := tried.get(subject.ref)):
        return subject
    from memos_admin.store import erasures

    attempts = sorted((*erasures.read(subject.erasing), *others), key=lambda each: each.at)
    return subject._replace(erasing=json.dumps([asdict(each) for each in attempts]))
