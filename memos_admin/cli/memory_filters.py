"""Which memories a command is about: the filter that its options name, and what is told beside a list."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, TypeVar

from memos_admin.cli.arguments import begins_with_the_last, subject_of
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Usage

if TYPE_CHECKING:
    from memos_admin.backend.model import Filter, Reads, SubjectRef
    from memos_admin.cli.output import Output

F = TypeVar("F", bound="Filter")

_ONE_OF = frozenset({"views", "statuses", "verdicts", "operators"})
"""What is one of several, so that options and a filter cannot be asked for together."""


def filter_of(args: argparse.Namespace) -> Filter:
    """Return the filter that the arguments of `add_memory_filters` name."""
    options = options_of(args)
    return options if args.filter is None else joined(options, args.filter, args.filter_by)


def options_of(args: argparse.Namespace) -> Filter:
    """Return the filter that the options beside ``--filter`` name."""
    from memos_admin.backend.model import Filter

    return Filter(
        subject=subject_of(args),
        conversation_id=args.conversation,
        views=frozenset(args.view or ()),
        tags=frozenset(args.tag or ()),
        statuses=frozenset(args.status or ()),
        since=args.since,
        until=args.until,
        text=args.text or "",
        order=args.sort,
        descending=begins_with_the_last(args.sort) != args.reverse,
        vanished=None if args.vanished is None else args.vanished == "yes",
        as_of=args.as_of,
    )


def joined(options: F, said: F, by: str = "--filter") -> F:
    """Return the filter that options name together with what is said `by` ``--filter``, or a saved one.

    Raises:
        Usage: they contradict each other, or say the same in two ways.
    """
    from dataclasses import fields, replace

    usual, changes = type(options)(), dict[str, Any]()
    for name in (one.name for one in fields(usual)):
        mine, theirs = getattr(options, name), getattr(said, name)
        if theirs == getattr(usual, name) or theirs == mine:
            continue
        if isinstance(mine, frozenset):
            if mine and name in _ONE_OF:
                raise Usage(f"Both an option and {by} say which {name}. Say it in one of them.")
            changes[name] = mine | theirs
        elif mine == getattr(usual, name):
            changes[name] = theirs
        else:
            word = name.removesuffix("_id").replace("_", "-")
            raise Usage(f"Both an option and {by} say {word}. Say it in one of them.")
    if said.order != usual.order and options.order == usual.order:
        changes |= {"order": said.order, "descending": said.descending}
    return replace(options, **changes)


def whose(args: argparse.Namespace, within: Filter | None) -> SubjectRef | None:
    """Return whom the options, or a filter, name; None: nobody.

    Raises:
        Usage: they name two.
    """
    ref = subject_of(args)
    if within is None or within.subject is None:
        return ref
    if ref not in {None, within.subject}:
        raise Usage("Both an option and --filter say whose. Say it in one of them.")
    return within.subject


def tell_then(out: Output, reads: Reads, wanted: Filter) -> None:
    """Tell as of when memories were told, and what of that cannot be known; nothing of now."""
    from memos_admin.backend.as_of import told
    from memos_admin.backend.times import utc_text

    for line in told(reads, wanted, utc_text):
        out.note(line)


def tell_completeness(context: Context, reads: Reads, wanted: Filter) -> None:
    """Tell whose memories were never listed whole, so that a list may lack some."""
    from memos_admin.backend.export.completeness import of_memories

    for line in of_memories(reads, wanted.subject, 0):
        context.out.note(line)
