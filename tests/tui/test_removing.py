"""A user or a conversation is removed from this machine where it is seen."""

from __future__ import annotations

from memos_admin.backend.model import SubjectRef
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
