"""What a deletion of a user or an agent would come to, as the store has it once all of it was read."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.backend.changing.plan import STATUS_OF
from memos_admin.backend.changing.subject_reading import MOST_ASKED
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
        archived: ids of archived ones that are known here, at most `MOST_ASKED`.
        gone: ids of others that were read once and are listed no more, at most `MOST_ASKED`, or as
            many as copies of the store have for others too.
        unasked: known ones, listed or not, that are not asked for afterwards.
        views: how many of each view.
        conversations: known ones, by id; `messages`: those that are stored of them.
        shared: memories that are listed for others too, and go there as well; with some of whom.
        others: ids of those that the service lists for others, and of what only copies of the store have
            for others: that it has them still does not say that it has them for the subject.
        unread: why not all of it could be read, and it may be deleted all the same; ``""``: it could.
        export: where it is written before; None: nowhere.
        state: changes when anything of it does.
        some: ids of listed memories of the subject alone that are asked for afterwards, as archived
            ones are.
        queries: words of memories that MemOS is searched for afterwards; none for an agent, for whom
            it cannot be searched.
    """

    ref: SubjectRef
    memories: int
    archived: tuple[str, ...]
    gone: tuple[str, ...]
    unasked: int
    views: tuple[tuple[str, int], ...]
    conversations: tuple[str, ...]
    messages: int
    shared: int
    shared_with: tuple[SubjectRef, ...]
    unread: str
    export: Path | None
    state: str = field(repr=False)
    some: tuple[str, ...] = field(repr=False)
    queries: tuple[str, ...] = field(default=(), repr=False)
    others: tuple[str, ...] = field(default=(), repr=False)

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
        theirs = dict(erasing.shared(connection, ref))
        queries = _queries(reads, ref)
        some = [each for each, is_gone in theirs.items() if not is_gone and each not in of_others]
        digest, views, taken, elsewhere = hashlib.sha256(), Counter[str](), frozenset(some), 0
        for memory_id, view, version in _listed(reads, ref):
            views[view] += 1
            digest.update(json.dumps([memory_id, version]).encode())
            if memory_id in of_others:
                elsewhere += 1
            elif len(some) < MOST_ASKED and memory_id not in taken:
                some.append(memory_id)
    for found in conversations:
        standing = [found.conversation_id, found.messages, found.last_message_at]
        digest.update(json.dumps(standing).encode())
    asked_archived, asked_gone = _asked(archived, theirs), _asked(gone, theirs)
    asked = {*some, *asked_archived, *asked_gone}
    return SubjectPlan(
        ref,
        memories=views.total(),
        archived=asked_archived,
        gone=asked_gone,
        unasked=views.total()
        - len(some)
        - elsewhere
        + (len(archived) + len(gone) - len(asked_archived) - len(asked_gone)),
        views=tuple(sorted(views.items())),
        conversations=tuple(found.conversation_id for found in conversations),
        messages=held.messages,
        shared=held.shared_memories,
        shared_with=held.shared_with,
        unread=unread,
        export=export,
        state=digest.hexdigest(),
        some=tuple(some),
        queries=queries,
        others=tuple(each for each in dict.fromkeys((*theirs, *shared)) if each not in asked),
    )


def _asked(ids: Sequence[str], first: Container[str]) -> tuple[str, ...]:
    """Return which of some ids are asked for: all of `first`, and others as far as `MOST_ASKED`."""
    ordered = sorted(ids, key=lambda each: each not in first)
    return tuple(ordered[: max(MOST_ASKED, sum(each in first for each in ids))])


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
