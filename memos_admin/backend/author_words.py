"""Who wrote a message, in words for an operator; names in them are from outside and not gated."""

from __future__ import annotations

from collections.abc import Mapping

from memos_admin.backend.authors import NOT_KNOWN, Writer
from memos_admin.backend.display import beginning, other_name
from memos_admin.language import N_
from memos_admin.language import gettext as _

AUTHOR_WORDS: Mapping[str, str] = {
    "user": N_("user"),
    "another person": N_("another person"),
    "by name only": N_("by name only"),
    "assistant": N_("assistant"),
    "system": N_("system"),
    "tool": N_("tool"),
    "other": N_("other"),
}
"""Short words for lists, to be translated where they are shown."""

_LONGEST_NAME = 40
"""Characters of a name."""


def author_word(writer: Writer) -> str:
    """Return who wrote a message, in a word or two without a name; a role that we do not know is its own word."""
    return writer.role if writer.author == "other" else _(AUTHOR_WORDS[writer.author])


def who(writer: Writer) -> str:
    """Return who wrote a message, as far as MemOS tells it: ``user``, ``Bea, another person``."""
    word = author_word(writer)
    if not writer.name:
        return word
    name = name_of(writer)
    if writer.author == "another person":
        return _("{name}, another person").format(name=name)
    if writer.author == NOT_KNOWN:
        return _("{name}: this user, or another person of this name").format(name=name)
    return _("{role} {name}").format(role=word, name=name)


def whose_source(writer: Writer) -> str:
    """Return that a message may not be the user's, ``""`` where it is, or is no person's."""
    if writer.author == "another person":
        return _("said by {name}, not by this user").format(name=name_of(writer))
    if writer.author == NOT_KNOWN:
        text = _("said under the name {name}: whether by this user is not known")
        return text.format(name=name_of(writer))
    return ""


def name_of(writer: Writer) -> str:
    """Return by which name MemOS names who wrote a message, cut; another one where names are masked."""
    return beginning(other_name(writer.name), _LONGEST_NAME)
