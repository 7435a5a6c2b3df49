"""Shows a journal that was in a folder before: moved away, as is advised for a damaged one, or put back elsewhere.

One that is found whole is missed no more. One that cannot be verified is, whoever says where it is.
"""

from __future__ import annotations

from pathlib import Path

from memos_admin.backend.credentials.keyring_entry import OsKeyring
from memos_admin.backend.home import Home
from memos_admin.backend.journal import sealing
from memos_admin.backend.journal.appending import journaled
from memos_admin.backend.journal.entries import Event
from memos_admin.backend.journal.predecessors import predecessors_of
from memos_admin.backend.journal.verifying import Verified, verify
from memos_admin.language import N_


class NotMissed(ValueError):
    """The keyring does not miss that journal; the message says why."""


def show(home: Home, path: Path, *, seconds: float = sealing.SECONDS) -> Verified:
    """Verify a journal that was in a home before; where it is whole, it is missed no more. Blocks.

    That is journaled before and after. Of one that is not whole nothing is noted.

    Raises:
        NotMissed: it is none of those that are missed.
        NotJournaled: nothing was noted, since it could not be journaled.
        KeyringError: the keyring cannot be used.
        StoreError: the file cannot be read, or is no journal.
    """
    found, ring = verify(home, path=path, seconds=seconds), OsKeyring(seconds)
    if found.problems or found.unchecked or found.last is None:
        return found
    missed = () if home.throwaway else predecessors_of(ring, home)
    known = next((each for each in missed if each.journal == found.journal), None)
    if known is None:
        raise NotMissed(f"The keyring knows of no journal {found.journal} in this folder before.")
    if known.shown:
        raise NotMissed(f"Journal {known.held}, was shown before; it is not missed.")
    seq, hash_ = found.last
    event = Event(
        "journal.previous",
        file=str(path.absolute()),
        counts={"entries": found.entries},
        details={"journal": known.journal, "last": seq, "hash": hash_},
    )
    with journaled(home, event, N_("Nothing was noted")):
        sealing.note_shown(ring, home, known.journal, sealing.Anchor(seq, hash_))
    return found
