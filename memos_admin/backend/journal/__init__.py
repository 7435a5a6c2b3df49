"""The operator journal: who looked at, searched, exported, added or removed what, when and why.

::

    entries.py       what an entry says, and the one way in which it is written
    chain.py         how entries are hashed and sealed
    appending.py     the journal of a home: what happened, behind everything; what is about to, before
    sealing.py       the keyring's part: the first key, and where the journal ended
    predecessors.py  the journals that were in the folder before, as the keyring knows them
    copies.py        the same journal in other folders: a home that was copied
    showing.py       one of them that is found whole where it is now
    verifying.py     what was changed, is missing, or cannot be told
    reading.py       lists and exports
    settings.py      ``operator`` and ``[journal]`` of config.toml
"""

from memos_admin.backend.journal.appending import (
    OFF,
    Journal,
    NotJournaled,
    Stamp,
    begin,
    close_all,
    done,
    failed,
    journaled,
    journaled_async,
    of,
    settled,
)
from memos_admin.backend.journal.entries import ACTIONS, Action, Entry, Event, narrowed

__all__ = [
    "ACTIONS",
    "OFF",
    "Action",
    "Entry",
    "Event",
    "Journal",
    "NotJournaled",
    "Stamp",
    "begin",
    "close_all",
    "done",
    "failed",
    "journaled",
    "journaled_async",
    "narrowed",
    "of",
    "settled",
]
