"""The one writer thread of a process, with transactions that gather what is waiting.

A job is a function of a SQLAlchemy connection. Jobs that wait together are committed together, so
that a first sync pays for few transactions while a single change is durable at once. A job that
fails is undone alone; a commit that fails fails all of its jobs.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from memos_admin.language import gettext as _
from memos_admin.store import schema
from memos_admin.store.cipher import database_errors
from memos_admin.store.connection import explain, note_changed
from memos_admin.store.engine import OnBusy, engine_on
from memos_admin.store.errors import StoreInterrupted

R = TypeVar("R")
Job = Callable[[Connection], Any]

COMMIT_AFTER_SECONDS = 1.0
COMMIT_AFTER_JOBS = 100
_INTERRUPTS = 100
_ENDING = _("Interrupted, since the program is ending.")
_CHECKPOINT_PAGES = 4_000
"""A rare checkpoint keeps large first syncs fast (16 MB of log at most lie beside the store)."""


@dataclass
class _Ended:
    """The jobs of a transaction.

    Attributes:
        done: what comes of them if it is committed.
        failed: those that were undone alone.
        changes: something of the store was changed.
    """

    done: list[tuple[Future[Any], Any]]
    failed: list[tuple[Future[Any], Exception]]
    changes: bool = False


class Writer:
    """Writes to one store from its own thread. Close it, or what is queued is lost."""

    def __init__(
        self,
        path: Path,
        on_busy: OnBusy | None = None,
        on_free: Callable[[], object] = lambda: None,
        on_upgraded: Callable[[int], object] = lambda _schema: None,
    ) -> None:
        """Open the store.

        Args:
            path: of it.
            on_busy: is told, by the thread, where another program keeps it locked for long.
            on_free: is told when that is over.
            on_upgraded: is told the schema that the store had, where it was an older one.
        """
        self._path = path
        self._raw = schema.open_to_write(path, on_upgraded)
        self._raw.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        self._on_busy = on_busy
        told = None if on_busy is None else self._wait
        self._engine = engine_on(self._raw, told, on_free)
        self._jobs: queue.SimpleQueue[tuple[Job, Future[Any]] | None] = queue.SimpleQueue()
        self._closing = self._abandoned = False
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[Connection], R]) -> Future[R]:
        """Queue a job, with the caller's context; the future has its result once it is committed.

        The future raises `memos_admin.store.errors.StoreError` where the store said no.
        """
        future: Future[R] = Future()
        if self._closing:
            future.set_exception(StoreInterrupted(_ENDING))
        else:
            context = copy_context()
            self._jobs.put((lambda connection: context.run(job, connection), future))
        return future

    async def run(self, job: Callable[[Connection], R]) -> R:
        """Run a job and return its result once it is committed."""
        return await asyncio.wrap_future(self.submit(job))

    def close(self) -> None:
        """Commit what is queued and end the thread."""
        self._closing = True
        self._jobs.put(None)
        self._thread.join()

    def abandon(self) -> None:
        """End at once: a running transaction is undone, what is queued is dropped."""
        self._closing = self._abandoned = True
        self._jobs.put(None)
        for _time in range(_INTERRUPTS):
            with contextlib.suppress(*database_errors()):  # the thread has closed it
                self._raw.interrupt()  # no effect on a statement that starts right after it
            self._thread.join(timeout=0.02)
            if not self._thread.is_alive():
                break

    def _work(self) -> None:
        try:
            while (first := self._jobs.get()) is not None:
                if not self._transaction(first):
                    break
        finally:
            self._drop_queued()
            self._raw.close()

    def _transaction(self, entry: tuple[Job, Future[Any]] | None) -> bool:
        """Run `entry` and what waits behind it in one transaction; return False at the end."""
        ended = _Ended([], [])
        deadline = time.monotonic() + COMMIT_AFTER_SECONDS
        try:
            with self._engine.begin() as connection:
                while entry is not None:
                    self._go_on()
                    self._attempt(connection, *entry, ended)
                    if len(ended.done) >= COMMIT_AFTER_JOBS or time.monotonic() > deadline:
                        break
                    try:
                        entry = self._jobs.get_nowait()
                    except queue.Empty:
                        break
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            self._fail(ended)
            for future, _ in ended.done:
                future.set_exception(self._explained(error))
            if entry is not None and not entry[1].done():
                entry[1].set_exception(self._explained(error))
        else:
            if ended.changes:
                note_changed(self._path)
            self._fail(ended)
            for future, result in ended.done:
                future.set_result(result)
        return entry is not None

    def _fail(self, ended: _Ended) -> None:
        """Tell those whose jobs failed, once it is known whether something else was written."""
        for future, error in ended.failed:
            future.set_exception(self._explained(error))

    def _attempt(
        self, connection: Connection, job: Job, future: Future[Any], ended: _Ended
    ) -> None:
        """Run one job in a savepoint; what it raises goes to its future alone."""
        if not future.set_running_or_notify_cancel():
            return
        savepoint, before = connection.begin_nested(), self._raw.total_changes
        try:
            result = job(connection)
            savepoint.commit()
        except Exception as error:
            if not self._raw.in_transaction:  # SQLite has undone everything by itself
                ended.done.append((future, None))
                raise
            savepoint.rollback()
            ended.failed.append((future, error))
        else:
            ended.changes |= self._raw.total_changes > before
            ended.done.append((future, result))

    def _explained(self, error: Exception) -> Exception:
        """Return the store's own error where SQLite or the disk failed, else the error itself."""
        if isinstance(error, DBAPIError) and isinstance(error.orig, Exception):
            return explain(error.orig, self._path)
        return explain(error, self._path) if isinstance(error, OSError) else error

    def _go_on(self) -> None:
        if self._abandoned:
            raise StoreInterrupted(_ENDING)

    def _wait(self) -> object:
        self._go_on()
        return None if self._on_busy is None else self._on_busy()

    def _drop_queued(self) -> None:
        while True:
            try:
                entry = self._jobs.get_nowait()
            except queue.Empty:
                return
            if entry is not None and entry[1].set_running_or_notify_cancel():
                entry[1].set_exception(StoreInterrupted(_ENDING))
