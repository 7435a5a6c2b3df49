"""Ids that a person adds or removes: whom a list names, and the words for it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memos_admin.backend.display import both_ends, called
from memos_admin.backend.erasing import unfinished_erasures
from memos_admin.backend.ids.from_list import read_ids, subject_named
from memos_admin.backend.model import Conversation, Subject, SubjectRef
from memos_admin.language import N_, counted, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.backend.ids.from_file import Listed
    from memos_admin.backend.roster import Added

MOST_LISTED = 6
"""Ids that are shown one by one before they are added."""

NO_ID = N_("There is no id in this.")


def subjects_in(text: str) -> list[SubjectRef]:
    """Return whom a list names."""
    return [*map(subject_named, read_ids(text, {"user", "agent"}))]


def conversations_in(text: str) -> list[str]:
    """Return the conversations that a list names."""
    return read_ids(text, {"conversation"})


def users_read(text: str) -> str:
    """Return how a list of users is read, in words."""
    refs = subjects_in(text)
    users = [called(ref) for ref in refs if ref.kind == "user"]
    agents = [called(ref) for ref in refs if ref.kind == "agent"]
    said = [
        *_listed(counted(len(users), "Adds {count} user:", "Adds {count} users:"), users),
        *_listed(counted(len(agents), "Adds {count} agent:", "Adds {count} agents:"), agents),
    ]
    return "\n".join(said)


def conversations_read(text: str) -> str:
    """Return how a list of conversations is read, in words."""
    names = conversations_in(text)
    adds = counted(len(names), "Adds {count} conversation:", "Adds {count} conversations:")
    return "\n".join(_listed(adds, names))


def _listed(adds: str, names: list[str]) -> list[str]:
    """Return what is added, with the first ids on lines of their own."""
    if not names:
        return []
    most = MOST_LISTED if len(names) > MOST_LISTED + 1 else len(names)
    more = _("… and {count} more").format(count=phrases.count(len(names) - most))
    shown = [both_ends(name, 60) for name in names[:most]] + [more] * (most < len(names))
    return [adds, *(f"  {name}" for name in shown)]


def nothing_in(listed: Listed) -> str:
    """Return why a file adds nobody, ``""``: it does."""
    if listed.refs:
        return ""
    return _("It holds no id. It needs one a line, or a column user_id.")


def passed_over(listed: Listed) -> str:
    """Return what of a file was taken for no id, in a sentence or two; ``""``: nothing was."""
    heading = rows = ""
    if listed.heading:
        heading = _("Its first line, {line}, was taken for a heading.").format(
            line=both_ends(listed.heading, 40)
        )
    if listed.without_id:
        rows = counted(
            listed.without_id,
            "{count} row without an id was passed over.",
            "{count} rows without an id were passed over.",
        )
    return sentences(heading, rows)


def told(added: Added) -> str:
    """Return what was added, in a sentence or two."""
    known = len(added.known)
    return sentences(
        counted(len(added.added), "Added {count} id.", "Added {count} ids."),
        counted(known, "{count} was here before.", "{count} were here before.") if known else "",
    )


class Question(NamedTuple):
    """What is asked before something is removed."""

    title: str
    text: str


def before_removal(subject: Subject, conversation: Conversation | None) -> Question:
    """Return what a person should know before a user, or a conversation of it, is removed here."""
    messages = subject.messages if conversation is None else conversation.messages
    lost = counted(messages, "{count} message", "{count} messages")
    memories = counted(subject.memories, "{count} memory", "{count} memories")
    if conversation is not None:
        title = _("Remove {name}").format(name=both_ends(conversation.conversation_id, 40))
        text = _("Deletes its {lost} here; memories that name it stay.").format(lost=lost)
    else:
        title = _("Remove {name}").format(name=both_ends(called(subject.ref), 40))
        text = _("Deletes {memories} and {messages} here, with what was gone from MemOS.").format(
            memories=memories, messages=lost
        )
        if not (subject.messages or subject.memories or subject.listed_at):
            text = _("Nothing of it is stored here.")
        if subject.erasing:
            text = sentences(text, unfinished_erasures.before_removal(subject))
            return Question(title, text)  # what MemOS has is what is not known
    return Question(title, sentences(text, _("MemOS keeps what it has.")))
