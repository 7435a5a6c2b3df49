"""The command line for what is on the screen: the program reads it as it was meant."""

from __future__ import annotations

import shlex
import sqlite3
from argparse import Namespace
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from memos_admin.backend.evidence.kinds import ANOTHER
from memos_admin.backend.evidence.narrowing import of_messages
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.verdicts.kinds import QUEUES
from memos_admin.backend.view_words import VIEWS
from memos_admin.cli import main as program
from memos_admin.cli import memories, memory_filters
from memos_admin.cli.arguments import ORDERS, named_subject, subject_of
from memos_admin.cli.evidence import silent
from memos_admin.cli.export import export_messages
from memos_admin.cli.parser import Parser
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs.exporting import FORMATS, Plan
from memos_admin.tui.journaling import About
from memos_admin.tui.rows.evidence import KINDS, LISTS, ListName
from memos_admin.tui.words.command_line import (
    command_line,
    of_changes,
    of_evidence,
    of_export,
    of_pane,
    of_queue,
    of_recall,
    of_search,
    of_subject,
    of_text,
    of_timeline,
)  # fmt: skip

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
IDS = TEXTS.map(str.strip).filter(bool)
PAST = st.integers(0, 1_700_000_000_000)
TIMES = st.none() | st.integers(0, 4_000_000_000_000)


def holds_something(since: int | None, until: int | None) -> bool:
    """Whether there is something between: the program refuses what has nothing."""
    return since is None or until is None or since < until


QUERIES = st.builds(
    Filter,
    subject=st.none() | st.builds(SubjectRef, st.sampled_from(["user", "agent"]), IDS),
    conversation_id=st.none() | st.just("") | IDS,
    views=st.frozensets(st.sampled_from([*VIEWS])),
    tags=st.frozensets(TEXTS, max_size=3),
    statuses=st.frozensets(TEXTS, max_size=2),
    since=TIMES,
    until=TIMES,
    vanished=st.none() | st.booleans(),
    text=st.just("") | TEXTS,
    order=st.sampled_from(ORDERS),
    descending=st.booleans(),
    any_tags=st.frozensets(st.frozensets(TEXTS, min_size=2, max_size=2), max_size=1),
    created_since=TIMES,
    inferred=st.none() | st.booleans(),
    not_tags=st.frozensets(TEXTS, max_size=2),
    not_views=st.frozensets(st.sampled_from([*VIEWS]), max_size=1),
    not_texts=st.frozensets(TEXTS, max_size=1),
).filter(lambda query: holds_something(query.since, query.until))


@given(QUERIES)
def test_the_program_reads_the_filter_of_the_screen(query: Filter) -> None:
    place = Place(query.subject or SubjectRef("user", "x"))
    program, *arguments = shlex.split(command_line([], of_pane("memories", place, query)))
    assert program == "memos-admin"
    assert arguments[:2] == ["memories", "list"]
    parser = Parser(prog="memos-admin memories")
    memories.add_commands(parser)
    assert memory_filters.filter_of(parser.parse_args(arguments[1:])) == query


@pytest.mark.parametrize(
    ("pane", "place", "command"),
    [
        ("users", None, "users list --limit=0"),
        ("users", Place(SubjectRef("user", "ann"), "c"), "users list --limit=0"),
        ("conversations", Place(SubjectRef("agent", "-x y")), "conversations list '--agent=-x y' --limit=0"),
        ("transcript", Place(SubjectRef("user", "a"), "c"), "messages list --user=a --conversation=c --limit=0"),
        ("detail", Place(SubjectRef("user", "a"), "c", "m1"), "memories show m1"),
        ("detail", Place(SubjectRef("user", "a"), "c", "-m1"), "memories show -- -m1"),
        (
            "detail",
            Place(SubjectRef("user", "a"), "c", None, 3),
            "messages list --user=a --conversation=c --limit=0",
        ),
    ],
)  # fmt: skip
def test_each_pane_has_its_command(pane: str, place: Place | None, command: str) -> None:
    line = command_line(["--project", "acme prod"], of_pane(pane, place, Filter()))
    assert line == f"memos-admin --project 'acme prod' {command}"


WHO = st.builds(SubjectRef, st.sampled_from(["user", "agent"]), IDS)


def parsed(words: list[str]) -> Namespace:
    """Return how the program reads a command line, after a shell."""
    _program, *arguments = shlex.split(command_line([], words))
    before, noun, after = program.split(arguments)
    assert not before
    assert noun is not None
    found: Namespace = program.noun_parser(noun).parse_args(after)
    return found


@given(ref=st.none() | WHO, since=PAST, until=TIMES, query=QUERIES)
def test_changes(ref: SubjectRef | None, since: int, until: int | None, query: Filter) -> None:
    assume(holds_something(since, until))
    usual = Filter()
    query = replace(query, as_of=None, order=usual.order, descending=usual.descending)
    args = parsed(of_changes(ref, since, until, ["added", "status"], query))
    assert (args.filter or Filter()) == replace(query, subject=None)
    assert (subject_of(args), args.since, args.until) == (ref, since, until)
    assert (args.kind, args.limit) == (["added", "status"], 0)


@given(query=QUERIES, ref=WHO, name=st.sampled_from(sorted(LISTS)))
def test_evidence(query: Filter, ref: SubjectRef, name: ListName) -> None:
    query = replace(query, subject=ref)
    for kind in ("", *KINDS[name]):
        args = parsed(of_evidence(name, query, kind, "user"))
        assert args.verb == name
        if name == "silent":
            assert silent.filter_of(args) == of_messages(query)
            assert (args.said_by or args.role) == (kind or None)
            assert args.said_by == (ANOTHER if kind == ANOTHER else None)
        else:
            assert memory_filters.filter_of(args) == query
            assert args.told_as == "user"
        if name == "links":
            assert (args.said_by or args.link) == (kind or None)


@given(
    text=TEXTS, ref=st.none() | WHO, where=st.sampled_from(["all", "messages", "memories"]),
    views=st.frozensets(st.sampled_from([*VIEWS])), whose=st.none() | WHO,
)  # fmt: skip
def test_search(
    text: str, ref: SubjectRef | None, where: str, views: frozenset[str], whose: SubjectRef | None
) -> None:
    within = Filter(subject=whose, views=views)
    args = parsed(of_search(text, ref, within, where=where, order="relevance", limit=500))
    assert (args.text, args.where, args.sort, args.limit) == (text, where, "relevance", 500)
    assert (args.filter or Filter()) == within
    assert subject_of(args) == (ref if whose is None else None)
    recalled = parsed(of_recall(text, SubjectRef("user", "-a")))
    assert (recalled.text, recalled.remote, recalled.user) == (text, True, "-a")


@given(query=QUERIES, ref=WHO, form=st.sampled_from(sorted(FORMATS)), path=TEXTS)
def test_export(query: Filter, ref: SubjectRef, form: str, path: str) -> None:
    query = replace(query, subject=ref)
    for what in ("conversation", "subject", "messages", "memories", "everyone"):
        plan = Plan(what, ref, "c", query, form, guard=False, privacy=Privacy(True))
        args = parsed(of_export(plan, path))
        assert (args.output, args.format, args.mask) == (path, plan.format, True)
        assert args.raw == (plan.format == "csv")
        if what == "memories":
            assert memory_filters.filter_of(args) == query
        elif what == "everyone":
            assert memory_filters.filter_of(args) == Filter()
        elif what == "messages":
            assert args.run is export_messages
        elif what == "subject":
            assert (args.id, args.agent) == (ref.external_id, ref.kind == "agent")
        else:
            assert (named_subject(args), args.conversation) == (ref, "c")


@given(ref=st.none() | WHO)
def test_the_others(ref: SubjectRef | None) -> None:
    assert subject_of(parsed(of_subject(["completeness", "show"], ref))) == ref


@given(query=QUERIES, ref=st.none() | WHO)
def test_time_lines(query: Filter, ref: SubjectRef | None) -> None:
    args = parsed(of_timeline(ref, query))
    assert subject_of(args) == ref
    usual = Filter()
    within = replace(
        query, subject=None, as_of=None, order=usual.order, descending=usual.descending
    )
    assert (args.filter or usual) == within


@given(query=QUERIES, ref=st.none() | WHO, kind=st.sampled_from(QUEUES))
def test_queues(query: Filter, ref: SubjectRef | None, kind: str) -> None:
    query = replace(query, subject=ref)
    args = parsed(of_queue(kind, query, ["--number=5", "--seed=7", "--rule=speaker", "--second"]))
    assert (args.kind, args.number, args.seed, args.rule) == (kind, 5, 7, ["speaker"])
    assert (args.second, args.limit) == (True, 0)
    found, usual = memory_filters.filter_of(args), Filter()
    if kind in {"findings", "sample"}:  # they have an order of their own
        query = replace(query, order=usual.order, descending=usual.descending)
    assert found == query


@given(ref=WHO, memory_id=TEXTS)
def test_texts(ref: SubjectRef, memory_id: str) -> None:
    args = parsed(of_text(About(ref, "c", message=3), json=False))
    assert (args.verb, named_subject(args), args.conversation) == ("list", ref, "c")
    args = parsed(of_text(About(ref, "c", message=3), json=True))
    assert (args.verb, args.format, args.output) == ("conversation", "jsonl", "-")
    args = parsed(of_text(About(ref, "c", memory_id), json=True))
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE memory_json (memory_id, json)")
        connection.execute("INSERT INTO memory_json VALUES (?, ?)", (memory_id, "{}"))
        assert connection.execute(args.statement).fetchall() == [("{}",)]
