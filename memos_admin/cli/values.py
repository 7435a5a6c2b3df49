"""What an argument may be: each function reads one, and says what it should have been where it cannot."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from memos_admin.backend.view_words import VIEWS

if TYPE_CHECKING:
    from memos_admin.backend.filter_language import FilterError, FilterTarget
    from memos_admin.backend.model import Filter

T = TypeVar("T")

LONGEST_ID = 100
"""Characters of a user or conversation id (memos-cloud-api, "Addresses and identity")."""

_BEFORE_PLACE, _LONGEST_PLACE, _BEHIND_PLACE = 40, 30, 10
"""Characters of a filter that are shown around the place where it is wrong."""

_MOST_DIGITS = 15
"""Of a number of rows; SQLite counts no further than to 19."""

_OF_MEMORIES = (
    "Messages have no {field}. What can be said of them: user, agent, conversation, created or updated (both: "
    "when it was said) and words. Of memories: evidence links, missing, check."
)

_WORDS_OF_VIEWS = {word.lower(): view for view, word in VIEWS.items()}


def filter_expression(text: str, target: FilterTarget) -> Filter:
    """Return the filter that a text says where it stands; where it is none, the error points into it."""
    from datetime import UTC

    from memos_admin.backend.filter_language import (
        OF_VERDICTS,
        FilterError,
        known,
        parse,
        parse_verdicts,
    )

    read = parse_verdicts if known(target) is OF_VERDICTS else parse
    try:
        return read(text, UTC, refused_by(target))
    except FilterError as error:
        raise argparse.ArgumentTypeError(pointed(text, error)) from None


def refused_by(target: FilterTarget) -> dict[str, str]:
    """Return the fields that do not apply to what a command narrows, with a sentence on why."""
    from memos_admin.backend.filter_language import refused

    found = refused(target)
    if target == "search":
        found["sort"] = "What is found is ordered by --sort."
        found[""] = "The words to look for stand outside of --filter."
    elif target == "messages":
        from memos_admin.backend.evidence.narrowing import OF_MEMORIES_ALONE

        found = {field: _OF_MEMORIES.format(field=field) for field in OF_MEMORIES_ALONE} | found
    return found


def fields_of(target: FilterTarget) -> dict[str, str]:
    """Return the fields that a filter of what a command narrows can name, with a few words about each."""
    from memos_admin.backend.filter_language import known

    barred = refused_by(target)
    return {field: about for field, about in known(target).items() if field not in barred}


def pointed(text: str, error: FilterError) -> str:
    """Return why a text is no filter, with the part of it around the place and a mark below."""
    from rich.cells import cell_len

    from memos_admin.backend.display import printable

    begin = max(0, error.start - _BEFORE_PLACE)
    before = ("…" if begin else "") + printable(text[begin : error.start])
    place = printable(text[error.start : error.end][:_LONGEST_PLACE])
    rest = text[error.start + len(text[error.start : error.end][:_LONGEST_PLACE]) :]
    if len(rest) > _BEHIND_PLACE + 1:  # a mark would take the place of the last one
        rest = f"{rest[:_BEHIND_PLACE]}…"
    behind = printable(rest)
    marks = " " * cell_len(before) + "^" * max(1, cell_len(place))
    return f"column {error.start + 1}: {error}\n  {before}{place}{behind}\n  {marks}"


def identity(text: str) -> str:
    """Return an id of the service that can be one (40010, 40011: at most 100 characters), as it is shown too."""
    text = text.strip()
    if "⟨" in text:
        from memos_admin.backend.ids.as_shown import meant

        text = meant(text)
    if not text:
        raise argparse.ArgumentTypeError("an id is not empty")
    if len(text) > LONGEST_ID:
        raise argparse.ArgumentTypeError(
            f"an id has at most {LONGEST_ID} characters, this one has {len(text)}"
        )
    return text


def memory_id(text: str) -> str:
    """Return the id of a memory or a task, or how one begins."""
    return text.strip()


def any_conversation(text: str) -> str:
    """Return the id of a conversation; ``''`` means that there is none."""
    return text


IDS = frozenset({identity, memory_id, any_conversation})
"""What reads ids."""


def new_file(text: str) -> str:
    """Return the path of a file that is to be written; ``-`` is standard output."""
    return text if text == "-" else _nameable(text)


def copy_of_store(text: str) -> str:
    """Return the path of a copy of a store, which standard output cannot be: its bytes are not in order."""
    if text == "-":
        raise argparse.ArgumentTypeError(
            "a store cannot be copied to standard output; name a file (./- is one that is called so)"
        )
    return _nameable(text)


def _nameable(text: str) -> str:
    """Return the path of a file, where its name can be written down."""
    from memos_admin.backend.private_files import HomeError, refuse_unwritten

    try:
        refuse_unwritten(Path(text).expanduser(), "Choose another name or folder.")
    except HomeError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    except (OSError, RuntimeError):  # no such folder or user; told where it is written
        return text
    return text


def whole_export(text: str) -> str:
    """Return the file of an export before a deletion: its form has to hold all that is deleted."""
    if Path(text).suffix.lower() != ".jsonl":
        raise argparse.ArgumentTypeError(
            "CSV and XLSX of a user hold messages only; use .jsonl, or export memories yourself and "
            "give --no-export"
        )
    return _nameable(text)


NEW_FILES = frozenset({new_file, copy_of_store, whole_export})
"""The types of arguments that are files to write."""


class Named:
    """Reads one of some names, also from the word that the screen has for it in any language."""

    def __init__(self, names: Sequence[str], words: Callable[[], Mapping[str, str]]) -> None:
        """Take the names, as files and JSON have them, and what returns the words of each.

        The words are asked for only where something is no name.
        """
        self._names, self._words = names, words

    def __call__(self, text: str) -> str:
        """Return the name that a text means; one that means none as it is."""
        if text in self._names:
            return text
        from memos_admin.backend.translated_names import meant

        return meant(text, self._words()) or text

    def told(self) -> str:
        """Return the names, each with the word of the screen where that is another one."""
        words = self._words()
        said = ((name, words.get(name, name)) for name in self._names)
        return ", ".join(
            name if word == name else f"{name} (on the screen: {word})" for name, word in said
        )


def several(
    names: Sequence[str], words: Callable[[], Mapping[str, str]], what: str
) -> Callable[[str], list[str]]:
    """Return what reads some of `names` with commas between them; as `Named` otherwise.

    Args:
        names: as files and JSON have them.
        words: returns the words of each; called only for what is no name.
        what: a name is called in an error.
    """
    read = Named(names, words)

    def read_all(text: str) -> list[str]:
        found = [read(one.strip()) for one in text.split(",")]
        for name in found:
            if name not in names:
                raise argparse.ArgumentTypeError(f"{name!r} is no {what}; there are {read.told()}")
        return found

    return read_all


def view(text: str) -> str:
    """Return the service's name of a view, also from our word for it."""
    name = _WORDS_OF_VIEWS.get(text.lower(), text)
    if name not in VIEWS:
        from memos_admin.backend.translated_names import meant

        name = meant(text, VIEWS) or name
    if name not in VIEWS:
        raise argparse.ArgumentTypeError(f"{text!r} is no view; there are {', '.join(VIEWS)}")
    return name


def instant(text: str) -> int:
    """Return UTC milliseconds of a date, an ISO time (UTC where it has no zone), ``7d``, ``24h``."""
    from memos_admin.backend.times import named_instant

    try:
        return named_instant(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; give 2025-09-17, 2025-09-17T07:58:05Z, "
            "or how long ago: 30m, 24h, 7d, 2w"
        ) from None


def past_instant(text: str) -> int:
    """Return the same of what is not in the future."""
    from memos_admin.backend.times import now_ms

    found = instant(text)
    if found > now_ms():
        raise argparse.ArgumentTypeError(f"{text!r} is in the future")
    return found


def position(text: str) -> int:
    """Return the number of a message in its conversation, from 1."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text)):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not the number of a message; they begin with 1"
        )
    return int(text)


def limit(text: str) -> int:
    """Return a number of rows; 0 means all."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of rows; 0 means all")
    return int(text)
