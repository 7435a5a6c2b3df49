"""What of a filter does not apply to a command: refused at its place, and offered nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.cli.main import noun_parser
from memos_admin.cli.manual import Page, all_pages
from memos_admin.cli.parser import Parser
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli

BESIDE = {
    "search": ["dog"],
    "recall ask": ["--user", "memos_user_123", "tea"],
    "verdicts queue": ["unreviewed"],
    "verdicts export": ["--output", "-"],
    "export memories": ["--output", "-"],
}
"""What a command needs to be run, or to have an order."""


def parser_of(page: Page) -> Parser:
    parser = noun_parser(page.words[0])
    return parser.verbs[page.words[1]] if len(page.words) > 1 else parser


FILTERED = {
    " ".join(page.words): parser_of(page)
    for page in all_pages()
    if page.words and parser_of(page).get_default("filter_target") is not None
}


def options(parser: Parser) -> set[str]:
    return {name for action in parser.actions for name in action.option_strings}


def offered(cli: Cli, words: list[str], typed: str) -> list[str]:
    """Return what a shell completes a filter to, without what is said about it."""
    told = cli("__complete", "zsh", "memos-admin", *words, typed).out
    return [line.split("\t")[0] for line in told.splitlines()[1:]]


def test_they_are_known() -> None:
    with_filter = {
        " ".join(page.words)
        for page in all_pages()
        if page.words and "--filter" in options(parser_of(page))
    }
    assert set(FILTERED) == with_filter
    assert {"verdicts list", "changes", "memories list"} < with_filter


@pytest.mark.parametrize("name", FILTERED)
def test_an_order_orders_or_is_refused_at_its_place(
    name: str, synced: EmulatorThread, cli: Cli
) -> None:
    words = [*name.split(), *BESIDE.get(name, [])]
    ended = cli(*words, "--filter", "created:>2020-01-01 sort:title,reverse")
    takes_one = ended.code != 2
    assert ("sort:" in offered(cli, [*words, "--filter"], "so")) == takes_one
    assert ("sort:" in offered(cli, [*words, "--filter"], "")) == takes_one
    assert bool(offered(cli, [*words, "--filter"], "sort:ti")) == takes_one
    own = options(FILTERED[name]) & {"--sort", "--reverse"}
    if ended.code == 2:
        assert "argument --filter: column 21: " in ended.err
        assert f"\n  created:>2020-01-01 sort:title,reverse\n{' ' * 22}{'^' * 18}\n" in ended.err
        assert own == ({"--sort"} if name == "search" else set())
        return
    assert own == {"--sort", "--reverse"}
    first, last = (
        cli(
            *words,
            "--limit=0" if "--limit" in options(FILTERED[name]) else "--raw",
            "--filter",
            said,
        )
        for said in ("sort:title", "sort:title,reverse")
    )
    assert (first.code, last.code) == (0, 0)
    assert first.out != last.out
    assert len(first.out.splitlines()) == len(last.out.splitlines())


@pytest.mark.parametrize("name", FILTERED)
def test_what_is_of_now_is_refused_at_its_place(
    name: str, synced: EmulatorThread, cli: Cli
) -> None:
    own = "--as-of" in options(FILTERED[name])
    words = [*name.split(), *BESIDE.get(name, []), "--filter"]
    assert ("as-of:" in offered(cli, words, "as")) == own
    assert own == (name in {"memories list", "export memories"})
    if own:
        return
    ended = cli(*name.split(), *BESIDE.get(name, []), "--filter", "user:nobody as-of:2020-01-01")
    assert (ended.code, ended.out) == (2, "")
    assert "argument --filter: column 13: " in ended.err
    assert f"\n  user:nobody as-of:2020-01-01\n{' ' * 14}{'^' * 16}\n" in ended.err
    assert "--as-of" not in ended.err


@pytest.mark.parametrize(
    ("options", "typed", "found"),
    [
        (["--user", "ann"], "us", []),
        (["--user", "ann"], "agent", []),
        (["--agent", "ops"], "us", []),
        (["--view", "fact"], "vi", []),
        (["--reverse"], "sor", []),
        (["--tag", "work"], "ta", ["tag:"]),
        ([], "us", ["user:"]),
    ],
)
def test_completion_offers_no_field_that_an_option_says(
    options: list[str], typed: str, found: list[str], synced: EmulatorThread, cli: Cli
) -> None:
    words = ["memories", "list", *options, "--filter"]
    assert offered(cli, words, typed) == found
    everything = offered(cli, words, "")
    assert "source:" in everything
    assert ("user:" in everything) is {"--user", "--agent"}.isdisjoint(options)


@pytest.mark.parametrize("kind", ["sample", "findings"])
def test_queues_with_an_order_of_their_own_refuse_another(
    kind: str, synced: EmulatorThread, cli: Cli
) -> None:
    for order in ("title", "updated"):  # also the usual one of memories
        ended = cli("verdicts", "queue", kind, "--filter", f"view:fact sort:{order}")
        assert ended.code == 2
        assert "--filter: column 11: " in ended.err
        assert "order of" in ended.err
    assert cli("verdicts", "queue", kind, "--sort", "title").code == 2


@pytest.mark.parametrize(
    ("words", "said", "told"),
    [
        (["memories", "list", "--user", "A"], "tea user:B", "column 5: --user says this too."),
        (["memories", "list", "--agent", "A"], "user:B", "column 1: --agent says this too."),
        (["memories", "list", "--tag", "a", "--view", "fact"], "view:event", "column 1: --view"),
        (["memories", "list", "--sort", "title"], "a sort:created", "column 3: --sort"),
        (["memories", "list", "--reverse"], "a sort:created", "column 3: --reverse"),
        (["memories", "list", "--since", "7d"], "updated:8d", "column 1: --since"),
        (["memories", "list", "--conversation", "1"], "conversation:2", "column 1: --conversation"),
        (["memories", "list", "--text", "tea"], "-a created:8d green", "column 15: --text"),
        (["evidence", "silent"], 'tea conversation:""', "column 5: Every message is of a"),
        (["changes", "--user", "A"], "tea user:B", "column 5: --user says this too."),
        (["timeline", "--user", "A"], "tea user:B", "column 5: --user says this too."),
        (["watch", "--agent", "A"], "tea user:B", "column 5: --agent says this too."),
        (["search", "dog", "--user", "A"], "user:B", "column 1: --user says this too."),
        (["search", "dog"], "-a view:fact green", "column 14: The words to look for stand outside"),
    ],
)
def test_what_is_said_twice_is_told_at_its_place(
    synced: EmulatorThread, cli: Cli, words: list[str], said: str, told: str
) -> None:
    ended = cli(*words, f"--filter={said}")
    assert (ended.code, ended.out) == (2, "")
    assert f"--filter: {told}" in ended.err
    assert f"\n  {said}\n" in ended.err
    assert "^" in ended.err


def test_what_says_nothing_of_messages_or_names_somebody_is_not_offered(cli: Cli) -> None:
    silent = offered(cli, ["evidence", "silent", "--filter"], "")
    assert silent == ["updated:", "created:", "conversation:", "user:", "agent:"]
    saved = {*offered(cli, ["filters", "save", "mine"], "")}
    assert {"verdict:", "sort:", "as-of:", "view:"} < saved
    assert not {"user:", "agent:"} & saved


def test_whoever_a_filter_to_be_saved_names_is_told_at_the_place(cli: Cli) -> None:
    ended = cli("filters", "save", "mine", "tea user:ann")
    assert ended.code == 2
    assert "column 5: A saved filter names no user and no conversation" in ended.err


def test_the_order_of_a_saved_filter_is_left_out_and_told_where_there_is_none(
    synced: EmulatorThread, cli: Cli, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(isolated))
    Projects(Home(isolated)).add("saving", base_url=synced.base_url)
    project = ("--project", "saving")
    assert cli(*project, "filters", "save", "mine", "view:fact sort:title").code == 0
    for words, why in (
        (["verdicts", "list"], "Verdicts have an order of their own"),
        (["changes"], "Changes stand in the order in which they were found."),
        (["overview"], "An overview has its own order."),
        (["search", "dog"], "What is found is ordered by --sort."),
        (["verdicts", "queue", "sample"], "A sample has an order of its own"),
    ):
        ended = cli(*project, *words, "--saved", "mine")
        assert ended.code == 0
        assert f"The order of the filter mine does not apply here. {why}" in ended.err
        assert cli(*project, *words, "--saved", "mine", "--filter", "sort:title").code == 2
    ended = cli(*project, "verdicts", "queue", "sample", "--saved", "mine", "--reverse")
    assert (ended.code, "column" in ended.err) == (2, False)
    for words in (["memories", "list"], ["verdicts", "queue", "unreviewed"]):
        assert "does not apply" not in cli(*project, *words, "--saved", "mine").err
    ended = cli(*project, "memories", "list", "--saved", "mine", "--filter", "sort:created")
    assert "--filter: column 1: --saved 'mine' says this too." in ended.err
    assert cli(*project, "filters", "save", "then", "view:fact as-of:2026-01-01").code == 0
    ended = cli(*project, "changes", "--saved", "then")
    assert (ended.code, ended.out) == (2, "")
    assert "--saved 'then': column 11: Changes are compared" in ended.err
    assert "  view:fact as-of:2026-01-01\n            ^^^^^" in ended.err
