"""Places: their links, and going back and forward among them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.model import SubjectRef
from memos_admin.tui.desk.place import Place, from_link
from memos_admin.tui.desk.visits import MOST, Visits

IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
PLACES = st.builds(
    Place,
    st.builds(SubjectRef, st.sampled_from(["user", "agent"]), IDS),
    st.none() | st.just("") | st.just("-") | IDS,
    st.none() | IDS,
)


def at(name: str, pane: str = "memories") -> Place:
    return Place(SubjectRef("user", name), "0610", pane=pane)


@given(PLACES)
def test_a_link_leads_where_it_was_made(place: Place) -> None:
    link = place.link
    assert link.isascii()
    assert not any(char.isspace() for char in link)
    found = from_link(f"  {link}\n")
    assert found is not None
    assert found.apart_from_pane == place.apart_from_pane


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0610",
        "memos-admin:",
        "memos-admin:user",
        "memos-admin:user/",
        "memos-admin:robot/x",
        "memos-admin:user/x/conversation",
        "memos-admin:user/x/conversation/",
        "memos-admin:user/x/other/y",
        "memos-admin:user/x/memory/a/memory/b",
        "https://example.com/user/x",
    ],
)
def test_what_is_no_link_leads_nowhere(text: str) -> None:
    assert from_link(text) is None


@given(st.text(max_size=60))
def test_junk_after_the_scheme_never_raises(text: str) -> None:
    from_link(f"memos-admin:{text}")


def test_back_and_forward() -> None:
    visits = Visits()
    assert visits.back() is None
    for name in "abc":
        visits.go(at(name))
    assert visits.back() == at("b")
    assert visits.back() == at("a")
    assert visits.back() is None
    assert visits.forward() == at("b")
    visits.go(at("d"))
    assert visits.forward() is None
    assert visits.back() == at("b")


def test_another_pane_of_the_same_place_is_no_visit_of_its_own() -> None:
    visits = Visits()
    visits.go(at("a"))
    visits.go(at("b"))
    visits.go(at("b", "detail"))
    assert visits.back() == at("a")
    assert visits.forward() == at("b", "detail")


def test_going_out_to_the_lists_keeps_what_was_read_there() -> None:
    visits = Visits()
    visits.go(at("a", "transcript"))
    for pane in ("conversations", "users"):
        visits.stay(at("a", pane))
        visits.go(at("a", pane))
    visits.go(at("b", "conversations"))
    visits.go(at("b", "transcript"))
    assert visits.back() == at("a", "transcript")
    visits.go(at("a", "memories"))
    assert visits.forward() == at("b", "transcript")
    assert visits.back() == at("a", "memories")


def test_moving_the_cursor_before_going_back_keeps_what_lies_ahead() -> None:
    visits = Visits()
    for name in "abc":
        visits.go(at(name))
    visits.back()
    visits.stay(replace(at("b"), memory_id="m1"))
    assert visits.back() == at("a")
    assert visits.forward() == replace(at("b"), memory_id="m1")
    visits.stay(at("elsewhere"))
    assert visits.forward() is None


def test_lately_has_each_place_once_and_not_the_present_one() -> None:
    visits = Visits()
    for name in "bacab":
        visits.go(at(name))
    assert [place.subject.external_id for place in visits.lately()] == ["a", "c"]


def test_no_more_than_so_many_are_kept() -> None:
    visits = Visits()
    for number in range(MOST + 10):
        visits.go(at(str(number)))
    steps = 0
    while visits.back() is not None:
        steps += 1
    assert steps == MOST - 1
