"""Sources of memories that are no messages."""

from __future__ import annotations

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


def is_document(kind: str) -> bool:
    """Whether a source of a kind is no message but a part of a knowledge base."""
    return kind.lower() in _KINDS
