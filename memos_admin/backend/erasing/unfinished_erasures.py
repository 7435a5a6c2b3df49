"""Erasures that were begun and have no end, in words: wherever a subject is shown, these are too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from memos_admin.backend.erasing import erased_before
from memos_admin.backend.times import utc_text
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.store.erasures import Attempt
    from memos_admin.store.ledger import Summary
    from memos_admin.store.records import Subject

_UNREAD: Mapping[str, str] = {
    "done": N_(
        "An erasure for {request}, begun {time}, is unfinished: MemOS said that it was done, and could not be read "
        "back whole."
    ),
    "absent": N_(
        "An erasure for {request}, begun {time}, is unfinished: MemOS said that it has nothing of it, and could not "
        "be read back whole."
    ),
    "unknown": N_(
        "An erasure for {request}, begun {time}, is unfinished: MemOS did not say whether it was done, and could not "
        "be read back whole."
    ),
}
"""What is said of an attempt whose reading back was not whole, by what the service said of the deletion."""


def of(subject: Subject | Summary | None) -> str:
    """Return which erasure of a subject is unfinished, the last one here and in each other project; ``""``: none is."""
    if subject is None:
        return ""
    here = "" if (last := _last_here(subject)) is None else text_of(last)
    return sentences(here, elsewhere_of(subject))


def before_removal(subject: Subject) -> str:
    """Return what a person should know before a subject of whom an erasure is unfinished is removed here.

    ``""``: none was begun here.
    """
    if (last := _last_here(subject)) is None:
        return ""
    stays = _(
        "That it was begun stays noted without the id, and is told when the id is added again."
    )
    if not last.sent or last.erased_here:
        return sentences(text_of(last), stays)
    asked = _(
        "The ids by which MemOS is asked whether it has let go go with the copy here: end the erasure first."
    )
    return sentences(text_of(last), stays, asked)


def elsewhere_of(subject: Subject | Summary) -> str:
    """Return the same of erasures that other projects here have begun."""
    text = _("Begun in another project here, {project}: {what}")
    said = (
        text.format(project=title, what=text_of(attempts[-1]))
        for title, attempts in _elsewhere(subject)
    )
    return sentences(*said)


def last_of(subject: Subject) -> Attempt | None:
    """Return the last erasure of a subject, here or elsewhere, which is unfinished; None: none is."""
    here, last = _last_here(subject), [attempts[-1] for _title, attempts in _elsewhere(subject)]
    return max((*last, *(() if here is None else (here,))), key=lambda each: each.at, default=None)


def may_have_deleted(subject: Subject) -> bool:
    """Return whether MemOS may have deleted something of a subject for an erasure that is unfinished."""
    if subject.begun_elsewhere is not None:  # what was sent, and nothing else
        return True
    from memos_admin.store import erasures

    return any(attempt.sent for attempt in erasures.read(subject.erasing))


def _last_here(subject: Subject | Summary) -> Attempt | None:
    if subject.erasing is None:
        return None
    from memos_admin.store import erasures

    return erasures.read(subject.erasing)[-1]


def _elsewhere(subject: Subject | Summary) -> list[tuple[str, tuple[Attempt, ...]]]:
    """Return the titles of other projects, and what each has begun."""
    if subject.begun_elsewhere is None:
        return []
    from memos_admin.store import erasures

    return [(title, erasures.read(some)) for title, some in json.loads(subject.begun_elsewhere)]


def problem_of(subject: Subject | Summary) -> str | None:
    """Return what is wrong with a subject: an erasure of it, and what a sync could not read."""
    erased = erased_before.said_of(subject)
    return sentences(*filter(None, (of(subject), erased, subject.problem))) or None


def text_of(attempt: Attempt) -> str:
    """Return that an erasure was begun and is not finished, and how far it is in MemOS and here."""
    text = _(
        "An erasure for {request}, begun {time}, is unfinished: the deletion was sent, or was about to be."
    )
    if not attempt.sent:
        text = _("An erasure for {request}, begun {time}, is unfinished: nothing was deleted.")
    elif attempt.verified:
        text = _(
            "An erasure for {request}, begun {time}, is unfinished: MemOS showed nothing of it any more, and not "
            "all of it was erased on this machine."
        )
    elif attempt.still_shown:
        text = _(
            "An erasure for {request}, begun {time}, is unfinished: the deletion was sent, and MemOS still showed "
            "something of it when it was last asked."
        )
    elif attempt.shown == "not all":
        text = _(
            "An erasure for {request}, begun {time}, is unfinished: MemOS showed nothing of what it could be asked "
            "for, and not all was known any more."
        )
    elif attempt.shown == "unread" and attempt.answer in _UNREAD:
        text = _(_UNREAD[attempt.answer])
    elif attempt.answer:
        text = _(
            "An erasure for {request}, begun {time}, is unfinished: MemOS answered the deletion, and was not read "
            "back to the end."
        )
    here = ""
    if attempt.erased_here and not attempt.verified:
        here = _("The copy here was erased since, and what MemOS could be asked for with it.")
    return sentences(text.format(request=attempt.request, time=utc_text(attempt.at)), here)
