"""The API key is no value of any option or argument: nothing is sent, nothing is kept, nothing shows it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.occasion import REASON, TICKET
from memos_admin.backend.projects import Projects
from memos_admin.cli.main import global_parser
from memos_admin.cli.manual import all_pages
from memos_admin.cli.parser import Parser
from memos_admin.cloud.key import fingerprint_of
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import subjects
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer
from tests.cli.conftest import Cli, asked
from tests.cli.test_filter_targets import parser_of

BESIDE = {
    "conversation": "0610",
    "expression": "tag:a",
    "file": "ids.csv",
    "id": "0610",
    "ids": "0610",
    "name": "mine",
    "new": "other",
    "new_name": "other",
    "note": "TICKET-1",
    "output": "-",
    "request": "TICKET-1",
    "text": "tea",
    "user": "memos_user_123",
}
"""What stands in the other places of a command, by its name."""


def with_key(parser: Parser, action: argparse.Action, key: str) -> list[str]:
    """Return a command that has the key in one place, and in the others that it needs what can be."""
    one_of = [actions[0] for must, actions in parser.alternatives if must and action not in actions]
    others = [one for one in parser.actions if one.required and one != action]
    words = [*parser.words]
    for option in (one for one in (*others, *one_of) if one.option_strings):
        words += [option.option_strings[-1], beside(option)]
    before = [one for one in others if not one.option_strings]
    place = [*action.option_strings[-1:], key]
    if action.option_strings:
        return [*words, *map(beside, before), *place]
    at = sum(parser.actions.index(one) < parser.actions.index(action) for one in before)
    return [*words, *map(beside, before[:at]), *place, *map(beside, before[at:])]


def beside(action: argparse.Action) -> str:
    return str(next(iter(action.choices))) if action.choices else BESIDE[action.dest]


PLACES = [
    (parser, action)
    for page in all_pages()
    for parser in [parser_of(page) if page.words else global_parser()]
    for action in parser.actions
    if action.nargs != 0
]
"""Whatever takes a value: one that could never be a key is told as one all the same."""


def files(home: Path) -> Iterator[bytes]:
    for path in home.rglob("*"):
        yield os.fsencode(path)
        if path.is_file():
            yield path.read_bytes()


def test_it_is_refused_wherever_a_command_takes_anything(
    isolated: Path, synced: EmulatorThread, cli: Cli
) -> None:
    requests = asked(synced, "/_emulator/requests")
    key = synced.api_key
    for parser, action in PLACES:
        words = with_key(parser, action, key)
        if " ".join(parser.words) in {"store forget", "users remove"}:
            words.append("--yes")
        ended = cli(*words)
        told = (words, ended)
        assert (ended.code, ended.out) == (2, ""), told
        assert "That is the API key, and no" in ended.err, told
        assert key not in ended.err, told
    assert asked(synced, "/_emulator/requests") == requests
    assert not any(key.encode() in found for found in files(isolated))
    assert {" ".join(parser.words) for parser, _action in PLACES} > {
        *("", "recall ask", "search", "sql", "sync", "watch", "memories list", "filters save"),
        *("users add", "users delete", "subject export", "subject erase", "verdicts give"),
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--ticket", "{key}", "users", "list"),
            "argument --ticket: That is the API key, and no ticket",
        ),
        (
            ("--reason=x{key}y", "users", "list"),
            "argument --reason: That is the API key, and no reason",
        ),
        (("sql", "select '{key}'"), "argument SELECT: That is the API key, and no statement"),
        (
            ("memories", "list", "--text", "{key}"),
            "argument --text: That is the API key, and no text to look for",
        ),
        (("search", "a {key} b"), "argument TEXT: That is the API key, and no question"),
        (("memories", "list", "--tag", "{key}"), "argument --tag: That is the API key, and no tag"),
        (
            ("memories", "list", "--filter=-tag:{key}"),
            "argument --filter: That is the API key, and no filter",
        ),
        (
            ("subject", "export", "memos_user_123", "--request", "{key}"),
            "argument --request: That is the API key, and no ticket",
        ),
        (
            ("export", "memories", "--output", "{key}"),
            "argument --output: That is the API key, and no file name",
        ),
        (("users", "list", "{key}"), "argument: That is the API key, and no argument"),
        (("users", "list", "--nothing={key}"), "argument: That is the API key, and no argument"),
        (("{key}",), "argument: That is the API key, and no argument"),
        (("store", "forget", "--agent", "{key}", "--yes"), "That is the API key, and no id"),
        (("users", "remove", "{key}", "--yes"), "That is the API key, and no id"),
    ],
    ids=lambda given: given if isinstance(given, str) else " ".join(given),
)
def test_it_is_told_where_it_stands(
    synced: EmulatorThread, cli: Cli, words: tuple[str, ...], said: str
) -> None:
    ended = cli(*(word.format(key=synced.api_key) for word in words))
    assert (ended.code, ended.out) == (2, "")
    assert f"memos-admin: {said}. It was kept nowhere here" in ended.err
    assert synced.api_key not in ended.err


@pytest.mark.parametrize(("name", "what"), [(REASON, "reason"), (TICKET, "ticket")])
def test_it_is_refused_in_the_environment(
    synced: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, what: str
) -> None:
    monkeypatch.setenv(name, f"for {synced.api_key}")
    for command in (("users", "list"), ()):  # the latter is the interface
        ended = cli(*command)
        assert (ended.code, ended.out) == (2, "")
        assert f"memos-admin: {name}: That is the API key, and no {what}." in ended.err
        assert synced.api_key not in ended.err


@pytest.mark.parametrize(
    "command",
    [
        ("export", "memories", "--output"),
        ("journal", "export", "--output"),
        ("recall", "check", "questions.toml", "--junit"),
        ("store", "backup"),
        ("subject", "export", "memos_user_123", "--request", "T-1", "--output"),
        ("users", "delete", "memos_user_123", "--dry-run", "--export"),
    ],
)
def test_it_is_in_no_name_of_a_file_that_is_written(
    synced: EmulatorThread, cli: Cli, tmp_path: Path, command: tuple[str, ...]
) -> None:
    written = tmp_path / f"a-{synced.api_key}.jsonl"
    ended = cli(*command, str(written))
    assert (ended.code, ended.out) == (2, "")
    assert "That is the API key, and no file name." in ended.err
    assert synced.api_key not in ended.err
    assert list(tmp_path.glob("*.jsonl")) == []


def test_a_key_of_any_project_is_known_by_its_fingerprint(isolated: Path, cli: Cli) -> None:
    key = "canary/0123456789"
    projects = Projects(Home(isolated))
    projects.remember_key(projects.add("acme", base_url="http://127.0.0.1:9"), fingerprint_of(key))
    projects.add("other", base_url="http://127.0.0.1:9")
    ended = cli("--project", "other", "memories", "list", "--user", key)
    assert (ended.code, ended.out) == (2, "")
    assert "That is the API key, and no id." in ended.err
    assert key not in ended.err


def test_what_came_to_the_roster_as_an_id_before_can_be_taken_away(
    isolated: Path, connected: EmulatorThread, cli: Cli
) -> None:
    assert cli("users", "add", "somebody").code == 0
    (store,) = isolated.glob("projects/*/store.db")
    writer = Writer(store)
    ref = SubjectRef("user", connected.api_key)
    writer.submit(lambda connection: subjects.add(connection, [ref], "hand", 1)).result()
    writer.close()
    assert cli("users", "remove", connected.api_key, "--yes").code == 0
    assert [user["user_id"] for user in cli("users", "list", "--json").json] == ["somebody"]


def test_a_question_without_end_is_told_as_such(synced: EmulatorThread, cli: Cli) -> None:
    ended = cli("recall", "ask", "--user", "memos_user_123", "x" * 4_001)
    assert (ended.code, ended.out) == (2, "")
    assert "The question has more than 4,000 characters. Shorten it." in ended.err
