"""The journal's part in the keyring: its first key, and where it ended when we looked last.

An entry ``journal UUID`` holds the key that all seals can be made again from, and of each folder that
the journal is in the last entry's number and hash: an older copy of the file that is put back does not
have it, and a copy that is worked in elsewhere takes nothing from it. An entry ``journal of FOLDER``
names the journal of a home: one that is deleted, or replaced by another, is missed.
Both only go forward. The demo's journal has none.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.journal import chain
from memos_admin.backend.keys import KeyringError, KeyringFailed
from memos_admin.backend.private_files import locked
from memos_admin.language import gettext as _
from memos_admin.store import journal as store
from memos_admin.store.errors import StoreError
from memos_admin.store.journal_file import Head
from memos_admin.store.journal_reads import JournalReads

if TYPE_CHECKING:
    from memos_admin.backend.credentials.keyring_entry import OsKeyring

SECONDS = 30.0
"""How long the keyring may take behind the interface: a person may have to type a password."""

FIRST_SECONDS, AGAIN_SECONDS = 5.0, 60.0
"""How long after the first entry, and how often then, the keyring is told where the journal ends."""


UNKNOWN = ""
"""Stands for a folder whose name was not kept."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """An entry of a journal that is known outside of its file; `seq` 0: none is."""

    seq: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the keyring knows a journal in one folder.

    Attributes:
        sealed_from: the first entry that is sealed.
        last: the last entry that is known.
        shown: its last entry when it was found whole where it had been moved to from there.
    """

    sealed_from: int | None = None
    last: Anchor = Anchor()
    shown: Anchor = Anchor()


@dataclass(frozen=True, slots=True)
class Kept:
    """What the keyring holds of a journal.

    Attributes:
        key: seals the first entry that is sealed, in hexadecimal digits.
        places: the folders that it was written in; none: the file alone knows of its seals yet.
        replaces: the UUID of the journal that was in the folder before; None: none was.
        replaced: its last entry that is known.
    """

    key: str
    places: Mapping[str, Extent] = field(default_factory=dict)
    replaces: str | None = None
    replaced: Anchor = Anchor()

    @property
    def first_key(self) -> bytes:
        """The key itself."""
        return bytes.fromhex(self.key)


def read_kept(ring: OsKeyring, journal: str) -> Kept | None:
    """Return what the keyring holds of a journal; None: nothing. Raises KeyringError."""
    text = ring.read_text(f"journal {journal}")
    if text is None:
        return None
    try:
        values = json.loads(text)
        if "last" in values:  # before it was kept for each folder
            values["places"] = {UNKNOWN: {n: values.pop(n, {}) for n in ("last", "shown")}}
            values["places"][UNKNOWN]["sealed_from"] = values.pop("sealed_from")
        places = {folder: _extent(**place) for folder, place in values.pop("places").items()}
        kept = Kept(**values | {"places": places, "replaced": Anchor(**values["replaced"])})
        if len(kept.first_key) == chain.KEY_BYTES:
            return kept
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise KeyringFailed(
        _("The keyring's entry for journal {journal} is not one of memos-admin.").format(
            journal=journal
        )
    )


def _extent(last: Mapping[str, Any], shown: Mapping[str, Any], sealed_from: int | None) -> Extent:
    return Extent(sealed_from, Anchor(**last), Anchor(**shown))


def journal_here(ring: OsKeyring, home: Home) -> str | None:
    """Return the UUID of the journal that the keyring knows in a home. Raises KeyringError."""
    return ring.read_text(_here(home))


def keep(home: Home, *, seconds: float = SECONDS) -> None:
    """Begin to seal a journal that is not sealed yet, and note in the keyring where it ends.

    Evidence is not washed away: where the file has not the entry that the keyring knows, or the
    keyring not the key of a sealed file, both are left as they are, and `verify` tells it.

    Raises:
        KeyringError: the keyring cannot be used.
        StoreError, HomeError: the file cannot, or another process does this now.
        FileNotFoundError: there is no journal.
    """
    from memos_admin.backend.credentials.keyring_entry import OsKeyring
    from memos_admin.backend.journal.copies import inherited, known_in

    ring = OsKeyring(seconds)
    with locked(home.path / "journal.lock", 0):
        reads = JournalReads(home.journal_path)
        head = reads.head()
        kept = read_kept(ring, head.journal)
        folder = str(home.path)
        known = (None if kept is None else known_in(kept, folder, reads)) or Extent()
        if head.sealed_from is None:
            if known.sealed_from is not None:
                return
            kept = kept or _begin(ring, home, reads, head)
            head = store.begin_sealing(home.journal_path, kept.first_key)
        elif kept is None:
            return
        here = journal_here(ring, home)
        if here is None or not kept.places:
            before = None if here is not None else inherited(ring, kept, folder, head.journal)
            ring.write_text(_here(home), before or head.journal)
        last = known.last
        if last.seq > head.seq or (last.seq and reads.hash_of(last.seq) != last.hash):
            return
        # Not shown any more: it is in its place again.
        place = Extent(known.sealed_from or head.sealed_from, Anchor(head.seq, head.hash))
        if kept.places.get(folder) != place:
            _write(ring, head.journal, replace(kept, places={**kept.places, folder: place}))


def _begin(ring: OsKeyring, home: Home, reads: JournalReads, head: Head) -> Kept:
    """Make the first key of a journal and keep it; the file does not seal with it yet."""
    kept = Kept(chain.new_key().hex())
    before = journal_here(ring, home)
    if (
        before is None
    ):  # the home was moved here: what the journal says of the one before it is left
        before = next((each for each in reads.missing() if read_kept(ring, each)), None)
    from memos_admin.backend.journal.copies import was_in

    if before not in (None, head.journal):
        former = read_kept(ring, before)
        replaced = was_in(former, str(home.path)).last if former else Anchor()
        kept = replace(kept, replaces=before, replaced=replaced)
    _write(ring, head.journal, kept)
    return kept


def note_shown(ring: OsKeyring, home: Home, journal: str, last: Anchor) -> None:
    """Note that a journal that was in a home before was found whole where it is now.

    Raises:
        KeyringError: the keyring cannot be used.
        StoreError, HomeError: the journal that is there cannot be read, or another process has it.
    """
    from memos_admin.backend.journal.copies import was_in

    with locked(home.path / "journal.lock"):
        if (kept := read_kept(ring, journal)) is None:
            return
        shown = replace(was_in(kept, str(home.path)), shown=last)
        _write(ring, journal, replace(kept, places={**kept.places, str(home.path): shown}))
        present = JournalReads(home.journal_path).head().journal
        if journal_here(ring, home) == journal and read_kept(ring, present) is not None:
            ring.write_text(_here(home), present)  # an older one was put back


def _write(ring: OsKeyring, journal: str, kept: Kept) -> None:
    ring.write_text(f"journal {journal}", json.dumps(asdict(kept)))


def _here(home: Home) -> str:
    return f"journal of {home.path}"


def _misses(home: Home) -> bool:
    from memos_admin.backend.credentials.keyring_entry import OsKeyring
    from memos_admin.backend.journal.predecessors import predecessors_of

    return not all(each.shown for each in predecessors_of(OsKeyring(SECONDS), home))


class Sealer:
    """Keeps the keyring informed, behind everything: soon, then now and then, and at the end.

    Attributes:
        missed: the keyring misses a journal that was in the folder before.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self.missed = False
        self._changed = False
        self._looked = False
        self._ending, self._lock = threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None

    def nudge(self) -> None:
        """Say that the journal has grown."""
        with self._lock:
            self._changed = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="sealer", daemon=True)
                self._thread.start()

    def begin(self, seconds: float) -> None:
        """Let entries be sealed from the next one on; give up waiting after `seconds`."""
        thread = threading.Thread(target=self._keep, name="sealing", daemon=True)
        thread.start()
        thread.join(seconds)

    def finish(self, seconds: float) -> None:
        """Tell the keyring at once what it does not know yet; give up waiting after `seconds`."""
        self._ending.set()
        if (thread := self._thread) is not None:
            thread.join(seconds)

    def _work(self) -> None:
        wait = FIRST_SECONDS
        while True:
            self._ending.wait(wait)
            wait = AGAIN_SECONDS
            with self._lock:
                if not self._changed:
                    self._thread = None
                    return
                self._changed = False
            self._keep()

    def _keep(self) -> None:
        # Whatever the keyring has against it, the entries are written and chained.
        with suppress(KeyringError, StoreError, HomeError, FileNotFoundError):
            keep(self._home)
            if not self._looked:
                self._looked, self.missed = True, _misses(self._home)
