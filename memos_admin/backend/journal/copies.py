"""One journal in several folders: who copies a home has two of it, and each goes on by itself."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.backend.home import Home
from memos_admin.backend.journal.sealing import UNKNOWN, Anchor, Extent, journal_here
from memos_admin.store.errors import StoreError
from memos_admin.store.journal_reads import JournalReads

if TYPE_CHECKING:
    from memos_admin.backend.credentials.keyring_entry import OsKeyring
    from memos_admin.backend.journal.sealing import Kept


@dataclass(frozen=True, slots=True)
class Copy:
    """The same journal in another folder, with entries that are not in this one.

    Attributes:
        folder: the home that it is in.
        last: its last entry that is known.
        there: it is there still, with that entry.
    """

    folder: str
    last: Anchor
    there: bool


def known_in(kept: Kept, folder: str, reads: JournalReads) -> Extent | None:
    """Return where a journal ended in a folder, as the keyring knows it; None: it knows nothing.

    In a folder that is new to it: where it ended in the one that it was moved from. What is still where it
    was known to be was copied, not moved, and says nothing of the copy; nor does another copy that is gone.

    Args:
        kept: what the keyring holds of it.
        folder: the home.
        reads: the file that is there.
    """
    if (place := kept.places.get(folder)) is not None:
        return place
    head = reads.head()
    last = Anchor(head.seq, head.hash)
    there = {name: place for name, place in kept.places.items() if _is_in(name, place.last)}
    if any(_has(reads, place.last) or _is_in(name, last) for name, place in there.items()):
        return None
    lost = [place for place in kept.places.values() if not _is_held(kept, place.last)]
    moved = [place for place in lost if _has(reads, place.last)]
    return max(moved or lost, key=lambda place: place.last.seq, default=None)


def was_in(kept: Kept, folder: str) -> Extent:
    """Return how far a journal went that was in a folder, and is missing there.

    Of a folder that the keyring does not know nothing is known where the journal is still in another one, of
    which this was a copy; else it was moved here, and went as far as it was known anywhere.
    """
    if (place := kept.places.get(folder)) is not None:
        return place
    if any(_is_in(name, place.last) for name, place in kept.places.items()):
        return Extent()
    return max(kept.places.values(), key=lambda one: one.last.seq, default=Extent())


def inherited(ring: OsKeyring, kept: Kept, folder: str, present: str) -> str | None:
    """Return the journal that was last in the folder which an older one was moved here from; None: no other.

    What was put back over another journal, and moved then, does not hide that one. Where the other one is
    in its place still, this is a copy of the folder.

    Args:
        ring: the keyring.
        kept: what it holds of the journal that is here.
        folder: the home.
        present: the journal that is here.

    Raises:
        KeyringError: it cannot be asked.
    """
    if folder in kept.places:
        return None
    for name in kept.places:
        if name == UNKNOWN:
            continue
        last = journal_here(ring, Home(Path(name)))
        if last not in {None, present} and not _holds(name, last):
            return last
    return None


def copies_of(kept: Kept, folder: str, reads: JournalReads) -> tuple[Copy, ...]:
    """Return the copies of a journal that have entries which it has not."""
    return tuple(
        Copy(name, place.last, _is_in(name, place.last))
        for name, place in kept.places.items()
        if name not in {UNKNOWN, folder} and place.last.seq and not _has(reads, place.last)
    )


def _has(reads: JournalReads, last: Anchor) -> bool:
    """Whether a file has an entry."""
    return reads.hash_of(last.seq) == last.hash


def _holds(folder: str, journal: str | None) -> bool:
    """Whether a journal is in a folder."""
    with suppress(StoreError, FileNotFoundError):
        return JournalReads(Home(Path(folder)).journal_path).head().journal == journal
    return False


def _is_held(kept: Kept, last: Anchor) -> bool:
    """Whether the journal of a folder that the keyring knows has an entry."""
    return any(_is_in(folder, last) for folder in kept.places)


def _is_in(folder: str, last: Anchor) -> bool:
    with suppress(StoreError, FileNotFoundError):
        return folder != UNKNOWN and _has(JournalReads(Home(Path(folder)).journal_path), last)
    return False
