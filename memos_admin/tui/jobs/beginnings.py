"""Looking at where conversations begin, behind what is shown: once after an upgrade, or in another zone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from memos_admin.backend import daemon
from memos_admin.language import gettext as _
from memos_admin.tui.standing import Progress
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace


class Beginnings:
    """Does for a workspace what is due when its store is opened, while that is read already.

    Attributes:
        progress: how far it is; None: it is not at it.
        changed: called, in its thread, when that is another.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.progress: Progress | None = None
        self.changed: Callable[[], None] = lambda: None
        self._workspace = workspace
        self._beginning = threading.Lock()
        self._looks = False

    def look(self) -> None:
        """Begin, unless it is at it, or could not; from any thread, again and again."""
        with self._beginning:
            begins, self._looks = not self._looks, True
        if begins:
            daemon.start(self._look)

    def _look(self) -> None:
        from memos_admin.backend.errors import HomeError, StoreError

        try:
            with suppress(StoreError, HomeError):  # it is left to the next start
                self._workspace.look_at_beginnings(self._tell)
                self._looks = False
        finally:
            self._set(None)

    def _tell(self, done: int, total: int) -> None:
        text = _("Looking at where conversations begin: {of}").format(of=phrases.of(done, total))
        self._set(Progress(done, total, text))

    def _set(self, progress: Progress | None) -> None:
        self.progress = progress
        self.changed()
