"""The transcript of a conversation: its messages, what was made of them, and words to be found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from memos_admin.backend.model import Conversation, Message, Reads
from memos_admin.backend.strays import Known, merged
from memos_admin.backend.times import now_ms
from memos_admin.language import gettext as _
from memos_admin.tui.jobs import finding
from memos_admin.tui.jobs.asks import Asks
from memos_admin.tui.jobs.made_of import derived_memories, memories_from_elsewhere
from memos_admin.tui.layout.marking import Marks
from memos_admin.tui.layout.transcript import FOLD_CUT, UNFOLD_CUT
from memos_admin.tui.reader import Reader
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.transcript import Transcript
from memos_admin.tui.words import notes

CHUNK = 200
"""Messages that are read and laid out at once."""


class Reading:
    """Fills the pane of the messages.

    Attributes:
        conversation: whose messages are shown; None: none are.
        found: keys of the messages with the words that are sought, oldest first.
        looks_elsewhere: memories that name another conversation are still to be looked through.
    """

    def __init__(
        self,
        frame: Pane,
        transcript: Transcript,
        reader: Reader,
        key: Callable[[str], str],
        asks: Asks,
    ) -> None:
        """Take the pane, its widget, the store's reader, how keys are written, what is asked."""
        self._frame, self._transcript, self._reader, self._key = frame, transcript, reader, key
        self._asks = asks
        self.conversation: Conversation | None = None
        self.found: list[int] = []
        self.looks_elsewhere = False
        self._derived: dict[int, list[str]] = {}
        self._elsewhere: dict[int, list[str]] = {}
        self._known: Known | None = None

    async def show(self, conversation: Conversation | None, empty: str) -> None:
        """Show the messages of a conversation, or `empty` where there is none."""
        frame, transcript = self._frame, self._transcript
        another = conversation is None or transcript.conversation != conversation.pk
        self.conversation = conversation
        frame.set_title(*notes.transcript_title(conversation))
        self.show_note()
        if another:
            frame.clear_filter(tell=False)
            self._forget_words()
            self._derived, self._elsewhere = {}, {}
        self.looks_elsewhere = another and conversation is not None
        if conversation is None:
            transcript.show(None, [], missing="")
            frame.set_empty(empty)
            return
        if another:  # nothing of the one before stands under the title of this one
            transcript.show(None, [], missing="")
            frame.wait()
        if not await self._read(conversation):
            return
        asked = self._asks.for_messages(conversation)
        none = notes.no_messages(conversation, self._key, asked=asked)
        if not transcript.messages and not await self._is_stored(conversation):
            none = _("This is no longer stored here.")
        frame.set_empty("" if transcript.messages else none)
        derived = await self._reader(derived_memories, conversation)
        if self.conversation is not conversation:
            return
        self._derived = derived
        self._count_derived()
        await self.find()

    async def _is_stored(self, conversation: Conversation) -> bool:
        """Whether the store has a conversation still: else nobody knows what MemOS has of it."""
        ref, name = conversation.ref, conversation.conversation_id
        return await self._reader(lambda reads: reads.conversation(ref, name)) is not None

    def let_go(self) -> None:
        """Show no messages until it is said whose; those of the conversation before are not."""
        self.conversation, self.looks_elsewhere = None, False
        self._derived, self._elsewhere = {}, {}
        self._frame.clear_filter(tell=False)
        self._forget_words()
        self._frame.set_title(*notes.transcript_title(None))
        self.show_note()
        self._transcript.show(None, [], missing="")
        self._frame.wait()

    async def look_elsewhere(self) -> bool:
        """Find which memories of other conversations came from the messages; return whether any did.

        That takes longer where there are many memories, and nothing that is shown waits for it.
        """
        conversation = self.conversation
        if conversation is None:
            return False
        found, known = await self._reader.aside(memories_from_elsewhere, conversation, self._known)
        self._known = known
        if self.conversation is not conversation:
            return False
        self.looks_elsewhere, news = False, found != self._elsewhere
        self._elsewhere = found
        self._count_derived()
        return news

    def _count_derived(self) -> None:
        found = merged(self._derived, self._elsewhere)
        self._transcript.count_derived({pk: len(ids) for pk, ids in found.items()})

    def unmark(self) -> None:
        """Mark nothing: what was marked is not what the memory came from."""
        self._transcript.mark(Marks(), scroll=False)

    async def _read(self, conversation: Conversation) -> bool:
        """Read the messages; False where another conversation was asked for meanwhile."""
        transcript = self._transcript
        keys = await self._reader(lambda reads: reads.message_pks(conversation.pk))
        skipped = max(0, len(keys) - notes.MOST_SHOWN)
        keys = keys[skipped:]
        missing = notes.before_the_first(conversation, skipped)
        messages: list[Message] = []
        fresh = transcript.conversation != conversation.pk
        for at in range(0, len(keys), CHUNK):
            messages += await self._reader(_messages, keys[at : at + CHUNK], skipped + at + 1)
            if self.conversation is not conversation:
                return False
            if fresh and at == 0:  # what a person sees first need not wait for the rest
                await self._lay_out(conversation, messages, missing=missing)
        if self.conversation is conversation:
            await self._lay_out(conversation, messages, missing=missing)
        return self.conversation is conversation

    async def _lay_out(
        self, conversation: Conversation, messages: list[Message], *, missing: str
    ) -> None:
        """Show messages, unless another conversation is asked for by then."""
        transcript, messages = self._transcript, [*messages]
        if transcript.is_shown(conversation.pk, messages, missing=missing):
            return
        transcript.whose = conversation.ref
        laid = await transcript.laid_out(messages, missing=missing)
        if self.conversation is conversation:
            transcript.show(conversation.pk, messages, missing=missing, laid=laid)

    def show_note(self) -> None:
        """Say how complete and how old the transcript is."""
        self._frame.set_note(notes.transcript_note(self.conversation, now_ms()))

    def derived_from(self, message: Message | None) -> list[str]:
        """Return the ids of the memories made from a message."""
        if message is None:
            return []
        pk = message.pk
        return [*dict.fromkeys([*self._derived.get(pk, ()), *self._elsewhere.get(pk, ())])]

    async def unfold(self, message: Message) -> None:
        """Show more text of a message that was read in part."""
        found = await self._reader(
            lambda reads: reads.messages([message.pk], cut=UNFOLD_CUT, first_seq=message.seq)
        )
        for whole in found:
            self._transcript.replace(whole._replace(seam=message.seam))

    # -- finding words ---------------------------------------------------------------------------

    def _forget_words(self) -> None:
        self.found = []
        self._transcript.mark_words(None)

    async def find(self, *, go: bool = False) -> None:
        """Mark the words in the pane's filter; `go`: to the first message with them from here on."""
        sought = finding.pattern(self._frame.filter)
        if sought is None:
            self._forget_words()
            self._frame.advise("")
            return
        conversation = self.conversation
        keys = [message.pk for message in self._transcript.messages]
        found = await self._reader(finding.messages_with, keys, sought)
        if self.conversation is not conversation:
            return
        self.found = found
        self._transcript.mark_words(sought)
        self._frame.advise("" if self.found else notes.only_words(self._frame.filter))
        if go and self._transcript.message is not None:
            self.go_on(1, here=True)

    def go_on(self, step: int, *, here: bool = False) -> None:
        """Go to the next (1) or previous (-1) message with the words, round the end.

        With `here` the one under the cursor counts.
        """
        messages = self._transcript.messages
        places = {message.pk: index for index, message in enumerate(messages)}
        found = [places[pk] for pk in self.found if pk in places]
        if not found:
            return
        at = self._transcript.cursor
        if step > 0:
            ahead = [index for index in found if index > at or (here and index == at)]
            self._transcript.move_to(ahead[0] if ahead else found[0])
        else:
            behind = [index for index in found if index < at]
            self._transcript.move_to(behind[-1] if behind else found[-1])
        self._transcript.show_words()

    @property
    def count(self) -> str:
        """Return ``2 of 7 found`` while words are sought, else ``""``."""
        if not self._frame.filter:
            return ""
        if not self.found:
            return _("not found")
        message = self._transcript.message
        at = self.found.index(message.pk) + 1 if message and message.pk in self.found else 0
        if not at:
            return _("{count} found").format(count=len(self.found))
        return _("{number} of {count} found").format(number=at, count=len(self.found))


def _messages(reads: Reads, keys: Sequence[int], first_seq: int) -> list[Message]:
    return reads.messages(keys, cut=FOLD_CUT, first_seq=first_seq)
