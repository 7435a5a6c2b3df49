"""Journals that were in a folder before the present one, as far as the keyring knows them.

What the keyring holds of a journal names the one whose place it took, so that the first is missed
however many came after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from memos_admin.backend.journal.copies import inherited, was_in
from memos_admin.backend.journal.sealing import Anchor, Extent, Kept, journal_here, read_kept
from memos_admin.store.journal_file import noted, noted_before
from memos_admin.store.journal_reads import JournalReads

if TYPE_CHECKING:
    from pathlib import Path

    from memos_admin.backend.credentials.keyring_entry import OsKeyring
    from memos_admin.backend.home import Home


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A journal that was in a folder.

    Attributes:
        journal: its UUID.
        last: its last entry that is known.
        shown: it was found whole where it is now.
    """

    journal: str
    last: Anchor
    shown: bool = False

    @property
    def held(self) -> str:
        """What it held, as far as that is known."""
        if not self.last.seq:
            return self.journal
        entries = "entry" if self.last.seq == 1 else "entries"
        return f"{self.journal} with at least {self.last.seq} {entries}, hash {self.last.hash}"


def predecessors_of(ring: OsKeyring, home: Home) -> tuple[Predecessor, ...]:
    """Return the same of whatever journal is in a home. Raises StoreError too."""
    try:
        present = JournalReads(home.journal_path).head().journal
    except FileNotFoundError:
        return predecessors(ring, home, None, None)
    return predecessors(ring, home, present, read_kept(ring, present))


def predecessors(
    ring: OsKeyring, home: Home, present: str | None, kept: Kept | None
) -> tuple[Predecessor, ...]:
    """Return the journals that were in a home beside the present one, the latest first.

    Those that its files name, and nothing else, are among them where the keyring knows how far they went:
    these say it where a home was moved.

    Args:
        ring: the keyring.
        home: whose.
        present: the journal that is there; None: none is.
        kept: what the keyring holds of that.

    Raises:
        KeyringError: it cannot be asked.
        StoreError: the file cannot be read.
    """
    here = journal_here(ring, home)
    if here is None and kept is not None and present is not None:
        here = inherited(ring, kept, str(home.path), present)
    in_files = _named_in(home.journal_path, present)
    named = [(here, Anchor()), *((journal, Anchor()) for journal in in_files)]
    if kept is not None:
        named.append((kept.replaces, kept.replaced))
    found: dict[str, Predecessor] = {}
    for journal, known in named:  # it grows meanwhile
        if journal is None or journal in {present, *found}:
            continue
        theirs = read_kept(ring, journal)
        if theirs is None and journal in in_files and journal != here:
            continue
        place = Extent() if theirs is None else was_in(theirs, str(home.path))
        last = max(known, place.last, key=lambda one: one.seq)
        shown = 0 < place.shown.seq >= last.seq
        found[journal] = Predecessor(journal, last, shown)
        if theirs is not None:
            named.append((theirs.replaces, theirs.replaced))
    return tuple(found.values())


def _named_in(path: Path, present: str | None) -> list[str]:
    """Return the journals that the file and the note beside it say were there, the present one perhaps too."""
    named = [noted(path), *noted_before(path)]
    if present is not None:
        named = [*JournalReads(path).missing(), *named]
    return [one for one in dict.fromkeys(named) if one]
