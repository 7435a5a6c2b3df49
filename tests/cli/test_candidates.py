"""What could stand at the cursor, asked as the shells' scripts ask, without a shell."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.names import MOST
from memos_admin.backend.projects import Project, Projects
from memos_admin.cli.completion.candidates import safe
from memos_admin.cli.completion.kinds import kind_of
from memos_admin.cli.completion.typed import quoted_for_bash, read_bash, read_fish
from memos_admin.cli.main import NOUNS, global_parser, noun_parser
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import subjects
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer
from tests.cli.conftest import Cli
from tests.cli.test_start import HEAVY, imported
from tests.hostile import HOSTILE, unsafe

Offer = Callable[..., list[str]]

BREAKS = " \t\n\"'@><=;|&(:"

FREE = {
    "conversations add ids", "emulator --conversations", "emulator --host", "emulator --latency-ms",
    "emulator --memories", "emulator --messages", "emulator --port", "emulator --seed",
    "emulator --users", "journal list --ticket", "journal verify --hash", "memories edit --content", "memories edit --title", "projects add --base-url", "projects add name", "projects rename new",
    "verdicts give --note", "verdicts give --version", "verdicts queue --number",
    "verdicts queue --seed", "verdicts withdraw --version",
    "recall ask --at-most", "recall ask --memos-filter", "recall ask --relativity", "recall ask text", "recall check --question",
    "search text", "subject erase --request", "subject export --request", "sync --rate", "users add ids",
    "watch --for", "watch --interval", "watch --task", "filters rename new_name", "filters save name", "sql statement",
    "messages history --seq",
}  # fmt: skip
"""What a person must know: new names, addresses, numbers, texts."""

ALWAYS_FREE = (
    *("--as-of", "--confirm", "--given-since", "--given-until", "--limit", "--operator"),
    *("--since", "--text", "--until"),
)
"""Options that stand in more than one place, of the same kind."""


@pytest.fixture
def offer(cli: Cli) -> Offer:
    """Return what is offered for the last of the words, as zsh is told it."""

    def asked(*words: str) -> list[str]:
        ended = cli("__complete", "zsh", "memos-admin", *words)
        assert (ended.code, ended.err) == (0, "")
        return [line.split("\t")[0] for line in ended.out.splitlines()[1:]]

    return asked


def roster(isolated: Path, ids: list[str]) -> Project:
    """Return a project that is used, with these users."""
    project = Projects(Home(isolated)).add("acme", base_url="http://127.0.0.1:9")
    writer = Writer(project.store_dir / "store.db")
    refs = [SubjectRef("user", found) for found in ids]
    if refs:
        writer.submit(lambda connection: subjects.add(connection, refs, "hand", 1)).result()
    writer.close()
    return project


def test_nouns_and_verbs(offer: Offer) -> None:
    assert offer("") == list(NOUNS)
    assert offer("s") == ["search", "sql", "sync", "subject", "store"]
    assert offer("memories", "s") == ["show", "sources"]


def test_global_options_stand_before_the_noun(offer: Offer) -> None:
    assert offer("--v") == ["--verbose", "--version"]
    assert "--verbose" not in offer("memories", "list", "--")


def test_nouns_follow_global_options(offer: Offer) -> None:
    assert offer("--verbose", "--project", "x", "us") == ["users"]


def test_an_option_is_offered_once_but_where_it_may_stand_again(offer: Offer) -> None:
    given = offer("memories", "list", "--json", "--view", "event", "--")
    assert "--json" not in given
    assert "--view" in given


def test_of_alternatives_the_other_is_offered_no_more(offer: Offer) -> None:
    given = offer("messages", "list", "--user", "x", "--")
    assert "--agent" not in given
    assert "--conversation" in given


def test_choices(offer: Offer) -> None:
    assert offer("memories", "list", "--vanished", "") == ["yes", "no"]
    assert offer("memories", "list", "--status", "a") == ["activated", "archived"]
    assert offer("export", "user", "x", "--format=c") == ["--format=csv"]
    assert offer("completion", "") == ["bash", "zsh", "fish"]


def test_several_values_of_one_option(synced: EmulatorThread, offer: Offer) -> None:
    assert offer("sync", "--user", "memos_user_123", "maria") == ["maria.gonzalez@example.com"]
    assert offer("sync", "--user", "memos_user_123", "--ful") == ["--full"]


def test_ids_of_the_store(synced: EmulatorThread, offer: Offer) -> None:
    assert offer("users", "show", "memos") == ["memos_user_123"]
    assert offer("users", "show", "--agent", "") == ["ops-agent"]
    assert offer("export", "user", "--agent", "") == ["ops-agent"]
    assert offer("memories", "show", "0a89") == ["0a89db3a-2061-4c97-a1b8-45700f8745bc"]


def test_conversations_and_tags_of_whom_is_named_before(
    synced: EmulatorThread, offer: Offer
) -> None:
    whose = ("--user", "memos_user_123")
    assert offer("messages", "list", *whose, "--conversation", "") == ["0610"]
    assert offer("conversations", "remove", *whose, "") == ["0610"]
    assert {"0610", "0915"} < set(offer("memories", "list", "--conversation", "0"))
    assert "0610" not in offer("memories", "list", "--agent", "ops-agent", "--conversation", "")
    of_all = offer("memories", "list", "--tag", "")
    of_one = offer("memories", "list", *whose, "--tag", "")
    assert set(of_one) < set(of_all)
    assert of_one


def test_words_about_ids_come_from_the_store(synced: EmulatorThread, cli: Cli) -> None:
    told = cli("__complete", "fish", "memos-admin", "users", "show", "memos").out
    assert told == "words\nmemos_user_123\tconversations: 1, memories: 2\n"


@pytest.mark.usefixtures("synced")
@pytest.mark.parametrize("names", [False, True], ids=["masked", "names"])
def test_what_a_masked_terminal_would_not_show_is_not_offered(
    synced_home: Path,
    offer: Offer,
    isolated: Path,
    monkeypatch: pytest.MonkeyPatch,
    names: bool,
) -> None:
    shutil.copytree(synced_home, isolated)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(isolated))
    address = "maria.gonzalez@example.com"
    plain = offer("users", "show", "")
    assert {address, "memos_user_123"} <= {*plain}
    assert address not in offer("--mask", "users", "show", "")
    config = isolated / "config.toml"
    config.write_text(f"[privacy]\nmask = true\npseudonyms = {str(names).lower()}\n")
    config.chmod(0o600)
    masked = offer("users", "show", "")
    assert masked == ([] if names else [one for one in plain if "@" not in one])
    assert offer("sync", "--user", "maria") == []
    assert offer("export", "user", "--agent", "") == ([] if names else ["ops-agent"])
    assert offer("memories", "show", "0a89") == ["0a89db3a-2061-4c97-a1b8-45700f8745bc"]
    assert offer("memories", "list", "--vi") == ["--view"]


@pytest.mark.usefixtures("synced")
def test_words_about_a_memory_name_nobody_on_a_masked_terminal(
    synced_home: Path, cli: Cli, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(synced_home, isolated)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(isolated))
    (store,) = isolated.glob("projects/*/store.db")
    memory = "0a89db3a-2061-4c97-a1b8-45700f8745bc"
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        connection.execute(
            "UPDATE memory SET title = 'What memos_user_123 likes' WHERE memory_id = ?", [memory]
        )
        connection.execute("UPDATE memory_tag SET tag = 'memos_user_123'")
    config = isolated / "config.toml"
    config.touch(0o600)
    show = ("__complete", "fish", "memos-admin", "memories", "show", "0a89")
    tags = ("__complete", "fish", "memos-admin", "memories", "list", "--tag", "")
    assert cli(*show).out == f"words\n{memory}\tWhat memos_user_123 likes\n"
    assert "memos_user_123" in cli(*tags).out
    config.write_text("[privacy]\nmask = true\npseudonyms = true\n")
    masked = cli(*show).out
    assert masked.startswith(f"words\n{memory}\tWhat user-")
    assert masked.endswith(" likes\n")
    assert "memos_user_123" not in masked + cli(*tags).out


def test_nothing_is_offered_of_the_demo_before_it_exists(
    synced: EmulatorThread, offer: Offer
) -> None:
    assert offer("--demo", "users", "show", "") == []
    assert offer("--demo", "memories", "list", "--vi") == ["--view"]


def test_a_project_that_is_named_goes_before_the_environment(
    synced: EmulatorThread, offer: Offer
) -> None:
    assert offer("--project", "nobody", "users", "show", "") == []


def test_of_too_many_the_last_is_offered_too(isolated: Path, offer: Offer) -> None:
    """A shell writes what all have in common: of a part of them that could be wrong."""
    roster(isolated, [f"user-{number:04}" for number in range(3 * MOST)])
    found = offer("users", "show", "user-0")
    assert len(found) == MOST
    assert (found[0], found[-1]) == ("user-0000", f"user-0{3 * MOST - 1}")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_what_a_terminal_would_obey_is_not_offered(text: str) -> None:
    assert [word for word, _ in safe([(text, "")]) if unsafe(word)] == []
    assert [about for _, about in safe([("word", text)]) if unsafe(about)] == []


@pytest.mark.parametrize("text", ["ann o'hara", "用户 一", "$(x)", "🎉"])
def test_what_can_be_seen_is_offered_as_it_is(text: str) -> None:
    assert [word for word, _ in safe([(text, "")])] == [text]


def test_an_id_like_an_option_is_offered_behind_an_equals_sign_only(
    isolated: Path, offer: Offer
) -> None:
    roster(isolated, ["--help", "ann"])
    assert offer("memories", "list", "--user", "") == ["ann"]
    assert offer("memories", "list", "--user=") == ["--user=--help", "--user=ann"]


def test_without_a_store_there_is_nothing_and_nothing_is_made(
    isolated: Path, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert offer("users", "show", "") == []
    monkeypatch.setenv("MEMOS_API_KEY", "mpg-never-used")
    monkeypatch.setenv("MEMOS_BASE_URL", "http://127.0.0.1:9")
    assert offer("users", "show", "") == []
    assert offer("--project", "") == []
    assert not isolated.exists()


@pytest.mark.parametrize("url", ["ftp://example.org", "http://example.org"])
def test_a_bad_address_is_no_reason_to_complain(
    offer: Offer, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("MEMOS_BASE_URL", url)
    assert offer("users", "show", "") == []


def test_a_broken_configuration_is_no_reason_to_complain(isolated: Path, offer: Offer) -> None:
    roster(isolated, ["ann"])
    (isolated / "config.toml").write_text("use = [")
    assert offer("users", "show", "") == []
    assert offer("projects", "use", "") == []


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["tcsh"],
        ["bash"],
        ["zsh"],
        ["bash", "memos-admin nonsense ", ""],
        ["fish", "x", "y", ""],
    ],
)
def test_nonsense_is_answered_with_nothing(cli: Cli, words: list[str]) -> None:
    ended = cli("__complete", *words)
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_a_broken_store_is_no_reason_to_complain(isolated: Path, offer: Offer) -> None:
    project = roster(isolated, ["ann"])
    (project.store_dir / "store.db").write_bytes(b"not a database" * 100)
    assert offer("users", "show", "") == []


@pytest.mark.parametrize("number", [0, 999])
def test_a_store_of_another_version_is_left_alone(
    isolated: Path, offer: Offer, number: int
) -> None:
    path = roster(isolated, ["ann"]).store_dir / "store.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {number}")
    connection.close()
    before = path.read_bytes()
    assert offer("users", "show", "") == []
    assert path.read_bytes() == before


def test_a_writer_is_not_waited_for(isolated: Path, offer: Offer) -> None:
    path = roster(isolated, ["ann"]).store_dir / "store.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    assert offer("users", "show", "") == ["ann"]
    connection.close()


@pytest.mark.parametrize(
    "words",
    [
        ["bash", "memos-admin ", BREAKS],
        ["zsh", "memos-admin", "memories", "list", "--"],
        ["zsh", "memos-admin", "users", "show", ""],
        ["zsh", "memos-admin", "memories", "list", "--user", "memos_user_123", "--tag", ""],
        ["fish", "memos-admin", "--project", ""],
    ],
    ids=" ".join,
)
def test_completing_imports_nothing_heavy(synced: EmulatorThread, words: list[str]) -> None:
    assert imported("__complete", *words, of=(*HEAVY, "importlib.resources")) == set()


def test_everything_that_takes_a_value_is_completed_or_said_to_be_free() -> None:
    lost = set()
    for noun in NOUNS:
        top = noun_parser(noun)
        for parser in (top, *top.verbs.values()):
            for action in parser.actions:
                if action.nargs == 0 or action.choices or kind_of(parser.words, action) is not None:
                    continue
                name = action.option_strings[0] if action.option_strings else action.dest
                lost.add(" ".join((*parser.words, name)))
    assert {name for name in lost if name.split()[-1] not in ALWAYS_FREE} == FREE


def test_a_project_behind_an_equals_sign(isolated: Path, offer: Offer) -> None:
    roster(isolated, [])
    assert offer("--project=ac") == ["--project=acme"]


def test_the_project_of_the_global_options_is_completed() -> None:
    (project,) = (found for found in global_parser().actions if found.dest == "project")
    assert kind_of((), project) is not None


@pytest.mark.parametrize(
    ("line", "words", "current"),
    [
        ("m users show ", ["m", "users", "show"], ""),
        (r"m users show ann\ o\'h", ["m", "users", "show"], "ann o'h"),
        ("m users show 'ann o", ["m", "users", "show"], "ann o"),
        ('m a"b c"d "e\\"f', ["m", "ab cd"], 'e"f'),
        ("m '' x", ["m", ""], "x"),
        ("m $x $y", ["m", "$x"], "$y"),
        ("m a 2>err b", ["m", "a"], "b"),
        ("m a\\", ["m"], "a"),
    ],
)
def test_a_line_of_bash_is_read_without_expanding_it(
    line: str, words: list[str], current: str
) -> None:
    typed = read_bash(line, BREAKS)
    assert typed.current == current
    assert list(typed.words) == words


def test_a_file_is_offered_behind_a_redirection(cli: Cli) -> None:
    line = "memos-admin export memories > an"
    assert cli("__complete", "bash", line, BREAKS).out == "files\n"


def test_a_word_of_fish_knows_escapes_in_single_quotes() -> None:
    assert read_fish((), r"'it\'s").current == "it's"


@pytest.mark.parametrize(
    "text",
    [
        *(text for text in HOSTILE.values() if text and "\n" not in text and len(text) < 1000),
        *("a!b", "it's'", 'end"', "~x", "-x"),
    ],
)
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_what_is_quoted_for_bash_is_read_back_as_the_same_word(text: str, quote: str) -> None:
    typed = read_bash(f"m {quote}", BREAKS)
    quoted = quoted_for_bash(text, typed)
    # As readline does it.
    closing = "" if quote and quoted.endswith(quote) else quote
    again = read_bash(f"m {quote}{quoted}{closing} x", BREAKS)
    assert again.words == ("m", text)
