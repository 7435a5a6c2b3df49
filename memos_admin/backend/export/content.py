"""What a scope holds in a store, read in batches: as rows of a table or as JSON lines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from memos_admin.backend import absent
from memos_admin.backend.export import json_lines
from memos_admin.backend.export.completeness import (
    of_conversation,
    of_conversations,
    of_memories,
    of_memories_alone,
)
from memos_admin.backend.export.rows import (
    MESSAGE_COLUMNS,
    memory_batches,
    memory_columns,
    memory_values,
    message_blocks,
)
from memos_admin.backend.export.scope import (
    ConversationScope,
    MemoriesScope,
    MessagesScope,
    Scope,
    VerdictsScope,
)
from memos_admin.backend.export.table import Block, block
from memos_admin.backend.history.as_of import told
from memos_admin.backend.model import Conversation, Filter, Reads, Subject
from memos_admin.backend.strays import Elsewhere
from memos_admin.backend.times import utc_text
from memos_admin.backend.verdicts.choosing import chosen
from memos_admin.backend.verdicts.rows import VERDICT_COLUMNS, verdict_rows
from memos_admin.language import gettext as _
from memos_admin.store import streams

if TYPE_CHECKING:
    from memos_admin.backend.export.mask import Mask

_AT_ONCE = 200
"""Verdicts that are looked up at once."""

_CONVERSATIONS = 100
"""Conversations that are looked up at once."""


class Content(ABC):
    """What is exported. Counts what it has handed out.

    Attributes:
        columns: of its rows.
        title: what a sheet of it is called.
        has_messages: memories are what stands beside them.
        mask: what masks it; None: it is handed out as it is.
        said: what was said beside it, in English, when it was written.
    """

    columns: Sequence[str]
    title: str
    has_messages: bool

    def __init__(self, reads: Reads, project: str, mask: Mask | None) -> None:
        self.reads, self.project, self.mask = reads, project, mask
        self.messages = self.memories = 0
        self.said: Sequence[str] = ()

    def table(self) -> Iterator[Block]:
        """Yield rows of `columns`, batch by batch."""
        if (mask := self.mask) is None:
            return self._table()
        return (mask.block(self.columns, block) for block in self._table())

    def lines(self) -> Iterator[list[str]]:
        """Yield lines of JSON, batch by batch."""
        if (mask := self.mask) is None:
            return self._lines()
        return (list(map(mask.line, lines)) for lines in self._lines())

    @abstractmethod
    def _table(self) -> Iterator[Block]:
        """Yield the rows as the store has them."""

    @abstractmethod
    def _lines(self) -> Iterator[list[str]]:
        """Yield the lines as the store has them."""

    @abstractmethod
    def count(self) -> tuple[int, int]:
        """Return how many rows a table has, and how many memories JSON lines have beside them."""

    @abstractmethod
    def incomplete(self) -> tuple[str, ...]:
        """Return what is known to be missing, a line each."""

    @property
    def handed_out(self) -> int:
        """Messages and memories so far."""
        return self.messages + self.memories

    def _memory_lines(self, wanted: Filter) -> Iterator[list[str]]:
        for batch in json_lines.memory_lines(self.reads, self.project, wanted):
            self.memories += len(batch)
            yield batch


class _Messages(Content):
    """The messages of one conversation, of all of a subject, or of everyone."""

    columns, title, has_messages = MESSAGE_COLUMNS, "Messages", True

    def __init__(
        self,
        reads: Reads,
        project: str,
        mask: Mask | None,
        subject: Subject | None = None,
        conversation: Conversation | None = None,
    ) -> None:
        super().__init__(reads, project, mask)
        self._conversation = conversation
        self._pk = None if subject is None else subject.pk
        ref = None if subject is None else subject.ref
        name = None if conversation is None else conversation.conversation_id
        self._wanted = Filter(subject=ref, conversation_id=name)

    def _conversations(self) -> Iterator[list[Conversation]]:
        if self._conversation is not None:
            yield [self._conversation]
            return
        whose = self.reads.subject_pks(order="name") if self._pk is None else [self._pk]
        each = (streams.by_first_message(self.reads.query, pk) for pk in whose)
        pks = chain.from_iterable(each)
        while some := list(islice(pks, _CONVERSATIONS)):
            yield self.reads.conversations(some)

    def _table(self) -> Iterator[Block]:
        elsewhere = Elsewhere(self.reads, whole=True)
        for some in self._conversations():
            for rows in message_blocks(self.reads, self.project, some, elsewhere):
                self.messages += rows.length
                yield rows

    def _lines(self) -> Iterator[list[str]]:
        elsewhere = Elsewhere(self.reads, whole=True)
        for conversation in chain.from_iterable(self._conversations()):
            yield [json_lines.conversation_line(self.project, conversation)]
            lines = json_lines.message_lines(self.reads, self.project, conversation, elsewhere)
            for batch in lines:
                self.messages += len(batch)
                yield batch
        yield from self._memory_lines(self._wanted)

    def count(self) -> tuple[int, int]:
        beside = self.reads.memory_count(self._wanted)
        if self._conversation is None:
            return streams.message_count(self.reads.query, subject_pk=self._pk), beside
        pk = self._conversation.pk
        return streams.message_count(self.reads.query, conversation_pk=pk), beside

    def incomplete(self) -> tuple[str, ...]:
        messages = (
            of_conversations(self.reads, self._pk)
            if self._conversation is None
            else of_conversation(self.reads, self._conversation)
        )
        return messages + of_memories(self.reads, self._wanted.subject, 0)


class _Memories(Content):
    """The memories that a filter names."""

    title, has_messages = "Memories", False

    def __init__(self, reads: Reads, project: str, mask: Mask | None, wanted: Filter) -> None:
        super().__init__(reads, project, mask)
        self._wanted, self.columns = wanted, memory_columns(wanted)

    def _table(self) -> Iterator[Block]:
        then = self._wanted.as_of
        for batch in memory_batches(self.reads, self._wanted):
            self.memories += len(batch)
            yield block(
                memory_values(self.project, memory, sources, then) for memory, sources in batch
            )

    def _lines(self) -> Iterator[list[str]]:
        return self._memory_lines(self._wanted)

    def count(self) -> tuple[int, int]:
        return self.reads.memory_count(self._wanted), 0

    def incomplete(self) -> tuple[str, ...]:
        if self._wanted.as_of is not None:
            return told(self.reads, self._wanted, utc_text)
        vanished = 0
        if self._wanted.vanished is not False:
            vanished = self.reads.memory_count(replace(self._wanted, vanished=True))
        return of_memories_alone(self.reads, self._wanted.subject, vanished)


class _Verdicts(Content):
    """Verdicts; they are counted as memories are."""

    columns, title, has_messages = VERDICT_COLUMNS, "Verdicts", False

    def __init__(self, reads: Reads, project: str, mask: Mask | None, scope: VerdictsScope) -> None:
        super().__init__(reads, project, mask)
        self._wanted, self._sent = scope.verdicts, scope.sent
        self._found = chosen(reads, scope.verdicts)

    def _rows(self) -> Iterator[list[tuple[Any, ...]]]:
        for start in range(0, len(self._found), _AT_ONCE):
            some = self._found[start : start + _AT_ONCE]
            rows = list(verdict_rows(self.reads, self.project, some, self._sent))
            self.memories += len(rows)
            yield rows

    def _table(self) -> Iterator[Block]:
        return map(block, self._rows())

    def _lines(self) -> Iterator[list[str]]:
        for rows in self._rows():
            values = (dict(zip(VERDICT_COLUMNS, row, strict=True)) for row in rows)
            yield [json_lines.dumped({"type": "verdict", **value}) + "\n" for value in values]

    def count(self) -> tuple[int, int]:
        return len(self._found), 0

    def incomplete(self) -> tuple[str, ...]:
        if self._wanted.ended:
            return (_("Verdicts are given here: none is known to be missing."),)
        return (_("Verdicts that were replaced or withdrawn are left out."),)


def opened(reads: Reads, project: str, scope: Scope, mask: Mask | None = None) -> Content:
    """Return what a scope holds.

    Args:
        reads: the store; it must stay open and be used by nobody else meanwhile.
        project: what rows call the project.
        scope: of what.
        mask: what masks it; None: nothing.

    Raises:
        LookupError: there is no such subject or conversation in the store.
    """
    if isinstance(scope, VerdictsScope):
        return _Verdicts(reads, project, mask, scope)
    if isinstance(scope, MemoriesScope):
        return _Memories(reads, project, mask, scope.wanted)
    if isinstance(scope, MessagesScope):
        return _Messages(reads, project, mask)
    subject = reads.subject(scope.ref)
    if subject is None:
        is_other = reads.subject(absent.other_kind(scope.ref)) is not None
        raise LookupError(absent.nobody(scope.ref, is_other=is_other))
    conversation = None
    if isinstance(scope, ConversationScope):
        conversation = reads.conversation(scope.ref, scope.conversation_id)
        if conversation is None:
            raise LookupError(
                _("There is no conversation {id} in this store.").format(
                    id=f"{scope.conversation_id!r}"
                )
            )
    return _Messages(reads, project, mask, subject, conversation)
