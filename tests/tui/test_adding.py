"""Ids are added from any list that is pasted, and are shown before."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from memos_admin.backend.model import SubjectRef
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.widgets.field import ListField
from tests.tui.looking import Look, at_both_sizes, go_to_user, opened, press, rest, rows, sees, told

Size = tuple[int, int]


async def paste(look: Look, text: str) -> None:
    """Paste a text into the field that has the focus."""
    assert isinstance(look.app.focused, Input)
    look.app.focused.post_message(events.Paste(text))
    await rest(look)


@at_both_sizes
async def test_a_pasted_list_is_shown_as_it_is_read_and_added_whole(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await press(look, "a")
        await paste(look, 'idx-1\nidx-2, agent:idx-3\n"idx 4"\nmemos_user_123')
        await sees(look, "Adds 4 users:", "  idx 4", "Adds 1 agent:", "  idx-3")
        await press(look, "enter")
        await sees(look, "Added 4 ids. 1 was here before.")
    for name in ("idx-1", "idx-2", "idx 4"):
        assert story.reads.subject(SubjectRef("user", name)) is not None
    assert story.reads.subject(SubjectRef("agent", "idx-3")) is not None


async def test_a_list_that_is_too_long_is_not_taken_in_part(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "a")
        await paste(look, "x " * ListField.most_pasted)
        await told(look, "import it from a file. Nothing was taken.")
        assert isinstance(look.app.focused, Input)
        assert look.app.focused.value == ""


async def test_quotes_alone_add_nothing(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "a", *"()", "enter")
        await told(look, "There is no id in this.")


async def test_conversations_are_read_from_a_list_too(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "a")
        await paste(look, "c-1, c-2")
        await sees(look, "Adds 2 conversations:")
        await press(look, "enter")
        await sees(look, "Added 2 ids.", "c-1", "c-2")


async def test_the_users_of_a_file_are_added(
    story: Workspace, size: Size, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "users of 2026.csv").write_text(
        "user_id,kind\nidx-1,\nidx-2,agent\n,\nmemos_user_123,user\n,agent\n"
    )
    async with opened(story, size) as look:
        await press(look, "I")
        await told(look, "Add the users of a file", "column user_id")
        await press(look, "l")
        await told(look, "lists/")
        await press(look, "right")
        await told(look, "lists/users of 2026.csv")
        await press(look, "right", "enter")
        await told(look, "Added 2 ids. 1 was here before.", "1 row without an id was passed over.")
    assert story.reads.subject(SubjectRef("agent", "idx-2")) is not None
    subject = story.reads.subject(SubjectRef("user", "idx-1"))
    assert subject is not None
    assert subject.known_from == "import"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a,b\n1,2\n", "This looks like a table without a column user_id"),
        (b"\xff\xfe\x00", "It is UTF-16 text."),
        (b"\n", "It holds no id."),
        (None, "No such file or directory"),
    ],
)
async def test_a_file_that_is_no_list_is_told_and_adds_nobody(
    story: Workspace, tmp_path: Path, content: bytes | None, why: str
) -> None:
    path = tmp_path / "list"
    if content is not None:
        path.write_bytes(content)
    before = len(story.reads.subject_pks())
    async with opened(story, (80, 24)) as look:
        await press(look, "I")
        await paste(look, str(path))
        await press(look, "enter")
        await told(look, why)
        assert "Added" not in "".join(rows(look))
    assert len(story.reads.subject_pks()) == before
