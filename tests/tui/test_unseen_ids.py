"""An id with a character that nobody sees is not taken for the one without it, which is another person's."""

import pytest
from textual import events
from textual.widgets import Input

from memos_admin.backend import roster
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.workspace import Workspace
from tests.tui.looking import Look, at_both_sizes, main, opened, press, rest, sees, told, until

Size = tuple[int, int]
PLAIN, ODD, SHOWN = "王芳", "王\u200b芳", "王⟨U+200B⟩芳"
PASTES = pytest.mark.parametrize("text", [ODD, SHOWN], ids=["as it is", "as it is copied"])


@pytest.fixture
async def two(story: Workspace) -> Workspace:
    await roster.add_subjects(story, [SubjectRef("user", PLAIN), SubjectRef("user", ODD)])
    return story


async def paste(look: Look, text: str) -> None:
    """Paste a text as a terminal does that says so."""
    await look.app.on_event(events.Paste(text))
    await rest(look)


@at_both_sizes
@PASTES
async def test_go_to_opens_who_is_pasted(two: Workspace, size: Size, text: str) -> None:
    async with opened(two, size) as look:
        await press(look, "ctrl+g")
        await paste(look, text)
        await sees(look, f"taken as {SHOWN}", "> user")
        await press(look, "enter")
        desk = main(look).desk
        await until(look, lambda: desk.subject is not None and desk.subject.ref.external_id == ODD)


@at_both_sizes
@PASTES
async def test_a_filter_leaves_who_is_pasted(two: Workspace, size: Size, text: str) -> None:
    async with opened(two, size) as look:
        await press(look, "slash")
        await paste(look, text)
        await sees(look, f"/ {SHOWN}", "1 of 1")
        desk = main(look).desk
        await until(look, lambda: desk.subject is not None and desk.subject.ref.external_id == ODD)


@at_both_sizes
async def test_who_is_pasted_is_added(story: Workspace, size: Size) -> None:
    await roster.add_subjects(story, [SubjectRef("user", PLAIN)])
    async with opened(story, size) as look:
        await press(look, "a")
        await paste(look, f"{ODD}\nevil\u202egnp.exe")
        await told(look, "Adds 2 users:", SHOWN, "evil⟨U+202E⟩gnp.exe")
        await press(look, "enter")
        await until(look, lambda: {ODD, "evil\u202egnp.exe"} <= names(story))


async def test_who_is_typed_by_a_terminal_that_does_not_say_that_it_pastes(two: Workspace) -> None:
    async with opened(two, (80, 24)) as look:
        await press(look, "ctrl+g")
        field = look.app.focused
        assert isinstance(field, Input)
        for char in ODD:
            field.post_message(events.Key(char, char))
        await sees(look, f"taken as {SHOWN}", "> user")


def names(workspace: Workspace) -> set[str]:
    with workspace.open_reads() as reads:
        return {name for _, name in reads.subject_ids()}
