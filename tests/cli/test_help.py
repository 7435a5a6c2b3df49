"""Help: every command tells what it takes, in lines that fit, with examples that work."""

from __future__ import annotations

import io
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from memos_admin.backend import projects as backend_projects
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.cli import interface
from memos_admin.cli.asking import Person
from memos_admin.cli.examples import EXAMPLES
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.main import GROUPS, NOUNS, global_parser, main, noun_parser
from memos_admin.cli.manual import Page, all_pages, help_text
from memos_admin.cli.parser import Parser
from memos_admin.emulator import command
from memos_admin.emulator.thread import EmulatorThread
from tests.backend import keyrings
from tests.cli.conftest import Cli, connect

PAGES = {page.command: page for page in all_pages()}
LINES = [example.command for examples in EXAMPLES.values() for example in examples]
CHANGING = [line for line in LINES if "--confirm" in line]


def parser_of(page: Page) -> Parser:
    parser = noun_parser(page.words[0])
    return parser.verbs[page.words[1]] if len(page.words) > 1 else parser


@pytest.mark.parametrize("page", PAGES.values(), ids=list(PAGES))
def test_a_page_says_what_all_is_for_names_it_in_its_usage_and_fits(page: Page) -> None:
    assert page.about
    assert page.examples
    entries = [entry for section in page.sections for entry in section.entries]
    assert [entry.term for entry in entries if not entry.text] == []

    # An example is to be copied: it stays whole where the terminal is narrower than usual.
    whole = {line for example in page.examples for line in example.command.split("\n")}
    for width in (60, 80, 100):
        wide = [line for line in help_text(page, width).splitlines() if cell_len(line) > width]
        assert [line for line in wide if width >= 80 or line.strip() not in whole] == []

    if page.words:
        words = " ".join(page.synopsis)
        names = [name for action in parser_of(page).actions for name in action.option_strings]
        assert [name for name in names if name not in ("-h", "--help") and name not in words] == []


def test_the_help_is_as_wide_as_the_terminal(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    widths = {}
    for columns in ("60", "80", "100", "300"):
        monkeypatch.setenv("COLUMNS", columns)
        widths[columns] = max(map(cell_len, cli("emulator", "--help").out.splitlines()))
    assert widths["60"] < widths["80"] < widths["100"] == widths["300"] <= 100


def test_the_nouns_stand_in_groups(cli: Cli) -> None:
    text = cli("--help").out
    places = [text.index(f"\n{title}:\n") for title in GROUPS]
    assert places == sorted(places)
    assert [text.index(f"\n  {noun} ") for noun in NOUNS] == sorted(
        text.index(f"\n  {noun} ") for noun in NOUNS
    )


def test_filters_and_output_stand_in_groups_of_their_own() -> None:
    titles = [section.title for section in PAGES["memos-admin memories list"].sections]
    assert titles == ["filters", "order", "output", "options"]


def test_of_alternatives_the_usage_says_which_must_stand() -> None:
    assert "(--user ID | --agent ID)" in PAGES["memos-admin messages list"].synopsis
    assert "[--user ID | --agent ID]" in PAGES["memos-admin memories list"].synopsis


def test_a_wrong_option_is_answered_with_the_usage(cli: Cli) -> None:
    ended = cli("messages", "list", "--wrong")
    assert ended.code == 2
    assert (
        "usage: memos-admin messages list (--user ID | --agent ID) --conversation ID" in ended.err
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["users", "lst"], "users has no command 'lst'. Did you mean list?\nusage: "),
        (
            ["users", "qqq"],
            "users has no command 'qqq'; it has add, import, list, show, delete, remove.\n",
        ),
        (["users"], "users needs a command: add, import, list, show, delete, remove.\n"),
        (["user", "list"], "'user' is no noun. Did you mean users?\n"),
        (["qqq"], "'qqq' is no noun; there are overview, users, conversations, "),
        (
            ["users", "list", "--limt", "3"],
            "users list has no option --limt. Did you mean --limit?\n",
        ),
        (
            ["changes", "--view", "fact"],
            "changes has no option --view. Did you mean --filter view:fact?\n",
        ),
        (
            ["timeline", "--tag=a b"],
            "timeline has no option --tag. Did you mean --filter 'tag:\"a b\"'?\n",
        ),
        (
            ["timeline", "--status"],
            "timeline has no option --status. Did you mean --filter status:…?\n",
        ),
        (
            ["evidence", "silent", "--view", "fact"],
            "evidence silent has no option --view. Messages have no view. What can be said of them: ",
        ),
        (
            ["evidence", "silent", "--kind", "thanks"],
            "evidence silent has no option --kind. Did you mean --role thanks?\n",
        ),
        (
            ["evidence", "missing", "--kind=nowhere"],
            "evidence missing has no option --kind. Did you mean --why nowhere?\n",
        ),
        (["timeline", "--kind", "added"], "timeline has no option --kind.\n"),
        (
            ["verdicts", "list", "--sort", "title"],
            "verdicts list has no option --sort. Verdicts have an order of their own: the last one first.\n",
        ),
        (
            ["overview", "--reverse"],
            "overview has no option --reverse. An overview has its own order.\n",
        ),
        (
            ["evidence", "check", "--as-of=1d"],
            "evidence check has no option --as-of. This is about what is known now.\n",
        ),
        (["sync", "--usr=x"], "sync has no option --usr. Did you mean --user?\n"),
        (
            ["--verbos", "users", "list"],
            "memos-admin has no option --verbos. Did you mean --verbose?",
        ),
        (
            ["users", "list", "all"],
            "'all' is one argument too many.\nusage: memos-admin users list ",
        ),
        (["users", "list", "--demo"], "--demo stands before the noun: memos-admin --demo …\n"),
    ],
)
def test_what_is_wrong_is_named_and_what_is_near(
    cli: Cli, arguments: list[str], words: str
) -> None:
    ended = cli(*arguments)
    assert ended.code == 2
    assert ended.err.startswith(f"memos-admin: {words}")


def test_no_example_is_of_a_command_that_is_not() -> None:
    assert set(EXAMPLES) - {page.words for page in PAGES.values()} == set()


@pytest.fixture
def working(
    synced_home: Path,
    emulator: EmulatorThread,
    isolated: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> EmulatorThread:
    """What the examples take for granted: projects, the demo's users, a keyring, a person, files."""
    keyrings.use(monkeypatch, keyrings.Memory())
    shutil.copytree(synced_home, isolated)
    connect(monkeypatch, emulator)
    for region in ("cn", "global"):
        monkeypatch.setitem(backend_projects.REGIONS, region, emulator.base_url)
    home = Home(isolated)
    for name in ("acme-prod", "acme-eu"):
        Projects(home).add(name, base_url=emulator.base_url)
    monkeypatch.setattr(Person, "ask_key", lambda *_, **__: emulator.api_key)
    monkeypatch.setattr(interface, "start", lambda _: Exit.DONE)
    monkeypatch.setattr(command, "run", lambda **_: 0)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", "correct horse battery")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report.json").write_text("[]")
    (tmp_path / "recall.toml").write_text(
        '[[question]]\nuser = "memos_user_123"\nask = "Where to?"\n'
        'must_not_contain = [{ words = "no such words" }]\n'
    )
    (tmp_path / "customers.csv").write_text("user_id\nmemos_user_123\n")
    return emulator


@pytest.mark.parametrize("line", [line for line in LINES if line not in CHANGING])
def test_an_example_works(
    line: str, working: EmulatorThread, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _, ours = line.rpartition(" | ")
    assert before in ("", "pass show memos/acme")
    raw = io.BytesIO(f"{working.api_key}\n".encode() if before else b"somebody\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(raw)))
    program, *words = shlex.split(ours.replace("\\\n", "").partition(" > ")[0].partition(" >> ")[0])
    assert program == "memos-admin"
    if words[:2] == ["projects", "add"]:
        isolated.rename(isolated.with_name("before"))  # something may still be written there
    if "filters" in words and not {"list", "save"} & {*words}:
        assert main(["--project", "acme-prod", "filters", "save", "travel", "tag:travel"]) == 0
    if words[:2] in (["store", "decrypt"], ["store", "key"]):
        assert main(["store", "encrypt", "--yes"]) == 0
    if words[:2] == ["store", "restore"] and words[2:]:
        assert main(["store", "backup", words[2]]) == 0
    if words[:2] == ["subject", "verify"]:
        made = ["memos_user_123", "--request", "DSR-17", "--output", *words[2:]]
        assert main(["subject", "export", *made]) == 0
    if words[:3] == ["journal", "verify", "--previous"]:
        moved = Path(words[3]).expanduser()
        moved.parent.mkdir()
        assert main(["export", "memories", "--output", "before.csv"]) == 0
        Home(isolated).journal_path.rename(moved)
        assert main(["export", "memories", "--output", "since.csv"]) == 0
    if words[:2] == ["verdicts", "withdraw"]:
        assert main(["verdicts", "give", words[2], "wrong"]) == 0
    assert main(words) == 0


@pytest.mark.parametrize("line", CHANGING)
def test_an_example_changes_what_a_service_of_its_own_holds(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_ALLOW_WRITES", "true")
    monkeypatch.chdir(tmp_path)
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        assert main(["users", "add", "memos_user_123"]) == 0
        assert main(shlex.split(line.replace("\\\n", ""))[1:]) == 0


@pytest.mark.parametrize("line", [line for line in LINES if "emulator" in line])
def test_an_example_of_the_emulator_serves(line: str) -> None:
    words = shlex.split(line)[1:]
    running = subprocess.Popen(
        [sys.executable, "-m", "memos_admin", *words], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    with running.stdout:
        ready = running.stdout.readline()
        running.terminate()
    assert '"base_url"' in ready
    assert running.wait(60) == 0


def test_two_hyphens_behind_an_equals_sign_are_the_text_that_they_are_in_every_option() -> None:
    nouns = [noun_parser(noun) for noun in NOUNS]
    tried = 0
    for parser in (
        global_parser(),
        *nouns,
        *(verb for top in nouns for verb in top.verbs.values()),
    ):
        for action in parser.actions:
            if not action.option_strings or action.nargs == 0:
                continue
            if "--filter" in action.option_strings:
                continue  # what it gives is a filter of that text
            tried += 1
            alone = Parser()  # what else has to be given is not looked at
            alone._add_action(action)
            action.required = False
            try:
                value = getattr(alone.parse_args([f"{action.option_strings[-1]}=--"]), action.dest)
            except Usage:
                continue  # a number, a file or one of a few words: it is refused as any other text
            given = value if isinstance(value, list) else [value]
            assert [*map(str, given)] == ["--"], action.option_strings
    assert tried > 100
