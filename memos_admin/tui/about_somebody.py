"""Screens that are about somebody, with whom they go when that one is not in the store any more."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from memos_admin.backend.model import SubjectRef


class AboutSomebody(Screen[Any], inherit_bindings=False):
    """A screen that knows whom it is about.

    Attributes:
        whom_about: that one; None: nobody, or nobody alone.
    """

    whom_about: SubjectRef | None = None

    def is_about(self, ref: SubjectRef) -> bool:
        """Whether there is nothing to be seen or answered here without this one."""
        return ref == self.whom_about

    def leave_behind(self) -> None:
        """Leave without an answer, since that one is gone."""
        self.dismiss(None)
