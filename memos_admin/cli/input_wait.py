"""What is told while input is waited for that nobody has given yet: a terminal, a pipe, a FIFO."""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from memos_admin.cli.output import Output
from memos_admin.cli.progress import TELL_AFTER


@contextmanager
def told_while_waiting(
    out: Output, what: str, path: str | None = None, *, end: str = "Ctrl+D on a line of its own"
) -> Iterator[None]:
    """Tell on stderr what is waited for while the block reads, unless a file has it all.

    Who has a terminal before them is told at once, since nothing comes until they type it; for another
    program it is told where it takes a while.

    Args:
        out: where.
        what: is read, such as ``the text``.
        path: of what is read; None: standard input.
        end: what a person types behind it.
    """
    if path is None and sys.stdin is not None and sys.stdin.isatty():
        out.note(f"Type {what}, then {end}; Ctrl+C gives up.")
        yield
        return
    if not _may_keep_waiting(path):
        yield
        return
    whence = "standard input" if path is None else path
    late = threading.Timer(
        TELL_AFTER, out.note, [f"Waiting for {what}, from {whence} … (Ctrl+C gives up)"]
    )
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()


def _may_keep_waiting(path: str | None) -> bool:
    """Return whether a reader has to wait for another program."""
    try:
        mode = (os.fstat(sys.stdin.fileno()) if path is None else os.stat(path)).st_mode  # noqa: PTH116
    except (OSError, ValueError, AttributeError):  # not there, no descriptor, closed
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
