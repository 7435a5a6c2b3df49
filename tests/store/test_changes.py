"""What happened here and what was known when, against a naive account of what was stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from memos_admin.backend.history.as_of import limits
from memos_admin.backend.history.changes import about
from memos_admin.backend.history.timeline import days
from memos_admin.backend.times import local
from memos_admin.store import changes as stored
from memos_admin.store import memories, messages, retaining, runs, subjects, vanishing
from memos_admin.store.changes import Change, changes
from memos_admin.store.incoming import WindowChanges
from memos_admin.store.known_then import known
from memos_admin.store.reads import Reads
from memos_admin.store.records import Filter, Memory, SubjectRef
from memos_admin.store.writer import Writer
from tests.effort import examples
from tests.store.histories import STEPS, Account, Step, Text, lived, moments
from tests.store.test_reads import ANN, BOT, incoming, said, subject_pk

EACH = settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
OF_MEMORIES: list[stored.ChangeKind] = [*stored.OF_MEMORIES]


KINDS: list[list[stored.ChangeKind]] = [OF_MEMORIES, ["status"], ["changed", "returned"]]


def behind(reads: Reads, found: list[Change]) -> None:
    """Compare what memories are told to have said behind changes with what is known as of then."""
    for change, it in about(reads, found, cut=5):
        assert isinstance(it, Memory)
        (then,) = reads.memories([it.listing_pk], cut=5, as_of=change.at)
        said = (it.view, it.title, it.content, it.length, it.dropped)
        assert said == (then.view, then.title, then.content, then.length, then.dropped)
        assert "conversation_id" not in then.not_kept
        assert change.conversation_id == (then.conversation_id or "")
        versions = {one.version: one for one in reads.memory_versions(it.pk)}
        before = versions.get((change.version or 0) - 1)
        named = None if before is None else before.conversation_id or ""
        assert change.conversation_before == named
        if before is not None:
            assert ("conversation_id" in change.fields) == (named != change.conversation_id)
    for change, it in about(reads, found):
        versions = {one.version: one for one in reads.memory_versions(it.pk)}
        before = versions.get((change.version or 0) - 1)
        is_told = before is not None and "content" in change.fields
        assert change.content_before == (before.content if before and is_told else None)
        assert not (is_told and (before is None or before.dropped))


def told(reads: Reads, found: list[Change]) -> list[tuple[int, str, SubjectRef, str]]:
    rows = {memory.listing_pk: memory for memory in reads.memories(
        [change.listing_pk or 0 for change in found])}  # fmt: skip
    return [
        (change.at, change.kind, rows[change.listing_pk or 0].ref,
         rows[change.listing_pk or 0].memory_id)
        for change in found
    ]  # fmt: skip


@given(steps=STEPS, data=st.data())
@EACH
def test_changes_are_those_of_a_naive_account(
    tmp_path: Path, steps: list[Step], data: st.DataObject
) -> None:
    path = tmp_path / "store.db"
    account = lived(path, steps)
    times = sorted({0, account.now, *(at for at, *_ in account.events)})
    since, until = sorted(data.draw(st.tuples(st.sampled_from(times), st.sampled_from(times))))
    with Reads(path) as reads:
        for ref in (None, ANN, BOT):
            for kinds in KINDS:
                expected = [
                    event
                    for event in account.events
                    if since <= event[0] <= until and event[1] in kinds and ref in (None, event[2])
                ]
                found = changes(reads.query, since, ref, until=until, kinds=kinds)
                assert sorted(told(reads, found)) == sorted(expected)
                behind(reads, found)
                assert [change.at for change in found] == sorted(
                    (event[0] for event in expected), reverse=True
                )
                assert (
                    changes(reads.query, since, ref, until=until, kinds=kinds, most=2) == found[:2]
                )
                counts = stored.count(reads.query, since, ref, until=until, kinds=kinds)
                assert counts == Counter(event[1] for event in expected)


@given(steps=STEPS)
@EACH
def test_the_time_line_has_the_same_changes_and_ends_with_what_is_listed(
    tmp_path: Path, steps: list[Step]
) -> None:
    path = tmp_path / "store.db"
    account = lived(path, steps)
    with Reads(path) as reads:
        for ref in (None, ANN):
            found = stored.by_quarter(reads.query, ref)
            expected = Counter(
                (kind, at // stored.QUARTER)
                for at, kind, who, _ in account.events
                if ref in (None, who)
            )
            assert {(kind, quarter): number for kind, quarter, number in found} == expected
            signs = {"added": 1, "returned": 1, "vanished": -1}
            listed = sum(signs.get(kind, 0) * number for kind, _, number in found)
            assert listed == reads.memory_count(Filter(subject=ref, vanished=False))
        for ref in (ANN, BOT):
            counted = reads.subject(ref)
            assert (0 if counted is None else counted.memories) == reads.memory_count(
                Filter(subject=ref, vanished=False)
            )


@given(steps=STEPS, wanted=st.sampled_from([
    Filter(), Filter(subject=ANN), Filter(tags=frozenset({"茶"})), Filter(vanished=True),
    Filter(vanished=False, statuses=frozenset({"activated"})), Filter(text="one!"),
    Filter(any_tags=frozenset({frozenset({"茶", "tea"})}), not_texts=frozenset({"one!"})),
    Filter(not_tags=frozenset({"茶"}), not_views=frozenset({"preference"}), inferred=False),
    Filter(subject=BOT, views=frozenset({"preference"}), order="title", descending=False),
    Filter(subject=ANN, conversation_id="c2"), Filter(conversation_id="c1", vanished=False),
    Filter(conversation_id=""),
]))  # fmt: skip
@EACH
def test_as_of_an_instant_is_what_a_replay_had_then(
    tmp_path: Path, steps: list[Step], wanted: Filter
) -> None:
    path = tmp_path / "store.db"
    account = lived(path, steps)
    with Reads(path) as reads:
        for moment in moments(account):
            then = replace(wanted, as_of=moment)
            keys = reads.memory_pks(then)
            assert {
                (memory.ref, memory.memory_id): (
                    Text(
                        memory.content,
                        memory.tags,
                        memory.status or "",
                        memory.view,
                        memory.conversation_id,
                    ),
                    memory.reason,
                )
                for memory in reads.memories(keys, as_of=moment)
            } == passing(account, moment, wanted)
            assert reads.memory_count(then) == len(keys)
            assert sorted(reads.memory_pks(then, 2)) == sorted(keys[:2])
            counts = Counter(
                tag for text, _ in passing(
                    account, moment, replace(wanted, tags=frozenset(), any_tags=frozenset())).values()
                for tag in text.tags
            )  # fmt: skip
            assert dict(reads.tags(then)) == counts


def passing(
    account: Account, moment: int, wanted: Filter
) -> dict[tuple[SubjectRef, str], tuple[Text, str | None]]:
    return {
        (ref, name): (text, why)
        for (ref, name), (text, why) in account.at(moment).items()
        if wanted.subject in (None, ref)
        and wanted.tags <= set(text.tags)
        and (not wanted.views or text.view in wanted.views)
        and (not wanted.statuses or text.status in wanted.statuses)
        and wanted.vanished in (None, why is not None)
        and wanted.text in text.content
        and wanted.conversation_id in (None, text.conversation_id or "")
        and all(one & set(text.tags) for one in wanted.any_tags)
        and not wanted.not_tags & set(text.tags)
        and text.view not in wanted.not_views
        and not any(no in text.content for no in wanted.not_texts)
    }


@given(steps=STEPS)
@EACH
def test_a_dropped_text_is_said_to_be_and_nothing_else_changes(
    tmp_path: Path, steps: list[Step]
) -> None:
    path = tmp_path / "store.db"
    account = lived(path, steps)
    writer = Writer(path)
    (versions, _) = retaining.VERSIONS
    writer.submit(lambda c: versions.drop(c, account.now + 1)).result()
    writer.close()
    with Reads(path) as reads:
        for moment in moments(account):
            then = Filter(as_of=moment)
            found = reads.memories(reads.memory_pks(then), as_of=moment)
            known = account.at(moment)
            assert {(memory.ref, memory.memory_id) for memory in found} == known.keys()
            for memory in found:
                text, why = known[memory.ref, memory.memory_id]
                assert memory.reason == why
                assert (memory.view, memory.status) == (text.view, text.status)
                assert memory.conversation_id == text.conversation_id
                kept = "" if memory.dropped else text.content
                assert memory.content == kept
                assert memory.tags == (() if memory.dropped else text.tags)
                assert memory.dropped == (text is not account.said[memory.memory_id] and (
                    reads.memory_versions(memory.pk)[memory.version - 1].dropped))  # fmt: skip
        dropped = changes(reads.query, 0, kinds=["changed", "status"])
        assert all(change.dropped or change.fields for change in dropped)
        assert {one.content_before for one, _ in about(reads, dropped)} <= {None}


@given(steps=STEPS)
@EACH
def test_a_time_line_that_ends_with_an_instant_tells_what_was_known_then(
    tmp_path: Path, steps: list[Step]
) -> None:
    path = tmp_path / "store.db"
    account = lived(path, steps)
    with Reads(path) as reads:
        for moment in moments(account):
            told = days(reads, None, account.now, UTC, as_of=moment)
            listed = sum(why is None for _, why in account.at(moment).values())
            assert (told[-1].listed if told else 0) == listed
            assert all(day.day <= local(moment, UTC).date() for day in told)


def test_new_messages_are_counted_by_conversation_and_reading(path: Path, writer: Writer) -> None:
    def fill(connection: Connection) -> None:
        ann = subject_pk(connection, ANN)
        subjects.add_conversations(connection, ann, ["c1", "c2"], "hand", 1)
        pks = subjects.conversation_pks(connection, ann)
        for name, times in (("c1", [10, 20, 30]), ("c2", [10])):
            for now in times:
                part = WindowChanges(inserts=[(now, said(f"{name} {now}"))])
                messages.apply(connection, pks[name], part, run_pk=None, now=now)
                messages.note_window(
                    connection, pks[name], size=1, reaches_beginning=False, started=now
                )

    writer.submit(fill).result()
    with Reads(path) as reads:
        conversation, ann = reads.conversation(ANN, "c1"), reads.subject(ANN)
        assert conversation is not None
        assert ann is not None
        assert (ann.conversations, ann.messages) == (2, 4)
        of_c1 = [Change("messages", at, None, conversation.pk, 1) for at in (30, 20, 10)]
        assert changes(reads.query, 20) == of_c1[:2]
        assert changes(reads.query, 20, until=29) == of_c1[1:2]
        everything = changes(reads.query, 0)
        assert [one for one in everything if one.conversation_pk == conversation.pk] == of_c1
        assert stored.count(reads.query, 0)["messages"] == len(everything) == 4
        assert changes(reads.query, 20, BOT) == []


@given(steps=STEPS)
@EACH
def test_a_change_of_status_says_from_which_to_which(tmp_path: Path, steps: list[Step]) -> None:
    path = tmp_path / "store.db"
    lived(path, steps)
    with Reads(path) as reads:
        for change in changes(reads.query, 0, kinds=["status"]):
            (memory,) = reads.memories([change.listing_pk or 0])
            said = {one.version: one.status for one in reads.memory_versions(memory.pk)}
            assert change.version is not None
            assert (change.status_before, change.status) == (
                said[change.version - 1],
                said[change.version],
            )
            assert change.status_before != change.status


def test_what_comes_back_with_another_text_is_told_as_changed_too(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    lived(path, [(ANN, "m1", what, 7) for what in ("as before", "archived", "other text")])
    with Reads(path) as reads:
        found = changes(reads.query, 0, ANN)
        assert [(one.kind, one.fields, one.version) for one in found[:2]] == [
            ("changed", ("view", "content", "status"), 3),
            ("returned", (), None),
        ]
        assert [one.kind for one in found[2:]] == ["vanished", "added"]
        assert (found[0].status_before, found[0].status) == ("archived", "activated")
        assert {kind: n for kind, _, n in stored.by_quarter(reads.query)} == {
            one.kind: 1 for one in found
        }


def test_a_status_with_which_a_memory_is_back_is_counted_as_back_only(
    path: Path, writer: Writer
) -> None:
    def come_back(connection: Connection, name: str, **fields: str) -> memories.Recorded:
        ann = subject_pk(connection, ANN)
        memories.record(connection, ann, [incoming(name)], run_pk=None, now=1)
        vanishing.note_gone(connection, name, reason="archived", status="archived", now=2)
        return memories.record(connection, ann, [incoming(name, **fields)], run_pk=None, now=3)

    same = writer.submit(lambda c: come_back(c, "m1")).result()
    other = writer.submit(lambda c: come_back(c, "m2", content="hates tea")).result()
    assert (same.changed, same.returned) == (0, 1)
    assert (other.changed, other.returned) == (1, 1)


def test_a_text_of_a_return_that_is_no_longer_kept_stays_a_change(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    account = lived(
        path, [(ANN, "m1", what, 7) for what in ("as before", "archived", "other text")]
    )
    writer = Writer(path)
    (versions, _) = retaining.VERSIONS
    writer.submit(lambda c: versions.drop(c, account.now + 1)).result()
    writer.close()
    with Reads(path) as reads:
        (change,) = changes(reads.query, 0, ANN, kinds=["changed"])
        assert (change.dropped, change.version) == (True, 3)


def test_until_when_coming_back_left_no_trace_is_known(path: Path, writer: Writer) -> None:
    """A store that was upgraded has syncs that found something back, and no note of what."""

    def fill(connection: Connection) -> None:
        subject_pk(connection, ANN)
        for now, returned in ((10, 1), (30, 0)):
            run = runs.start(connection, mode="full", scope="all", now=now, fresh_since=0).run_pk
            counts = {"returned": returned}
            runs.finish(connection, run, outcome="complete", counts=counts, routes={}, now=now + 5)

    writer.submit(fill).result()
    with Reads(path) as reads:
        assert known(reads.query, Filter(subject=ANN), 12).untold == 15
        said = limits(reads, Filter(subject=ANN, as_of=12), str)
        assert any(
            "Until 15 this store did not keep that memories came back" in one for one in said
        )
        assert not any("came back" in one for one in limits(reads, Filter(as_of=16), str))
