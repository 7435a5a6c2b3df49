"""``--demo``: no key, no network, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from memos_admin.cli.demo import Demo
from tests.cli.conftest import ROOT, Cli, terminal
from tests.evidence.filled import lived


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that is empty at first."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(scope="module")
def lived_through() -> Iterator[Demo]:
    """One that commands are run in as on any project, each without making it anew."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        with lived() as demo:
            yield demo


@pytest.fixture
def inside(lived_through: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in lived_through.environment({}).items():
        monkeypatch.setenv(name, value)


def test_lists_are_full_of_life(cli: Cli, temporary: Path, isolated: Path) -> None:
    ended = cli("--demo", "users", "list", "--json")
    assert ended.code == 0
    assert len(ended.json) >= 10
    assert all(row["last_sync"] for row in ended.json)
    assert sum(row["memories"] for row in ended.json) > 50
    assert list(temporary.iterdir()) == []
    assert not isolated.exists()


def test_the_questions_of_the_page_end_as_the_page_says(temporary: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "recall.md").read_text("utf-8")
    file = tmp_path / "recall.toml"
    file.write_text(page.split("```toml questions\n")[1].partition("```")[0], "utf-8")
    told = page.split("```text\nResult")[1].partition("```")[0]
    text = terminal(["--demo", "recall", "check", str(file)]).text
    shown = [line.strip() for line in text.splitlines()]
    for line in f"Result{told}".splitlines():
        assert line.strip() in shown, line


def test_the_quick_start_is_in_it(cli: Cli, temporary: Path) -> None:
    rows = cli(
        "--demo", "messages", "list", "--user", "memos_user_123", "--conversation", "0610", "--json"
    ).json
    assert len(rows) == 4
    assert {row["project"] for row in rows} == {"demo"}


def test_its_history_has_changes_of_every_kind(cli: Cli, inside: None) -> None:
    rows = cli("changes", "--since", "60d", "--limit", "0", "--json").json
    kinds = {"added", "changed", "status", "vanished", "returned", "messages", "edited"}
    assert {row["kind"] for row in rows} == kinds
    assert {row["reason"] for row in rows if row["kind"] == "vanished"} == {"archived", "not found"}
    assert len({row["found_at"][:10] for row in rows}) >= 5  # of six syncs one found nothing
    lately = cli("changes", "--since", "7d", "--limit", "0", "--json").json
    assert {row["kind"] for row in lately} == kinds - {"edited"}


def test_its_history_has_messages_that_changed(cli: Cli, inside: None) -> None:
    asked = ("changes", "--since", "60d", "--kind", "edited", "--user", "张伟")
    (row,) = cli(*asked, "--json").json
    assert (row["conversation_id"], row["message"], row["messages"]) == ("游泳课", 2, None)
    assert "150 元" in row["content_before"]
    assert "120 元" in row["content"]
    assert "[-150-]{+120+}" in row["diff"]
    assert cli(*asked, "--filter", "view:fact", "--json").json == []


def test_its_history_has_a_memory_that_moved_to_another_conversation(
    cli: Cli, inside: None
) -> None:
    nora = ("--user", "nora.lindqvist@example.se")
    changes = cli("changes", *nora, "--kind", "changed", "--since", "60d", "--json").json
    (row,) = (row for row in changes if "conversation_id" in row["changed"])
    assert (row["conversation_id_before"], row["conversation_id"]) == (
        "gotland-ferry",
        "copenhagen",
    )
    last = cli("memories", "history", row["memory_id"], "--json").json[-1]
    assert last["diff"]["conversation_id"] == "[-gotland-ferry-]{+copenhagen+}"


FERRY = ("--user", "nora.lindqvist@example.se", "--conversation", "gotland-ferry")


def test_what_a_message_said_before_is_told_with_its_words_marked(cli: Cli, inside: None) -> None:
    first, second = cli("messages", "history", *FERRY, "--json").json
    assert (first["seq"], first["version"], first["diff"]) == (4, 1, None)
    assert first["content"].endswith("costs 1,240 kronor.")
    assert second["diff"].endswith("costs [-1,240-]{+1,420+} kronor.")
    assert (first["replaced_at"], second["replaced_at"]) == (second["seen_from"], None)


def test_messages_are_listed_as_they_had_been_read(cli: Cli, inside: None) -> None:
    ended = cli("messages", "list", *FERRY, "--as-of", "20d", "--json")
    assert [row["seq"] for row in ended.json] == list(range(1, 11))
    assert ended.json[3]["content"].endswith("costs 1,240 kronor.")
    assert "10 of the 14 messages that are here had been read by then" in ended.err
    assert "1 message said something else then than now" in ended.err
    assert "is not known" in ended.err


def test_what_the_service_did_not_show_is_told_where_it_is(cli: Cli, inside: None) -> None:
    told = {
        "parcel-w-91011": "At 1 place messages are missing that MemOS no longer serves.",
        "bot-loop": "At 1 place repeated messages are a lower bound",
        "ticket-47390": "At 1 place MemOS no longer had the earlier messages",
    }
    for name, text in told.items():
        ended = cli("messages", "list", "--user", "u-88120", "--conversation", name)
        assert text in ended.err


def test_an_archive_of_it_leads_to_nothing_that_is_gone_with_it(
    cli: Cli, temporary: Path, tmp_path: Path
) -> None:
    path = tmp_path / "d17.zip"
    asked = "export", "memos_user_123", "--request", "D-17", "--no-sync", "--output", str(path)
    told = cli("--demo", "subject", *asked).err
    assert path.exists()
    assert "The journal of the demo is gone when the program ends" in told
    assert "config.toml" not in told
    assert "To check it later" not in told


def test_a_sync_reads_it(cli: Cli, temporary: Path) -> None:
    ended = cli("--demo", "sync", "--json")
    assert (ended.code, ended.json["complete"]) == (0, True)
    assert list(temporary.iterdir()) == []


def test_what_the_environment_says_does_not_matter(
    cli: Cli, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_API_KEY", "mpg-someone-elses")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert cli("--demo", "sync", "--user", "memos_user_123").code == 0
    assert os.environ["MEMOS_API_KEY"] == "mpg-someone-elses"


def test_a_failing_command_leaves_nothing_behind(cli: Cli, temporary: Path) -> None:
    assert cli("--demo", "users", "show", "nobody").code == 1
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_nothing_behind(temporary: Path, number: signal.Signals) -> None:
    code = (
        f"import os, tempfile; tempfile.tempdir = {str(temporary)!r}\n"
        "from memos_admin.cli.demo import Demo\n"
        f"with Demo() as demo: os.kill(os.getpid(), {int(number)}); input()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=False)
    assert done.returncode != 0
    assert list(temporary.iterdir()) == []


def test_doctor_finds_nothing_wrong(cli: Cli, temporary: Path) -> None:
    ended = cli("--demo", "doctor", "--json")
    wrong = [check for check in ended.json if check["ok"] is False]
    assert (ended.code, wrong) == (0, [])


def test_the_emulator_is_not_for_the_demo(cli: Cli, temporary: Path) -> None:
    assert cli("--demo", "emulator").code == 2
