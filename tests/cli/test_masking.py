"""Screen-safe mode of commands: on a terminal as configured, elsewhere where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from memos_admin.backend import display
from memos_admin.backend.home import Home
from memos_admin.cli.mask import Mask
from memos_admin.emulator.thread import EmulatorThread
from tests.backend.changed import TRIP
from tests.cli.conftest import Cli, asked, connect, terminal

SECRET = "ann.lee@example.com"
USER = "memos_user_123"


@pytest.fixture
def service() -> Iterator[EmulatorThread]:
    """A service of the test's own."""
    with EmulatorThread() as running:
        yield running


def write(service: EmulatorThread, address: str) -> None:
    """Have a memory say an address."""
    said = {"memory_id": TRIP, "title": f"Mail {address}", "content": f"Write to {address}."}
    asked(service, "/update/memory", said)


@pytest.fixture
def home(
    cli: Cli, service: EmulatorThread, monkeypatch: pytest.MonkeyPatch, isolated: Path
) -> Path:
    """A home in which a memory has an address in it, with the screens masked by configuration."""
    connect(monkeypatch, service)
    write(service, SECRET)
    assert cli("sync", "--user", USER).code == 0
    (isolated / "config.toml").write_text("[privacy]\nmask = true\npseudonyms = true\n")
    (isolated / "config.toml").chmod(0o600)
    return isolated


LOOKS = (
    ("memories", "list"),
    ("memories", "list", "--json"),
    ("memories", "show", TRIP),
    ("memories", "history", TRIP),
    ("search", "mail"),
    ("evidence", "links"),
    ("evidence", "check"),
    ("hygiene", "scan", "--limit", "0"),
    ("users", "list"),
)


@pytest.mark.terminal
@pytest.mark.parametrize("look", LOOKS, ids=" ".join)
def test_a_terminal_is_masked_as_the_screens_are(home: Path, look: tuple[str, ...]) -> None:
    seen = terminal(look, columns=150)
    assert seen.code == 0, seen.text
    assert SECRET not in seen.text
    assert look == ("users", "list") or "[e-mail " in seen.text
    assert USER not in seen.text
    assert "show" in look or "history" in look or "user-" in seen.text


@pytest.mark.terminal
def test_showing_it_on_a_terminal_all_the_same_is_journaled(home: Path, cli: Cli) -> None:
    seen = terminal(["--no-mask", "memories", "list"], columns=150)
    assert SECRET in seen.text
    assert USER in seen.text
    entry = cli("journal", "list", "--json").json[0]
    assert (entry["action"], entry["details"]["unmasked"]) == ("view", True)


@pytest.mark.parametrize("look", LOOKS, ids=" ".join)
def test_what_is_piped_is_masked_where_that_is_asked_for(
    home: Path, cli: Cli, look: tuple[str, ...]
) -> None:
    plain, masked = cli(*look), cli("--mask", *look)
    assert (plain.code, masked.code) == (0, 0)
    assert look == ("users", "list") or SECRET in plain.out
    assert SECRET not in masked.out + masked.err
    assert USER not in masked.out
    assert SECRET in cli("memories", "show", TRIP).out  # it ends with its command


def test_json_is_masked_in_numbers_and_names_too(isolated: Path) -> None:
    document = {
        "mobile": 13812345678,
        SECRET: [4111111111111111, 7, True, 0.5, -13812345678],
        "at": 1758095885922,
    }
    try:
        masked = Mask(Home(isolated), names=False).value("", document)
    finally:
        display.draw(None)
    assert masked == {
        "mobile": "[phone **]",
        "[e-mail ***]": ["[card **]", 7, True, 0.5, -13812345678],
        "at": 1758095885922,
    }


def test_a_user_and_an_agent_of_one_id_are_told_apart(isolated: Path) -> None:
    rows = [{"kind": kind, "user_id": "both_1"} for kind in ("agent", "user")]
    try:
        mask = Mask(Home(isolated), names=True)
        called = [mask.value("", row)["user_id"] for row in rows]
        assert mask.value("", {"kind": "message", "user_id": "both_1"})["user_id"] == called[1]
    finally:
        display.draw(None)
    assert [name.split("-")[0] for name in called] == ["agent", "user"]


@pytest.mark.usefixtures("home")
@pytest.mark.terminal
def test_what_is_cut_around_a_word_that_was_found_shows_no_part_of_what_is_masked(
    service: EmulatorThread, cli: Cli
) -> None:
    said = (
        "zebra word xxxxxx and 13812345678 or 13912345678 and 4111 1111 1111 1111 and "
        "alice.cooper@example.org done, my mail is someone.long@corporate-example-domain.com end"
    )
    asked(service, "/update/memory", {"memory_id": TRIP, "title": "Animals", "content": said})
    assert cli("sync", "--user", USER).code == 0
    for words in ("zebra", "done"):
        shown = [terminal(("search", words), columns=wide).text for wide in (80, 150)]
        for options in ((), ("--json",), ("--remote", "--user", USER)):
            piped = cli("--mask", "search", words, *options)
            assert piped.code == 0
            shown.append(piped.out)
        for text in shown:
            assert "[e-mail " in text or "[phone " in text
            assert [part for part in ("139", "111", "alice", "corpor") if part in text] == []
    assert "my mail is so" in cli("search", "alice").out  # without masks it is cut where it was


@pytest.mark.usefixtures("home")
@pytest.mark.terminal
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["lines", "json"])
def test_what_a_watch_finds_is_masked_with_the_words_that_changed(
    service: EmulatorThread, cli: Cli, form: tuple[str, ...]
) -> None:
    watch = ("watch", "--user", USER, "--for", "0.1s", *form)
    write(service, "ann.lee@sample.org")  # it shares half of the words with what it said
    seen = terminal(watch, columns=150)
    write(service, "ann.lee@another.org")
    piped = cli("--mask", *watch)
    for code, told in ((seen.code, seen.text), (piped.code, piped.out + piped.err)):
        assert (code, "ann.lee" in told, USER in told) == (0, False, False)
        assert told.count("[e-mail ") >= 4  # gone and new, in the title and in the text
        assert "user-" in told


@pytest.mark.usefixtures("home")
def test_a_title_that_is_a_bare_code_is_masked_by_its_content_in_every_list(
    service: EmulatorThread, cli: Cli
) -> None:
    """Also where its content is not told."""
    said = {"memory_id": TRIP, "title": "482913", "content": "The door code is 482913."}
    asked(service, "/update/memory", said)
    assert cli("sync", "--user", USER).code == 0
    looks = (
        ("memories", "list"),
        *(("memories", verb, TRIP) for verb in ("show", "history")),
        *(("evidence", verb) for verb in ("links", "missing", "check")),
        ("search", "door"),
        ("changes",),
        ("verdicts", "queue", "all"),
        ("memories", "archive", TRIP, "--dry-run"),
    )
    for look in looks:
        plain, ended = cli(*look, "--json").out, cli("--mask", *look, "--json")
        masked = ended.out + ended.err
        assert ("482913" in masked, TRIP in masked) == (False, TRIP in plain), look


@pytest.mark.usefixtures("home")
def test_words_that_changed_show_no_half_of_what_is_masked(
    service: EmulatorThread, cli: Cli
) -> None:
    write(service, "ann.lee@sample.org")
    assert cli("sync", "--user", USER).code == 0
    for look in (("memories", "history", TRIP), ("changes", "--kind", "changed", "--json")):
        told = cli("--mask", *look)
        assert "[-[e-mail ***]-]{+[e-mail ***]+}" in told.out
        assert "ann.lee" not in told.out


@pytest.mark.usefixtures("home")
def test_whoever_a_task_is_about_has_another_name(service: EmulatorThread, cli: Cli) -> None:
    said = [{"role": "user", "content": "I like hiking in the Alps."}]
    body = {"user_id": "stranger_9", "conversation_id": "c1", "messages": said}
    task = asked(service, "/add/message", body)["data"]["task_id"]
    for form in ((), ("--json",)):
        told = cli("--mask", "watch", "--task", task, *form)
        assert (told.code, "hiking" in told.out, "user-" in told.out) == (0, True, True)
        assert "stranger_9" not in told.out + told.err


def test_exports_are_masked_too_but_for_the_journal(home: Path, cli: Cli) -> None:
    assert SECRET in cli("export", "memories").out
    masked = cli("--mask", "export", "memories")
    assert (masked.code, SECRET in masked.out, "[e-mail " in masked.out) == (0, False, True)
    assert cli("--mask", "journal", "export").code == 2


@pytest.mark.terminal
def test_the_interface_is_masked_by_its_key() -> None:
    seen = terminal(["--mask"])
    assert (seen.code, "[privacy] mask = true" in seen.text) == (2, True)


def test_whoever_a_question_is_about_is_not_named_by_what_is_recalled(
    home: Path, service: EmulatorThread, cli: Cli
) -> None:
    """The rows say of nobody whose they are, and the store may know nothing of the user."""
    phone = "13800138000"
    for user, known in ((USER, True), ("u-88120", False), (phone, False)):
        said = [{"role": "user", "content": f"my id {user}, I collect stamps"}]
        body = {"user_id": user, "conversation_id": "c1", "messages": said, "async_mode": False}
        asked(service, "/add/message", body)
        assert known or user not in cli("users", "list", "--limit", "0").out
        for form in ((), ("--json",)):
            question = ("recall", "ask", "stamps", "--user", user, *form)
            assert f"my id {user}" in cli(*question).out
            told = cli("--mask", *question)
            assert "my id user-" in told.out
            assert user not in told.out + told.err
    (home / "config.toml").write_text("[privacy]\nmask = true\n")
    told = cli("--mask", "recall", "ask", "stamps", "--user", phone, "--json")
    assert ("my id user-" in told.out, phone in told.out) == (True, False)


def test_what_is_recalled_names_nobody_else_whom_the_store_has(
    home: Path, service: EmulatorThread, cli: Cli
) -> None:
    said = [{"role": "user", "content": f"I swap stamps with {USER} on Mondays"}]
    body = {"user_id": "u-88120", "conversation_id": "c1", "messages": said, "async_mode": False}
    asked(service, "/add/message", body)
    told = cli("--mask", "recall", "ask", "stamps", "--user", "u-88120", "--json")
    assert ("stamps with user-" in told.out, USER in told.out) == (True, False)
