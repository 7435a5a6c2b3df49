"""Commands that a person is told to run do what they say when they are copied, whatever the ids are."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path

import pytest

from memos_admin.backend import absent, command_words
from memos_admin.backend.command_words import erasing, last, option, subject_option
from memos_admin.backend.home import Home
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.workspace import Workspace
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import erasures
from memos_admin.store.erasures import Attempt
from tests.cli.conftest import Cli, Ended

IDS = ["-x", "-a b", "it's $HOME", "plain"]


def copied(ended: Ended, beginning: str) -> list[str]:
    """Return the words of the command that a person was told, without the program's name."""
    told = ended.out + ended.err
    line = told[told.index(beginning) :].splitlines()[0]
    program, *words = shlex.split(line.removesuffix("."))
    assert program == "memos-admin"
    return words


def test_words_of_ids() -> None:
    assert option("user", "u") == "--user u"
    assert shlex.split(option("user", "-a b")) == ["--user=-a b"]
    assert subject_option(SubjectRef("agent", "-x")) == "--agent=-x"
    assert (last("a", "b c"), last("a", "-b")) == ("a 'b c'", "-- a -b")
    agent = SubjectRef("agent", "-x")
    assert erasing(agent, ["--request R"]) == (
        "subject erase --agent --request R --carry-out -- -x"
    )
    assert erasing(SubjectRef("user", "u"), []) == "subject erase u --carry-out"


@pytest.mark.parametrize("name", IDS)
def test_who_was_removed_is_erased_by_what_is_told(
    connected: EmulatorThread, cli: Cli, name: str
) -> None:
    assert cli("users", "add", "--", name).code == 0
    removed = cli("users", "remove", "--yes", "--", name)
    forgotten = cli(*copied(removed, "memos-admin store forget"), "--yes")
    assert forgotten.code == 0, forgotten.err


@pytest.mark.parametrize("name", IDS)
def test_who_is_not_there_is_added_by_what_is_told(
    connected: EmulatorThread, cli: Cli, name: str
) -> None:
    asked = cli("memories", "list", f"--agent={name}")
    assert cli(*copied(asked, "memos-admin users add")).code == 0
    (row,) = cli("users", "list", "--json").json
    assert (row["kind"], row["user_id"]) == ("agent", name)
    other = cli("memories", "list", f"--user={name}")
    whom = shlex.split(other.err.partition("Name it as one: ")[2].splitlines()[0])
    assert cli("memories", "list", *whom).code == 0


@pytest.mark.parametrize("name", IDS)
def test_a_person_is_erased_by_what_is_told(
    connected: EmulatorThread,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)  # receipts are written there
    monkeypatch.setenv("MEMOS_ADMIN_ALLOW_WRITES", "true")
    assert cli("users", "add", "--", name).code == 0
    looked = cli("--reason=-r", "subject", "erase", "--request=-7", "--", name)
    words = copied(looked, "memos-admin --reason")
    assert "--request=-7" in words
    confirm = words.index("--") if "--" in words else len(words)
    erased = cli(*words[:confirm], "--no-archive", f"--confirm={name}", *words[confirm:])
    assert erased.code in {0, 4}, erased.err


@pytest.mark.parametrize("kind", ["user", "agent"])
def test_an_erased_one_is_found_in_the_journal_by_what_is_told(kind: str) -> None:
    ref = SubjectRef("user" if kind == "user" else "agent", "-a b")
    told = absent.nobody(ref, "It was erased.")
    assert shlex.split(told.partition("journal list ")[2]) == [f"--{kind}=-a b"]


def test_commands_that_are_told_name_the_project_unless_it_is_sure_to_be_used(
    cli: Cli, isolated: Path
) -> None:
    projects = Projects(Home(isolated))
    for name in ("emu one", "cases"):
        projects.add(name, base_url="http://127.0.0.1:9/api/openmem/v1")
    projects.use("cases")
    there = ("--project", "emu one")
    assert cli(*there, "users", "add", "ann").code == 0
    project = projects.get("emu one")
    begun = Attempt(1, "DSR-40", sent=True, memories=1)
    workspace = Workspace(project, projects.home)
    workspace.writer.submit(
        partial(erasures.note, ref=SubjectRef("user", "ann"), attempt=begun)
    ).result()
    workspace.close_store()
    looked = cli(*there, "store", "forget", "--user", "ann", "--dry-run")
    assert copied(looked, "memos-admin --project 'emu one' subject erase")[-4:] == [
        "ann",
        "--request",
        "DSR-40",
        "--carry-out",
    ]
    unknown = cli(*there, "memories", "list", "--user", "bob")
    assert cli(*copied(unknown, "memos-admin --project 'emu one' users add")).code == 0
    used = cli("memories", "list", "--user", "bob")
    assert "memos-admin users add bob" in used.err
    assert command_words.program() == "memos-admin"
    (project.store_dir / "..store.db.4194305.whole.partial.4194305.partial").touch()
    looked = cli(*there, "doctor")
    assert cli(*copied(looked, "memos-admin --project 'emu one' store check")).code == 0
    assert cli(*there, "store", "backup", str(isolated / "copy.db")).code == 0
    (isolated / "copy.db").unlink()
    planned = cli(*there, "store", "forget", "--user", "ann", "--dry-run")
    tidy = copied(planned, "memos-admin --project 'emu one' store tidy")
    assert cli(*tidy).code == 0
    removed = cli("--project", "emu one", "users", "remove", "bob", "--yes")
    assert (
        cli(*copied(removed, "memos-admin --project 'emu one' store forget")[:3], "check").code == 0
    )
