"""What is older than the first message that MemOS serves: it may have served others before."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from memos_admin.backend import roster
from memos_admin.backend.evidence.review import review
from memos_admin.backend.export.completeness import of_conversation
from memos_admin.backend.export.rows import message_rows
from memos_admin.backend.ledger import document, holes, ledger
from memos_admin.backend.ledger.words import facts, hole_words
from memos_admin.backend.model import Conversation, SubjectRef
from memos_admin.backend.subject_access.bundle import Order, export
from memos_admin.backend.sync import SyncScope, beginnings, sync
from memos_admin.backend.times import parse_service_time, utc_text
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from memos_admin.store.errors import StoreInterrupted
from memos_admin.tui.words.notes import before_the_first, transcript_note
from tests.backend.service import Service, a_memory, a_message

ANN = SubjectRef("user", "ann")
FIRST = "2026-11-22 08:40:00"
OLDER = "2026-11-10 09:00:00"


def kettle(at: str | None, kind: str = "chat") -> Source:
    return Source(kind, excerpt="My kettle needs descaling", role="user", time=at)


def said(workspace: Workspace, name: str = "c1") -> Conversation:
    found = workspace.reads.conversation(ANN, name)
    assert found is not None
    return found


def in_zone(workspace: Workspace, zone: str) -> Conversation:
    """Open the store in a zone, and return what is known of the conversation."""
    workspace.project = replace(workspace.project, service_timezone=zone)
    with workspace.open_reads() as reads:
        found = reads.conversation(ANN, "c1")
    assert found is not None
    return found


async def read(workspace: Workspace) -> None:
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope(full=True))


@pytest.mark.parametrize(
    ("said_at", "missing"),
    [
        (OLDER, "outside the window"),
        (FIRST, "nowhere"),
        ("2026-11-22 09:00:00", "nowhere"),
        (None, "nowhere"),
    ],
)
async def test_a_source_older_than_the_first_message_may_have_been_there(
    workspace: Workspace, service: Service, said_at: str | None, missing: str
) -> None:
    service.say("ann", "c1", a_message("The parcel has come.", at=FIRST))
    service.put("ann", a_memory("m1", conversation_id="c1", sources=(kettle(said_at),)))
    await read(workspace)
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    supports = [one for part in review(workspace.reads, subject) for one in part.supports]
    assert [one.missing for one in supports] == [missing]
    assert said(workspace).from_beginning == (missing == "nowhere")


@pytest.mark.parametrize(
    ("memory", "from_beginning"),
    [
        ({"create_time": OLDER}, False),
        ({"create_time": "1794305612302"}, False),  # 10 November 2026, as listings have it
        ({"create_time": "2026-11-22T08:40:00.922Z"}, True),
        ({"create_time": "2026-11-22T08:39:59Z"}, False),
        ({"create_time": "2026-11-23 08:00:00"}, True),
        ({"create_time": None}, True),
        ({"sources": (kettle(OLDER),)}, False),
        ({"sources": (kettle(OLDER, kind="document"),)}, True),
        ({"sources": (kettle("no time"),)}, True),
        ({"create_time": OLDER, "sources": (kettle(FIRST),)}, False),
        # Made elsewhere perhaps, and said anew by this conversation, as it tells itself.
        ({"create_time": OLDER, "update_time": FIRST, "sources": (kettle(FIRST),)}, True),
        ({"create_time": OLDER, "update_time": FIRST}, False),
        ({"update_time": FIRST, "sources": (kettle(OLDER), kettle(FIRST))}, False),
    ],
)
async def test_a_short_window_proves_no_beginning_where_something_is_older(
    workspace: Workspace, service: Service, memory: dict[str, Any], from_beginning: bool
) -> None:
    service.say("ann", "c1", a_message("The parcel has come.", at=FIRST))
    service.put("ann", a_memory("m1", conversation_id="c1", **memory))
    await read(workspace)
    assert said(workspace).from_beginning is from_beginning
    assert (said(workspace).older_at is None) is from_beginning


async def test_all_places_say_the_same_of_it(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    service.say("ann", "c1", a_message("The parcel has come.", at=FIRST))
    service.put("ann", a_memory("m1", conversation_id="c1", sources=(kettle(OLDER),)))
    await read(workspace)
    reads, one = workspace.reads, said(workspace)
    older = parse_service_time(OLDER, workspace.zone)
    assert older is not None
    assert [row["gap_before"] for row in message_rows(reads, "p", one)] == [True]
    [line] = of_conversation(reads, one)
    assert line.startswith("The conversation is known as far back as MemOS shows")
    assert line.endswith("a memory goes back to 2026-11-10.")
    whole, project = ledger(reads, ANN), ledger(reads, None)
    assert (whole.windows.late, whole.windows.older) == (1, 1)
    assert (project.windows.late, project.windows.older) == (1, 1)
    told = document(reads, whole)
    assert told["conversations"]["not_from_the_beginning"] == 1
    assert told["places"]["listed"][0]["older_memory_at"] == utc_text(older)
    lines = [fact.text for _heading, some in facts(whole, utc_text) for fact in some]
    assert [line for line in lines if "as far back as MemOS shows" in line]
    assert [line for line in lines if line.startswith("1 is known as far back as MemOS shows; ")]
    assert not [line for line in lines if "was not served" in line]
    [hole] = holes(reads, ANN)
    assert f"a memory goes back to {utc_text(older)}" in hole_words(hole, utc_text)
    assert "a memory goes back to 10 Nov 2026" in before_the_first(one, 0)
    assert "from the start" not in [part.text for part in transcript_note(one, 0)]
    path = tmp_path / "out" / "b.zip"
    path.parent.mkdir()
    export(workspace, Order(ANN, "T-1"), path)
    with zipfile.ZipFile(path) as archive:
        files = {
            name: archive.read(name).decode() for name in archive.namelist() if "xls" not in name
        }
    [header, row] = files["conversations.csv"].splitlines()
    assert dict(zip(header.split(","), row.split(","), strict=True))["from_beginning"] == "0"
    assert "and a memory goes back to" in files["your-data.md"]
    assert "known as far back as MemOS shows" in files["your-data.md"]
    manifest = json.loads(files["manifest.json"])
    assert 'not_from_the_beginning": 1' in json.dumps(manifest)
    [line] = [text for text in files["data.jsonl"].splitlines() if '"conversation"' in text[:60]]
    assert json.loads(line)["from_beginning"] is False
    assert json.loads(line)["older_memory_at"] == utc_text(older)


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
async def test_what_another_conversation_said_then_proves_nothing(
    workspace: Workspace, service: Service, names: tuple[str, str]
) -> None:
    """Whichever of the two is read first."""
    there, here = names
    service.say("ann", there, a_message("My kettle needs descaling", at=OLDER))
    service.say("ann", here, a_message("The parcel has come.", at=FIRST))
    service.put(
        "ann",
        a_memory("m1", conversation_id=here, create_time=OLDER, sources=(kettle(OLDER),)),
        a_memory("m2", conversation_id=there, sources=(kettle(OLDER),)),
    )
    await read(workspace)
    assert [said(workspace, name).from_beginning for name in names] == [True, True]
    late = kettle("2026-11-09 09:00:00")
    service.put("ann", a_memory("m3", conversation_id=here, sources=(kettle(OLDER), late)))
    await sync(workspace, SyncScope(full=True))
    assert not said(workspace, here).from_beginning


async def test_an_older_memory_that_comes_later_takes_the_proof_away(
    workspace: Workspace, service: Service
) -> None:
    service.say("ann", "c1", a_message("The parcel has come.", at=FIRST))
    service.put("ann", a_memory("m1", conversation_id="c1"))
    await read(workspace)
    assert said(workspace).from_beginning
    service.put("ann", a_memory("m2", conversation_id="c1", create_time=OLDER))
    await sync(workspace, SyncScope(full=True))
    assert not said(workspace).from_beginning
    service.put("ann", a_memory("m2", conversation_id=None, create_time=OLDER))
    await sync(workspace, SyncScope(full=True))
    assert said(workspace).from_beginning


async def test_in_another_zone_times_compare_anew(workspace: Workspace, service: Service) -> None:
    service.say("ann", "c1", a_message("The parcel has come.", at=FIRST))
    made = "2026-11-22T05:00:00Z"  # the message is of 8:40, wherever that is
    service.put("ann", a_memory("m1", conversation_id="c1", create_time=made))
    await read(workspace)
    assert not in_zone(workspace, "UTC").from_beginning
    assert in_zone(workspace, "Asia/Shanghai").from_beginning


async def test_a_zone_that_was_read_half_is_looked_at_by_the_next_opening(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.say("ann", "c1", a_message("The parcel has come.", at=FIRST))
    service.put("ann", a_memory("m1", conversation_id="c1", create_time="2026-11-22T05:00:00Z"))
    await read(workspace)

    def end(*_: object) -> None:
        raise StoreInterrupted("the program is ending")

    assert not said(workspace).from_beginning
    zone = "Asia/Shanghai"
    with monkeypatch.context() as patch:
        patch.setattr(beginnings, "look_everywhere", end)
        with pytest.raises(StoreInterrupted):
            in_zone(workspace, zone)
    assert workspace.reads.setting("service_timezone") == zone
    assert not said(workspace).from_beginning
    assert in_zone(workspace, zone).from_beginning
