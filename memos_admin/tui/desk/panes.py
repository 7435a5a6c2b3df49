"""What the panes of the main screen show, and how one follows from another.

A user decides which conversations there are, a conversation which messages and memories, a memory
which messages are marked. Each step reads in the reader's thread and is cancelled by the next one
of its kind, so that the last choice wins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from memos_admin.backend.model import (
    Conversation,
    ConversationOrder,
    Filter,
    Memory,
    Message,
    Subject,
    SubjectOrder,
)
from memos_admin.tui import background
from memos_admin.tui.desk.frame_words import FrameWords
from memos_admin.tui.desk.place import Place
from memos_admin.tui.desk.typed_filter import TypedFilter
from memos_admin.tui.jobs.asks import Asks
from memos_admin.tui.jobs.detailing import BEFORE_CHECKING, Detailing
from memos_admin.tui.jobs.judging import word_before_title
from memos_admin.tui.jobs.reading import Reading
from memos_admin.tui.layout.marking import Marks
from memos_admin.tui.reader import Reader
from memos_admin.tui.rows import main as lists
from memos_admin.tui.rows.checked import CheckedRows
from memos_admin.tui.rows.main import ConversationRow
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.widgets.detail import Detail
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.transcript import Transcript
from memos_admin.tui.words import narrowing, notes


@dataclass
class Panes:
    """The panes and what is in them."""

    users: RowList[Subject]
    conversations: RowList[ConversationRow]
    transcript: Transcript
    memories: RowList[Memory]
    detail: Detail
    frames: dict[str, Pane] = field(default_factory=dict)


class Desk:
    """The state behind the panes. Its async methods are to be run one of a kind at a time.

    Attributes:
        chosen: the filter and the order of the memories.
        typed: the last text that was typed for it, and what that meant.
        typing: what is typed for it.
        detail: what was chosen last, a memory or a message.
        words: what the frames of the panes say.
        whole: held while more than one pane is filled.
        asks: tells what MemOS is being asked for.
        users_turned, conversations_turned: their order is the other way round.
        holding: users stay in the order in which they are shown, new ones come last.
    """

    def __init__(
        self,
        session: Session,
        panes: Panes,
        key: Callable[[str], str],
        asks: Asks,
        found: Callable[[Memory], str] = lambda _memory: "",
    ) -> None:
        """Take the project, the panes, how the key of a command is written, and what is asked.

        `found` returns what was just found of a memory, in a word.
        """
        self._found = found
        self.session, self.panes, self.key, self.asks = session, panes, key, asks
        self.subject: Subject | None = None
        self.scope: ConversationRow | None = None
        self.chosen = Filter()
        self.typed = "", Filter()
        self.typing = TypedFilter(self)
        self.words = FrameWords(self)
        self.holding = False
        self.user_order: SubjectOrder = "activity"
        self.users_turned = False
        self.conversation_order: ConversationOrder = "activity"
        self.conversations_turned = False
        self.reading = Reading(
            panes.frames["transcript"], panes.transcript, session.reader, key, asks
        )
        self.detail = Detailing(panes.frames["detail"], panes.detail, session, self.reading, key)
        self.whole = asyncio.Lock()
        self._rows_checked = CheckedRows()

    @property
    def reader(self) -> Reader:
        """Reads the store."""
        return self.session.reader

    @property
    def conversation(self) -> Conversation | None:
        """The conversation that the transcript shows."""
        return self.reading.conversation

    # -- users -----------------------------------------------------------------------------------

    async def show_users(self, *, at: int | None = None) -> None:
        """Fill the list of users; with the cursor on the key `at` where it is there."""
        frame = self.panes.frames["users"]
        rows = self.panes.users
        source = lists.Subjects(frame.filter, self.user_order, self.users_turned)
        if self.holding and rows.source == source:
            source = replace(source, held=rows.keys)
        rows.set_columns(lists.subject_columns(self.user_order, turned=self.users_turned))
        await rows.load(self.reader, source, at=at)
        self.session.journaling.shown("users", None)
        frame.set_empty(
            "" if len(rows) else notes.no_users(frame.filter, self.key, self.session.unnamed)
        )
        self.words.count("users")

    async def choose_subject(self, subject: Subject | None) -> None:
        """Show the conversations of a subject, if that is still the one under the cursor."""
        if self.panes.users.is_elsewhere(subject):
            return
        same = self.subject is not None and subject is not None and self.subject.pk == subject.pk
        self.subject = subject
        self.words.count("users")
        await self.show_conversations(fresh=not same)

    async def show_conversations(self, *, fresh: bool = False, at: int | None = None) -> None:
        """Fill the list of conversations; with the cursor on the key `at` where it is there."""
        frame, rows = self.panes.frames["conversations"], self.panes.conversations
        if self.subject is None:
            await rows.load(self.reader, lists.Nothing())
            frame.set_empty(" ")
            await self.choose_conversation(None)
            return
        if fresh:
            frame.clear_filter(tell=False)
            self.scope = None
        ref = self.subject.ref
        order, turned = self.conversation_order, self.conversations_turned
        source = lists.Conversations(self.subject.pk, ref, frame.filter, order, turned)
        rows.set_columns(lists.conversation_columns(order, turned=turned))
        found = await self.reader(lambda reads: reads.conversation_pks(source.subject_pk))
        await rows.load(self.reader, source, prefer=[*found[:1]], at=at)
        self.session.journaling.shown("user", ref)
        empty = notes.no_conversations(
            self.subject, frame.filter, self.key, asked=self.asks.for_memories(self.subject)
        )
        frame.set_empty("" if len(rows) else empty)
        self.words.count("conversations")
        if not len(rows):
            await self.choose_conversation(None)

    # -- conversations ---------------------------------------------------------------------------

    async def choose_conversation(self, row: ConversationRow | None) -> None:
        """Show what belongs to a row of the conversations, if that is still under the cursor."""
        if self.panes.conversations.is_elsewhere(row):
            return
        same = row is not None and self.scope is not None and row.key == self.scope.key
        self.scope = row
        self.words.count("conversations")
        if not same:  # nothing of what was chosen before may stand beside it
            self.detail.forget()
            await self.detail.show()
        if row is None or row.conversation is not None:
            await self.show_transcript(row.conversation if row is not None else None)
        elif not same:
            await self.show_transcript(None)
        await self.show_memories()

    async def show_transcript(self, conversation: Conversation | None) -> None:
        """Show the messages of a conversation; where it is the same one, without a jump."""
        await self.reading.show(conversation, "" if conversation else self.words.no_transcript())
        self.words.count("transcript")
        await self.mark_memories(self.panes.transcript.message)
        if conversation is not None:
            background.start(self.panes.transcript, self._look_elsewhere, "elsewhere")

    async def _look_elsewhere(self) -> None:
        """Find which memories came from the messages though they name another conversation."""
        await asyncio.sleep(BEFORE_CHECKING)
        waited = self.reading.looks_elsewhere
        if await self.reading.look_elsewhere() or waited:
            await self.mark_memories(self.panes.transcript.message)
            if self.detail.about == "message":
                await self.detail.show()

    async def choose_message(self, message: Message | None, *, shown: bool) -> None:
        """Mark the memories made from a message, if that is still the one under the cursor.

        With `shown` the detail is about it.
        """
        under = self.panes.transcript.message
        if message is not None and (under is None or under.pk != message.pk):
            return
        self.detail.message = message
        self.words.count("transcript")
        await self.mark_memories(message)
        if shown and message is not None:
            self.detail.about = "message"
            await self.detail.show()

    async def find(self, *, go: bool) -> None:
        """Mark the words that a person looks for in the transcript; `go`: to the first of them."""
        await self.reading.find(go=go)
        self.words.count("transcript")

    async def mark_memories(self, message: Message | None) -> None:
        """Mark the memories made from a message."""
        ids = self.reading.derived_from(message)
        rows = self.panes.memories.shown_rows
        self.panes.memories.mark(frozenset(m.listing_pk for m in rows if m.memory_id in ids))

    # -- memories --------------------------------------------------------------------------------

    @property
    def query(self) -> Filter:
        """The filter that the memories are asked with."""
        row = self.scope
        subject = self.subject.ref if self.subject is not None else None
        conversation_id = self.chosen.conversation_id
        if row is not None and row.key != lists.ALL_MEMORIES:
            conversation_id = row.conversation.conversation_id if row.conversation else ""
        return replace(self.chosen, subject=subject, conversation_id=conversation_id)

    async def show_memories(self, *, at: int | None = None) -> None:
        """Fill the list of memories; with the cursor on the key `at` where it is there."""
        frame, rows = self.panes.frames["memories"], self.panes.memories
        chosen = self.chosen
        rows.set_columns(self._memory_columns(chosen))
        if self.subject is None or self.scope is None:
            await rows.load(self.reader, lists.Nothing())
            frame.set_empty(
                "" if self.subject is None else self.words.nothing_remembered(self.subject)
            )
        else:
            source = lists.Memories(self.query, self.session.judging)
            await self.detail.look_then(source.filter)
            await rows.load(self.reader, source, at=at)
            why = "" if len(rows) else await self.words.no_memories(source.filter)
            if rows.source == source:  # else another list came while this was looked up
                frame.set_empty("" if len(rows) else why)
        frame.set_note(narrowing.chips(self.chosen))
        self.words.count("memories")
        if not len(rows):
            await self.choose_memory(None, by_hand=False)
        await self.mark_memories(self.panes.transcript.message)

    def _memory_columns(self, chosen: Filter) -> list[Column[Memory]]:
        judging = self.session.judging
        return lists.memory_columns(
            chosen.order,
            descending=chosen.descending,
            said=lambda memory: (
                word_before_title(judging.of(memory)),
                self._found(memory),
                self._to_check(memory),
            ),
        )

    def _to_check(self, memory: Memory) -> str:
        """Return that a memory does not agree with its messages; what is compared is the text of now."""
        return "" if self.chosen.as_of is not None else self._rows_checked.word(memory)

    def drop_filter(self) -> bool:
        """Drop the last of the filters of the memories; False where there was none."""
        before, self.chosen = self.chosen, narrowing.wider(self.chosen)
        return self.chosen != before

    async def choose_memory(self, memory: Memory | None, *, by_hand: bool) -> None:
        """Mark what a memory came from and show its detail, if it is still under the cursor."""
        if self.panes.memories.is_elsewhere(memory):
            return
        self.detail.memory = memory
        self.words.count("memories")
        if memory is None:
            self.panes.transcript.mark(Marks(), scroll=False)
            if self.detail.about == "memory":
                await self.detail.show()
            return
        evidence = await self.detail.read(memory)
        if evidence is None or self.panes.memories.is_elsewhere(memory):
            return
        opens = False
        if self.scope is not None and self.scope.conversation is None:
            shown = self.conversation.pk if self.conversation is not None else None
            if evidence.conversation is None:
                await self.show_transcript(None)
            elif evidence.conversation.pk != shown:
                opens = True
                await self.show_transcript(evidence.conversation)
        marks = Marks(evidence.spans, evidence.certain)
        self.panes.transcript.mark(marks, scroll=by_hand or opens)
        self.detail.message = self.panes.transcript.message
        self.words.count("transcript")
        await self.mark_memories(self.detail.message)
        if by_hand or self.detail.about == "memory":
            self.detail.about = "memory"
            self.detail.show_memory(evidence)
            self.check_rows()

    def check_rows(self) -> None:
        """Say soon of the memories that are seen by now what does not agree with their messages."""
        if self.chosen.as_of is None and self.panes.memories.source is not None:
            background.start(self.panes.memories, self._check_rows, "check")

    async def _check_rows(self) -> None:
        await asyncio.sleep(BEFORE_CHECKING)
        await self._rows_checked.look(self.reader, self.panes.memories, self.subject)

    # -- all -------------------------------------------------------------------------------------

    @property
    def place(self) -> Place | None:
        """Where one is, whichever pane has the focus; None where no user is chosen."""
        if self.subject is None:
            return None
        conversation_id = None
        if self.scope is not None and self.scope.key != lists.ALL_MEMORIES:
            shown = self.scope.conversation
            conversation_id = shown.conversation_id if shown is not None else ""
        memory, message = self.detail.memory, self.detail.message
        about_message = self.detail.about == "message" and message is not None
        under = memory.memory_id if memory is not None else None
        return Place(
            self.subject.ref,
            conversation_id,
            None if about_message else under,
            message.pk if message is not None and about_message else None,
            beside=under if about_message else None,
            narrowed=self.chosen,
        )

    async def reload(self) -> None:
        """Read everything that is shown again; cursors stay where they are."""
        async with self.whole:
            await self._reload()

    async def _reload(self) -> None:
        await self.show_users()
        if self.subject is None:
            return
        ref = self.subject.ref
        self.subject = await self.reader(lambda reads: reads.subject(ref))
        await self.show_conversations(fresh=self.scope is None)
        self.scope = self.panes.conversations.row
        if self.scope is None:
            return
        conversation = self.scope.conversation or self.conversation
        if conversation is not None:
            name = conversation.conversation_id
            conversation = await self.reader(lambda reads: reads.conversation(ref, name))
        await self.show_transcript(conversation)
        await self.show_memories()
        # The messages that a memory came from may have arrived after it.
        await self.choose_memory(self.panes.memories.row, by_hand=False)
        if self.detail.about == "message":
            await self.detail.show()
