"""Which memories could not be compared with what was said, and why."""

from __future__ import annotations

from typing import Any

import pytest

from memos_admin.backend import roster
from memos_admin.backend.evidence.collected import Collected
from memos_admin.backend.evidence.kinds import UNCOMPARED
from memos_admin.backend.evidence.review import review
from memos_admin.backend.evidence.wording import why_not_compared
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from tests.backend.service import Service, a_memory, a_message

ANN = SubjectRef("user", "ann")
KETTLE = "My kettle needs descaling"
AT = "2026-11-22 08:40:00"
LATER, EARLIER = "2026-11-22 09:00:00", "2026-11-10 09:00:00"
SAYS = "[user perspective] The user must descale the kettle."


def came_of(at: str | None, excerpt: str | None = None, kind: str = "chat") -> dict[str, Any]:
    source = Source(kind, excerpt=excerpt, role="user", time=at, message_id="gone")
    return {"sources": (source,)}


CASES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),  # no source, and all of the conversation is here
    (came_of(AT, KETTLE), None),
    (came_of(EARLIER, "What is not here but quoted"), None),
    ({"conversation_id": None}, "none given"),
    ({"conversation_id": "long"}, "none given"),
    ({"conversation_id": "long", **came_of(None)}, "outside the window"),
    ({"conversation_id": None, **came_of(LATER)}, "not fetched"),
    (came_of(LATER), "nowhere"),
    (came_of(LATER, kind="document"), "knowledge base"),
    ({"conversation_id": "wide"}, "too long"),
    ({"content": "The parcel is late. " * 1_001}, "too long"),
    ({**came_of(AT, KETTLE), "content": "用户要给水壶除垢。"}, "nothing to compare"),
    ({**came_of(AT, KETTLE), "view": "skill"}, "other view"),
    ({"conversation_id": None, "view": "profile"}, "other view"),
]


@pytest.mark.parametrize(("memory", "reason"), CASES)
async def test_each_reason(
    workspace: Workspace, service: Service, memory: dict[str, Any], reason: str | None
) -> None:
    service.say("ann", "c1", a_message(KETTLE, at=AT))
    said = [
        a_message(f"Parcel {n}", at=f"2026-11-22 08:{n // 60:02}:{n % 60:02}") for n in range(50)
    ]
    service.say("ann", "long", *said)
    service.say("ann", "wide", a_message("Tea. " * 12_000 + KETTLE, at=AT))
    service.put("ann", a_memory("m1", **{"conversation_id": "c1", "content": SAYS, **memory}))
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope(full=True))
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    found = Collected()
    for part in review(workspace.reads, subject):
        found.take(part)
    (support,) = found.supports.values()
    assert support.uncompared == reason
    assert bool(why_not_compared(support)) is (reason is not None)
    assert found.compared == (reason is None)
    counts = {one.kind: one.total for one in found.counts() if one.list == "uncompared"}
    assert counts["all"] == (reason is not None)
    assert [kind for kind in UNCOMPARED if counts[kind]] == ([reason] if reason else [])


OF_OTHERS = {"another user", "not kept"}
"""Those that take more than one user or a setting: test_foreign_sources.py."""


def test_all_reasons_are_tried() -> None:
    assert {reason for _memory, reason in CASES} == {None, *UNCOMPARED} - OF_OTHERS
