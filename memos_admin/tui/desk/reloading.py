"""What becomes of a desk when the store has changed, has lost what is shown, or cannot be read."""

from __future__ import annotations

from memos_admin.backend.model import Conversation, Reads, SubjectRef
from memos_admin.tui.desk.panes import Desk
from memos_admin.tui.layout.marking import Marks


async def reload(desk: Desk) -> None:
    """Read everything that is shown again; cursors stay where they are."""
    async with desk.whole:
        await _reload(desk)


async def _reload(desk: Desk) -> None:
    await desk.show_users()
    if desk.subject is None:
        return
    ref = desk.subject.ref
    subject = await desk.reader(lambda reads: reads.subject(ref))
    if not desk.is_about(ref):  # the cursor went on meanwhile, and what it chose is read
        return
    desk.turn_to(subject)
    await desk.show_conversations()
    row = desk.panes.conversations.row
    if not desk.is_about(ref) or row is None:
        return
    desk.turn_to_row(row)
    conversation = row.conversation or desk.conversation
    memory = desk.detail.memory if desk.is_among_all else None
    about = conversation or memory
    if about is not None and (name := about.conversation_id):
        conversation = await desk.reader(lambda reads: reads.conversation(ref, name))
        if not desk.is_at(ref, row):
            return
    await desk.show_transcript(conversation)
    if not desk.is_at(ref, row):
        return
    await desk.show_memories()
    # The messages that a memory came from may have arrived after it.
    await desk.choose_memory(desk.panes.memories.row, by_hand=False)
    if desk.detail.about == "message":
        await desk.detail.show()


async def let_go_of_lost(desk: Desk) -> SubjectRef | Conversation | None:
    """Show nothing of the user or the conversation that is not in the store any more; return which.

    The next ones are chosen when everything is read again.
    """
    if desk.subject is None:
        return None
    ref, row = desk.subject.ref, desk.scope
    chosen = None if row is None else row.conversation
    there, conversation = await desk.reader(_still_there, ref, chosen)
    if not desk.is_about(ref):
        return None
    if not there:
        desk.turn_to(None)
        if len(desk.panes.users) == 1:  # else the filter would invite to add it again
            desk.panes.frames["users"].clear_filter(tell=False)
        return ref
    if row is None or chosen is None or conversation or not desk.is_at(ref, row):
        return None
    desk.turn_to_row(None)
    return chosen


def _still_there(
    reads: Reads, ref: SubjectRef, conversation: Conversation | None
) -> tuple[bool, bool]:
    """Return whether the store has a user still, and a conversation of it."""
    name = "" if conversation is None else conversation.conversation_id
    return reads.subject(ref) is not None, reads.conversation(ref, name) is not None


def say_unread(desk: Desk, why: str) -> None:
    """Say why panes are empty that wait, since what they wait for could not be read."""
    frames, panes = desk.panes.frames, desk.panes
    if panes.conversations.source is None and desk.subject is not None:
        desk.let_go_of_row()
        frames["conversations"].wait()
    elif panes.memories.source is None and desk.scope is not None:
        panes.transcript.mark(Marks(), scroll=False)
        frames["memories"].wait()
        desk.detail.let_go()
    # Of a memory that could not be read it is not known which messages it came from; of others
    # the first ones may be there.
    among_all = desk.is_among_all and desk.conversation is None and frames["detail"].waits
    if among_all or frames["transcript"].waits:
        desk.reading.let_go()
    desk.detail.say_unread(why)
    for frame in frames.values():
        if frame.waits:
            frame.fail(why)
