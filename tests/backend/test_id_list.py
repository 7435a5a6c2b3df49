"""The ids in a list, however it was written."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memos_admin.backend.ids.from_list import quoted, read_ids

SUBJECTS = {"user", "agent"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('idx-1\nidx-2, idx-3\n"idx-4"', ["idx-1", "idx-2", "idx-3", "idx-4"]),
        ("user-000001, user-000002", ["user-000001", "user-000002"]),
        ("a,b;c\td", ["a", "b", "c", "d"]),
        ("用户_1，用户_2、用户_1", ["用户_1", "用户_2"]),
        ('"li wei", “a, b” bob', ["li wei", "a, b", "bob"]),
        ('["a", "b c", 3]', ["a", "b c", "3"]),
        ("('a', 'b')", ["a", "b"]),
        ("user_id\na\nb\n", ["a", "b"]),
        ("user_id", ["user_id"]),
        ('{"user_id": "u 1", "conversation_id": "0610"}\n{"user_id": "u2"}', ["u 1", "u2"]),
        ("user_id=u1 agent_id=bot", ["u1", "agent:bot"]),
        ('agent:bot agent:"big bot"', ["agent:bot", "agent:big bot"]),
        ("o'brien user:7 x=1", ["o'brien", "user:7", "x=1"]),
        ("[broken", ["[broken"]),
        (" \n", []),
    ],
)
def test_ids_of_a_list(text: str, found: list[str]) -> None:
    assert read_ids(text, SUBJECTS) == found


def test_ids_of_another_kind_are_not_taken() -> None:
    line = '{"user_id": "u1", "conversation_id": "0610"}'
    assert read_ids(line, {"conversation"}) == ["0610"]


@given(st.text("ab ,;'\"“[(1_", min_size=1, max_size=8).map(str.strip))
def test_a_quoted_id_is_read_as_one(name: str) -> None:
    if name and ('"' not in name or "'" not in name):
        assert read_ids(quoted(name), SUBJECTS) == [name]


@given(st.text() | st.text("[]{}()\"'“,:= \nuser_idagent1", max_size=60))
@example("[" * 100_000)
@example("[" + "1" * 5000 + "]")
def test_any_text_is_a_list_of_ids(text: str) -> None:
    found = read_ids(text, SUBJECTS)
    assert all(found)
    assert len(set(found)) == len(found)
