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
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from memos_admin.backend.display import beginning
from memos_admin.cli.arguments import (
    FILTERS,
    OUTPUT,
    VIEWS,
    WHOM,
    add_filter,
    add_json,
    identity,
)
from memos_admin.cli.changes import KINDS, row_of
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.lists import counted, utc
from memos_admin.cli.output import Output
from memos_admin.cli.progress import Waits
from memos_admin.cli.users import find

if TYPE_CHECKING:
    from memos_admin.backend.history import Difference
    from memos_admin.backend.jump import FoundTask
    from memos_admin.backend.model import Filter, SubjectRef
    from memos_admin.backend.sync import SyncProgress
    from memos_admin.backend.watching.task import Came
    from memos_admin.backend.watching.watch import Found, Poll, Watched
    from memos_admin.backend.workspace import Workspace

_SHORTEST, _USUAL = 2.0, 30.0
"""Seconds between polls. They are the backend's, which a help text need not import; a test compares."""

_LONGEST_FOR = 366 * 86_400.0

_CONTEXT, _MOST = 24, 400
"""Characters of what stayed beside what changed, and of all that is told of a field."""

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(s|m|h|d)?", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, None: 1}

SECTIONS = {
    "exit codes of its own": {
        "0": "the time of --for is over, or the task has completed",
        "1": "the account has used up its calls, or the task has failed",
        "4": "the time is over, and MemOS could not be read at the end",
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
        "--task", metavar="ID", help="follow this asynchronous task to its end instead"
    )
    add_filter(parser)
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
        help="end so long after the first answer: 90s, 10m, 8h, 1d",
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
        return _run(context, args, _Task(context, args))
    if within is not None:
        if within.as_of is not None:
            raise Usage("A watch is about what memories say now: leave out as-of:.")
        if within.subject is not None:
            if refs not in ([], [within.subject]):
                raise Usage("Both an option and --filter say whose. Say it in one of them.")
            refs = [within.subject]
        context.out.note(
            "Of memories that the filter names as they are then; messages are left out."
        )
    for ref in refs:
        find(context, ref)
    return _run(context, args, _Changes(context, args, refs, within))


def _run(context: Context, args: argparse.Namespace, doing: _Changes | _Task) -> Exit:
    """Run it until it ends, its time is over or a person ends it; tell what was seen."""

    async def timed(workspace: Workspace) -> Exit:
        loop = asyncio.get_running_loop()

        def begun() -> None:
            # From the first answer on: a slow one must not be the whole watch.
            if args.lasts is not None and limit.when() is None:
                limit.reschedule(loop.time() + args.lasts)

        try:
            async with asyncio.timeout(None) as limit:
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


class _Changes:
    """Tells what the polls find."""

    def __init__(
        self,
        context: Context,
        args: argparse.Namespace,
        refs: Sequence[SubjectRef],
        within: Filter | None,
    ) -> None:
        self._context, self._out, self._args = context, context.out, args
        self._refs, self._within = refs, within
        self._seen: Counter[str] = Counter()
        self._polls = self._requests = 0
        self._failing = False

    async def run(self, workspace: Workspace, begun: Callable[[], None]) -> Exit:
        """Poll until a person is needed."""
        from memos_admin.backend.watching.watch import Watch

        asked = Watch(
            workspace,
            self._refs,
            interval=self._args.interval,
            within=self._within,
            full=self._args.full,
        )
        watched = await asked.begin()
        if not watched.refs:
            self._out.note("Nobody to watch yet. Add somebody: memos-admin users add ID")
            return Exit.DONE
        self._journal({"interval": self._args.interval, "watched": len(watched.refs)})
        self._out.note(_plan(watched))
        progress = _Polling(self._out)
        async for poll in asked.polls(_waiting(self._out, self.summary), progress):
            self._tell(poll)
            begun()
            if poll.outcome == "refused":
                return Exit.CREDENTIALS
            if poll.outcome == "quota":
                return Exit.REFUSED
        return Exit.DONE

    def _tell(self, poll: Poll) -> None:
        out = self._out
        out.rewrite("")
        self._polls += 1
        self._requests += poll.requests
        if poll.again_since is not None:
            out.note(f"{_clock(poll.at)} MemOS is read again, for the first time since {_clock(poll.again_since)}.")  # fmt: skip
            self._failing = False
        if poll.trouble:
            then = "" if poll.next_in is None else " Trying on, more slowly."
            out.note(f"{_clock(poll.at)} {poll.trouble}{then}")
            self._failing = True
        if poll.first_read:
            out.note(
                f"{poll.first_read:,} memories and conversations with messages were read of somebody "
                "never synced before; they are not told one by one."
            )
        for found in poll.found:
            self._seen[found.change.kind] += 1
            row = row_of(found.change, found.about)
            if self._args.json:
                words = [_json_words(one) for one in found.differences]
                out.json_line({**row, "words": words})
            else:
                out.line(_line(row, found))
                out.data.flush()
        if poll.found and self._args.bell and out.notes_on_terminal:
            out.notes.write("\a")
            out.notes.flush()

    def when_over(self) -> Exit:
        """Return how it ends when its time is over."""
        return Exit.PARTIAL if self._failing else Exit.DONE

    def summary(self) -> str:
        """Return what was seen."""
        kinds = ", ".join(f"{self._seen[kind]:,} {kind}" for kind in KINDS if self._seen[kind])
        asked = f"{counted(self._polls, 'poll')}, {counted(self._requests, 'request')}"
        return f"Seen: {kinds or 'no change'}. {asked}."

    def end(self) -> None:
        """Journal what was shown."""
        if self._polls:
            self._journal({"polls": self._polls})

    def _journal(self, details: dict[str, Any]) -> None:
        from memos_admin.backend.journal import narrowed

        told: dict[str, Any] = {"watch": True, **details}
        if self._within is not None:
            told |= narrowed(self._within)["details"]
        subject = self._refs[0] if len(self._refs) == 1 else None
        counts = {"changes": self._seen.total()} if self._polls else {}
        self._context.viewed("changes", counts, subject=subject, details=told)


class _Task:
    """Tells how far a task is, and what came of it."""

    def __init__(self, context: Context, args: argparse.Namespace) -> None:
        self._context, self._out, self._args = context, context.out, args
        self._last: FoundTask | None = None

    async def run(self, workspace: Workspace, begun: Callable[[], None]) -> Exit:
        """Follow the task to its end."""
        from memos_admin.backend.times import now_ms
        from memos_admin.backend.watching import task

        self._context.viewed("task", details={"watch": True})
        async for state in task.follow(
            workspace, self._args.task, _waiting(self._out, self.summary)
        ):
            self._last = state
            begun()
            row = {
                "at": utc(now_ms()),
                "task_id": state.task_id,
                "state": state.state,
                "added": state.added,
                "updated": state.updated,
                "deleted": state.deleted,
            }
            counts = [f"{row[name]} {name}" for name in ("added", "updated", "deleted") if row[name] is not None]  # fmt: skip
            self._write(row, "  ".join([_clock(now_ms()), state.state, ", ".join(counts)]))
        if self._last is None or self._last.state != "completed":
            return Exit.REFUSED
        came = await task.came_of(workspace, self._last)
        for one in came:
            self._write(_row_came(self._args.task, one), _line_came(one))
        if came:
            self._out.note(
                "MemOS names the memories of a task, not what it did to each. Guessed: added, if the "
                "store here did not have it; updated, if it did; gone, if MemOS has it no more."
            )
        if self._last.deleted:
            self._out.note("Memories that the task deleted are counted; MemOS does not name them.")
        return Exit.DONE

    def _write(self, row: dict[str, Any], line: str) -> None:
        self._out.rewrite("")
        if self._args.json:
            self._out.json_line(row)
        else:
            self._out.line(line.rstrip())
            self._out.data.flush()

    def when_over(self) -> Exit:
        """Return how it ends when its time is over."""
        return Exit.PARTIAL

    def summary(self) -> str:
        """Return how far the task is."""
        return f"The task: {self._last.state if self._last else 'not asked yet'}."

    def end(self) -> None:
        """There is nothing more to journal."""


class _Polling:
    """Tells on stderr what a poll waits for."""

    def __init__(self, out: Output) -> None:
        self._out, self._waits = out, Waits(out, "")

    def __call__(self, progress: SyncProgress) -> None:
        """Tell it."""
        self._waits(progress.waiting)
        if self._out.notes_on_terminal:
            self._out.rewrite(f"asking MemOS … {progress.waiting}")


def _waiting(out: Output, summary: Callable[[], str]) -> Callable[[float], Awaitable[object]]:
    """Return what waits, and tells on a terminal how long."""

    async def wait(seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if out.notes_on_terminal:
                out.rewrite(f"asks again in {left:.0f} s · {summary()}")
            await asyncio.sleep(min(left, 1.0) if out.notes_on_terminal else left)

    return wait


def _whom(args: argparse.Namespace) -> list[SubjectRef]:
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.watching.calm import MOST_WATCHED

    refs = [SubjectRef("user", name) for name in args.user]
    refs += [SubjectRef("agent", name) for name in args.agent]
    refs = list(dict.fromkeys(refs))
    if len(refs) > MOST_WATCHED:
        raise Usage(f"At most {MOST_WATCHED} can be watched at once; {len(refs)} are named.")
    return refs


def _plan(watched: Watched) -> str:
    """Return whom a watch asks about, and how often."""
    named = [ref.external_id for ref in watched.refs[:3]]
    whom = ", ".join(named) if len(watched.refs) <= len(named) else f"{len(watched.refs):,}"
    text = (
        f"Watching {whom}: every {watched.shortest:.0f} s, every {watched.longest:.0f} s after a "
        f"while without changes; {watched.per_minute:.1f} requests a minute at most while nothing "
        "changes. Ctrl+C ends it."
    )
    if watched.left_out:
        text += (
            f" {watched.left_out:,} more are on the roster and not watched: these are the ones of "
            "the latest activity; --user names others."
        )
    return text


def _line(row: dict[str, Any], found: Found) -> str:
    view = VIEWS.get(row["view"], row["view"] or "Messages")
    if row["messages"]:
        what = f"{row['messages']:,} new in {row['conversation_id']}"
    else:
        what = row["title"] or _shortened(row["content"] or "")
    told = [str(row["found_at"])[:19] + "Z", row["kind"], row["user_id"], view, what]
    if row["reason"]:
        told.append(row["reason"])
    told += [_words(one) for one in found.differences]
    return _flat("  ".join(told))


def _words(difference: Difference) -> str:
    """Return what of a field is gone and new, with a little of what stayed."""
    from memos_admin.backend.worddiff import marked

    parts = []
    for part in difference.parts:
        text = part.text
        if part.kind == "same" and len(text) > 2 * _CONTEXT:
            parts.append(f"{text[:_CONTEXT]}…{text[-_CONTEXT:]}")
        else:
            parts.append(marked(part._replace(text=_shortened(text))))
    return f"{difference.field}: {_shortened(difference.between.join(parts))}"


def _json_words(difference: Difference) -> dict[str, Any]:
    of = {
        kind: [part.text for part in difference.parts if part.kind == kind]
        for kind in ("gone", "new")
    }
    return {"field": difference.field, **of}


def _row_came(task_id: str, came: Came) -> dict[str, Any]:
    said = came.said
    return {
        "task_id": task_id,
        "memory_id": came.memory_id,
        "view": came.view,
        "guess": came.guess,
        "user_id": said.ref.external_id if said and said.ref else None,
        "title": said.title if said else None,
        "content": said.content if said else None,
        "status": said.status if said else None,
    }


def _line_came(came: Came) -> str:
    said = came.said
    text = (said.title or _shortened(said.content)) if said else ""
    whose = said.ref.external_id if said and said.ref else ""
    view = VIEWS.get(came.view, came.view)
    return _flat("  ".join([f"{came.guess}?", whose, view, text, came.memory_id]))


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST else beginning(text, _MOST - 1) + "…"


def _flat(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split("\n")).replace("\r", " ").replace("\t", " ")


def _clock(ms: int) -> str:
    return str(utc(ms))[11:19]


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
