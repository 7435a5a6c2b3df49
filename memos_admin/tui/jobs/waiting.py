"""Another program that has the store locked: what is written waits for it, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from memos_admin.backend.display import one_line
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace

_LONGEST_NAME = 20
"""Cells of what a program is called."""


class Waiting:
    """Waits for as long as it takes.

    Attributes:
        said: what is waited for, ever shorter; none: nothing is.
        changed: called, in the writer's thread, when that is another.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.said: tuple[str, ...] = ()
        self.changed: Callable[[], None] = lambda: None
        self._workspace = workspace
        workspace.on_busy, workspace.on_free = self._busy, self._free

    def _busy(self) -> bool:
        holder = self._workspace.holder
        texts = [_("waiting: the store is locked")]
        if holder is None:
            texts.insert(0, _("waiting: another program has the store locked"))
        else:
            name = one_line(holder.name, _LONGEST_NAME)
            told = _("waiting: {name} (process {pid}) has the store locked")
            texts.insert(0, told.format(name=name, pid=holder.pid))
        self._say(*texts)
        return True

    def _free(self) -> None:
        self._say()

    def _say(self, *texts: str) -> None:
        if texts != self.said:
            self.said = texts
            self.changed()
