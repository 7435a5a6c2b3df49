"""What a deletion of a user or an agent would come to, as the store has it once all of it was read."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.backend.changing.plan import STATUS_OF
from memos_admin.store.records import Filter, SubjectRef

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace
    from memos_admin.store.reads import Reads

_QUERIES = 3
"""Memories whose words MemOS is searched for afterwards."""

_LONGEST_QUERY = 200
"""Characters of them; MemOS takes a question, not a document."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class SubjectPlan:
    """What will be deleted: one request.

    Attributes:
        memories: listed ones; archived ones are not listed, and go too.
        archived: ids of archived ones that are known here.
        gone: ids of others that were read once and are listed no more.
        views: how many of each view.
        conversations: known ones, by id; `messages`: those that are stored of them.
        shared: memories that are listed for others too, and go there as well; with some of whom.
        others: ids of those that the service lists for others, and of what only copies of the store have
            for others: that it has them still does not say that it has them for the subject.
        unread: why not all of it could be read, and it may be deleted all the same; ``""``: it could.
        export: where it is written before; None: nowhere.
        state: changes when anything of it does.
        listed: ids of listed memories of the subject alone; they are asked for afterwards, as `archived`,
            `gone` and `others` are.
        rate: requests a second, of which it is told how long all that takes.
        queries: words of memories that MemOS is searched for afterwards; none for an agent, for whom
            it cannot be searched.
    """

    ref: SubjectRef
    memories: int
    archived: tuple[str, ...]
    gone: tuple[str, ...]
    views: tuple[tuple[str, int], ...]
    conversations: tuple[str, ...]
    messages: int
    shared: int
    shared_with: tuple[SubjectRef, ...]
    unread: str
    export: Path | None
    state: str = field(repr=False)
    listed: tuple[str, ...] = field(repr=False)
    rate: float = field(repr=False)
    queries: tuple[str, ...] = field(default=(), repr=False)
    others: tuple[str, ...] = field(default=(), repr=False)

    @property
    def served(self) -> tuple[str, ...]:
        """Conversations that the service can be asked for: none of an agent."""
        return self.conversations if self.ref.kind == "user" else ()

    @property
    def requests(self) -> int:
        """How many it takes to ask once for all that is known, and for one listing."""
        memories = len(self.listed) + len(self.archived) + len(self.gone) + len(self.others)
        return 1 + memories + len(self.served) + len(self.queries)

    @property
    def word(self) -> str:
        """What a person types to go on."""
        return self.ref.external_id


def planned(
    workspace: Workspace,
    ref: SubjectRef,
    unread: str,
    export: Path | None,
    shared: Sequence[str] = (),
) -> SubjectPlan:
    """Return what would be deleted of a subject, as the store has it once all was read. Blocks.

    Args:
        workspace: the project.
        ref: whom.
        unread: why not all could be read, ``""``: it was.
        export: the file that it is written to before; None: to none.
        shared: ids of memories that copies of the store have for others too.

    Raises:
        StoreError, HomeError: the store cannot be read.
    """
    from memos_admin.store import erasing

    with workspace.open_reads() as reads, erasing.looking(workspace.store_path) as connection:
        held = erasing.held(connection, ref)
        subject = reads.subject(ref)
        conversations = (
            []
            if subject is None
            else reads.conversations(reads.conversation_pks(subject.pk, order="name"))
        )
        of_others = frozenset(erasing.of_others(connection, ref))
        archived = [each for each in _archived(reads, ref) if each not in of_others]
        # Also those that an erasure which was cut short has left known here: an empty listing does not
        # say that nothing is left.
        told = set(archived)
        gone = [each for each in erasing.gone(connection, ref) if each not in told]
        theirs = erasing.shared(connection, ref)
        queries = _queries(reads, ref)
        listed = []
        digest, views = hashlib.sha256(), Counter[str]()
        for memory_id, view, version in _listed(reads, ref):
            views[view] += 1
            digest.update(json.dumps([memory_id, version]).encode())
            if memory_id not in of_others:
                listed.append(memory_id)
    for found in conversations:
        standing = [found.conversation_id, found.messages, found.last_message_at]
        digest.update(json.dumps(standing).encode())
    asked = {*listed, *archived, *gone}
    return SubjectPlan(
        ref,
        memories=views.total(),
        archived=tuple(archived),
        gone=tuple(gone),
        views=tuple(sorted(views.items())),
        conversations=tuple(found.conversation_id for found in conversations),
        messages=held.messages,
        shared=held.shared_memories,
        shared_with=held.shared_with,
        unread=unread,
        export=export,
        state=digest.hexdigest(),
        listed=tuple(listed),
        queries=queries,
        others=tuple(each for each in dict.fromkeys((*theirs, *shared)) if each not in asked),
        rate=workspace.rate,
    )


def _listed(reads: Reads, ref: SubjectRef) -> Iterator[tuple[str, str, int]]:
    """Yield id, view and version of the memories that are listed for a subject."""
    keys = reads.memory_pks(Filter(subject=ref, vanished=False, order="created"))
    for start in range(0, len(keys), _BATCH):
        for memory in reads.memories(keys[start : start + _BATCH], cut=0):
            yield memory.memory_id, memory.view, memory.version


def _archived(reads: Reads, ref: SubjectRef) -> tuple[str, ...]:
    """Return ids of memories of a subject that the service said are archived; no listing has them."""
    archived = Filter(subject=ref, statuses=frozenset({STATUS_OF["archive"]}), order="created")
    keys = reads.memory_pks(archived)
    return tuple(
        memory.memory_id
        for start in range(0, len(keys), _BATCH)
        for memory in reads.memories(keys[start : start + _BATCH], cut=0)
    )


def _queries(reads: Reads, ref: SubjectRef) -> tuple[str, ...]:
    """Return words of the subject's memories to search for, of vanished ones too."""
    if ref.kind != "user":
        return ()
    keys = reads.memory_pks(Filter(subject=ref, order="created"))[:_QUERIES]
    found = reads.memories(keys, cut=_LONGEST_QUERY)
    return tuple(dict.fromkeys(text for memory in found if (text := memory.content.strip())))
