"""Completes the names of files in a field: the first one that goes on as what is typed."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from textual.suggester import Suggester

from memos_admin.backend.display import printable
from memos_admin.tui.reader import in_thread

MOST_LOOKED_AT = 10_000
"""Names in one folder; behind that nothing is completed."""


class PathSuggester(Suggester):
    """Suggests what stands in the folder that is typed; hidden files only when a dot is."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return what is typed with a name completed; None: there is no such name."""
        return await in_thread(_completed, value)


def _completed(typed: str) -> str | None:
    folder, begun = os.path.split(typed)
    if not typed or typed == "~":
        return None
    try:
        with os.scandir(Path(folder or ".").expanduser()) as entries:
            fitting = [
                entry.name + (os.sep if entry.is_dir() else "")
                for entry in islice(entries, MOST_LOOKED_AT)
                if entry.name.startswith(begun) and (begun or not entry.name.startswith("."))
                # A field shows its text as it is.
                if printable(entry.name) == entry.name
            ]
    except (OSError, RuntimeError, ValueError):
        return None
    return typed.removesuffix(begun) + min(fitting) if fitting else None
