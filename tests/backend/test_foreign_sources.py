"""Sources that are messages of another user, or that cannot be known since something is not kept."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from memos_admin.backend import roster
from memos_admin.backend.changing.lines import Line
from memos_admin.backend.evidence.collected import Collected
from memos_admin.backend.evidence.review import review
from memos_admin.backend.evidence.support import Support
from memos_admin.backend.evidence.wording import why
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.strays import message_ids, no_longer_kept
from memos_admin.backend.subject_access.bundle import Order, export, look
from memos_admin.backend.subject_access.bundle_wording import preview_lines, report_lines
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.times import now_ms
from memos_admin.backend.upkeep import retention
from memos_admin.backend.workspace import Workspace
from memos_admin.cli.evidence.rows import missing_rows
from memos_admin.cloud.answers import Message, Source
from memos_admin.store.retaining import RAWS, VERSIONS
from memos_admin.tui.jobs.evidence import found_elsewhere, memory_evidence
from memos_admin.tui.jobs.reviewing import Reviewing
from memos_admin.tui.layout.detail import memory_entries
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.words.evidence_notes import note
from tests.backend.service import Service, a_memory, a_message

ALICE, OTTO = SubjectRef("user", "alice"), SubjectRef("user", "otto")
NUTS = "I am allergic to nuts, says Otto."


def with_id(message: Message, name: str) -> Message:
    return type(message)(
        role=message.role,
        content=message.content,
        create_time=message.create_time,
        update_time=message.update_time,
        raw={**message.raw, "message_id": name},
    )


async def read(workspace: Workspace, service: Service) -> None:
    """Of Alice one memory names a message of Otto, one an own message, one nothing at all."""
    service.say("alice", "c1", with_id(a_message("I like tea."), "a-1"))
    service.say("otto", "c9", with_id(a_message(NUTS), "o-1"))
    service.put(
        "alice",
        a_memory("m-nuts", "Allergic.", sources=(Source("chat", NUTS, "user", "o-1"),)),
        a_memory("m-tea", "Likes tea.", sources=(Source("chat", None, "user", "a-1"),)),
        a_memory("m-mute", "Allergic.", sources=(Source("chat", None, "user", "o-1"),)),
        a_memory("m-void", "Likes rain.", sources=(Source("chat", excerpt="", role="user"),)),
        a_memory("m-lost", "Flies.", sources=(Source("chat", excerpt="I fly.", role="user"),)),
    )
    service.put("otto", a_memory("m-otto", "Eats no nuts.", conversation_id="c9"))
    await roster.add_subjects(workspace, [ALICE, OTTO])
    await sync(workspace, SyncScope(full=True))


def reviewed(workspace: Workspace) -> dict[str, Support]:
    subject = workspace.reads.subject(ALICE)
    assert subject is not None
    parts = review(workspace.reads, subject)
    return {one.memory_id: one for part in parts for one in part.supports}


async def test_a_message_of_another_user_is_named_and_what_names_nothing_is_none_given(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service)
    found = reviewed(workspace)
    assert {name: one.missing for name, one in found.items()} == {
        "m-nuts": "another user",
        "m-mute": "another user",
        "m-tea": None,
        "m-void": "none given",
        "m-lost": "nowhere",
    }
    assert why(found["m-nuts"]) == "MemOS names a message of somebody else as its source: otto."
    assert (found["m-nuts"].uncompared, found["m-mute"].uncompared) == (None, "another user")
    assert [one.whose for one in found["m-nuts"].unfound] == [OTTO]
    assert found["m-tea"].kind == "message id"


async def test_the_detail_names_another_user(workspace: Workspace, service: Service) -> None:
    await read(workspace, service)
    (nuts,), (lost,) = (workspace.reads.memory(name) for name in ("m-nuts", "m-lost"))
    seen = memory_evidence(workspace.reads, nuts.listing_pk)
    assert seen is not None
    found = found_elsewhere(workspace.reads, nuts)
    assert found.whose == {0: "a message of another user: otto"}
    told = seen.with_found(found)
    said = [(one.why, one.quote) for one in told.lacking]
    assert (told.notes, said, told.leads) == ((), [(found.whose[0], NUTS)], {})
    assert not found_elsewhere(workspace.reads, lost)


HANDBOOK = "Handbook page 3: tiles."


def put_four(service: Service) -> None:
    """Of Alice a memory has four sources: a message of hers, one that is nowhere, a document, one of Otto."""
    service.put(
        "alice",
        a_memory(
            "m-four",
            "Drinks tea, flies, is allergic, has a handbook.",
            sources=(
                Source("chat", None, "user", "a-1"),
                Source("chat", "I fly.", "user", "gone"),
                Source("doc", HANDBOOK),
                Source("chat", NUTS, "user", "o-1"),
            ),
        ),
    )


async def test_an_archive_has_each_missing_source_with_its_own_reason_and_its_own_quotation(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    put_four(service)
    await read(workspace, service)
    export(workspace, Order(ALICE, "DSR-4"), tmp_path / "alice.zip")
    with zipfile.ZipFile(tmp_path / "alice.zip") as archive:
        page = next(name for name in archive.namelist() if name.endswith("your-data.md"))
        text = archive.read(page).decode()
        table = io.StringIO(
            archive.read(page.replace("your-data.md", "memories.csv")).decode("utf-8-sig")
        )
    about = next(part for part in text.split("\n#") if "m-four" in part)
    order = (
        "message 1 of conversation 1",
        "a document of a knowledge base",
        HANDBOOK,
        "a message of another person",
        NUTS,
        "not found among the messages of this document",
        "I fly.",
    )
    places = [about.index(part) for part in order]
    assert places == sorted(places)
    (row,) = [one for one in csv.DictReader(table) if one["memory_id"] == "m-four"]
    assert row["came_from"].split(";")[-1].strip(' []"') == "not found"


async def test_each_missing_source_has_its_own_reason_and_its_own_quotation(
    workspace: Workspace, service: Service
) -> None:
    put_four(service)
    await read(workspace, service)
    four = reviewed(workspace)["m-four"]
    assert [(one.why, one.source and one.source.excerpt) for one in four.unfound] == [
        ("nowhere", "I fly."),
        ("knowledge base", HANDBOOK),
        ("another user", NUTS),
    ]
    (memory,) = workspace.reads.memory("m-four")
    rows = list(missing_rows(workspace.reads, memory, four))
    assert [(row["why"], row["excerpt"], row["message_id"]) for row in rows] == [
        ("nowhere", "I fly.", "gone"),
        ("knowledge base", HANDBOOK, None),
        ("another user", NUTS, "o-1"),
    ]
    assert "document of a knowledge base" in rows[1]["explanation"]
    assert "otto" not in rows[0]["explanation"]
    subject = workspace.reads.subject(ALICE)
    assert subject is not None
    collected = Collected()
    for part in review(workspace.reads, subject):
        collected.take(part)
    counts = {one.kind: one.total for one in collected.counts() if one.list == "missing"}
    assert (counts["knowledge base"], counts["nowhere"], counts["another user"]) == (1, 2, 3)
    four_seen = memory_evidence(workspace.reads, memory.listing_pk)
    assert four_seen is not None
    told = four_seen.with_found(found_elsewhere(workspace.reads, memory))
    entries = memory_entries(told, 0, "r")
    begin = next(at for at, one in enumerate(entries) if one.label == "source")
    lines = [one.text for one in entries[begin : begin + 7]]
    assert lines == [
        "message 1, by message id",
        "source not in this transcript",
        "MemOS quotes: “I fly.”",
        "knowledge base: a document, not a message",
        f"MemOS quotes: “{HANDBOOK}”",
        "a message of another user: otto",
        f"MemOS quotes: “{NUTS}”",
    ]


async def test_whoever_hands_an_archive_over_is_told_and_nobody_is_named_in_it(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    await read(workspace, service)
    report = export(workspace, Order(ALICE, "DSR-4"), tmp_path / "alice.zip")
    assert report.counts.quoted_of_others == 2
    told = "".join(part.text for line in report_lines(report) for part in line)
    assert "2 memories in it came from messages of other users: see whether" in told
    with zipfile.ZipFile(tmp_path / "alice.zip") as archive:
        files = {
            name: archive.read(name).decode("utf-8-sig", "replace") for name in archive.namelist()
        }
    assert (
        json.loads(files["manifest.json"])["counts"]["memories_from_messages_of_other_users"] == 2
    )
    for name in ("your-data.html", "your-data.md"):
        assert files[name].count("a message of another person, in a conversation of theirs") == 2
        assert "Quoted from another person" in files[name]
        assert "otto" not in files[name]
    rows = csv.DictReader(io.StringIO(files["memories.csv"]))
    assert {row["memory_id"]: row["came_from"] for row in rows} == {
        "m-nuts": "another user",
        "m-mute": "another user",
        "m-tea": "message",
        "m-void": "",
        "m-lost": "not found",
    }


async def test_what_is_not_kept_is_said_and_nothing_claimed(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service)
    (workspace.home.path / "config.toml").write_text("[retention]\nkeep_raw_json = false\n")
    assert (await retention.apply(workspace)).raws > 0
    found = reviewed(workspace)
    assert {name: one.missing for name, one in found.items()} == {
        "m-nuts": "not kept",
        "m-mute": "not kept",
        "m-tea": "not kept",
        "m-void": "none given",
        "m-lost": "nowhere",
    }
    assert "keep_raw_json" in why(found["m-tea"])
    assert found["m-tea"].uncompared == "not kept"
    (memory,) = workspace.reads.memory("m-tea")
    seen = memory_evidence(workspace.reads, memory.listing_pk)
    assert seen is not None
    assert seen.told == ("source not known: ids of messages are no longer kept (keep_raw_json)",)
    assert no_longer_kept(workspace.reads, ALICE) == (True, False)
    assert no_longer_kept(workspace.reads, SubjectRef("user", "nobody")) == (False, False)
    assert message_ids(workspace.reads, [1, 2, 3]) == {}
    subject = workspace.reads.subject(ALICE)
    assert subject is not None
    looked = Reviewing(subject)
    assert note(looked, "missing", "", None) == []
    for part in review(workspace.reads, subject):
        looked.found.take(part)
    assert note(looked, "missing", "", None)[0].text.startswith(
        "3 not kept: config.toml has ids (keep_raw_json) or"
    )
    assert note(looked, "missing", "nowhere", None) == [Part("only nowhere")]


def said(texts: Iterable[Line]) -> str:
    return "\n".join("".join(part.text for part in line) for line in texts)


async def test_an_archive_tells_what_retention_has_dropped(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    """In the summary before and after, in the document in both languages, and in the manifest."""
    await read(workspace, service)
    service.say("alice", "c2", *(a_message(f"Entry {number}.") for number in range(60)))
    old = (Source("chat", "Entry 3.", "user", "a-3"),)
    service.put(
        "alice",
        a_memory("m-tea", "Likes coffee.", sources=(Source("chat", None, "user", "a-1"),)),
        a_memory("m-old", "Once.", conversation_id="c2", sources=old),  # never was here
    )
    await sync(workspace, SyncScope(full=True))
    order = Order(ALICE, "DSR-5")
    lost = "no longer kept"
    assert lost not in said(preview_lines(order, look(workspace, ALICE), tmp_path))
    writer = await workspace.open_writer()
    for texts in (*VERSIONS, *RAWS):
        await writer.run(partial(texts.drop, before=now_ms() + 1_000))
    report = export(workspace, order, tmp_path / "alice.zip")
    missing = [one.missing for one in reviewed(workspace).values()]
    assert (missing.count("not kept"), missing.count("outside the window")) == (3, 1)
    told = (
        "1 earlier version (the text of 1 is no longer kept)",
        "What 1 earlier version said is no longer kept: only when it was replaced is here.",
        "From which messages 3 memories came is no longer kept.",
        "answers of MemOS as they were are no longer kept",
    )
    warned = (
        "Of 3 memories in it it cannot be known whether they came from messages of other people."
    )
    preview = said(preview_lines(order, look(workspace, ALICE), tmp_path))
    for text in (*told, warned):
        assert text in preview
        assert text in said(report_lines(report))
    with zipfile.ZipFile(report.path) as archive:
        counts = json.loads(archive.read("manifest.json"))["counts"]
        document = archive.read("your-data.md").decode()
    assert counts["earlier_versions_no_longer_kept"] == 1
    assert counts["memories_whose_source_is_no_longer_kept"] == 3
    lacking = document.split("## What this cannot contain")[1].split("\n## ")[0]
    assert all(text in lacking for text in told[1:])
    assert told[0] in document
    chinese = export(workspace, replace(order, language="zh"), tmp_path / "zh.zip")
    with zipfile.ZipFile(chinese.path) as archive:
        document = archive.read("your-data.md").decode()
    assert "3 条记忆来自哪条消息，已不再保留。" in document
    assert "1 个旧版本的内容已不再保留" in document
