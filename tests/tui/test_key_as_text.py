"""The API key, pasted where anything else is asked for: no field takes it, shows it or does anything with it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import events
from textual.app import ComposeResult
from textual.widgets import Input

import memos_admin.tui
from memos_admin.backend import occasion
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.jobs.searching import SearchState
from memos_admin.tui.telling import Telling
from memos_admin.tui.widgets.entry import Entry, TextEntry
from tests.backend.journals import entries
from tests.backend.service import Service
from tests.tui.hosting import Make, hosted, paste, told
from tests.tui.looking import Look, misses, opened, press, seen, sees, until
from tests.tui.test_jump import box
from tests.tui.test_recall import screen as recall
from tests.tui.test_search import screen as search

KEY = "mpg-0123456789abcdefghijklmnop"
REFUSED = "That is the API key, which does not belong here."


@pytest.fixture(autouse=True)
def _no_ticket() -> Iterator[None]:
    yield
    occasion.end()


def typed(look: Look) -> str:
    field = look.app.focused
    assert isinstance(field, Input)
    return field.value


@pytest.mark.parametrize(
    "make",
    [recall(), search(), search(state=SearchState(recall=True)), box()],
    ids=["recall lab", "search", "what MemOS recalls", "jump box"],
)
async def test_it_is_refused_and_not_sent(
    story: Workspace, service: Service, size: tuple[int, int], make: Make
) -> None:
    async with hosted(story, size, make) as (look, _):
        requests = service.requests.copy()
        await paste(look, f"tea {KEY}")
        await told(look, REFUSED)
        assert typed(look) == "tea "
        assert service.requests == requests


async def test_no_field_of_the_main_screen_takes_it(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        for keys in (["T"], ["b"], ["slash"], ["enter", "slash"], ["f"]):
            await press(look, *keys)
            await paste(look, f"x{KEY}y")
            await told(look, REFUSED)
            assert typed(look) == "x"
            assert KEY not in seen(look)
            await press(look, "ctrl+u", "escape")
        await press(look, "T")
        await paste(look, KEY)
        await press(look, *"SUP-7", "enter")
        await told(look, "From now on for ticket SUP-7.")
    assert not any(KEY in str(entry) for entry in entries(story.home))


async def test_the_palette_does_not_keep_it(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "ctrl+p")
        await paste(look, KEY)
        await until(look, lambda: KEY not in seen(look) and not typed(look))
        await told(look, REFUSED)


async def test_what_a_terminal_types_behind_it_is_no_ticket(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "T", *KEY, *".txt", "enter")
        await told(look, REFUSED)
        assert typed(look) == ".txt"
        await misses(look, "From now on")
        await press(look, "ctrl+u", *"SUP-7", "enter")
        await told(look, "From now on for ticket SUP-7.")


class Form(Telling):
    """A field that hides what is typed, for a key; one that holds a key already, and one of several lines."""

    def compose(self) -> ComposeResult:
        yield Entry(password=True)
        yield Entry(f"keep {KEY}", id="held")
        yield TextEntry()


async def test_a_field_for_a_key_takes_it_and_one_that_has_it_can_be_edited() -> None:
    async with Form().run_test(size=(80, 24), notifications=True) as look:
        await paste(look, KEY)
        assert typed(look) == KEY
        look.app.query_one("#held").focus()
        await look.press("end", "!")
        assert typed(look) == f"keep {KEY}!"


async def test_a_text_of_several_lines_takes_it_from_nobody() -> None:
    async with Form().run_test(size=(80, 24), notifications=True) as look:
        field = look.app.query_one(TextEntry)
        field.post_message(events.Paste(f"one\n{KEY}"))
        await sees(look, "That is the API key")
        assert field.text == ""


def test_every_field_is_one_that_refuses_it() -> None:
    folder = Path(memos_admin.tui.__file__).parent
    made = {
        f"{path.name}: {ast.unparse(node)}"
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"Input", "TextArea", "MaskedInput"}
    }
    assert made == set()
    based = {
        f"{path.name}: {node.name}"
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and {ast.unparse(base) for base in node.bases} & {"Input", "TextArea", "MaskedInput"}
    }
    assert based == {"entry.py: Entry", "entry.py: TextEntry"}
