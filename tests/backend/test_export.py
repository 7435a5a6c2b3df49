"""Exports of a real store: what stands in them, and what is said to be missing."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from memos_admin.backend import roster
from memos_admin.backend.export.exporting import ExportReport, export
from memos_admin.backend.export.rows import (
    MEMORY_COLUMNS,
    MESSAGE_COLUMNS,
    memory_rows,
    message_rows,
)
from memos_admin.backend.export.scope import ConversationScope, MemoriesScope, SubjectScope
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cli.messages import transcript
from memos_admin.cloud.answers import Source
from tests.backend.service import Service, a_memory, a_message

ANN = SubjectRef("user", "ann")
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "\ufeff@x",
    "one\r\ntwo\n\rthree",
    'say "hi", [/] [@click=app.quit]x[/]',
    "nul\0 esc\x1b]52;c;eA==\x07 c1\x9b2J bidi\u202e zwj\u200d",
    "家庭旅行 👨‍👩‍👧",
    "a\u2028b\u2029c\x85d",
    "-1",
    "",
]


async def filled(workspace: Workspace, *names: str) -> None:
    await roster.add_subjects(workspace, [SubjectRef("user", name) for name in names or ("ann",)])
    report = await sync(workspace, SyncScope(full=True))
    assert report.complete


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def test_a_conversation_is_a_row_a_message(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    service.say("ann", "0610", a_message("I like tea"), a_message("Noted.", "assistant"))
    service.put(
        "ann",
        a_memory("m1", conversation_id="0610", sources=(Source("chat", "I like tea", "user"),)),
        a_memory("m2", conversation_id="0610", sources=(Source("chat", "like tea", "user"),)),
        a_memory("m3", conversation_id="0610"),
    )
    await filled(workspace)
    path = tmp_path / "a.csv"
    report = export(workspace, ConversationScope(ANN, "0610"), output=path)
    text = path.read_bytes().decode()
    assert text.startswith(",".join(MESSAGE_COLUMNS) + "\r\n")
    assert text.count("\r\n") == text.count("\n") == 3
    first, second = rows_of(path)
    fetched = first.pop("fetched_at")
    assert first.pop("served_at") == fetched
    assert fetched.endswith("Z")
    assert len(fetched) == len("2025-09-17T07:58:05.922Z")
    assert first == {
        "project": "test",
        "subject_kind": "user",
        "user_id": "ann",
        "conversation_id": "0610",
        "seq": "1",
        "role": "user",
        "role_id": "",
        "role_name": "",
        "content": "I like tea",
        "tool_calls": "",
        "created_at": "2025-06-10T09:30:00.000Z",
        "updated_at": "2025-06-10T09:30:00.000Z",
        "gap_before": "0",
        "seam_before": "",
        "derived_memory_ids": "m1; m2",
    }
    assert (second["seq"], second["role"], second["derived_memory_ids"]) == ("2", "assistant", "")
    assert report == ExportReport(
        path=path,
        rows=2,
        guarded=0,
        incomplete=(),
        journal=report.journal,
        manifest=path.with_name("a.csv.manifest.json"),
    )
    assert re.match("Journal: entry [0-9]+, hash [0-9a-f]{64} ", report.journal)


@pytest.mark.parametrize("raw", [False, True])
async def test_hostile_texts_come_back_as_they_were_said(
    workspace: Workspace, service: Service, tmp_path: Path, raw: bool
) -> None:
    service.say("ann", "c1", *map(a_message, HOSTILE))
    await roster.add_subjects(workspace, [ANN])
    await roster.add_conversations(workspace, ANN, ["c1"])
    await sync(workspace, SyncScope(full=True))
    path = tmp_path / "a.csv"
    report = export(workspace, ConversationScope(ANN, "c1"), output=path, raw=raw, excel=True)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfproject,")
    found = [row["content"] for row in rows_of(path)]
    guarded = {"=cmd|' /C calc'!A0", "\ufeff@x", "-1"} if not raw else set()
    assert found == [f"'{text}" if text in guarded else text for text in HOSTILE]
    assert report.guarded == len(guarded)
    export(workspace, ConversationScope(ANN, "c1"), format="jsonl", output=path)
    assert [line["content"] for line in lines_of(path)[1:]] == HOSTILE


async def test_json_lines_lose_nothing(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    message = a_message("I like tea")
    message = replace(
        message,
        tool_calls=({"id": "t1"},),
        raw={**message.raw, "unknown": {"deep": [1, 0.1, None]}, "odd": "\ud800"},
    )
    service.say("ann", "c1", message)
    source = Source("chat", "I like tea", "user", None, "09:30")
    memory = a_memory("m1", type="UserMemory", sources=(source,))
    service.put("ann", memory)
    await filled(workspace)
    fields: dict[str, Any] = {"sources": (source,), "update_time": "1758095885922"}
    service.put("ann", a_memory("m1", "likes green tea", type="UserMemory", **fields))
    await sync(workspace, SyncScope(full=True))
    path = tmp_path / "a.jsonl"
    report = export(workspace, ConversationScope(ANN, "c1"), format="jsonl", output=path)
    conversation, said, made = lines_of(path)
    assert conversation["type"] == "conversation"
    assert (conversation["conversation_id"], conversation["from_beginning"]) == ("c1", True)
    assert said["type"] == "message"
    assert said["raw"] == message.raw
    assert said["tool_calls"] == [{"id": "t1"}]
    assert said["derived_memory_ids"] == ["m1"]
    assert said["create_time"] == "2025-06-10 09:30:00"
    assert (made["type"], made["memory_type"]) == ("memory", "UserMemory")
    assert made["content"] == "likes green tea"
    assert made["tags"] == ["a", "b"]
    assert made["updated_at"] == "2025-09-17T07:58:05.922Z"
    assert [one["content"] for one in made["earlier_versions"]] == ["likes tea"]
    assert made["sources"] == [
        {
            "kind": "chat",
            "role": "user",
            "excerpt": "I like tea",
            "message_id": None,
            "time": "09:30",
        }
    ]
    assert made["raw"]["id"] == "m1"
    assert not {"pk", "ref", "listing_pk"} & {*conversation, *said, *made}
    assert (report.rows, report.memories, report.guarded) == (1, 1, 0)


async def test_a_user_is_all_conversations_by_their_first_message(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    service.say("ann", "late", a_message("c", at="2025-06-12 09:00:00"))
    service.say("ann", "early", a_message("a", at="2025-06-10 09:00:00"))
    service.say("ann", "early", a_message("d", at="2025-06-13 09:00:00"))
    service.say("ann", "middle", a_message("b", at="2025-06-11 09:00:00"))
    service.say("bob", "early", a_message("not hers"))
    names = ("late", "early", "middle", "empty")
    service.put("ann", *(a_memory(f"m-{name}", conversation_id=name) for name in names))
    service.put("bob", a_memory("m-bob", conversation_id="early"))
    await filled(workspace, "ann", "bob")
    path = tmp_path / "a.csv"
    report = export(workspace, SubjectScope(ANN), output=path)
    assert [(row["conversation_id"], row["content"]) for row in rows_of(path)] == [
        ("early", "a"),
        ("early", "d"),
        ("middle", "b"),
        ("late", "c"),
    ]
    assert report.rows == 4
    report = export(workspace, SubjectScope(ANN), format="jsonl", output=path)
    types = [line["type"] for line in lines_of(path)]
    assert types == [*["conversation", "message", "message"], *["conversation", "message"] * 2,
                     "conversation", *["memory"] * 4]  # fmt: skip
    assert (report.rows, report.memories) == (4, 4)


async def test_memories_have_their_columns(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    service.put(
        "ann",
        a_memory(
            "m1",
            sources=(
                Source("chat", "I like tea", "user"),
                Source("message_id", message_id="17"),
                Source("doc", "a page"),
            ),
        ),
        a_memory("m2", "=1+1", title=None, confidence=None, tags=(), status=None),
    )
    await filled(workspace)
    path = tmp_path / "a.csv"
    report = export(
        workspace,
        MemoriesScope(Filter(subject=ANN, order="title", descending=False)),
        output=path,
    )
    assert path.read_bytes().startswith(",".join(MEMORY_COLUMNS).encode() + b"\r\n")
    two, one = rows_of(path)
    assert one["sources"] == "user: I like tea; message id 17; doc: a page"
    assert (one["tags"], one["confidence"], one["vanished"]) == ("a; b", "0.5", "0")
    assert one["updated_at"] == "2025-09-17T07:58:05.000Z"
    assert one["created_at"] == ""
    assert one["first_seen"].endswith("Z")
    assert (two["content"], two["title"], two["confidence"]) == ("'=1+1", "", "")
    assert (report.rows, report.guarded) == (2, 1)
    [listed] = report.incomplete
    assert re.fullmatch(
        r"No memory is known to be missing: all were last listed on \d{4}-\d\d-\d\d\.", listed
    )


async def test_rows_have_json_types(workspace: Workspace, service: Service) -> None:
    service.say("ann", "c1", a_message("I like tea"))
    service.put("ann", a_memory("m1"))
    await filled(workspace)
    conversation = workspace.reads.conversation(ANN, "c1")
    assert conversation is not None
    [message] = message_rows(workspace.reads, "test", conversation)
    assert tuple(message) == MESSAGE_COLUMNS
    assert message["gap_before"] is False
    assert message["derived_memory_ids"] == []
    [memory] = memory_rows(workspace.reads, "test", Filter())
    assert tuple(memory) == MEMORY_COLUMNS
    assert memory["vanished"] is False
    assert memory["tags"] == ["a", "b"]
    json.dumps([message, memory])


async def test_what_is_missing_is_said(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    def at(n: int) -> str:
        return f"2025-06-10 {n // 60:02d}:{n % 60:02d}:00"

    service.put("ann", a_memory("m1"))
    service.say("ann", "c1", *(a_message(f"m{n}", at=at(n)) for n in range(60)))
    await filled(workspace)
    service.say("ann", "c1", *(a_message(f"m{n}", at=at(n)) for n in range(60, 160)))
    await sync(workspace, SyncScope(full=True))
    await roster.add_conversations(workspace, ANN, ["c2"])
    path = tmp_path / "a.csv"
    report = export(workspace, SubjectScope(ANN), output=path)
    rows = rows_of(path)
    assert [row["content"] for row in rows if row["gap_before"] == "1"] == ["m10", "m110"]
    assert {row["content"]: row["seam_before"] for row in rows if row["seam_before"]} == {
        "m10": "beginning",
        "m110": "gap",
    }
    export(workspace, SubjectScope(ANN), format="jsonl", output=tmp_path / "a.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    begins = {
        line["conversation_id"]: line["from_beginning"]
        for line in lines
        if line["type"] == "conversation"
    }
    assert begins["c1"] is False
    never, late, gap = report.incomplete
    assert never.startswith("1 of 2 conversations was never read")
    assert late.startswith("1 of 2 conversations is not known from the beginning")
    assert gap.startswith("At 1 place messages are missing")
    [alone] = export(workspace, ConversationScope(ANN, "c2"), output=path).incomplete
    assert alone.startswith("The conversation was never read")


async def test_each_kind_of_seam_is_named_in_the_table(
    workspace: Workspace, service: Service
) -> None:
    service.say("ann", "0610", *(a_message(f"m{n}", at=f"2025-06-10 09:30:0{n}") for n in range(3)))
    await roster.add_subjects(workspace, [SubjectRef("user", "ann")])
    service.put("ann", a_memory("m1", conversation_id="0610"))
    await sync(workspace, SyncScope(full=True))
    service.messages["ann", "0610"] = [a_message("anew", at="2025-06-12 09:30:00")]
    await sync(workspace, SyncScope(full=True))
    found = workspace.reads.conversation(SubjectRef("user", "ann"), "0610")
    assert found is not None
    rows = list(message_rows(workspace.reads, "p", found))
    assert [row["seam_before"] for row in rows] == [None, None, None, "reset"]
    assert not any(row["gap_before"] for row in rows)
    assert "MemOS no longer had the messages before this one" in "".join(transcript(rows, 100))


async def test_an_empty_conversation_is_not_called_cut_off(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    service.put("ann", a_memory("m1"))
    await filled(workspace)
    report = export(workspace, ConversationScope(ANN, "c1"), output=tmp_path / "a.csv")
    assert report.incomplete == ("The conversation is empty: MemOS returned no messages for it.",)


async def test_listings_that_are_not_complete_are_said(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    service.put("ann", a_memory("m1"), a_memory("m2"))
    await filled(workspace)
    del service.memories["user", "ann"]["m2"]
    await sync(workspace, SyncScope(full=True))
    await roster.add_subjects(workspace, [SubjectRef("user", "bob")])
    report = export(workspace, MemoriesScope(Filter()), output=tmp_path / "a.csv")
    never, vanished, listed = report.incomplete
    assert listed.startswith("All memories of the others were last listed on 20")
    assert never.startswith("1 of 2 users and agents was never completely listed")
    assert vanished.startswith("1 memory is gone: MemOS lists it no more.")
    [row] = [row for row in rows_of(tmp_path / "a.csv") if row["vanished"] == "1"]
    assert row["memory_id"] == "m2"
    [line] = export(
        workspace,
        MemoriesScope(Filter(subject=SubjectRef("user", "bob"))),
        output=tmp_path / "b.csv",
    ).incomplete
    assert line.startswith("The user or agent was never completely listed")


async def test_what_is_not_there_is_an_error_and_makes_no_file(
    workspace: Workspace, tmp_path: Path
) -> None:
    await roster.add_subjects(workspace, [ANN])
    path = tmp_path / "a.csv"
    with pytest.raises(LookupError, match="no conversation 'nope'"):
        export(workspace, ConversationScope(ANN, "nope"), output=path)
    with pytest.raises(LookupError, match="no user 'bob'"):
        export(workspace, SubjectScope(SubjectRef("user", "bob")), output=path)
    with pytest.raises(ValueError, match="csv, jsonl or xlsx"):
        export(workspace, SubjectScope(ANN), format="xml", output=path)  # type: ignore[arg-type]
    assert not path.exists()


async def test_an_export_to_standard_output_has_no_path(
    workspace: Workspace, service: Service, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    service.put("ann", a_memory("m1"))
    await filled(workspace)
    report = export(workspace, MemoriesScope(Filter()))
    assert report.path is None
    assert capfdbinary.readouterr().out.count(b"\r\n") == 2


async def test_the_store_can_be_written_and_its_log_emptied_between_batches(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", *(a_memory(f"m{n}") for n in range(100)))
    await filled(workspace)
    rows = memory_rows(workspace.reads, "test", Filter())
    next(rows)
    service.put("ann", a_memory("new"))
    await sync(workspace, SyncScope(full=True))
    other = sqlite3.connect(workspace.store_path)
    try:
        busy, *_ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        other.close()
    assert busy == 0
    assert len(list(rows)) == 99
