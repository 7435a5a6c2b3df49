"""What was given as an id and is the API key, pasted by mistake: refused before anything is done with it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator

from memos_admin.cli.exits import Usage
from memos_admin.cli.parser import Parser
from memos_admin.cli.values import IDS

_TAKING_AWAY = {("conversations", "remove"), ("store", "forget"), ("users", "remove")}
"""They send nothing and keep nothing: a key that came to the roster in another way goes with them."""


def refuse_keys(parser: Parser, args: argparse.Namespace) -> None:
    """Raise Usage where an argument that is to be an id is a key of one of the projects.

    Args:
        parser: of the noun.
        args: what it parsed.
    """
    parser = parser.verbs.get(getattr(args, "verb", ""), parser)
    given = [*_ids(parser, args)]
    if not given or parser.words in _TAKING_AWAY:
        return
    from memos_admin.backend.keys import KeyGiven, refuse_key

    fingerprints = _fingerprints()
    for name, text in given:
        try:
            refuse_key(text, "id", fingerprints)
        except KeyGiven as error:
            raise Usage(f"argument {name}: {error}") from None


def _ids(parser: Parser, args: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield the ids that were given, each with what the argument is called."""
    for action in parser.actions:
        if action.type in IDS:
            value = getattr(args, action.dest)
            for text in value if isinstance(value, list) else [value]:
                if text:
                    yield "/".join(action.option_strings) or str(action.metavar), text


def _fingerprints() -> list[str]:
    """Return those of the keys of all projects, where the configuration can be read."""
    from memos_admin.backend.config import ConfigError
    from memos_admin.backend.home import Home, HomeError
    from memos_admin.backend.projects import Projects

    try:
        projects = Projects(Home.from_environment(os.environ)).list()
    except (ConfigError, HomeError):
        return []  # who needs it tells
    return [each for project in projects for each in project.fingerprints]
