"""Memories that the last whole listing lacked, and that may be gone or not: what is said of them, and where."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC
from pathlib import Path

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from memos_admin.backend.export.completeness import of_memories
from memos_admin.backend.export.exporting import export as export_scope
from memos_admin.backend.export.scope import MemoriesScope
from memos_admin.backend.history.timeline import days
from memos_admin.backend.model import Filter, Memory, Subject, SubjectRef, bound
from memos_admin.backend.subject_access.bundle import Order, export
from memos_admin.backend.subject_access.freshness import freshness
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.times import now_ms
from memos_admin.backend.workspace import Workspace
from memos_admin.store.rows import SUBJECT
from tests.backend.service import Service, a_memory

ANN = SubjectRef("user", "ann")
BOB = SubjectRef("user", "bob")
DAY = 86_400_000
DOUBT = "2 memories are in doubt: MemOS did not list them when they were last read"


@pytest.fixture
async def doubted(workspace: Workspace, service: Service) -> Workspace:
    """Of three memories MemOS lists one, and says by id that the others are active."""
    service.put("ann", *(a_memory(f"m{n}") for n in range(3)))
    service.put("bob", a_memory("b1"))
    await sync(workspace, SyncScope((ANN, BOB)))
    for memory_id in ("m1", "m2"):
        service.details[memory_id] = service.memories["user", "ann"].pop(memory_id)
    report = await sync(workspace, SyncScope((ANN,), full=True))
    assert (report.vanished, report.unconfirmed) == (0, 2)
    return workspace


def ann(workspace: Workspace) -> Subject:
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    return subject


def memories(workspace: Workspace) -> dict[str, Memory]:
    reads = workspace.reads
    found = reads.memories(reads.memory_pks(Filter(subject=ANN)))
    return {memory.memory_id: memory for memory in found}


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


async def test_number_of_memories_is_no_exact_one(doubted: Workspace, service: Service) -> None:
    assert (ann(doubted).memories, ann(doubted).doubted, ann(doubted).bound) == (3, 2, "most")
    assert {one.memory_id for one in memories(doubted).values() if one.in_doubt} == {"m1", "m2"}
    bob = doubted.reads.subject(BOB)
    assert bob is not None
    assert (bob.doubted, bob.bound) == (0, "exact")
    assert bound(lacks=True, doubted=True) == "about"
    await sync(doubted, SyncScope((ANN,), full=True))
    assert (ann(doubted).memories, ann(doubted).doubted, ann(doubted).bound) == (1, 0, "exact")


async def test_they_are_counted_by_an_index_of_their_own(doubted: Workspace) -> None:
    """A list of users reads that of each: it must not walk through all their memories."""
    plan = doubted.reads.query.rows(f"EXPLAIN QUERY PLAN {SUBJECT}")
    assert any("ix_listing_doubted" in row[-1] for row in plan)


async def test_an_archive_doubts_them_in_every_form(doubted: Workspace, tmp_path: Path) -> None:
    report = export(doubted, Order(ANN, "DV"), tmp_path / "ann.zip")
    assert (report.counts.vanished, report.counts.doubted) == (0, 2)
    assert any(line.startswith(DOUBT) for line in report.incomplete)
    assert not report.freshness.is_fresh
    with zipfile.ZipFile(tmp_path / "ann.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}

    text = files["your-data.md"].decode()
    told, rest = text.split("## What this cannot contain")
    assert "Perhaps not complete" in told
    assert "Whether 2 memories are still in use is not confirmed" in told
    missing, rest = rest.split("\n## ", 1)
    assert "Whether 2 memories are still in use is not known" in missing
    entries = rest.split("## Memories: ")[1]
    assert "Of 2 of them it is not known whether they are still in use" in entries
    assert entries.count("whether it is still in use is not known") == 2
    assert entries.count("in use\n") == 1  # of the one that is listed

    by_id = {row["memory_id"]: row for row in table(files["memories.csv"])}
    assert {name: bool(row["missed_at"]) for name, row in by_id.items()} == {
        "m0": False, "m1": True, "m2": True,
    }  # fmt: skip
    assert {row["vanished"] for row in by_id.values()} == {"0"}
    book = load_workbook(io.BytesIO(files["data.xlsx"]), read_only=True)
    header, *rows = book["Memories"].iter_rows(values_only=True)
    assert sum(bool(row[header.index("missed_at")]) for row in rows) == 2
    lines = [json.loads(line) for line in files["data.jsonl"].decode().splitlines()]
    assert sum(bool(line.get("missed_at")) for line in lines) == 2

    manifest = json.loads(files["manifest.json"])
    assert any(line.startswith(DOUBT) for line in manifest["completeness"]["said"])
    assert manifest["completeness"]["memories_missed_once"] == 2
    assert manifest["counts"]["memories_missed_once"] == 2
    assert "not confirmed" in manifest["columns"]["memories.csv"]["missed_at"]


async def test_a_file_of_memories_doubts_them(doubted: Workspace, tmp_path: Path) -> None:
    report = export_scope(
        doubted, MemoriesScope(Filter(subject=ANN)), format="csv", output=tmp_path / "m.csv"
    )
    assert any(line.startswith(DOUBT) for line in report.incomplete)
    rows = table((tmp_path / "m.csv").read_bytes())
    assert sum(bool(row["missed_at"]) for row in rows) == 2
    everybody = of_memories(doubted.reads, None, 0)
    assert [line for line in everybody if line.startswith(DOUBT)]
    assert of_memories(doubted.reads, BOB, 0) == ()


async def test_once_it_is_settled_nothing_is_doubted(doubted: Workspace, tmp_path: Path) -> None:
    await sync(doubted, SyncScope((ANN,), full=True))
    report = export(doubted, Order(ANN, "DV"), tmp_path / "ann.zip")
    assert (report.counts.vanished, report.counts.doubted) == (2, 0)
    assert freshness(doubted.reads, ann(doubted)).is_fresh
    assert "doubt" not in " ".join(report.incomplete)
    with zipfile.ZipFile(tmp_path / "ann.zip") as archive:
        assert "still in use is not" not in archive.read("your-data.md").decode()


async def test_days_at_whose_end_some_were_in_doubt_are_at_most(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missed on the third day, found to be gone on the fifth; the days before and from then are exact."""
    clock = [now_ms() - 6 * DAY]
    monkeypatch.setattr(workspace, "clock", lambda: clock[0])
    service.put("ann", a_memory("m1"), a_memory("m2"))
    for day in range(5):
        if day == 2:
            service.details["m2"] = service.memories["user", "ann"].pop("m2")
        if day != 3:
            await sync(workspace, SyncScope((ANN,), full=True))
        clock[0] += DAY
    told = days(workspace.reads, ANN, clock[0], UTC)
    assert [(one.listed, one.bound) for one in told] == [
        (2, "exact"), (2, "exact"), (2, "most"), (2, "most"), (1, "exact"), (1, "exact"),
    ]  # fmt: skip
    then = days(workspace.reads, ANN, clock[0], UTC, as_of=clock[0] - 2 * DAY)
    assert [one.bound for one in then] == ["exact", "exact", "most", "most"]
    everybody = days(workspace.reads, None, clock[0], UTC)
    assert [one.bound for one in everybody] == [one.bound for one in told]
