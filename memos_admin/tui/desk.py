"""What the panes of the main screen show, and how one follows from another.

A user decides which conversations there are, a conversation which messages and memories, a memory
which messages are marked. Each step reads in the reader's thread and is cancelled by the next one
of its kind, so that the last choice wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from memos_admin.backend.display import printable
from memos_admin.backend.model import (
    Conversation,
    Filter,
    Memory,
    Message,
    Reads,
    Subject,
    SubjectOrder,
)
from memos_admin.backend.times import now_ms
from memos_admin.tui import lists, narrowing, notes, phrases
from memos_admin.tui.detail_layout import memory_entries, message_entries, state
from memos_admin.tui.evidence import (
    Lead,
    MemoryEvidence,
    derived_memories,
    memory_evidence,
    message_evidence,
)
from memos_admin.tui.fitting import Part
from memos_admin.tui.lists import ConversationRow
from memos_admin.tui.reader import Reader
from memos_admin.tui.session import Session
from memos_admin.tui.transcript_layout import FOLD_CUT, UNFOLD_CUT
from memos_admin.tui.widgets.detail import Detail
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.transcript import Marks, Transcript

CHUNK = 200
"""Messages that are read and laid out at once."""


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
        about: what the detail shows: a ``memory`` or a ``message``.
        elsewhere: memories of this user that pass the filter while none of this conversation does.
        holding: users stay in the order in which they are shown, new ones come last.
    """

    def __init__(self, session: Session, panes: Panes) -> None:
        self.session, self.panes = session, panes
        self.subject: Subject | None = None
        self.scope: ConversationRow | None = None
        self.conversation: Conversation | None = None
        self.memory: Memory | None = None
        self.message: Message | None = None
        self.about: str = "memory"
        self.chosen = Filter()
        self.elsewhere = 0
        self.holding = False
        self.user_order: SubjectOrder = "activity"
        self._derived: dict[int, list[str]] = {}

    @property
    def reader(self) -> Reader:
        """Reads the store."""
        return self.session.reader

    # -- users -----------------------------------------------------------------------------------

    async def show_users(self) -> None:
        """Fill the list of users."""
        frame = self.panes.frames["users"]
        rows = self.panes.users
        source = lists.Subjects(frame.filter, self.user_order)
        if self.holding and rows.source == source:
            source = replace(source, held=rows.keys)
        rows.set_columns(lists.subject_columns(self.user_order))
        await rows.load(self.reader, source)
        if len(rows):
            frame.set_empty("")
        elif frame.filter:
            frame.set_empty("No user's id contains this. Press enter, then a to add it.")
        else:
            frame.set_empty(
                "No users yet.\n\nMemOS has no list of users: press a to add them by their ids, "
                "or import a file:\n\nmemos-admin users import FILE"
            )
        self._count("users")

    async def choose_subject(self, subject: Subject | None) -> None:
        """Show the conversations of a subject."""
        same = self.subject is not None and subject is not None and self.subject.pk == subject.pk
        self.subject = subject
        self._count("users")
        await self.show_conversations(fresh=not same)

    async def show_conversations(self, *, fresh: bool = False) -> None:
        """Fill the list of conversations."""
        frame, rows = self.panes.frames["conversations"], self.panes.conversations
        if self.subject is None:
            await rows.load(self.reader, lists.Nothing())
            frame.set_empty(" ")
            await self.choose_conversation(None)
            return
        if fresh:
            frame.clear_filter()
            self.scope = None
        ref = self.subject.ref
        source = lists.Conversations(self.subject.pk, ref, frame.filter)
        found = await self.reader(lambda reads: reads.conversation_pks(source.subject_pk))
        await rows.load(self.reader, source, prefer=[*found[:1]])
        frame.set_empty("" if len(rows) else self._no_conversations(frame.filter))
        self._count("conversations")
        if not len(rows):
            await self.choose_conversation(None)

    def _no_conversations(self, text: str) -> str:
        subject = self.subject
        if text:
            return "No conversation's id contains this. Press enter, then a to add it."
        if subject is not None and subject.problem:
            return f"{printable(subject.problem)}\n\nPress r to try again."
        if subject is None or subject.synced_at is None:
            return "Not fetched yet. Press enter to ask MemOS for the memories of this user."
        return "MemOS lists no memories for this id.\n\nPress a to add a conversation by its id."

    # -- conversations ---------------------------------------------------------------------------

    async def choose_conversation(self, row: ConversationRow | None) -> None:
        """Show the memories and the messages that belong to a row of the conversations."""
        same = row is not None and self.scope is not None and row.key == self.scope.key
        self.scope = row
        self._count("conversations")
        if not same:  # nothing of what was chosen before may stand beside it
            self.memory = self.message = None
            self.about = "memory"
            await self.show_detail()
        if row is None or row.conversation is not None:
            await self.show_transcript(row.conversation if row is not None else None)
        elif not same:
            await self.show_transcript(None)
        await self.show_memories()

    async def show_transcript(self, conversation: Conversation | None) -> None:
        """Show the messages of a conversation; where it is the same one, without a jump."""
        frame, transcript = self.panes.frames["transcript"], self.panes.transcript
        self.conversation = conversation
        frame.set_title(*notes.transcript_title(conversation))
        self.show_note()
        if conversation is None:
            self._derived = {}
            transcript.show(None, [], from_beginning=True)
            frame.set_empty(self._no_transcript())
            self._count("transcript")
            return
        await self._read_messages(conversation)
        frame.set_empty("" if transcript.messages else notes.no_messages(conversation))
        self._derived = await self.reader(derived_memories, conversation)
        transcript.count_derived({pk: len(ids) for pk, ids in self._derived.items()})
        await self._mark_memories(transcript.message)

    async def _read_messages(self, conversation: Conversation) -> None:
        transcript = self.panes.transcript
        keys = await self.reader(lambda reads: reads.message_pks(conversation.pk))
        skipped = max(0, len(keys) - notes.MOST_SHOWN)
        keys = keys[skipped:]
        from_beginning = conversation.from_beginning and not skipped
        messages: list[Message] = []
        fresh = transcript.conversation != conversation.pk
        for at in range(0, len(keys), CHUNK):
            messages += await self.reader(_messages, keys[at : at + CHUNK], skipped + at + 1)
            if fresh and at == 0:  # what a person sees first need not wait for the rest
                transcript.show(conversation.pk, messages, from_beginning=from_beginning)
        transcript.show(conversation.pk, messages, from_beginning=from_beginning)
        self._count("transcript")

    def show_note(self) -> None:
        """Say how complete and how old the transcript is."""
        note = notes.transcript_note(self.conversation, now_ms())
        self.panes.frames["transcript"].set_note(note)

    def _no_transcript(self) -> str:
        if self.subject is None:
            return ""
        if self.scope is None:
            return "Nothing to read yet."
        if self.scope.key == lists.NO_CONVERSATION:
            return "These memories name no conversation, so there are no messages to show."
        return "Choose a memory: the conversation that it came from appears here."

    async def unfold(self, message: Message) -> None:
        """Show more text of a message that was read in part."""
        found = await self.reader(
            lambda reads: reads.messages([message.pk], cut=UNFOLD_CUT, first_seq=message.seq)
        )
        for whole in found:
            self.panes.transcript.replace(replace(whole, seam=message.seam))

    async def choose_message(self, message: Message | None, *, shown: bool) -> None:
        """Mark the memories made from a message; `shown`: the detail is about it."""
        self.message = message
        self._count("transcript")
        await self._mark_memories(message)
        if shown and message is not None:
            self.about = "message"
            await self.show_detail()

    async def _mark_memories(self, message: Message | None) -> None:
        ids = set(self._derived.get(message.pk, ())) if message is not None else set()
        rows = self.panes.memories.shown_rows
        self.panes.memories.mark(frozenset(m.listing_pk for m in rows if m.memory_id in ids))

    # -- memories --------------------------------------------------------------------------------

    @property
    def query(self) -> Filter:
        """The filter that the memories are asked with."""
        row, text = self.scope, self.panes.frames["memories"].filter
        subject = self.subject.ref if self.subject is not None else None
        conversation_id = None
        if row is not None and row.key != lists.ALL_MEMORIES:
            conversation_id = row.conversation.conversation_id if row.conversation else ""
        return replace(self.chosen, subject=subject, conversation_id=conversation_id, text=text)

    async def show_memories(self) -> None:
        """Fill the list of memories."""
        frame, rows = self.panes.frames["memories"], self.panes.memories
        chosen = self.chosen
        rows.set_columns(lists.memory_columns(chosen.order, descending=chosen.descending))
        if self.subject is None or self.scope is None:
            await rows.load(self.reader, lists.Nothing())
            frame.set_empty("" if self.subject is None else "No memories here.")
        else:
            await rows.load(self.reader, lists.Memories(self.query))
            frame.set_empty("" if len(rows) else await self._no_memories())
        frame.set_note([Part(chip) for chip in narrowing.chips(self.chosen)])
        self._count("memories")
        if not len(rows):
            await self.choose_memory(None, by_hand=False)
        await self._mark_memories(self.panes.transcript.message)

    async def _no_memories(self) -> str:
        query, self.elsewhere = self.query, 0
        if narrowing.wider(query) == query and not query.text:
            return "No memory was made from this conversation."
        if query.conversation_id is not None:
            anywhere = replace(query, conversation_id=None)
            found = await self.reader(lambda reads: reads.memory_pks(anywhere))
            self.elsewhere = len(found)
        return notes.no_memories(self.elsewhere)

    async def choose_all_memories(self) -> None:
        """Go from a conversation to all memories of its user, with the same filter."""
        self.panes.frames["conversations"].clear_filter(tell=False)
        for _ in range(3):  # a reload at the same moment may take the place of this one
            await self.show_conversations()
            if self.panes.conversations.move_to_key(lists.ALL_MEMORIES):
                return

    def drop_filter(self) -> bool:
        """Drop the last of the filters of the memories; False where there was none."""
        before, self.chosen = self.chosen, narrowing.wider(self.chosen)
        return self.chosen != before

    async def choose_memory(self, memory: Memory | None, *, by_hand: bool) -> None:
        """Mark the messages that a memory came from, and show its detail."""
        self.memory = memory
        self._count("memories")
        if memory is None:
            self.panes.transcript.mark(Marks(), scroll=False)
            if self.about == "memory":
                await self.show_detail()
            return
        evidence = await self.reader(memory_evidence, memory.listing_pk)
        if evidence is None:
            return
        if self.scope is not None and self.scope.conversation is None:
            shown = self.conversation.pk if self.conversation is not None else None
            if evidence.conversation is None:
                await self.show_transcript(None)
            elif evidence.conversation.pk != shown:
                await self.show_transcript(evidence.conversation)
        self.panes.transcript.mark(Marks(evidence.spans, evidence.certain), scroll=by_hand)
        self._count("transcript")
        if by_hand or self.about == "memory":
            self.about = "memory"
            self._show_memory(evidence)

    async def follow(self, lead: Lead) -> bool:
        """Put the cursor where a line of the detail leads; False where that is not to be had."""
        if isinstance(lead.key, str):
            return await self._go_to_memory(lead.key)
        if not self.panes.transcript.move_to_key(lead.key):
            return False
        self.message = self.panes.transcript.message
        self._count("transcript")
        await self._mark_memories(self.message)
        return True

    async def _go_to_memory(self, memory_id: str) -> bool:
        """Put the cursor on a memory of the subject, dropping filters that hide it."""
        ref = self.subject.ref if self.subject is not None else None
        listings = await self.reader(lambda reads: reads.memory(memory_id))
        memory = next((memory for memory in listings if memory.ref == ref), None)
        if memory is None:
            return False
        if not self.panes.memories.move_to_key(memory.listing_pk):
            self.panes.frames["memories"].clear_filter(tell=False)
            self.chosen = Filter(order=self.chosen.order, descending=self.chosen.descending)
            await self.show_memories()
            if not self.panes.memories.move_to_key(memory.listing_pk):
                return False
        await self.choose_memory(memory, by_hand=True)
        return True

    # -- detail ----------------------------------------------------------------------------------

    async def show_detail(self) -> None:
        """Show the detail of what was chosen last, a memory or a message."""
        frame, detail = self.panes.frames["detail"], self.panes.detail
        if self.about == "message" and self.message is not None:
            ids = self._derived.get(self.message.pk, [])
            evidence = await self.reader(message_evidence, self.message, ids)
            frame.set_title(f"Message {self.message.seq} · {self.message.role}")
            frame.set_empty("")
            detail.show(("message", self.message.pk), message_entries(evidence, now_ms()))
        elif self.memory is not None:
            known = await self.reader(memory_evidence, self.memory.listing_pk)
            if known is not None:
                self._show_memory(known)
        else:
            frame.set_title("Detail")
            frame.set_empty("Choose a memory or a message to see all of it.")
            detail.show(None, [])

    def _show_memory(self, evidence: MemoryEvidence) -> None:
        memory = evidence.memory
        word = state(memory, now_ms()) or memory.status or ""
        title = " · ".join(part for part in (phrases.view_word(memory.view), word) if part)
        frame = self.panes.frames["detail"]
        frame.set_title(title)
        frame.set_empty("")
        self.panes.detail.show(("memory", memory.pk), memory_entries(evidence, now_ms()))

    # -- all -------------------------------------------------------------------------------------

    async def reload(self) -> None:
        """Read everything that is shown again; cursors stay where they are."""
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
        await self.show_detail()

    def _count(self, pane: str) -> None:
        """Say in the frame where the cursor is among how many."""
        frame = self.panes.frames[pane]
        if pane == "transcript":
            rows, at = len(self.panes.transcript.messages), self.panes.transcript.cursor
        else:
            view: RowList[object] = getattr(self.panes, pane)
            rows, at = len(view), view.cursor
        text = f"{phrases.count(at + 1)} of {phrases.count(rows)}" if rows else ""
        if pane == "memories" and self.subject is not None and rows != self.subject.memories:
            listed = phrases.count(self.subject.memories)
            text = f"{text or 'none'} here · {listed} listed in all"
        frame.set_count(text)


def _messages(reads: Reads, keys: Sequence[int], first_seq: int) -> list[Message]:
    return reads.messages(keys, cut=FOLD_CUT, first_seq=first_seq)
