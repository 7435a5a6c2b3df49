"""Modules that are imported while the interface runs: in a thread, and out of the garbage collector's way.

A full collection walks through all that modules are made of and holds the screen up meanwhile, for a
tenth of a second where SQLAlchemy and the client are imported. It comes after some thirty pages of a list.
"""

from __future__ import annotations

import sys
from gc import freeze
from importlib import import_module
from typing import Any

from memos_admin.tui.reader import in_thread


async def imported(name: str) -> Any:
    """Return a module, imported in a thread at the first call."""
    known = name in sys.modules
    module = await in_thread(import_module, name)
    if not known:
        freeze()
    return module
