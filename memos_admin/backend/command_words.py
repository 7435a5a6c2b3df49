"""Commands that a person is told to run: for the same project, and with ids as a shell and the parser take them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from shlex import join, quote

from memos_admin.store.records import SubjectRef


class Place:
    """The project that commands are told for, by all that is called while it is the `told_for`.

    Attributes:
        options: those that name it; ``""``: it is the one that is used without more. They may be found out while
            something runs: tasks and threads that were begun before see them too.
    """

    def __init__(self, options: str = "") -> None:
        self.options = options


_NOWHERE = Place()
_place: ContextVar[Place] = ContextVar("the project that commands are told for", default=_NOWHERE)


@contextmanager
def told_for(place: Place) -> Iterator[None]:
    """Have the commands that are told within it name a project.

    Work that is handed to a thread takes it along where it is handed over with its context, as `daemon`, the
    writer of a store and the threads of the interface have it.
    """
    before = _place.set(place)
    try:
        yield
    finally:
        _place.reset(before)


def program(project: str | None = None) -> str:
    """Return how a command that is told begins: the program, and the project where it is not sure to be used without.

    `project`: the name of the one that is meant; None: the one that commands are `told_for`.
    """
    options = _place.get().options if project is None else option("project", project)
    return f"memos-admin {options}".rstrip()


def placed(template: str, options: Sequence[str] | None = None) -> str:
    """Return a text in which commands stand, and no word from outside yet, with the project in each of them.

    `options`: those that name the project; None: the one that commands are `told_for`. A name has no braces.
    """
    words = program() if options is None else join(["memos-admin", *options])
    return template.replace("memos-admin ", f"{words} ")


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


def removing(paths: Iterable[Path]) -> str:
    """Return the command that deletes files, each once."""
    return join(["rm", *dict.fromkeys(map(str, paths))])


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
