"""Starting: what is imported before the first paint, and the program in a real terminal."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HEAVY = ("httpx", "sqlmodel", "sqlalchemy", "keyring", "pydantic", "alembic", "sqlcipher3")


MASKING = ("memos_admin.backend.masking", "phonenumbers", "stdnum")
"""What nobody needs who masks nothing."""

LATER = ("memos_admin.backend.journal", "memos_admin.tui.screens.main")
"""What of ours only the screen behind the first frame needs."""


def test_the_interface_is_imported_without_what_it_needs_later() -> None:
    names = HEAVY + LATER + MASKING
    code = (
        "import sys, memos_admin.tui.app, memos_admin.tui.screens.opening, "
        f"memos_admin.backend.workspace; print([n for n in {names!r} if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


MAKE = """
project = Projects(home).add("p", base_url="http://127.0.0.1:9/api/openmem/v1")
Workspace(project, home).reads
"""

SHOW = """
from memos_admin.tui.app import MemosAdmin
async def main():
    app = MemosAdmin(home, Workspace(Projects(home).list()[0], home))
    async with app.run_test(size=(80, 24)) as look:
        while not (hasattr(app.screen, "desk") and app.screen.desk.panes.frames["users"]._empty.display):
            await look.pause()
        print([name for name in HEAVY if name in sys.modules])
asyncio.run(main())
"""


def test_the_first_paint_needs_none_of_it_either(isolated: Path) -> None:
    """The main screen of a project whose store exists is painted without them."""
    begin = f"""
import asyncio, sys
from pathlib import Path
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.workspace import Workspace
HEAVY = {HEAVY + MASKING!r}
home = Home(Path({str(isolated)!r}))
"""
    subprocess.run([sys.executable, "-c", begin + MAKE], check=True)
    done = subprocess.run(
        [sys.executable, "-c", begin + SHOW], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


class Terminal:
    """A real terminal: tmux, with the program in it."""

    def __init__(self, columns: int, lines: int, command: str) -> None:
        self._server = f"memos-admin-test-{uuid.uuid4().hex[:8]}"
        self._tmux("new-session", "-d", "-x", str(columns), "-y", str(lines), command)

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._server, "-f", "/dev/null", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def keys(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def until(self, condition: Callable[[str], bool], seconds: float = 60) -> str:
        deadline = time.monotonic() + seconds
        while not condition(text := self.screen()):
            assert time.monotonic() < deadline, text
            time.sleep(0.05)
        return text

    def close(self) -> None:
        self._tmux("kill-server")


@pytest.fixture
def terminal(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    columns, lines = request.param
    command = f"env -u COLUMNS -u LINES {sys.executable} -m memos_admin --demo; "
    command += "echo ended with $?; cat"
    opened = Terminal(columns, lines, command)
    yield opened
    opened.close()


@pytest.mark.terminal
@pytest.mark.needs("tmux")
@pytest.mark.parametrize("terminal", [(120, 40), (80, 24)], ids=str, indirect=True)
def test_the_demo_opens_in_a_terminal_and_quits(terminal: Terminal) -> None:
    terminal.until(lambda text: "memos_user_123" in text and "synced" in text.splitlines()[0])
    terminal.keys("/", "memos_user", "Enter")
    terminal.until(lambda text: "1 of 1 " in text and "li.wei" not in text)
    terminal.keys("Enter")
    terminal.until(lambda text: "0610" in text)
    terminal.keys("Enter")
    terminal.until(lambda text: "I want to travel during summer" in " ".join(text.split()))
    terminal.keys("q")
    terminal.until(lambda text: "ended with 0" in text)
