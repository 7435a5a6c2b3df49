"""Dialogs whose texts a person narrows by words: ``/`` opens a field, ``escape`` closes it first."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

T = TypeVar("T")


class Narrowed(ModalScreen[T]):
    """Such a dialog has one field, which is hidden at first."""

    @property
    def narrowed(self) -> Widget:
        """What is narrowed, and has the focus while nothing is typed."""
        raise NotImplementedError

    def action_narrow(self) -> None:
        """Let a person type words."""
        self.query_one(Input).display = True
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        """Drop the words, else leave."""
        field = self.query_one(Input)
        if not field.display:
            self.dismiss(None)
            return
        field.value, field.display = "", False
        self.narrowed.focus()
