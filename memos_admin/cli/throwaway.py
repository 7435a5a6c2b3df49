"""A folder that is gone afterwards. Imports little: it is made before the interface is painted."""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

_REMOVALS = 5


@contextmanager
def throw_away_folder() -> Iterator[Path]:
    """Give a temporary folder that is gone afterwards, also when a signal ends the program.

    Enter it in the main thread: only there can signals be turned into an orderly end.
    """
    with _ending_well(signal.SIGTERM, signal.SIGHUP):
        folder = Path(tempfile.mkdtemp(prefix="memos-admin-demo-")).resolve()
        try:
            yield folder
        finally:
            # A thread that is still writing may put a file into a folder just emptied.
            for _ in range(_REMOVALS):
                shutil.rmtree(folder, ignore_errors=True)
                if not folder.exists():
                    break


@contextmanager
def _ending_well(*signals: signal.Signals) -> Iterator[None]:
    """Turn signals that would end the program at once into SystemExit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
