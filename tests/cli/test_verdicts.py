"""Verdicts by commands: given, listed, counted, exported, and sent as corrections."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from memos_admin.backend.hygiene.kinds import RULES
from memos_admin.emulator.thread import EmulatorThread
from tests.backend.changed import REQUIREMENTS, TRIP
from tests.cli.conftest import Cli, asked, confirmed, connect, terminal

USER = "memos_user_123"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cli: Cli) -> Iterator[EmulatorThread]:
    """A service of the test's own, which may be changed, with a user in the store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEMOS_ADMIN_ALLOW_WRITES", "true")
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        assert cli("sync", "--user", USER).code == 0
        yield running


def requests(running: EmulatorThread) -> dict[str, int]:
    found: dict[str, int] = asked(running, "/_emulator/requests")
    return {
        name: found.get(name, 0) for name in ("/add/feedback", "/update/memory", "/delete/memory")
    }


def test_given_listed_replaced_and_taken_back(read: EmulatorThread, cli: Cli) -> None:
    assert cli("verdicts", "give", TRIP, "wrong", "--note", "never said so").code == 0
    ended = cli("--ticket", "SUP-1", "verdicts", "give", TRIP, "outdated")
    assert "outdated instead of wrong: version 1" in ended.err
    (row,) = cli("verdicts", "list", "--json").json
    assert (row["memory_id"], row["verdict"], row["note"], row["ticket"]) == (
        TRIP,
        "outdated",
        None,
        "SUP-1",
    )
    assert (row["version"], row["changed_since"], row["title"]) == (
        1,
        False,
        "Summer Family Trip Plan",
    )
    kept = cli("verdicts", "list", "--ended", "--json").json
    assert [(one["verdict"], one["ended"]) for one in kept] == [
        ("outdated", None),
        ("wrong", "replaced"),
    ]
    shown = terminal(["verdicts", "list", "--ended"], columns=80).text
    assert "replaced" in shown
    assert cli("verdicts", "withdraw", TRIP).code == 0
    assert cli("verdicts", "list", "--json").json == []
    assert cli("verdicts", "withdraw", TRIP).code == 1


def test_what_cannot_be_judged_is_refused(read: EmulatorThread, cli: Cli) -> None:
    assert cli("verdicts", "give", TRIP, "excellent").code == 2
    assert cli("verdicts", "give", "nothing", "wrong").code == 1
    assert cli("verdicts", "give", TRIP, "wrong", "--version", "2").code == 1
    assert cli("verdicts", "list", "--as-of", "1d").code == 2
    assert cli("verdicts", "queue", "flagged", "--seed", "1").code == 2


def test_a_sample_tells_its_seed_and_is_drawn_again_by_it(read: EmulatorThread, cli: Cli) -> None:
    ended = cli("verdicts", "queue", "sample", "--number", "1", "--json")
    seed = ended.err.partition("by the seed ")[2].partition(":")[0]
    again = cli("verdicts", "queue", "sample", "--number", "1", "--seed", seed, "--json")
    assert again.json == ended.json
    assert len(again.json) == 1


def test_a_second_reviewer_is_not_told_what_the_first_one_said(
    read: EmulatorThread, cli: Cli, isolated: Path
) -> None:
    cli("verdicts", "give", TRIP, "wrong")
    (isolated / "config.toml").write_text('operator = "second"\n')
    (row,) = cli("verdicts", "queue", "unreviewed", "--second", "--json").json
    assert (row["memory_id"], row["verdict"], row["others"]) == (TRIP, None, [])
    cli("verdicts", "give", TRIP, "correct")
    assert cli("verdicts", "queue", "unreviewed", "--second", "--json").json == []
    (pair,) = cli("verdicts", "agreement", "--json").json
    assert (pair["compared"], pair["agreed"], pair["share"], pair["kappa"]) == (1, 0, None, None)
    none = cli("verdicts", "agreement", "--filter", "verdict:duplicate", "--json")
    assert none.json == []
    assert "No two operators have judged the same version of a memory that fits." in none.err
    (figure,) = cli("verdicts", "figures", "--json").json
    assert (figure["verdicts"], figure["memories"], figure["wrong"]) == (2, 1, 1)
    assert figure["correct_share"] is None


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_exports_have_what_was_judged_and_a_manifest(
    read: EmulatorThread, cli: Cli, tmp_path: Path, form: str
) -> None:
    cli("verdicts", "give", TRIP, "wrong", "--note", "=formula")
    file = tmp_path / f"verdicts.{form}"
    ended = cli("verdicts", "export", "--output", str(file))
    assert ended.code == 0
    assert "Wrote 1 verdict to" in ended.err
    if form == "csv":
        (row,) = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline=""))
        assert row["note"] == "'=formula"
    elif form == "jsonl":
        row = json.loads(file.read_text(encoding="utf-8"))
        assert (row["type"], row["note"]) == ("verdict", "=formula")
    else:
        header, values = load_workbook(file).active.values
        row = dict(zip(header, values, strict=True))
    assert row["memory_id"] == TRIP
    assert row["title"] == "Summer Family Trip Plan"
    about = json.loads(file.with_name(file.name + ".manifest.json").read_text())
    assert (about["scope"]["kind"], about["counts"]) == ("verdicts", {"verdicts": 1})


def test_feedback_is_shown_sent_once_and_waited_for(read: EmulatorThread, cli: Cli) -> None:
    cli("verdicts", "give", TRIP, "wrong", "--note", "Rail only.")
    words = ("verdicts", "send", "--as", "feedback")
    ended = cli(*words, "--dry-run")
    assert "Sent: POST /add/feedback with user_id" in ended.err
    assert "This memory is wrong: “[user perspective] The user plans" in ended.err
    assert requests(read) == {"/add/feedback": 0, "/update/memory": 0, "/delete/memory": 0}
    seen = terminal(list(words), replies=[("to go on:", f"{TRIP}\n")])
    assert seen.code == 0
    assert "done; worked in" in seen.text
    assert requests(read)["/add/feedback"] == 1
    kept = cli("journal", "list", "--action", "memory.feedback", "--json")
    assert [one["result"] for one in kept.json] == ["done", "begun"]
    assert "Rail only" not in kept.out
    assert any("Rail only." in one["content"] for one in cli("memories", "list", "--json").json)


def test_the_notes_of_all_who_agree_are_sent(
    read: EmulatorThread, cli: Cli, isolated: Path
) -> None:
    said = (("ann", "wrong", "Rail only."), ("bob", "wrong", "No car."), ("eve", "wrong", ""))
    for operator, verdict, note in said:
        (isolated / "config.toml").write_text(f'operator = "{operator}"\n')
        cli("verdicts", "give", TRIP, verdict, *(("--note", note) if note else ()))
    words = ("verdicts", "send", "--as", "feedback")
    assert "”. No car. / Rail only." in cli(*words, "--dry-run").err
    only = cli(*words, "--dry-run", "--operator", "ann").err
    assert "Rail only." in only
    assert "No car." not in only
    assert cli(*words, "--confirm", TRIP).code == 0
    assert any("Rail only." in one["content"] for one in cli("memories", "list", "--json").json)


def test_the_same_verdict_again_says_so(read: EmulatorThread, cli: Cli) -> None:
    cli("verdicts", "give", TRIP, "outdated")
    again = cli("verdicts", "give", TRIP, "outdated", "--note", "old")
    assert "outdated as before, with this note: version 1" in again.err
    again = cli("verdicts", "give", TRIP, "outdated")
    assert "outdated as before, without a note: version 1" in again.err


def test_what_was_sent_is_remembered_and_offered_again_only_when_asked_for(
    read: EmulatorThread, cli: Cli, isolated: Path
) -> None:
    cli("verdicts", "give", TRIP, "wrong")
    words = ("verdicts", "send", "--as", "feedback")
    assert cli(*words, "--confirm", TRIP).code == 0
    cli("verdicts", "give", REQUIREMENTS, "outdated")
    ended = cli(*words, "--dry-run")
    assert f"{TRIP}: left out. Sent as feedback on 20" in ended.err
    assert "1 memory left out as sent before; --again sends it." in ended.err
    assert "This memory is outdated: " in ended.err
    assert "This memory is wrong: " not in ended.err
    again = cli(*words, "--dry-run", "--again")
    assert "This memory is wrong: " in again.err
    assert "2 requests" in again.err
    assert "This memory" not in cli("verdicts", "send", "--as", "archive", "--dry-run").err
    rows = cli("verdicts", "list", "--json").json
    assert [(row["memory_id"], row["sent_as"]) for row in rows] == [
        (REQUIREMENTS, None),
        (TRIP, "feedback"),
    ]
    assert rows[1]["sent_at"] >= rows[1]["given_at"]
    exported = cli("verdicts", "export", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["sent_at"] for line in exported] == [None, rows[1]["sent_at"]]
    (line,) = (one for one in terminal(["verdicts", "list"]).text.splitlines() if "wrong" in one)
    assert "sent 20" in line
    (isolated / "config.toml").write_text('operator = "second"\n')
    cli("verdicts", "give", TRIP, "wrong")
    assert f"{TRIP}: left out. Sent as feedback" in cli(*words, "--dry-run").err
    assert cli(*words, "--confirm", REQUIREMENTS).code == 0
    assert requests(read)["/add/feedback"] == 2
    assert "No memory was flagged that could be sent." in cli(*words, "--confirm", TRIP).err
    for operator in ("second", "third"):
        (isolated / "config.toml").write_text(f'operator = "{operator}"\n')
        cli("verdicts", "give", REQUIREMENTS, "duplicate")
    cli("verdicts", "withdraw", TRIP)
    listed = cli("verdicts", "list", "--json").json
    assert [row["sent_as"] for row in listed if row["verdict"] == "duplicate"] == [None, None]


def test_only_what_stands_undisputed_on_what_is_said_now_is_sent(
    read: EmulatorThread, cli: Cli, isolated: Path
) -> None:
    cli("verdicts", "give", TRIP, "wrong")
    cli("verdicts", "give", REQUIREMENTS, "duplicate")
    cli("memories", "edit", TRIP, "--title", "A trip", "--confirm", TRIP)
    (isolated / "config.toml").write_text('operator = "second"\n')
    cli("verdicts", "give", REQUIREMENTS, "correct")
    before = requests(read)
    ended = cli("verdicts", "send", "--as", "archive", "--confirm", TRIP)
    assert f"{TRIP}: left out. It says something else since it was judged." in ended.err
    assert f"{REQUIREMENTS}: left out. Operators disagree: correct, duplicate." in ended.err
    assert (ended.code, requests(read)) == (0, before)


def test_new_texts_are_sent_and_a_batch_is_archived(
    read: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    cli("verdicts", "give", TRIP, "outdated")
    cli("verdicts", "give", REQUIREMENTS, "duplicate")
    edits = tmp_path / "edits.jsonl"
    edits.write_text(json.dumps({"memory_id": TRIP, "content": "Rail only."}) + "\n")
    update = ("verdicts", "send", "--as", "update")
    assert cli(*update).code == 2
    ended = cli(*update, "--edits", str(edits), "--confirm", TRIP, "--json")
    assert (ended.code, ended.json["changed"], ended.json["complete"]) == (0, 1, True)
    assert asked(read, f"/get/memory/{TRIP}")["data"]["content"] == "Rail only."
    archive = ("verdicts", "send", "--as", "archive")
    assert cli(*archive, "--confirm", "no such id").code == 2
    assert cli(*archive, "--confirm", REQUIREMENTS).code == 0
    assert asked(read, f"/get/memory/{REQUIREMENTS}")["data"]["status"] == "archived"
    edits.write_text("[]\n")
    assert "Line 1 is not such as" in cli(*update, "--edits", str(edits)).err


def test_what_was_archived_and_restored_says_what_was_judged(
    read: EmulatorThread, cli: Cli
) -> None:
    cli("verdicts", "give", TRIP, "duplicate")
    archive = ("verdicts", "send", "--as", "archive", "--verdict", "duplicate", "--confirm", TRIP)
    assert cli(*archive).code == 0
    (row,) = cli("verdicts", "list", "--json").json
    assert row["changed_since"]
    assert row["sent_as"] == "archive"
    for narrowed in ((), ("--filter", "changed:yes")):
        told = cli("verdicts", "figures", *narrowed).err
        assert "changed since review: 1, of which 1 archived or gone." in told
    told = cli("verdicts", "figures", "--filter", "vanished:yes").err
    assert "changed since review: 1." in told
    assert cli("memories", "restore", TRIP, "--confirm", TRIP).code == 0
    (row,) = cli("verdicts", "list", "--json").json
    assert (row["version"], row["latest_version"], row["changed_since"]) == (1, 3, False)
    assert "changed since review: 0" in cli("verdicts", "figures").err
    ended = cli("verdicts", "send", "--as", "feedback", "--dry-run")
    assert "This memory is a duplicate of another one" in ended.err
    assert "left out" not in ended.err


def test_where_changes_are_not_allowed_nothing_is_sent(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("verdicts", "give", TRIP, "wrong")
    monkeypatch.delenv("MEMOS_ADMIN_ALLOW_WRITES")
    assert cli("verdicts", "send", "--as", "feedback", "--dry-run").code == 0
    ended = cli("verdicts", "send", "--as", "feedback", "--confirm", TRIP)
    assert (ended.code, requests(read)["/add/feedback"]) == (2, 0)


def test_feedback_whose_answer_is_lost_is_in_doubt_and_what_is_refused_is_told(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memos_admin.backend.changing.reading_back.PAUSES", ())
    cli("verdicts", "give", TRIP, "wrong")
    cli("verdicts", "give", REQUIREMENTS, "wrong")
    asked(read, "/_emulator/faults", {"faults": ["500:route=/add/feedback,after=1"]})
    ended = confirmed(cli, "verdicts", "send", "--as", "feedback")
    assert ended.code == 4
    assert "not known whether it was done" in ended.err
    assert "Done: 1 of 2 memories." in ended.err
    assert f"memos-admin sync --full --user {USER}" in ended.err
    left = cli("verdicts", "send", "--as", "feedback", "--dry-run").err
    assert left.count("left out. Sent as feedback on") == 2
    assert left.count("whether MemOS took it is not known") == 1


def test_findings_of_a_scan_are_a_queue(read: EmulatorThread, cli: Cli) -> None:
    found = cli("hygiene", "scan", "--limit", "0", "--json").json
    rules = {rule: {row["memory_id"] for row in found if row["rule"] == rule} for rule in RULES}
    every = set().union(*rules.values())
    assert every
    rows = cli("verdicts", "queue", "findings", "--json").json
    assert {row["memory_id"] for row in rows} == every
    assert all(row["memory_id"] in rules[rule] for row in rows for rule in row["found_by"])
    rule = rows[-1]["found_by"][-1]
    some = cli("verdicts", "queue", "findings", "--rule", rule, "--json").json
    assert {row["memory_id"] for row in some} == rules[rule]
    judged = some[0]["memory_id"]
    cli("verdicts", "give", judged, "correct")
    left = cli("verdicts", "queue", "findings", "--json").json
    assert {row["memory_id"] for row in left} == every - {judged}
    seen = terminal(["verdicts", "queue", "findings", "--user", USER])
    assert "Found by" in seen.text or "nothing to review" in seen.text
    assert cli("verdicts", "queue", "unreviewed", "--rule", rule).code == 2
    assert cli("verdicts", "queue", "findings", "--sort", "title").code == 2
    (plain, *_others) = cli("verdicts", "queue", "unreviewed", "--json").json
    assert plain["found_by"] == []


def test_their_filter_has_fields_of_its_own_and_options_take_commas(
    read: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def named(*options: str) -> list[tuple[str, str]]:
        rows = cli("verdicts", "list", *options, "--json").json
        return [(row["memory_id"], row["verdict"]) for row in rows]

    assert cli("verdicts", "give", TRIP, "wrong").code == 0
    assert cli("verdicts", "give", REQUIREMENTS, "correct").code == 0
    assert named("--filter", "verdict:wrong,outdated given:7d changed:no") == [(TRIP, "wrong")]
    assert named("--verdict", "wrong,outdated") == [(TRIP, "wrong")]
    assert named("--verdict", "wrong, correct") == named()
    assert named("--filter", "-verdict:wrong") == [(REQUIREMENTS, "correct")]
    assert named("--filter", "changed:yes") == []
    assert named("--filter", "operator:nobody") == []

    ended = cli("verdicts", "list", "--verdict", "wrong,wrnog")
    assert ended.code == 2
    assert "'wrnog' is no verdict; there are correct, wrong" in ended.err
    ended = cli("verdicts", "figures", "--filter", "view:fact verdict:wrnog")
    assert ended.code == 2
    assert "column 19: There is no verdict wrnog. Did you mean wrong?" in ended.err
    ended = cli("verdicts", "list", "--verdict", "wrong", "--filter", "verdict:unsure")
    assert "--filter: column 1: --verdict says this too." in ended.err
    ended = cli("memories", "list", "--filter", "verdict:wrong")
    assert ended.code == 2
    assert "verdict: narrows verdicts, not memories" in ended.err

    assert cli("verdicts", "export", "--filter", "verdict:wrong", "--output", "v.csv").code == 0
    manifest = json.loads((tmp_path / "v.csv.manifest.json").read_text())
    assert manifest["scope"]["filters"]["verdicts"] == ["wrong"]


def test_figures_are_whole_on_a_narrow_terminal(read: EmulatorThread, cli: Cli) -> None:
    for memory_id, verdict in ((TRIP, "about_someone_else"), (REQUIREMENTS, "too_sensitive")):
        assert cli("verdicts", "give", memory_id, verdict).code == 0
    shown = terminal(["verdicts", "figures"], columns=60).text
    assert "about_someone_else 1" in shown
    assert "too_sensitive 1" in shown
    assert "in all" not in shown


def test_figures_have_a_total_of_all_weeks_and_views(read: EmulatorThread, cli: Cli) -> None:
    assert cli("sync", "--user", "王芳").code == 0
    by_view = {row["view"]: row["memory_id"] for row in cli("memories", "list", "--json").json}
    for memory_id in {*by_view.values(), TRIP}:
        assert cli("verdicts", "give", memory_id, "correct").code == 0
    cli("verdicts", "give", TRIP, "outdated")
    counted = cli("verdicts", "figures", "--json")
    number = sum(row["verdicts"] for row in counted.json)
    assert len(counted.json) > 1
    assert f"In all: {number} verdicts on {number} memories; correct {number - 1}" in counted.err
    shown = terminal(["verdicts", "figures", "--limit", "1"]).text.splitlines()
    (at,) = (at for at, line in enumerate(shown) if line.startswith("in all"))
    assert str(number) in shown[at].split()
    assert f"correct {number - 1} · outdated 1" in shown[at + 1]


def test_names_are_taken_with_hyphens_and_spaces_and_operators_are_completed(
    read: EmulatorThread, cli: Cli, isolated: Path
) -> None:
    (isolated / "config.toml").write_text('operator = "second"\n')
    for spelled in ("too-sensitive", "too sensitive", "Too_Sensitive"):
        assert cli("verdicts", "give", TRIP, spelled).code == 0
    assert cli("verdicts", "give", TRIP, "about-someone-else").code == 0
    filters = ("--verdict", "too-sensitive,about someone else", "--json")
    assert len(cli("verdicts", "list", *filters).json) == 1
    for typed in ("operator:", "operator:s"):
        told = cli("__complete", "fish", "memos-admin", "verdicts", "list", "--filter", typed)
        assert told.out.splitlines() == ["words", "operator:second"]


def test_a_file_that_was_there_is_said_to_be_replaced(
    read: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    cli("verdicts", "give", TRIP, "wrong")
    export = ("verdicts", "export", "--output", str(tmp_path / "v.csv"))
    assert "was replaced" not in cli(*export).err
    assert "The file that was there was replaced." in cli(*export).err
