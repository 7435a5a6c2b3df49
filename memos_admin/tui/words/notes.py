"""What the frames of the main screen say about what is in them. Pure."""

from __future__ import annotations

from collections.abc import Callable

from memos_admin.backend.display import both_ends, called, printable
from memos_admin.backend.filter_language import names_a_field
from memos_admin.backend.model import Conversation, Memory, Subject
from memos_admin.backend.times import local
from memos_admin.language import counted, ngettext, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.words import phrases, troubles

MOST_SHOWN = 10_000
"""Messages of a conversation that the transcript shows, the latest; an export has all."""


def transcript_title(conversation: Conversation | None) -> tuple[str, ...]:
    """Return which conversation is shown, and whose it is."""
    if conversation is None:
        return (_("Messages"),)
    return conversation.conversation_id, called(conversation.ref)


def transcript_note(conversation: Conversation | None, now: int) -> list[Part]:
    """Return how complete and how old the messages of a conversation are; the age stays to the end."""
    if conversation is None or conversation.fetched_at is None:
        return []
    then = phrases.as_of(conversation.as_of or conversation.fetched_at, now)
    number = phrases.messages(conversation.messages)
    short = _("{count} msg").format(count=phrases.count(conversation.messages))
    if not conversation.messages:
        number = short = _("no messages")
    elif conversation.messages > MOST_SHOWN:
        most = phrases.count(MOST_SHOWN)
        number, short = (
            _("the {count} latest of {messages}").format(count=most, messages=number),
            _("{count} of {messages}").format(count=most, messages=short),
        )
    elif conversation.older_at is not None or conversation.unlooked:
        pass  # all that MemOS serves, be it the latest ones of more or not
    elif not conversation.from_beginning and conversation.messages == conversation.window:
        number = short = _("the {count} latest messages").format(
            count=phrases.count(conversation.messages)
        )
    age = phrases.ago(conversation.fetched_at, now)
    if conversation.kept:
        kept = _("{messages} kept here")
        gone = _("MemOS returned none of them {age}").format(age=age)
        # Of the same minute the two would contradict each other: what is true of now is that none came back.
        apart = then != phrases.as_of(conversation.fetched_at, now)
        return [
            Part(kept.format(messages=number), (kept.format(messages=short), ""), 4),
            *([Part(then)] if apart else []),
            Part(gone, (_("none returned {age}").format(age=age),), 3),
        ]
    parts = [Part(number, (short, ""), 4)]
    if conversation.messages > MOST_SHOWN:
        parts.append(Part(_("an export has all"), ("",), 2))
    elif conversation.messages and conversation.from_beginning:
        parts.append(Part(_("from the start"), ("",), 2))
    elif conversation.older_at is not None:
        parts.append(Part(_("a memory goes back further"), ("",), 2))
    if conversation.gaps:
        parts.append(Part(counted(conversation.gaps, "{count} gap", "{count} gaps"), ("",), 3))
    return [*parts, Part(then, (age,), 1)]


def before_the_first(conversation: Conversation, skipped: int) -> str:
    """Return what is said above the first message that is shown, ``""`` where nothing was before it.

    `skipped`: so many are stored that are not shown.
    """
    if skipped:
        return _("earlier messages are not shown here; an export has all")
    if conversation.from_beginning:
        return ""
    if conversation.unlooked:
        return _("whether there were earlier messages was not looked at yet")
    if conversation.older_at is None:
        return _("earlier messages are not served by MemOS")
    return _("as far back as MemOS shows; a memory goes back to {date}").format(
        date=phrases.minute(local(conversation.older_at), year=True)
    )


_NAMED = (30, 20, 12, 8)
"""Cells of a name in what is said of its subject: how it is says more than all of the name."""


def subject_state(subject: Subject | None, now: int, read: str) -> tuple[str, ...]:
    """Return how complete and how old a subject is, ever shorter; `read` is the key that tells of problems."""
    if subject is None:
        return ("",)
    text = _subject_state(subject)
    age = "" if subject.synced_at is None else phrases.ago(subject.synced_at, now)
    names = dict.fromkeys(both_ends(called(subject.ref), cells) for cells in _NAMED)
    return tuple(text.format(name=name, key=read, age=age) for name in names)


def _subject_state(subject: Subject) -> str:
    if subject.is_unfinished:
        return _("{name} · erasure unfinished ({key} why)")
    if subject.synced_at is None:
        if subject.problem:
            return _("{name} could not be read ({key} why)")
        return _("{name} was never synced")
    if subject.problem:
        return _("{name} · in part ({key} why) · synced {age}")
    if subject.erased:
        return _("{name} · erased before ({key} when) · synced {age}")
    return _("{name} · synced {age}")


def no_users(text: str, key: Callable[[str], str], unnamed: str) -> str:
    """Return why there are no users (that contain a text), and what to do.

    Args:
        text: of the filter.
        key: how the key of a command is written.
        unnamed: what stands for a project that only the environment names, ``""`` for others.
    """
    if text:
        adds = _("No user's id contains this. Press enter, then {key} to add it.")
        return sentences(adds.format(key=key("add")), _no_field(text))
    none = _("No users.")
    if unnamed:
        of = _("This is the project of MEMOS_API_KEY: {name}.").format(name=printable(unnamed))
        none = sentences(none, of)
    advice = _(
        "MemOS has no list of users: press {add} to add them by their ids, or {file} to add those that a "
        "file names."
    ).format(add=key("add"), file=key("import"))
    return f"{none}\n\n{advice}"


def _no_field(text: str) -> str:
    """Return that ids only are looked for, where a text reads like a condition on a field."""
    if not names_a_field(text):
        return ""
    return _("Fields such as view: narrow memories only; users and conversations by their ids.")


def only_words(text: str) -> str:
    """Return that messages are searched for words, where a text that none has reads like a condition on a field."""
    if not names_a_field(text):
        return ""
    return _(
        "Fields such as view: narrow memories only; in messages words are found as they stand."
    )


def no_conversations(subject: Subject, text: str, key: Callable[[str], str], *, asked: bool) -> str:
    """Return why a user has no conversations (that contain a text), and what to do.

    Args:
        subject: the user.
        text: of the filter.
        key: how the key of a command is written.
        asked: the user's memories are being asked for.
    """
    if text:
        adds = _("No conversation's id contains this. Press enter, then {key} to add it.")
        return sentences(adds.format(key=key("add")), _no_field(text))
    if unread := not_read(subject, key, asked=asked):
        return unread
    why = _(
        "MemOS lists no memories for this id. It may be new there, or mistyped: MemOS has no list "
        "of users to look it up in."
    )
    advice = _(
        "Press {refresh} to ask again, {add} to add a conversation by its id, or {remove} among the "
        "users to remove this one."
    ).format(refresh=key("refresh"), add=key("add"), remove=key("remove"))
    return f"{why}\n\n{advice}"


def not_read(subject: Subject, key: Callable[[str], str], *, asked: bool) -> str:
    """Return why nothing of a user is here and what to do, ``""`` where MemOS has said all.

    `asked`: MemOS is being asked.
    """
    if asked and subject.listed_at is None:
        return _("Fetching the memories of this user … {key} stops.").format(key=key("stop"))
    if subject.problem:
        why = printable(troubles.problem(subject))
        again = _("Press {key} to try again.").format(key=key("refresh"))
        return f"{why}\n\n{again}"
    if subject.listed_at is None:
        again = key("refresh")
        return _("Not fetched yet. Press {key} to ask MemOS for the memories of this user.").format(
            key=again
        )
    return ""


def no_conversation_passes(text: str, out: str) -> str:
    """Return why nothing stands beside an empty list of conversations; `out` is a key."""
    said = _("No conversation's id contains {text}. Press {out} there to drop the filter.").format(
        text=printable(text), out=out
    )
    return sentences(said, _no_field(text))


def nothing_to_read(subject: Subject, key: Callable[[str], str], *, asked: bool) -> str:
    """Return why there are no messages of a user without conversations, and what to do.

    `asked`: the user's memories are being asked for.
    """
    none = _("No conversation of this user is known. Press {key} to add one by its id.").format(
        key=key("add")
    )
    return not_read(subject, key, asked=asked) or none


def nothing_remembered(
    subject: Subject, conversation: Conversation | None, key: Callable[[str], str], *, asked: bool
) -> str:
    """Return why there are no memories of a user, or from a conversation, and what to do.

    `asked`: the user's memories are being asked for.
    """
    if conversation is not None and subject.listed_at is not None:
        return _("No memory was made from this conversation.")
    none = _("MemOS lists no memories for this id. Press {key} to ask again.").format(
        key=key("refresh")
    )
    return not_read(subject, key, asked=asked) or none


def no_transcript(memory: Memory | None, *, among_all: bool) -> str:
    """Return why no conversation is shown beside memories; `among_all`: those of a whole user."""
    if memory is not None and memory.conversation_id:
        return _("Conversation {id} of this memory is not stored here.").format(
            id=printable(memory.conversation_id)
        )
    if memory is not None:
        return _("This memory names no conversation, so there are no messages to show.")
    if among_all:
        return _("Choose a memory: the conversation that it came from appears here.")
    return _("These memories name no conversation, so there are no messages to show.")


def no_messages(conversation: Conversation, key: Callable[[str], str], *, asked: bool) -> str:
    """Return why a conversation has no messages here, and what to do.

    `asked`: they are being asked for.
    """
    if conversation.fetched_at is None and asked:
        return _("Fetching the messages … {key} stops.").format(key=key("stop"))
    if conversation.fetched_at is None:
        return _("Messages not fetched yet. Press {refresh} to ask MemOS for them.").format(
            refresh=key("refresh")
        )
    return _(
        "MemOS returned no messages for this conversation. It may have been deleted, "
        "or its messages were never added under this user.\n\n"
        "Press {key} to ask again."
    ).format(key=key("refresh"))


def none_known_then(elsewhere: int, key: Callable[[str], str]) -> str:
    """Return that no memory of a conversation was known at an instant, and how many of its user were."""
    if not elsewhere:
        return _("No memory was known here then.")
    return ngettext(
        "No memory of this conversation was known here then, but {count} of this user: press {enter} to go "
        "to all memories.",
        "No memory of this conversation was known here then, but {count} of this user: press {enter} to go "
        "to all memories.",
        elsewhere,
    ).format(count=phrases.count(elsewhere), enter=key("enter"))


def no_memories(elsewhere: int, key: Callable[[str], str]) -> str:
    """Return that no memory passes a filter, and where some of the same user do."""
    if not elsewhere:
        return _("No memory here passes the filter. Press {key} to drop it.").format(key=key("out"))
    return ngettext(
        "No memory here passes the filter. {count} of this user does: press {enter} to go to all "
        "memories, or {out} to drop the filter.",
        "No memory here passes the filter. {count} of this user do: press {enter} to go to all "
        "memories, or {out} to drop the filter.",
        elsewhere,
    ).format(count=phrases.count(elsewhere), enter=key("enter"), out=key("out"))
