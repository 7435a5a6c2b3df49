"""Tell each change of memories and each new message as a sync finds it.

Asks for what changed every so often: one request a user where nothing did, more to read what did. It asks
less often while nothing changes, and hardly while MemOS limits the rate or does not answer, which is told
once. Of a user never synced before everything is read first, and not told. What is gone is found by --full
alone. One line a change on stdout: when it was found, what, whose, view, title, and the words that
changed. Ctrl+C ends it; what was read stays.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from typing import TYPE_CHECKING, Any

from memos_admin.cli.arguments import FILTERS, OUTPUT, WHOM, add_filter, add_json
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.memory_filters import said_twice
from memos_admin.cli.users import find
from memos_admin.cli.values import identity, memory_id
from memos_admin.cli.watch.changes import Changes
from memos_admin.cli.watch.task import Task

if TYPE_CHECKING:
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.workspace import Workspace

_SHORTEST, _USUAL = 2.0, 30.0
"""Seconds between polls. They are the backend's, which a help text need not import; a test compares."""

_FIRST_ANSWER = 10.0
"""Seconds that a first answer is waited for at least, whatever --for says."""

_LONGEST_FOR = 366 * 86_400.0

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(s|m|h|d)?", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, None: 1}

SECTIONS = {
    "exit codes of its own": {
        "0": "the time of --for is over, or the task has completed",
        "1": "the account has used up its calls, or the task has failed",
        "4": "the time is over, and MemOS could not be read at all, or at the end",
    },
}


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the options; this noun has no verbs."""
    whom = parser.add_argument_group(WHOM)
    several: dict[str, Any] = {"nargs": "+", "action": "extend", "type": identity, "default": []}
    whom.add_argument(
        "--user", **several, metavar="ID", help="users, by id (default: the 100 active last)"
    )
    whom.add_argument("--agent", **several, metavar="ID", help="agents, by id")
    whom.add_argument(
        "--task",
        type=memory_id,
        metavar="ID",
        help="follow this asynchronous task to its end instead",
    )
    add_filter(parser, "watch")
    filters = parser.add_argument_group(FILTERS)
    filters.add_argument(
        "--full", action="store_true", help="list everything each time: shows what is gone"
    )
    parser.add_argument(
        "--interval",
        type=_interval,
        default=_USUAL,
        metavar="S",
        help="seconds between polls (default 30, at least 2)",
    )
    parser.add_argument(
        "--for",
        dest="lasts",
        type=_duration,
        metavar="T",
        help="end after so long: 90s, 10m, 8h, 1d",
    )
    parser.add_argument_group(OUTPUT).add_argument(
        "--bell", action="store_true", help="ring the terminal's bell at a change"
    )
    add_json(parser)
    parser.set_defaults(run=watch, needs_data=True)


def watch(context: Context, args: argparse.Namespace) -> Exit:
    """``watch``."""
    refs, within = _whom(args), args.filter
    if args.task is not None:
        if refs or within is not None or args.full:
            raise Usage("--task follows one task: leave out whom, --filter and --full.")
        return _run(context, args, Task(context, args))
    if within is not None:
        if within.subject is not None:
            if refs not in ([], [within.subject]):
                other = next(one for one in refs if one != within.subject)
                raise said_twice("subject", f"--{other.kind}", args.filter_typed)
            refs = [within.subject]
        context.out.note(
            "Of memories that the filter names as they are then; messages are left out."
        )
    for ref in refs:
        find(context, ref)
    return _run(context, args, Changes(context, args, refs, within))


def _run(context: Context, args: argparse.Namespace, doing: Changes | Task) -> Exit:
    """Run it until it ends, its time is over or a person ends it; tell what was seen."""

    async def timed(workspace: Workspace) -> Exit:
        began = asyncio.get_running_loop().time()

        def begun() -> None:
            if args.lasts is not None:
                limit.reschedule(began + args.lasts)

        # A time shorter than an answer takes is that of one answer.
        longest = None if args.lasts is None else began + max(args.lasts, _FIRST_ANSWER)
        try:
            async with asyncio.timeout_at(longest) as limit:
                return await doing.run(workspace, begun)
        except TimeoutError:
            if not limit.expired():
                raise
            return doing.when_over()

    try:
        code = context.run(timed, online=True)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(doing.summary()) from None
    finally:
        context.out.rewrite("")
        doing.end()
    context.out.note(doing.summary())
    return code


def _whom(args: argparse.Namespace) -> list[SubjectRef]:
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.watching.calm import MOST_WATCHED

    refs = [SubjectRef("user", name) for name in args.user]
    refs += [SubjectRef("agent", name) for name in args.agent]
    refs = list(dict.fromkeys(refs))
    if len(refs) > MOST_WATCHED:
        raise Usage(f"At most {MOST_WATCHED} can be watched at once; {len(refs)} are named.")
    return refs


def _interval(text: str) -> float:
    found = _DURATION.fullmatch(text)
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not _SHORTEST <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r}: give seconds, at least {_SHORTEST:g}")
    return seconds


def _duration(text: str) -> float:
    found = _DURATION.fullmatch(text)
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not 0 < seconds <= _LONGEST_FOR:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; give 90s, 10m, 8h or 1d")
    return seconds
