"""Work of a widget or screen that must not block it: named, and never the end of the program."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.worker import WorkType

Deed = Callable[[], Coroutine[Any, Any, None]]
"""An async function to call; not a coroutine, since one that is cancelled early would warn."""


def start(node: DOMNode, deed: Deed, group: str, *, exclusive: bool = True) -> None:
    """Run `deed` as a worker of `node`; if exclusive, in place of an earlier one of its group."""
    node.run_worker(
        cast("WorkType[None]", deed), group=group, exclusive=exclusive, exit_on_error=False
    )
