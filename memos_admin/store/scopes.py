"""The text that names what a sync is about. Apart, since lists ask for it that write nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from memos_admin.store.records import SubjectRef

ERASURES = "erasure "
"""What the names begin with under which a store remembers erasures that have no end."""


def scope_of(refs: Iterable[SubjectRef], conversation_id: str | None = None) -> str:
    """Return the text that names what a run is about, and nothing else: ``all`` for everybody."""
    words = [scope_word(ref.kind, ref.external_id) for ref in sorted(refs)]
    if conversation_id is not None:
        words.append(scope_word("conversation", conversation_id))
    return " ".join(words) or "all"


def scope_word(kind: str, text: str) -> str:
    """Return an id as a scope has it: spaces stand between ids only."""
    return f"{kind}:{text.replace('%', '%25').replace(' ', '%20')}"


def erasures_of(ref: SubjectRef) -> str:
    """Return under which name a store remembers the erasures of a subject that have no end."""
    return f"{ERASURES}{scope_of([ref])}"


def refs_in(scope: str) -> Iterator[SubjectRef]:
    """Yield whom a scope names."""
    for word in scope.split(" "):
        kind, _colon, text = word.partition(":")
        text = text.replace("%20", " ").replace("%25", "%")
        if kind == "user":
            yield SubjectRef("user", text)
        elif kind == "agent":
            yield SubjectRef("agent", text)
