"""What was given as an id or a file's name and is the API key, pasted by mistake.

It is refused before anything is done with it: names of files that are written are noted in manifests,
reports, and beside the store.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator

from memos_admin.cli.exits import Usage
from memos_admin.cli.parser import Parser
from memos_admin.cli.values import IDS, NEW_FILES

_TAKING_AWAY = {("conversations", "remove"), ("store", "forget"), ("users", "remove")}
"""They send nothing and keep nothing: a key that came to the roster in another way goes with them."""


def refuse_keys(parser: Parser, args: argparse.Namespace) -> None:
    """Raise Usage where an argument is, or holds, a key of one of the projects.

    Args:
        parser: of the noun.
        args: what it parsed.
    """
    parser = parser.verbs.get(getattr(args, "verb", ""), parser)
    given = [*_given(parser, args)]
    if not given or parser.words in _TAKING_AWAY:
        return
    from memos_admin.backend.keys import KeyGiven, refuse_key

    fingerprints = _fingerprints()
    for name, what, text in given:
        try:
            refuse_key(text, what, fingerprints)
        except KeyGiven as error:
            raise Usage(f"argument {name}: {error}") from None


def _given(parser: Parser, args: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Yield what was given as ids and files to write: what the argument is called, what it is, its text."""
    for action in parser.actions:
        if action.type in IDS or action.type in NEW_FILES:
            what = "file name" if action.type in NEW_FILES else "id"
            value = getattr(args, action.dest)
            for text in value if isinstance(value, list) else [value]:
                if text and text != action.default:
                    yield "/".join(action.option_strings) or str(action.metavar), what, text


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
