"""Why a memory is out: against a plain service of which it is known what it does, and by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.recall.explaining import Cause, Row, Stored, explain
from memos_admin.backend.recall.parameters import LIMITS, VIEWS, Parameters, of_mapping
from memos_admin.cloud.answers import Memory, Recalled, View

PLAIN = ("detail_factual", "preference", "tool_memory", "skill")
MOST = 25


def memory(
    memory_id: str, view: str = "detail_factual", near: float | None = 0.5, **more: Any
) -> Memory:
    """A memory of an answer."""
    tags = list(more.pop("tags", ()))
    values: dict[str, Any] = {"title": memory_id, "content": "", "status": "activated"} | more
    return Memory(
        memory_id=memory_id,
        view=cast("View", view),
        relativity=near,
        raw={"id": memory_id, "tags": tags},
        **values,
    )


def answer(*memories: Memory) -> Recalled:
    """An answer that holds these."""
    ordered = [m for view in VIEWS for m in memories if m.view == view]
    return Recalled(tuple(ordered), {view: sum(m.view == view for m in ordered) for view in VIEWS})


def stored(memory_id: str, **more: Any) -> Stored:
    """A memory of the store."""
    return Stored(memory_id, more.pop("view", "detail_factual"), memory_id, "", **more)


def causes(rows: Sequence[Row], memory_id: str) -> list[tuple[str, bool]]:
    """Why a memory is out."""
    return [
        (cause.why, cause.certain)
        for row in rows
        if row.memory_id == memory_id
        for cause in row.causes
    ]


# -- a service of which it is known what it does ---------------------------------------------------


def serve(held: Sequence[Memory], parameters: Parameters) -> Recalled:
    """What a service does that does nothing but what is documented."""
    found: list[Memory] = []
    for view in PLAIN:
        passing = [m for m in held if m.view == view and wants(parameters, m)]
        near = [m for m in passing if (m.relativity or 0.0) >= parameters.threshold]
        near.sort(key=lambda m: -(m.relativity or 0.0))
        found += near[: parameters.limit(view)]
    return answer(*found)


def wants(parameters: Parameters, one: Memory) -> bool:
    """Whether view and filter let a memory through."""
    asked = parameters.include_memory_view or ()
    if parameters.filter is None:
        return one.view in asked
    return one.view in asked and "work" in one.raw["tags"]


WIDE = of_mapping(
    {
        "relativity": 0,
        **dict.fromkeys(LIMITS.values(), MOST),
        "include_memory_view": VIEWS,
    }
)
FIGURES = st.sampled_from([n / 20 for n in range(20)])
HELD = st.lists(
    st.builds(
        lambda view, near, work: (view, near, work),
        st.sampled_from(PLAIN),
        FIGURES,
        st.booleans(),
    ),
    max_size=60,
).map(
    lambda drawn: [
        memory(f"m{n}", view, near, tags=["work"] if work else [])
        for n, (view, near, work) in enumerate(drawn)
    ]
)
SENT = st.builds(
    Parameters,
    relativity=st.none() | FIGURES,
    memory_limit_number=st.none() | st.integers(0, MOST),
    preference_limit_number=st.none() | st.integers(0, 3),
    include_memory_view=st.lists(st.sampled_from(PLAIN), unique=True).map(tuple),
    filter=st.none() | st.just({"and": [{"tags": {"contains": "work"}}]}),
)


def naive(held: Sequence[Memory], parameters: Parameters, one: Memory) -> set[str]:
    """Which reasons keep a memory out of what such a service returns, each looked for by itself."""
    found = set()
    if one.view not in (parameters.include_memory_view or ()):
        found.add("view")
    if parameters.filter is not None and "work" not in one.raw["tags"]:
        found.add("filter")
    if (one.relativity or 0) < parameters.threshold:
        found.add("threshold")
    others = [
        m
        for m in held
        if m.view == one.view
        and m is not one
        and wants(parameters, m)
        and (m.relativity or 0) >= max(one.relativity or 0, parameters.threshold)
    ]
    if len(others) >= parameters.limit(one.view):
        found.add("limit")
    return found


@given(HELD, SENT)
def test_no_reason_is_told_that_is_none_and_there_always_is_one(
    held: list[Memory], parameters: Parameters
) -> None:
    first, second = serve(held, parameters), serve(held, WIDE)
    found = explain("u", parameters, first, second)
    into = {m.memory_id for m in first.memories}
    assert {row.memory_id for row in found.rows if row.is_in} == into
    assert {row.memory_id for row in found.rows} == into | {m.memory_id for m in second.memories}
    by_id = {m.memory_id: m for m in held}
    for row in found.rows:
        true = naive(held, parameters, by_id[row.memory_id])
        told = {cause.why for cause in row.causes}
        if row.is_in:
            assert told == set()
        else:
            assert all(cause.certain for cause in row.causes)
            assert told
            assert told <= true
            # Beyond the limit is not told of what is too far away anyway.
            assert true - told <= {"limit"}
    assert found.notes == ()


@given(HELD, SENT)
def test_ranks_are_places_in_the_services_own_order(
    held: list[Memory], parameters: Parameters
) -> None:
    first, second = serve(held, parameters), serve(held, WIDE)
    found = explain("u", parameters, first, second)
    for view in VIEWS:
        of_view = [m.memory_id for m in first.memories if m.view == view]
        ranked = {row.memory_id: row.rank for row in found.rows if row.is_in and row.view == view}
        assert ranked == {memory_id: n for n, memory_id in enumerate(of_view, 1)}
        of_view = [m.memory_id for m in second.memories if m.view == view]
        ranked = {
            r.memory_id: r.rank_of_all for r in found.rows if r.view == view and r.rank_of_all
        }
        assert ranked == {memory_id: n for n, memory_id in enumerate(of_view, 1)}
    figures = [row.relativity for row in found.rows if row.relativity is not None]
    assert figures == sorted(figures, reverse=True)
    assert explain("u", parameters, first, second) == found


@given(HELD, SENT, st.integers(0, 60))
def test_what_only_the_store_has_is_told_by_whether_there_was_room(
    held: list[Memory], parameters: Parameters, hidden: int
) -> None:
    served = held[hidden:]
    second = serve(served, WIDE)
    known = [stored(m.memory_id, view=m.view) for m in held]
    found = explain("u", parameters, serve(served, parameters), second, known)
    told = {m.memory_id for m in second.memories}
    for row in found.rows:
        if row.memory_id not in told:
            full = second.counts[row.view] >= MOST
            assert row.causes[0] == Cause("beyond" if full else "not returned", certain=True)
    assert {row.memory_id for row in found.rows} == {m.memory_id for m in held}


# -- where the service says less, or something else ------------------------------------------------


def test_a_threshold_that_the_service_does_not_hold_to_is_no_certain_reason() -> None:
    # As in the quick start: 0.0079 is returned though nothing was sent, which means 0.45.
    found = explain(
        "u",
        Parameters(),
        answer(memory("in", near=0.0079)),
        answer(memory("in", near=0.0079), memory("out", near=0.001)),
    )
    assert causes(found.rows, "out") == [("threshold", False)]
    assert found.notes == ("in below threshold",)


def test_without_a_figure_nothing_is_certain() -> None:
    found = explain("u", Parameters(), answer(), answer(memory("out", near=None)), [stored("out")])
    assert causes(found.rows, "out") == [("threshold", False)]
    assert found.notes == ("no relativity",)
    off = explain("u", Parameters(relativity=0), answer(), answer(memory("out", near=None)))
    assert causes(off.rows, "out") == [("unexplained", True)]


def test_views_that_nothing_names_are_out_perhaps() -> None:
    near = [memory("tool", "tool_memory", 0.9), memory("liked", "preference", 0.9)]
    found = explain("u", Parameters(), answer(), answer(*near))
    assert causes(found.rows, "tool") == [("view", False)]
    assert causes(found.rows, "liked") == [("unexplained", True)]
    found = explain("u", Parameters(include_tool_memory=False), answer(), answer(*near))
    assert causes(found.rows, "tool") == [("view", True)]
    found = explain("u", Parameters(include_tool_memory=True), answer(), answer(*near))
    assert causes(found.rows, "tool") == [("unexplained", True)]


def test_a_filter_that_cannot_be_told_is_a_reason_perhaps_behind_what_is_certain() -> None:
    sent = Parameters(filter={"and": [{"scene": "chat"}]})
    found = explain("u", sent, answer(), answer(memory("near"), memory("far", near=0.1)))
    assert causes(found.rows, "near") == [("filter", False)]
    assert causes(found.rows, "far") == [("threshold", True), ("filter", False)]


def test_which_limit_events_have_is_not_documented() -> None:
    sent = Parameters(memory_limit_number=1, include_memory_view=("event",))
    into, out = memory("in", "event", 0.9), memory("out", "event", 0.8)
    found = explain("u", sent, answer(into), answer(into, out))
    assert causes(found.rows, "out") == [("limit", False)]


def test_facts_and_events_may_share_a_limit() -> None:
    many = [memory(f"f{n}", near=0.5) for n in range(20)]
    many += [memory(f"e{n}", "event", 0.5) for n in range(5)]
    found = explain("u", Parameters(), answer(), answer(*many), [stored("kept")])
    assert causes(found.rows, "kept") == [("beyond", True)]
    found = explain("u", Parameters(), answer(), answer(*many[:-1]), [stored("kept")])
    assert causes(found.rows, "kept") == [("not returned", True)]


def test_what_the_store_knows_to_be_gone_or_archived_is_the_reason() -> None:
    known = [
        stored("gone", vanished_at=1, reason="not found"),
        stored("kept", status="archived"),
        stored("archived", status="archived", vanished_at=1, reason="archived"),
        stored("resolved", status="resolving"),
    ]
    found = explain("u", Parameters(), answer(), answer(), known)
    assert causes(found.rows, "gone") == [("gone", True)]
    for name in ("kept", "archived", "resolved"):
        assert causes(found.rows, name) == [("status", True)]


def test_without_a_second_answer_nothing_is_told_of_the_rest() -> None:
    found = explain("u", Parameters(), answer(memory("in")), None, [stored("in"), stored("out")])
    assert causes(found.rows, "out") == [("not asked", True)]
    assert [row.is_in for row in found.rows] == [True, False]
    assert found.notes == ("no second answer",)
    assert found.counts_of_all is None


def test_fields_of_a_profile_share_an_id_and_are_rows_of_their_own() -> None:
    leaves = [memory("p", "profile", 0.9, title=path) for path in ("home.city", "name")]
    found = explain("u", Parameters(), answer(leaves[0]), answer(*leaves), [stored("p")])
    assert [(row.title, row.is_in) for row in found.rows] == [("home.city", True), ("name", False)]
    assert all(row.stored is not None for row in found.rows)


def test_what_stands_twice_or_is_unreadable_is_told() -> None:
    twice = Recalled((memory("a"), memory("a")), {"detail_factual": 2})
    assert "items dropped" in explain("u", Parameters(), twice, twice).notes
    unread = Recalled((), {"detail_factual": 1})
    assert "items dropped" in explain("u", Parameters(), unread, unread).notes


def test_more_than_was_asked_for_is_told() -> None:
    sent = Parameters(memory_limit_number=1, include_preference=False)
    more = answer(memory("a"), memory("b"), memory("c", "preference"))
    found = explain("u", sent, more, more)
    assert found.notes == ("in not asked for", "over limit")


def test_what_moved_between_the_answers_is_told() -> None:
    found = explain("u", Parameters(), answer(memory("a")), answer())
    assert found.notes == ("moved between",)
    full = [memory(f"m{n}", near=0.9) for n in range(25)]
    assert explain("u", Parameters(), answer(memory("a")), answer(*full)).notes == ()


def test_a_figure_at_the_threshold_is_not_below_it() -> None:
    sent = Parameters(relativity=0.5)
    found = explain("u", sent, answer(), answer(memory("at", near=0.5)))
    assert causes(found.rows, "at") == [("unexplained", True)]


def test_a_status_that_is_not_active_may_be_the_reason() -> None:
    one = replace(memory("a", near=0.9), status="resolving")
    found = explain("u", Parameters(), answer(), answer(one))
    assert causes(found.rows, "a") == [("status", False)]


def test_the_limit_is_no_reason_for_what_is_nearer_than_those_that_are_in() -> None:
    sent = Parameters(memory_limit_number=1)
    into = memory("in", near=0.6)
    found = explain("u", sent, answer(into), answer(into, memory("nearer", near=0.9)))
    assert causes(found.rows, "nearer") == [("unexplained", True)]


def test_an_answer_with_as_many_as_there_are_at_most_tells_nothing_of_the_rest() -> None:
    many = [memory(f"p{n}", "preference", 0.9) for n in range(MOST)]
    known = [stored("kept", view="preference")]
    found = explain("u", Parameters(), answer(), answer(*many), known)
    assert causes(found.rows, "kept") == [("beyond", True)]
    assert found.full == {"preference"}
    found = explain("u", Parameters(), answer(), answer(*many[1:]), known)
    assert causes(found.rows, "kept") == [("not returned", True)]
