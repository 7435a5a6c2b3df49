"""Reading from the service into the store: whole rosters, single users, single conversations.

::

    runs.py           a run over many subjects: which, in what order, how far, what came of it
    subjects.py       one subject: its memories, then the conversations that changed
    update_filter.py  whether the service can be asked for what changed only
    memories.py       one listing of memories, and what is no longer listed
    behind.py         storing a page while the next one is asked for
    messages.py       one window of messages, joined to those stored
    report.py         what a run says while it works and at the end
    begun_changes.py  changes in MemOS without an end, which a whole reading tells the end of
    wording.py        how far it came, in words
"""

from memos_admin.backend.sync.report import SyncFailure, SyncProgress, SyncReport, SyncScope
from memos_admin.backend.sync.runs import open_conversation, open_subject, read, sync

__all__ = [
    "SyncFailure",
    "SyncProgress",
    "SyncReport",
    "SyncScope",
    "open_conversation",
    "open_subject",
    "read",
    "sync",
]
