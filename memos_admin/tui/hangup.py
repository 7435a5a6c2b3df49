"""Ends the program when its terminal is gone (a closed window, a lost connection).

The terminal's end comes as SIGHUP only to those whose controlling terminal it was. Without this
watch the interface would wait for ever to write to nobody.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time

_GRACE_SECONDS = 3.0


def watch() -> None:
    """Watch standard input in the background; on a hang-up end the process as SIGHUP would."""
    if hasattr(select, "poll") and sys.stdin.isatty():
        threading.Thread(target=_watch, args=(sys.stdin.fileno(),), daemon=True).start()


def _watch(descriptor: int) -> None:
    poller = select.poll()
    poller.register(descriptor, 0)  # hang-ups and errors are told unasked
    poller.poll()
    os.kill(os.getpid(), signal.SIGHUP)
    time.sleep(_GRACE_SECONDS)
    os._exit(128 + signal.SIGHUP)  # a handler that waits for the terminal would wait for ever
