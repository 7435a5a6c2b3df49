"""Lines of what was found: the words marked and in sight, whatever the text is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from memos_admin.backend.excerpt import Excerpt
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.search import Hit
from memos_admin.tui.jobs.searching import Searched, SearchState
from memos_admin.tui.rows.search import found_rows, local_text, marked, recall_hint
from memos_admin.tui.widgets.line_view import Piece
from tests.hostile import HOSTILE, unsafe

ANN = SubjectRef("user", "ann")


def text_of(pieces: tuple[Piece, ...]) -> str:
    return "".join(text for text, _ in pieces)


def marks(pieces: tuple[Piece, ...]) -> list[str]:
    return [text for text, names in pieces if "match" in names.split()]


@pytest.mark.parametrize(
    ("text", "words", "cells", "line", "found"),
    [
        ("I like Tea", "tea", 12, "I like Tea  ", ["Tea"]),
        ("tea\n\tand  TEA", "tea", 13, "tea and TEA  ", ["tea", "TEA"]),
        ("one two", "two one", 7, "one two", ["one", "two"]),
        ("我想在暑假旅行", "暑假", 14, "我想在暑假旅行", ["暑假"]),
        ("x" * 60 + " needle in hay", "needle", 21, "…xxxxxx needle in hay", ["needle"]),
        ("y " * 40 + "needle " + "z " * 40, "needle", 20, "…y y y needle z z z…", ["needle"]),
        ("nothing here", "tea", 8, "nothing…", []),
        ("tea", "", 4, "tea ", []),
        ("tea", "tea", 0, "", []),
    ],
)
def test_words_are_marked_and_in_sight(
    text: str, words: str, cells: int, line: str, found: list[str]
) -> None:
    pieces = marked(text, words, cells)
    assert (text_of(pieces), marks(pieces)) == (line, found)


@given(
    st.one_of(
        st.text(max_size=120), st.sampled_from(sorted(HOSTILE.values())).map(lambda t: t[:500])
    ),
    st.sampled_from(["", "a", "e", "no", "是", "家", "x y", "🚀", '"a b"']),
    st.integers(0, 50),
    st.integers(0, 60),
)
def test_any_line_is_as_wide_as_asked_for_and_safe(
    text: str, words: str, before: int, cells: int
) -> None:
    line = text_of(marked("w " * before + text, words, cells))
    assert cell_len(line) == cells
    assert unsafe(line) == []


def whole(text: str) -> Excerpt:
    return Excerpt.of(text, 0, len(text))


def hit(number: int, conversation_id: str | None, **fields: object) -> Hit:
    values: dict[str, object] = {
        "type": "memory",
        "ref": ANN,
        "conversation_id": conversation_id,
        "seq": None,
        "memory_id": f"m{number}",
        "view": "skill",
        "title": None,
        "excerpt": whole("drinks tea"),
        "updated_at": None,
    } | fields
    return Hit(**values)  # type: ignore[arg-type]


def test_hits_stand_under_their_user_and_conversation_where_it_was_found_first() -> None:
    hits = [hit(1, "b"), hit(2, None), hit(3, "b"), hit(4, "b", ref=SubjectRef("agent", "ann"))]
    rows = found_rows(hits, "tea")
    lines = ["".join(text for text, _ in row.pieces(60, 0)).strip() for row in rows]
    assert [line[:40] for line in lines] == [
        "ann · b",
        "Skill      drinks tea",
        "Skill      drinks tea",
        "ann · no conversation",
        "Skill      drinks tea",
        "ann (agent) · b",
        "Skill      drinks tea",
    ]
    assert [row.value.memory_id for row in rows if row.key is not None] == ["m1", "m3", "m2", "m4"]
    assert len({row.key for row in rows if row.key is not None}) == 4


def test_a_mark_of_whose_words_they_are_is_left_out_even_where_it_is_cut() -> None:
    for snippet in ("[user perspective] Likes tea", "…perspective] Likes tea"):
        (_, row) = found_rows([hit(1, "b", excerpt=whole(snippet))], "tea")
        assert "perspective" not in "".join(text for text, _ in row.pieces(60, 0))
    (_, row) = found_rows([hit(1, "b", excerpt=whole("…items] Likes tea"))], "tea")
    assert "items]" in "".join(text for text, _ in row.pieces(60, 0))


def test_what_was_searched_is_said() -> None:
    partly = Searched(1_200, 1, 0, whole=False)
    assert local_text(3, partly, SearchState(), None, 60_000) == (
        "3 of 3 found in 1,200 messages and 1 memory of everyone, as of 1 min ago (synced in part), "
        "what arrived here last first."
    )
    assert local_text(1, partly, SearchState(), None, 60_000).endswith("(synced in part).")
    best = SearchState(where="messages", order="relevance")
    for ranked, of in ((None, "≥ 501"), (5_000, "≥ 5,000"), (730, "730")):
        assert local_text(501, partly, best, ANN, 0, ranked=ranked).startswith(f"500 of {of} found")
    assert local_text(7, partly, best, ANN, 0, ranked=7).startswith("7 of 7 found")
    assert local_text(501, partly, best, ANN, 0).startswith(
        "500 of ≥ 501 found in 1,200 messages of ann, as of just now (synced in part), "
        "best of the latest 5,000 first."
    )
    assert "one user at a time" in recall_hint(None, "x")
