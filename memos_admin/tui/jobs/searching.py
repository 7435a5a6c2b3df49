"""Searching behind the search screen: what it keeps, and a thread of its own for what is stored.

A search may walk the whole store. It has a connection of its own, so that a new letter can interrupt
it without disturbing what the main screen reads.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

from memos_admin.backend.model import Filter, Reads, SubjectRef
from memos_admin.backend.search import Hit, Hits, HitType, Order, search
from memos_admin.backend.upkeep import indexing
from memos_admin.tui.reader import Reader

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace

MOST_SHOWN = 500
"""Hits that are shown; who sees as many types another word."""

MOST_RECALLED = 25
"""Memories of a view that the service recalls at most (memos-cloud-api, search/memory)."""

CHUNK = 50
"""Hits that are read at once."""

Where = Literal["all", "messages", "memories"]

TYPES: dict[Where, frozenset[HitType]] = {
    "all": frozenset({"message", "memory"}),
    "messages": frozenset({"message"}),
    "memories": frozenset({"memory"}),
}


AROUND = 120
"""Characters of a snippet on each side of the words found: what the widest screens have room for."""


@dataclass(frozen=True)
class Recalled:
    """What the service recalled for a text and a user, and when."""

    text: str
    ref: SubjectRef
    hits: tuple[Hit, ...]
    at: int


@dataclass
class SearchState:
    """What a search screen was left with; given to the next one, it goes on from there.

    Attributes:
        recall: the service's recall is shown, not what is stored.
        order: of what is found here.
        chosen: what the cursor was on.
    """

    text: str = ""
    recall: bool = False
    everyone: bool = True
    where: Where = "all"
    order: Order = "arrival"
    chosen: Hashable | None = None
    recalled: Recalled | None = None


@dataclass(frozen=True)
class Searched:
    """What a search looks through.

    Attributes:
        memories: those that are gone are searched too, and count.
        at: when it was last synced; None: never.
        whole: the last sync reached all of it.
    """

    messages: int
    memories: int
    at: int | None
    whole: bool


def searched(reads: Reads, subject: SubjectRef | None) -> Searched:
    """Return what a search of one subject, or of everything, looks through."""
    if subject is not None:
        known = reads.subject(subject)
        if known is None:
            return Searched(0, 0, None, whole=False)
        return Searched(
            known.messages, known.memories, known.synced_at, whole=known.problem is None
        )
    totals, run = reads.totals(), reads.last_run()
    at = (run.finished_at or run.started_at) if run is not None else None
    whole = run is not None and run.outcome == "complete"
    return Searched(totals.messages, totals.memories + totals.vanished, at, whole)


class LocalSearch:
    """Searches what is stored, one search at a time: a new one ends the one before."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._opened = ExitStack()
        self._reads: Reads | None = None
        self._found: Hits | None = None
        self._reader = Reader(self._open)

    def _open(self) -> Reads:
        if self._reads is None:
            self._reads = self._opened.enter_context(self._workspace.open_reads())
        return self._reads

    async def hits(
        self,
        text: str,
        subject: SubjectRef | None,
        where: Where,
        order: Order,
        within: Filter | None = None,
    ) -> AsyncIterator[list[Hit]]:
        """Yield hits as they are found, up to one more than `MOST_SHOWN`; `within` a filter only.

        Raises:
            StoreError: the store cannot be read.
        """
        self._found = None
        found = await self._reader(
            search,
            text,
            subject=subject,
            types=TYPES[where],
            order=order,
            around=AROUND,
            within=within,
        )
        self._found = found
        shown = islice(found, MOST_SHOWN + 1)
        while chunk := await self._reader(_take, shown):
            yield chunk

    @property
    def ranked(self) -> int | None:
        """How many hits were ranked, as `Hits.ranked`."""
        return None if self._found is None else self._found.ranked

    @property
    def looked(self) -> float | None:
        """How much was looked through of what the index does not have, as `Hits.looked`."""
        return None if self._found is None else self._found.looked

    @property
    def indexed(self) -> float | None:
        """How much of the store the index has, while it is being made; else None."""
        return indexing.share(self._workspace.store_path)

    def stop(self) -> None:
        """End the search at hand, where one runs."""
        if self._reads is not None:
            self._reads.interrupt()

    async def close(self) -> None:
        """Close the connection."""
        if self._reads is not None:
            self.stop()
            await self._reader(lambda _reads: self._opened.close())
        self._reader.close()


def _take(_reads: Reads, hits: Iterator[Hit]) -> list[Hit]:
    return list(islice(hits, CHUNK))
