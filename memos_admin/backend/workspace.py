"""An opened project: its store, and the way to its service when one is needed.

Making one is cheap and touches nothing. The store opens at the first read, the writer (which
imports SQLAlchemy) at the first write, the client (which imports httpx) at the first request.
Lists need no event loop, and asyncio is half of what importing this would cost.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from memos_admin.backend.environment import ENVIRONMENT
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.projects import Project, Projects
from memos_admin.backend.times import now_ms
from memos_admin.backend.upkeep import indexing
from memos_admin.cloud.key import ApiKey
from memos_admin.store import cipher
from memos_admin.store.errors import StoreError, StoreInterrupted
from memos_admin.store.reads import Reads
from memos_admin.store.records import UNLOOKED
from memos_admin.store.schema import refuse_lost

if TYPE_CHECKING:
    import asyncio
    from zoneinfo import ZoneInfo

    from memos_admin.backend.credentials import FoundKey
    from memos_admin.backend.erasing.begun_elsewhere import BegunElsewhere
    from memos_admin.backend.remote import Remote
    from memos_admin.store.holder import Holder
    from memos_admin.store.writer import Writer

DEFAULT_RATE = 10.0
"""Requests a second. The limit is the account's, which the customer's production shares."""


def _nothing(*_: object) -> None:
    pass


class Interruptible(Protocol):
    """What may read for long, such as a connection."""

    def interrupt(self) -> None:
        """Make what it is doing end; from any thread."""


class Workspace:
    """One project, opened.

    Args:
        project: which.
        home: where it lives.
        find_key: returns the project's key or raises a CredentialsError, without blocking the
            event loop; by default asks the keyring, the environment and ``key_command``.
        rate: requests a second.
        clock: the present instant in UTC milliseconds, by which what is read is dated.

    Attributes:
        find_key: as given; None: the default.
        ask_store_key: asks a person for the passphrase or recovery key of an encrypted store; None:
            nobody can be asked.
        on_fixed: called when the store is found to be where nothing can be written.
        on_upgraded: called, in any thread, with the copy that is left of the store as it was before it was
            brought to the present schema.
        on_busy: called, in any thread, when a transaction waits long for another program that has the store
            locked; to be set before the first one. Returns whether it waits as long as that takes, and is
            called again and again then.
        on_free: called when that is over.
        on_opened: called with each connection that is opened to read, before anything is read.
        on_unlooked: called, by whatever opens the store, where `look_at_beginnings` is due: does that at
            once, or starts it, and what is read meanwhile knows of no beginning; None: at once.
    """

    def __init__(
        self,
        project: Project,
        home: Home,
        *,
        find_key: Callable[[], Awaitable[FoundKey]] | None = None,
        rate: float = DEFAULT_RATE,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self.project = project
        self.home = home
        self.rate = rate
        self.clock = clock
        self.find_key = find_key
        self.ask_store_key: Callable[[str], str | None] | None = None
        self.on_fixed: Callable[[], None] = _nothing
        self.on_upgraded: Callable[[Path], object] = lambda _copy: None
        self.on_busy: Callable[[], object] = _nothing
        self.on_free: Callable[[], object] = _nothing
        self.on_opened: Callable[[Reads], object] = _nothing
        self.on_unlooked: Callable[[], None] | None = None
        self._reads: Reads | None = None
        self._former_reads: list[Reads] = []
        self._fixed_since: int | None = None
        self._reading: list[Interruptible] = []
        self._writer: Writer | None = None
        self._remote: Remote | None = None
        self._former: list[Remote] = []
        self._elsewhere: BegunElsewhere | None = None
        self._key: ApiKey | None = None
        self._connecting: asyncio.Lock | None = None
        self._opening = threading.Lock()
        self._bringing = threading.Lock()

    @property
    def zone(self) -> ZoneInfo:
        """What times of the service without a zone are read in."""
        from zoneinfo import ZoneInfo

        return ZoneInfo(self.project.service_timezone)

    @property
    def is_connected(self) -> bool:
        """Whether the key was found, and the service's client made of it."""
        return self._remote is not None

    @property
    def store_path(self) -> Path:
        """The file of the store; it need not exist."""
        return self.project.store_dir / "store.db"

    @property
    def is_begun(self) -> bool:
        """Whether there is a store already.

        Raises:
            StoreBroken: there was one, and it is empty or gone.
        """
        refuse_lost(self.store_path)
        return self.store_path.exists()

    @property
    def is_locked(self) -> bool:
        """Whether the store is encrypted, and was not unlocked here yet."""
        folder = self.project.store_dir
        return cipher.known(folder) is None and cipher.is_declared(folder)

    def unlock(self, *, to_replace: bool = False) -> None:
        """Make sure that the store can be opened where it is encrypted; may wait for the keyring.

        Args:
            to_replace: see `memos_admin.backend.encryption.unlock`.

        Raises:
            StoreError, HomeError: see `memos_admin.backend.encryption.unlock`.
        """
        if cipher.is_declared(self.project.store_dir):
            from memos_admin.backend import encryption

            encryption.unlock(self.project, ENVIRONMENT, self.ask_store_key, to_replace=to_replace)

    @property
    def reads(self) -> Reads:
        """The read connection, for one thread at a time; opens (or makes) the store at first.

        Raises:
            HomeError: the folder cannot be used.
            StoreError: the store cannot be opened.
        """
        if self._reads is not None and self._reads.query.is_fixed_no_more:
            self._former_reads.append(self._reads)  # somebody may still go through what it gave
            self._reads = None
        if self._reads is None:
            self._reads = self._open()
            self._fixed_since = self.clock() if self._reads.query.fixed else None
        return self._reads

    @property
    def fixed_since(self) -> int | None:
        """Since when what is read is what lay there then, UTC milliseconds; None: it is what is there now.

        Nothing could be written beside the store. As soon as something can, `reads` is opened anew.
        """
        return self._fixed_since

    @contextmanager
    def open_reads(self) -> Iterator[Reads]:
        """A read connection of one's own, for an export."""
        with self._open() as reads, self.interruptible(reads):
            yield reads

    @contextmanager
    def interruptible(self, reading: Interruptible) -> Iterator[None]:
        """Have `interrupt` end what this does inside too."""
        self._reading.append(reading)
        try:
            yield
        finally:
            self._reading.remove(reading)

    @property
    def holder(self) -> Holder | None:
        """Which other process writes to the store now; None: none does, or the system does not tell."""
        from memos_admin.store.holder import holder_of

        return holder_of(self.store_path)

    @property
    def writer(self) -> Writer:
        """The writer; from any thread. Raises as `reads` does."""
        with self._opening:
            if self._writer is None:
                from memos_admin.store.writer import Writer

                self.home.create_project_dir(self.project.uuid)
                self.unlock()
                self._writer = Writer(
                    self.store_path, self.on_busy, self.on_free, self._was_upgraded
                )
                if self.project.name is None:
                    from memos_admin.store import runs

                    of = (self.project.base_url, self.project.fingerprints[0])
                    self._writer.submit(lambda connection: runs.note_unnamed(connection, *of))
            return self._writer

    async def settle(self) -> None:
        """Return when nothing is handed to the writer, or to the index, that is not committed."""
        import asyncio

        await asyncio.to_thread(indexing.stop, self.store_path, wait=True)
        if self._writer is not None:
            with suppress(StoreError):  # whoever handed it over is told
                await self._writer.run(_nothing)

    async def open_writer(self) -> Writer:
        """Return the writer, made (and SQLAlchemy imported) off the event loop at the first call."""
        import asyncio

        return await asyncio.to_thread(lambda: self.writer)

    async def remote(self) -> Remote:
        """Return the service's client, made at the first call.

        Raises:
            CredentialsError: there is no key, or not one that this project knows.
        """
        import asyncio

        if self._connecting is None:
            self._connecting = asyncio.Lock()
        async with self._connecting:
            if self._remote is None:
                from memos_admin.backend import credentials

                find = self.find_key or partial(
                    credentials.find_key_async, self.project, ENVIRONMENT
                )
                self._key = (await find()).key
                self._remote = await asyncio.to_thread(self._connect, self._key)
            return self._remote

    def use_remote(self, remote: Remote) -> None:
        """Talk to this service instead of one of our own making."""
        self._remote = remote

    def use_key(self, find_key: Callable[[], Awaitable[FoundKey]] | None) -> None:
        """Find the key in another way from now on; requests under way end with the one they have."""
        if self._remote is not None:
            self._former.append(self._remote)
        self.find_key, self._remote, self._key = find_key, None, None

    async def key_was_accepted(self) -> None:
        """Note that the service has answered: the key in use is one of the project's.

        Raises:
            HomeError: the configuration cannot be written.
        """
        if self._key is not None and self._key.fingerprint not in self.project.fingerprints:
            import asyncio

            self.project = await asyncio.to_thread(
                Projects(self.home).remember_key, self.project, self._key.fingerprint
            )

    def look_at_beginnings(self, tell: Callable[[int, int], None] = _nothing) -> None:
        """Look at whether conversations are known from their beginning; blocks, for long where there is much.

        Args:
            tell: called with how many were looked at so far, of how many.

        Raises:
            HomeError: the folder cannot be used.
            StoreError: it is left to the next opening.
        """
        from memos_admin.backend.sync.beginnings import look_everywhere

        look_everywhere(self.writer, self.zone, tell)

    def interrupt(self) -> None:
        """Make all running reads end with StoreInterrupted; from any thread."""
        for reading in (self._reads, *self._former_reads, *self._reading):
            if reading is not None:
                with suppress(*cipher.database_errors()):  # it was closed meanwhile
                    reading.interrupt()

    async def close(self) -> None:
        """Close everything, committing what was written. The workspace is of no use afterwards."""
        import asyncio

        for remote in (*self._former, self._remote):
            if remote is not None:
                await remote.close()
        await asyncio.to_thread(self.close_store)

    def close_store(self) -> None:
        """Close the store alone, committing what was written; blocks until that is done.

        Enough where the service was never asked.
        """
        indexing.stop(self.store_path, wait=True)
        # The writer last: closed by a connection that was interrupted the log would stay behind.
        reads, self._reads = self._reads, None
        for each in (reads, *self._former_reads):
            if each is not None:
                each.close()
        self._former_reads.clear()
        if self._writer is not None:
            self._writer.close()

    def abandon(self) -> None:
        """End at once, without waiting: what was not committed yet is undone."""
        self.interrupt()
        indexing.stop(self.store_path, wait=False)
        if self._writer is not None:
            self._writer.abandon()

    def _connect(self, key: ApiKey) -> Remote:
        from memos_admin.cloud.client import CloudClient

        worked = self._was_answered()
        return CloudClient(
            self.project.base_url,
            key,
            rate=self.rate,
            worked=worked,
            wall=lambda: self.clock() / 1000,
        )

    def _was_answered(self) -> bool:
        """Return whether the service was read before, as far as the store can be asked."""
        if self.is_locked or not self.store_path.exists():
            return False
        try:
            with self.open_reads() as reads:
                return reads.was_answered()
        except (StoreError, HomeError):
            return False

    def _was_upgraded(self, schema: int) -> None:
        from memos_admin.store.backup import old_copy

        self.on_upgraded(old_copy(self.store_path, schema))

    def _open(self) -> Reads:
        self.home.create_project_dir(self.project.uuid)
        self.unlock()
        reads = Reads(
            self.store_path,
            partial(_service_time, self.project.service_timezone),
            self._begun_elsewhere(),
        )
        if reads.query.fixed:
            self.on_fixed()
        if reads.query.upgraded_from is not None:
            self._was_upgraded(reads.query.upgraded_from)
        try:
            with self._bringing:
                self._bring_up_to_date(reads)
            self.on_opened(reads)
        except BaseException:
            reads.close()
            raise
        return reads

    def _begun_elsewhere(self) -> BegunElsewhere:
        """Return what says which erasures other projects have begun; it is kept, with what it has seen."""
        from memos_admin.backend.erasing.begun_elsewhere import BegunElsewhere

        known = self._elsewhere
        if known is None or known.project != self.project:
            known = self._elsewhere = BegunElsewhere(self.home, self.project)
        return known

    def _bring_up_to_date(self, reads: Reads) -> None:
        """Do what is left to do since the zone changed, or the store has another schema."""
        if reads.setting("service_timezone") not in (None, self.project.service_timezone):
            from memos_admin.backend.upkeep.zones import read_times_again

            read_times_again(self.writer, self.zone)
        if reads.setting(UNLOOKED) is not None and not reads.query.fixed:
            try:
                (self.on_unlooked or self.look_at_beginnings)()
            except StoreInterrupted:
                raise
            except StoreError:
                pass  # it is left to the next opening; until then no beginning counts as known


def _service_time(timezone: str, raw: str | None) -> int | None:
    # No method: what SQLite calls keeps what it belongs to in memory, and no collector sees that.
    from zoneinfo import ZoneInfo

    from memos_admin.backend.times import parse_service_time

    return parse_service_time(raw, ZoneInfo(timezone))
