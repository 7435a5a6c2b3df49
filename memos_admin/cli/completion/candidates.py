"""What could stand at the cursor: nouns, verbs, options, their choices, ids of the local store.

The scripts in ``shells/`` ask with ``memos-admin __complete SHELL …`` and read lines: ``words`` or
``files``, then a word a line, with a tab and a few words about it where there are some. The shells
quote the words themselves; only bash is given them quoted. Whatever goes wrong, there is nothing to
complete: a person who presses a key wants no error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from memos_admin.backend.environment import ENVIRONMENT
from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.completion.cursor import Cursor, Word, cursor_of
from memos_admin.cli.completion.kinds import (
    AGENT,
    CONVERSATION,
    FAULT,
    FILE,
    FILTER,
    MEMORY,
    PROJECT,
    SAVED,
    STATUS,
    SUBJECT,
    TAG,
    USER,
    VERDICT,
    VIEW,
)
from memos_admin.cli.completion.typed import Typed, quoted_for_bash, read_bash, read_fish
from memos_admin.cli.exits import Exit
from memos_admin.cli.output import Output

if TYPE_CHECKING:
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.names import Name


_STORED = {SUBJECT, USER, AGENT, CONVERSATION, MEMORY, TAG, FILTER, SAVED}
"""Kinds of what is kept of people, or written by them."""

STATUSES = ("activated", "resolving", "archived", "deleted")

_SAID_BY = {
    **dict.fromkeys(("user", "agent"), ("user", "agent")),
    **{name: (name,) for name in ("conversation", "view", "status", "verdict", "operator")},
    **{name: (name,) for name in ("vanished", "sort")},
    "reverse": ("sort",),
    "as_of": ("as-of",),
}
"""Options that say what fields of a filter would, which are refused beside them."""

_LONGEST_WORDS = 60
"""Cells of what is said about a word."""


def answer(arguments: Sequence[str], out: Output) -> Exit:
    """Write what could stand at the cursor; nothing where something is wrong."""
    try:
        lines = list(_lines(*arguments))
    except (Exception, SystemExit):  # noqa: BLE001 - a shell that completes has no use for an error
        return Exit.DONE
    for line in lines:
        out.data.write(line + "\n")
    return Exit.DONE


def _lines(shell: str, *given: str) -> Iterator[str]:
    """Yield the answer to ``bash LINE WORDBREAKS``, ``zsh WORD… CURRENT``, ``fish WORD… CURRENT``."""
    if shell == "bash":
        typed = read_bash(*given)
    elif shell == "fish":
        typed = read_fish(given[:-1], given[-1])
    else:
        typed = Typed(given[:-1], given[-1])
    cursor = cursor_of(typed)
    if cursor.kind == FILE:
        yield "files"
        return
    yield "words"
    for word, about in safe(_shown(cursor)):
        if shell == "bash":
            yield quoted_for_bash(cursor.stem + word, typed)
        else:
            yield f"{cursor.stem}{word}\t{about}" if about else f"{cursor.stem}{word}"


def _shown(cursor: Cursor) -> Iterator[Word]:
    """Yield what could stand there without what a masked terminal would not show."""
    from memos_admin.backend import config
    from memos_admin.backend.home import Home
    from memos_admin.backend.privacy import privacy

    words = candidates(cursor)
    if cursor.kind not in _STORED:
        yield from words
        return
    home = Home.from_environment(ENVIRONMENT)
    chosen = privacy(config.read(home))
    if not (chosen.mask or "mask" in cursor.flags):
        yield from words
        return
    from memos_admin.backend.keys import NoProject
    from memos_admin.backend.masking.pseudonyms import key_or_passing
    from memos_admin.backend.masking.veil import Veil
    from memos_admin.backend.names import names_of

    veil = Veil(key_or_passing(home), names=chosen.pseudonyms)
    with suppress(NoProject):
        veil.meet(names_of(cursor.flags.get("project"), ENVIRONMENT).everyone())
    for word, about in words:
        is_id = cursor.kind in {SUBJECT, USER, AGENT}
        if (veil.name_of_id(word) if is_id else veil.covered(word).text) == word:
            yield word, veil.covered(about).text


def safe(words: Iterable[Word]) -> Iterator[Word]:
    """Yield the words that a terminal and a shell may be sent, with safe words about them."""
    from memos_admin.backend.display import one_line, printable

    for word, about in words:
        if word == printable(word):
            yield word, one_line(about, _LONGEST_WORDS)


def candidates(cursor: Cursor) -> Iterator[Word]:
    """Yield what could stand there."""
    found = cursor.fixed if cursor.kind is None else _named(cursor)
    for word, about in found:
        # argparse takes a word with a dash for an option, unless it stands behind a `=`.
        if word.startswith(cursor.begin) and (
            cursor.kind is None or cursor.stem or not word.startswith("-")
        ):
            yield word, about


def _named(cursor: Cursor) -> list[Word]:
    if cursor.kind == VIEW:
        return list(VIEWS.items())
    if cursor.kind == STATUS:
        return [(status, "") for status in STATUSES]
    if cursor.kind == VERDICT:
        from memos_admin.backend.verdicts.kinds import VERDICTS

        before = cursor.begin[: cursor.begin.rfind(",") + 1]
        return [(before + name, "") for name in VERDICTS]
    if cursor.kind == FILTER:
        return _filters(cursor)
    if cursor.kind == FAULT:
        from memos_admin.emulator.faults import FAULTS

        return list(FAULTS.items())
    # The demo's store does not exist yet.
    return [] if "demo" in cursor.flags else [(name.text, name.about) for name in _stored(cursor)]


def _filters(cursor: Cursor) -> list[Word]:
    """Return what the filter that is typed could become."""
    from memos_admin.backend.filter_language import OF_STORE, completion
    from memos_admin.backend.names import names_of, values
    from memos_admin.cli.values import fields_of

    said = {name for option, names in _SAID_BY.items() if option in cursor.flags for name in names}
    fields = {name: it for name, it in fields_of(cursor.target).items() if name not in said}
    found = completion(cursor.begin, fields)
    if found is None:
        return []
    stored: list[str] = []
    if found.field in OF_STORE and "demo" not in cursor.flags:
        names = names_of(cursor.flags.get("project"), ENVIRONMENT)
        stored = [one.text for one in values(names, _whose(cursor), found.field, found.begin)]
    if not cursor.begin:
        return [(f"{name}:", about) for name, about in fields.items()]
    lines = [*found.lines(stored)]
    if len(lines) == 1 and lines[0].endswith(":"):
        # A shell ends a word that is the only one: what could stand behind the colon goes with it.
        behind = completion(lines[0], fields)
        lines += [] if behind is None else behind.lines()
    return [(line, "") for line in lines]


def _stored(cursor: Cursor) -> list[Name]:
    from memos_admin.backend.names import filter_names, names_of, project_names

    if cursor.kind == PROJECT:
        return project_names(ENVIRONMENT)
    if cursor.kind == SAVED:
        return filter_names(cursor.flags.get("project"), ENVIRONMENT)
    names = names_of(cursor.flags.get("project"), ENVIRONMENT)
    if cursor.kind == MEMORY:
        return names.memories(cursor.begin)
    if cursor.kind == CONVERSATION:
        return names.conversations(_whose(cursor), cursor.begin)
    if cursor.kind == TAG:
        return names.tags(_whose(cursor), cursor.begin)
    agent = cursor.kind == AGENT or (cursor.kind == SUBJECT and "agent" in cursor.flags)
    return names.subjects("agent" if agent else "user", cursor.begin)


def _whose(cursor: Cursor) -> SubjectRef | None:
    from memos_admin.backend.model import SubjectRef

    if "user" in cursor.flags:
        return SubjectRef("user", cursor.flags["user"])
    return SubjectRef("agent", cursor.flags["agent"]) if "agent" in cursor.flags else None
