"""Going to a place: the panes are filled one after the other, and nothing else is shown between."""

from __future__ import annotations

from dataclasses import replace

from memos_admin.backend.display import called
from memos_admin.backend.model import Filter
from memos_admin.language import gettext as _
from memos_admin.tui.desk.panes import Desk
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs.evidence import Lead
from memos_admin.tui.rows import main as lists


class Going:
    """Puts the cursors of a desk where a place or a line of the detail leads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def open(self, place: Place) -> str:
        """Show a place; return what of it is not here in a sentence, ``""`` where all of it is."""
        desk = self._desk
        async with desk.whole:
            ref, name = place.subject, place.conversation_id
            subject = await desk.reader(lambda reads: reads.subject(ref))
            if subject is None:
                return _("{id} is not on the roster of this project.").format(id=called(ref))
            await desk.show_users(at=subject.pk)
            if desk.panes.users.cursor_key != subject.pk:
                desk.panes.frames["users"].clear_filter(tell=False)
                await desk.show_users(at=subject.pk)
            desk.turn_to(subject)
            key = lists.ALL_MEMORIES if name is None else lists.NO_CONVERSATION
            if name:
                found = await desk.reader(lambda reads: reads.conversation(ref, name))
                key = found.pk if found is not None else lists.ALL_MEMORIES
            self._narrow(place.narrowed)
            await self._put_conversation(key)
            missing = [] if not name or key >= 0 else [_("conversation {id}").format(id=name)]
            memory_id = place.memory_id or place.beside
            if memory_id is None or not await self._put_memory(memory_id):
                await desk.show_memories()
                await desk.choose_memory(desk.panes.memories.row, by_hand=False)
                if place.memory_id is not None:
                    missing.append(_("memory {id}").format(id=place.memory_id))
            if place.message is not None:
                if await self._put_message(place.message):
                    desk.detail.about = "message"
                else:
                    missing.append(_("the message"))
            await desk.detail.show()
        if not missing:
            return ""
        text = _("{what} of {name} is not stored here.")
        return text.format(what=_(" and ").join(missing), name=called(ref))

    def _narrow(self, narrowed: Filter | None) -> None:
        """Filter the memories as they were when one was there."""
        desk = self._desk
        desk.panes.frames["memories"].clear_filter(tell=False)
        if narrowed is not None:
            desk.chosen = narrowed
        else:
            desk.chosen = replace(desk.chosen, text="", not_texts=frozenset())

    async def _put_conversation(self, key: int) -> None:
        """Put the cursor on a row of the conversations, and show what belongs to it."""
        desk = self._desk
        desk.panes.frames["conversations"].clear_filter(tell=False)
        await desk.show_conversations(at=key)
        if desk.turn_to_row(desk.panes.conversations.row):
            desk.detail.forget()
        await desk.show_transcript(desk.scope.conversation if desk.scope is not None else None)

    async def _put_memory(self, memory_id: str) -> bool:
        """Put the cursor on a memory of the subject, without filters that hide it; False: no such."""
        desk = self._desk
        ref = desk.subject.ref if desk.subject is not None else None
        listings = await desk.reader(lambda reads: reads.memory(memory_id))
        memory = next((memory for memory in listings if memory.ref == ref), None)
        if memory is None:
            return False
        key, rows = memory.listing_pk, desk.panes.memories
        await desk.show_memories(at=key)
        if rows.cursor_key != key:
            desk.panes.frames["memories"].clear_filter(tell=False)
            desk.chosen = Filter(order=desk.chosen.order, descending=desk.chosen.descending)
            await desk.show_memories(at=key)
        if rows.cursor_key != key:
            return False
        await desk.choose_memory(memory, by_hand=True)
        return True

    async def _put_message(self, key: int) -> bool:
        """Put the cursor on a message of the transcript; False where it is not there."""
        desk = self._desk
        if not desk.panes.transcript.move_to_key(key):
            return False
        desk.detail.message = desk.panes.transcript.message
        desk.words.count("transcript")
        await desk.mark_memories(desk.detail.message)
        return True

    def is_apart(self, place: Place) -> bool:
        """Whether a place is in another conversation than the one whose messages or memories are shown."""
        desk = self._desk
        if (
            place.message is None
            and desk.scope is not None
            and desk.scope.key == lists.ALL_MEMORIES
        ):
            return False
        shown = desk.conversation
        return shown is None or shown.conversation_id != place.conversation_id

    async def follow(self, lead: Lead) -> bool:
        """Put the cursor where a line of the detail leads; False where that is not to be had."""
        if isinstance(lead.key, str):
            return await self._put_memory(lead.key)
        return await self._put_message(lead.key)
