"""A user or a conversation is removed from this machine where it is seen."""

from __future__ import annotations

from pathlib import Path

from memos_admin.backend.model import SubjectRef
from memos_admin.backend.upkeep import maintenance, turns
from memos_admin.backend.workspace import Workspace
from tests.tui.looking import go_to_user, main, opened, press, sees, told

Size = tuple[int, int]


async def test_a_mistyped_user_is_removed(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await press(look, "a", *"typo", "enter")
        await sees(look, "Added 1 id.")
        await press(look, "D")
        await told(look, "Remove typo", "Nothing of it is stored here. MemOS keeps what it has.")
        await press(look, "enter")  # the first answer keeps it
        assert story.reads.subject(SubjectRef("user", "typo")) is not None
        await press(look, "D", "j", "enter")
        await sees(look, "Removed typo here.")
        assert story.reads.subject(SubjectRef("user", "typo")) is None
        chosen = main(look).desk.subject
        assert chosen is not None
        assert chosen.ref.external_id != "typo"


async def test_who_is_added_while_somebody_is_removed_elsewhere_waits(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        async with turns.turn(story, alone=True, on_wait=turns.silently):
            await press(look, "a", *"typo")
            await look.press("enter")
            await sees(look, "waiting for another program that removes something")
            assert story.reads.subject(SubjectRef("user", "typo")) is None
        await sees(look, "Added 1 id.")


async def test_what_is_lost_is_said_before(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "memos")
        await press(look, "g", "D")
        await sees(look, "There is no user or conversation here to remove.")
        await press(look, "G", "D")
        await told(look, "Remove 0610", "Deletes its 4 messages here; memories that name it stay.")
        await press(look, "j", "enter")
        await sees(look, "Removed 0610 here.")
        await press(look, "escape", "D")
        await told(look, "Deletes 2 memories", "here, with what was gone from MemOS.")


async def test_a_user_is_erased_once_the_id_is_typed(story: Workspace, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    await maintenance.backup(story, copy)
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "memos")
        await press(look, "escape", "D", "j", "j", "enter")
        await told(look, "Erase memos_user_123", "Type memos_user_123 to erase it.")
        await told(look, "In the store and its index: 1 conversation, 4 messages, 2 memories")
        await told(look, "And in 1 backup")
        await press(look, *"memos", "enter")
        await told(look, "That is not its id. Nothing was changed.")
        assert b"memos_user_123" in copy.read_bytes()
        await press(look, *"_user_123", "enter")
        await sees(look, "Erased memos_user_123 here.")
        assert story.reads.subject(SubjectRef("user", "memos_user_123")) is None
        assert b"memos_user_123" not in copy.read_bytes()
        assert b"memos_user_123" not in story.store_path.read_bytes()


async def test_what_a_removal_waits_for_and_what_remains_is_said(
    story: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "disk").mkdir()
    await maintenance.backup(story, tmp_path / "disk" / "copy.db")
    (tmp_path / "disk").rename(tmp_path / "away")
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "memos")
        async with turns.turn(story, alone=False, on_wait=turns.silently):
            await press(look, "escape", "D", "j", "j", "enter")
            await told(look, f"Out of reach: {tmp_path / 'disk' / 'copy.db'}", "Attach that disk")
            await press(look, *"memos_user_123")
            await look.press("enter")
            await sees(look, "waiting until no sync and no backup")
            await sees(look, "erasing memos_user_123 here")
            assert story.reads.subject(SubjectRef("user", "memos_user_123")) is not None
        await told(look, "Not erased of memos_user_123", "Attach that disk")
        await told(
            look, f"memos-admin --project {story.project.name} store forget --user memos_user_123"
        )
