"""What is copied is obeyed by nobody: control, bidirectional and unseen characters are marks in it."""

from __future__ import annotations

import pytest

from memos_admin.backend.display import readable, unseen_in
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.app import MemosAdmin
from tests.backend.service import Service, a_memory
from tests.hostile import HOSTILE
from tests.tui.looking import Look, main, press, rest, seen, until
from tests.tui.terminal import Terminal, copied, on_terminal

EVIL = "ls\x1b]52;c;cm0gLXJmIH4=\x07\r\x9b2J\x00\u202eend\tone\r\ntwo\nthree 👩\u200d👧"
SHOWN = "ls␛]52;c;cm0gLXJmIH4=␇␍⟨U+009B⟩2J␀⟨U+202E⟩end\tone\ntwo\nthree 👩\u200d👧"


@pytest.mark.terminal
async def test_a_terminal_is_given_the_text_that_is_shown_and_told_so(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.put("ann", a_memory("m1", EVIL))
    assert (await sync(workspace, SyncScope((SubjectRef("user", "ann"),), full=True))).complete
    app = MemosAdmin(workspace.home, workspace)
    terminal = Terminal(120, 40)
    given: list[str] = []

    async def walk(look: Look) -> None:
        await rest(look)
        main(look).go_to("memories")
        await rest(look)
        await press(look, "Y")
        await until(look, lambda: app.clipboard)
        await until(look, lambda: "6 control and unseen characters are copied" in seen(look))
        given.extend(copied(terminal.sent_until_now(app)))

    try:
        await on_terminal(app, terminal, walk, monkeypatch)
    finally:
        terminal.close()
    assert given == [SHOWN]


@pytest.mark.parametrize("name", HOSTILE)
def test_as_many_are_told_as_have_marks(name: str) -> None:
    text = HOSTILE[name][:2_000]
    assert (unseen_in(text) == 0) or readable(text) != text
    assert unseen_in(readable(text)) == 0
    assert unseen_in(f"{text}\x00") == unseen_in(text) + (0 if text.endswith("\r") else 1)
