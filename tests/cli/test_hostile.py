"""Nothing that a stranger wrote is obeyed by the terminal; what is piped is untouched."""

from __future__ import annotations

import json
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from memos_admin.backend.display import MAX_MARKS
from memos_admin.cli.manual import all_pages
from memos_admin.emulator.demo.cast import Fixed
from memos_admin.emulator.records import Record, Subject
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli, asked, connect, terminal
from tests.effort import LONG
from tests.hostile import HOSTILE, most_marks, unsafe_bytes

USER = "stranger \u202e\u200b[/]用户"
"""An id may hold what is unseen, though no control character."""
CONVERSATION = "c\u2066\u200b=1"
AT = 1_758_095_885_922
# A megabyte has a test of its own: with all others it would only be slow. The store replaces lone
# surrogates, so that they never come back.
TEXTS = {name: text for name, text in HOSTILE.items() if len(text) < 10_000 and text.strip()}
SURROGATES = "lone surrogates"
NOTES = [text for text in TEXTS.values() if "\0" not in text][:12]
"""What a colleague wrote beside verdicts."""


def hostile_data(texts: Mapping[str, str] = TEXTS) -> Fixed:
    """Return a project in which every text is hostile."""
    subject = Subject("user", USER)
    messages = [
        {
            "role": text if name in {"sgr", "bidi override", "newlines"} else "user",
            "content": text,
            "create_time": f"2025-06-10 09:{number % 60:02d}:00",
            "update_time": f"2025-06-10 09:{number % 60:02d}:00",
        }
        for number, (name, text) in enumerate(list(texts.items())[:45])
    ]
    records = [
        Record(
            id=f"memory-{number}",
            view="detail_factual",
            subjects=(subject,),
            item={
                "id": f"memory-{number}",
                "memory_key": text,
                "memory_value": text,
                "memory_type": text,
                "tags": [text, "plain"],
                "confidence": 0.5,
                "conversation_id": CONVERSATION,
                "create_time": AT + number,
                "update_time": AT + number,
                "status": "activated",
                "sources": [{"type": text, "role": text, "content": text}],
            },
            status="activated",
            created=AT + number,
            updated=AT + number,
            conversation_id=CONVERSATION,
        )
        for number, text in enumerate(texts.values())
    ]
    return Fixed([subject], {(USER, CONVERSATION): messages}, records)


@pytest.fixture(scope="module")
def service() -> Iterator[EmulatorThread]:
    """A service full of hostile texts."""
    with EmulatorThread(hostile_data()) as running:
        yield running


@pytest.fixture(scope="module")
def home(service: EmulatorThread, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds all of them."""
    from memos_admin.cli.main import main

    home = tmp_path_factory.mktemp("hostile") / "home"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
        connect(monkeypatch, service)
        assert main(["sync", "--user", USER, "--rate", "50"]) == 0
        for number, text in enumerate(NOTES):
            assert main(["verdicts", "give", f"memory-{number}", "wrong", "--note", text]) == 0
    hostile_archive(home.parent / "hostile.zip")
    return home


def hostile_archive(path: Path) -> None:
    """Make an archive whose names and whose manifest's texts are hostile."""
    whole = (text.encode("utf-8", "replace").decode() for text in TEXTS.values())
    names = [text.replace("\0", "")[:200] for text in whole]
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")  # two may have the same name
        for name in filter(None, names):
            archive.writestr(name, "x")
        files = [{"name": name, "size": 1, "sha256": name} for name in names]
        archive.writestr("manifest.json", json.dumps({"format": names[0], "files": files}))


@pytest.fixture
def hostile(service: EmulatorThread, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project of the environment is full of hostile texts."""
    connect(monkeypatch, service)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
    monkeypatch.chdir(home.parent)


def some_of_all(turn: int) -> list[str]:
    """Return the ids of every third memory, from a different one each turn; in the long form all."""
    return [f"memory-{number}" for number in range(len(TEXTS))][
        slice(None) if LONG else slice(turn, None, 3)
    ]


COMMANDS = [
    ["users", "list"],
    ["users", "list", "--json"],
    ["users", "show", USER],
    ["users", "show", "nobody\x1b[31m\u202e"],
    ["conversations", "list", "--user", USER],
    ["messages", "list", "--user", USER, "--conversation", CONVERSATION],
    ["messages", "list", "--user", USER, "--conversation", CONVERSATION, "--json"],
    ["messages", "history", "--user", USER, "--conversation", CONVERSATION],
    ["memories", "list", "--limit", "0"],
    ["memories", "list", "--limit", "0", "--json"],
    ["memories", "list", "--limit", "0", "--as-of", "1m", "--vanished", "yes"],
    ["changes", "--limit", "0"],
    ["changes", "--user", USER, "--json"],
    ["timeline", "--user", USER],
    ["overview"],
    ["overview", "--json"],
    ["completeness", "list"],
    ["completeness", "show", "--user", USER],
    ["completeness", "show", "--json"],
    ["completeness", "gaps"],
    ["evidence", "summary", "--user", USER],
    ["evidence", "links", "--limit", "0"],
    ["evidence", "links", "--user", USER, "--by", "message", "--json"],
    ["evidence", "silent", "--user", USER],
    ["evidence", "missing", "--limit", "0"],
    ["evidence", "uncompared", "--limit", "0"],
    ["evidence", "check", "--limit", "0"],
    ["evidence", "check", "--user", USER, "--json"],
    ["hygiene", "scan", "--limit", "0"],
    ["verdicts", "list", "--limit", "0"],
    ["verdicts", "list", "--limit", "0", "--json"],
    ["verdicts", "queue", "flagged", "--user", USER],
    ["verdicts", "queue", "findings", "--limit", "0"],
    ["verdicts", "figures", "--by", "operator"],
    ["verdicts", "agreement"],
    ["verdicts", "export"],
    ["verdicts", "send", "--dry-run"],
    ["verdicts", "give", "memory-0", "correct", "--note", "\x1b[2J\u202e"],
    ["verdicts", "withdraw", "memory-0"],
    ["hygiene", "rules"],
    ["filters", "list"],
    ["filters", "show", "none\x1b[31m\u202e"],
    ["sql", "SELECT title, content, status FROM memories", "--limit", "0"],
    ["sql", 'SELECT content AS "\x1b[31m\u202e" FROM messages', "--json"],
    ["sql", "SELECT \x1b[31m\u202e"],
    ["memories", "show", "memory-0"],
    ["memories", "show", "memory-6", "--json"],
    ["memories", "history", "memory-10"],
    ["memories", "sources", "memory-13"],
    ["memories", "delete", *some_of_all(0), "--dry-run"],
    ["memories", "delete", "none\x1b[31m\u202e", "--dry-run", "--json"],
    ["memories", "edit", "memory-0", "--title", "\x1b[2J\u202e", "--content", "x", "--dry-run"],
    ["users", "delete", USER, "--no-export", "--dry-run"],
    ["users", "remove", "nobody\x1b[31m\u202e"],
    ["conversations", "add", "nobody\x1b[31m\u202e", "c"],
    ["conversations", "remove", "--user", USER, "none\x1b[31m\u202e"],
    ["memories", "archive", *some_of_all(1), "--dry-run"],
    ["memories", "restore", *some_of_all(2), "--dry-run"],
    ["search", "e", "--limit", "0"],
    ["search", "e", "--json"],
    ["search", "e", "--remote", "--user", USER],
    ["recall", "ask", "e\x1b[31m\u202e", "--user", USER, "--limit", "0"],
    ["recall", "check", "no\x1b[31msuch\u202e"],
    ["recall", "ask", "e", "--user", USER, "--json", "--memory", "memory-1", "--memory", "\x1b[2J"],
    ["export", "memories"],
    ["export", "messages"],
    ["export", "conversation", "--user", USER, "--conversation", CONVERSATION],
    ["export", "user", USER, "--format", "jsonl"],
    ["--verbose", "sync", "--user", USER],
    ["doctor"],
    ["projects", "list"],
    ["journal", "list", "--limit", "0"],
    ["journal", "verify"],
    ["subject", "verify", "hostile.zip"],
    ["subject", "verify", "hostile.zip", "--json"],
    ["subject", "erase", USER, "--request", "\x1b[31mSUP\u202e", "--dry-run"],
    ["subject", "export", USER, "--request", "\x1b[31mSUP\u202e", "--output", "archive.zip"],
    ["journal", "export"],
    ["store", "check"],
    ["store", "forget", "--user", USER, "--dry-run"],
    ["store", "restore"],
    ["store", "tidy"],
    ["watch", "--user", USER, "--for", "0.1s"],
    ["users", "import", "/none\x1b[2J\u202e"],
    ["nonsense\x1b]52;c;eA==\x07\u202e"],
    ["users", "add", "\x1b[2J"],
    ["memories", "list", "--view", "\x9b31m"],
]


OURS_ALONE = {
    *("completion", "emulator", "sync"),
    *("filters remove", "filters rename", "filters save"),
    *("projects add", "projects allow-writes", "projects remove", "projects rename"),
    *("projects set-key", "projects test", "projects use"),
    *("store backup", "store decrypt", "store encrypt", "store key", "store path"),
}
"""What says nothing but what we, or whoever types it, have said; a sync is among all of them as --verbose."""


UNHURRIED = """
import sys
from memos_admin import __main__ as program
from memos_admin.backend.upkeep import maintenance
from memos_admin.cli import long_reads, progress

for module in (maintenance, long_reads, progress):
    module.TELL_AFTER = 600.0
sys.exit(program.main())
"""
"""The program, which tells no progress of what takes a while on a busy machine."""


def test_every_command_is_among_what_is_shown_on_a_terminal() -> None:
    there_are = {page.words for page in all_pages() if page.words}
    shown = {tuple(arguments[:length]) for arguments in COMMANDS for length in (1, 2)}
    assert there_are - shown == {tuple(words.split()) for words in OURS_ALONE}


@pytest.mark.terminal
@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda found: ascii(" ".join(found)))
def test_a_terminal_is_sent_nothing_that_it_obeys(arguments: list[str]) -> None:
    # The line that tells a progress returns to its beginning: the only control it uses. A sync and a
    # watch always have one, a change only where MemOS is slow to tell what a memory says.
    ours = ["U+000D"] if {"sync", "watch"} & {*arguments} else []
    may_wait = not {"delete", "edit", "archive", "restore", "erase"}.isdisjoint(arguments)
    seen = terminal(arguments, script=UNHURRIED)
    assert seen.sent
    assert "Traceback" not in seen.text
    assert unsafe_bytes(seen.sent) in ([ours, ["U+000D"]] if may_wait else [ours])
    assert most_marks(seen.text) <= MAX_MARKS


@pytest.fixture
def long(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> Iterator[None]:
    """A project whose only user said, and is remembered by, 200 kB without an end of line.

    In the long form a megabyte.
    """
    del home
    text = HOSTILE["long line"][: None if LONG else 200_000]
    with EmulatorThread(hostile_data({"long": text})) as running:
        connect(monkeypatch, running)
        monkeypatch.chdir(tmp_path)
        assert cli("sync", "--user", USER).code == 0
        yield


@pytest.mark.terminal
@pytest.mark.usefixtures("long")
def test_a_terminal_obeys_nothing_of_a_long_line_and_lists_show_a_part_of_it() -> None:
    for arguments in (
        ["memories", "list"],
        ["messages", "list", "--user", USER, "--conversation", CONVERSATION],
        ["conversations", "list", "--user", USER],
        ["evidence", "links"],
        ["hygiene", "scan"],
        ["changes"],
        ["overview"],
        ["search", "e"],
        ["memories", "archive", "memory-0", "--dry-run"],
        ["memories", "show", "memory-0"],
    ):
        seen = terminal(arguments)
        assert seen.code == 0, arguments
        # What takes long has a progress.
        assert unsafe_bytes(seen.sent) in ([], ["U+000D"]), arguments
        if {"messages", "show", "archive"}.isdisjoint(arguments):  # these write all of it
            assert len(seen.sent) < 100_000, arguments


@pytest.mark.terminal
def test_a_terminal_obeys_nothing_of_what_a_watch_finds(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = list(TEXTS.values())
    with EmulatorThread(hostile_data()) as running:
        connect(monkeypatch, running)
        assert cli("sync", "--user", USER).code == 0
        for turn, form in enumerate(([], ["--json"]), 1):
            for number in range(len(texts)):  # each says what another one has said
                said = texts[(number + turn) % len(texts)]
                memory = {"memory_id": f"memory-{number}", "title": said, "content": said}
                asked(running, "/update/memory", memory)
            seen = terminal(["watch", "--user", USER, "--for", "0.1s", *form])
            assert (seen.code, unsafe_bytes(seen.sent)) == (0, ["U+000D"])
            assert seen.text.count("changed") >= len(texts)
        messages = [{"role": "user", "content": text} for text in texts]
        body = {"user_id": USER, "conversation_id": CONVERSATION, "messages": messages}
        task = asked(running, "/add/message", body)["data"]["task_id"]
        seen = terminal(["watch", "--task", task])
        assert seen.code == 0
        assert unsafe_bytes(seen.sent) in ([], ["U+000D"])  # it may have ended already
        assert "added " in seen.text


@pytest.mark.usefixtures("hostile")
def test_piped_output_is_untouched(cli: Cli) -> None:
    rows = cli("messages", "list", "--user", USER, "--conversation", CONVERSATION, "--json").json
    contents = {row["content"] for row in rows}
    wanted = {text for name, text in list(TEXTS.items())[:45] if name != SURROGATES}
    assert wanted <= contents
    memories = cli("memories", "list", "--json", "--limit", "0").json
    texts = {text for name, text in TEXTS.items() if name != SURROGATES}
    assert texts <= {row["content"] for row in memories}


@pytest.mark.usefixtures("hostile")
def test_json_on_a_terminal_means_the_same(cli: Cli) -> None:
    seen = terminal(["memories", "show", "memory-0", "--json"])
    assert json.loads(seen.text) == cli("memories", "show", "memory-0", "--json").json


FORBIDDEN = (b"\x1b]52", b"\x1b]8;", b"\x1b]0;pwned", b"\x1b_G", b"\x1bc all gone", b'\x1bP$q"p')
"""What only a hostile text would send: clipboard, links, titles, pictures, resets, reports."""


@pytest.mark.terminal
@pytest.mark.usefixtures("hostile")
def test_the_interface_sends_no_text_that_a_terminal_obeys() -> None:
    """Every pane is looked at: users, conversations, messages, memories and their detail."""
    keys = "\r" + "\t" + "j" * 12 + "\t" + "j" * 12 + "\t" + "\x1b[6~" * 3 + "q"
    seen = terminal([], replies=[("stranger", "\r"), ("memories", keys)])
    assert seen.code == 0
    for sequence in FORBIDDEN:
        assert sequence not in seen.sent
    # Textual styles and moves with ESC sequences of its own; nothing else is unseen or obeyed.
    plain = re.sub(
        rb"\x1b(\[[0-9;?>=$u<]*[ -/]*[@-~]|[=>c()78][B0]?|\]22;default\x07)", b"", seen.sent
    )
    assert [code for code in unsafe_bytes(plain) if code not in {"U+000D", "U+001B"}] == []
