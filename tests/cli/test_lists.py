"""Lists in their three forms, with the columns and types of the public interface."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from memos_admin.cli.messages import transcript
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli, asked, connect, terminal

QUICK = ("--user", "memos_user_123")
UTC_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"

COLUMNS = {
    "users list": (
        "kind,user_id,conversations,messages,memories,bound,last_activity,last_sync,problem"
    ),
    "completeness list": (
        "kind,user_id,listed_whole_at,last_read_at,pages,memories,bound,vanished,missed_once,"
        "conversations,never_read,empty,not_from_the_beginning,windows_full,gaps,uncertain,resets,"
        "requests,syncs_not_counted,problem"
    ),
    "timeline": "day,readings,listed,bound,added,changed,status,vanished,returned",
    "conversations list --user memos_user_123": (
        "user_id,conversation_id,messages,memories,gaps,from_beginning,known_from,fetched_at,served_at"
    ),
    "messages list --user memos_user_123 --conversation 0610": (
        "project,subject_kind,user_id,conversation_id,seq,role,role_id,role_name,content,"
        "tool_calls,created_at,updated_at,gap_before,seam_before,derived_memory_ids,fetched_at,served_at"
    ),
    "memories list": (
        "project,subject_kind,user_id,memory_id,view,title,content,tags,status,confidence,"
        "conversation_id,created_at,updated_at,first_seen,last_seen,vanished,sources,missed_at"
    ),
    "search trip": (
        "type,user_id,conversation_id,seq,memory_id,view,title,snippet,updated_at,relativity"
    ),
}


@pytest.mark.parametrize("command", COLUMNS)
def test_columns(synced: EmulatorThread, cli: Cli, command: str) -> None:
    rows = cli(*command.split(), "--json").json
    assert rows
    assert all(",".join(row) == COLUMNS[command] for row in rows)
    piped = cli(*command.split())
    assert piped.out.splitlines()[0].split("\t") == COLUMNS[command].split(",")
    assert len(piped.table) == len(rows)


def test_users(synced: EmulatorThread, cli: Cli) -> None:
    ended = cli("users", "list", "--json")
    rows = {(row["kind"], row["user_id"]): row for row in ended.json}
    users, agents = asked(synced, "/_emulator/users"), asked(synced, "/_emulator/agents")
    assert set(rows) == {("user", found) for found in users} | {("agent", a) for a in agents}
    assert rows["user", "memos_user_123"] == {
        "kind": "user",
        "user_id": "memos_user_123",
        "conversations": 1,
        "messages": 4,
        "memories": 2,
        "bound": "exact",
        "last_activity": "2025-09-17T07:58:05.923Z",
        "last_sync": rows["user", "memos_user_123"]["last_sync"],
        "problem": None,
    }
    assert ended.err == ""


def test_messages_of_the_quick_start(synced: EmulatorThread, cli: Cli) -> None:
    rows = cli("messages", "list", *QUICK, "--conversation", "0610", "--json").json
    assert [(row["seq"], row["role"]) for row in rows] == [
        (1, "user"),
        (2, "assistant"),
        (3, "user"),
        (4, "assistant"),
    ]
    assert {row["created_at"] for row in rows} == {"2025-06-10T09:30:00.000Z"}
    assert {row["gap_before"] for row in rows} == {False}
    assert all(isinstance(row["derived_memory_ids"], list) for row in rows)
    served = asked(
        synced,
        "/get/message",
        {"user_id": "memos_user_123", "conversation_id": "0610", "message_limit_number": 50},
    )
    contents = [message["content"] for message in served["data"]["message_detail_list"]]
    assert [row["content"] for row in rows] == contents


def test_memories_of_the_quick_start(synced: EmulatorThread, cli: Cli) -> None:
    rows = {row["title"]: row for row in cli("memories", "list", *QUICK, "--json").json}
    plan = rows["Summer Family Trip Plan"]
    assert plan["memory_id"] == "0a89db3a-2061-4c97-a1b8-45700f8745bc"
    assert plan["view"] == "detail_factual"
    assert plan["tags"] == ["summer vacation", "family trip", "plan"]
    assert plan["confidence"] == 0.0
    assert plan["vanished"] is False
    assert plan["updated_at"] == "2025-09-17T07:58:05.922Z"
    assert plan["conversation_id"] == "0610"


def test_conversations_know_whether_they_are_complete(synced: EmulatorThread, cli: Cli) -> None:
    (row,) = cli("conversations", "list", *QUICK, "--json").json
    assert row["from_beginning"] is True
    assert (row["messages"], row["memories"], row["gaps"]) == (4, 2, 0)
    assert row["known_from"] == "memory"


@pytest.mark.parametrize(
    ("arguments", "field", "values"),
    [
        (["--view", "preference"], "view", {"preference"}),
        (["--view", "Fact", "--view", "event"], "view", {"detail_factual", "event"}),
        (["--agent", "ops-agent"], "user_id", {"ops-agent"}),
        (["--agent", "ops-agent"], "subject_kind", {"agent"}),
        (["--status", "resolving"], "status", {"resolving"}),
        ([*QUICK, "--conversation", "0610"], "conversation_id", {"0610"}),
        (["--vanished", "no"], "vanished", {False}),
    ],
)
def test_memory_filters(
    synced: EmulatorThread, cli: Cli, arguments: list[str], field: str, values: set[Any]
) -> None:
    rows = cli("memories", "list", "--json", "--limit", "0", *arguments).json
    assert {row[field] for row in rows} == values


def test_memories_by_tag_and_time(synced: EmulatorThread, cli: Cli) -> None:
    rows = cli("memories", "list", "--tag", "family trip", *QUICK, "--json").json
    assert len(rows) == 2
    assert all("family trip" in row["tags"] for row in rows)
    since = cli("memories", "list", "--since", "2025-09-17T07:58:05.923Z", *QUICK, "--json").json
    assert [row["title"] for row in since] == ["Family Trip Requirements"]
    assert cli("memories", "list", "--since", "2025-09-18", *QUICK, "--json").json == []
    assert cli("memories", "list", "--vanished", "yes", *QUICK, "--json").json == []


def test_memories_by_text_until_and_in_order(synced: EmulatorThread, cli: Cli) -> None:
    def titles(*arguments: str) -> list[str]:
        rows = cli("memories", "list", "--json", "--limit", "0", *QUICK, *arguments).json
        return [row["title"] for row in rows]

    plan, requirements = "Summer Family Trip Plan", "Family Trip Requirements"
    assert titles("--text", "TRIP PLAN") == [plan]
    assert titles("--until", "2025-09-17T07:58:05.923Z") == [plan]
    assert titles() == [requirements, plan]
    assert titles("--reverse") == [plan, requirements]
    assert titles("--sort", "title") == [requirements, plan]
    assert titles("--sort", "title", "--reverse") == [plan, requirements]


def test_a_cut_is_told(synced: EmulatorThread, cli: Cli) -> None:
    everything = cli("memories", "list", "--json", "--limit", "0")
    cut = cli("memories", "list", "--json", "--limit", "3")
    assert cut.json == everything.json[:3]
    assert f"The first 3 of {len(everything.json):,} memories" in cut.err
    assert "--limit 0" in cut.err
    assert "first" not in everything.err


def test_what_takes_long_to_count_is_a_lower_bound(
    synced: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memos_admin.cli.memories._COUNTED", 3)
    facts = cli("memories", "list", "--view", "Fact", "--limit", "2")
    assert "The first 2 of more than 3 memories" in facts.err
    everything = len(cli("memories", "list", "--json", "--limit", "0").json)
    assert f"The first 2 of {everything:,} memories" in cli("memories", "list", "--limit", "2").err


def test_an_empty_list_is_an_array(synced: EmulatorThread, cli: Cli) -> None:
    for arguments in (
        ["search", "qqqqqq"],
        ["search", '"(* &'],
        ["memories", "list", "--tag", "q"],
    ):
        ended = cli(*arguments, "--json")
        assert (ended.code, ended.out) == (0, "[]\n")
        assert len(cli(*arguments).out.splitlines()) == 1


def test_a_search_for_signs_alone_says_that_these_are_no_words(
    synced: EmulatorThread, cli: Cli
) -> None:
    ended = cli("search", "!!!")
    assert (ended.code, ended.err.splitlines()[0]) == (
        0,
        "Nothing to search for: signs alone are no words.",
    )
    assert "Nothing found" in cli("search", "qqqqqq").err


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (
            "trip sttus:activated",
            "no field sttus. Did you mean status? It was looked for as a text",
        ),
        ("trip verdict:wrong", "verdict: narrows verdicts, not memories. It was looked for as a"),
        ("trip status:activated", "A condition such as view:fact stands in --filter"),
        ('trip "sttus:activated"', ""),
        ("trip qqqqqq:activated", ""),
    ],
)
def test_a_search_that_finds_nothing_says_what_was_taken_for_a_text(
    synced: EmulatorThread, cli: Cli, typed: str, told: str
) -> None:
    ended = cli("search", typed)
    assert (ended.code, "Nothing found" in ended.err) == (0, True)
    assert told in ended.err
    assert bool(told) == ("looked for as a text" in ended.err)


def test_search_finds_messages_and_memories(synced: EmulatorThread, cli: Cli) -> None:
    rows = cli("search", "family trip", *QUICK, "--json").json
    assert {row["type"] for row in rows} == {"message", "memory"}
    assert all("family trip" in (row["snippet"] + str(row["title"])).lower() for row in rows)
    only = cli("search", "family trip", *QUICK, "--in", "messages", "--json").json
    assert {row["type"] for row in only} == {"message"}
    assert only[0]["seq"] == 4
    assert only[0]["memory_id"] is None


def test_search_by_the_service(synced: EmulatorThread, cli: Cli) -> None:
    rows = cli("search", "summer trip", *QUICK, "--remote", "--json").json
    assert {row["memory_id"] for row in rows} == {
        "0a89db3a-2061-4c97-a1b8-45700f8745bc",
        "c8b41a89-83b3-4512-b4f7-1dfca3570107",
    }
    assert all(isinstance(row["relativity"], float) for row in rows)


def test_what_the_service_leaves_out_of_a_search_is_told(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("search", "coffee", "--user", "王芳", "--remote", "--json")
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        whole = cli(*asked)
        running.emulator.faults.replace(["missing-fields"])
        ended = cli(*asked)
    assert (whole.code, "incomplete" in whole.err) == (0, False)
    every, of_profiles = len(whole.json), sum(row["view"] == "profile" for row in whole.json)
    assert every > of_profiles > 0
    assert ended.code == 4
    assert (
        f"The answer is incomplete: of {every} memories MemOS gave {every} without relativity, "
        f"{every - of_profiles} without update time, {of_profiles} without text. Try again later."
    ) in ended.err
    assert {row["relativity"] for row in ended.json} == {None}


def test_piped_text_keeps_a_row_on_a_line(synced: EmulatorThread, cli: Cli) -> None:
    objects = cli("memories", "list", "--json", "--limit", "0").json
    rows = cli("memories", "list", "--limit", "0").table
    assert any("\n" in found["content"] for found in objects)
    for found, row in zip(objects, rows, strict=True):
        text = row["content"]
        plain = text.replace("\\\\", "\0").replace("\\t", "\t").replace("\\n", "\n")
        assert plain.replace("\\r", "\r").replace("\0", "\\") == found["content"]
        assert row["tags"] == "; ".join(found["tags"])
        assert row["vanished"] == ("1" if found["vanished"] else "0")
        assert row["title"] == (found["title"] or "")


def test_one_memory_in_full(synced: EmulatorThread, cli: Cli) -> None:
    found = cli("memories", "show", "0a89db3a-2061-4c97-a1b8-45700f8745bc", "--json").json
    assert found["title"] == "Summer Family Trip Plan"
    assert found["type"] == "WorkingMemory"
    assert found["version"] == 1
    assert [listing["user_id"] for listing in found["listed_for"]] == ["memos_user_123"]
    text = cli("memories", "show", "0a89db3a-2061-4c97-a1b8-45700f8745bc").out
    assert "Summer Family Trip Plan" in text


def test_history_ends_with_the_present(synced: EmulatorThread, cli: Cli) -> None:
    rows = cli("memories", "history", "0a89db3a-2061-4c97-a1b8-45700f8745bc", "--json").json
    assert [(row["version"], row["replaced_at"]) for row in rows] == [(1, None)]
    assert rows[0]["tags"] == ["summer vacation", "family trip", "plan"]


def test_history_says_what_is_no_longer_kept(
    synced_home: Path, connected: EmulatorThread, cli: Cli, isolated: Path
) -> None:
    shutil.copytree(synced_home, isolated)
    memory_id = "0a89db3a-2061-4c97-a1b8-45700f8745bc"
    with closing(sqlite3.connect(cli("store", "path").out.strip())) as store, store:
        store.execute(
            """INSERT INTO memory_version
                   (memory_pk, version, view, content, tags, seen_from, replaced_at)
               SELECT pk, 1, view, '', '', 1, 2 FROM memory WHERE memory_id = ?""",
            [memory_id],
        )
        store.execute("UPDATE memory SET version = 2 WHERE memory_id = ?", [memory_id])
    ended = cli("memories", "history", memory_id, "--json")
    assert ended.json[0]["content"] is None
    assert [row["dropped"] for row in ended.json] == [True, False]
    assert "What 1 earlier version said is no longer kept: keep_versions_days" in ended.err


def test_sources_name_their_messages(synced: EmulatorThread, cli: Cli) -> None:
    known = [
        row
        for memory in cli("memories", "list", "--json", "--limit", "0").json
        if memory["sources"]
        for row in cli("memories", "sources", memory["memory_id"], "--json").json[:2]
    ]
    assert {"message id", "quoted text"} >= {row["how"] for row in known if row["how"]}
    linked = [row for row in known if row["how"] == "quoted text"]
    assert linked
    first = linked[0]
    messages = cli(
        "messages",
        "list",
        "--user",
        first["user_id"],
        "--conversation",
        first["conversation_id"],
        "--json",
        "--limit",
        "0",
    ).json
    assert first["excerpt"].split()[0] in messages[first["seq"] - 1]["content"]


@pytest.mark.terminal
def test_a_transcript_on_a_terminal_wraps_and_cuts_nothing(synced: EmulatorThread) -> None:
    seen = terminal(["messages", "list", *QUICK, "--conversation", "0610"], columns=40)
    assert seen.code == 0
    assert "…" not in seen.text
    words = " ".join(seen.text.split())
    served = asked(synced, "/get/message", {"user_id": "memos_user_123", "conversation_id": "0610"})
    for message in served["data"]["message_detail_list"]:
        assert " ".join(message["content"].split()) in words
    assert max(map(len, seen.text.splitlines()[:-1])) <= 40
    assert "from the beginning" in words


def test_a_transcript_tells_which_tools_were_called_with_what() -> None:
    row = {"seq": 1, "role": "assistant", "created_at": None, "gap_before": False, "content": ""}
    row |= {"seam_before": None, "role_id": None, "role_name": None}
    row |= {"derived_memory_ids": [], "tool_calls": ['find_orders: {"user_id": "u-1"}', "ping"]}
    told = [*transcript([row, {**row, "content": "Wait."}], 80)]
    calls = ['    tool call  find_orders: {"user_id": "u-1"}', "    tool call  ping", ""]
    assert told == ["1  assistant", *calls, "1  assistant", "    Wait.", *calls]


def test_a_transcript_tells_who_of_several_people_speaks() -> None:
    row = {"seq": 1, "role": "user", "created_at": None, "gap_before": False, "content": "Hi."}
    row |= {"seam_before": None, "derived_memory_ids": [], "tool_calls": []}
    for named, head in (
        ({"role_id": "bob-9", "role_name": "Bob\x1b[31m"}, "1  user Bob␛[31m"),
        ({"role_id": "bob-9", "role_name": None}, "1  user bob-9"),
        ({"role_id": None, "role_name": "Carol"}, "1  user Carol"),
        ({"role_id": None, "role_name": None}, "1  user"),
    ):
        assert next(transcript([{**row, **named}], 80)) == head


@pytest.mark.terminal
def test_a_table_on_a_terminal(synced: EmulatorThread) -> None:
    seen = terminal(["memories", "list", *QUICK], columns=80)
    assert seen.code == 0
    header, *rows = seen.text.splitlines()
    assert header.split() == ["View", "Title", "Memory"]
    assert rows[0].endswith("c8b41a89-83b3-4512-b4f7-1dfca3570107")
    assert max(map(len, [header, *rows])) <= 80


@pytest.mark.terminal
def test_a_terminal_shows_versions_whole_problems_by_their_reason_and_inferences(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory_id = "c8b41a89-83b3-4512-b4f7-1dfca3570107"
    words = "[assistant perspective] " + "The family travels together, always and everywhere. " * 3
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        assert cli("sync", "--user", "memos_user_123").code == 0
        asked(running, "/update/memory", {"memory_id": memory_id, "content": words + "Not so."})
        assert cli("sync", "--full").code == 0
        asked(running, "/_emulator/faults", {"faults": ["code:code=40000,route=/get/memory"]})
        assert cli("sync", "--full").code == 1
    history = terminal(["memories", "history", memory_id], columns=80).text
    first, second = history.split("\n2  seen from ")
    assert re.match(r"1  seen from \S+ \S+Z, until \S+ \S+Z\n   sync of \S+ \S+Z\n", first)
    assert " · changed: content\n" in second
    assert re.search(r"^   title +Family Trip Requirements$", first, re.MULTILINE)
    assert "[-" in second
    assert "{+" in second
    assert "…" not in second
    assert max(map(len, history.partition("As seen from")[0].splitlines())) <= 80
    listed = terminal(["memories", "list", "--user", "memos_user_123"], columns=100).text
    assert "inferred · Family Trip" in listed
    assert "inferred · Summer" not in listed
    users = terminal(["users", "list"], columns=100).text
    assert re.search(r"memos_user_123 .*  MemOS |memos_user_123 .*  the service ", users)


@pytest.mark.terminal
def test_at_80_columns_a_gap_says_whose_it_is(synced: EmulatorThread, cli: Cli) -> None:
    rows = cli("completeness", "gaps", "--json").json
    heading, below, *lines = terminal(["completeness", "gaps"], columns=80).text.splitlines()
    assert heading.split()[:2] == ["Kind", "Conversation"]
    assert below.strip() == "Older memory · User"
    assert [line.strip().split(" · ")[-1] for line in lines[1::2]] == [
        row["user_id"] for row in rows
    ]


def test_rows_of_the_ledger_and_the_requests_that_are_in_none_add_up(
    synced: EmulatorThread, cli: Cli
) -> None:
    ended = cli("completeness", "list")
    spent = sum(row["requests"] for row in cli("completeness", "list", "--json").json)
    sent = sum(cli("completeness", "show", "--json").json["requests"]["by_route"].values())
    assert sent > spent
    assert f"{sent - spent} requests of the project more" in ended.err.replace(
        "1 request ", "1 requests "
    )
    assert "of the project" not in cli("completeness", "list", "--limit", "1").err
