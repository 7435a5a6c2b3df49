"""Who wrote what memories came from, in conversations of several people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from memos_admin.backend.authors import Writer
from memos_admin.backend.model import Conversation, Memory, MemorySource, Reads, SubjectRef
from memos_admin.backend.strays import standing_in
from memos_admin.store import evidence as stored


class Speakers:
    """Finds the writers of sources, of one user after the other.

    Only in the conversations that memories name, and only where somebody else than the user wrote there: what
    is read else is who wrote the messages, once.
    """

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._whose: SubjectRef | None = None
        self._known: dict[str, Conversation | None] = {}

    def of(
        self, memories: Sequence[Memory], sources: Mapping[int, Sequence[MemorySource]]
    ) -> dict[int, list[tuple[Writer | None, str]]]:
        """Return who wrote what each source of some memories of one user quotes, by the memory's key.

        None: it was not found there. Memories are left out whose conversation is of the user alone, or not here.
        """
        named: defaultdict[str, list[Memory]] = defaultdict(list)
        for memory in memories:
            if memory.ref.kind == "user" and memory.conversation_id and sources.get(memory.pk):
                named[memory.conversation_id].append(memory)
        found: dict[int, list[tuple[Writer | None, str]]] = {}
        for conversation_id, some in named.items():
            conversation = self._of_several(some[0].ref, conversation_id)
            if conversation is None:
                continue
            asked = [
                ((one.pk, n), source) for one in some for n, source in enumerate(sources[one.pk])
            ]
            there = standing_in(self._reads, conversation, asked)
            for owner, source in asked:
                writers: list[Writer | None] = [one.writer for one in there.get(owner, ())]
                said = found.setdefault(owner[0], [])
                said += ((writer, source.excerpt or "") for writer in writers or [None])
        return found

    def _of_several(self, ref: SubjectRef, conversation_id: str) -> Conversation | None:
        """Return a conversation in which somebody else than its user wrote; None: it is none, or not here."""
        if ref != self._whose:
            self._whose = ref
            self._known.clear()
        if conversation_id not in self._known:
            found = self._reads.conversation(ref, conversation_id)
            if found is not None and not stored.has_others(
                self._reads.query, found.pk, ref.external_id
            ):
                found = None
            self._known[conversation_id] = found
        return self._known[conversation_id]
