"""Screens that are open while a sync brings something go on telling what the store has."""

from __future__ import annotations

import pytest

from memos_admin.backend import roster
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from tests.backend.service import Service, a_memory, a_message
from tests.tui.looking import main, misses, opened, press, told, until

ANN = SubjectRef("user", "ann")
SAID = "I have a boat in the harbour of Lisbon."


def tell(service: Service, number: int) -> None:
    """Have a message said, and a memory made from it."""
    said = f"{SAID} It is number {number}."
    service.say("ann", "c", a_message(said, at=f"2026-03-0{number} 10:00:00"))
    memory = a_memory(
        f"m-{number}", f"The user has boat {number}.", title=f"Boat {number}", conversation_id="c",
        sources=(Source("chat", excerpt=said, role="user"),),
    )  # fmt: skip
    service.put("ann", memory)


SCREENS = {
    "p": ("No memory is here.", "links 1", "links 2"),
    "i": ("Listed now: none", "Fact 1", "Fact 2"),
    "H": ("Nothing was read yet.", "+1", "+2"),
    "c": ("No sync has found a change", "Boat 1", "Boat 2"),
}
"""What screens say of nobody, of one memory, and of two, by their keys."""


@pytest.mark.parametrize("key", SCREENS)
async def test_what_a_sync_brings_is_told_where_a_screen_is_open(
    workspace: Workspace, service: Service, size: tuple[int, int], key: str
) -> None:
    none, one, two = SCREENS[key]
    await roster.add_subjects(workspace, [ANN])
    async with opened(workspace, size) as look:
        await press(look, key)
        await told(look, none)
        tell(service, 1)
        main(look).fetching.sync(ANN, full=True)
        await told(look, one)
        await misses(look, none)
        await until(look, lambda: not main(look).fetching.busy)
        tell(service, 2)
        main(look).fetching.sync(ANN, full=True)
        await told(look, two)


async def test_a_memory_that_is_reviewed_is_told_as_a_sync_has_changed_it(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    tell(service, 1)
    tell(service, 2)
    assert (await sync(workspace, SyncScope((ANN,), full=True))).complete
    async with opened(workspace, size) as look:
        await press(look, "Q", "enter", "enter")
        await told(look, "1 of 2", "has boat")
        for number in (1, 2):
            changed = a_memory(f"m-{number}", "The user sold the boat.", update_time="2031-01-01")
            service.put("ann", changed)
        main(look).fetching.sync(ANN, full=True)
        await told(look, "The user sold the boat.", "1 of 2")
        await misses(look, "has boat")
