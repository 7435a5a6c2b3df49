"""The API key, pasted by mistake as an id, a ticket, a filter, or anything else that a command takes.

It is refused before anything is done with it, and before anything else is said of what was typed. No
argument is meant for a key, so none has to say that it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from memos_admin.backend.environment import ENVIRONMENT
from memos_admin.backend.occasion import REASON, TICKET
from memos_admin.cli.exits import Usage
from memos_admin.cli.values import IDS, NEW_FILES

if TYPE_CHECKING:
    import argparse

_TAKING_AWAY = {("conversations", "remove"), ("store", "forget"), ("users", "remove")}
"""They send nothing and keep nothing: a key that came to the roster in another way goes with them, as an id."""

_WHAT = {
    "--text": "text to look for",
    "expression": "filter",
    "filter": "filter",
    "note": "note or ticket",
    "operator": "name",
    "reason": "reason",
    "request": "ticket",
    "statement": "statement",
    "tag": "tag",
    "text": "question",
    "ticket": "ticket",
    "FILE": "file name",
    "ID": "id",
    "NAME": "name",
}
"""What an argument should have been: by how it is called, its own name, or that of its value."""

_OF_ENVIRONMENT = {REASON: "reason", TICKET: "ticket"}


class _Given(NamedTuple):
    """A text that was given: where, what it should have been, and what it is."""

    name: str
    what: str
    text: str


def refuse_keys(words: Sequence[str], verbs: Sequence[str], env: Mapping[str, str]) -> None:
    """Raise Usage where a word, or the environment's reason or ticket, is or holds a key of a project.

    Args:
        words: of the command, behind the program's name.
        verbs: the noun and the verb, as far as there are such.
        env: the environment.
    """
    given = [
        *(_Given(name, what, env[name]) for name, what in _OF_ENVIRONMENT.items() if env.get(name)),
        *(_Given("", "", text) for text in _texts(words, verbs)),
    ]
    if not given:
        return
    from memos_admin.backend.keys import KeyGiven, holds_key, refuse_key

    fingerprints = _fingerprints()
    for one in given:
        if not holds_key(one.text.strip(), fingerprints):
            continue
        said = one if one.name else _argument(words, one.text)
        if said is None:
            continue
        try:
            refuse_key(said.text, said.what, fingerprints)
        except KeyGiven as error:
            raise Usage(f"{said.name}: {error}") from None


def refuse_unknown(text: str) -> None:
    """Raise KeyGiven where an id of which there is nothing to take away is the API key."""
    from memos_admin.backend.keys import refuse_key

    refuse_key(text, "id", _fingerprints())


def _texts(words: Sequence[str], verbs: Sequence[str]) -> Iterator[str]:
    """Yield the words, and the values that stand in one with their options, but for names of ours."""
    left = [*verbs]
    for word in words:
        if left and word == left[0]:
            del left[0]
        elif word.startswith("--"):
            if value := word.partition("=")[2]:
                yield value
        else:
            yield word


def _argument(words: Sequence[str], text: str) -> _Given | None:
    """Return which argument takes a text; None: it may be a key."""
    from memos_admin.cli.completion.cursor import argument_at

    at = next(at for at, word in enumerate(words) if text in {word, word.partition("=")[2]})
    names, action = argument_at(words[:at], words[at])
    if action is None:
        return _Given("argument", "argument", text)
    is_id = action.type in IDS
    if is_id and names in _TAKING_AWAY:
        return None
    what = "file name" if action.type in NEW_FILES else "id" if is_id else _what(action)
    name = "/".join(action.option_strings) or str(action.metavar)
    return _Given(f"argument {name}", what, text)


def _what(action: argparse.Action) -> str:
    called = (*action.option_strings, action.dest, str(action.metavar))
    return next((_WHAT[name] for name in called if name in _WHAT), "argument")


def _fingerprints() -> list[str]:
    """Return those of the keys of all projects, where the configuration can be read."""
    from memos_admin.backend.config import ConfigError
    from memos_admin.backend.home import Home, HomeError
    from memos_admin.backend.projects import Projects

    try:
        projects = Projects(Home.from_environment(ENVIRONMENT)).list()
    except (ConfigError, HomeError):
        return []  # who needs it tells
    return [each for project in projects for each in project.fingerprints]
