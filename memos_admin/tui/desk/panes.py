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
    SubjectRef,
)
from memos_admin.tui import background
from memos_admin.tui.desk.frame_words import FrameWords
from memos_admin.tui.desk.place import Place
from memos_admin.tui.desk.row_words import RowWords
from memos_admin.tui.desk.typed_filter import TypedFilter
from memos_admin.tui.jobs.asks import Asks
from memos_admin.tui.jobs.detailing import BEFORE_CHECKING, Detailing
from memos_admin.tui.jobs.reading import Reading
from memos_admin.tui.layout.marking import Marks
from memos_admin.tui.reader import Reader
from memos_admin.tui.rows import main as lists
from memos_admin.tui.rows.main import ConversationRow
from memos_admin.tui.session import Session
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
        row_words: what the rows of the memories say before their titles.
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
        self.session, self.panes, self.key, self.asks = session, panes, key, asks
        self.subject: Subject | None = None
        self.scope: ConversationRow | None = None
        self.chosen = Filter()
        self.typed = "", Filter()
        self.typing = TypedFilter(self)
        self.words = FrameWords(self)
        self.row_words = RowWords(self, found)
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
        self.turn_to(subject)
        if subject is None and len(self.panes.users):
            return  # who it is is still being read
        await self.show_conversations()

    def turn_to(self, subject: Subject | None) -> None:
        """Be about a subject from now on, and show nothing of another one: reading may take long, or fail."""
        same = self.subject is not None and subject is not None and self.subject.pk == subject.pk
        self.subject = subject
        self.words.count("users")
        if not same:
            frame = self.panes.frames["conversations"]
            frame.clear_filter(tell=False)
            self.panes.conversations.empty()
            frame.wait()
            self.let_go_of_row()

    def turn_to_row(self, row: ConversationRow | None) -> bool:
        """Be about a row of the conversations from now on; return whether it was about it before.

        If not, nothing of what was chosen before is shown any more.
        """
        same = row is not None and self.scope is not None and row.key == self.scope.key
        if not same:
            self.let_go_of_row()
        self.scope = row
        self.words.count("conversations")
        return same

    def let_go_of_row(self) -> None:
        """Be about no row of the conversations, and show nothing of one."""
        self.scope = None
        self.reading.let_go()
        self.panes.memories.empty()
        self.panes.frames["memories"].wait()
        self.detail.let_go()

    async def show_conversations(self, *, at: int | None = None) -> None:
        """Fill the list of conversations; with the cursor on the key `at` where it is there."""
        frame, rows = self.panes.frames["conversations"], self.panes.conversations
        if self.subject is None:
            await rows.load(self.reader, lists.Nothing())
            frame.set_empty(" ")
            await self.choose_conversation(None)
            return
        ref = self.subject.ref
        order, turned = self.conversation_order, self.conversations_turned
        source = lists.Conversations(self.subject.pk, ref, frame.filter, order, turned)
        rows.set_columns(lists.conversation_columns(order, turned=turned))
        found = await self.reader(lambda reads: reads.conversation_pks(source.subject_pk))
        if not self.is_about(ref):
            return
        await rows.load(self.reader, source, prefer=[*found[:1]], at=at)
        if not self.is_about(ref) or rows.source != source:  # another list came meanwhile
            return
        self.session.journaling.shown("user", ref)
        empty = notes.no_conversations(
            self.subject, frame.filter, self.key, asked=self.asks.for_memories(self.subject)
        )
        frame.set_empty("" if len(rows) else empty)
        self.words.count("conversations")
        if not len(rows):
            await self.choose_conversation(None)

    def is_about(self, ref: SubjectRef) -> bool:
        """Whether this is still whom it is about: what was asked for may be overtaken."""
        return self.subject is not None and self.subject.ref == ref

    def is_at(self, ref: SubjectRef, row: ConversationRow) -> bool:
        """Whether this row of a subject is still the chosen one, also where it was read again since."""
        return self.is_about(ref) and self.scope is not None and self.scope.key == row.key

    # -- conversations ---------------------------------------------------------------------------

    async def choose_conversation(self, row: ConversationRow | None) -> None:
        """Show what belongs to a row of the conversations, if that is still under the cursor."""
        rows = self.panes.conversations
        if rows.is_elsewhere(row):
            return
        same = self.turn_to_row(row)
        if row is None and (rows.source is None or len(rows)):
            return  # which ones there are, or which one this is, is not known yet
        if row is None or row.conversation is not None:
            await self.show_transcript(row.conversation if row is not None else None)
        elif not same:
            await self.show_transcript(None)
        if self.scope is row:
            await self.show_memories()

    async def show_transcript(self, conversation: Conversation | None) -> None:
        """Show the messages of a conversation; where it is the same one, without a jump."""
        await self.reading.show(conversation, "" if conversation else self.words.no_transcript())
        if self.conversation is not conversation:
            return
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
        if under != message and (under is None or message is None or under.pk != message.pk):
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
        rows.set_columns(
            lists.memory_columns(chosen.order, descending=chosen.descending, said=self.row_words.of)
        )
        if self.subject is None or self.scope is None:
            await rows.load(self.reader, lists.Nothing())
            frame.set_empty(
                "" if self.subject is None else self.words.nothing_remembered(self.subject)
            )
        else:
            source = lists.Memories(self.query, self.session.judging)
            if not rows.turn_to(source):
                frame.wait()
            await self.detail.look_then(source.filter)
            await self.words.look_then(source.filter)
            if self.query != source.filter:
                return
            await rows.load(self.reader, source, at=at)
            why = "" if len(rows) else await self.words.no_memories(source.filter)
            if rows.source != source:  # another list came while this was looked up
                return
            frame.set_empty("" if len(rows) else why)
        frame.set_note(narrowing.chips(self.chosen))
        self.words.count("memories")
        if not len(rows):
            await self.choose_memory(None, by_hand=False)
        await self.mark_memories(self.panes.transcript.message)

    def drop_filter(self) -> bool:
        """Drop the last of the filters of the memories; False where there was none."""
        before, self.chosen = self.chosen, narrowing.wider(self.chosen)
        return self.chosen != before

    async def choose_memory(self, memory: Memory | None, *, by_hand: bool) -> None:
        """Mark what a memory came from and show its detail, if it is still under the cursor."""
        if self.panes.memories.is_elsewhere(memory):
            return
        if memory is None:
            await self._choose_no_memory()
            return
        self._turn_to_memory(memory, by_hand=by_hand)
        evidence = await self.detail.read(memory)
        if self._has_left(memory):
            return
        if evidence is None:
            self.detail.say_gone()
            return
        opens = self.is_among_all and self._is_of_another(evidence.conversation)
        if opens:
            await self.show_transcript(evidence.conversation)
            if self._has_left(memory):
                return
        marks = Marks(evidence.spans, evidence.certain)
        self.panes.transcript.mark(marks, scroll=by_hand or opens)
        self.detail.message = self.panes.transcript.message
        self.words.count("transcript")
        await self.mark_memories(self.detail.message)
        if by_hand or self.detail.about == "memory":
            self.detail.about = "memory"
            self.detail.show_memory(evidence)
            self.row_words.check()

    async def _choose_no_memory(self) -> None:
        self.panes.transcript.mark(Marks(), scroll=False)
        if len(self.panes.memories):  # which one it is is still being read
            self.detail.let_go()
            return
        self.detail.memory = None
        self.words.count("memories")
        if self.detail.about == "memory":
            self.detail.show_nothing()

    def _turn_to_memory(self, memory: Memory, *, by_hand: bool) -> None:
        """Be about a memory from now on, and show nothing that is of another one."""
        before = self.detail.memory
        if by_hand:
            self.detail.about = "memory"
        self.detail.choose(memory)
        self.words.count("memories")
        if before is None or before.listing_pk != memory.listing_pk:
            self.panes.transcript.mark(Marks(), scroll=False)
            shown = self.conversation
            of_another = shown is None or shown.conversation_id != memory.conversation_id
            if self.is_among_all and of_another:
                self.reading.let_go()

    def _has_left(self, memory: Memory) -> bool:
        """Whether it is about another memory by now."""
        return self.detail.memory is not memory or self.panes.memories.is_elsewhere(memory)

    @property
    def is_among_all(self) -> bool:
        """Whether no conversation is chosen: the messages are those that the memory came from."""
        return self.scope is not None and self.scope.conversation is None

    def _is_of_another(self, conversation: Conversation | None) -> bool:
        """Whether the messages that are shown are not those of a conversation, or there is none."""
        shown = self.conversation
        return conversation is None or shown is None or shown.pk != conversation.pk

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

    @property
    def waits(self) -> bool:
        """Whether any pane waits for what is to be read for it."""
        return any(frame.waits for frame in self.panes.frames.values())
