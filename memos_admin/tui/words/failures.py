"""What an error says, on the screen and where the screen's threads end with one: without any key."""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from typing import Any

from memos_admin.backend.keys import without_keys
from memos_admin.language import sentences


def said_by(error: BaseException) -> str:
    """Return what an error and its notes say, its kind where it says nothing; not gated, without any key.

    What is raised by a library may hold what it was given.
    """
    notes = getattr(error, "__notes__", ())
    return without_keys(sentences(str(error) or type(error).__name__, *notes))


def report_without_keys() -> None:
    """Take keys out of what Python reports of errors that nobody waits for, from now on.

    Those of threads, which the interface leaves behind at its end, and those of finalizers: Python
    would write them to the terminal as they are.
    """

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            _report(args.exc_value)

    def in_finalizer(args: sys.UnraisableHookArgs) -> None:
        if args.exc_value is not None:
            _report(args.exc_value)

    threading.excepthook, sys.unraisablehook = in_thread, in_finalizer


def report_of_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report, as a handler of the event loop, an error of a task that nobody waits for."""
    error = context.get("exception")
    if isinstance(error, BaseException):
        _report(error)
    else:
        _write(str(context.get("message", "")))


def _report(error: BaseException) -> None:
    _write("".join(traceback.format_exception(error)))


def _write(text: str) -> None:
    if sys.stderr is not None:
        print(without_keys(text).rstrip(), file=sys.stderr)
