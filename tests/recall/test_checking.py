"""Whether answers are as expected: by a plain reading of them, and what has changed since."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.erasing import forgetting
from memos_admin.backend.errors import Refused
from memos_admin.backend.recall import checking
from memos_admin.backend.recall.checking import (
    Checked,
    at_once,
    check,
    judged,
    keep,
    last_checks,
    parse_last,
)
from memos_admin.backend.recall.lab import Answers, Question
from memos_admin.backend.recall.parameters import Parameters
from memos_admin.backend.recall.questions import Expectation, Saved
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Memory
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import asked
from tests.recall.conftest import MARIA
from tests.recall.test_explaining import answer, memory

VIEWS = ("detail_factual", "preference")
WORDS = st.sampled_from(["tea", "Tea time", "green  tea", "coffee", "茶", "no tea"])
MEMORIES = st.lists(
    st.builds(
        lambda n, view, title, content: memory(f"m{n}", view, title=title, content=content),
        st.integers(0, 6),
        st.sampled_from(VIEWS),
        WORDS,
        WORDS,
    ),
    max_size=8,
    unique_by=lambda m: m.memory_id,
)
EXPECTED = st.builds(
    lambda must, by, number, words, view, within: Expectation(
        must, f"m{number}" if by else None, () if by else tuple(words), view, within
    ),
    st.booleans(),
    st.booleans(),
    st.integers(0, 7),
    st.lists(
        st.sampled_from(["tea", "TEA", "time", "green tea", "茶", "x"]), min_size=1, max_size=2
    ),
    st.none() | st.sampled_from(VIEWS),
    st.none() | st.integers(1, 3),
)


def naive(wanted: Expectation, memories: list[Memory]) -> bool:
    """Whether an expectation is met, looked for memory by memory."""
    there = False
    for view in VIEWS:
        for place, one in enumerate((m for m in memories if m.view == view), 1):
            text = " ".join(f"{one.title} {one.content}".split()).lower()
            fits = wanted.memory_id == one.memory_id if wanted.memory_id else True
            for words in wanted.words:
                fits = fits and words.lower() in text
            if wanted.view is not None and wanted.view != view:
                fits = False
            if wanted.within is not None and place > wanted.within:
                fits = False
            there = there or fits
    return there == wanted.must


def answers(*memories: Memory) -> Answers:
    return Answers(Question("u", "x"), answer(*memories), None, None, 0)


@given(MEMORIES, st.lists(EXPECTED, max_size=4))
def test_what_is_met_is_what_a_plain_reading_says(
    memories: list[Memory], expected: list[Expectation]
) -> None:
    found = judged(Saved("n", "u", "x", expected=tuple(expected)), answers(*memories))
    assert [one.met for one in found] == [naive(wanted, memories) for wanted in expected]
    assert all(bool(one.why) != one.met for one in found)


def of(*met: bool, before: Any = None, problem: str = "") -> Checked:
    wanted = Expectation(must=True, memory_id="m")
    found = [
        *(
            judged(Saved("n", "u", "x", expected=(wanted,)), answers(*[memory("m")][: int(m)]))
            for m in met
        )
    ]
    return Checked(Saved("n", "u", "x"), "d", tuple(f[0] for f in found), problem, before)


def test_what_has_changed_since_the_last_time() -> None:
    passed, failed = ((True, 1),), ((False, None),)
    assert of(True).change == "new"
    assert of(True, before=passed).change == "same"
    assert of(True, before=((True, 2),)).change == "moved"
    assert of(True, before=failed).change == "newly passes"
    assert of(False, before=passed).change == "newly fails"
    assert of(False, before=failed).change == "same"
    assert of(True, before=passed, problem="no").change == ""
    # Of a question that fails already, what else does.
    one_failed, other_failed = (*failed, *passed), (*passed, *failed)
    assert of(False, False, before=one_failed).changes == ("same", "newly fails")
    assert of(False, False, before=one_failed).change == "newly fails"
    assert of(False, True, before=failed * 2).change == "newly passes"
    assert of(False, True, before=other_failed).changes == ("newly fails", "newly passes")
    assert of(False, True, before=other_failed).change == "newly fails"
    assert of(False, True, before=(*failed, (True, 2))).change == "moved"
    assert of(True, True, before=passed).change == "new"  # a report that was edited
    assert of(True, problem="no").outcome == "not asked"


def test_what_is_kept_is_read_again_and_bounded() -> None:
    many = [replace(of(True), digest=f"{n}") for n in range(checking.MOST_KEPT + 5)]
    kept = parse_last(checking.told({"old": ((False, None),)}, many))
    assert len(kept) == checking.MOST_KEPT
    assert "old" not in kept
    assert kept[f"{checking.MOST_KEPT + 4}"] == ((True, 1),)
    again = parse_last(checking.told(kept, [replace(of(False, problem="no"), digest="9")]))
    assert again == kept


@given(
    st.text(max_size=30) | st.sampled_from(["[]", '{"a": 1}', '{"a": [[1, 2]]}', '{"a": [[true]]}'])
)
def test_whatever_was_kept_is_read(text: str) -> None:
    assert all(isinstance(pairs, tuple) for pairs in parse_last(text).values())


def saved(*expected: Expectation, text: str = "Who has the peanut allergy?") -> Saved:
    return Saved(text, MARIA.external_id, text, expected=expected)


RIGHT = Expectation(must=True, words=("sister is allergic",), within=2)
WRONG = Expectation(must=True, words=("holiday", "llanes"))


async def test_questions_are_asked_once_and_twice_where_they_fail(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    before = asked(emulator, "/_emulator/requests").get("/search/memory", 0)
    never = Expectation(must=False, words=("peanut",))
    done: list[Checked] = []
    found = await check(
        acme,
        [saved(RIGHT), saved(WRONG), saved(never)],
        Parameters(),
        at_once(acme.reads),
        on_done=done.append,
    )
    assert asked(emulator, "/_emulator/requests")["/search/memory"] == before + 4
    assert [one.outcome for one in found] == ["passed", "failed", "failed"]
    assert {id(one) for one in done} == {id(one) for one in found}
    assert "below the threshold of 0.45" in found[1].found[0].why
    assert found[2].found[0].why == "It is number 1 of its view."


async def test_the_next_check_says_what_has_changed(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    both = [saved(RIGHT), saved(WRONG)]
    first = await check(acme, both, Parameters(), at_once(acme.reads))
    assert [one.change for one in first] == ["new", "new"]
    await keep(acme, at_once(acme.reads), first)
    second = await check(acme, both, Parameters(), at_once(acme.reads))
    assert [one.change for one in second] == ["same", "same"]
    memory_id = first[0].found[0].memory_id
    asked(emulator, "/update/memory", {"memory_id": memory_id, "status": "archived"})
    third = await check(acme, both, Parameters(), at_once(acme.reads))
    assert [one.change for one in third] == ["newly fails", "same"]
    assert "may be gone since the last sync" in third[0].found[0].why
    # Another question is no longer the same one.
    other = await check(acme, both, Parameters(relativity=0.1), at_once(acme.reads))
    assert {one.change for one in other} == {"new"}


async def test_a_question_that_is_the_api_key_is_not_asked_and_the_rest_is(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    before = asked(emulator, "/_emulator/requests").get("/search/memory", 0)
    key = replace(saved(RIGHT), text="mpg-0123456789abcdefghijklmnop")
    found = await check(acme, [key, saved(RIGHT)], Parameters(), at_once(acme.reads))
    assert [one.outcome for one in found] == ["not asked", "passed"]
    assert "That is the API key, and no question." in found[0].problem
    assert asked(emulator, "/_emulator/requests")["/search/memory"] == before + 1


async def test_what_cannot_be_asked_is_said_and_the_rest_goes_on(
    acme: Workspace, emulator: EmulatorThread
) -> None:
    asked(
        emulator, "/_emulator/faults", {"faults": ["code:code=40304,route=/search/memory,times=1"]}
    )
    found = await check(acme, [saved(RIGHT), saved(RIGHT)], Parameters(), at_once(acme.reads))
    assert sorted(one.outcome for one in found) == ["not asked", "passed"]
    assert "used up its calls" in "".join(one.problem for one in found)
    await keep(acme, at_once(acme.reads), found)


async def test_a_refused_key_ends_it(acme: Workspace, emulator: EmulatorThread) -> None:
    asked(emulator, "/_emulator/faults", {"faults": ["expired-key"]})
    with pytest.raises(Refused):
        await check(acme, [saved(RIGHT)] * 9, Parameters(), at_once(acme.reads))
    assert asked(emulator, "/_emulator/requests")["/search/memory"] <= checking.AT_ONCE


async def test_who_is_erased_leaves_no_checks(acme: Workspace) -> None:
    read = at_once(acme.reads)
    await keep(acme, read, await check(acme, [saved(RIGHT)], Parameters(), read))
    assert len(last_checks(acme.reads)) == 1
    await forgetting.forget(acme, MARIA, lambda _what: None)
    with acme.open_reads() as reads:
        assert last_checks(reads) == {}
