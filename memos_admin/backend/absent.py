"""What is said of somebody whom a project does not know: the same words wherever it shows."""

from __future__ import annotations

import re

from memos_admin.backend.command_words import last, placed, program, subject_option
from memos_admin.backend.display import printable
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.store.records import SubjectRef

_OTHER_NAME = re.compile(r"(?:user|agent)-[a-z2-7]{7}")
"""The form of what screen-safe mode calls users and agents by; ids may have it too."""


class NotInRoster(LookupError):
    """The project's roster has no such user, agent or conversation."""


def other_kind(ref: SubjectRef) -> SubjectRef:
    """Return the agent that has the id of a user, the user that has that of an agent."""
    return SubjectRef("user" if ref.kind == "agent" else "agent", ref.external_id)


def nobody(ref: SubjectRef, erased: str = "", *, is_other: bool = False) -> str:
    """Return that a user or agent is not on the roster, and what to do.

    Args:
        ref: who.
        erased: when it was erased, a sentence or two; ``""``: no erasure of it is known.
        is_other: its `other_kind` is on the roster.
    """
    if is_other:
        text = _(
            "There is no user {id} on this project's roster: it is an agent. Name it as one: "
            "{option}"
        )
        if ref.kind == "agent":
            text = _(
                "There is no agent {id} on this project's roster: it is a user. Name it as one: "
                "{option}, or its id without --agent"
            )
        told = text.format(id=repr(ref.external_id), option=subject_option(other_kind(ref)))
        return sentences(_was_erased(ref, erased), told) if erased else told
    if erased:
        return _was_erased(ref, erased)
    argument = last(ref.external_id)
    if _OTHER_NAME.fullmatch(ref.external_id):
        text = _(
            "There is no user {id} on this project's roster. If it is another name that screen-safe mode "
            "has shown: commands take ids, which memos-admin --no-mask users list shows. To add it as an "
            "id: memos-admin users add {argument}"
        )
        if ref.kind == "agent":
            text = _(
                "There is no agent {id} on this project's roster. If it is another name that screen-safe "
                "mode has shown: commands take ids, which memos-admin --no-mask users list shows. To add "
                "it as an id: memos-admin users add --agent {argument}"
            )
        return placed(text).format(id=repr(ref.external_id), argument=argument)
    if (
        printable(ref.external_id) != ref.external_id
    ):  # what is shown of it would name somebody else
        text = _(
            "There is no user {id} on this project's roster. See who is there: memos-admin users list"
        )
        if ref.kind == "agent":
            text = _(
                "There is no agent {id} on this project's roster. See who is there: memos-admin users list"
            )
        return placed(text).format(id=repr(ref.external_id))
    flag = "--agent " if ref.kind == "agent" else ""
    text = _(
        "There is no user {id} on this project's roster. See who is there (memos-admin users list), or "
        "add it: memos-admin users add {argument}"
    )
    if ref.kind == "agent":
        text = _(
            "There is no agent {id} on this project's roster. See who is there (memos-admin users list), "
            "or add it: memos-admin users add {argument}"
        )
    return placed(text).format(id=repr(ref.external_id), argument=f"{flag}{argument}")


def _was_erased(ref: SubjectRef, erased: str) -> str:
    text = _(
        "{id} is not on this project's roster. {erased} What was done: memos-admin journal list "
        "{option}"
    )
    return placed(text).format(
        id=repr(ref.external_id),
        erased=erased,
        option=subject_option(ref),
    )


def not_brought_back(ref: SubjectRef, erased: str) -> str:
    """Return that a memory is of somebody who was erased, a sentence or two, and that it was not read here."""
    text = _(
        "This memory is of {id}, who is not on this project's roster. {erased} Nothing was read. To read "
        "them again, add them first: memos-admin users add {argument}"
    )
    flag = "--agent " if ref.kind == "agent" else ""
    return placed(text).format(
        id=repr(ref.external_id), erased=erased, argument=f"{flag}{last(ref.external_id)}"
    )


def removed(ref: SubjectRef) -> str:
    """Return that a user or agent is no longer on the roster, and was not read again."""
    text = _(
        "{id} is no longer on this project's roster: another program has removed it here. "
        "Nothing was read. To read it again, add it first: memos-admin users add"
    )
    return placed(text).format(id=ref.external_id)


def nothing(ref: SubjectRef, erased: str = "", *, said_elsewhere: int = 0) -> str:
    """Return that nothing of a user or agent is here: neither in the store nor in a known backup or kept store.

    Args:
        ref: who.
        erased: as of `nobody`.
        said_elsewhere: messages that it said in conversations of others.
    """
    before = f"{erased} " if erased else ""
    stays = ", but what it said in conversations of others, which stays with them"
    but = stays if said_elsewhere else ""
    return before + (
        f"There is nothing of {ref.kind} {ref.external_id!r} in this project's store, in the backups "
        f"that it knows, in stores whose place they have taken, or in what the screen remembers{but}. Nothing was erased. Who is there: "
        f"{program()} users list"
    )
