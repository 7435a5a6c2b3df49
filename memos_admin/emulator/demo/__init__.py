"""The demo: a small travel and shopping assistant and the people who talk to it.

The texts stand in ``people/*.toml``, one file a person, in the notation that `screenplay`
describes; ``quick_start.json`` is the example of the service's quick start, word for word. The data
are the same on every start.
"""

from __future__ import annotations

import functools
from importlib import resources

from memos_admin.emulator.demo.cast import Cast, Fixed
from memos_admin.emulator.demo.quick_start import add_quick_start


@functools.cache
def demo_data() -> Fixed:
    """Return the demo's data."""
    cast = Cast()
    add_quick_start(cast)
    people = resources.files(__name__) / "people"
    for file in sorted(people.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            cast.add(file.read_text("utf-8"), file.name)
    return cast.data()
