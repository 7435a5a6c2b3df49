"""Writes the journal of a home: behind what a person waits for, or before something is done.

A thread writes what is recorded, and ends when nothing is left: no event loop waits for a disk. What
cannot be written stays queued, is tried again with what follows and at the end, and is told.
"""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from memos_admin.backend import config, occasion
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.journal import chain
from memos_admin.backend.journal.entries import Action, Entry, Event, entry_of, row_of
from memos_admin.backend.journal.settings import JournalSettings, journal_settings
from memos_admin.backend.occasion import Occasion
from memos_admin.backend.private_files import open_private
from memos_admin.backend.times import now_ms
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.store import cipher
from memos_admin.store import journal as store
from memos_admin.store.errors import StoreError
from memos_admin.store.journal_file import BUSY_MS, Head, Row

if TYPE_CHECKING:
    from pathlib import Path

    from memos_admin.backend.journal.sealing import Sealer

HOUR_MS = 3_600_000

PATIENCE = 6.0
"""Seconds that the end of a command waits for the last entries; they take milliseconds."""

SEALING = 3.0
"""Seconds that the first thing that is journaled before it is done waits for the keyring to seal what follows."""

_OFF_MS = 500
"""Milliseconds that what is not journaled waits to leave a trace of that."""

OFF = N_("the journal is switched off in config.toml ([journal] enabled = false)")


MISSED = N_(
    "Another journal was in this folder before, and nobody has shown it since: memos-admin journal verify"
)


class NotJournaled(StoreError):
    """Nothing was done, since it could not be journaled."""


class Stamp(NamedTuple):
    """The last entry that was written."""

    seq: int
    hash: str
    sealed: bool

    def __str__(self) -> str:
        """Name it, so that its hash can be looked for later."""
        text = _("Journal: entry {number}, hash {hash} ({how}).")
        return text.format(number=self.seq, hash=self.hash, how=self.how)

    @property
    def how(self) -> str:
        """How it is kept from being changed, in a word or two."""
        return _("sealed") if self.sealed else _("only chained, not sealed")


class Journal:
    """The journal of a home; one a process, see `of`. Its methods may be called in any thread.

    Attributes:
        problem: why what is queued could not be written, ``""``: it could.
        skipped: how many events were not journaled, since it is switched off.
        stamp: the last entry of this process; None: it wrote none.
        on_change: called, in any thread, when `problem` has changed.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.problem = ""
        self.skipped = 0
        self.stamp: Stamp | None = None
        self.on_change: Callable[[], None] = _nothing
        self._pending: list[tuple[Event, Occasion]] = []
        self._missing: str | None = None
        self._told: dict[object, int] = {}
        self._changing, self._appending = threading.Lock(), threading.Lock()
        self._thread: threading.Thread | None = None
        self._sealer: Sealer | None = None
        self._begun_sealing = False

    def settings(self) -> JournalSettings:
        """Return what the configuration says of it. Raises HomeError."""
        return journal_settings(config.read(self.home))

    def record(self, *events: Event) -> None:
        """Write what happened, soon."""
        present = occasion.present()
        with self._changing:
            self._pending.extend((event, present) for event in events)
        self.try_again()

    def record_once(self, event: Event) -> None:
        """Write what goes on: once an hour, and anew for another ticket."""
        details = tuple(event.details.items())
        project = event.project and event.project.uuid
        what = (event.action, project, event.subject, details, occasion.present())
        last = self._told.get(what)
        if last is None or not 0 <= event.at - last < HOUR_MS:
            self._told[what] = event.at
            self.record(event)

    def write(self, event: Event, refusal: str) -> Stamp | None:
        """Write what is about to be done, and return its entry; None: the journal is switched off. Blocks.

        Args:
            event: what.
            refusal: what is not done where it cannot be written, such as "Nothing was exported";
                it is translated here.

        Raises:
            NotJournaled: it cannot be written.
        """
        try:
            stamp = self._append(event)
        except (StoreError, HomeError) as error:
            raise NotJournaled(
                _(
                    "{refusal}, since it could not be journaled: {error} To work without a "
                    "journal, say so in {path}: [journal] enabled = false"
                ).format(refusal=_(refusal), error=error, path=self.home.config_path)
            ) from error
        if stamp is not None and not stamp.sealed:
            self._begin_sealing()
        return stamp

    def settle(self, event: Event) -> Stamp | None:
        """Write what was done, and return its entry; None: that has to wait, or it is switched off. Blocks."""
        try:
            return self._append(event)
        except (StoreError, HomeError):
            self.record(event)
            return None

    def try_again(self) -> None:
        """Write what is queued, behind."""
        with self._changing:
            if self._pending and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
                self._thread.start()

    def flush(self, seconds: float = PATIENCE) -> bool:
        """Wait until what is queued is written, but no longer than this; return whether it is."""
        self.try_again()
        if (thread := self._thread) is not None:
            thread.join(seconds)
        return not self._pending

    def close(self, seconds: float, *, sealing: float) -> str:
        """Write what is left; return what is to be told of it, ``""``: nothing.

        Args:
            seconds: how long that may take.
            sealing: how long the keyring may take then.
        """
        if not self.flush(seconds):
            return self.said()
        told = [self.said()] if self.skipped else []
        if self._sealer is not None:
            self._sealer.finish(sealing)
            if self._sealer.missed:
                told.append(_(MISSED))
        return sentences(*told)

    def said(self) -> str:
        """Return the last entry, or why there is none, in a sentence."""
        if number := len(self._pending):
            text = _("Not journaled ({number}): {problem}")
            return text.format(number=number, problem=self.problem or _("it still waits."))
        if self.skipped:
            return _("Not journaled: {why}.").format(why=_(OFF))
        return _("Nothing was journaled yet.") if self.stamp is None else str(self.stamp)

    def said_of(self, begun: Stamp | None, ended: Stamp | None) -> str:
        """Return the same of something of which these are the entries before and after it."""
        if begun is None or ended is None:
            return self.said()
        return _(
            "The operator journal has it twice: as entry {begun}, before it was begun, which the manifest "
            "names, and as entry {done}, when it was done, with the SHA-256. Hash of entry {done}: {hash} "
            "({how})."
        ).format(begun=begun.seq, done=ended.seq, hash=ended.hash, how=ended.how)

    def said_of_steps(self) -> str:
        """Return the same of several steps, each of which is journaled before and after."""
        last = self.stamp
        if last is None or self._pending or self.skipped:
            return self.said()
        return _(
            "The operator journal has two entries of each step, before it was begun and when it was done or "
            "had failed. The last entry of this program is {number}, hash {hash} ({how})."
        ).format(number=last.seq, hash=last.hash, how=last.how)

    def _work(self) -> None:
        while True:
            try:
                self._append()
                problem = ""
            except Exception as error:  # noqa: BLE001 - it is told wherever somebody looks
                problem = str(error)
            if problem != self.problem:
                self.problem = problem
                self.on_change()
            with self._changing:
                if problem or not self._pending:
                    self._thread = None
                    return

    def _append(self, *events: Event) -> Stamp | None:
        """Write what is queued, and these events behind it, which are not queued if that fails.

        Returns the last entry; None: it is switched off.
        """
        with self._appending:
            with self._changing:
                taken, self._pending = self._pending, []
            try:
                present = occasion.present()
                return self._write([*taken, *((event, present) for event in events)])
            except BaseException:
                with self._changing:
                    self._pending = [*taken, *self._pending]
                raise

    def _write(self, happened: Sequence[tuple[Event, Occasion]]) -> Stamp | None:
        settings = self.settings()
        if not settings.enabled:
            self.skipped += len(happened)
            if happened and self.home.journal_path.exists():
                with suppress(StoreError, HomeError):  # it is off: nothing waits for it
                    self._put([], settings, busy_ms=_OFF_MS)
            return None
        self.home.create()
        missing = store.take_note_of_missing(self.home.journal_path)
        self._missing = missing if self._missing is None else self._missing
        os.close(open_private(self.home.journal_path, os.O_RDWR | os.O_CREAT))
        head = self._put(happened, settings)
        self._missing = None
        self.stamp = stamp = Stamp(head.seq, head.hash, sealed=head.key is not None)
        return stamp

    def _put(
        self,
        happened: Sequence[tuple[Event, Occasion]],
        settings: JournalSettings,
        *,
        busy_ms: int = BUSY_MS,
    ) -> Head:
        """Append entries, behind those that say what was found of the journal itself.

        That another one is missing, and that it is switched on or off where it was not.
        """

        def link(head: Head) -> tuple[list[Row], bytes | None]:
            found: list[tuple[Event, Occasion]] = []
            if (missing := self._missing) is not None and missing != head.journal:
                details = {"journal": missing} if missing else {}
                found.append((Event("journal.missing", details=details), occasion.present()))
            if settings.enabled == head.off:
                switched: Action = "journal.on" if settings.enabled else "journal.off"
                found.append((Event(switched), occasion.present()))
            entries = [
                entry_of(
                    head.seq + at,
                    event,
                    present.who(settings.operator),
                    keep_queries=settings.searches and not _is_encrypted(event),
                )
                for at, (event, present) in enumerate([*found, *happened], 1)
            ]
            return _linked(head, entries)

        head = store.append(self.home.journal_path, link, busy_ms=busy_ms)
        if occasion.present().seals and not self.home.throwaway:
            self._seal()
        return head

    def _begin_sealing(self) -> None:
        """Let what follows be sealed, once, where the keyring may be asked at all."""
        if self._sealer is not None and not self._begun_sealing:
            self._begun_sealing = True
            self._sealer.begin(SEALING)

    def _seal(self) -> None:
        if self._sealer is None:
            from memos_admin.backend.journal.sealing import Sealer

            self._sealer = Sealer(self.home)
        self._sealer.nudge()


def _nothing() -> None:
    pass


def _linked(head: Head, entries: Sequence[Entry]) -> tuple[list[Row], bytes | None]:
    """Return the rows of entries that follow a head, and the key for what follows them."""
    rows, previous, key = [], head.hash, head.key
    for entry in entries:
        text = entry.canonical(head.journal, previous)
        previous, seal = chain.hash_of(text), None
        if key is not None:
            seal, key = chain.seal_of(key, text), chain.next_key(key)
        rows.append(row_of(replace(entry, hash=previous, seal=seal)))
    return rows, key


_journals: dict[Path, Journal] = {}


def of(home: Home) -> Journal:
    """Return the journal of a home: the same one at every call."""
    return _journals.setdefault(home.path, Journal(home))


def close_all(seconds: float = PATIENCE, *, sealing: float = 0.0) -> list[str]:
    """Close all journals of this process; return what is to be told. See `Journal.close`."""
    told = []
    while _journals:
        _, journal = _journals.popitem()
        told.append(journal.close(seconds, sealing=sealing))
    return [text for text in told if text]


def _is_encrypted(event: Event) -> bool:
    """Return whether an event is of a project whose texts are to be read with its key alone.

    Words that are searched for are mostly words of texts, and the journal is not encrypted.
    """
    return event.project is not None and cipher.is_declared(event.project.store_dir)


@contextmanager
def journaled(home: Home, event: Event, refusal: str) -> Iterator[dict[str, int]]:
    """Journal something before and after it is done inside; yields the counts for after it.

    Blocks. Raises NotJournaled, with nothing done, where it cannot be journaled; see `Journal.write`.
    """
    begin(home, event, refusal)
    counts: dict[str, int] = {}
    try:
        yield counts
    except BaseException as error:
        failed(home, event, error)
        raise
    done(home, event, counts)


@asynccontextmanager
async def journaled_async(home: Home, event: Event, refusal: str) -> AsyncIterator[dict[str, int]]:
    """Do as `journaled` does, without blocking the event loop."""
    from memos_admin.backend.daemon import in_background

    await in_background(lambda: begin(home, event, refusal))
    counts: dict[str, int] = {}
    try:
        yield counts
    except BaseException as error:
        failed(home, event, error)
        raise
    done(home, event, counts)


def begin(home: Home, event: Event, refusal: str) -> Stamp | None:
    """Journal that something is about to be done, as `journaled` does; return as `Journal.write` does."""
    return of(home).write(replace(event, result="begun"), refusal)


def done(home: Home, event: Event, counts: Mapping[str, int]) -> None:
    """Journal that it was done."""
    of(home).record(_done(event, counts))


def settled(home: Home, event: Event, counts: Mapping[str, int]) -> Stamp | None:
    """Journal that it was done, and return as `Journal.settle` does."""
    return of(home).settle(_done(event, counts))


def _done(event: Event, counts: Mapping[str, int]) -> Event:
    return replace(event, result="done", counts=counts, at=now_ms())


def failed(home: Home, event: Event, error: BaseException) -> None:
    """Journal that it failed."""
    details = {**event.details, "error": type(error).__name__}
    of(home).record(replace(event, result="failed", details=details, at=now_ms()))
