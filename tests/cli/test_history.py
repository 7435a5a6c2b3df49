"""What was when: versions with marked words, lists as of an instant, changes, the time line."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from memos_admin.backend.overview import Row, Scope, Section
from memos_admin.backend.times import now_ms, utc_text
from memos_admin.cli.changes import COLUMNS, FIELDS
from memos_admin.cli.main import main
from memos_admin.cli.memories.one import absence_words
from memos_admin.cli.overview import _drawn
from memos_admin.emulator.thread import EmulatorThread
from tests.backend.changed import REQUIREMENTS, TRIP
from tests.cli.conftest import Cli, Ended, asked, connect, terminal
from tests.cli.test_hostile import USER as HOSTILE
from tests.cli.test_hostile import hostile_data

USER = ("--user", "memos_user_123")
NAMED = "0610"
"""The conversation that the memory names."""
TEXT = "[user perspective] 用户计划明年春天独自旅行。"


class Lived:
    """A home in which things happened, and when nothing was happening between them."""

    def __init__(self, home: Path, running: EmulatorThread) -> None:
        self.home, self._running, self.times = home, running, list[str]()

    def rest(self) -> None:
        """Note an instant at which nothing happens."""
        time.sleep(0.002)  # instants have milliseconds
        self.times.append(utc_text(now_ms()))
        time.sleep(0.002)

    def change(self, **fields: str) -> None:
        """Change the memory in MemOS, and read it."""
        asked(self._running, "/update/memory", {"memory_id": TRIP, **fields})
        assert main(["sync", "--full"]) == 0
        self.rest()


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    home = tmp_path_factory.mktemp("history") / "home"
    with pytest.MonkeyPatch.context() as monkeypatch, EmulatorThread() as running:
        monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        connect(monkeypatch, running)
        lived = Lived(home, running)
        lived.rest()
        assert main(["sync", *USER]) == 0
        lived.rest()
        lived.change(content=TEXT)
        lived.change(content=TEXT.replace("春天", "秋天"))
        lived.change(status="archived")
        lived.change(status="activated")
        yield lived


@pytest.fixture
def lived(happened: Lived, monkeypatch: pytest.MonkeyPatch) -> Lived:
    """The home as the program's; the service is not asked."""
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(happened.home))
    connect(monkeypatch, happened._running)
    return happened


def trip(ended: Ended) -> dict[str, Any]:
    """Return the row of the memory."""
    assert ended.code == 0
    (row,) = (row for row in ended.json if row["memory_id"] == TRIP)
    return dict(row)


def test_as_of_each_instant_a_list_tells_what_was_known_then(lived: Lived, cli: Cli) -> None:
    before, first, second, third, gone, back = lived.times
    listed = ("memories", "list", *USER, "--json", "--as-of")
    ended = cli(*listed, before)
    assert ended.json == []
    assert "It was first listed completely at" in ended.err
    assert "family trip" in trip(cli(*listed, first))["content"]
    assert trip(cli(*listed, second))["content"] == TEXT
    assert "秋天" in trip(cli(*listed, third))["content"]
    row = trip(cli(*listed, gone))
    assert (row["status"], row["vanished"]) == ("archived", True)
    ended = cli(*listed, back)
    assert (trip(ended)["status"], trip(ended)["vanished"]) == ("activated", False)
    assert f"As this store knew them at {back}" in ended.err
    assert "Read at" in ended.err
    assert "not again since" in ended.err
    assert [row["memory_id"] for row in cli(*listed, gone, "--vanished", "yes").json] == [TRIP]
    found = cli(*listed, second, "--text", "春天").json
    assert [row["memory_id"] for row in found] == [TRIP]
    assert cli(*listed, third, "--text", "春天").json == []


def test_a_memory_tells_when_it_was_gone_for_a_while(lived: Lived, cli: Cli) -> None:
    (gone,) = (
        one for row in cli("memories", "history", TRIP, "--json").json for one in row["absences"]
    )
    assert lived.times[3] < gone["vanished_at"] < lived.times[4] < gone["returned_at"]
    assert (gone["user_id"], gone["reason"]) == (USER[1], "archived")
    rows = cli("memories", "history", TRIP, "--json").json
    assert [len(row["absences"]) for row in rows] == [0, 0, 0, 1, 0]
    (listing,) = cli("memories", "show", TRIP, "--json").json["listed_for"]
    assert listing["absences"] == [gone]
    assert (
        f"from {gone['vanished_at']} until {gone['returned_at']}"
        in cli("memories", "show", TRIP).out
    )
    lines = cli("export", "memories", *USER, "--format", "jsonl", "--output", "-").out.splitlines()
    told = {row["memory_id"]: row["absences"] for row in map(json.loads, lines)}
    (line,) = told.pop(TRIP)
    assert not any(told.values())
    assert line.items() <= gone.items()
    before = ("export", "memories", *USER, "--as-of", lived.times[3], "--format", "jsonl")
    for row in map(json.loads, cli(*before, "--output", "-").out.splitlines()):
        assert row["absences"] == []


@pytest.mark.parametrize(
    ("reason", "gone", "back"),
    [
        ("not found", "MemOS no longer has it", "MemOS did not have it then"),
        ("not listed twice", "MemOS no longer lists it", "MemOS did not list it then"),
        ("archived", "archived", "archived"),
        ("hidden", "hidden", "hidden"),
    ],
)
def test_why_a_memory_was_gone_that_is_back_is_told_of_then(
    reason: str, gone: str, back: str
) -> None:
    values = {"vanished_at": "1", "returned_at": None, "reason": reason}
    assert absence_words(values) == f"since 1 ({gone})"
    assert absence_words(values | {"returned_at": "2"}) == f"from 1 until 2 ({back})"


@pytest.mark.terminal
def test_the_history_on_a_terminal_has_a_line_of_it(lived: Lived) -> None:
    drawn = terminal(["memories", "history", TRIP], columns=100).text
    assert "not listed" in drawn
    assert "(archived)" in drawn


def test_as_of_now_a_memory_was_last_seen_when_the_plain_list_says(lived: Lived, cli: Cli) -> None:
    """Of the last whole listing both say when it began."""
    plain, then = (
        {one["memory_id"]: one["last_seen"] for one in cli(*listed).json}
        for listed in (
            ("memories", "list", *USER, "--json"),
            ("memories", "list", *USER, "--json", "--as-of", utc_text(now_ms())),
        )
    )
    assert plain
    assert then == plain


def test_as_of_the_future_is_refused(lived: Lived, cli: Cli) -> None:
    ended = cli("memories", "list", "--as-of", "2999-01-01")
    assert ended.code == 2
    assert "in the future" in ended.err


def test_an_export_as_of_an_instant_says_so(lived: Lived, cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "then.jsonl"
    ended = cli("export", "memories", *USER, "--as-of", lived.times[2], "--output", str(file))
    assert ended.code == 0
    assert f"As this store knew them at {lived.times[2]}" in ended.err
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    (line,) = (line for line in lines if line["memory_id"] == TRIP)
    assert (line["content"], line["as_of"], line["raw"]) == (TEXT, lived.times[2], None)
    assert [one["version"] for one in line["earlier_versions"]] == [1]
    assert line["not_kept"] == ["confidence", "sources"]
    assert (line["confidence"], line["conversation_id"], line["sources"]) == (None, NAMED, [])
    (before,) = line["earlier_versions"]
    assert (before["conversation_id"], before["not_kept"]) == (NAMED, [])


def test_a_table_as_of_an_instant_names_what_is_not_kept(
    lived: Lived, cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "then.csv"
    options = ("export", "memories", *USER, "--output", str(file), "--format", "csv")
    assert cli(*options, "--as-of", lived.times[2]).code == 0
    with file.open(encoding="utf-8-sig", newline="") as lines:
        (row,) = (row for row in csv.DictReader(lines) if row["memory_id"] == TRIP)
    assert row["as_of"] == lived.times[2]
    assert row["not_kept"] == "confidence; sources"
    assert (row["confidence"], row["conversation_id"]) == ("", NAMED)
    assert cli(*options).code == 0
    assert "not_kept" not in file.read_text("utf-8-sig").splitlines()[0]


@pytest.fixture
def moved(lived: Lived, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Lived:
    """The same where the memory was in another conversation first, and the one of version 3 was not kept."""
    home = tmp_path / "moved"
    shutil.copytree(lived.home, home)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
    with closing(sqlite3.connect(cli("store", "path").out.strip())) as store, store:
        for version, name in ((1, "before"), (3, None)):
            store.execute(
                """UPDATE memory_version SET conversation_id = ? WHERE version = ? AND memory_pk = (
                       SELECT pk FROM memory WHERE memory_id = ?)""",
                [name, version, TRIP],
            )
    return lived


@pytest.fixture
def dropped(lived: Lived, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Lived:
    """The same where retention has dropped what is not said any more."""
    home = tmp_path / "dropped"
    shutil.copytree(lived.home, home)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
    (home / "config.toml").write_text("[retention]\nkeep_versions_days = false\n", "utf-8")
    assert cli("store", "tidy").code == 0
    return lived


def test_changes_name_what_is_no_longer_kept(dropped: Lived, cli: Cli) -> None:
    rows = [row for row in cli("changes", "--json").json if row["memory_id"] == TRIP]
    told = {(row["kind"], *row["changed"]): row for row in rows if row["kind"] != "returned"}
    named = {kind: row["not_kept"] for kind, row in told.items()}
    before = ["changed", "content_before", "diff"]
    assert named == {
        ("vanished",): ["title", "content"],
        ("changed",): ["title", "content", *before],
        ("changed", "status"): before,  # the last text is kept
        ("added",): ["title", "content"],
    }
    del told["changed", "status"]
    for row in told.values():
        assert (row["title"], row["content"], row["content_before"]) == (None, None, None)
    (last,) = (row for row in rows if row["kind"] == "returned")
    assert (last["not_kept"], "秋天" in last["content"]) == ([], True)


@pytest.mark.terminal
@pytest.mark.usefixtures("dropped")
def test_changes_on_a_terminal_say_that_what_changed_is_no_longer_kept() -> None:
    drawn = terminal(["changes", "--kind", "changed"], columns=200).text
    assert "what changed is no longer kept" in drawn


def test_an_edit_tells_the_one_of_its_texts_that_is_kept() -> None:
    row = dict.fromkeys(FIELDS) | {"message": 3, "conversation_id": "c", "content": "then"}
    texts = {
        ("content_before", "diff"): "what it said before is no longer kept; then: then",
        ("content", "diff"): "what it said then is no longer kept",
        ("content", "content_before", "diff"): "what it said before and then is no longer kept",
    }
    (what,) = (column.value for column in COLUMNS if column.title == "What")
    for lost, text in texts.items():
        assert what(row | {"not_kept": list(lost)}) == f"message 3 of c: {text}"


def test_as_of_an_instant_dropped_texts_are_named(dropped: Lived, cli: Cli, tmp_path: Path) -> None:
    of_then = (*USER, "--as-of", dropped.times[1])
    row = trip(cli("memories", "list", *of_then, "--json"))
    assert (row["title"], row["content"], row["tags"]) == (None, None, [])
    assert row["not_kept"] == ["title", "content", "tags", "confidence", "sources"]
    file = tmp_path / "then.csv"
    assert cli("export", "memories", *of_then, "--format", "csv", "--output", str(file)).code == 0
    with file.open(encoding="utf-8-sig", newline="") as lines:
        (line,) = (line for line in csv.DictReader(lines) if line["memory_id"] == TRIP)
    assert line["not_kept"] == "title; content; tags; confidence; sources"
    kept = trip(cli("memories", "list", *USER, "--as-of", dropped.times[-1], "--json"))
    assert kept["not_kept"] == ["confidence"]


@pytest.mark.usefixtures("moved")
def test_history_tells_from_which_conversation_to_which(cli: Cli) -> None:
    rows = cli("memories", "history", TRIP, "--json").json
    assert [row["conversation_id"] for row in rows] == ["before", NAMED, None, NAMED, NAMED]
    assert [row["not_kept"] for row in rows] == [[], [], ["conversation_id"], [], []]
    assert [row["changed"] for row in rows][1:3] == [["content", "conversation_id"], ["content"]]
    assert rows[1]["diff"]["conversation_id"] == f"[-before-]{{+{NAMED}+}}"


@pytest.mark.terminal
@pytest.mark.usefixtures("moved")
def test_the_history_on_a_terminal_says_conversation() -> None:
    drawn = terminal(["memories", "history", TRIP], columns=100).text
    assert "changed: content, conversation" in drawn
    assert f"[-before-]{{+{NAMED}+}}" in drawn
    assert "not kept for this version" in drawn
    assert "conversation_id" not in drawn


def test_changes_tell_from_which_conversation_to_which(moved: Lived, cli: Cli) -> None:
    between = ("--since", moved.times[1], "--until", moved.times[3])
    latter, first = cli("changes", *between, "--kind", "changed", "--json").json
    named = ("conversation_id", "conversation_id_before", "not_kept", "changed")
    assert [first[name] for name in named] == [NAMED, "before", [], ["content", "conversation_id"]]
    assert [latter[name] for name in named] == [None, NAMED, ["conversation_id"], ["content"]]


@pytest.mark.terminal
@pytest.mark.usefixtures("moved")
def test_changes_on_a_terminal_say_how_a_memory_moved() -> None:
    drawn = terminal(["changes", "--kind", "changed"], columns=200).text
    assert f"content, conversation before → {NAMED}" in drawn


def test_as_of_a_day_a_memory_is_in_the_conversation_of_then(moved: Lived, cli: Cli) -> None:
    _, first, second, third, *_ = moved.times
    listed = ("memories", "list", *USER, "--json", "--as-of")
    assert trip(cli(*listed, first))["conversation_id"] == "before"
    assert trip(cli(*listed, first, "--conversation", "before"))["memory_id"] == TRIP
    found = cli(*listed, first, "--conversation", NAMED).json
    assert TRIP not in {row["memory_id"] for row in found}
    assert trip(cli(*listed, second, "--conversation", NAMED))["conversation_id"] == NAMED
    lost = ("export", "memories", *USER, "--as-of", third, "--format", "jsonl", "--output", "-")
    rows = map(json.loads, cli(*lost).out.splitlines())
    (row,) = (row for row in rows if row["memory_id"] == TRIP)
    assert row["not_kept"] == ["confidence", "conversation_id", "sources"]
    assert row["conversation_id"] is None
    versions = [(one["conversation_id"], one["not_kept"]) for one in row["earlier_versions"]]
    assert versions == [("before", []), (NAMED, [])]


@pytest.mark.usefixtures("moved")
def test_the_view_of_versions_has_the_conversation_of_then(cli: Cli) -> None:
    asked = (
        f"SELECT conversation_id FROM memory_versions WHERE memory_id = '{TRIP}' ORDER BY version"
    )
    rows = cli("sql", asked, "--json").json
    assert [row["conversation_id"] for row in rows] == ["before", NAMED, None, NAMED, NAMED]


def test_history_marks_words_and_names_syncs(lived: Lived, cli: Cli) -> None:
    rows = cli("memories", "history", TRIP, "--json").json
    assert [row["version"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["changed"] for row in rows] == [
        [],
        ["content"],
        ["content"],
        ["status"],
        ["status"],
    ]
    assert rows[2]["diff"] == {"content": "[user perspective] 用户计划明年[-春-]{+秋+}天独自旅行。"}
    assert rows[3]["diff"] == {"status": "[-activated-]{+archived+}"}
    began = [row["sync_began"] for row in rows]
    assert None not in began
    assert began == sorted(set(began))
    assert all(row["sync_began"] <= row["seen_from"] for row in rows)


def test_changes_are_listed_by_kind_and_time(lived: Lived, cli: Cli) -> None:
    rows = cli("changes", "--json").json
    mine = [row["kind"] for row in rows if row["memory_id"] == TRIP]
    assert mine == ["returned", "vanished", "changed", "changed", "added"]
    assert rows == sorted(rows, key=lambda row: row["found_at"], reverse=True)
    (gone,) = cli("changes", *USER, "--kind", "vanished", "--json").json
    assert (gone["reason"], gone["status"]) == ("archived", "archived")  # by now it is activated
    (back,) = cli("changes", *USER, "--kind", "returned", "--json").json
    assert back["status"] == "activated"
    assert "秋天" in gone["content"]
    between = ("--since", lived.times[1], "--until", lived.times[3])
    found = cli("changes", *between, "--kind", "changed", "--kind", "status", "--json").json
    assert [(row["memory_id"], row["changed"], row["version"]) for row in found] == [
        (TRIP, ["content"], 3), (TRIP, ["content"], 2),
    ]  # fmt: skip
    assert ["秋天" in row["content"] for row in found] == [True, False]  # each as it said then
    assert "春天" in found[1]["content"]
    assert found[0]["content_before"] == found[1]["content"]
    assert found[0]["diff"] == "[user perspective] 用户计划明年[-春-]{+秋+}天独自旅行。"
    assert {row["diff"] for row in (gone, back)} == {None}
    ended = cli("changes", "--limit", "1")
    assert len(ended.table) == 1
    assert "The first 1 of" in ended.err
    assert cli("changes", *USER, "--kind", "gone", "--json").json == [gone]
    assert cli("changes", "--kind", "lost").code == 2
    assert cli("changes", "--user", "nobody").code == 1
    for noun in ("changes", "timeline"):
        ahead = cli(noun, "--since", "2999-01-01")
        assert (ahead.code, "is in the future" in ahead.err) == (2, True)


def test_the_time_line_has_what_changes_tell(lived: Lived, cli: Cli) -> None:
    days = cli("timeline", *USER, "--json").json
    changes = cli("changes", *USER, "--json", "--limit", "0").json
    for kind in ("added", "changed", "status", "vanished", "returned"):
        told = sum(row["kind"] == kind for row in changes)
        assert sum(day[kind] for day in days) == told
    listed = cli("memories", "list", *USER, "--vanished", "no", "--json").json
    assert days[-1]["listed"] == len(listed)
    assert sum(day["readings"] for day in days) == 5
    assert cli("timeline", "--since", "2000-01-01", "--until", "2000-01-02", "--json").json == []


def test_the_time_line_of_a_filter_is_of_the_memories_that_it_names(lived: Lived, cli: Cli) -> None:
    tagged = ("--filter", "tag:plan")
    days = cli("timeline", *tagged, "--json").json
    changes = cli("changes", *tagged, "--json", "--limit", "0").json
    listed = cli("memories", "list", "--tag", "plan", "--vanished", "no", "--json").json
    everything = cli("timeline", "--json").json
    for kind in ("added", "changed", "status", "vanished", "returned"):
        told = sum(row["kind"] == kind for row in changes)
        assert sum(day[kind] for day in days) == told
    assert 0 < days[-1]["listed"] == len(listed) < everything[-1]["listed"]
    assert [day["readings"] for day in days] == [day["readings"] for day in everything]
    assert "as they are now" in cli("timeline", *tagged).err
    assert "No memory here passes" in cli("timeline", "--filter", "tag:nothing").err
    assert (
        cli("timeline", "--filter", f"user:{USER[1]}", "--json").json
        == cli("timeline", *USER, "--json").json
    )
    assert cli("timeline", "--filter", "as-of:1d").code == 2
    assert cli("timeline", "--filter", "user:other", *USER).code == 2


def test_an_overview_counts_what_lists_have(lived: Lived, cli: Cli) -> None:
    rows = cli("overview", *USER, "--filter", "tag:plan", "--json").json
    listed = cli("memories", "list", *USER, "--tag", "plan", "--vanished", "no", "--json").json
    assert sum(row["count"] for row in rows if row["section"] == "statuses") == len(listed)
    assert {row["scope"] for row in rows if row["section"] == "views"} == {"filter"}
    assert {row["scope"] for row in rows if row["section"] == "users"} == {"user"}
    assert cli("overview", "--as-of", "1d").code == 2
    assert cli("overview", "--sort", "title").code == 2
    assert cli("overview", "--user", "nobody").code == 1


@pytest.mark.terminal
@pytest.mark.parametrize("columns", [80, 100])
def test_an_overview_cuts_nothing_of_what_is_to_be_done_next(lived: Lived, columns: int) -> None:
    drawn = terminal(["overview"], columns=columns).text
    assert "…" not in drawn
    assert max(map(len, drawn.splitlines())) <= columns
    assert "to know: memos-admin store check" in drawn
    assert "to know: memos-admin doctor" in drawn
    (total,) = (line.split() for line in drawn.splitlines() if line.startswith("Memories by view"))
    assert total[3] == "2"


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("tag", ["long-tag-" * 7, "长标签" * 12, "tag with words " * 5])
def test_a_long_name_goes_on_below_and_leaves_bars_their_room(width: int, tag: str) -> None:
    counts = {"family trip": 9, tag: 3}
    rows = tuple(Row(item, number) for item, number in counts.items())
    drawn = list(_drawn([Section("tags", Scope("project"), rows)], width))
    named = [row for row in drawn if row["name"].startswith("·")]
    assert [row["bar"].count("█") > 0 for row in named] == [True, True]
    # The number and the gaps between the columns are beside these.
    assert all(
        cell_len(row["name"]) + cell_len(row["bar"]) + cell_len(row["told"]) <= width - 14
        for row in drawn
    )
    whole = "".join(row["name"].strip() for row in drawn[drawn.index(named[1]) :])
    assert whole.replace(" ", "").removeprefix("·") == tag.replace(" ", "")


@pytest.mark.terminal
def test_a_terminal_draws_days_and_an_overview_and_tells_changes(lived: Lived) -> None:
    for command in ("timeline", "overview"):
        drawn = terminal([command, *USER], columns=80).text
        assert "█" in drawn
        assert max(map(len, drawn.splitlines())) <= 80
    assert "Back" in terminal(["timeline", *USER], columns=80).text
    heading, below, *told = terminal(["changes", *USER], columns=80).text.splitlines()
    assert heading.split() == ["Found", "Change", "View", "What"]
    assert below.strip() == "How · Memory"
    gone = next(at for at, line in enumerate(told) if " gone " in line)
    assert told[gone + 1].strip() == f"archived · {TRIP}"
    assert max(map(len, told)) <= 80
    history = terminal(["memories", "history", TRIP], columns=80).text
    assert "[-春-]{+秋+}" in history
    assert "sync of" in history
    assert REQUIREMENTS not in history


# -- completeness ---------------------------------------------------------------------------------


def test_the_ledger_is_told_and_as_json(lived: Lived, cli: Cli) -> None:
    found = cli("completeness", "show", *USER, "--json").json
    assert found["memories"]["whole_listings"] == 5
    assert found["memories"]["views_asked_for"][0] == "detail_factual"
    assert found["conversations"]["known"] == 1
    assert found["requests"]["by_route"]
    project = cli("completeness", "show", "--json").json
    assert project["user_id"] is None
    assert project["syncs_by_outcome"] == {"complete": 5}
    shown = cli("completeness", "show", *USER)
    assert "all six are asked for" in shown.out
    assert "Requests of syncs" in shown.out
    (row,) = cli("completeness", "list", "--json").json
    assert (row["user_id"], row["pages"], row["gaps"]) == ("memos_user_123", 1, 0)
    assert cli("completeness", "gaps", "--json").json == []
    assert cli("completeness", "show", "--user", "nobody").code == 1


def test_an_export_says_where_its_manifest_is_or_why_there_is_none(
    lived: Lived, cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "answers.csv"
    ended = cli("export", "user", "memos_user_123", "--output", str(file))
    assert ended.code == 0
    assert f"{file}.manifest.json" in ended.err
    about = json.loads(Path(f"{file}.manifest.json").read_text("utf-8"))
    assert about["completeness"]["ledger"]["user_id"] == "memos_user_123"
    assert "There is no manifest beside this" in cli("export", "user", "memos_user_123").err
    Path(f"{file}.manifest.json").unlink()
    Path(f"{file}.manifest.json").mkdir()
    ended = cli("export", "user", "memos_user_123", "--output", str(file))
    assert ended.code == 4
    assert "Its manifest could not be written" in ended.err


def test_what_is_gone_has_its_last_text_and_the_reason(
    lived: Lived, cli: Cli, tmp_path: Path
) -> None:
    listed = ("memories", "list", *USER, "--vanished", "yes", "--as-of", lived.times[4])
    (row,) = cli(*listed, "--json").json
    assert (row["reason"], row["vanished_at"] is not None) == ("archived", True)
    assert "秋天" in row["content"]


def test_the_history_of_what_is_gone_says_why_in_a_pipe(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmulatorThread() as running:  # one of its own, since something is deleted there
        connect(monkeypatch, running)
        cli("sync", *USER)
        asked(running, "/delete/memory", {"memory_ids": [TRIP]})
        cli("sync", "--full")
        ended = cli("memories", "history", TRIP)
        (row,) = cli("memories", "history", TRIP, "--json").json
        drawn = terminal(["memories", "history", TRIP], columns=80).text
        told = [
            terminal(command, columns=80).text
            for command in (
                ["changes", *USER, "--kind", "gone"],
                ["memories", "list", *USER, "--vanished", "yes"],
                ["memories", "show", TRIP],
            )
        ]
    assert "Gone since" in ended.err
    assert "MemOS no longer has it" in ended.err
    (gone,) = row["absences"]
    assert (gone["user_id"], gone["returned_at"], gone["reason"]) == (USER[1], None, "not found")
    assert gone["vanished_at"] in ended.out
    assert f"since {gone['vanished_at']}" in drawn
    for text in told:
        assert "MemOS no longer has it" in text
        assert TRIP in text
        assert "not found" not in text


def test_an_id_is_known_by_how_it_begins(lived: Lived, cli: Cli) -> None:
    for verb in ("show", "history", "sources"):
        whole = cli("memories", verb, TRIP)
        for beginning in (TRIP[:8], TRIP[:12].upper(), f"{TRIP[:11]}…"):
            ended = cli("memories", verb, beginning)
            assert (ended.code, ended.out) == (0, whole.out)
            assert f"Memory {TRIP}" in ended.err
    ended = cli("memories", "history", TRIP[:3])
    assert (ended.code, "There is no memory" in ended.err) == (1, True)


def test_a_beginning_that_several_ids_have_is_refused_with_their_names(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmulatorThread(hostile_data()) as running:
        connect(monkeypatch, running)
        cli("sync", "--user", HOSTILE)
        ended = cli("memories", "history", "memory-")
        assert (ended.code, ended.out) == (1, "")
        assert "several memories begin: memory-" in ended.err
        assert " and others. Give more" in ended.err
        assert cli("memories", "history", "memory-3").code == 0


def test_a_kind_that_there_is_not_is_answered_with_those_that_there_are(cli: Cli) -> None:
    ended = cli("changes", "--kind", "foo")
    assert ended.code == 2
    assert "--kind is one of added, changed, status, vanished (on the screen: gone)" in ended.err
    assert "'foo' is none of them" in ended.err


def test_where_nothing_was_read_nothing_is_called_fine(connected: EmulatorThread, cli: Cli) -> None:
    for _ in range(2):  # nobody is known, then somebody who was not read
        shown = cli("completeness", "show").out
        assert "none has read anything yet" in shown
        assert "not known: no messages were read" in shown
        assert "no problem" not in shown
        assert "no gap" not in shown
        assert "all 0" not in shown
        assert "no place can be known" in cli("completeness", "gaps").err
        assert "nothing was compared" in cli("evidence", "check").err
        assert "no change can be known" in cli("changes").err
        assert cli("users", "add", USER[1]).code == 0
    shown = cli("completeness", "show", *USER).out
    assert "none has read anything yet" in shown
    assert "no problem" not in shown
