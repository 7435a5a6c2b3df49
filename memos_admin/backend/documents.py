"""Sources of memories that are no messages."""

from __future__ import annotations

from memos_admin.store.records import MemorySource

_KINDS = frozenset(
    [
        "doc",
        "document",
        "file",
        "knowledge",
        "knowledgebase",
        "knowledge_base",
        "kb",
        "web",
        "url",
        "dataset",
    ]
)


def names_message(source: MemorySource) -> bool:
    """Whether a source that is no document says which message it is: by an id, or a quotation of it."""
    return not is_document(source.kind) and bool(
        source.message_id or (source.excerpt or "").strip()
    )


def is_document(kind: str) -> bool:
    """Whether a source of a kind is no message but a part of a knowledge base."""
    return kind.lower() in _KINDS
