"""What of all that is remembered deserves a look, by rules alone.

A scan goes through the stored memories, user by user in the order in which they were said, asks MemOS nothing
and changes nothing. What each rule finds, and why that may be wrong, says `hygiene rules`; docs/hygiene.md
has it with figures. Which rules look stands in config.toml under [hygiene], or is given here.
"""

from __future__ import annotations

import argparse
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from memos_admin.backend.hygiene.kinds import RULES
from memos_admin.cli.arguments import (
    FILTERS,
    OUTPUT,
    add_json,
    add_list_options,
    add_memory_filters,
)
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit
from memos_admin.cli.memory_filters import filter_of, tell_completeness
from memos_admin.cli.parser import commands
from memos_admin.cli.table import number, text
from memos_admin.cli.users import find
from memos_admin.cli.values import Named

if TYPE_CHECKING:
    from memos_admin.backend.hygiene.finding import Finding
    from memos_admin.backend.hygiene.kinds import RuleId
    from memos_admin.backend.hygiene.scan import Progress, Step
    from memos_admin.backend.hygiene.settings import HygieneSettings
    from memos_admin.backend.model import Filter, Reads

FIELDS = (
    "user_id",
    "rule",
    "kinds",
    "reason",
    "memory_id",
    "version",
    "view",
    "title",
    "content",
    "other_memory_id",
    "other_content",
)
COUNT_FIELDS = ("rule", "looks", "findings")
COUNT_COLUMNS = (text("rule", "Rule"), number("findings", "Findings"))
RULE_FIELDS = ("rule", "looks", "finds", "doubt")

_TELL_FROM = 5_000
"""Memories from which on a scan takes so long that a person is told how far it is."""
_INDENT = "    "


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)

    scanned = verbs.add_parser("scan", help="list memories that a rule found, and why")
    add_memory_filters(scanned, "hygiene", of_now=True, ordered=False)
    scanned.add_argument_group(FILTERS).add_argument(
        "--rule",
        type=Named(RULES, rule_words),
        choices=RULES,
        action="append",
        metavar="R",
        help=f"only this rule, given again another one too: {', '.join(RULES)}",
    )
    scanned.add_argument_group(OUTPUT).add_argument(
        "--count", action="store_true", help="how many findings of each rule instead of a list"
    )
    add_list_options(scanned)
    scanned.set_defaults(run=list_findings, needs_data=True)

    rules = verbs.add_parser("rules", help="what each rule finds, and why that may be wrong")
    add_json(rules)
    rules.set_defaults(run=list_rules)


def rule_words() -> Mapping[str, str]:
    """Return what the screen calls each rule."""
    from memos_admin.backend.hygiene.rules import DESCRIBED

    return {rule: one.name for rule, one in DESCRIBED.items()}


def list_rules(context: Context, args: argparse.Namespace) -> Exit:
    """``hygiene rules``."""
    from memos_admin.backend.hygiene.rules import DESCRIBED
    from memos_admin.backend.hygiene.settings import of_home

    looking = of_home(context.home).rules
    rows = [
        {"rule": rule, "looks": rule in looking, "finds": one.finds, "doubt": one.doubt}
        for rule, one in DESCRIBED.items()
    ]
    if args.json or not context.out.on_terminal:
        context.out.rows(rows, fields=RULE_FIELDS, columns=(), as_json=args.json)
        return Exit.DONE
    for row in rows:
        context.out.line(f"{row['rule']}{'' if row['looks'] else ' (off in config.toml)'}")
        _paragraph(context, f"{row['finds']} {row['doubt']}")
    return Exit.DONE


def list_findings(context: Context, args: argparse.Namespace) -> Exit:
    """``hygiene scan``."""
    from memos_admin.backend.journal import narrowed

    wanted, settings = filter_of(args), _settings(context, args)
    if wanted.subject is not None:
        find(context, wanted.subject)
    context.viewed("hygiene", **narrowed(wanted))
    reads = context.workspace().reads
    if args.count:
        return _count(context, args, reads, wanted, settings)
    limit = args.limit or None
    rows = (
        row
        for step in _steps(context, reads, wanted, settings, writes=context.out.on_terminal)
        for row in _rows(reads, step.findings)
    )
    some = islice(rows, limit)
    if args.json or not context.out.on_terminal:
        count = context.out.rows(some, fields=FIELDS, columns=(), as_json=args.json)
    else:
        count = 0
        for row in some:
            _tell(context, row, whose=wanted.subject is None)
            count += 1
    if count == limit and next(rows, None) is not None:
        context.out.rewrite("")
        context.out.note(
            f"The first {count:,}; there are more. --limit 0 lists all, --count counts them."
        )
    if not count:
        _tell_nothing(context, args, settings)
    tell_completeness(context, reads, wanted)
    return Exit.DONE


def _count(
    context: Context,
    args: argparse.Namespace,
    reads: Reads,
    wanted: Filter,
    settings: HygieneSettings,
) -> Exit:
    found, looked = Counter[str](), 0
    for step in _steps(context, reads, wanted, settings, writes=False):
        found.update(one.rule for one in step.findings)
        looked = step.progress.memories
    rows = [
        {"rule": rule, "looks": rule in settings.rules, "findings": found[rule]}
        for rule in RULES
        if rule in settings.rules or not args.rule
    ]
    if context.out.on_terminal and not args.json:
        rows = [row for row in rows if row["looks"]] if found else []
    if rows:
        context.out.rows(rows, fields=COUNT_FIELDS, columns=COUNT_COLUMNS, as_json=args.json)
    context.out.note(f"{looked:,} memories were looked at; one may be found by several rules.")
    if found:
        _tell_off(context, args, settings)
    else:
        _tell_nothing(context, args, settings)
    tell_completeness(context, reads, wanted)
    return Exit.DONE


def _tell_nothing(context: Context, args: argparse.Namespace, settings: HygieneSettings) -> None:
    context.out.note(
        f"No rule found anything in what fits. Rules that looked: {', '.join(settings.rules)}."
    )
    _tell_off(context, args, settings)


def _tell_off(context: Context, args: argparse.Namespace, settings: HygieneSettings) -> None:
    off = [rule for rule in RULES if rule not in settings.rules]
    if off and not args.rule:
        context.out.note(f"Off in config.toml: {', '.join(off)}.")


def found(context: Context, args: argparse.Namespace) -> Mapping[RuleId, array[int]]:
    """Return the listings that each rule finds of what the arguments of a list and ``--rule`` name."""
    by_rule: defaultdict[RuleId, array[int]] = defaultdict(lambda: array("q"))
    reads = context.workspace().reads
    for step in _steps(context, reads, filter_of(args), _settings(context, args), writes=False):
        for one in step.findings:
            by_rule[one.rule].append(one.listing_pk)
    return by_rule


def _settings(context: Context, args: argparse.Namespace) -> HygieneSettings:
    """Return what the configuration says; rules that are asked for look, also where they are off."""
    from dataclasses import replace

    from memos_admin.backend.hygiene.settings import of_home

    found = of_home(context.home)
    if not args.rule:
        return found
    return replace(found, rules=tuple(rule for rule in RULES if rule in args.rule))


def _steps(
    context: Context, reads: Reads, wanted: Filter, settings: HygieneSettings, *, writes: bool
) -> Iterator[Step]:
    """Yield the steps of a scan; how far it is stands on stderr, below findings that are written there."""
    from memos_admin.backend.hygiene.scan import scan
    from memos_admin.backend.times import now_ms

    out = context.out
    try:
        for step in scan(reads, wanted, settings, now_ms()):
            if writes and step.findings:
                out.rewrite("")
            yield step
            if out.notes_on_terminal and step.progress.of > _TELL_FROM:
                out.rewrite(_how_far(step.progress))
    finally:
        out.rewrite("")


def _how_far(done: Progress) -> str:
    looked = f"{done.memories:,} of {done.of:,} memories"
    if done.together:
        return f"comparing pairs · {done.compared:,} of {done.together:,} · looked at {looked}"
    return f"looking · {looked}"


def _rows(reads: Reads, findings: list[Finding]) -> Iterator[dict[str, Any]]:
    from memos_admin.backend.hygiene.wording import reason

    keys = {one.listing_pk for one in findings}
    keys |= {one.other.listing_pk for one in findings if one.other is not None}
    memories = {one.listing_pk: one for one in reads.memories(sorted(keys))}
    for one in findings:
        memory = memories.get(one.listing_pk)
        other = None if one.other is None else memories.get(one.other.listing_pk)
        if memory is not None:
            yield {
                "user_id": one.ref.external_id,
                "rule": one.rule,
                "kinds": one.hit.kind.split(",") if one.hit.kind else [],
                "reason": reason(one),
                "memory_id": one.memory_id,
                "version": one.version,
                "view": memory.view,
                "title": memory.title,
                "content": memory.content,
                "other_memory_id": None if one.other is None else one.other.memory_id,
                "other_content": None if other is None else other.content,
            }


def _tell(context: Context, row: Mapping[str, Any], *, whose: bool) -> None:
    """Write what a row says for a person, nothing cut; `whose` it is too."""
    from memos_admin.backend.display import one_line, other_name
    from memos_admin.backend.perspective import without_marks

    user = f"{other_name(row['user_id'])} · " if whose else ""
    what = row["title"] or without_marks(row["content"])
    line = f"{user}{row['rule']} · {what}"
    room = context.out.width - len(row["memory_id"]) - len(_INDENT)
    context.out.line(f"{one_line(line, max(20, room))} · {row['memory_id']}")
    _paragraph(context, row["reason"])
    if row["other_memory_id"] is not None:
        _paragraph(context, f"The other one: {row['other_memory_id']}")


def _paragraph(context: Context, said: str) -> None:
    from memos_admin.backend.display import printable
    from memos_admin.backend.wrapping import wrap

    shown = printable(said)
    for start, end in wrap(shown, context.out.width - len(_INDENT)):
        context.out.line((_INDENT + shown[start:end]).rstrip())
