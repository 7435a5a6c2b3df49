"""A message in a readable document: who said it, what, which tools were called, and what is missing before."""

from __future__ import annotations

from typing import Any

from memos_admin.backend.authors import Author
from memos_admin.backend.model import Conversation, Message
from memos_admin.backend.subject_access import earlier
from memos_admin.backend.subject_access.earlier import at
from memos_admin.backend.subject_access.material import Material
from memos_admin.backend.subject_access.page import Called, Entry, Fact, Said, Voice
from memos_admin.backend.tool_calls import tool_call
from memos_admin.language import N_
from memos_admin.language import gettext as _

_AUTHORS: dict[Author, tuple[Voice, str]] = {
    "user": ("you", N_("You")),
    "another person": ("other", N_("Another person")),
    "by name only": ("other", N_("You, or another person of this name")),
    "assistant": ("assistant", N_("Assistant (a machine)")),
    "system": ("other", N_("Instructions to the assistant")),
    "tool": ("other", N_("A tool of the assistant")),
    "other": ("other", N_("Somebody else")),
}
_AUTHORS_TO_AGENTS = {
    "another person": N_("A person"),
    "assistant": N_("The agent (a machine)"),
    "system": N_("Instructions to the agent"),
    "tool": N_("A tool of the agent"),
}
_SEAMS = {
    "gap": N_("Messages are missing here: they were gone from MemOS before they could be read."),
    "reset": N_("Messages may be missing here: MemOS no longer had the earlier ones."),
    "uncertain": N_("If messages were repeated here, some of the repetitions may be missing."),
}
_LONGEST = 2_000
"""Characters of what was sent to a tool; the table and the JSON have all of it."""


def entry(material: Material, number: int, conversation: Conversation, message: Message) -> Entry:
    """Return a message as an entry.

    Args:
        material: what it stands in.
        number: counts the conversations, from 1.
        conversation: the message's.
        message: whole.
    """
    author = material.author(message)
    voice, title = _AUTHORS[author]
    if material.is_of_agent:
        title = _AUTHORS_TO_AGENTS.get(author, title)
    facts = []
    when = _("time not known") if message.created_at is None else at(message.created_at)
    byline = _("message {number}, {time}").format(number=f"{message.seq:,}", time=when)
    who = message.role_name or message.role_id
    if who and author in {"another person", "by name only"}:
        facts.append(Fact(_("Name"), Said(material.masked("role_name", who))))
    if message.updated_at not in {None, message.created_at}:
        facts.append(Fact(_("Last changed on"), at(message.updated_at)))
    before = _(_SEAMS.get(message.seam or "", ""))
    if message.seq == 1 and not conversation.from_beginning and not before:
        before = _no_beginning(conversation)
    return Entry(
        voice,
        _(title),
        facts,
        Said(material.masked("content", message.content)),
        anchor=f"c{number}-{message.seq}",
        byline=byline,
        before=before,
        called=[_called(material, call) for call in message.tool_calls or ()],
        earlier=tuple(earlier.of_message(material, message)),
    )


def _no_beginning(conversation: Conversation) -> str:
    """Return that what is here may begin later than a conversation did, and why."""
    if conversation.unlooked:
        return _("There may have been earlier messages: that was not looked at yet.")
    if conversation.older_at is None:
        return _("There may have been earlier messages: MemOS did not serve the beginning.")
    return _(
        "There may have been earlier messages: this is as far back as MemOS shows, and a memory goes back to "
        "{time}."
    ).format(time=at(conversation.older_at))


def _called(material: Material, call: Any) -> Called:
    name, sent = (material.masked("tool_calls", text) for text in tool_call(call))
    if not name:
        label = _("Called a tool:")
    else:
        label = _("Called the tool {name} with:") if sent else _("Called the tool {name}.")
    cut = ""
    if len(sent) > _LONGEST:
        cut = _(
            "This is cut: it has {count} characters. All of it is in messages.csv and data.jsonl."
        ).format(count=f"{len(sent):,}")
        sent = f"{sent[:_LONGEST]}…"
    return Called(label, Said(name), Said(sent) if sent else None, cut)
