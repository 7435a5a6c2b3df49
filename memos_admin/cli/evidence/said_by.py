"""``--said-by``: narrows messages, and what came of them, by who wrote them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memos_admin.backend.authors import AUTHORS
from memos_admin.cli.arguments import FILTERS
from memos_admin.cli.values import Named

if TYPE_CHECKING:
    from collections.abc import Mapping


def add_said_by(parser: argparse.ArgumentParser) -> None:
    """Add the option."""
    parser.add_argument_group(FILTERS).add_argument(
        "--said-by",
        type=Named(AUTHORS, _words),
        choices=AUTHORS,
        metavar="WHO",
        help=f"who wrote the message: one of {', '.join(AUTHORS)}",
    )


def _words() -> Mapping[str, str]:
    from memos_admin.backend.author_words import AUTHOR_WORDS

    return AUTHOR_WORDS
