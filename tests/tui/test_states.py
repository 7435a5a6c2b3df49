"""Every state has a face: what failed, why if that is known, what was kept, what to do next."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from memos_admin.backend import roster
from memos_admin.backend.home import Home
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.errors import (
    Busy,
    CloudError,
    QuotaExceeded,
    RateLimited,
    Refused,
    Unreachable,
    Unusable,
)
from memos_admin.tui.app import MemosAdmin
from tests.backend.service import Service, a_memory, a_message
from tests.tui.looking import (
    Look,
    at_both_sizes,
    go_to_user,
    main,
    misses,
    opened,
    press,
    rest,
    rows,
    seen,
    sees,
    told,
    until,
)
from tests.tui.story import LI, TRIP

Size = tuple[int, int]
Trouble = Callable[[str, str], None]

HOURS = 3 * 3_600_000_000_000
"""Three hours in nanoseconds."""


def raising(error: CloudError) -> Trouble:
    """A service that fails always."""

    def trouble(route: str, name: str) -> None:
        raise error

    return trouble


def well(route: str, name: str) -> None:
    """A service that works."""


def top(look: Look) -> str:
    """Return the top line."""
    return rows(look)[0].rstrip()


async def people(workspace: Workspace, service: Service, number: int) -> list[SubjectRef]:
    """Put users on the roster who have a memory and a message each; nothing of them is read."""
    refs = [SubjectRef("user", f"u{index:02}") for index in range(number)]
    for ref in refs:
        service.put(ref.external_id, a_memory(f"m-{ref.external_id}", conversation_id="c1"))
        service.say(ref.external_id, "c1", a_message("hello"))
    await roster.add_subjects(workspace, refs)
    return refs


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three hours pass."""
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + HOURS)


# -- nothing there yet -------------------------------------------------------------------------------


async def test_the_first_run_says_what_this_is_and_how_to_begin(home: Home, size: Size) -> None:
    app = MemosAdmin(home, None)
    async with app.run_test(size=size) as look:
        await rest(look)
        await sees(look, "memos-admin shows what", "Connect a project", "Open the demo", "q quit")


async def test_without_users_it_says_how_to_come_by_them(workspace: Workspace, size: Size) -> None:
    async with opened(workspace, size) as look:
        await told(look, "No users.", "press a to add them", "or I to add those that a file names")
    workspace.abandon()


async def test_a_user_never_read_says_which_key_reads_it(workspace: Workspace, size: Size) -> None:
    await roster.add_subjects(workspace, [SubjectRef("user", "bob")])
    async with opened(workspace, size) as look:
        await sees(look, "bob was never synced", "?")
        for pane in ("conversations", "transcript", "memories"):
            main(look).go_to(pane)
            await told(look, "Not fetched yet. Press r to ask MemOS")
        main(look).go_to("conversations")
        await press(look, "r")  # the key that was named works where it was named
        await misses(look, "Not fetched yet")
    workspace.abandon()


async def test_an_unknown_user_may_be_new_or_mistyped(workspace: Workspace, size: Size) -> None:
    await roster.add_subjects(workspace, [SubjectRef("user", "bbo"), SubjectRef("agent", "bot")])
    async with opened(workspace, size) as look:
        await press(look, "enter")
        await told(look, "MemOS lists no memories for this id", "new there, or mistyped")
        await told(look, "Press r to ask again", "or D among the users to remove this one")
        await press(look, "tab")
        await told(look, "No conversation of this user is known. Press a to add one")
        await press(look, "tab")
        await told(look, "MemOS lists no memories for this id. Press r")
        await press(look, "s")
        await told(look, "MemOS lists no memories for bbo: is the id right?")
        main(look).go_to("users")
        await press(look, "j", "enter")
        await told(look, "or D among the users to remove this one")
    workspace.abandon()


async def test_no_memories_of_a_conversation_are_not_no_memories_of_a_user(
    workspace: Workspace, service: Service, size: Size
) -> None:
    (ref,) = await people(workspace, service, 1)
    await sync(workspace, SyncScope())
    await roster.add_conversations(workspace, ref, ["c2"])
    service.say("u00", "c2", a_message("yo"))
    async with opened(workspace, size) as look:
        await press(look, "enter", "slash", *"c2", "enter", "enter", "tab")
        await told(look, "No memory was made from this conversation.", "1 listed in all")
    workspace.abandon()


async def test_a_conversation_without_a_user_s_memories_says_so_of_the_user(
    workspace: Workspace, service: Service, size: Size
) -> None:
    ref = SubjectRef("user", "bob")
    service.say("bob", "c2", a_message("yo"))
    await roster.add_subjects(workspace, [ref])
    await roster.add_conversations(workspace, ref, ["c2"])
    await sync(workspace, SyncScope())
    async with opened(workspace, size) as look:
        await press(look, "enter", "g", "enter")
        await told(look, "MemOS lists no memories for this id. Press r to ask again.")
        assert "from this conversation" not in seen(look)
    workspace.abandon()


# -- messages that are not there ---------------------------------------------------------------------


async def test_messages_never_fetched_and_never_served(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"unread", "enter", "tab")
        await told(look, "Messages not fetched yet. Press r to ask MemOS for them.")
        await press(look, "r")
        await told(look, "MemOS returned no messages", "may have been deleted", "Press r")


@at_both_sizes
async def test_deleted_messages_are_kept_and_said_to_be_served_no_more(
    story: Workspace, service: Service, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        await press(look, "enter")
        await sees(look, "4 messages · from the start")
        service.messages[TRIP.external_id, "0610"].clear()
        await press(look, "r")
        await sees(look, "I want to travel", "returned")
        if size[0] == 80:
            kept = "4 messages kept here · MemOS returned none of them just now"
            await sees(look, kept)
        assert "from the start" not in seen(look)
        await press(look, "F", "enter")
        await told(
            look, "Synced memos_user_123: nothing", "Of 1 conversation MemOS returned no messages"
        )
        await press(look, "c", "l")
        await sees(look, "Syncs", "1 conversation kept")
        await press(look, "escape", "escape")
        again = a_message("I am back", at="2025-09-10 10:00:00")
        service.say(TRIP.external_id, "0610", again)
        await press(look, "r", "G")
        await told(look, "MemOS no longer returns what stands above", "I am back")


@at_both_sizes
async def test_messages_are_told_as_of_when_memos_last_returned_any(
    story: Workspace, service: Service, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        await press(look, "enter")
        await sees(look, "4 messages · from the start")
        later(monkeypatch)
        service.messages[TRIP.external_id, "0610"].clear()
        await press(look, "r")
        none = "MemOS returned none of them just now" if size[0] == 80 else "none returned just now"
        await sees(look, f"as of 3 h ago · {none}")
        service.trouble = raising(Unreachable("Reading messages failed: no connection."))
        await press(look, "r")
        await sees(look, "no connection." if size[0] == 120 else "MemOS cannot be reached.")
        await press(look, "exclamation_mark")
        await told(look, "The messages that are shown were fetched 3 h ago, and stay.")


# -- the service says no -----------------------------------------------------------------------------

NO_CONNECTION = Unreachable(
    "Listing memories failed: no connection to https://memos.memtensor.cn. "
    "Check the address and the network."
)


@at_both_sizes
async def test_offline_shows_what_is_here_with_its_age_until_it_is_over(
    story: Workspace, service: Service, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        later(monkeypatch)
        service.trouble = raising(NO_CONNECTION)
        await press(look, "r")
        await sees(look, "MemOS cannot be reached.", "3 h ago", "Press r to try again.", "0610")
        assert "…" not in top(look)
        await press(look, "j", "k")
        assert "MemOS cannot be reached" in top(look)  # it stays
        await press(look, "exclamation_mark")
        await told(look, "no connection to https://memos.memtensor.cn", "Check the address")
        await told(
            look,
            "The memories that are shown were fetched 3 h ago, and stay. Press r to try again.",
        )
        await press(look, "escape")
        await sees(look, "memos_user_123 · in part (! why) · synced 3 h ago")
        await press(look, "exclamation_mark")  # it can be read again
        await told(look, "Not all of memos_user_123 could be read.", "no connection to")
        await press(look, "escape")
        service.trouble = well
        await press(look, "r")
        await sees(look, "memos_user_123 · synced just now")


async def test_an_unread_error_goes_when_what_failed_has_recovered(
    story: Workspace, service: Service, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        service.trouble = raising(NO_CONNECTION)
        await press(look, "r")
        await sees(look, "MemOS cannot be reached.")
        service.trouble = well
        await press(look, "r")
        await sees(look, "synced just now")
        assert "cannot be reached" not in seen(look)


async def test_an_error_that_is_not_over_stays_though_something_else_works(
    story: Workspace, service: Service, size: Size
) -> None:
    def trouble(route: str, name: str) -> None:
        if name == LI.external_id:
            raise Busy("Listing memories failed: the service cannot answer now (HTTP 503).")

    async with opened(story, size) as look:
        service.trouble = trouble
        await press(look, "S")
        await sees(look, "1 of 4 users could not be read completely.")
        await go_to_user(look, "memos")
        await press(look, "r", "escape", "escape")
        main(look).go_to("users")
        await press(look, "escape")  # the filter, so that S means everybody
        assert "1 of 4 users could not be read completely." in top(look)
        service.trouble = well
        await press(look, "S")
        await misses(look, "could not be read")


async def test_a_user_that_could_never_be_read_says_why_in_its_panes(
    workspace: Workspace, service: Service, size: Size
) -> None:
    await people(workspace, service, 1)
    service.trouble = raising(NO_CONNECTION)
    async with opened(workspace, size) as look:
        await press(look, "enter")
        await until(look, lambda: "Press r to try again." in top(look), "the error")
        await told(look, "no connection to https://memos.memtensor.cn", "Press r to try again.")
        assert "memories: Listing" not in seen(look)
        await press(look, "exclamation_mark", "escape")
        await sees(look, "u00 could not be read (! why)")
    workspace.abandon()


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            Unusable("Listing memories failed: the answer is text/html."),
            "The answer was not one of MemOS.",
        ),
        (RateLimited("Listing memories failed: the service limits."), "MemOS limits the rate"),
        (Busy("Listing memories failed: HTTP 503."), "MemOS cannot answer now."),
        (Refused("Listing memories failed: refused."), "MemOS refused the API key."),
        (QuotaExceeded("Listing memories failed: used up."), "The account has used up its calls."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, CloudError) else "",
)
async def test_what_the_service_says_fits_a_narrow_line_with_the_next_step(
    story: Workspace, service: Service, error: CloudError, line: str
) -> None:
    async with opened(story, (80, 24)) as look:
        await go_to_user(look, "memos")
        service.trouble = raising(error)
        await press(look, "r")
        await sees(look, line, "as of now")
        assert "…" not in top(look)
        assert any(f"{key} " in top(look) for key in ("r", "ctrl+k"))


@at_both_sizes
async def test_a_refused_key_names_the_key_that_gives_another(
    story: Workspace, service: Service, size: Size
) -> None:
    refused = "Listing memories failed: the service refused the API key (code 40132)."
    async with opened(story, size) as look:
        service.trouble = raising(Refused(refused, code=40132))
        await press(look, "S")
        await sees(look, "refused the API key", "0 of 4 users read.", "ctrl+k")
        await press(look, "exclamation_mark")
        await told(look, "code 40132", "0 of 4 users read. 4 were not listed completely.")
        await told(look, "was here before, stays", "ctrl+k to type another key")


@at_both_sizes
async def test_a_used_up_quota_stops_the_sync_says_how_far_it_came_and_goes_on(
    workspace: Workspace, service: Service, size: Size
) -> None:
    await people(workspace, service, 30)

    def used_up(route: str, name: str) -> None:
        if service.requests.total() > 20:
            raise QuotaExceeded(
                "Listing memories failed: the account has used up its calls (code 40304). "
                "Raise the quota in the MemOS console, or wait until it is renewed.",
                code=40304,
            )

    async with opened(workspace, size) as look:
        service.trouble = used_up
        await press(look, "S")
        await sees(look, "used up its calls", "of 30 users read.", "S", "Synced in part")
        assert "…" not in top(look)
        assert not main(look).fetching.syncing
        await press(look, "exclamation_mark")
        await told(look, "Raise the quota", "What was read", "Press S to go on with the rest.")
        asked = service.requests.total()
        service.trouble = well
        await press(look, "escape", "S")
        await sees(look, "synced just now")
        assert service.requests.total() - asked < 60  # those that were read are not read again
    workspace.abandon()


@at_both_sizes
async def test_a_partial_sync_says_how_many_are_missing_and_names_them(
    workspace: Workspace, service: Service, size: Size
) -> None:
    await people(workspace, service, 10)

    def trouble(route: str, name: str) -> None:
        if name == "u03" or (name == "u07" and route == "/get/message"):
            raise Busy("The service cannot answer now (HTTP 503).")

    async with opened(workspace, size) as look:
        service.trouble = trouble
        await press(look, "S")
        await sees(look, "2 of 10 users could not be read completely.", "Synced in part")
        assert any("u03" in row and ("!" in row or "problem" in row) for row in rows(look))
        assert "…" not in top(look)
        await press(look, "exclamation_mark")
        await told(look, "u03: The service", "u07, conversation c1: The service")
        await told(look, "The memories of 1 were listed, but not all of its messages were read.")
        await told(look, "1 was not listed completely.")
        await told(look, "The rest is kept. Press S to try again.")
        await press(look, "escape", "slash", *"u07", "enter")
        await sees(look, "u07 · in part (! why)")
        service.trouble = well
        await press(look, "escape", "S")
        await sees(look, "u07 · synced just now")
        await until(look, lambda: not any("problem" in row or "!" in row for row in rows(look)))
    workspace.abandon()
