"""``--filter`` of the commands: the same rows as the options, the same errors, completion."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from memos_admin.backend.filter_language import parse
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.saved_filters import SavedFilters
from memos_admin.cli.context import Context
from memos_admin.cli.filters import take_saved
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli


@pytest.mark.parametrize(
    ("options", "expression"),
    [
        (["--view", "preference"], "view:preference"),
        (["--user", "memos_user_123"], "user:memos_user_123"),
        (["--status", "activated", "--text", "family"], "status:activated family"),
        (["--since", "2025-09-17", "--vanished", "no"], "updated:>=2025-09-17 vanished:no"),
        (["--sort", "title", "--reverse"], "sort:title,reverse"),
    ],
)
def test_a_filter_says_what_options_say(
    synced: EmulatorThread, cli: Cli, options: list[str], expression: str
) -> None:
    rows = cli("memories", "list", *options, "--limit", "0", "--json").json
    assert rows
    assert cli("memories", "list", "--filter", expression, "--limit", "0", "--json").json == rows


def test_what_is_excluded_is_all_the_rest(synced: EmulatorThread, cli: Cli) -> None:
    def ids(*arguments: str) -> set[tuple[str, str]]:
        rows = cli("memories", "list", "--limit", "0", "--json", *arguments).json
        return {(row["user_id"], row["memory_id"]) for row in rows}

    some, rest = ids("--filter=view:fact"), ids("--filter=-view:fact")
    assert some
    assert rest
    assert not some & rest
    assert some | rest == ids()
    # Together with an option both hold.
    assert ids("--filter=-view:fact", "--status", "activated") <= rest


def test_a_search_and_changes_are_narrowed(synced: EmulatorThread, cli: Cli) -> None:
    every = cli("search", "trip", "--limit", "0", "--json").json
    found = cli("search", "trip", "--limit", "0", "--json", "--filter", "view:fact")
    assert found.json == [row for row in every if row["view"] == "detail_factual"]
    assert "memories only were searched" in found.err
    every = cli("changes", "--since", "30d", "--limit", "0", "--json").json
    found = cli("changes", "--since", "30d", "--limit", "0", "--json", "--filter", "view:fact")
    assert found.json == [row for row in every if row["view"] == "detail_factual"]


@pytest.mark.parametrize(
    "command", ["memories list", "export memories", "evidence check", "search tea", "changes"]
)
def test_an_error_points_at_the_place(cli: Cli, command: str) -> None:
    ended = cli(*command.split(), "--filter", "茶 viev:fact")
    assert ended.code == 2
    assert "column 3: There is no field viev. Did you mean view?" in ended.err
    shown = ended.err.splitlines()
    at = shown.index("  茶 viev:fact")
    assert shown[at + 1] == "     ^^^^^"


def test_one_that_begins_with_a_hyphen_is_no_option(synced: EmulatorThread, cli: Cli) -> None:
    every = cli("memories", "list", "--limit", "0", "--json").json
    for words in (["--filter", "-view:fact"], ["--filter=-view:fact"]):
        found = cli("memories", "list", "--limit", "0", "--json", *words).json
        assert found == [row for row in every if row["view"] != "detail_factual"]
    ended = cli("memories", "list", "--filter", "-updated:7d")
    assert ended.code == 2
    assert "updated: cannot be turned round with a hyphen. Earlier" in ended.err
    assert "updated:<7d" in ended.err
    assert cli("memories", "list", "--text", "-no such text", "--json").json == []
    assert cli("memories", "list", "--filter", "--json").code == 2


def test_what_contradicts_itself_is_refused(synced: EmulatorThread, cli: Cli) -> None:
    for options in (["--view", "event"], ["--user", "a"], ["--since", "2020-01-01"]):
        said = "view:fact user:b updated:>=2021-01-01"
        ended = cli("memories", "list", *options, "--filter", said)
        assert ended.code == 2
        assert "Say it in one of them" in ended.err
    ended = cli("search", "tea", "--filter", "tea")
    assert "outside of --filter" in ended.err


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("view:preferense tag:travel", "  view:preferense tag:travel\n"),
        ("(tag:travel)", "  (tag:travel)\n"),
        ("view:preferense tag:travel -tag:work", "  view:preferense tag:trave…\n"),
    ],
)
def test_the_end_of_a_filter_that_is_none_is_told_or_marked_as_cut(
    synced: EmulatorThread, cli: Cli, typed: str, shown: str
) -> None:
    ended = cli("memories", "list", "--filter", typed)
    assert ended.code == 2
    assert shown in ended.err


def test_a_saved_filter_that_is_none_is_told_by_its_name_and_place(
    synced: EmulatorThread, cli: Cli, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(isolated))
    Projects(Home(isolated)).add("saving", base_url=synced.base_url)
    cli("--project", "saving", "filters", "save", "broken", "view:fact")
    path = Home(isolated).config_path
    path.write_text(path.read_text("utf-8").replace("view:fact", "view:fakt"), "utf-8")
    ended = cli("--project", "saving", "memories", "list", "--saved", "broken")
    assert ended.code == 2
    assert "--saved 'broken': column 6: There is no view fakt" in ended.err
    assert "  view:fakt\n       ^^^^" in ended.err


def test_a_saved_filter_says_what_it_holds(
    synced: EmulatorThread, cli: Cli, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(isolated))
    Projects(Home(isolated)).add("saving", base_url=synced.base_url)
    project = ("--project", "saving")
    assert cli(*project, "filters", "save", "mine", "view:fact tag:travel").code == 0
    assert cli(*project, "filters", "save", "mine", "view:fact").code == 2
    assert cli(*project, "filters", "list", "--json").json == [
        {"name": "mine", "filter": "view:fact tag:travel", "problem": None}
    ]
    assert "Broken" not in cli(*project, "filters", "list").out
    assert cli(*project, "memories", "list", "--saved", "mine", "--json").json == []
    ended = cli(*project, "memories", "list", "--saved", "yours")
    assert ended.code == 2
    assert "There are: mine." in ended.err
    ended = cli(*project, "memories", "list", "--saved", "mine", "--filter", "view:event")
    assert ended.code == 2
    assert "--filter: column 1: --saved 'mine' says this too. Say it in one of them." in ended.err
    ended = cli(*project, "memories", "list", "--saved", "mine", "--view", "event")
    assert ended.code == 2
    assert "--saved 'mine': column 1: --view says this too. Say it in one of them." in ended.err
    config = isolated / "config.toml"
    config.write_text(config.read_text() + 'pets = "cats OR dogs"\n')
    ended = cli(*project, "filters", "list")
    assert ended.code == 0
    assert "cats OR dogs" in ended.out
    assert "Column 6: OR means nothing here" in ended.out
    ended = cli(*project, "memories", "list", "--saved", "pets")
    assert (ended.code, ended.out) == (2, "")
    assert "column 6: OR means nothing here" in ended.err
    assert cli(*project, "filters", "remove", "pets").code == 0
    ended = cli(*project, "filters", "save", "wrong", "tea viw:1")
    assert ended.code == 2
    assert "column 5: There is no field viw" in ended.err
    shown = ended.err.splitlines()
    assert shown[shown.index("  tea viw:1") + 1] == "      ^^^^"
    assert cli(*project, "filters", "rename", "mine", "ours").code == 0
    assert cli(*project, "filters", "show", "OURS").out == "view:fact tag:travel\n"
    assert "view:fact tag:travel" in cli(*project, "filters", "remove", "ours").err
    # The environment's own project is in no configuration: the one that is meant has to be named.
    ended = cli("filters", "save", "mine", "view:fact")
    assert ended.code == 2
    assert ended.err.rstrip().endswith(f"memos-admin {' '.join(project)}")


def test_saved_and_typed_hold_together(synced: EmulatorThread, cli: Cli, isolated: Path) -> None:
    home = Home(isolated)
    project = Projects(home).add("saving", base_url=synced.base_url)
    SavedFilters(home, project).save("mine", "view:fact")
    context = SimpleNamespace(home=home, project=lambda: project)
    args = Namespace(
        saved="mine",
        filter=parse("tag:travel"),
        filter_target="memories",
        filter_refused=lambda _args: {},
        filter_typed={"--filter": "tag:travel"},
    )
    take_saved(cast("Context", context), args)
    assert args.filter == parse("tag:travel view:fact")
