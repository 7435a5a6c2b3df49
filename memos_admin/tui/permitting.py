"""Follows whether a project may be changed: another program may allow it, or take that back, meanwhile.

What is sent asks for itself; this is for what a screen says.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.tui.reader import in_thread

if TYPE_CHECKING:
    from memos_admin.backend.projects.project import Project
    from memos_admin.backend.workspace import Workspace

SECONDS = 2.0
"""Between two looks; one is a `stat`."""


class Permission:
    """What the configuration says of a project, from now on."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._seen = _stamp(workspace.home.config_path)

    def is_stale(self) -> bool:
        """Whether the file was written since it was looked at last; it is looked at now."""
        seen, self._seen = self._seen, _stamp(self._workspace.home.config_path)
        return seen != self._seen

    async def read(self) -> Project | None:
        """Return the project with what may be done in it by now; None: the same as before.

        Where the configuration cannot be read it is the same too: whoever changes something is told.
        """
        from memos_admin.backend.changing.permission import standing
        from memos_admin.backend.home import HomeError

        shown = self._workspace.project
        try:
            found = await in_thread(standing, self._workspace.home, shown)
        except HomeError:
            return None
        if found.allow_writes == shown.allow_writes:
            return None
        return replace(shown, allow_writes=found.allow_writes)


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
