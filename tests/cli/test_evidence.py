"""Links and gaps as commands: fields, filters, counts, what a person reads."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from memos_admin.backend.evidence.kinds import CHECKS, LINK_KINDS, MISSING, UNCOMPARED
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli, terminal

ROSA = ("--user", "rosa.costa@example.pt")
TOM = ("--user", "tom.baker@example.com")
ZHOU = ("--user", "周敏")
FIELDS = {
    "summary": "list,kind,user,unmarked,assistant,total",
    "links": (
        "user_id,memory_id,view,title,told_as,link,conversation_id,seq,role,role_id,role_name,author,"
        "words,until"
    ),
    "silent": (
        "user_id,conversation_id,seq,role,role_id,role_name,author,content,created_at,overlap,thanks"
    ),
    "missing": (
        "user_id,memory_id,view,title,content,told_as,why,explanation,kind,excerpt,message_id,"
        "sources,found,conversation_id,elsewhere"
    ),
    "check": (
        "user_id,memory_id,view,title,content,told_as,check,memory_says,source_says,explanation,"
        "conversation_id,seqs,elsewhere,authors"
    ),
    "uncompared": ("user_id,memory_id,view,title,content,told_as,why,explanation,conversation_id"),
}


@pytest.mark.parametrize("verb", FIELDS)
def test_fields(synced: EmulatorThread, cli: Cli, verb: str) -> None:
    whose = () if verb == "uncompared" else ROSA  # all of hers could be compared
    rows = cli("evidence", verb, *whose, "--json").json
    assert rows
    assert all(",".join(row) == FIELDS[verb] for row in rows)
    piped = cli("evidence", verb, *whose)
    assert piped.out.splitlines()[0].split("\t") == FIELDS[verb].split(",")
    assert len(piped.table) == len(rows)


def test_who_wrote_a_message_of_several_people_is_named(synced: EmulatorThread, cli: Cli) -> None:
    (row,) = cli("evidence", "check", *TOM, "--json").json
    assert (row["check"], row["authors"]) == ("another person", ["another person"])
    assert "(message 10) was said by Li Wei, not by this user." in row["explanation"]
    assert cli("evidence", "check", "--check", "another person", *TOM, "--json").json == [row]
    theirs = cli("evidence", "links", *TOM, "--said-by", "another person", "--json").json
    named = [(it["memory_id"], it["seq"], it["role_id"], it["role_name"]) for it in theirs]
    assert named == [(row["memory_id"], 10, "li.wei@acme.cn", "Li Wei")]
    own = cli("evidence", "links", *TOM, "--said-by", "user", "--json").json
    assert {it["author"] for it in own} == {"user"}
    assert {it["role_name"] for it in own} == {None, "Tom"}
    silent = cli("evidence", "silent", *TOM, "--json").json
    others = cli("evidence", "silent", *TOM, "--said-by", "another person", "--json").json
    assert others == [it for it in silent if it["author"] == "another person"]
    assert {it["role"] for it in others} == {"user"}
    authors = [it["author"] for it in silent]
    assert authors.index("another person") > max(n for n, it in enumerate(authors) if it == "user")
    (source,) = cli("memories", "sources", row["memory_id"], "--json").json
    assert (source["author"], source["role_name"]) == ("another person", "Li Wei")


def test_the_lists_and_the_summary_agree(synced: EmulatorThread, cli: Cli) -> None:
    counts = {
        (row["list"], row["kind"]): row["total"]
        for row in cli("evidence", "summary", *ROSA, "--json").json
    }
    kinds = {kind for name, kind in counts if name == "links"}
    assert kinds == {"all", *LINK_KINDS}
    assert {kind for name, kind in counts if name == "missing"} == {"all", *MISSING}
    assert {kind for name, kind in counts if name == "check"} == {"all", *CHECKS}
    assert {kind for name, kind in counts if name == "uncompared"} == {"all", *UNCOMPARED}
    for verb, name in (("missing", "why"), ("check", "check"), ("uncompared", "why")):
        rows = cli("evidence", verb, *ROSA, "--json").json
        for kind in {row[name] for row in rows}:
            assert counts[verb, kind] == sum(row[name] == kind for row in rows)
            some = cli("evidence", verb, *ROSA, f"--{name}", kind, "--json").json
            assert some == [row for row in rows if row[name] == kind]
    assert counts["silent", "all"] == len(cli("evidence", "silent", *ROSA, "--json").json)


@pytest.mark.parametrize("verb", ["missing", "summary"])
def test_that_sources_are_not_kept_is_said_once_with_the_setting(
    synced: EmulatorThread, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    home = tmp_path / "home"
    shutil.copytree(os.environ["MEMOS_ADMIN_HOME"], home)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
    said = "came from is not kept: ids of messages"
    assert said not in cli("evidence", verb).err
    (home / "config.toml").write_text(
        "[retention]\nkeep_versions_days = false\nkeep_raw_json = false\n"
    )
    assert cli("store", "tidy").code == 0
    told = cli("evidence", verb).err
    assert told.count("is not kept") == 1
    assert said in told
    assert "keep_raw_json and keep_versions_days of config.toml" in told


def test_each_planted_error_is_told(synced: EmulatorThread, cli: Cli) -> None:
    found = {
        row["title"]: (row["check"], row["memory_says"], row["source_says"], row["seqs"])
        for row in cli("evidence", "check", *ZHOU, "--json").json
    }
    assert found["体检日期"] == ("date", ["2025年6月28日"], ["6月20号"], [3])
    assert found["体检套餐"] == ("number", ["1,820"], ["1,280"], [2])
    assert found["预约编号"][:2] == ("name", ["TJ-50871"])
    assert found["父亲的糖尿病"][0] == "negation"
    assert found["喜欢登山"][0] == found["会说法语"][0] == "nothing shared"
    assert found["李阿姨"][0] == "speaker"


@pytest.mark.parametrize(
    "known",
    [(ROSA, "Van With a Driver", "studio-move", 6), (ZHOU, "开车去体检", "体检", 3)],
)
def test_a_source_in_another_conversation_is_known_to_every_command(
    synced: EmulatorThread,
    cli: Cli,
    tmp_path: Path,
    known: tuple[tuple[str, str], str, str, int],
) -> None:
    whose, title, conversation, seq = known
    (link,) = (
        row for row in cli("evidence", "links", *whose, "--json").json if row["title"] == title
    )
    assert (link["conversation_id"], link["seq"]) == (conversation, seq)
    memory_id = link["memory_id"]
    (source,) = cli("memories", "sources", memory_id, "--json").json
    assert (source["conversation_id"], source["seq"]) == (conversation, seq)
    assert source["how"] == "quoted text"
    of = (*whose, "--conversation", conversation)

    def there(rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
        return [
            (row["conversation_id"], int(row["seq"]))
            for row in rows
            if memory_id in row["derived_memory_ids"]
        ]

    assert there(cli("messages", "list", *of, "--json").json) == [(conversation, seq)]
    for what in (("conversation", *of), ("user", whose[1]), ("messages",)):
        table = cli("export", *what, "--format", "csv", "--output", "-").out
        assert there([*csv.DictReader(io.StringIO(table))]) == [(conversation, seq)]
        lines = cli("export", *what, "--format", "jsonl", "--output", "-").out.splitlines()
        rows = [row for row in map(json.loads, lines) if row["type"] == "message"]
        assert there(rows) == [(conversation, seq)]
    target = str(tmp_path / "out.zip")
    cli("subject", "export", whose[1], "--request", "1", "--output", target)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        said = next(name for name in archive.namelist() if name.endswith("your-data.md"))
        about = archive.read(said).decode().partition(title)[2]
    came = next(line for line in about.splitlines() if "Came from:" in line)
    assert f"message {seq} of conversation" in came


def test_the_filters_of_lists_are_those_of_gaps(synced: EmulatorThread, cli: Cli) -> None:
    def titles(*arguments: str) -> list[str]:
        rows = cli("evidence", "missing", *ROSA, *arguments, "--json").json
        return [row["title"] for row in rows]

    assert titles("--tag", "pets") == ["Cat Called Fado"]
    assert titles("--conversation", "studio-move") == ["Price of Induction Plates"]
    assert titles("--told-as", "user", "--sort", "title") == [
        "Brother With a Bakery",
        "Cat Called Fado",
    ]
    assert titles("--text", "bakery", "--why", "none given") == ["Brother With a Bakery"]
    everybody = cli("evidence", "missing", "--why", "knowledge base", "--json").json
    assert {row["user_id"] for row in everybody} == {"rosa.costa@example.pt", "周敏"}


def test_a_source_that_is_no_message_says_what_it_is(synced: EmulatorThread, cli: Cli) -> None:
    for why, told in (("knowledge base", "knowledge base"), ("nowhere", "not found")):
        (row,) = cli("evidence", "missing", *ROSA, "--why", why, "--json").json
        (source,) = [
            one
            for one in cli("memories", "sources", row["memory_id"], "--json").json
            if one["seq"] is None
        ]
        assert source["why"] == told
        assert (row["kind"], row["excerpt"]) == (source["kind"], source["excerpt"])


def test_links_both_ways_with_the_words_of_both(synced: EmulatorThread, cli: Cli) -> None:
    rows = cli("evidence", "links", *ROSA, "--by", "message", "--json").json
    places = [(row["conversation_id"], row["seq"]) for row in rows]
    assert places == sorted(places)
    stove = next(row for row in rows if row["title"] == "Gas Stove")
    assert (stove["link"], stove["seq"], stove["words"]) == ("quoted text", 7, ["gas", "studio"])
    zhou = cli("evidence", "links", *ZHOU, "--json").json
    parcel = next(row for row in zhou if row["title"] == "体检套餐")  # 1,820 and 1,280
    assert parcel["words"] == ["推荐", "安康", "套餐B"]
    by_memory = cli("evidence", "links", *ROSA, "--json").json
    linked = [row for row in by_memory if row["link"] != "none"]
    assert sorted(map(str, linked)) == sorted(map(str, rows))
    assert {row["link"] for row in by_memory} == {"quoted text", "none"}


def test_messages_that_produced_nothing(synced: EmulatorThread, cli: Cli) -> None:
    rows = cli("evidence", "silent", *ROSA, "--role", "user", "--json").json
    assert [(row["conversation_id"], row["seq"]) for row in rows] == [("studio-paint", 1)]
    none = cli("evidence", "silent", *ROSA, "--role", "tool")
    assert none.out.splitlines()[1:] == []
    assert "Every message" in none.err


def test_a_cut_is_told(synced: EmulatorThread, cli: Cli) -> None:
    ended = cli("evidence", "check", *ROSA, "--limit", "2", "--json")
    assert len(ended.json) == 2
    assert "The first 2; there are more." in ended.err


def test_a_person_reads_what_was_compared(synced: EmulatorThread) -> None:
    seen = terminal(["evidence", "check", *ROSA, "--check", "negation"])
    shown = " ".join(seen.text.split())
    assert "negation · Gas Stove" in shown
    assert "deny it: “I don't want gas in the studio”" in shown


def test_nobody_is_looked_at_unjournaled(synced: EmulatorThread, cli: Cli) -> None:
    cli("evidence", "check", *ROSA)
    latest = cli("journal", "list", "--limit", "1", "--json").json[0]
    assert (latest["action"], latest["user_id"]) == ("view", "rosa.costa@example.pt")
    assert latest["details"]["what"] == "evidence"


def test_what_was_known_then_is_refused_and_not_ignored(synced: EmulatorThread, cli: Cli) -> None:
    for verb in ("links", "missing", "check", "uncompared"):
        ended = cli("evidence", verb, *ROSA, "--as-of", "1h")
        assert ended.code == 2
        assert "has no option --as-of. This is about what is known now." in ended.err
        assert ended.out == ""


def test_what_to_ask_next_can_be_asked_as_it_is_told(synced: EmulatorThread, cli: Cli) -> None:
    none = cli("evidence", "check", *ROSA, "--text", "no such words")
    some = cli("evidence", "check", *ROSA)
    for ended in (none, some):
        told = (
            ended.err.partition("What was not compared, and why: ")[2].splitlines()[0].rstrip(".")
        )
        assert cli(*told.split()).out.startswith("user_id\tmemory_id")


def test_counts_that_add_up_to_more_than_all_are_explained(
    synced: EmulatorThread, cli: Cli
) -> None:
    maria = cli("evidence", "summary", "--user", "maria.gonzalez@example.com", "--json")
    kinds = {row["kind"]: row["total"] for row in maria.json if row["list"] == "check"}
    assert (kinds["all"], kinds["person"], kinds["name"]) == (1, 1, 1)
    assert "counts in each of them, and once in all" in maria.err
    assert "once in all" not in cli("evidence", "summary", *ROSA).err


def test_what_the_user_said_stands_first_of_what_nothing_came_of(
    synced: EmulatorThread, cli: Cli
) -> None:
    ended = cli("evidence", "silent", *ROSA, "--json")
    roles = [row["role"] for row in ended.json]
    assert roles == sorted(roles, reverse=True)
    assert roles[0] == "user"
    assert "The user's stand first" in ended.err


def test_a_summary_of_everyone_is_the_sum_of_all(synced: EmulatorThread, cli: Cli) -> None:
    whole = cli("evidence", "summary", "--json")
    rows = {(row["list"], row["kind"]): row["total"] for row in whole.json}
    for name, verb in (("missing", "missing"), ("links", "links"), ("check", "check")):
        ids = {
            (r["user_id"], r["memory_id"])
            for r in cli("evidence", verb, "--limit", "0", "--json").json
        }
        assert rows[name, "all"] == len(ids)
    assert "users and agents: compared with" in whole.err


def test_a_summary_counts_what_a_filter_names(synced: EmulatorThread, cli: Cli) -> None:
    def totals(*arguments: str) -> dict[tuple[str, str], int]:
        rows = cli("evidence", "summary", *arguments, "--json").json
        return {(row["list"], row["kind"]): row["total"] for row in rows}

    for whose, said in (
        (ROSA, ("--tag", "pets")),
        (ROSA, ("--filter", "view:fact -bakery")),
        ((), ("--view", "preference")),
        ((), ("--conversation", "studio-move")),
        (ROSA, ("--text", "studio")),
    ):
        counts = totals(*whose, *said)
        for verb in ("links", "missing", "check"):
            rows = cli("evidence", verb, *whose, *said, "--limit", "0", "--json").json
            ids = {(row["user_id"], row["memory_id"]) for row in rows}
            assert counts[verb, "all"] == len(ids)
        foreign = {"--tag", "--view"} & {*said} or "view:" in said[1]
        messages = () if foreign else said
        silent = cli("evidence", "silent", *whose, *messages, "--limit", "0", "--json").json
        if "bakery" not in said[1]:
            assert counts["silent", "all"] == len(silent)
    assert totals(*ROSA, "--tag", "pets")["missing", "all"] == 1
    told = cli("evidence", "summary", *ROSA, "--view", "fact").err
    assert "Messages have no view: in silent they are narrowed by all else." in told
    for refused in (("--as-of", "1d"), ("--sort", "title"), (*ROSA, "--conversation", "none")):
        assert cli("evidence", "summary", *refused).code in {1, 2}


def test_messages_that_produced_nothing_are_filtered(synced: EmulatorThread, cli: Cli) -> None:
    every = cli("evidence", "silent", "--limit", "0", "--json").json
    assert len({row["user_id"] for row in every}) > 2
    assert [row for row in every if row["user_id"] == ROSA[1]] == cli(
        "evidence", "silent", *ROSA, "--limit", "0", "--json"
    ).json
    middle = sorted(row["created_at"] for row in every)[len(every) // 2]
    for arguments, passes in (
        (("--since", middle), lambda row: row["created_at"] >= middle),
        (("--until", middle), lambda row: row["created_at"] < middle),
        (("--filter", f"created:>={middle}"), lambda row: row["created_at"] >= middle),
        (("--text", "THANK"), lambda row: "thank" in row["content"].casefold()),
        (("--filter=-thank",), lambda row: "thank" not in row["content"].casefold()),
        (("--role", "thanks"), lambda row: row["thanks"]),
        (("--role", "assistant"), lambda row: row["role"] == "assistant"),
        (("--conversation", "studio-move"), lambda row: row["conversation_id"] == "studio-move"),
        (("--filter", f"user:{ROSA[1]}"), lambda row: row["user_id"] == ROSA[1]),
    ):
        found = cli("evidence", "silent", *arguments, "--limit", "0", "--json").json
        assert found == [row for row in every if passes(row)]
        assert 0 < len(found) < len(every)


def test_what_messages_do_not_have_is_refused_with_what_to_do(
    synced: EmulatorThread, cli: Cli
) -> None:
    ended = cli("evidence", "silent", "--filter", "view:fact -tag:work tea")
    assert (ended.code, ended.out) == (2, "")
    assert "column 1: Messages have no view." in ended.err
    assert "created or updated" in ended.err
    assert cli("evidence", "silent", "--filter", "as-of:1d").code == 2
    ended = cli("evidence", "silent", "--filter", 'conversation:""')
    assert (ended.code, "Every message is of a conversation" in ended.err) == (2, True)
    ended = cli("evidence", "silent", *ROSA, "--conversation", "none")
    assert (ended.code, "There is no conversation 'none'" in ended.err) == (1, True)
    ended = cli("evidence", "silent", "--role", "nobody")
    assert "thanks (on the screen: only thanks); 'nobody' is none of them" in ended.err


@pytest.mark.terminal
def test_at_80_columns_nothing_that_matters_is_lost(synced: EmulatorThread) -> None:
    def shown(*arguments: str) -> list[str]:
        return terminal(["evidence", *arguments], columns=80).text.splitlines()

    heading, *lines = shown("silent")
    assert heading.split() == ["User", "Said", "by", "Text", "Conversation", "Message"]
    assert any("  user  " in line for line in lines)
    heading, below, *lines = shown("links", *ROSA)
    assert heading.split() == ["View", "Title", "Link", "Conversation", "Message", "Said", "by"]
    assert below.strip() == "Words of both · Memory"
    assert any("inferred · Asthma" in line for line in lines)
    assert "b1e845bb-064a-5927-9a38-858f401b1c2b" in "".join(lines)
    heading, below, *lines = shown("missing", "--why", "knowledge base")
    assert heading.split()[:3] == ["View", "Title", "Source"]
    assert below.strip() == "Quoted · User · Memory"
    found = "".join(lines)
    assert f"{ROSA[1]} · b1e845bb-064a-5927-9a38-858f401b1c2b" in found
    assert max(map(cell_len, lines)) <= 80
