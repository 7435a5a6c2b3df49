"""The command line for what is on the screen: the program reads it as it was meant."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.cli import memories
from memos_admin.cli.arguments import ORDERS, VIEWS, Parser
from memos_admin.tui.command_line import command_line
from memos_admin.tui.place import Place

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
IDS = TEXTS.map(str.strip).filter(bool)
TIMES = st.none() | st.integers(0, 4_000_000_000_000)
QUERIES = st.builds(
    Filter,
    subject=st.none() | st.builds(SubjectRef, st.sampled_from(["user", "agent"]), IDS),
    conversation_id=st.none() | st.just("") | TEXTS,
    views=st.frozensets(st.sampled_from([*VIEWS])),
    tags=st.frozensets(TEXTS, max_size=3),
    statuses=st.frozensets(TEXTS, max_size=2),
    since=TIMES,
    until=TIMES,
    vanished=st.none() | st.booleans(),
    text=st.just("") | TEXTS,
    order=st.sampled_from(ORDERS),
    descending=st.booleans(),
)


@given(QUERIES)
def test_the_program_reads_the_filter_of_the_screen(query: Filter) -> None:
    place = Place(query.subject or SubjectRef("user", "x"))
    program, *arguments = shlex.split(command_line([], "memories", place, query))
    assert program == "memos-admin"
    assert arguments[:2] == ["memories", "list"]
    parser = Parser(prog="memos-admin memories")
    memories.add_commands(parser)
    assert memories.filter_of(parser.parse_args(arguments[1:])) == query


@pytest.mark.parametrize(
    ("pane", "place", "command"),
    [
        ("users", None, "users list"),
        ("users", Place(SubjectRef("user", "ann"), "c"), "users list"),
        ("conversations", Place(SubjectRef("agent", "-x y")), "conversations list '--agent=-x y'"),
        ("transcript", Place(SubjectRef("user", "a"), "c"), "messages list --user=a --conversation=c"),
        ("detail", Place(SubjectRef("user", "a"), "c", "m1"), "memories show m1"),
        (
            "detail",
            Place(SubjectRef("user", "a"), "c", None, 3),
            "messages list --user=a --conversation=c",
        ),
    ],
)  # fmt: skip
def test_each_pane_has_its_command(pane: str, place: Place | None, command: str) -> None:
    line = command_line(["--project", "acme prod"], pane, place, Filter())
    assert line == f"memos-admin --project 'acme prod' {command}"
