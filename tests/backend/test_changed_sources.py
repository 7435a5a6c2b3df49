"""Sources that stand in what a message said before: linked both ways, and told to have changed since."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from memos_admin.backend import roster
from memos_admin.backend.evidence.review import review
from memos_admin.backend.evidence.support import Silent, Support
from memos_admin.backend.evidence.wording import explained, why
from memos_admin.backend.export.rows import message_rows
from memos_admin.backend.history.changes import (
    about,
    changes,
    changes_between,
    count_between,
    words_changed,
)
from memos_admin.backend.model import Conversation, MemorySource, SaidBefore, SubjectRef
from memos_admin.backend.provenance import Earlier, Linker, link_sources
from memos_admin.backend.strays import source_messages
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs.evidence import memory_evidence
from memos_admin.tui.jobs.made_of import derived_memories, message_evidence
from memos_admin.tui.jobs.running import summary
from memos_admin.tui.rows.changes import Changes
from memos_admin.tui.rows.live import words_of
from tests.backend.service import Service, a_memory, a_message
from tests.backend.stored import stored_message

ANN = SubjectRef("user", "ann")
PORTO, BRAGA = "I live in Porto and teach chemistry.", "I live in Braga and teach music."
FERRY = "The ferry takes 42 minutes and leaves at noon."


def quoting(text: str, **fields: Any) -> tuple[Source, ...]:
    return (Source("chat", excerpt=text, role="user", **fields),)


def change(service: Service, conversation: str, index: int, text: str) -> None:
    said = service.messages["ann", conversation]
    later = "2025-06-11 09:30:00"
    raw = {**said[index].raw, "content": text, "update_time": later}
    said[index] = replace(said[index], content=text, update_time=later, raw=raw)


@pytest.fixture
async def changed(workspace: Workspace, service: Service) -> Workspace:
    """Of two conversations the first message has changed since memories came from it."""
    service.say("ann", "c1", a_message(PORTO), a_message("Noted.", "assistant"))
    service.say("ann", "c2", a_message(FERRY, at="2025-06-09 09:30:00"), a_message("So it is."))
    named = service.messages["ann", "c2"]
    named[0] = replace(named[0], raw={**named[0].raw, "message_id": "17"})
    service.put(
        "ann",
        a_memory("m-quoted", "The user lives in Porto.", sources=quoting(PORTO)),
        a_memory("m-far", "He teaches chemistry.", conversation_id="c2", sources=quoting(PORTO)),
        a_memory(
            "m-named",
            "The ferry takes 42 minutes.",
            conversation_id="c2",
            sources=quoting(FERRY, message_id="17"),
        ),
        a_memory(
            "m-id",
            "The ferry takes 42 minutes.",
            conversation_id="c2",
            sources=(Source("chat", message_id="17"),),
        ),
    )
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope(full=True))
    change(service, "c1", 0, BRAGA)
    change(service, "c2", 0, "The ferry takes 57 minutes and leaves at two.")
    await sync(workspace, SyncScope(full=True))
    return workspace


def test_messages_that_changed_are_among_the_changes(changed: Workspace) -> None:
    reads = changed.reads
    (first,) = reads.message_versions(reads.message_pks(conversation(changed, "c1").pk)[0])
    found = changes_between(reads, 0, None, kinds=["edited"])
    assert found == changes_between(reads, 0, None, ANN, kinds=["edited"])
    assert count_between(reads, 0, None, kinds=["edited"]) == 2
    assert changes_between(reads, 0, first.replaced_at, kinds=["edited"]) == []
    assert changes_between(reads, 0, None, SubjectRef("agent", "ann"), kinds=["edited"]) == []
    told = {it.conversation_id: change for change, it in about(reads, found)}
    assert told["c1"].at == first.replaced_at
    edit = told["c1"].edit
    assert edit is not None
    assert edit[1:] == (1, "user", PORTO, BRAGA)
    assert "[-Porto-]{+Braga+}" in words_changed(edit.before, edit.after, 5)
    assert edit.message_pk == reads.message_pks(conversation(changed, "c1").pk)[0]


def test_the_row_of_a_changed_message_has_its_words_and_leads_to_it(changed: Workspace) -> None:
    listed = Changes(None, ANN, kinds=["edited"])
    rows = listed.rows(changed.reads, listed.keys(changed.reads))
    assert len(rows) == 2
    (row,) = (one for one in rows if one.about.conversation_id == "c1")
    words = "[-Porto-]{+Braga+} and teach [-chemistry-]{+music+}."
    assert row.what(()) == f"message 1: I live in {words}"
    assert words_of(changed.reads, row) == f"I live in {words}"
    (pk,) = changed.reads.message_pks(conversation(changed, "c1").pk)[:1]
    assert row.place == Place(ANN, "c1", message=pk, pane="transcript")
    with closing(sqlite3.connect(changed.store_path)) as connection:
        connection.execute("UPDATE message_version SET content = '', parts = ''")
        connection.commit()
    rows = listed.rows(changed.reads, listed.keys(changed.reads))
    assert {one.what(()) for one in rows} == {
        "message 1: (no longer kept) → I live in Braga and teach music.",
        "message 1: (no longer kept) → The ferry takes 57 minutes and leaves at two.",
    }


def test_the_last_sync_with_changes_may_have_found_changed_messages_alone(
    changed: Workspace,
) -> None:
    runs = changed.reads.runs(2)
    assert not runs[0].messages
    found = changes(changed.reads, None, 0)
    assert [one.kind for one in found] == ["edited", "edited"]
    before = changes(changed.reads, None, 0, until=runs[0].started_at - 1)
    assert "edited" not in {one.kind for one in before}
    assert before != []


async def test_the_report_of_a_sync_counts_messages_that_changed(
    workspace: Workspace, service: Service
) -> None:
    service.say("ann", "c1", a_message(PORTO))
    service.put("ann", a_memory("m1"))
    await roster.add_subjects(workspace, [ANN])
    report = await sync(workspace, SyncScope(full=True))
    assert (report.messages, report.messages_changed) == (1, 0)
    change(service, "c1", 0, BRAGA)
    report = await sync(workspace, SyncScope(full=True))
    assert (report.messages, report.messages_changed) == (0, 1)
    assert summary(report, report.messages_changed) == "1 message changed"


def reviewed(workspace: Workspace) -> tuple[dict[str, Support], list[Silent]]:
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    parts = list(review(workspace.reads, subject))
    spoke = {pk for part in parts for pk in part.spoke}
    silent = [one for part in parts for one in part.silent if one.message_pk not in spoke]
    return {one.memory_id: one for part in parts for one in part.supports}, silent


def conversation(workspace: Workspace, name: str) -> Conversation:
    found = workspace.reads.conversation(ANN, name)
    assert found is not None
    return found


def test_the_source_is_found_in_what_a_message_said_before(changed: Workspace) -> None:
    found, silent = reviewed(changed)
    assert {name: one.kind for name, one in found.items()} == {
        "m-quoted": "quoted text",
        "m-far": "quoted text",
        "m-named": "message id",
        "m-id": "message id",
    }
    missing = {name: one.missing for name, one in found.items() if one.missing}
    assert missing == {"m-far": "another conversation"}
    assert why(found["m-quoted"]) == ""
    assert [(one.conversation_pk, one.seq) for one in silent] == [
        (conversation(changed, "c2").pk, 2),
        (conversation(changed, "c1").pk, 2),
    ]
    for name in ("m-quoted", "m-far", "m-named"):
        (link,) = found[name].links
        assert link.earlier is not None
        (version,) = changed.reads.message_versions(link.message_pk)
        assert (link.seq, link.earlier.until) == (1, version.replaced_at)


def test_it_is_compared_with_what_was_said_then_and_told_to_have_changed(
    changed: Workspace,
) -> None:
    found, _silent = reviewed(changed)
    kinds = {name: [check.kind for check in one.checks] for name, one in found.items()}
    assert kinds == {
        "m-quoted": ["changed since"],
        "m-far": ["changed since"],
        "m-named": ["changed since"],
        "m-id": ["number"],
    }
    when = lambda _ms: "noon"  # noqa: E731
    one = found["m-quoted"]
    assert explained(one.checks[0], one, when) == (
        f"Its source (message 1) has changed since: it said “{PORTO}” (until noon), now it says “{BRAGA}”."
    )
    assert "it said “The ferry takes 42" in explained(
        found["m-named"].checks[0], found["m-named"], when
    )
    named = found["m-id"]
    told = explained(named.checks[0], named, when)
    assert "says “57”" in told
    assert "Message 1 said something else until noon" in told


async def test_the_message_knows_the_memory_too(changed: Workspace) -> None:
    reads = changed.reads
    rows = [
        row
        for name in ("c1", "c2")
        for row in message_rows(reads, "p", conversation(changed, name))
    ]
    assert [row["derived_memory_ids"] for row in rows] == [
        ["m-quoted", "m-far"],
        [],
        ["m-named", "m-id"],
        [],
    ]
    one = conversation(changed, "c1")
    pk = reads.message_pks(one.pk)[0]
    assert derived_memories(reads, one) == {pk: ["m-quoted"]}
    two = conversation(changed, "c2")
    assert derived_memories(reads, two) == {reads.message_pks(two.pk)[0]: ["m-id", "m-named"]}
    (message,) = reads.messages([pk])
    evidence = message_evidence(reads, message, ["m-quoted"], one, looking=False)
    assert evidence.how["m-quoted"].startswith("quoted text in an earlier version, until ")
    (memory,) = reads.memory("m-quoted")
    seen = memory_evidence(reads, memory.listing_pk)
    assert seen is not None
    assert (seen.certain, seen.unfound, seen.lacking, seen.near) == (True, False, (), None)
    assert seen.notes[0].startswith("message 1, by quoted text in an earlier version, until ")
    assert seen.spans == {pk: []}
    [(_source, [there])] = source_messages(reads, reads.memory("m-far")[0])
    assert (there.conversation.conversation_id, there.seq) == ("c1", 1)
    assert there.link.earlier is not None


def before(pk: int, text: str, version: int, until: int) -> SaidBefore:
    return SaidBefore(pk, pk, "user", text, None, None, version, until)


def test_what_is_said_now_goes_before_what_was_said_and_the_latest_version_counts() -> None:
    source = MemorySource("chat", "user", PORTO, None, None)
    now = [stored_message(1, BRAGA), stored_message(2, PORTO)]
    versions = [before(1, PORTO, 7, 10), before(1, PORTO + " Still.", 8, 20)]
    [link] = link_sources([source], now, None, versions)
    assert (link.message_pk, link.earlier) == (2, None)
    [link] = link_sources([source], now[:1], None, versions)
    assert (link.message_pk, link.earlier) == (1, Earlier(7, 10))  # all of it, not a part
    [link] = link_sources([source], now[:1], None, [*versions[:1], before(1, PORTO, 9, 30)])
    assert link.earlier == Earlier(9, 30)


def test_a_named_message_that_says_it_in_another_spelling_has_not_changed() -> None:
    source = MemorySource("chat", "user", "It's at 9", "a", None)
    linker: Linker[int] = Linker([(0, source)])
    linker.look([stored_message(1, "It’s at 9 then")], {1: "a"})
    assert not linker.wants_before
    other = MemorySource("chat", "user", PORTO, "a", None)
    [link] = link_sources([other], [stored_message(1, BRAGA)], {1: "a"}, [before(2, PORTO, 7, 10)])
    assert (link.message_pk, link.how, link.earlier) == (1, "message id", None)


async def test_a_message_of_the_same_id_has_changed_though_its_times_have_not(
    workspace: Workspace, service: Service
) -> None:
    service.say("ann", "c1", a_message(PORTO), a_message("Noted.", "assistant"))
    said = service.messages["ann", "c1"]
    said[0] = replace(said[0], raw={**said[0].raw, "message_id": "17"})
    service.put("ann", a_memory("m", "He is in Porto.", sources=quoting(PORTO, message_id="17")))
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope((ANN,)))
    said[0] = replace(said[0], content=BRAGA, raw={**said[0].raw, "content": BRAGA})
    report = await sync(workspace, SyncScope((ANN,), full=True))
    assert (report.messages, report.messages_changed) == (0, 1)
    reads = workspace.reads
    assert [
        one.content for one in reads.messages(reads.message_pks(conversation(workspace, "c1").pk))
    ] == [
        BRAGA,
        "Noted.",
    ]
    found, _silent = reviewed(workspace)
    assert [check.kind for check in found["m"].checks] == ["changed since"]
