"""The demo: a small travel and shopping assistant and the people who talk to it.

The texts stand in ``people/*.toml``, one file a person, in the notation that `screenplay` and `cast`
describe; ``quick_start.json`` is the example of the service's quick start, word for word. The data
are the same on every start, but for what happened in the last weeks: that is dated back from today.
"""

from __future__ import annotations

import functools
import time
from importlib import resources

from memos_admin.emulator.demo.cast import Cast, Fixed
from memos_admin.emulator.demo.quick_start import add_quick_start
from memos_admin.emulator.demo.screenplay import DAY_MS


@functools.cache
def midnight() -> int:
    """Return the midnight (UTC) that the demo's last weeks count from, in epoch milliseconds.

    It stays the same for as long as the process lives.
    """
    return int(time.time()) // 86_400 * DAY_MS


@functools.cache
def demo_data(then: int | None = None) -> Fixed:
    """Return the demo's data, as of an instant in epoch milliseconds; None: as they are now."""
    cast = Cast(midnight(), then)
    add_quick_start(cast)
    for name, text in _people():
        cast.add(text, name)
    return cast.data()


@functools.cache
def _people() -> list[tuple[str, str]]:
    """Return the name and the text of each person's file."""
    files = (resources.files(__name__) / "people").iterdir()
    found = [(file.name, file) for file in files if file.name.endswith(".toml")]
    return [(name, file.read_text("utf-8")) for name, file in sorted(found, key=lambda of: of[0])]
