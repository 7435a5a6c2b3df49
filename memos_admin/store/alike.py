"""Which versions of a memory say the same: one that was archived and restored says again what it said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Any

from memos_admin.store.query import Query

if TYPE_CHECKING:
    from sqlalchemy import Connection

Alike = Mapping[tuple[int, int], frozenset[int]]
"""By memory and version the versions that say the same, itself among them; none: that is no longer kept."""

_SAID = "SELECT memory_pk, version, view, title, content, status, tags FROM memory_version"
_SAYS = """SELECT m.pk, m.version, m.view, m.title, m.content, m.status,
    (SELECT json_group_array(t.tag) FROM memory_tag t WHERE t.memory_pk = m.pk) FROM memory m"""


def of_memories(query: Query, memory_pks: Sequence[int]) -> Alike:
    """Return the versions of memories that say the same."""
    said = query.rows_of(_SAID, "memory_pk", memory_pks)
    return _alike(chain(said, query.rows_of(_SAYS, "m.pk", memory_pks)))


def of_version(connection: Connection, memory_pk: int, version: int) -> frozenset[int]:
    """Return the versions of a memory that say what this one does, itself among them."""
    rows = [
        row
        for sql, column in ((_SAID, "memory_pk"), (_SAYS, "m.pk"))
        for row in connection.exec_driver_sql(f"{sql} WHERE {column} = ?", (memory_pk,))
    ]
    return _alike(rows).get((memory_pk, version), frozenset({version}))


def _alike(rows: Iterable[Any]) -> Alike:
    groups: dict[tuple[int, bytes], set[int]] = {}
    for memory_pk, version, view, title, content, status, tags in rows:
        if tags:  # else its text is no longer kept
            # No text and none at all are the same, as where versions are compared word by word.
            said = (view, title or "", content, status or "", sorted({*json.loads(tags)}))
            digest = blake2b(repr(said).encode()).digest()
            groups.setdefault((memory_pk, digest), set()).add(version)
    return {
        (memory_pk, version): frozenset(versions)
        for (memory_pk, _digest), versions in groups.items()
        for version in versions
    }
