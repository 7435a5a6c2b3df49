"""Which memories a command is about: the filter that its options name, and what is told beside a list."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
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

_ORDER = frozenset({"order", "descending"})
"""What is said together."""

_OPTIONS = {
    "conversation_id": "--conversation",
    "views": "--view",
    "statuses": "--status",
    "verdicts": "--verdict",
    "operators": "--operator",
}
"""The options that are not called as what they say of a filter."""


def filter_of(args: argparse.Namespace) -> Filter:
    """Return the filter that the arguments of `add_memory_filters` name."""
    options = options_of(args)
    return options if args.filter is None else joined(options, args.filter, args.filter_typed)


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


def joined(options: F, said: F, typed: Mapping[str, str], beside: str = "") -> F:
    """Return the filter that options name together with what is said by ``--filter``, or a saved one.

    Args:
        options: what they name.
        said: beside them.
        typed: what was typed for that, by what it stands behind.
        beside: what `options` stands behind, where that is not the option for each condition.

    Raises:
        Usage: they contradict each other, or say the same in two ways.
    """
    from dataclasses import fields, replace

    usual, changes = type(options)(), dict[str, Any]()
    for name in (one.name for one in fields(usual) if one.name not in _ORDER):
        mine, theirs = getattr(options, name), getattr(said, name)
        if theirs == getattr(usual, name) or theirs == mine:
            continue
        if isinstance(mine, frozenset):
            if mine and name in _ONE_OF:
                raise said_twice(name, beside or _option(name, options), typed)
            changes[name] = mine | theirs
        elif mine == getattr(usual, name):
            changes[name] = theirs
        else:
            raise said_twice(name, beside or _option(name, options), typed)
    is_same = (said.order, said.descending) == (options.order, options.descending)
    if is_ordered(said) and not is_same:
        if is_ordered(options):
            raise said_twice("order", beside or _option("order", options), typed)
        changes |= {"order": said.order, "descending": said.descending}
    return replace(options, **changes)


def is_ordered(wanted: Filter) -> bool:
    """Whether a filter says an order that is not the usual one."""
    from memos_admin.backend.model import Filter

    usual = Filter()
    return (wanted.order, wanted.descending) != (usual.order, usual.descending)


def _option(name: str, options: Filter) -> str:
    """Return the option that says what of a filter."""
    if name == "subject" and options.subject is not None:
        return f"--{options.subject.kind}"
    if name == "order":
        return "--reverse" if options.order == type(options)().order else "--sort"
    return _OPTIONS.get(name) or f"--{name.replace('_', '-')}"


def said_twice(name: str, option: str, typed: Mapping[str, str]) -> Usage:
    """Return the error for what an option says of a filter and what was typed too, with its place there.

    Args:
        name: of the attribute of a `Filter`.
        option: what says it beside.
        typed: what was typed, by what it stands behind.
    """
    return pointing(f"{option} says this too. Say it in one of them.", name, typed)


def pointing(why: str, name: str, typed: Mapping[str, str]) -> Usage:
    """Return the error for what is said of a filter, with its place where it was typed there.

    Args:
        why: it is wrong.
        name: of the attribute of a `Filter`.
        typed: what was typed, by what it stands behind.
    """
    from memos_admin.backend.filter_language import FilterError, span_of
    from memos_admin.cli.values import pointed

    for behind, text in typed.items():
        if (span := span_of(text, name)) is not None:
            return Usage(f"{behind}: {pointed(text, FilterError(why, *span))}")
    return Usage(why)


def whose(args: argparse.Namespace) -> SubjectRef | None:
    """Return whom the options, or the filter beside them, name; None: nobody.

    Raises:
        Usage: they name two.
    """
    ref, within = subject_of(args), args.filter
    if within is None or within.subject is None:
        return ref
    if ref is not None and ref != within.subject:
        raise said_twice("subject", f"--{ref.kind}", args.filter_typed)
    found: SubjectRef = within.subject
    return found


def tell_then(out: Output, reads: Reads, wanted: Filter) -> None:
    """Tell as of when memories were told, and what of that cannot be known; nothing of now."""
    from memos_admin.backend.history.as_of import told
    from memos_admin.backend.times import utc_text

    for line in told(reads, wanted, utc_text):
        out.note(line)


def tell_completeness(context: Context, reads: Reads, wanted: Filter) -> None:
    """Tell whose memories were never listed whole, so that a list may lack some."""
    from memos_admin.backend.export.completeness import of_memories

    for line in of_memories(reads, wanted.subject, 0):
        context.out.note(line)
