"""Memories that the last whole listing lacked, and that may be gone or not: what the screen says of them."""

from __future__ import annotations

from memos_admin.backend import roster
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from tests.backend.service import Service, a_memory
from tests.tui.looking import at_both_sizes, opened, press, told

ANN = SubjectRef("user", "ann")


@at_both_sizes
async def test_their_state_and_every_number_of_memories_say_it(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    service.put("ann", a_memory("m1"), a_memory("m2"), a_memory("m3", conversation_id="c2"))
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope((ANN,), full=True))
    service.details["m1"] = service.memories["user", "ann"].pop("m1")
    await sync(workspace, SyncScope((ANN,), full=True))
    async with opened(workspace, size) as look:
        await told(look, "≤3")
        await press(look, "enter", "g", "enter")
        await told(look, "in doubt", "of 3 · 1 in doubt")
        await press(look, "G", "enter")
        await told(look, "In doubt since", "does not say that it is gone")
    workspace.abandon()
