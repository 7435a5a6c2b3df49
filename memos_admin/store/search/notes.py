"""What the store notes when rows are removed from it, so that nothing of them stays in its index.

A key that was the highest one may be given again after a removal. The note is written in the
transaction that removes, says in which shards rows were and how far each log then reached, and is all
that the index needs: it gives up those shards and reads them again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Self

from memos_admin.store.query import Query

SETTING = "search_removals"
KEPT = 100
"""Removals that the store remembers; an index that has missed more is made anew."""


@dataclass(frozen=True, slots=True)
class Removal:
    """Rows were removed.

    Attributes:
        name: unlike that of any other removal.
        shards: by log, the shards that they were in.
        floors: by log, the highest key that was left.
    """

    name: str
    shards: dict[str, list[int]]
    floors: dict[str, int]


@dataclass(frozen=True, slots=True)
class Removals:
    """The latest removals, oldest first; `count`: how many there were ever."""

    count: int = 0
    latest: list[Removal] = field(default_factory=list)

    @classmethod
    def from_json(cls, text: str | None) -> Self:
        """Return what the store has noted."""
        if text is None:
            return cls()
        said = json.loads(text)
        return cls(said["count"], [Removal(*each) for each in said["latest"]])

    @classmethod
    def in_store(cls, query: Query) -> Self:
        """Return what the store has noted."""
        return cls.from_json(query.text("SELECT value FROM setting WHERE name = ?", [SETTING]))

    def with_one_more(self, removal: Removal) -> str:
        """Return what the store is to note."""
        latest = [*self.latest, removal][-KEPT:]
        said = [[each.name, each.shards, each.floors] for each in latest]
        return json.dumps({"count": self.count + 1, "latest": said}, separators=(",", ":"))

    @property
    def last(self) -> str:
        """The name of the latest one, ``""`` where there is none."""
        return self.latest[-1].name if self.latest else ""

    def since(self, name: str) -> list[Removal] | None:
        """Return the removals after the one called `name`; None: that is not known any more."""
        names = [removal.name for removal in self.latest]
        if name in names:
            return self.latest[names.index(name) + 1 :]
        return self.latest if not name and self.count == len(self.latest) else None
