"""``watch --task``: how far an asynchronous task is, and what came of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from memos_admin.backend.display import called
from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit
from memos_admin.cli.lists import utc
from memos_admin.cli.progress import until_asked_again
from memos_admin.cli.watch.lines import clock, flat, shortened

if TYPE_CHECKING:
    from memos_admin.backend.jump import FoundTask
    from memos_admin.backend.watching.task import Came
    from memos_admin.backend.workspace import Workspace


class Task:
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
            workspace, self._args.task, until_asked_again(self._out, self.summary)
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
            self._write(row, "  ".join([clock(now_ms()), state.state, ", ".join(counts)]))
        if self._last is None or self._last.state != "completed":
            return Exit.REFUSED
        came = await task.came_of(workspace, self._last)
        for one in came:
            self._write(_row(self._args.task, one), _line(one))
        if not all(one.sure for one in came):
            self._out.note(
                "MemOS names the memories of a task, not what it did to each. Guessed where a ? stands: "
                "added, if the store here did not have it; updated, if it did; gone, if MemOS has it no more."
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


def _row(task_id: str, came: Came) -> dict[str, Any]:
    said = came.said
    return {
        "task_id": task_id,
        "memory_id": came.memory_id,
        "view": came.view,
        "guess": came.guess,
        "sure": came.sure,
        "user_id": said.ref.external_id if said and said.ref else None,
        "title": said.title if said else None,
        "content": said.content if said else None,
        "status": said.status if said else None,
    }


def _line(came: Came) -> str:
    said = came.said
    text = (said.title or shortened(said.content)) if said else ""
    whose = called(said.ref) if said and said.ref else ""
    view = VIEWS.get(came.view, came.view)
    return flat(
        "  ".join(
            [came.guess if came.sure else f"{came.guess}?", whose, view, text, came.memory_id]
        )
    )
