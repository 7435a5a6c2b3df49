"""Which texts a memory is compared with, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from memos_admin.backend.evidence.checking import COMPARED, LONGEST, Check, Said, check, is_short
from memos_admin.backend.evidence.facts import Known, known
from memos_admin.backend.evidence.kinds import Uncompared

_AROUND = frozenset({"number", "date", "name"})
"""Checks of what may stand in another message of the conversation."""


class Compared(NamedTuple):
    """What does not agree, and why nothing could be compared; None: something was."""

    checks: tuple[Check, ...]
    uncompared: Uncompared | None = None


OTHER_VIEW = Compared((), "other view")
NOTHING = Compared((), "nothing to compare")
TOO_LONG = Compared((), "too long")


def with_questions(linked: Iterable[Said], before: Callable[[int], Said | None]) -> list[Said]:
    """Return messages, each that says little behind the one that it answers.

    `before` returns the message before the one with a number.
    """
    found: list[Said] = []
    for one in linked:
        asked = before(one.seq) if one.seq is not None and is_short(one.text) else None
        if asked is not None and (asked.role, asked.by) != (one.role, one.by):
            found.append(asked._replace(asks=True))
        found.append(one)
    return found


def compare(
    view: str, content: str, sources: Sequence[Said], around: Callable[[], Known]
) -> Compared:
    """Return what of a memory does not agree with its sources.

    Args:
        view: of the memory; those that tell no more of what was said are not compared.
        content: of the memory.
        sources: as `with_questions` returns them.
        around: returns what all messages of the conversation state; asked for only where something
            does not stand in the sources themselves.
    """
    if view not in COMPARED:
        return OTHER_VIEW
    own = known((one.text, one.at) for one in sources)
    found = check(content, sources, own)
    if found is None:
        return NOTHING
    if any(one.kind in _AROUND for one in found):
        found = check(content, sources, own | around())
    return Compared(tuple(found or ()))


def compare_with_quotes(view: str, content: str, quotes: Sequence[Said]) -> Compared:
    """Return the same of a memory whose messages are not here, but what MemOS quotes of them is.

    What else was said is not known, so numbers, dates and names are no matter of doubt.
    """
    found = compare(view, content, quotes, Known)
    checks = tuple(one for one in found.checks if one.kind not in _AROUND)
    return Compared(checks, found.uncompared)


def compare_with_all(
    view: str,
    content: str,
    guessed: Said | None,
    around: Callable[[], Known],
    *,
    is_whole: bool = True,
) -> Compared:
    """Return the same of a memory without a source: it is compared with the whole conversation.

    Args:
        view: of the memory, as of `compare`.
        content: of the memory.
        guessed: the message with the nearest words; None: there is none near.
        around: as of `compare`.
        is_whole: all that was said was searched for it; else it may be near to what was not.
    """
    if view not in COMPARED:
        return OTHER_VIEW
    if guessed is None:
        whole = is_whole and len(content) < LONGEST
        return Compared((Check("nothing shared"),)) if whole else TOO_LONG
    found = check(content, [guessed], around(), certain=False)
    return NOTHING if found is None else Compared(tuple(found))
