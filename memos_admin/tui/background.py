"""Work of a widget or screen that must not block it: named, and never the end of the program."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine
from shlex import join
from typing import TYPE_CHECKING, Any, cast

from textual.worker import Worker, active_worker

from memos_admin.backend.command_words import Place, told_for
from memos_admin.tui.typed_ahead import TypedAhead

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.widget import Widget
    from textual.worker import WorkType

    from memos_admin.tui.session import Session

Deed = Callable[[], Coroutine[Any, Any, None]]
"""An async function to call; not a coroutine, since one that is cancelled early would warn."""


def start(
    node: DOMNode,
    deed: Deed,
    group: str,
    *,
    exclusive: bool = True,
    awaited: bool = False,
    typing: bool = True,
    beside: Collection[Widget] = (),
    escapes: bool = False,
) -> None:
    """Run `deed` as a worker of `node`; commands that are told by it name the project that is open then.

    Args:
        node: a widget, a screen or the app.
        deed: what to do.
        group: of workers of the node.
        exclusive: it takes the place of an earlier one of its group.
        awaited: what is typed meanwhile waits for the end, or until it `arrived`; see `typed_ahead`.
        typing: what is typed into a field does not wait for that.
        beside: lists in which the cursor moves without that.
        escapes: ``escape`` does not wait, it takes that back.
    """
    place = Place(_project_of(node))

    async def work() -> None:
        with told_for(place):
            await deed()

    worker = node.run_worker(
        cast("WorkType[None]", work), group=group, exclusive=exclusive, exit_on_error=False
    )
    if awaited:
        hold(worker, typing=typing, beside=beside, escapes=escapes)


def _project_of(node: DOMNode) -> str:
    """Return the options that name the project that is open; ``""``: none is, or none are needed."""
    session: Session | None = getattr(node.app, "session", None)
    return "" if session is None else join(session.project_options)


def hold(
    worker: Worker[Any],
    *,
    typing: bool = True,
    beside: Collection[Widget] = (),
    escapes: bool = False,
) -> None:
    """Let what is typed wait for a worker, as `start` does."""
    if isinstance(app := worker.node.app, TypedAhead):
        app.hold(worker, typing=typing, beside=beside, escapes=escapes)


def goes_on() -> None:
    """Let what is typed wait again for the work that calls this, after it had `arrived` for a while."""
    if (worker := active_worker.get(None)) is not None:
        hold(worker)


def arrived(*, within: float = 0) -> None:
    """Let what is typed wait no longer for the work that calls this, or for so many seconds at most."""
    worker = active_worker.get(None)
    if worker is None or not isinstance(app := worker.node.app, TypedAhead):
        return
    if within:
        app.set_timer(within, lambda: app.arrived(worker))
    else:
        app.arrived(worker)
