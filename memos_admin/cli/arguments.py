"""Arguments that several commands share."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.exits import Usage
from memos_admin.cli.values import (
    any_conversation,
    filter_expression,
    identity,
    instant,
    limit,
    past_instant,
    view,
)

if TYPE_CHECKING:
    from memos_admin.backend.filter_language import FilterTarget
    from memos_admin.backend.model import SubjectRef

WHOM = "whom"
FILTERS = "filters"
OUTPUT = "output"
ORDER = "order"
"""Titles of groups of options in the help."""

DEFAULT_LIMIT = 100

ORDERS = ("updated", "created", "title", "view", "status", "confidence")
"""What memories can be sorted by."""

_ASCENDING = frozenset({"title", "view", "status"})
"""Orders that begin with the first letters; the others begin with the latest and the highest."""


def add_list_options(parser: argparse.ArgumentParser) -> None:
    """Add what every list takes."""
    add_json(parser)
    parser.add_argument_group(OUTPUT).add_argument(
        "--limit",
        type=limit,
        default=DEFAULT_LIMIT,
        metavar="N",
        help=f"at most N rows (default {DEFAULT_LIMIT}, 0 = all)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument_group(OUTPUT).add_argument("--json", action="store_true", help="write JSON")


def add_yes(parser: argparse.ArgumentParser) -> None:
    """Add ``--yes``."""
    parser.add_argument("--yes", action="store_true", help="do not ask")


def add_kind(parser: argparse.ArgumentParser) -> None:
    """Add ``--agent`` beside an ID."""
    parser.add_argument("--agent", action="store_true", help="the id is an agent's, like agent:ID")


def add_subject_options(
    parser: argparse.ArgumentParser, *, required: bool, group: str = WHOM
) -> None:
    """Add ``--user ID`` and ``--agent ID``, of which one may stand."""
    one = parser.add_argument_group(group).add_mutually_exclusive_group(required=required)
    one.add_argument("--user", type=identity, metavar="ID", help="a user, by id")
    one.add_argument("--agent", type=identity, metavar="ID", help="an agent, by id")


def add_memory_filters(
    parser: argparse.ArgumentParser,
    target: FilterTarget = "memories",
    *,
    of_now: bool = False,
    ordered: bool = True,
) -> None:
    """Add what narrows a list or an export of memories, or of verdicts on them.

    Args:
        parser: of the verb.
        target: what is narrowed.
        of_now: without ``--as-of``, which does not apply.
        ordered: with ``--sort`` and ``--reverse``.
    """
    add_subject_options(parser, required=False, group=FILTERS)
    if target == "verdicts":
        add_filter(parser, target, "'verdict:wrong changed:no view:fact'")
    else:
        add_filter(parser, target)
    filters = parser.add_argument_group(FILTERS)
    filters.add_argument(
        "--conversation",
        type=any_conversation,
        metavar="ID",
        help="memories that name it; '' for those that name none",
    )
    filters.add_argument(
        "--view", type=view, action="append", metavar="V", help=f"one of {', '.join(VIEWS)}"
    )
    filters.add_argument("--tag", action="append", metavar="T", help="memories with this tag")
    filters.add_argument(
        "--status", action="append", metavar="S", help="such as activated, archived"
    )
    filters.add_argument(
        "--since", type=instant, metavar="T", help="updated since: 2025-09-17, an ISO time, 7d, 24h"
    )
    filters.add_argument(
        "--until", type=instant, metavar="T", help="updated before: as --since, which is included"
    )
    filters.add_argument(
        "--text", metavar="TEXT", help="in title, content or a tag, capitals of ASCII aside"
    )
    filters.add_argument(
        "--vanished", choices=("yes", "no"), help="only vanished ones, or none of them"
    )
    parser.set_defaults(as_of=None, sort=ORDERS[0], reverse=False)
    if not of_now:
        filters.add_argument(
            "--as-of",
            type=past_instant,
            metavar="T",
            help="as this store knew them then: as --since",
        )
    if ordered:
        _add_order(parser)


def _add_order(parser: argparse.ArgumentParser) -> None:
    order = parser.add_argument_group(ORDER)
    order.add_argument(
        "--sort",
        choices=ORDERS,
        default=ORDERS[0],
        metavar="FIELD",
        help=f"one of {', '.join(ORDERS)}; default {ORDERS[0]}",
    )
    order.add_argument(
        "--reverse", action="store_true", help="the other way round: oldest first, or Z to A"
    )


def add_filter(
    parser: argparse.ArgumentParser,
    target: FilterTarget,
    such_as: str = "'view:fact -tag:work tea'",
) -> None:
    """Add ``--filter EXPR``, with an example of what can be said of a target, and ``--saved NAME``."""
    group = parser.add_argument_group(FILTERS)
    group.add_argument("--saved", metavar="NAME", help="a filter saved under this name")
    group.add_argument(
        "--filter",
        action=_TakeFilter,
        metavar="EXPR",
        help=f"all in one, such as {such_as}; docs/filters.md has the rest",
    )
    parser.set_defaults(
        filter_by="--filter", filter_target=target, filter_typed={}, filter_refused=lambda _args: {}
    )


class _TakeFilter(argparse.Action):
    """Reads a filter for what the command narrows, and keeps what was typed, for later errors to point into."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        _option: str | None = None,
    ) -> None:
        typed = str(values)
        try:
            namespace.filter = filter_expression(typed, parser.get_default("filter_target"))
        except argparse.ArgumentTypeError as error:
            raise argparse.ArgumentError(self, str(error)) from None
        namespace.filter_typed = {"--filter": typed}


def begins_with_the_last(order: str) -> bool:
    """Whether memories in this order begin with the latest or the highest, unless reversed."""
    return order not in _ASCENDING


def subject_of(args: argparse.Namespace) -> SubjectRef | None:
    """Return whom ``--user`` or ``--agent`` names; None where neither stands."""
    from memos_admin.backend.model import SubjectRef

    if args.user is not None:
        return SubjectRef("user", args.user)
    return None if args.agent is None else SubjectRef("agent", args.agent)


def named_subject(args: argparse.Namespace) -> SubjectRef:
    """Return whom ``--user`` or ``--agent`` names; one of them is required."""
    ref = subject_of(args)
    if ref is None:
        raise Usage("Say whom: --user ID or --agent ID.")
    return ref
