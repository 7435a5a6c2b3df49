"""Sources older than the first message that MemOS serves: it may have served others before."""

from __future__ import annotations

import pytest

from memos_admin.backend import roster
from memos_admin.backend.evidence.review import review
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from tests.backend.service import Service, a_memory, a_message

ANN = SubjectRef("user", "ann")


@pytest.mark.parametrize(
    ("said_at", "missing"),
    [
        ("2026-11-10 09:00:00", "outside the window"),
        ("2026-11-22 09:00:00", "nowhere"),
        (None, "nowhere"),
    ],
)
async def test_a_source_older_than_the_first_message_may_have_been_there(
    workspace: Workspace, service: Service, said_at: str | None, missing: str
) -> None:
    service.say("ann", "c1", a_message("The parcel has come.", at="2026-11-22 08:40:00"))
    source = Source("chat", excerpt="My kettle needs descaling", role="user", time=said_at)
    service.put("ann", a_memory("m1", "descales", conversation_id="c1", sources=(source,)))
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope())
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    supports = [one for part in review(workspace.reads, subject) for one in part.supports]
    assert [one.missing for one in supports] == [missing]
