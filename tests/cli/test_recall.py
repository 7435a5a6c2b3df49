"""Why a memory is recalled or not, as a command: what is sent, the table, what is told, exit codes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli, asked, connect, terminal

MARIA = ("--user", "maria.gonzalez@example.com")
ALLERGY = "Who has the peanut allergy?"
WRONG = "0625dc90-a0f1-531c-b75a-926938c40157"
FIELDS = (
    "rank,rank_of_all,relativity,view,recalled,why,certain,also,explanation,memory_id,title,content,"
    "status,conversation_id,updated_at,stored"
)


@pytest.fixture
def faulty(emulator: EmulatorThread, synced: EmulatorThread) -> Iterator[Any]:
    """Sets faults of the demo's service, which has none in the end."""
    yield lambda *specs: asked(emulator, "/_emulator/faults", {"faults": list(specs)})
    asked(emulator, "/_emulator/faults", {"faults": []})


def test_the_table(synced: EmulatorThread, cli: Cli) -> None:
    ended = cli("recall", "ask", ALLERGY, *MARIA, "--json")
    assert (ended.code, ",".join(ended.json[0])) == (0, FIELDS)
    rows = {row["title"]: row for row in ended.json}
    assert rows["Peanut Allergy"]["recalled"]
    assert rows["Peanut Allergy"]["why"] is None
    far = rows["Holiday in Llanes"]
    assert (far["recalled"], far["why"], far["certain"]) == (False, "below the threshold", True)
    assert "The application gets 4 memories." in ended.err
    assert "No parameters are sent" in ended.err
    piped = cli("recall", "ask", ALLERGY, *MARIA)
    assert piped.out.splitlines()[0].split("\t") == FIELDS.split(",")
    assert len(piped.table) == len(ended.json)


def test_what_is_given_goes_before_what_is_configured(
    synced: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    home = tmp_path / "other"
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text("[recall]\nrelativity = 0.2\nmemory_limit_number = 3\n")
    (home / "config.toml").chmod(0o600)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
    plain = cli("recall", "ask", ALLERGY, *MARIA, "--only", "in", "--json")
    assert "Sent: relativity=0.2 memory_limit_number=3." in plain.err
    assert len([row for row in plain.json if row["view"] == "detail_factual"]) == 3
    given = ("--relativity", "0", "--at-most", "2", "--at-most", "skill=1", "--view", "fact")
    ended = cli("recall", "ask", ALLERGY, *MARIA, *given, "--json")
    assert (
        "Sent: relativity=0 memory_limit_number=2 preference_limit_number=2 "
        "tool_memory_limit_number=2 skill_limit_number=1 include_memory_view=detail_factual."
    ) in ended.err
    whys = {(row["view"], row["why"]) for row in ended.json if not row["recalled"]}
    assert ("detail_factual", "beyond the limit") in whys
    assert ("preference", "view not asked for") in whys
    bare = cli("recall", "ask", ALLERGY, *MARIA, "--bare")
    assert "No parameters are sent" in bare.err


def test_a_filter_is_sent_and_told(synced: EmulatorThread, cli: Cli) -> None:
    wanted = json.dumps({"and": [{"tags": {"contains": "correction"}}]})
    ended = cli(
        "recall", "ask", ALLERGY, *MARIA, "--memos-filter", wanted, "--memory", WRONG, "--json"
    )
    (row,) = ended.json
    assert (row["memory_id"], row["why"], row["certain"]) == (WRONG, "filtered", True)
    assert f"Sent: filter={wanted}." in ended.err


def test_a_filter_in_our_language_narrows_what_is_told_and_is_not_sent(
    synced: EmulatorThread, cli: Cli
) -> None:
    every = cli("recall", "ask", ALLERGY, *MARIA, "--limit", "0", "--json").json
    facts = [row for row in every if row["view"] == "detail_factual"]
    assert 0 < len(facts) < len(every)
    narrowed = ("--limit", "0", "--json", "--filter")
    ended = cli("recall", "ask", ALLERGY, *MARIA, *narrowed, "view:fact")
    assert ended.json == facts
    assert f"--filter chose {len(facts)} of {len(every)} rows" in ended.err
    assert "No parameters are sent" in ended.err
    one = cli("recall", "ask", ALLERGY, *MARIA, *narrowed, "user:maria.gonzalez@example.com peanut")
    assert {row["memory_id"] for row in one.json} == {
        row["memory_id"]
        for row in every
        if "peanut" in f"{row['title']} {row['content']}".casefold()
    }
    for said, why in (
        ("user:somebody", "column 1: --user says this too."),
        ("as-of:2025-09-17", "MemOS answers as of now"),
        ("sort:title", "column 1: The rows have an order of their own"),
        ("sort:updated,reverse", "column 1: The rows have an order of their own"),
        ("viw:fact", "column 1"),
    ):
        ended = cli("recall", "ask", ALLERGY, *MARIA, "--filter", said)
        assert ended.code == 2, said
        assert why in ended.err
    for which in (("--memory", WRONG), ("--only", "out")):
        meant = cli("recall", "ask", ALLERGY, *MARIA, *which, "--limit", "0", "--json").json
        ended = cli("recall", "ask", ALLERGY, *MARIA, *which, *narrowed, "view:fact")
        assert 0 < len(meant) < len(every)
        told = f"--filter chose {len(ended.json)} of {len(meant):,} row"
        assert told in ended.err
    ended = cli("recall", "ask", ALLERGY, "--user", "nobody", "--filter", "tea", "--json")
    assert ended.json == []


def test_one_memory_is_explained(synced: EmulatorThread, cli: Cli) -> None:
    text = terminal(("recall", "ask", "zzz", *MARIA, "--memory", WRONG, "--memory", "none")).text
    assert f"{WRONG}: Its relativity 0.000 is below the threshold of 0.45" in text
    assert "none: neither MemOS nor the store has it of this user." in text
    assert "in brackets" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((" ", *MARIA), "There is no question"),
        (("x",), "--user"),
        (("x", *MARIA, "--relativity", "2"), "from 0 (off) to 1"),
        (("x", *MARIA, "--relativity", "nan"), "from 0 (off) to 1"),
        (("x", *MARIA, "--at-most", "26"), "no number from 0 to 25"),
        (("x", *MARIA, "--at-most", "event=3"), "not documented"),
        (("x", *MARIA, "--at-most", "tea=3"), "no view"),
        (("x", *MARIA, "--memos-filter", "[]"), "must be an object"),
        (("x", *MARIA, "--view", "tea"), "no view"),
    ],
)
def test_wrong_usage(synced: EmulatorThread, cli: Cli, arguments: Any, told: str) -> None:
    ended = cli("recall", "ask", *arguments)
    assert ended.code == 2
    assert told in ended.err


def test_a_half_answer_is_done_in_part(faulty: Any, cli: Cli) -> None:
    faulty("code:code=40304,route=/search/memory,after=1")
    ended = cli("recall", "ask", ALLERGY, *MARIA, "--json")
    assert ended.code == 4
    assert any(row["recalled"] for row in ended.json)
    assert "used up its calls" in ended.err


@pytest.mark.parametrize(("fault", "code"), [("expired-key", 3), ("code:code=40304", 1)])
def test_no_answer(faulty: Any, cli: Cli, fault: str, code: int) -> None:
    faulty(fault)
    ended = cli("recall", "ask", ALLERGY, *MARIA, "--json")
    assert (ended.code, ended.out) == (code, "")


def test_whoever_is_not_on_the_roster_is_asked_for_too(
    connected: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, connected)
    ended = cli("recall", "ask", ALLERGY, *MARIA)
    assert ended.code == 0
    assert "never listed here" in ended.err


# -- recall check ----------------------------------------------------------------------------------

QUESTIONS = """\
[[question]]
name = "right"
user = "maria.gonzalez@example.com"
ask = "Who has the peanut allergy?"
must_contain = [{ words = "sister is allergic", within = 2 }]

[[question]]
name = "wrong"
user = "maria.gonzalez@example.com"
ask = "Who has the peanut allergy?"
must_contain = [{ memory = "no such memory" }]
must_not_contain = [{ words = ["notes", "user is allergic"] }]
"""
CHECKED = "name,user_id,ask,outcome,change,why,expectations,digest"


@pytest.fixture
def file(tmp_path: Path, writable: None) -> Path:
    path = tmp_path / "recall.toml"
    path.write_text(QUESTIONS)
    return path


@pytest.fixture
def writable(
    synced_home: Path, synced: EmulatorThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The synced home, of the test's own."""
    home = tmp_path / "own"
    shutil.copytree(synced_home, home)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))


def test_questions_that_are_checked(file: Path, cli: Cli) -> None:
    ended = cli("recall", "check", str(file), "--json")
    assert ended.code == 1
    right, wrong = ended.json
    assert ",".join(right) == CHECKED
    assert (right["outcome"], right["change"], right["why"]) == ("passed", "new", [])
    assert right["expectations"][0]["rank"] == 2
    assert [one.partition(":")[0] for one in wrong["why"]] == [
        "must contain no such memory",
        "must not contain “notes” and “user is allergic”",
    ]
    assert "Neither MemOS nor the store has it" in wrong["why"][0]
    assert "1 passed, 1 failed, 0 not asked." in ended.err
    again = cli("recall", "check", str(file), "--json")
    assert [row["change"] for row in again.json] == ["same", "same"]
    one = cli("recall", "check", str(file), "--question", "right")
    assert one.code == 0
    assert len(one.table) == 1


def test_a_report_is_compared_with(file: Path, cli: Cli, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(cli("recall", "check", str(file), "--json").out)
    kept = json.loads(report.read_text())
    kept[0]["expectations"][0]["met"] = False
    kept[0]["expectations"][0]["rank"] = None
    report.write_text(json.dumps(kept))
    ended = cli("recall", "check", str(file), "--against", str(report), "--json")
    assert [row["change"] for row in ended.json] == ["newly passes", "same"]
    assert "0 newly fails, 1 newly passes, 0 moved, 0 new." in ended.err
    kept[1]["expectations"][0]["met"] = True
    report.write_text(json.dumps(kept))
    ended = cli("recall", "check", str(file), "--against", str(report), "--json")
    assert [row["change"] for row in ended.json] == ["newly passes", "newly fails"]
    assert [one["change"] for one in ended.json[1]["expectations"]] == ["newly fails", "same"]
    first, second = ended.json[1]["why"]
    assert first.startswith("must contain no such memory: At the last check it was so. It is not")
    assert "At the last check" not in second
    report.write_text("{}")
    wrong = cli("recall", "check", str(file), "--against", str(report))
    assert (wrong.code, "recall check --json" in wrong.err) == (2, True)


def test_junit(file: Path, cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    hostile = 'name = "wr\\u0001on\\uFFFFg <&>"'
    file.write_text(QUESTIONS.replace('name = "wrong"', hostile))
    cli("recall", "check", str(file), "--junit", str(path))
    suite = ET.parse(path).getroot()  # our own file
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    right, wrong = suite
    assert (right.get("name"), len(right)) == ("right", 0)
    assert wrong.get("name") == "wr\ufffdon\ufffdg <&>"
    assert "must contain no such memory" in str(wrong[0].get("message"))


def test_what_cannot_be_asked_is_done_in_part(file: Path, faulty: Any, cli: Cli) -> None:
    faulty("code:code=40304,route=/search/memory,times=1")
    ended = cli("recall", "check", str(file), "--json")
    assert ended.code == 4
    assert "not asked" in {row["outcome"] for row in ended.json}
    faulty("expired-key")
    ended = cli("recall", "check", str(file), "--json")
    assert (ended.code, ended.out) == (3, "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no question"),
        ("[[question]]\n", "line 1: question.1: ask is missing"),
        ("x", "not TOML"),
    ],
)
def test_a_faulty_file_is_wrong_usage(file: Path, cli: Cli, text: str, told: str) -> None:
    file.write_text(text)
    ended = cli("recall", "check", str(file))
    assert (ended.code, told in ended.err) == (2, True)
    for none in ([str(file) + ".none"], [str(file), "--against", str(file) + ".none"]):
        file.write_text(QUESTIONS)
        ended = cli("recall", "check", *none)
        assert (ended.code, ".none cannot be read" in ended.err) == (2, True)
    file.write_text(QUESTIONS)
    assert cli("recall", "check", str(file), "--question", "none").code == 2


def test_a_user_whom_nobody_knows_fails(file: Path, cli: Cli) -> None:
    mistyped = """[[question]]
user = "marla.gonzalez@example.com"
ask = "Who has the peanut allergy?"
must_not_contain = [{ words = "user is allergic" }]
"""
    file.write_text(mistyped)
    ended = cli("recall", "check", str(file), "--json")
    (row,) = ended.json
    assert (ended.code, row["outcome"]) == (1, "failed")
    assert "Nobody knows this user" in row["why"][0]
    assert cli("recall", "check", str(file), "--json").json[0]["change"] == "same"
    file.write_text(mistyped.replace("ask =", "unknown_user = true\nask =", 1))
    assert cli("recall", "check", str(file)).code == 0
    file.write_text(mistyped.replace("ask =", 'unknown_user = "x"\nask =', 1))
    assert cli("recall", "check", str(file)).code == 2


def test_a_user_whom_only_memos_knows_is_checked(
    file: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(tmp_path / "nothing was ever listed here"))
    file.write_text(QUESTIONS.split("\n\n", maxsplit=1)[0])
    assert cli("recall", "check", str(file)).code == 0
    file.write_text(
        file.read_text()
        .replace("must_", "sent = { relativity = 1.0 }\nmust_not_", 1)
        .replace(
            'must_not_contain = [{ words = "sister is allergic", within = 2 }]',
            'must_not_contain = [{ words = "sister" }]',
        )
    )
    assert cli("recall", "check", str(file)).code == 0


def test_a_terminal_is_told_each_reason(file: Path) -> None:
    text = terminal(("recall", "check", str(file))).text
    assert "  must contain no such memory: It is not among what the application gets." in text
    assert "Since the last check: 0 newly fails" in text
