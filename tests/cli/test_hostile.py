"""Nothing that a stranger wrote is obeyed by the terminal; what is piped is untouched."""

from __future__ import annotations

import json
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from memos_admin.cli.manual import all_pages
from memos_admin.emulator.demo.cast import Fixed
from memos_admin.emulator.records import Record, Subject
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli, asked, connect, terminal
from tests.hostile import HOSTILE, unsafe_bytes

USER = "stranger \u202e\u200b[/]用户"
"""An id may hold what is unseen, though no control character."""
CONVERSATION = "c\u2066\u200b=1"
AT = 1_758_095_885_922
# A megabyte is tested where texts are cut; here it would only be slow. The store replaces lone
# surrogates, so that they never come back.
TEXTS = {name: text for name, text in HOSTILE.items() if len(text) < 10_000 and text.strip()}
SURROGATES = "lone surrogates"
NOTES = [text for text in TEXTS.values() if "\0" not in text][:12]
"""What a colleague wrote beside verdicts."""


def hostile_data() -> Fixed:
    """Return a project in which every text is hostile."""
    subject = Subject("user", USER)
    messages = [
        {
            "role": text if name in {"sgr", "bidi override", "newlines"} else "user",
            "content": text,
            "create_time": f"2025-06-10 09:{number % 60:02d}:00",
            "update_time": f"2025-06-10 09:{number % 60:02d}:00",
        }
        for number, (name, text) in enumerate(list(TEXTS.items())[:45])
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
        for number, text in enumerate(TEXTS.values())
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
    ["evidence", "check", "--limit", "0"],
    ["evidence", "check", "--user", USER, "--json"],
    ["hygiene", "scan", "--limit", "0"],
    ["verdicts", "list", "--limit", "0"],
    ["verdicts", "list", "--limit", "0", "--json"],
    ["verdicts", "queue", "flagged", "--user", USER],
    ["verdicts", "queue", "findings", "--limit", "0"],
    ["filters", "list"],
    ["filters", "show", "none\x1b[31m\u202e"],
    ["sql", "SELECT title, content, status FROM memories", "--limit", "0"],
    ["sql", 'SELECT content AS "\x1b[31m\u202e" FROM messages', "--json"],
    ["sql", "SELECT \x1b[31m\u202e"],
    ["memories", "show", "memory-0"],
    ["memories", "show", "memory-6", "--json"],
    ["memories", "history", "memory-10"],
    ["memories", "sources", "memory-13"],
    ["memories", "delete", *(f"memory-{n}" for n in range(len(TEXTS))), "--dry-run"],
    ["memories", "delete", "none\x1b[31m\u202e", "--dry-run", "--json"],
    ["memories", "edit", "memory-0", "--title", "\x1b[2J\u202e", "--content", "x", "--dry-run"],
    ["users", "delete", USER, "--no-export", "--dry-run"],
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
    ["store", "check"],
    ["watch", "--user", USER, "--for", "0.1s"],
    ["users", "import", "/none\x1b[2J\u202e"],
    ["nonsense\x1b]52;c;eA==\x07\u202e"],
    ["users", "add", "\x1b[2J"],
    ["memories", "list", "--view", "\x9b31m"],
]


SHOWING = {"list", "show", "history", "sources", "verify", "check"}
"""Verbs that show what was stored."""


def test_every_list_is_among_what_is_shown_on_a_terminal() -> None:
    there_are = {page.words for page in all_pages() if page.words[1:] and page.words[1] in SHOWING}
    assert there_are - {tuple(arguments[:2]) for arguments in COMMANDS} == set()


@pytest.mark.terminal
@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda found: ascii(" ".join(found)))
def test_a_terminal_is_sent_nothing_that_it_obeys(arguments: list[str]) -> None:
    # The line that tells a progress returns to its beginning: the only control it uses. A sync and a
    # watch always have one, a change only where MemOS is slow to tell what a memory says. All else has
    # one where the machine is so busy that a second goes by: then it is tried again.
    ours = ["U+000D"] if {"sync", "watch"} & {*arguments} else []
    may_wait = "delete" in arguments or "edit" in arguments
    for _again in range(3):
        seen = terminal(arguments)
        assert seen.sent
        assert "Traceback" not in seen.text
        if unsafe_bytes(seen.sent) == ours:
            break
    assert unsafe_bytes(seen.sent) in ([ours, ["U+000D"]] if may_wait else [ours])


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
