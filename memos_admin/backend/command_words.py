"""Ids in the commands that a person is told to run: as a shell and the parser take them, whatever they are."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from memos_admin.store.records import SubjectRef


def option(name: str, value: str) -> str:
    """Return an option with its value, to be copied into a shell.

    Args:
        name: without hyphens, such as ``user``.
        value: has = before it where it begins with a hyphen, since the parser takes it for an option else.
    """
    return quote(f"--{name}={value}") if value.startswith("-") else f"--{name} {quote(value)}"


def subject_option(ref: SubjectRef, shown: str | None = None) -> str:
    """Return the option that names somebody.

    Args:
        ref: whom.
        shown: what the id is called on the screen; None: as it is.
    """
    return option(ref.kind, ref.external_id if shown is None else shown)


def last(*values: str) -> str:
    """Return arguments that end a command: behind ``--`` where one of them begins with a hyphen."""
    end = ["--"] if any(value.startswith("-") for value in values) else []
    return " ".join([*end, *map(quote, values)])


def with_argument(command: str, value: str, options: Sequence[str]) -> str:
    """Return a command with one argument, which stands behind the options where it looks like one."""
    if value.startswith("-"):
        return " ".join([command, *options, last(value)])
    return " ".join([command, quote(value), *options])


def erasing(ref: SubjectRef, options: Sequence[str], shown: str | None = None) -> str:
    """Return the command that erases somebody in MemOS and here, without the program's name.

    Args:
        ref: whom.
        options: besides those that it always has, in the order in which they are to stand.
        shown: as `subject_option` takes it.
    """
    agent = ["--agent"] if ref.kind == "agent" else []
    value = ref.external_id if shown is None else shown
    return with_argument("subject erase", value, [*agent, *options, "--carry-out"])
