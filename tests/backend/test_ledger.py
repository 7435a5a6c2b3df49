"""The completeness ledger against what was read, and the manifests that carry it."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import os
import re
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

import memos_admin
from memos_admin.backend import journal, occasion, roster
from memos_admin.backend.export.exporting import MESSAGES_ONLY, export, preview
from memos_admin.backend.export.scope import ConversationScope, MemoriesScope, SubjectScope
from memos_admin.backend.ledger import document, holes, ledger, summaries, unfinished
from memos_admin.backend.ledger.words import facts, hole_words
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.subject_access import document as subject_document
from memos_admin.backend.sync import SyncProgress, SyncScope, sync
from memos_admin.backend.times import now_ms, utc_text
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.errors import Rejected
from memos_admin.language import gettext as _
from memos_admin.language import written_in
from memos_admin.store import ledger as stored_ledger
from memos_admin.store import runs
from memos_admin.store.query import Query
from tests.backend.service import Service, a_memory
from tests.tui.story import AGENT, LI, NEVER, TRIP, fill, tell_story


@pytest.fixture
async def lived(workspace: Workspace, service: Service) -> Workspace:
    tell_story(service)
    await fill(workspace, service)
    return workspace


def words(workspace: Workspace, ref: Any) -> dict[str, str]:
    """Return the texts of the ledger by their labels, those in which something lacks with a sign."""
    found = facts(ledger(workspace.reads, ref), utc_text)
    return {
        fact.label: f"{'! ' if fact.lacks else ''}{fact.text}" for _, some in found for fact in some
    }


async def test_the_ledger_of_a_user_reads_nobody_elses_rows(lived: Workspace) -> None:
    with closing(Query(lived.store_path)) as query:
        statements: list[str] = []
        query._connection.set_trace_callback(statements.append)
        stored_ledger.memories(query, 1)
        stored_ledger.readings(query, 1)
        stored_ledger.windows(query, 1, 50)
        stored_ledger.holes(query, 1)
        stored_ledger.count_holes(query, 1)
        query._connection.set_trace_callback(None)
        plan = [
            step[3]
            for statement in statements
            for step in query._connection.execute(f"EXPLAIN QUERY PLAN {statement}")
        ]
    assert len(statements) == 7
    assert [
        step for step in plan if step.startswith("SCAN") and "subquery" not in step.lower()
    ] == []


async def test_what_an_interrupted_first_sync_has_stored_is_counted(
    workspace: Workspace, service: Service
) -> None:
    service.page_size = 4
    service.put(TRIP.external_id, *(a_memory(f"m{n}", conversation_id=f"c{n}") for n in range(40)))
    await roster.add_subjects(workspace, [TRIP])
    nothing = {"Listed now: none", "none has read anything yet"}
    for whose in (TRIP, None):
        found = words(workspace, whose)
        assert all(any(text in told for told in found.values()) for text in nothing)

    def stop_soon(progress: SyncProgress) -> None:
        if progress.memories >= 8:
            task.cancel()

    task = asyncio.create_task(sync(workspace, SyncScope(), on_progress=stop_soon))
    with pytest.raises(asyncio.CancelledError):
        await task
    with workspace.open_reads() as reads:
        stored = reads.memory_count(Filter(subject=TRIP))
        assert 8 <= stored < 40
        (summary,), subject = summaries(reads), reads.subject(TRIP)
        assert subject is not None
        assert (summary.memories, summary.conversations, summary.never) == (stored,) * 3
        assert (subject.memories, subject.conversations, subject.listed_at) == (
            stored,
            stored,
            None,
        )
    for whose in (TRIP, None):
        found = words(workspace, whose)
        assert found["last sync"] == "! none has read everything yet; what was read stays"
        assert f"Fact {stored}" in found["views"]
    assert words(workspace, TRIP)["last read"] == "! never everything"


async def test_the_ledger_of_a_user_is_what_was_read(lived: Workspace, service: Service) -> None:
    found = ledger(lived.reads, LI)
    subject = lived.reads.subject(LI)
    assert subject is not None
    assert {one.view: (one.listed, one.vanished) for one in found.memories} == {
        "detail_factual": (2, 1),
        "preference": (1, 0),
        "tool_memory": (1, 0),
    }
    assert (found.listed, found.vanished, found.unconfirmed) == (4, 1, 0)
    assert (found.readings.readings, found.readings.whole, found.readings.pages) == (2, 2, 1)
    windows = found.windows
    assert (windows.conversations, windows.by_memory, windows.by_hand) == (4, 3, 1)
    assert (windows.never, windows.full, windows.late) == (1, 1, 1)
    assert found.holes == {"gap": 1, "beginning": 1, "unread": 1}
    assert (found.requests.runs, found.requests.shared) == (0, 0)
    project = ledger(lived.reads, None)
    assert project.subjects == 4
    assert project.never == 1
    assert project.requests.runs == 2
    assert project.outcomes == {"complete": 2}
    runs = lived.reads.runs(10)
    assert sum(project.requests.routes.values()) == sum(run.requests for run in runs)
    each = [ledger(lived.reads, one.ref).requests.routes for one in summaries(lived.reads)]
    counted = sum((Counter(routes) for routes in each), Counter())
    probes = Counter({"/get/memory": 2})  # whether the service can filter is asked for nobody
    assert counted + probes == Counter(project.requests.routes)
    assert [one.requests for one in summaries(lived.reads)] == [sum(r.values()) for r in each]


async def test_a_whole_listing_counts_where_messages_could_not_be_read(
    lived: Workspace, service: Service
) -> None:
    def no_messages(route: str, name: str) -> None:
        if route == "/get/message":
            raise Rejected("The service declined.")

    before = ledger(lived.reads, LI).readings
    service.trouble = no_messages
    assert not (await sync(lived, SyncScope((LI,), full=True))).complete
    found = ledger(lived.reads, LI)
    told = document(lived.reads, found)["memories"]
    assert before.last is not None
    assert (found.readings.readings, found.readings.whole) == (3, 3)
    assert (found.readings.last or 0) > before.last
    assert told["last_listed_whole_at"] >= told["listed_whole_at"]
    assert "3 whole listings of 3 readings" in words(lived, LI)["listings"]
    assert words(lived, LI)["last sync"].startswith("! messages of")


async def test_conversations_that_were_read_at_one_time_are_not_told_between_two(
    lived: Workspace,
) -> None:
    found, say = ledger(lived.reads, LI), lambda _at: "this minute"
    told = {fact.label: fact.text for _, some in facts(found, say) for fact in some}
    assert told["messages"].endswith("; their conversations were last read this minute")
    moments = iter(range(100))
    apart = {
        fact.label: fact.text
        for _, some in facts(found, lambda _at: f"at {next(moments)}")
        for fact in some
    }
    assert re.search(r"were last read between at \d+ and at \d+$", apart["messages"])


async def test_messages_that_memos_returns_no_more_are_told_as_kept(
    lived: Workspace, service: Service, tmp_path: Path
) -> None:
    before = ledger(lived.reads, TRIP).windows
    assert (before.empty, before.kept, before.messages) == (0, 0, 4)
    conversation = lived.reads.conversation(TRIP, "0610")
    assert conversation is not None
    served = conversation.served_at
    assert served is not None
    assert served == conversation.fetched_at == before.latest
    stored = lived.reads.messages(lived.reads.message_pks(conversation.pk))
    assert served > max(message.first_seen for message in stored)
    service.messages[TRIP.external_id, "0610"].clear()
    await sync(lived, SyncScope((TRIP,), full=True))
    windows = ledger(lived.reads, TRIP).windows
    assert (windows.empty, windows.kept, windows.kept_messages) == (1, 1, 4)
    assert (windows.kept_served_at, windows.kept_fetched_at) == (served, windows.latest)
    assert windows.latest is not None
    assert served < windows.latest
    assert words(lived, TRIP)["kept"] == (
        f"! 4 messages of 1 conversation, as of {utc_text(served)}: MemOS returned none of them at the last "
        f"reading, {utc_text(windows.latest)}"
    )
    (line,) = [one for one in summaries(lived.reads) if one.ref == TRIP]
    assert line.empty == 1
    path = tmp_path / "trip.csv"
    export(lived, ConversationScope(TRIP, "0610"), format="csv", output=path)
    assert {"served_at", "fetched_at"} <= manifest_of(path)["columns"]["trip.csv"].keys()
    about = manifest_of(path)["completeness"]
    known = about["ledger"]["conversations"]
    assert (known["empty"], known["with_messages_kept"], known["messages_kept"]) == (1, 1, 4)
    assert known["kept_served_longest_ago_at"] == utc_text(served)
    assert known["kept_read_longest_ago_at"] == utc_text(windows.latest)
    told = "The messages of the conversation are kept here, as of "
    assert any(line.startswith(f"{told}{utc_text(served)[:10]}") for line in about["said"])
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert {(row["served_at"], row["fetched_at"]) for row in rows} == {
        (utc_text(served), utc_text(windows.latest))
    }


async def test_gaps_are_told_with_their_times(lived: Workspace) -> None:
    told = {hole.kind: hole for hole in holes(lived.reads, LI)}
    gap = told["gap"]
    assert gap.conversation_id == "weekly"
    assert gap.before is not None
    assert gap.after is not None
    assert gap.before < gap.after
    text = hole_words(gap, utc_text)
    assert utc_text(gap.before) in text
    assert utc_text(gap.after) in text
    assert "found" in text
    reset = hole_words(gap._replace(kind="reset"), utc_text)
    assert f"between {utc_text(gap.before)} and {utc_text(gap.after)} messages may be miss" in reset
    assert "before" in hole_words(gap._replace(kind="reset", before=None), utc_text)
    assert "never read" in hole_words(told["unread"], utc_text)
    assert (told["unread"].conversation_id, told["unread"].message_pk) == ("unread", None)
    assert holes(lived.reads, LI, 1) == holes(lived.reads, LI)[:1]
    assert len(holes(lived.reads, None)) == len(holes(lived.reads, LI))
    with pytest.raises(LookupError):
        holes(lived.reads, type(LI)("user", "nobody"))


async def test_a_gap_within_a_minute_is_told_with_its_seconds(lived: Workspace) -> None:
    gap = next(hole for hole in holes(lived.reads, LI) if hole.kind == "gap")
    short = gap._replace(before=1_757_000_045_000, after=1_757_000_052_000)

    def minute(ms: int) -> str:
        return utc_text(ms)[:16]

    told = hole_words(short, minute, utc_text)
    assert "between 2025-09-04T15:34:05.000Z and 2025-09-04T15:34:12.000Z" in told
    assert f"between {minute(gap.before or 0)} and" in hole_words(gap, minute, utc_text)
    in_archive = subject_document._between(short)
    assert in_archive == "between 2025-09-04 15:34:05 UTC and 2025-09-04 15:34:12 UTC"


async def test_in_chinese_counts_stand_apart_and_signs_are_full_width(lived: Workspace) -> None:
    with written_in("zh"):
        listings = words(lived, LI)[_("listings")]
        told = [hole_words(hole, utc_text) for hole in holes(lived.reads, LI)]
    assert not re.search(r"[\u4e00-\u9fff]\d", listings)
    assert any("；发现于" in text for text in told)
    assert not any(";" in text for text in told)


async def test_a_manifest_of_memories_says_in_words_what_its_ledger_does(
    lived: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "m.csv"
    scope = MemoriesScope(Filter(subject=LI, vanished=False))
    report = export(lived, scope, output=path)
    known = ledger(lived.reads, LI)
    assert known.subject is not None
    day = utc_text(known.subject.listed_at or 0)[:10]
    assert sum(known.holes.values()) == 3
    listed, messages = report.incomplete
    assert listed == f"No memory is known to be missing: all were last listed on {day}."
    assert messages.startswith("Messages are not in it: at 3 places of theirs some are missing")
    assert manifest_of(path)["completeness"]["said"] == list(report.incomplete)
    assert preview(lived, scope).incomplete == report.incomplete
    everyone = export(lived, MemoriesScope(Filter()), output=path).incomplete
    assert "All memories of the others were last listed on " in everyone[2]
    whole = export(lived, SubjectScope(TRIP), format="jsonl", output=path)
    assert whole.incomplete == ()
    assert manifest_of(path)["completeness"]["said"] == ["Nothing is known to be missing."]


async def test_what_lacks_is_said_to(lived: Workspace, service: Service) -> None:
    told = words(lived, LI)
    assert "there may be more" in told["known"]
    assert told["unread"] == "! 1"
    assert told["full"] == "weekly"
    assert told["seams"].startswith("! gaps 1,")
    assert told["spent"].endswith(" requests, retries included")
    assert "earlier" not in told
    assert words(lived, NEVER)["all listed"] == "! never: memories may be missing"
    assert words(lived, None)["all listed"].startswith("! 1 of 4")
    assert unfinished(lived.reads, 9) == [(NEVER, None)]

    def trouble(route: str, name: str) -> None:
        if name == TRIP.external_id:
            raise Rejected("It said no.", route=route)

    service.trouble = trouble
    await sync(lived, SyncScope((TRIP,), full=True))
    told = words(lived, TRIP)
    assert told["last sync"].startswith("! ")
    assert "It said no." in told["last sync"]
    assert told["ended"].startswith("! ")
    assert told["ended"].endswith(" (syncs of it alone)")
    assert "alone" not in words(lived, None)["ended"]
    assert [ref for ref, problem in unfinished(lived.reads, 9) if problem] == [TRIP]


async def test_a_sync_of_one_user_is_counted_with_it(lived: Workspace) -> None:
    before = ledger(lived.reads, LI).requests
    await sync(lived, SyncScope((LI,)))
    await sync(lived, SyncScope((LI,), conversation_id="weekly"))
    after = ledger(lived.reads, LI).requests
    assert (after.runs, after.shared) == (before.runs + 2, before.shared)
    assert sum(after.routes.values()) > sum(before.routes.values())
    assert ledger(lived.reads, TRIP).requests.runs == 0


async def test_what_was_not_counted_for_each_is_said_apart(lived: Workspace) -> None:
    """A store of an earlier version: its syncs counted the requests of all together."""
    alone = SyncScope((LI,))
    await sync(lived, alone)
    before = ledger(lived.reads, LI).requests.routes

    def forget(connection: Connection) -> None:
        connection.exec_driver_sql("DELETE FROM subject_requests")
        connection.exec_driver_sql("DELETE FROM setting WHERE name = 'requests_counted_from'")

    await lived.writer.run(forget)
    earlier = ledger(lived.reads, LI).requests
    assert (earlier.runs, earlier.shared) == (1, 2)
    assert sum(earlier.routes.values()) < sum(
        before.values()
    )  # of the one of it alone all is known
    assert "is not known" in words(lived, LI)["earlier"]
    await sync(lived, SyncScope(full=True))
    now = ledger(lived.reads, LI).requests
    assert (now.runs, now.shared) == (1, 2)
    assert sum(now.routes.values()) > sum(earlier.routes.values())
    (line,) = [one for one in summaries(lived.reads) if one.ref == LI]
    assert line.uncounted == 3
    assert line.requests == sum(now.routes.values()) - sum(earlier.routes.values())


async def test_what_a_failed_reading_took_is_counted(lived: Workspace, service: Service) -> None:
    before = sum(ledger(lived.reads, TRIP).requests.routes.values())

    def trouble(route: str, name: str) -> None:
        raise Rejected("It said no.", route=route)

    service.trouble = trouble
    await sync(lived, SyncScope((LI, TRIP), full=True))
    assert sum(ledger(lived.reads, TRIP).requests.routes.values()) == before + 1


async def test_a_missed_memory_is_in_doubt_until_it_is_confirmed(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"), a_memory("m2"))
    ann = type(LI)("user", "ann")
    await sync(workspace, SyncScope((ann,)))
    service.details["m2"] = service.memories["user", "ann"].pop("m2")  # active, asked for by its id
    await sync(workspace, SyncScope((ann,), full=True))
    found = ledger(workspace.reads, ann)
    assert (found.unconfirmed, found.vanished) == (1, 0)
    said = words(workspace, ann)
    assert said["in doubt"].startswith(
        "! 1 more, listed before and missed by the last whole listing"
    )
    assert said["views"].endswith("Listed now: Fact 1")
    by_view = document(workspace.reads, found)["memories"]["by_view"]
    assert by_view == {"detail_factual": {"listed": 1, "vanished": 0, "missed_once": 1}}
    await sync(workspace, SyncScope((ann,), full=True))
    found = ledger(workspace.reads, ann)
    assert (found.unconfirmed, found.vanished) == (0, 1)


async def test_lines_of_all_are_those_of_each(lived: Workspace) -> None:
    for one in summaries(lived.reads):
        each = ledger(lived.reads, one.ref)
        windows = each.windows
        assert (one.memories, one.vanished, one.unconfirmed) == (
            each.listed, each.vanished, each.unconfirmed,
        )  # fmt: skip
        assert (one.conversations, one.never, one.empty, one.late, one.full) == (
            windows.conversations, windows.never, windows.empty, windows.late, windows.full,
        )  # fmt: skip
        assert one.gaps == each.holes.get("gap", 0)
    assert {one.ref for one in summaries(lived.reads)} == {LI, TRIP, AGENT, NEVER}
    assert len(summaries(lived.reads, 2)) == 2


# -- manifests ------------------------------------------------------------------------------------


def manifest_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_name(path.name + ".manifest.json").read_text())
    return found


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
async def test_beside_each_file_stands_what_it_is(
    lived: Workspace, tmp_path: Path, form: Any
) -> None:
    path = tmp_path / f"li.{form}"
    occasion.change(ticket="DSR-7")
    report = export(lived, SubjectScope(LI), format=form, output=path)
    occasion.change(ticket=None)
    about = manifest_of(path)
    assert report.manifest == path.with_name(path.name + ".manifest.json")
    assert report.manifest.stat().st_mode & 0o777 == 0o600
    assert about["tool"] == {"name": "memos-admin", "version": memos_admin.__version__}
    assert about["request"] == "DSR-7"
    assert about["scope"]["kind"] == "subject"
    assert about["scope"]["user_id"] == LI.external_id
    assert about["files"] == [
        {
            "name": path.name,
            "size": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
    ]
    assert about["counts"]["messages"] == report.rows
    only = [MESSAGES_ONLY] if form == "csv" else []
    assert about["counts"].get("memories") == (None if only else report.memories)
    assert about["completeness"]["said"] == [*report.incomplete, *only]
    known = document(lived.reads, ledger(lived.reads, LI))
    assert known["requests"]["syncs_of_it_alone"] == 0
    assert known["requests"]["by_route"]
    assert "syncs" not in known["requests"]  # it was read, by syncs of everybody
    assert "syncs_by_outcome" not in known
    assert about["completeness"]["ledger"] == known
    assert [place["kind"] for place in known["places"]["listed"]] == ["beginning", "gap", "unread"]
    stamp = journal.of(lived.home).stamp
    assert stamp is not None
    assert about["journal"]["seq"] == stamp.seq
    assert about["redactions"]["masked"] is False


async def test_a_manifest_names_filters_and_guarded_cells(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    service.put("ann", a_memory("m1", "=1+1", tags=("x",)), a_memory("m2", "plain"))
    await sync(workspace, SyncScope((type(LI)("user", "ann"),)))
    path = tmp_path / "memories.csv"
    wanted = Filter(tags=frozenset({"x"}), text="1", as_of=10_000_000_000_000)
    report = export(workspace, MemoriesScope(wanted), output=path)
    about = manifest_of(path)
    assert (report.rows, about["guarded_cells"]) == (1, 1)
    assert about["scope"]["filters"] == {"tags": ["x"], "text": "1", "as_of": utc_text(10**13)}
    assert about["scope"]["as_of"] == utc_text(10**13)
    assert about["completeness"]["ledger"]["subjects"] == 1


async def test_a_manifest_of_a_masked_export_says_no_id(lived: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "masked.csv"
    scope = ConversationScope(LI, "weekly")
    export(lived, scope, output=path, privacy=Privacy(True, True))
    text = path.with_name("masked.csv.manifest.json").read_text()
    assert LI.external_id not in text
    assert "li.wei" not in text
    about = json.loads(text)
    assert about["redactions"] == {
        "masked": True,
        "parts": about["redactions"]["parts"],
        "pseudonyms": True,
    }
    assert about["files"][0]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


async def test_beside_a_device_stands_nothing(lived: Workspace) -> None:
    report = export(lived, ConversationScope(TRIP, "0610"), output=Path("/dev/null"))
    assert (report.manifest, report.no_manifest) == (None, "")


async def test_a_manifest_that_cannot_be_written_leaves_the_file(
    lived: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.with_name("a.csv.manifest.json").mkdir()
    report = export(lived, ConversationScope(TRIP, "0610"), output=path)
    assert path.exists()
    assert report.manifest is None
    assert report.no_manifest
    assert os.listdir(path.with_name("a.csv.manifest.json")) == []  # noqa: PTH208 - a folder in its place


async def test_whom_a_killed_sync_was_to_read_was_not_read_or_in_part(
    workspace: Workspace, service: Service
) -> None:
    """Until a sync that ends has read them; whom the killed one had read was read."""
    refs = [SubjectRef("user", "ann"), SubjectRef("user", "b ob%")]
    await roster.add_subjects(workspace, refs)
    writer = await workspace.open_writer()
    start = partial(runs.start, mode="changes", scope="all", now=now_ms(), fresh_since=0)
    begun = await writer.run(start)
    assert words(workspace, None)["last sync"].startswith("! 2 users and agents were not read")
    assert {one.ref: one.without_end for one in summaries(workspace.reads)} == dict.fromkeys(
        refs, True
    )
    assert (
        document(workspace.reads, ledger(workspace.reads, None))["with_a_sync_without_an_end"] == 2
    )
    ann = workspace.reads.subject(refs[0])
    assert ann is not None
    note = partial(
        runs.note_subject,
        run_pk=begun.run_pk,
        subject_pk=ann.pk,
        listed=True,
        pages=1,
        now=now_ms(),
    )
    await writer.run(note)
    assert words(workspace, None)["last sync"].startswith("! 1 user or agent was not read")
    assert [one.ref for one in summaries(workspace.reads) if one.without_end] == refs[1:]
    await sync(workspace, SyncScope((refs[1],)))
    assert words(workspace, None)["last sync"] == "no problem"
    assert not any(one.without_end for one in summaries(workspace.reads))
