"""Reading the store into its index, batch by batch; whoever does it may be killed at any moment."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Self

from memos_admin.language import gettext as _
from memos_admin.store.errors import StoreBroken, StoreError
from memos_admin.store.query import Query
from memos_admin.store.search.fitting import fitting
from memos_admin.store.search.index import PATIENCE, SEEN, Index, Shard, discard, path_beside
from memos_admin.store.search.logs import LOGS, Log, bounds, shard_of
from memos_admin.store.search.notes import Removals

BATCH = 2_000
"""Documents of a transaction: some tens of milliseconds."""

_UNCLEAN = "unclean"


class Filling:
    """Fills the index of one store, for one thread at a time; any number of processes may.

    An index that is damaged, foreign or of another version is made anew.

    Raises:
        StoreBusy: it is that, and another process has it open.
        StoreError: the store or the index cannot be used.
    """

    def __init__(self, store: Path) -> None:
        self.share: float | None = None
        """How much of the store the index had when the last step began, from 0 to 1."""
        self._query = Query(store)
        try:
            self._index = _opened(path_beside(store))
        except BaseException:
            self._query.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close both connections."""
        self._index.close()
        self._query.close()

    def interrupt(self) -> None:
        """Make a running step end with `StoreInterrupted`, undone; from any thread."""
        self._query.interrupt()
        self._index.interrupt()

    def step(self) -> bool:
        """Do a part of what is to be done; return whether there was any.

        Raises:
            StoreError: it could not be done; nothing of the part was.
        """
        try:
            with self._index.writing():
                shards = self._reconciled()
                self.share = self._share(shards)
                did = self._read_some(shards) or self._merge_one(shards)
        except StoreError as error:
            if type(error) is StoreError:  # such as a table that is not there
                raise StoreBroken(str(error)) from error
            raise
        if self._index.state(_UNCLEAN):
            self._clean()
        return did

    def forget_removed(self) -> bool:
        """Remove what the store has removed, from the file and its log.

        Returns:
            Whether nothing of it is left; else another process is reading it right now, and the
            next step tries again.
        """
        with self._index.writing():
            self._reconciled()
        return not self._index.state(_UNCLEAN) or self._clean()

    def rewrite(self, on_wait: Callable[[], None]) -> None:
        """Rewrite the index's file. Raises StoreError where that cannot be."""
        self._index.rewrite(on_wait)

    def _reconciled(self) -> list[Shard]:
        """Drop the shards that do not fit the store; return the others."""
        shards, seen = self._index.shards(), self._index.state(SEEN)
        removals = Removals.in_store(self._query)
        kept = fitting(self._query, shards, removals, seen)
        for shard in shards:
            if shard not in kept:
                self._index.drop(shard)
                self._index.set_state(_UNCLEAN, "1")
        if removals.last != seen:
            self._index.set_state(SEEN, removals.last)
        return kept

    def _clean(self) -> bool:
        """Empty the index's own log, in which what was dropped still stands."""
        if not self._index.empty_log():
            return False
        with self._index.writing():
            self._index.set_state(_UNCLEAN, "")
        return True

    def _read_some(self, shards: list[Shard]) -> bool:
        """Read a batch of the latest keys that no shard covers; return whether there were any."""
        gap = self._gap(shards)
        if gap is None:
            return False
        log, number, until = gap
        shard = next((s for s in shards if (s.log, s.number) == (log.name, number)), None)
        if shard is None:
            shard = self._index.add_shard(log.name, number)
        documents = log.ascending(self._query, shard.done, until, BATCH)
        done, marked = until, (shard.marked_pk, shard.mark)
        if documents:
            done = documents[-1].pk
            marked = done, log.marks(self._query, [done]).get(done, "")
        self._index.append(shard, documents, done, marked)
        return True

    def _gap(self, shards: list[Shard]) -> tuple[Log, int, int] | None:
        """Return log, shard and highest key of what is to be read next: what is latest."""
        done = {(shard.log, shard.number): shard.done for shard in shards}
        gaps = []
        for order, log in enumerate(LOGS):
            last = log.last(self._query)
            for number in range(shard_of(last), -1, -1):
                until = min(bounds(number)[1], last)
                if done.get((log.name, number), 0) < until:
                    gaps.append((shard_of(last) - number, order, number, until))
                    break
        if not gaps:
            return None
        _, order, number, until = min(gaps)
        return LOGS[order], number, until

    def _share(self, shards: list[Shard]) -> float:
        rows = sum(log.last(self._query) for log in LOGS)
        read = sum(shard.done - bounds(shard.number)[0] + 1 for shard in shards)
        return read / rows if rows else 1.0

    def _merge_one(self, shards: list[Shard]) -> bool:
        for shard in shards:
            if not shard.merged and shard.done == bounds(shard.number)[1]:
                self._index.merge(shard)
                return True
        return False


def _opened(path: Path) -> Index:
    with contextlib.suppress(StoreBroken):
        return Index(path, read_only=False)
    if not discard(path, PATIENCE):
        raise StoreError(
            _("The search index {path} is damaged, and another process uses it.").format(path=path)
        )
    return Index(path, read_only=False)


def forget_removed(store: Path, rewriting: Callable[[], None] | None = None) -> bool:
    """Remove from a store's index what was removed from the store; return whether nothing is left.

    Args:
        store: whose index.
        rewriting: the index's file is rewritten too; is called while others keep it from that.

    Raises:
        StoreError: it could not be done.
    """
    if not path_beside(store).exists():
        return True
    with Filling(store) as filling:
        done = filling.forget_removed()
        if rewriting is not None:
            filling.rewrite(rewriting)
            done = True
        return done
