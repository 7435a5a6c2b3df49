"""Scopes: an export against a naive account of the store, its preview, its progress, its end."""

from __future__ import annotations

import asyncio
import csv
import errno
import io
import json
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from memos_admin.backend import roster
from memos_admin.backend.export import target
from memos_admin.backend.export.csv_format import cell_text
from memos_admin.backend.export.exporting import ExportStopped, Format, export, preview
from memos_admin.backend.export.rows import (
    MEMORY_COLUMNS,
    MESSAGE_COLUMNS,
    memory_rows,
    source_text,
    utc,
)
from memos_admin.backend.export.scope import (
    ConversationScope,
    MemoriesScope,
    MessagesScope,
    Scope,
    SubjectScope,
    VerdictsScope,
)
from memos_admin.backend.home import Home
from memos_admin.backend.journal.reading import Wanted, listing
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.provenance import derived
from memos_admin.backend.strays import said_before
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.times import now_ms
from memos_admin.backend.tool_calls import tool_call
from memos_admin.backend.verdicts.verdict_filter import VerdictFilter
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from memos_admin.store import streams
from tests.backend.service import Service, a_memory, a_message
from tests.processes import a_dead_number

ANN = SubjectRef("user", "ann")
SCOPES: tuple[Scope, ...] = (
    ConversationScope(ANN, "c1"),
    SubjectScope(ANN),
    MessagesScope(),
    MemoriesScope(Filter(subject=ANN, order="title", descending=False)),
    MemoriesScope(Filter(views=frozenset({"preference"}))),
)
FORMATS: tuple[Format, ...] = ("csv", "jsonl", "xlsx")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two users; one with a gap, versions, guarded cells, quotes and a vanished memory."""
    home = Home(tmp_path_factory.mktemp("filled") / "home")
    project = Projects(home).add("test", base_url="http://127.0.0.1:9/api/openmem/v1")
    asyncio.run(fill(Workspace(project, home), Service()))
    return home.path


async def fill(workspace: Workspace, service: Service) -> None:
    def at(n: int) -> str:
        return f"2025-06-10 {n // 60:02d}:{n % 60:02d}:00"

    workspace.use_remote(service)
    quote = Source("chat", "message 7, said", "user")
    service.say("ann", "c1", *(a_message(f"message {n}, said", at=at(n)) for n in range(40)))
    service.say("ann", "c0", a_message("=1+1", at="2025-06-01 09:30:00"))
    service.put(
        "ann",
        a_memory("m1", conversation_id="c1", sources=(quote, Source("message_id", message_id="3"))),
        a_memory("m2", "+2", title="B", conversation_id="c0"),
        a_memory("m3", view="preference", title=None, conversation_id="c1", sources=(quote,)),
        a_memory("gone", title="A", conversation_id=None),
    )
    service.put("bob", a_memory("m4", view="preference", conversation_id="c2"))
    service.say("bob", "c2", a_message("before all of ann's", at="2024-01-01 08:00:00"))
    await roster.add_subjects(workspace, [ANN, SubjectRef("user", "bob")])
    await sync(workspace, SyncScope(full=True))
    del service.memories["user", "ann"]["gone"]
    later = [a_message(f"later {n}", at=at(n + 60)) for n in range(60)]
    call = {"function": {"name": "f", "arguments": "{}"}}
    service.say("ann", "c1", *later[:-1], replace(later[-1], tool_calls=(call, call)))
    service.put("ann", a_memory("m1", "changed", update_time="1768095885922", sources=(quote,)))
    await sync(workspace, SyncScope(full=True))
    await workspace.close()


@pytest.fixture
async def store(filled: Path, isolated: Path) -> AsyncIterator[Workspace]:
    """The same, of the test's own."""
    shutil.copytree(filled, isolated)
    home = Home(isolated)
    workspace = Workspace(Projects(home).get("test"), home)
    yield workspace
    await workspace.close()


def naive(workspace: Workspace, scope: Scope) -> list[tuple[Any, ...]]:
    """The rows of a table, read one at a time."""
    reads = workspace.reads
    if isinstance(scope, MemoriesScope):
        return [
            (
                "test", m.ref.kind, m.ref.external_id, m.memory_id, m.view, m.title, m.content,
                list(m.tags), m.status, m.confidence, m.conversation_id, utc(m.created_at),
                utc(m.updated_at), utc(m.first_seen), utc(m.last_seen), m.vanished_at is not None,
                [source_text(source) for source in reads.memory_sources(m.pk)], utc(m.missed_at),
            )
            for pk in reads.memory_pks(scope.wanted)
            for m in reads.memories([pk])
        ]  # fmt: skip
    if isinstance(scope, MessagesScope):
        everyone = (SubjectRef("user", name) for name in ("ann", "bob"))
        return [row for ref in everyone for row in naive(workspace, SubjectScope(ref))]
    assert isinstance(scope, ConversationScope | SubjectScope)
    subject = reads.subject(scope.ref)
    assert subject is not None
    found = []
    for c in reads.conversations(reads.conversation_pks(subject.pk)):
        if isinstance(scope, ConversationScope) and c.conversation_id != scope.conversation_id:
            continue
        wanted = Filter(
            subject=scope.ref, conversation_id=c.conversation_id, order="created", descending=False
        )
        memories = [m for pk in reads.memory_pks(wanted) for m in reads.memories([pk])]
        messages = reads.messages(reads.message_pks(c.pk))
        told = [(m.memory_id, reads.memory_sources(m.pk)) for m in memories]
        made = derived(messages, told, said_before(reads, c))
        rows = [
            (
                "test", "user", scope.ref.external_id, c.conversation_id, m.seq, m.role, m.role_id, m.role_name, m.content,
                [tool_call(call).text() for call in m.tool_calls or ()],
                utc(m.created_at), utc(m.updated_at), m.seam == "gap", m.seam,
                made.get(m.pk, []),
                utc(c.fetched_at), utc(c.served_at),
            )
            for m in messages
        ]  # fmt: skip
        found.append((messages[0].created_at or 0, rows))
    return [row for _, rows in sorted(found) for row in rows]


def guarded(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+")) else text


def read(path: Path, form: Format) -> list[tuple[str, ...]]:
    """What a reader finds in a file, its header left out; lines of JSON as they are."""
    if form == "jsonl":
        return [(line,) for line in path.read_text(encoding="utf-8").splitlines()]
    if form == "csv":
        text = io.StringIO(path.read_bytes().decode(), newline="")
        return [tuple(row) for row in csv.reader(text)][1:]
    (sheet,) = load_workbook(io.BytesIO(path.read_bytes())).worksheets
    cells = sheet.iter_rows(min_row=2, values_only=True)
    return [tuple(cell or "" for cell in row) for row in cells]


@pytest.mark.parametrize(
    "scope", SCOPES, ids=("conversation", "user", "everyone", "memories", "filtered")
)
@pytest.mark.parametrize("small", [False, True], ids=["one batch", "many batches"])
async def test_a_table_has_what_is_stored_read_one_row_at_a_time(
    store: Workspace,
    scope: Scope,
    small: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if small:
        monkeypatch.setattr(streams, "CHARACTERS", 60)
        monkeypatch.setattr(streams, "MOST", 20)
    path = tmp_path / "a.csv"
    report = export(store, scope, output=path)
    expected = naive(store, scope)
    assert read(path, "csv") == [tuple(guarded(cell_text(v)) for v in row) for row in expected]
    assert report.rows == len(expected) > 0
    if scope == SubjectScope(ANN):
        assert [row[14] for row in expected if row[8] == "message 7, said"] == [["m1", "m3"]]
        assert sum(row[12] for row in expected) == 1
    export(store, scope, format="xlsx", output=path)
    assert read(path, "xlsx") == [tuple(map(cell_text, row)) for row in expected]


@pytest.mark.parametrize(
    "scope", SCOPES, ids=("conversation", "user", "everyone", "memories", "filtered")
)
@pytest.mark.parametrize("form", FORMATS)
async def test_a_preview_is_the_beginning_of_what_is_written(
    store: Workspace, scope: Scope, form: Format, tmp_path: Path
) -> None:
    path = tmp_path / "a"
    report = export(store, scope, format=form, output=path)
    for rows in (0, 3, 1_000):
        shown = preview(store, scope, format=form, rows=rows)
        assert list(shown.rows) == read(path, form)[:rows]
        assert (shown.total, shown.memories) == (report.rows, report.memories)
        assert shown.incomplete == report.incomplete
    columns = MEMORY_COLUMNS if isinstance(scope, MemoriesScope) else MESSAGE_COLUMNS
    assert shown.columns == (() if form == "jsonl" else columns)


@pytest.mark.parametrize(
    "scope",
    [*SCOPES[2:4], MemoriesScope(Filter(as_of=now_ms())), VerdictsScope(VerdictFilter(), {})],
    ids=("messages", "memories", "memories then", "verdicts"),
)
async def test_a_manifest_explains_every_column_in_its_order(
    store: Workspace, scope: Scope, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    report = export(store, scope, output=path)
    assert report.manifest is not None
    ((name, explained),) = json.loads(report.manifest.read_text())["columns"].items()
    assert (name, [*explained]) == ("a.csv", path.read_text().splitlines()[0].split(","))
    assert all(explained.values())


async def test_the_messages_of_everyone_say_what_they_are(store: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    report = export(store, MessagesScope(), output=path)
    assert report.manifest is not None
    manifest = json.loads(report.manifest.read_text())
    assert (manifest["scope"]["kind"], manifest["scope"]["user_id"]) == ("messages", None)
    assert manifest["counts"] == {"messages": report.rows}
    assert any("gap" in line or "missing" in line for line in manifest["completeness"]["said"])
    entries = listing(store.home, Wanted()).entries
    done, begun = (entry for entry in entries if entry.action == "export")
    assert (begun.result, done.result, done.details["what"]) == ("begun", "done", "messages")
    assert (done.user_id, done.counts["messages"]) == (None, report.rows)


async def test_a_preview_without_the_guard_has_cells_as_they_were_said(store: Workspace) -> None:
    scope = ConversationScope(ANN, "c0")
    assert preview(store, scope).rows[0][8] == "'=1+1"
    assert preview(store, scope, raw=True).rows[0][8] == "=1+1"
    assert preview(store, scope, format="xlsx").rows[0][8] == "=1+1"


async def test_a_preview_of_what_is_not_there_is_an_error(store: Workspace) -> None:
    with pytest.raises(LookupError, match="no conversation 'nope'"):
        preview(store, ConversationScope(ANN, "nope"))
    with pytest.raises(LookupError, match="no user 'nope'"):
        preview(store, SubjectScope(SubjectRef("user", "nope")))
    with pytest.raises(ValueError, match="csv, jsonl or xlsx"):
        preview(store, SubjectScope(ANN), format="xml")  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMATS)
async def test_what_a_killed_export_left_goes_with_the_next_one(
    store: Workspace, tmp_path: Path, form: Format
) -> None:
    dead = a_dead_number()
    folder = tmp_path / "exports"
    parts = folder / f".memos-admin.{dead}.x.parts"
    parts.mkdir(parents=True)
    (parts / "sheet1.xml").touch()
    (folder / f".memos-admin.{dead}.x.part").touch()
    kept = {f".memos-admin.{os.getpid()}.x.part", ".memos-admin.1.x.part", "mine.part"}
    for name in kept:
        (folder / name).touch()
    export(store, MemoriesScope(Filter()), format=form, output=folder / "file")
    assert {path.name for path in folder.iterdir()} == kept | {"file", "file.manifest.json"}


@pytest.mark.parametrize("form", FORMATS)
async def test_progress_grows_to_all_that_is_written(
    store: Workspace, form: Format, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    report = export(
        store,
        SubjectScope(ANN),
        format=form,
        output=tmp_path / "a",
        on_progress=lambda done, total: told.append((done, total)),
    )
    (total,) = {total for _, total in told}
    assert total == report.rows + report.memories
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (total, total)
    assert report.memories == (4 if form == "jsonl" else 0)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("at", ["first", "last"])
async def test_a_stopped_export_leaves_what_was_there_and_nothing_else(
    store: Workspace, form: Format, at: str, tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    path = folder / "a"
    path.write_text("old")

    def stop(done: int, total: int) -> None:
        if at == "first" or done == total:
            raise ExportStopped

    with pytest.raises(ExportStopped):
        export(store, SubjectScope(ANN), format=form, output=path, on_progress=stop)
    assert path.read_text() == "old"
    assert [found.name for found in folder.iterdir()] == ["a"]


class FullDisk:
    """A file on a disk without room."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def write(self, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        """There is nothing to write."""

    def fileno(self) -> int:
        return self._file.fileno()


@pytest.mark.parametrize("form", FORMATS)
async def test_a_full_disk_leaves_what_was_there_and_is_named(
    store: Workspace, form: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = target._replacing

    @contextmanager
    def full(path: Path) -> Iterator[Any]:
        with real(path) as file:
            yield FullDisk(file)

    monkeypatch.setattr(target, "_replacing", full)
    folder = tmp_path / "exports"
    folder.mkdir()
    path = folder / "a"
    path.write_text("old")
    with pytest.raises(OSError, match="No space left") as caught:
        export(store, SubjectScope(ANN), format=form, output=path)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
    assert path.read_text() == "old"
    assert [found.name for found in folder.iterdir()] == ["a"]


async def test_a_disk_that_fills_with_the_rows_of_a_workbook_is_told_of_the_file(
    store: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/some/temporary")

    monkeypatch.setattr(Worksheet, "_write_single_row", full)
    folder = tmp_path / "exports"
    folder.mkdir()
    with pytest.raises(OSError, match="No space left") as caught:
        export(store, SubjectScope(ANN), format="xlsx", output=folder / "a")
    assert caught.value.filename == str(folder / "a")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
async def test_a_device_without_room_is_an_error(store: Workspace, form: Format) -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        export(store, SubjectScope(ANN), format=form, output="/dev/full")
    assert caught.value.filename == "/dev/full"


async def test_lines_of_json_have_raw_objects_and_versions(
    store: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    export(store, SubjectScope(ANN), format="jsonl", output=path)
    objects = [json.loads(line) for (line,) in read(path, "jsonl")]
    by_type = {kind: [o for o in objects if o["type"] == kind] for kind in ("message", "memory")}
    reads = store.reads
    for found in by_type["memory"]:
        (memory,) = reads.memory(found["memory_id"])
        assert found["raw"] == json.loads(reads.memory_raw(memory.pk) or "null")
        assert len(found["sources"]) == memory.sources
        assert len(found["earlier_versions"]) == memory.version - 1
    assert {o["raw"]["content"] for o in by_type["message"]} == {
        o["content"] for o in by_type["message"]
    }
    assert len(by_type["message"]) == 91


async def test_a_time_of_updating_behind_the_instant_is_not_of_then(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1", update_time="2100-01-01T00:00:00Z"), a_memory("m2"))
    await sync(workspace, SyncScope((SubjectRef("user", "ann"),)))
    rows = memory_rows(workspace.reads, "p", Filter(as_of=now_ms()))
    found = {row["memory_id"]: (row["updated_at"], row["not_kept"]) for row in rows}
    assert found["m1"] == (None, ["confidence", "updated_at"])
    assert found["m2"] == ("2025-09-17T07:58:05.000Z", ["confidence"])
