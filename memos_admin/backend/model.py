"""The plain values that cross upward to screens and commands: import them from here."""

from memos_admin.store.reads import Reads
from memos_admin.store.records import (
    Conversation,
    ConversationOrder,
    Filter,
    Kind,
    Memory,
    MemoryOrder,
    MemorySource,
    MemoryVersion,
    Message,
    MessageVersion,
    Seam,
    SeamKind,
    Subject,
    SubjectOrder,
    SubjectRef,
    SyncRun,
    Totals,
)

__all__ = [
    "Conversation",
    "ConversationOrder",
    "Filter",
    "Kind",
    "Memory",
    "MemoryOrder",
    "MemorySource",
    "MemoryVersion",
    "Message",
    "MessageVersion",
    "Reads",
    "Seam",
    "SeamKind",
    "Subject",
    "SubjectOrder",
    "SubjectRef",
    "SyncRun",
    "Totals",
]
