"""What is copied, written and exported is what is under the cursor of the focused pane."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from textual.widgets import Input

from memos_admin.backend.model import SubjectRef
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.jobs import taking
from tests.tui.looking import Look, go_to_user, main, misses, opened, press, sees, until
from tests.tui.story import KID

Size = tuple[int, int]
TRIP = "0a89db3a-2061-4c97-a1b8-45700f8745bc"


async def on_all_memories(look: Look) -> None:
    """Go to the row "all memories" of the user who travels."""
    await go_to_user(look, "memos")
    await press(look, "g")


async def test_y_copies_what_is_under_the_cursor_of_the_pane(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        await press(look, "y")
        assert look.app.clipboard == "0610"
        await press(look, "g", "enter", "G", "y")
        last = look.app.clipboard
        await press(look, "g", "y")
        assert {last, look.app.clipboard} == {TRIP, "c8b41a89-83b3-4512-b4f7-1dfca3570107"}
        chosen = look.app.clipboard
        await press(look, "enter", "y")  # the detail of the same memory
        assert look.app.clipboard == chosen
        await press(look, "escape", "escape", "escape", "y")
        assert look.app.clipboard == "memos_user_123"


async def test_all_memories_have_no_id_and_are_exported_as_such(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await on_all_memories(look)
        before = look.app.clipboard
        await press(look, "y")
        await sees(look, "All memories is no conversation")
        assert look.app.clipboard == before
        await press(look, "e")
        await sees(look, "● memories", "2 memories.")


async def test_e_on_a_memory_exports_the_conversation_beside_it(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await on_all_memories(look)
        await press(look, "enter", "e")
        await sees(look, "conversation 0610", "4 messages")
        assert len(look.app.screen_stack) == 3


async def test_e_where_no_conversation_is_shown_exports_the_memories(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "G", "enter", "e")  # memories that name no conversation
        await sees(look, "● memories as shown", "1 memory (of no conversation).")


async def test_e_among_users_exports_the_one_under_the_cursor(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "slash", *"memos", "enter", "e")
        await sees(look, "export from memos_user_123", "● all conversations", "4 messages.")


async def test_w_suggests_a_free_name_made_of_the_ids(story: Workspace, size: Size) -> None:
    folder = story.home.create_exports_dir()
    name = f"acme-prod-memos_user_123-{TRIP}"
    (folder / f"{name}.txt").write_text("mine")
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        await press(look, "enter", "tab", "G", "k", "j", "g")
        while main(look).desk.panes.memories.row.memory_id != TRIP:  # type: ignore[union-attr]
            await press(look, "j")
        await press(look, "w")
        field = look.app.screen.query_one(Input)
        await until(look, lambda: field.value, "a suggestion")
        assert field.value.endswith(f"{name}-2.txt")
        await press(look, "enter")
        await sees(look, "Wrote 75 characters to")
    assert (folder / f"{name}.txt").read_text() == "mine"
    written = folder / f"{name}-2.txt"
    assert written.read_text().startswith("[user perspective] The user plans")
    assert written.stat().st_mode & 0o777 == 0o600


async def test_w_keeps_the_path_and_says_what_is_wrong_with_it(
    story: Workspace, size: Size, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        await press(look, "enter", "G", "k", "w")
        field = look.app.screen.query_one(Input)
        await until(look, lambda: field.value, "a suggestion")
        assert "0610-message-3" in field.value
        field.value = "~/none/kid.txt"
        await press(look, "enter")
        await sees(look, "~/none/kid.txt cannot be written", "its folder is not there")
        assert field.value == "~/none/kid.txt"
        field.value = "~/kid.txt"
        await press(look, "enter")
        await sees(look, "Wrote 55 characters")
        await misses(look, "Where to?")
    assert (tmp_path / "kid.txt").read_text() == KID


async def test_w_where_there_is_no_text_says_so(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "slash", *"u-88", "enter", "tab", "tab", "w")
        await sees(look, "There is no text here to write")


def test_why_a_file_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "there.txt").touch()
    for path, words in (
        (tmp_path, "it is a folder"),
        (tmp_path / "there.txt", "it exists, and was left alone"),
        (tmp_path / "there.txt" / "x", "its folder is not there"),
        (tmp_path / ("x" * 300), "the name is too long"),
        (Path("~nobody-of-this-name/x"), "home directory"),
    ):
        with pytest.raises(taking.CannotWrite) as caught:
            taking.write_text(str(path), "text")
        assert words in str(caught.value)
        assert str(path) in str(caught.value)
        assert str(caught.value).endswith(".")
    assert (tmp_path / "there.txt").read_text() == ""


def test_no_text_is_written_to_a_file_named_by_the_api_key(tmp_path: Path) -> None:
    with pytest.raises(taking.CannotWrite, match="That is the API key, and no file name"):
        taking.write_text(str(tmp_path / "mpg-0123456789abcdefghijklmnop.txt"), "text")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "it is not allowed there"),
        (errno.EROFS, "it is not allowed there"),
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full, or your quota of it. Make room"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_reasons_of_the_system_are_put_into_words(number: int, words: str) -> None:
    said = taking.why_not(OSError(number, os.strerror(number)), "/there/x.txt")
    assert said.startswith(f"/there/x.txt cannot be written: {words}")


def test_a_text_that_cannot_be_written_whole_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_named: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(taking.CannotWrite, match="the disk is full"):
        taking.write_text(str(tmp_path / "x.txt"), "text")
    assert not (tmp_path / "x.txt").exists()


def test_a_suggested_path_is_short_for_ones_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "files").mkdir()
    ref, folder = SubjectRef("user", "a/b"), tmp_path / "files"
    told = taking.suggest_path("p", ref, "c", ending="txt", folder=folder)
    assert told == "~/files/p-a_b-c.txt"
