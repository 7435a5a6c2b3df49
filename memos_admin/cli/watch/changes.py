"""What ``watch`` tells of users and agents: each change that a poll has found."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from memos_admin.backend.command_words import program
from memos_admin.cli.changes import KINDS, row_of
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit
from memos_admin.cli.lists import counted
from memos_admin.cli.output import Output
from memos_admin.cli.progress import Waits, until_asked_again
from memos_admin.cli.watch.lines import clock, json_words, line

if TYPE_CHECKING:
    from memos_admin.backend.model import Filter, SubjectRef
    from memos_admin.backend.remote import Remote
    from memos_admin.backend.sync import SyncProgress
    from memos_admin.backend.watching.watch import Poll, Watched
    from memos_admin.backend.workspace import Workspace


class Changes:
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
        self._remote: Remote | None = None
        self._failing_since: int | None = None

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
            self._out.note(f"Nobody to watch. Add somebody: {program()} users add ID")
            return Exit.DONE
        self._journal({"interval": self._args.interval, "watched": len(watched.refs)})
        self._remote = await workspace.remote()
        self._out.note(_plan(watched))
        progress = _Polling(self._out)
        async for poll in asked.polls(until_asked_again(self._out, self.summary), progress):
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
            out.note(f"{clock(poll.at)} MemOS is read again, for the first time since {clock(poll.again_since)}.")  # fmt: skip
        if poll.trouble:
            then = "" if poll.next_in is None else " Trying on, more slowly."
            out.note(f"{clock(poll.at)} {poll.trouble}{then}")
        self._failing_since = poll.troubled_since
        if poll.first_read:
            out.note(
                f"{poll.first_read:,} memories and conversations with messages were read of somebody "
                "never synced before; they are not told one by one."
            )
        for found in poll.found:
            self._seen[found.change.kind] += 1
            row = row_of(found.change, found.about)
            if self._args.json:
                words = [json_words(one) for one in found.differences]
                out.json_line({**row, "words": words})
            else:
                out.line(line(row, found))
                out.data.flush()
        if poll.found and self._args.bell and out.notes_on_terminal:
            out.notes.write("\a")
            out.notes.flush()

    def when_over(self) -> Exit:
        """Return how it ends when its time is over."""
        if not self._polls:
            self._out.note("The time is over, and MemOS had not answered: nothing is known of it.")
            return Exit.PARTIAL
        return Exit.DONE if self._failing_since is None else Exit.PARTIAL

    def summary(self) -> str:
        """Return what was seen."""
        sent = 0 if self._remote is None else sum(self._remote.requests.values())
        if not self._polls:
            return f"Seen: nothing, since no poll was finished. {counted(sent, 'request')}."
        kinds = ", ".join(_number(kind, self._seen[kind]) for kind in KINDS if self._seen[kind])
        asked = f"{counted(self._polls, 'poll')}, {counted(sent, 'request')}"
        more = sent - self._requests  # of a poll that Ctrl+C or --for ended
        of_last = f", {more:,} of a poll that was not finished" if more > 0 else ""
        seen = f"Seen: {kinds or 'no change'}. {asked}{of_last}."
        if self._failing_since is None:
            return seen
        return (
            f"{seen} Since {clock(self._failing_since)} MemOS could not be read, or not all of it."
        )

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


def _number(kind: str, number: int) -> str:
    if kind == "messages":
        return f"{counted(number, 'conversation')} with new messages"
    if kind == "edited":
        return f"{counted(number, 'message')} changed"
    return f"{number:,} {kind}"


class _Polling:
    """Tells on stderr what a poll waits for."""

    def __init__(self, out: Output) -> None:
        self._out, self._waits = out, Waits(out, "")

    def __call__(self, progress: SyncProgress) -> None:
        """Tell it."""
        self._waits(progress.waiting)
        if self._out.notes_on_terminal:
            self._out.rewrite(f"asking MemOS … {progress.waiting}")


def _plan(watched: Watched) -> str:
    """Return whom a watch asks about, and how often."""
    named = [ref.external_id for ref in watched.refs[:3]]
    whom = ", ".join(named) if len(watched.refs) <= len(named) else f"{len(watched.refs):,}"
    bound = "or more (not all is known yet)" if watched.expense.at_least else "at most"
    text = (
        f"Watching {whom}: about every {watched.shortest:.0f} s, every {watched.longest:.0f} s after a "
        f"while without changes; {watched.per_minute:.1f} requests a minute {bound} while nothing "
        "changes. Ctrl+C ends it."
    )
    if watched.left_out:
        text += (
            f" {watched.left_out:,} more are on the roster and not watched: these are the ones of "
            "the latest activity; --user names others."
        )
    return text
