"""Fills the search index behind everything else, in a thread that nobody waits for.

There is one such thread for a store in a process. It ends when the index has all of the store, and is
started again by whoever finds that it has not (a search) or knows that there is more (a sync). What
it did not do, a search finds without it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.language import gettext as _
from memos_admin.store.errors import StoreBroken, StoreError

if TYPE_CHECKING:
    from memos_admin.store.search.filling import Filling

_GATHER_SECONDS = 0.2
"""Between two looks at a store that is being filled, so that a batch is worth its transaction."""
_REST_SECONDS = 0.002
"""Between two batches, for the event loop's sake."""
_STOP_SECONDS = 1.0
_TRIES = 3


class Indexer:
    """Fills the index of one store; its methods may be called from any thread."""

    def __init__(self, store: Path) -> None:
        self.problem: str | None = None
        """Why the last attempt was given up, None where it was not."""
        self._store = store
        self._lock = threading.Lock()
        self._asked = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._filling: Filling | None = None

    @property
    def share(self) -> float | None:
        """How much of the store the index has, from 0 to 1, while it is brought up to date."""
        with self._lock:
            return None if self._filling is None else self._filling.share

    @property
    def is_running(self) -> bool:
        """Whether its thread is at work."""
        with self._lock:
            return self._thread is not None

    def nudge(self) -> None:
        """Bring the index up to date, soon."""
        with self._lock:
            self._asked = True
            if self._thread is None:
                self._stopping = threading.Event()
                self._thread = threading.Thread(
                    target=self._work, args=(self._stopping,), name="indexer", daemon=True
                )
                self._thread.start()

    def stop(self, *, wait: bool) -> None:
        """End now; the batch at hand is undone.

        Args:
            wait: until nothing of the index is open any more, though not for long.
        """
        with self._lock:
            thread, filling, self._asked = self._thread, self._filling, False
            self._stopping.set()
            if filling is not None:
                filling.interrupt()
        if wait and thread is not None:
            thread.join(_STOP_SECONDS)

    def _work(self, stopping: threading.Event) -> None:
        made_anew = False
        while True:
            with self._lock:
                if not self._asked or stopping.is_set():
                    self._thread = None
                    return
                self._asked = False
            try:
                self.problem = None
                self._fill(stopping)
            except StoreError as error:
                self.problem = str(error)
                if isinstance(error, StoreBroken) and not made_anew:
                    made_anew = True
                    self._make_anew()
            stopping.wait(_GATHER_SECONDS)

    def _fill(self, stopping: threading.Event) -> None:
        from memos_admin.store.search.filling import Filling

        with Filling(self._store) as filling:
            with self._lock:
                self._filling = filling
            try:
                while not stopping.is_set() and filling.step():
                    stopping.wait(_REST_SECONDS)
            finally:
                with self._lock:
                    self._filling = None

    def _make_anew(self) -> None:
        """Delete an index that is damaged; the next attempt makes it anew."""
        from memos_admin.store.search.index import PATIENCE, discard, path_beside

        try:
            if discard(path_beside(self._store), PATIENCE):
                with self._lock:
                    self._asked = not self._stopping.is_set()
        except StoreError as error:
            self.problem = str(error)


_INDEXERS: dict[Path, Indexer] = {}
_REGISTER = threading.Lock()


def indexer(store: Path) -> Indexer:
    """Return the indexer of the store at a path."""
    with _REGISTER:
        return _INDEXERS.setdefault(store, Indexer(store))


def nudge(store: Path) -> None:
    """Bring the index of a store up to date behind the caller's back."""
    indexer(store).nudge()


def share(store: Path) -> float | None:
    """Return how much of a store its index has, while this process brings it up to date; else None."""
    return indexer(store).share


def stop(store: Path, *, wait: bool) -> None:
    """End what `nudge` began, as `Indexer.stop`."""
    with _REGISTER:
        known = _INDEXERS.get(store)
    if known is not None:
        known.stop(wait=wait)


def forget_removed(store: Path, rewriting: Callable[[], None] | None = None) -> None:
    """Make sure that nothing of what was removed from a store is left in its index. Blocks.

    Args:
        store: whose index.
        rewriting: its file is rewritten too; is called while others keep it from that.

    Raises:
        StoreError: something may be left; the next search or sync tries again.
    """
    from memos_admin.store.search import filling
    from memos_admin.store.search.index import PATIENCE, discard, path_beside

    failure: StoreError | None = None
    for _time in range(_TRIES):
        try:
            if filling.forget_removed(store, rewriting):
                return
        except StoreError as error:
            failure = error
            if discard(path_beside(store), PATIENCE):
                return
    raise StoreError(
        _(
            "It was removed from the store. Its words may still be in the search index, which "
            "another program is using ({why}); the next search or sync removes them."
        ).format(why=failure or _("it is being read"))
    )
