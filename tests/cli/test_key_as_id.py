"""The API key is no id and no question, wherever one is asked for: nothing is sent, nothing is kept."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.cli.completion.kinds import AGENT, CONVERSATION, MEMORY, SUBJECT, USER, kind_of
from memos_admin.cli.manual import all_pages
from memos_admin.cli.parser import Parser
from memos_admin.cloud.key import fingerprint_of
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import subjects
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer
from tests.cli.conftest import Cli, asked
from tests.cli.test_filter_targets import parser_of

TAKING_AWAY = {"conversations remove", "store forget", "users remove"}
"""They send and keep nothing; with them goes a key that came to the roster before it was refused."""

NEW_OR_UNSEEN = {
    ("users", "add", "ids"),
    ("conversations", "add", "ids"),
    ("watch", "task"),
}
"""What takes ids for which nothing stored is offered."""

BESIDE = {
    "conversation": "0610",
    "file": "ids.csv",
    "ids": "0610",
    "output": "-",
    "request": "TICKET-1",
    "text": "tea",
    "user": "memos_user_123",
}
"""What stands in the other places of a command, by its name."""


def takes_an_id(parser: Parser, action: argparse.Action) -> bool:
    named = (*parser.words, action.dest)
    kinds = {SUBJECT, USER, AGENT, CONVERSATION, MEMORY}
    known = kind_of(parser.words, action) in kinds and action.nargs != 0
    return known or named in NEW_OR_UNSEEN


def with_key(parser: Parser, action: argparse.Action, key: str) -> list[str]:
    """Return a command that has the key in one place, and in the others that it needs what can be."""
    one_of = [actions[0] for must, actions in parser.alternatives if must and action not in actions]
    others = [one for one in parser.actions if one.required and one != action]
    words = [*parser.words]
    for option in (one for one in (*others, *one_of) if one.option_strings):
        words += [option.option_strings[-1], beside(option)]
    words += [*action.option_strings[-1:], key]
    words += [beside(one) for one in others if not one.option_strings]
    return words


def beside(action: argparse.Action) -> str:
    return str(next(iter(action.choices))) if action.choices else BESIDE[action.dest]


PLACES = [
    (parser, action)
    for page in all_pages()
    if page.words and " ".join(page.words) not in TAKING_AWAY
    for parser in [parser_of(page)]
    for action in parser.actions
    if takes_an_id(parser, action)
]


def test_it_is_refused_wherever_a_command_takes_an_id(synced: EmulatorThread, cli: Cli) -> None:
    requests = asked(synced, "/_emulator/requests")
    for parser, action in PLACES:
        ended = cli(*with_key(parser, action, synced.api_key))
        told = (parser.words, action.dest, ended)
        assert (ended.code, ended.out) == (2, ""), told
        assert "That is the API key, and no" in ended.err, told
        assert synced.api_key not in ended.err, told
    assert asked(synced, "/_emulator/requests") == requests
    assert {" ".join(parser.words) for parser, _action in PLACES} > {
        *("recall ask", "search", "sync", "watch", "memories list", "memories show"),
        *("users add", "users delete", "subject export", "subject erase", "verdicts give"),
    }


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


@pytest.mark.parametrize(
    "command",
    [
        ("recall", "ask", "--user", "memos_user_123", "Why {key}?"),
        ("search", "--remote", "--user", "memos_user_123", "{key}"),
    ],
)
def test_it_is_no_question(synced: EmulatorThread, cli: Cli, command: tuple[str, ...]) -> None:
    requests = asked(synced, "/_emulator/requests")
    ended = cli(*(word.format(key=synced.api_key) for word in command))
    assert (ended.code, ended.out) == (2, "")
    assert "That is the API key, and no question." in ended.err
    assert synced.api_key not in ended.err
    assert asked(synced, "/_emulator/requests") == requests


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
