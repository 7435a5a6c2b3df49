"""Another program takes somebody out of the store who is open on the screen, asked about, or listed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from memos_admin.backend import roster
from memos_admin.backend.changing.said import Said
from memos_admin.backend.erasing import forgetting
from memos_admin.backend.history.changes import Change
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.watching.task import Came
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.actions import following
from memos_admin.tui.rows.live import Followed
from memos_admin.tui.screens.live import LiveScreen
from memos_admin.tui.screens.queue import QueueScreen
from tests.backend.service import Service, a_memory
from tests.tui.looking import (
    Look,
    go_to_user,
    main,
    misses,
    opened,
    press,
    rest,
    seen,
    sees,
    told,
    until,
)

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


DIALOGS = {
    "removal": ["escape", "D"],
    "erasure": ["escape", "D", "j", "j", "enter"],
    "full": ["escape", "F"],
    "ticket": ["escape", "W"],
    "conversations": ["a"],
    "write": ["tab", "w"],
}
"""Keys that open dialogs about the user whose conversations are chosen."""


@pytest.mark.parametrize("keys", DIALOGS.values(), ids=DIALOGS)
async def test_a_dialog_about_whom_another_program_has_erased_goes_and_says_it(
    story: Workspace, keys: list[str]
) -> None:
    async with opened(story, SIZE) as look:
        await go_to_user(look, "memos")
        await press(look, *keys)
        await until(look, lambda: look.app.screen.query("Dialog"), "a dialog")
        await erase(story)
        await sees(look, ERASED)
        await rest(look)
        await shows_nothing_of_it(look)


@pytest.mark.parametrize("keys", [["enter"], ["j", "enter", *MEMOS.external_id, "enter"]])
async def test_a_removal_or_erasure_that_comes_too_late_says_that_another_program_has_erased(
    story: Workspace, monkeypatch: pytest.MonkeyPatch, keys: list[str]
) -> None:
    monkeypatch.setattr(following, "STORE_SECONDS", 3600.0)
    async with opened(story, SIZE) as look:
        await go_to_user(look, "memos")
        await press(look, "escape", "D", "j", *keys[:-1])
        await erase(story)
        await press(look, keys[-1])
        await sees(look, ERASED)
        await rest(look)
        await shows_nothing_of_it(look)
        await misses(look, "Something in memos-admin failed")
        await misses(look, "add it")


Opens = Callable[[Look], Awaitable[object]]


async def to_its_review(look: Look) -> None:
    """Go through the memories of everyone, as far as one of the user's."""
    await press(look, "Q", "enter", "enter")
    for _step in range(20):
        if "memos_user_123" in seen(look):
            return
        await press(look, "n")


async def to_syncs(look: Look) -> None:
    """List the syncs, one of which was of the user alone."""
    await press(look, "c", "l")


async def to_changes_of_its_sync(look: Look) -> None:
    """Show what that one has found."""
    await press(look, "c", "u", "l", "enter")


async def to_verdicts(look: Look) -> None:
    """List the verdicts on memories of everyone, one of which is of the user."""
    screen = main(look)
    with screen.session.workspace.open_reads() as reads:
        memory = reads.memories(reads.memory_pks(Filter(subject=MEMOS)))[0]
    await screen.session.judging.give(memory, "wrong")
    await press(look, "8")


async def to_live(look: Look) -> None:
    """List what a watch of everyone has found, a memory of the user and what came of a task."""
    screen = main(look)
    with screen.session.workspace.open_reads() as reads:
        memory = reads.memories(reads.memory_pks(Filter(subject=MEMOS)))[0]
    watching = screen.watching
    watching.since, watching.number = 0, 1
    watching.found.append((MEMOS, Change("added", 1, memory.listing_pk)))
    said = Said("m-9", "fact", "Family of a task", "", "activated", ref=MEMOS)
    watching.tasks.append(Followed("t-1", 1, 0, came=(Came("fact", "m-9", "added", said),)))
    await watching.let_go_of_lost()
    look.app.push_screen(LiveScreen(screen.session, watching))


@pytest.mark.parametrize(
    ("go", "told"),
    [
        (to_its_review, "memos_user_123"),
        (to_syncs, "memos_user_123"),
        (to_changes_of_its_sync, "memos_user_123"),
        (to_verdicts, "memos_user_123"),
        (to_live, "Family"),
    ],
)
async def test_a_list_of_everyone_lets_go_of_whom_another_program_has_erased(
    story: Workspace, service: Service, go: Opens, told: str
) -> None:
    await bring_back(story, service)
    async with opened(story, SIZE) as look:
        await go_to_user(look, "li.wei")
        await go(look)
        await sees(look, told)
        screen = look.app.screen
        await erase(story)
        await misses(look, told)
        await rest(look)
        assert look.app.screen is screen
        assert "cannot be read" not in seen(look)


async def test_what_is_asked_in_a_list_of_everyone_goes_with_whom_it_is_about(
    story: Workspace,
) -> None:
    async with opened(story, SIZE) as look:
        await go_to_user(look, "li.wei")
        await to_its_review(look)
        await press(look, "1", "p", "comma")
        await sees(look, "Note: correct")
        await erase(story)
        await sees(look, ERASED)
        await misses(look, "Note: correct")
        await rest(look)
        assert isinstance(look.app.screen, QueueScreen)


async def test_what_is_told_of_whom_was_erased_names_the_project_at_hand(
    story: Workspace, service: Service
) -> None:
    service.details["m-1"] = replace(a_memory("m-1"), user_id=MEMOS.external_id)
    await erase(story)
    async with opened(story, SIZE) as look:
        await press(look, "ctrl+g", *"m-1")
        await press(look, "tab")
        there = f"memos-admin --project {story.project.name}"
        await told(look, "Nothing was read.", f"{there} users add memos_user_123")
