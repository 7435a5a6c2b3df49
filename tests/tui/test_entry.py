"""Fields edit in the order of typing, also where a slow line delivers it at once."""

from __future__ import annotations

from functools import partial

import pytest
from textual.app import App, ComposeResult

from memos_admin.tui.widgets.entry import Entry, TextEntry
from tests.tui.looking import Look, until
from tests.tui.terminal import Terminal, on_terminal

BURSTS = (
    ("a\x7fb", "b"),
    ("one two\x17three", "one three"),
    ("no\x15yes", "yes"),
    ("ac\x1b[Db", "abc"),
    ("b\x1b[Ha\x1b[Fc", "abc"),
)
"""What a terminal sends, and what stands in the field then."""


class Form(App[None]):
    """One field."""

    def __init__(self, field: Entry | TextEntry) -> None:
        super().__init__()
        self.field = field

    def compose(self) -> ComposeResult:
        yield self.field

    @property
    def said(self) -> str:
        return self.field.value if isinstance(self.field, Entry) else self.field.text

    def empty(self) -> None:
        if isinstance(self.field, Entry):
            self.field.value = ""
        else:
            self.field.text = ""


@pytest.mark.terminal
@pytest.mark.parametrize("kind", [Entry, TextEntry])
async def test_what_arrives_in_one_read_is_done_in_its_order(
    kind: type[Entry | TextEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, terminal = Form(kind()), Terminal(80, 24)

    def says(text: str) -> bool:
        return app.said == text

    async def walk(look: Look) -> None:
        for typed, text in BURSTS:
            app.empty()
            terminal.type(typed)
            await until(look, partial(says, text), repr(typed))

    try:
        await on_terminal(app, terminal, walk, monkeypatch)
    finally:
        terminal.close()
