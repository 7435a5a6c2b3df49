"""Whose words a message is. Pure; whatever tells it asks here.

In conversations of several people the service names who wrote a message by ``role_id`` and ``role_name``
(memos-cloud-api, ``/get/message``); in others it gives neither, and what a ``user`` says is the user's.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

Author = Literal["user", "another person", "by name only", "assistant", "system", "tool", "other"]
"""``by name only``: somebody who has a name and no id, so that it may be the user or not."""

PEOPLE: frozenset[Author] = frozenset({"user", "another person", "by name only"})

AUTHORS: tuple[Author, ...] = get_args(Author)

NOT_KNOWN: Author = "by name only"
"""Who wrote it cannot be told from the user."""

PERHAPS_NOT_USER: frozenset[Author] = frozenset({"another person", NOT_KNOWN})
"""A person, who is not the user, or of whom that is not known."""


class Writer(NamedTuple):
    """Who wrote a message.

    Attributes:
        role: of the message, as the service says it; so are the last two.
        author: who that is.
    """

    role: str
    author: Author
    role_id: str | None = None
    role_name: str | None = None

    @property
    def name(self) -> str:
        """By which it is named among several people, raw; ``""``: by none."""
        return self.role_name or self.role_id or ""


_MACHINES: dict[str, Author] = {"assistant": "assistant", "system": "system", "tool": "tool"}


def author(role: str, role_id: str | None, role_name: str | None, external_id: str) -> Author:
    """Return who wrote a message.

    Args:
        role: of the message, as the service says it; so are the next two.
        role_id: whose message it is among several people.
        role_name: by which name.
        external_id: the user's of the conversation.
    """
    if role == "user":
        if role_id:
            return "user" if role_id == external_id else "another person"
        return "user" if role_name in {None, "", external_id} else "by name only"
    return _MACHINES.get(role, "other")


def writer(role: str, role_id: str | None, role_name: str | None, external_id: str) -> Writer:
    """Return who wrote a message, with a name; the arguments are those of `author`."""
    return Writer(role, author(role, role_id, role_name, external_id), role_id, role_name)
