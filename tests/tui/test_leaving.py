"""Another program takes somebody out of the store who is open on the screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from memos_admin.backend import roster
from memos_admin.backend.erasing import forgetting
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.actions import following
from tests.backend.service import Service
from tests.tui.looking import Look, go_to_user, main, misses, opened, press, rest, seen, sees

MEMOS = SubjectRef("user", "memos_user_123")
SIZE = (160, 40)
ERASED = "memos_user_123 was erased here by another program."
REMOVED = "memos_user_123 was removed here by another program."

Other = Callable[[Workspace], Awaitable[object]]


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STORE_SECONDS", 0.05)


def _nothing(_what: str) -> None:
    """Wait without a word."""


async def erase(workspace: Workspace) -> None:
    """Erase the user as another program does, over another connection."""
    other = Workspace(workspace.project, workspace.home)
    await forgetting.forget(other, MEMOS, _nothing)
    await other.close()


async def remove(workspace: Workspace) -> None:
    """Remove the user likewise."""
    other = Workspace(workspace.project, workspace.home)
    await roster.remove_subject(other, MEMOS)
    await other.close()


async def bring_back(workspace: Workspace, service: Service) -> None:
    """Read the user again, as another program does."""
    other = Workspace(workspace.project, workspace.home)
    other.use_remote(service)
    assert (await sync(other, SyncScope((MEMOS,), full=True))).complete
    await other.close()


async def shows_nothing_of_it(look: Look) -> None:
    """Return when nothing is shown of the user any more, and somebody else is chosen."""
    await misses(look, "summer vacation")
    await misses(look, "Family Trip")
    screen = main(look)
    desk = screen.desk
    assert look.app.screen is screen
    assert screen.pane == "users"
    assert desk.subject is not None
    assert desk.subject.ref != MEMOS
    assert desk.panes.users.row == desk.subject
    assert "MemOS returned no messages" not in seen(look)
    assert not screen.fetching.error


@pytest.mark.parametrize(
    ("leave", "said", "keys"),
    [(erase, ERASED, ["tab", "enter"]), (remove, REMOVED, ["tab"])],
    ids=["erased", "removed"],
)
async def test_who_is_taken_out_elsewhere_goes_from_the_screen_without_a_key(
    story: Workspace, leave: Other, said: str, keys: list[str]
) -> None:
    async with opened(story, SIZE) as look:
        await go_to_user(look, "memos")
        await press(look, *keys)  # a message whole, or among the others
        await sees(look, "summer vacation")
        await leave(story)
        await sees(look, said)
        await rest(look)
        await shows_nothing_of_it(look)


async def test_a_conversation_that_is_removed_elsewhere_goes_too(story: Workspace) -> None:
    async with opened(story, SIZE) as look:
        await go_to_user(look, "memos")
        await sees(look, "summer vacation")
        other = Workspace(story.project, story.home)
        await roster.remove_conversation(other, MEMOS, "0610")
        await other.close()
        await sees(look, "Conversation 0610 is no longer in this store.")
        await misses(look, "summer vacation")
        assert main(look).desk.subject == story.reads.subject(MEMOS)


KEYS = ("k", "r", "s", "i", "e")
"""Keys among the conversations: of the list, of what asks MemOS, and of screens."""


async def test_the_next_key_finds_that_somebody_is_gone_and_asks_nothing(
    story: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "STORE_SECONDS", 3600.0)
    async with opened(story, SIZE) as look:
        for key in KEYS:
            await go_to_user(look, "memos")
            await sees(look, "summer vacation")
            await erase(story)
            asked = sum(service.requests.values())
            await press(look, key)
            await sees(look, ERASED)
            await rest(look)
            await shows_nothing_of_it(look)
            assert sum(service.requests.values()) == asked, key
            assert story.reads.subject(MEMOS) is None
            await bring_back(story, service)
            main(look).reload()
            await rest(look)


async def test_a_dialog_on_whom_another_program_has_erased_calls_that_no_mistake(
    story: Workspace,
) -> None:
    async with opened(story, SIZE) as look:
        await go_to_user(look, "memos")
        await press(look, "escape", "D", "j")
        await erase(story)
        await press(look, "enter")
        await sees(look, "There is no user 'memos_user_123' on this project's roster.")
        await misses(look, "Something in memos-admin failed")
