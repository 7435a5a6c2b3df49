"""Verdicts: given, replaced, withdrawn, journaled; queues that stay; what few cases do not carry."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend import journal, occasion, roster
from memos_admin.backend.model import Filter, Memory, SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.verdicts import agreement as agreements
from memos_admin.backend.verdicts import giving, queues
from memos_admin.backend.verdicts.choosing import chosen, chosen_pairs, with_memories
from memos_admin.backend.verdicts.correcting import batch
from memos_admin.backend.verdicts.figures import figures, memories_there, reviewed, week_of
from memos_admin.backend.verdicts.giving import BadVerdict, Judgement, give, note, undo, withdraw
from memos_admin.backend.verdicts.kinds import VERDICTS
from memos_admin.backend.verdicts.operators import operator_of
from memos_admin.backend.verdicts.queues import Asked
from memos_admin.backend.verdicts.rows import VERDICT_COLUMNS, verdict_rows
from memos_admin.backend.verdicts.sent import Sent, said_already
from memos_admin.backend.verdicts.standing import Standing, history, standing, stood_at
from memos_admin.backend.verdicts.verdict_filter import VerdictFilter
from memos_admin.backend.workspace import Workspace
from memos_admin.language import written_in
from memos_admin.store.verdict_records import Verdict
from tests.backend.journals import entries
from tests.backend.service import Service, a_memory

ANN, BOB = SubjectRef("user", "ann"), SubjectRef("user", "bob")


async def read(workspace: Workspace, service: Service, *, ann: int = 4, bob: int = 2) -> None:
    """Read memories of two users, who share one."""
    for ref, number in ((ANN, ann), (BOB, bob)):
        name = ref.external_id
        service.put(name, *(a_memory(f"{name}-{n}", f"{name} says {n}") for n in range(number)))
        service.put(name, a_memory("shared", "they share this"))
    await roster.add_subjects(workspace, [ANN, BOB])
    await sync(workspace, SyncScope((ANN, BOB)))


async def change(workspace: Workspace, service: Service, memory_id: str) -> None:
    """Let a memory of Ann say something else."""
    service.put(ANN.external_id, a_memory(memory_id, "now it says something else"))
    await sync(workspace, SyncScope((ANN,), full=True))


def act_as(workspace: Workspace, name: str) -> None:
    workspace.home.config_path.parent.mkdir(parents=True, exist_ok=True)
    config = workspace.home.config_path
    lines = [line for line in config.read_text().splitlines() if not line.startswith("operator")]
    config.write_text("\n".join([f'operator = "{name}"', *lines, ""]))


async def judge(
    workspace: Workspace, memory_id: str, verdict: str, version: int = 1, **more: Any
) -> None:
    await give(workspace, Judgement(memory_id, version, verdict, ref=ANN, **more))


def of(workspace: Workspace, memory_id: str) -> Standing:
    with workspace.open_reads() as reads:
        memory = reads.memory(memory_id)[0]
        found = standing(reads, [memory], operator_of(workspace.home))
    return found.get(memory.pk, Standing())


def ids(workspace: Workspace, asked: Asked, operator: str = "ann") -> list[str]:
    with workspace.open_reads() as reads:
        pks, fitting = queues.fitting_memories(reads, asked, operator)
        names = {memory.pk: memory.memory_id for memory in everything(workspace)}
    assert fitting >= len(pks)
    return [names[pk] for pk in pks]


def everything(workspace: Workspace) -> Sequence[Memory]:
    with workspace.open_reads() as reads:
        return reads.memories(reads.memory_pks(Filter()))


async def test_a_verdict_stands_until_it_is_replaced_or_withdrawn_and_all_of_it_is_kept(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service)
    await judge(workspace, "ann-0", "wrong", note=" not what she said ", ticket="SUP-1")
    await judge(workspace, "ann-0", "outdated")
    own = of(workspace, "ann-0").own
    assert own is not None
    assert (own.verdict, own.note, own.is_of_now) == ("outdated", None, True)
    ended = await withdraw(workspace, "ann-0", None)
    assert ended is not None
    assert (ended.verdict, ended.version) == ("outdated", 1)
    assert of(workspace, "ann-0") == Standing()
    assert await withdraw(workspace, "ann-0", None) is None
    with workspace.open_reads() as reads:
        said = history(reads, reads.memory("ann-0")[0].pk)
    assert [(one.verdict, one.ended, one.note, one.ticket) for one in said] == [
        ("wrong", "replaced", "not what she said", "SUP-1"),
        ("outdated", "withdrawn", None, None),
    ]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """When verdicts are given, in what it holds last; verdicts that follow each other are a second apart."""
    times = [1_764_000_000_000]

    def now() -> int:
        times.append(times[-1] + 1000)
        return times[-1]

    monkeypatch.setattr(giving, "now_ms", now)
    return times


def all_said(workspace: Workspace, memory_id: str = "ann-0") -> Sequence[Verdict]:
    with workspace.open_reads() as reads:
        return history(reads, reads.memory(memory_id)[0].pk)


async def test_a_note_and_an_undoing_leave_a_verdict_the_date_and_the_ticket_that_it_had(
    workspace: Workspace, service: Service, clock: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await read(workspace, service)
    await judge(workspace, "ann-0", "wrong", ticket="SUP-1")
    given = clock[-1]
    monkeypatch.setattr(occasion, "_present", occasion.Occasion("tui", "SUP-2"))
    await note(workspace, "ann-0", 1, " she moved ", ANN)
    noted = clock[-1]
    await judge(workspace, "ann-0", "correct")
    replaced = clock[-1]
    undone = await undo(workspace, "ann-0", 1, ANN)
    assert undone is not None
    assert (undone.ended.verdict, undone.again) == ("correct", "wrong")
    own = of(workspace, "ann-0").own
    assert own is not None
    said = own.verdict, own.note, own.ticket, own.judged_at
    assert said == ("wrong", "she moved", "SUP-1", given)
    assert [one.ended for one in all_said(workspace)] == ["replaced"] * 2 + ["withdrawn", None]
    for at, what in ((given, ("wrong", None)), (noted, ("wrong", "she moved"))):
        (one,) = stood_at(all_said(workspace), at)
        assert (one.verdict, one.note) == what
    (one,) = stood_at(all_said(workspace), replaced)
    assert one.verdict == "correct"
    with workspace.open_reads() as reads:
        memory = reads.memory("ann-0")[0]
        for at, verdict in ((given, "wrong"), (replaced, "correct"), (clock[-1], "wrong")):
            found = standing(reads, [memory], own.operator, at)[memory.pk].own
            assert found is not None
            assert found.verdict == verdict
    sent = [Sent("feedback", replaced, "eve", is_certain=True)]
    assert said_already(own, sent, all_said(workspace)) is None
    sent = [Sent("feedback", noted, "eve", is_certain=True), *sent]
    assert said_already(own, sent, all_said(workspace)) == sent[0]
    undone = await undo(workspace, "ann-0", 1, ANN)
    assert undone is not None
    assert (undone.ended.verdict, undone.again) == ("wrong", None)
    assert await undo(workspace, "ann-0", 1, ANN) is None
    with pytest.raises(BadVerdict, match="no verdict of yours"):
        await note(workspace, "ann-0", 1, "why", ANN)


async def test_a_slip_with_a_note_does_not_count(
    workspace: Workspace, service: Service, clock: list[int]
) -> None:
    await read(workspace, service)
    act_as(workspace, "eve")
    await judge(workspace, "ann-0", "wrong")
    act_as(workspace, "zoe")
    await judge(workspace, "ann-0", "correct")
    await note(workspace, "ann-0", 1, "a wrong key", ANN)
    await undo(workspace, "ann-0", 1, ANN, slip=True)
    with workspace.open_reads() as reads:
        assert chosen_pairs(reads, VerdictFilter()) == []
    assert [one.ended for one in all_said(workspace)] == [None, "slip", "slip"]
    await judge(workspace, "ann-0", "wrong")
    await judge(workspace, "ann-0", "unsure")
    await undo(workspace, "ann-0", 1, ANN, slip=True)
    with workspace.open_reads() as reads:
        ((_eve, zoe),) = chosen_pairs(reads, VerdictFilter())
    assert (zoe.verdict, zoe.ended) == ("wrong", "replaced")


async def test_what_stood_again_is_what_the_other_one_is_compared_with(
    workspace: Workspace, service: Service, clock: list[int]
) -> None:
    await read(workspace, service)
    act_as(workspace, "eve")
    await judge(workspace, "ann-0", "wrong")
    await judge(workspace, "ann-0", "correct")
    await undo(workspace, "ann-0", 1, ANN)
    act_as(workspace, "zoe")
    await judge(workspace, "ann-0", "wrong")
    with workspace.open_reads() as reads:
        ((eve, _zoe),) = chosen_pairs(reads, VerdictFilter())
    assert eve.verdict == "wrong"


async def test_behind_an_agreement_stand_those_that_it_counts(
    workspace: Workspace, service: Service, clock: list[int]
) -> None:
    await read(workspace, service)
    said = (("eve", "wrong", "wrong"), ("zoe", "correct", "wrong"))
    for operator, *verdicts in said:
        act_as(workspace, operator)
        for name, verdict in zip(("ann-0", "ann-1"), verdicts, strict=True):
            await judge(workspace, name, verdict)
    wanted = VerdictFilter(verdicts=frozenset({"wrong"}))
    with workspace.open_reads() as reads:
        counted = {one.pk for pair in chosen_pairs(reads, wanted) for one in pair}
        listed = chosen(reads, replace(wanted, both=frozenset({"eve", "zoe"})))
    assert len(counted) == 2  # of ann-0 zoe said something else
    assert {one.pk for one, _listing in listed} == counted


async def test_it_is_journaled_without_its_note(workspace: Workspace, service: Service) -> None:
    await read(workspace, service)
    await judge(workspace, "ann-0", "wrong", note="a secret note")
    await judge(workspace, "ann-0", "unsure")
    await withdraw(workspace, "ann-0", 1, ANN)
    journal.of(workspace.home).flush()
    told = [
        (one.action, one.user_id, one.memory_id, dict(one.details))
        for one in entries(workspace.home)
        if one.action.startswith("verdict")
    ]
    assert told == [
        ("verdict.give", "ann", "ann-0", {"verdict": "wrong", "version": 1, "note": True}),
        ("verdict.give", "ann", "ann-0", {"verdict": "unsure", "version": 1, "replaces": "wrong"}),
        ("verdict.withdraw", "ann", "ann-0", {"verdict": "unsure", "version": 1}),
    ]
    assert "secret note" not in repr(list(entries(workspace.home)))


async def test_a_change_asks_again_and_the_verdict_stays_on_what_was_judged(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service)
    await judge(workspace, "ann-1", "correct")
    assert ids(workspace, Asked("changed")) == []
    await change(workspace, service, "ann-1")
    found = of(workspace, "ann-1")
    assert found.changed
    assert [(one.version, one.latest) for one in found.all] == [(1, 2)]
    assert ids(workspace, Asked("changed")) == ["ann-1"]
    assert "ann-1" in ids(workspace, Asked("unreviewed"))
    await judge(workspace, "ann-1", "wrong", version=2)
    assert not of(workspace, "ann-1").changed
    assert ids(workspace, Asked("changed")) == []


async def change_and_back(workspace: Workspace, service: Service, memory_id: str) -> None:
    """Let a memory of Ann say something else, and then again what it said."""
    with workspace.open_reads() as reads:
        content = reads.memory(memory_id)[0].content
    await change(workspace, service, memory_id)
    service.put(ANN.external_id, a_memory(memory_id, content))
    await sync(workspace, SyncScope((ANN,), full=True))


async def test_a_verdict_stands_again_where_the_memory_says_again_what_was_judged(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service)
    await judge(workspace, "ann-1", "wrong")
    await change_and_back(workspace, service, "ann-1")
    found = of(workspace, "ann-1")
    assert not found.changed
    assert [(one.version, one.latest, one.is_of_now) for one in found.all] == [(1, 3, True)]
    assert ids(workspace, Asked("changed")) == []
    assert ids(workspace, Asked("flagged")) == ["ann-1"]
    assert "ann-1" not in ids(workspace, Asked("unreviewed"))
    with workspace.open_reads() as reads:
        given = chosen(reads, VerdictFilter(changed=False))
        assert [one.version for one, _listing in given] == [1]
        assert chosen(reads, VerdictFilter(changed=True)) == []
        assert reviewed(reads, VerdictFilter()) == (1, 0, 0)
        some = batch(reads, with_memories(reads, given))
        rows = list(verdict_rows(reads, "default", given, {}))
    assert (some.memory_ids, some.left_out) == (["ann-1"], ())
    assert [dict(zip(VERDICT_COLUMNS, row, strict=True))["changed_since"] for row in rows] == [
        False
    ]


async def test_who_judges_again_what_a_memory_says_again_has_one_verdict_on_it(
    workspace: Workspace, service: Service, clock: list[int]
) -> None:
    await read(workspace, service)
    await judge(workspace, "ann-0", "wrong")
    await change_and_back(workspace, service, "ann-0")
    await note(workspace, "ann-0", 3, "she moved", ANN)
    await judge(workspace, "ann-0", "correct", version=3)
    assert [(one.verdict, one.version) for one in of(workspace, "ann-0").all] == [("correct", 3)]
    undone = await undo(workspace, "ann-0", 3, ANN)
    assert undone is not None
    assert (undone.ended.verdict, undone.again) == ("correct", "wrong")
    (own,) = of(workspace, "ann-0").all
    assert (own.verdict, own.version, own.note) == ("wrong", 1, "she moved")
    await judge(workspace, "ann-0", "duplicate", version=2)
    assert of(workspace, "ann-0").all == (own,)
    for said in ("wrong", "duplicate"):  # that on what it says now goes first
        ended = await withdraw(workspace, "ann-0", None)
        assert ended is not None
        assert ended.verdict == said
    assert of(workspace, "ann-0") == Standing()


async def test_those_are_compared_who_judged_what_says_the_same(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service)
    act_as(workspace, "eve")
    await judge(workspace, "ann-0", "wrong")
    await change_and_back(workspace, service, "ann-0")
    act_as(workspace, "zoe")
    await judge(workspace, "ann-0", "wrong", version=3)
    with workspace.open_reads() as reads:
        assert len(chosen_pairs(reads, VerdictFilter())) == 1
        assert len(chosen(reads, VerdictFilter(both=frozenset({"eve", "zoe"})))) == 2


@pytest.mark.parametrize("version", [0, 2])
async def test_what_does_not_exist_cannot_be_judged(
    workspace: Workspace, service: Service, version: int
) -> None:
    await read(workspace, service)
    with pytest.raises(BadVerdict, match="no such version"):
        await judge(workspace, "ann-0", "wrong", version=version)
    with pytest.raises(BadVerdict, match="is no verdict"):
        await judge(workspace, "ann-0", "excellent")
    with pytest.raises(BadVerdict, match="2,000 characters"):
        await judge(workspace, "ann-0", "wrong", note="x" * 2_001)
    with pytest.raises(BadVerdict, match="That is the API key, and no note"):
        await judge(workspace, "ann-0", "wrong", note="mpg-0123456789abcdefghijklmnop leaked")


async def test_a_second_reviewer_does_not_see_the_first_before_having_judged(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service)
    act_as(workspace, "first")
    await judge(workspace, "ann-0", "wrong")
    await judge(workspace, "shared", "correct")
    act_as(workspace, "second")
    found = of(workspace, "ann-0")
    assert [one.operator for one in found.all] == ["first"]
    assert found.blinded == Standing()
    second = Asked("unreviewed", blind=True)
    assert set(ids(workspace, second, "second")) == {"ann-0", "shared"}
    await judge(workspace, "ann-0", "correct")
    assert [one.operator for one in of(workspace, "ann-0").blinded.all] == ["second", "first"]
    assert ids(workspace, second, "second") == ["shared"]
    assert ids(workspace, second, "first") == []


async def test_queues_hold_what_they_say_each_memory_once(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service)
    assert Counter(ids(workspace, Asked("unreviewed"))).most_common(1)[0][1] == 1
    assert len(ids(workspace, Asked("unreviewed"))) == 7
    await judge(workspace, "ann-0", "wrong")
    await judge(workspace, "ann-1", "correct")
    await judge(workspace, "shared", "unsure")
    assert ids(workspace, Asked("flagged")) == ["ann-0"]
    assert ids(workspace, Asked("flagged", verdicts=frozenset({"unsure"}))) == ["shared"]
    assert len(ids(workspace, Asked("unreviewed"))) == 4
    only_bob = Asked("unreviewed", Filter(subject=BOB))
    assert set(ids(workspace, only_bob)) == {"bob-0", "bob-1"}


async def test_a_sample_is_the_same_for_the_same_seed(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service, ann=30)
    one = ids(workspace, Asked("sample", number=5, seed=7))
    assert one == ids(workspace, Asked("sample", number=5, seed=7), "somebody else")
    assert len(set(one)) == 5
    assert one != ids(workspace, Asked("sample", number=5, seed=8))
    assert one == ids(workspace, Asked("sample", number=20, seed=7))[:5]
    everybody = {memory.memory_id for memory in everything(workspace)}
    by_hand = sorted(everybody, key=lambda name: hashlib.sha256(f"7:{name}".encode()).digest())
    assert one == by_hand[:5]


async def test_a_queue_stays_as_it_was_made_and_remembers_where_one_was(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service)
    queue = await queues.make(workspace, Asked("unreviewed", Filter(subject=ANN)), "ann")
    assert (queue.items, queue.fitting, queue.position, queue.ref) == (5, 5, 0, ANN)
    with workspace.open_reads() as reads:
        items = queues.items(reads, queue)
    await judge(workspace, "ann-0", "wrong")
    queues.move(workspace, queue.pk, items[3].ordinal)
    await (await workspace.open_writer()).run(lambda c: None)
    with workspace.open_reads() as reads:
        (again,) = queues.left(reads, "ann")
        assert queues.items(reads, again) == items
        assert reads.memories([items[0].listing_pk])[0].ref == ANN
        assert queues.left(reads, "somebody else") == []
    assert (again.pk, again.position, again.items) == (queue.pk, 3, 5)
    sample = await queues.make(workspace, Asked("sample", number=2), "ann")
    assert queues.facts_of(sample)["number"] == 2
    assert isinstance(queues.facts_of(sample)["seed"], int)
    anew = await queues.make(workspace, Asked("unreviewed", Filter(subject=ANN)), "ann")
    assert anew.items == 4
    with workspace.open_reads() as reads:
        assert [one.kind for one in queues.left(reads, "ann")] == ["unreviewed", "sample"]


async def test_what_is_removed_takes_its_verdicts_and_queues_along(
    workspace: Workspace, service: Service, isolated: Path
) -> None:
    await read(workspace, service)
    await judge(workspace, "ann-0", "wrong", note="notation about xylophones")
    await judge(workspace, "shared", "wrong", note="seen with Ann: xylophones")
    await give(workspace, Judgement("shared", 1, "correct", note="seen with Bob", ref=BOB))
    await queues.make(workspace, Asked("unreviewed", Filter(subject=ANN)), "ann")
    everyone = await queues.make(workspace, Asked("sample"), "ann")
    await roster.remove_subject(workspace, ANN)
    with workspace.open_reads() as reads:
        found = chosen(reads, VerdictFilter(ended=True))
        (queue,) = queues.left(reads, "ann")
        left = queues.items(reads, queue)
    assert [one.note for one, _ in found] == ["seen with Bob"]
    assert (queue.pk, len(left)) == (everyone.pk, 3)


async def test_verdicts_are_chosen_by_memory_operator_kind_time_and_change(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service)
    act_as(workspace, "one")
    await judge(workspace, "ann-0", "wrong")
    await judge(workspace, "ann-1", "correct")
    act_as(workspace, "two")
    await judge(workspace, "ann-0", "correct")
    await give(workspace, Judgement("bob-0", 1, "wrong", ref=BOB))
    await change(workspace, service, "ann-1")

    def named(**more: object) -> list[tuple[str, str]]:
        with workspace.open_reads() as reads:
            found = chosen(reads, replace(VerdictFilter(), **more))  # type: ignore[arg-type]
            by_pk = {memory.pk: memory.memory_id for memory in everything(workspace)}
            return [(by_pk[one.memory_pk], one.operator) for one, _ in found]

    assert len(named()) == 4
    assert named(operators=frozenset({"one"})) == [("ann-1", "one"), ("ann-0", "one")]
    assert named(verdicts=frozenset({"wrong"})) == [("bob-0", "two"), ("ann-0", "one")]
    assert named(subject=BOB) == [("bob-0", "two")]
    assert named(text="something else") == [("ann-1", "one")]
    assert named(changed=True) == [("ann-1", "one")]
    assert named(given_since=10**15) == []
    assert named(views=frozenset({"skill"})) == []
    assert named(both=frozenset({"one", "two"})) == [("ann-0", "two"), ("ann-0", "one")]
    assert named(both=frozenset({"one", "nobody"})) == []
    await judge(workspace, "ann-0", "wrong")
    # What one of them did not say in this way is no pair, and counts nowhere.
    assert named(verdicts=frozenset({"correct"}), both=frozenset({"one", "two"})) == []
    both = named(verdicts=frozenset({"correct", "wrong"}), both=frozenset({"one", "two"}))
    assert both == [("ann-0", "two"), ("ann-0", "one")]
    # What stood when it was compared was replaced since: figures count what stands.
    assert named(both=frozenset({"one", "two"}), stands=True) == [("ann-0", "one")]
    with workspace.open_reads() as reads:
        ((one, other),) = chosen_pairs(reads, VerdictFilter())
        assert (one.verdict, other.verdict, other.ended) == ("wrong", "correct", "replaced")
        assert chosen_pairs(reads, VerdictFilter(subject=BOB)) == []
        assert chosen_pairs(reads, VerdictFilter(verdicts=frozenset({"wrong"}))) == []
    with workspace.open_reads() as reads:
        assert memories_there(reads, Filter()) == 7
        assert memories_there(reads, Filter(subject=BOB)) == 3
        assert reviewed(reads, VerdictFilter()) == (2, 1, 0)
        assert reviewed(reads, VerdictFilter(subject=BOB)) == (1, 0, 0)
        # What changed is counted of the verdicts that are asked for.
        assert reviewed(reads, VerdictFilter(operators=frozenset({"two"}))) == (2, 0, 0)
        assert reviewed(reads, VerdictFilter(both=frozenset({"one", "two"}))) == (1, 0, 0)
        assert reviewed(reads, VerdictFilter(verdicts=frozenset({"correct"}))) == (0, 1, 0)


async def test_who_does_not_agree_is_told_in_the_language_of_the_interface(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service)
    act_as(workspace, "one")
    await judge(workspace, "ann-0", "too_sensitive")
    act_as(workspace, "two")
    await judge(workspace, "ann-0", "correct")
    with workspace.open_reads() as reads, written_in("zh"):
        left_out = batch(reads, with_memories(reads, chosen(reads, VerdictFilter()))).left_out
    assert left_out == (("ann-0", "操作者的判定不一致：正确、过于敏感。"),)


# -- numbers ---------------------------------------------------------------------------------------


def judged(operator: str, said: Sequence[str], view: str = "preference") -> list[Verdict]:
    first = 1_000 * ord(operator)  # no two verdicts have the same key
    return [
        Verdict(first + n, n, 1, operator, name, None, None, 1_764_000_000_000, None, None, view, 1)
        for n, name in enumerate(said)
    ]


def agreed(*verdicts: Verdict) -> list[agreements.Agreement]:
    return agreements.agreement(agreements.compared(verdicts))


def said_in_turn(*turns: str) -> list[Verdict]:
    """Return what was said of one memory, such as ``a wrong``, ``a withdrawn``, each after the other."""
    found: list[Verdict] = []
    for at, turn in enumerate(turns):
        operator, name = turn.split()
        ended = name if name in {"withdrawn", "slip"} else "replaced"
        found = [
            one._replace(ended_at=at, ended=ended)
            if one.operator == operator and one.ended is None
            else one
            for one in found
        ]
        if ended == "replaced":
            one = Verdict(at, 1, 1, operator, name, None, None, at, None, None, "preference", 1)
            found.append(one)
    return found


@pytest.mark.parametrize(
    ("turns", "counted"),
    [
        (["a wrong", "b correct"], "wrong/correct"),
        (["a wrong", "b correct", "b wrong"], "wrong/correct"),
        (["a wrong", "b correct", "b withdrawn", "b wrong"], "wrong/correct"),
        (["a wrong", "b correct", "b withdrawn"], "wrong/correct"),
        (["a wrong", "b correct", "a correct"], "wrong/correct"),
        (["a wrong", "a correct", "b correct"], "correct/correct"),
        (["a wrong", "a withdrawn", "b correct", "a correct"], "correct/correct"),
        (["a wrong", "b correct", "b slip", "b wrong", "b correct"], "wrong/wrong"),
        (["a wrong", "b correct", "b slip"], None),
        (["a wrong", "a withdrawn", "b correct"], None),
        (["b unsure", "a wrong", "a unsure", "b wrong"], "wrong/unsure"),
    ],
)
def test_what_is_said_after_the_other_ones_verdict_could_be_seen_does_not_count(
    turns: list[str], counted: str | None
) -> None:
    pairs = [
        f"{one.verdict}/{other.verdict}"
        for one, other in agreements.compared(reversed(said_in_turn(*turns)))
    ]
    assert pairs == ([] if counted is None else [counted])


def test_agreement_says_no_number_that_its_cases_do_not_carry() -> None:
    for number, share, kappa in ((9, False, False), (10, True, False), (30, True, True)):
        some = ["correct", "wrong"] * (number // 2) + ["correct"] * (number % 2)
        (one,) = agreed(*judged("a", some), *judged("b", some))
        assert (one.compared, one.agreed) == (number, number)
        assert ((one.share is not None), (one.kappa is not None)) == (share, kappa)


def test_kappa_is_what_the_textbook_says() -> None:
    """Of 50 proposals both say yes to 20 and no to 15; one alone says yes to 5, the other to 10."""
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    kappa, interval = agreements.cohen(pairs)
    assert kappa == pytest.approx(0.4)
    assert interval is not None
    assert interval[0] < 0.4 < interval[1]
    assert agreements.cohen([("yes", "yes")] * 40) == (None, None)


@given(st.lists(st.tuples(st.sampled_from(VERDICTS), st.sampled_from(VERDICTS)), min_size=1))
def test_kappa_never_is_more_than_one_and_one_only_where_all_agree(
    pairs: list[tuple[str, str]],
) -> None:
    kappa, interval = agreements.cohen(pairs)
    if kappa is not None and interval is not None:
        assert kappa <= 1 + 1e-12
        assert (abs(kappa - 1) < 1e-12) == all(one == other for one, other in pairs)
        assert -1 <= interval[0] <= interval[1] <= 1


@given(st.integers(1, 500), st.data())
def test_the_interval_of_a_share_holds_it(number: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, number))
    low, high = agreements.wilson(hits, number)
    assert 0 <= low <= hits / number + 1e-12
    assert hits / number - 1e-12 <= high <= 1


def test_what_disagrees_is_told_most_first() -> None:
    first = ["wrong", "wrong", "wrong", "correct"]
    second = ["correct", "correct", "unsure", "correct"]
    (one,) = agreed(*judged("a", first), *judged("b", second))
    assert one.disagreements == (("wrong", "correct", 2), ("wrong", "unsure", 1))
    assert one.share is None


def test_figures_are_by_week_and_view_and_a_share_needs_ten() -> None:
    some = judged("a", ["correct"] * 8 + ["wrong"] * 2) + judged("b", ["unsure"], "profile")
    found = figures(some)
    assert [(one.week, one.view, one.verdicts, one.memories) for one in found] == [
        (week_of(1_764_000_000_000), "preference", 10, 10),
        (week_of(1_764_000_000_000), "profile", 1, 1),
    ]
    assert found[0].correct == pytest.approx(0.8)
    assert (found[1].correct, found[1].interval) == (None, None)
    assert found[0].counts == {"correct": 8, "wrong": 2}
    assert week_of(1_764_000_000_000) == "2025-11-24"


async def test_findings_are_gone_through_rule_by_rule_but_for_what_was_judged_as_it_says_now(
    workspace: Workspace, service: Service
) -> None:
    await read(workspace, service)
    by_id = {(one.memory_id, one.ref): one.listing_pk for one in everything(workspace)}
    some = [by_id[name, ANN] for name in ("ann-2", "ann-0", "ann-1")]
    found = queues.found_by(
        {"speaker": [*some, by_id["shared", BOB]], "duplicate": [some[2], by_id["shared", ANN]]}
    )
    assert found[some[2]] == ["duplicate", "speaker"]
    asked = Asked("findings", found=found, rules=("duplicate", "speaker"))
    assert ids(workspace, asked) == ["ann-1", "shared", "ann-2", "ann-0"]
    await judge(workspace, "ann-2", "correct")
    await judge(workspace, "ann-1", "wrong")
    await change(workspace, service, "ann-1")
    assert ids(workspace, asked) == ["ann-1", "shared", "ann-0"]
    second = replace(asked, blind=True)
    assert ids(workspace, second, "somebody else") == ["ann-2"]
    queue = await queues.make(workspace, asked, "ann")
    assert (queue.kind, queue.items, queue.fitting) == ("findings", 3, 3)
    assert queues.rules_of(queue) == ("duplicate", "speaker")
    other = await queues.make(workspace, Asked("unreviewed"), "ann")
    assert queues.rules_of(other) == ()


def test_journals_and_manifests_are_told_that_those_are_meant_that_ended() -> None:
    assert VerdictFilter().details == {}
    assert VerdictFilter(ended=True).details == {"ended": True}
