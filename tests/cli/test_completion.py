"""Completion in real shells: what is offered, and that a stranger's id is only ever a word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.cli.main import NOUNS
from memos_admin.store import subjects
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer
from tests.cli.shells import Shell
from tests.hostile import HOSTILE

SHELLS = [pytest.param(name, marks=pytest.mark.needs(name)) for name in ("bash", "zsh", "fish")]

ANN = SubjectRef("user", "ann o'hara")
IDS = {
    'a\'b "c"': "a\\'",
    'say "hi" twice': "say",
    "$(touch pwned)": "'$(t",
    "${HOME}/x": "'${H",
    "`touch pwned`": "'`",
    "用户 一": "用",
    "semi;touch pwned&x|y>z": "semi",
    "back\\slash": "back",
    "bang!!x": "bang",
    "~root": "'~r",
    "#hash": "'#h",
    "glob*?[x]{a,b}": "glob",
    "user:1": "user:",
    "mail@acme.cn": "mail@ac",
    "key=value=2": "key=va",
    "(paren) < a": "'(pa",
    "  two  spaces ": "'  tw",
    "it's'": "it",
    "now!": "now",
    "%n%d\\n": "%n",
}
"""Ids, each with the beginning that a person types of it."""


def fill(connection: Connection) -> None:
    # SQLite keeps no lone surrogates; an id of nothing or of a megabyte is none.
    odd = [
        f"odd {text}"
        for name, text in HOSTILE.items()
        if name != "lone surrogates" and text.strip() and len(text) < 200
    ]
    users = [SubjectRef("user", found) for found in (*IDS, *odd)]
    subjects.add(connection, [ANN, *users], "hand", 1)
    subjects.add(connection, [SubjectRef("agent", "ops-agent")], "hand", 1)
    for ref, names in ((ANN, ["0610", "0928 trip"]), (users[0], ["1111"])):
        pk = subjects.pk_of(connection, ref)
        assert pk is not None
        subjects.add_conversations(connection, pk, names, "hand", 1)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two projects, at an address where nobody answers; the used one has a store."""
    home = Home(tmp_path_factory.mktemp("filled") / "home")
    projects = Projects(home)
    used = projects.add("acme prod", base_url="http://127.0.0.1:9")
    projects.add("beta test", base_url="http://127.0.0.1:9")
    writer = Writer(used.store_dir / "store.db")
    writer.submit(fill).result()
    writer.close()
    return home.path


@pytest.fixture
def at_home(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(filled))


@pytest.fixture(scope="module", params=SHELLS)
def shell(
    request: pytest.FixtureRequest, filled: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shell]:
    """A shell that completes; tests give it whole commands, one after the other."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("MEMOS_ADMIN_HOME", str(filled))
        opened = Shell(request.param, tmp_path_factory.mktemp("shell"))
    yield opened
    opened.close()


@pytest.fixture(params=SHELLS)
def own_shell(request: pytest.FixtureRequest, at_home: None, tmp_path: Path) -> Iterator[Shell]:
    """One that nobody needs afterwards: a test leaves something in its line."""
    opened = Shell(request.param, tmp_path)
    yield opened
    opened.close()


def test_a_noun_and_a_verb(shell: Shell) -> None:
    assert shell.given("memos-admin conv\tlis") == ["conversations", "list"]


def test_an_option_and_its_choice(shell: Shell) -> None:
    given = shell.given("memos-admin memories list --vi\tpref")
    assert given == ["memories", "list", "--view", "preference"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("vi\tpref", "view:preference"),
        ("view:pref", "view:preference"),
        ("upd\t7d", "updated:7d"),
        ("'vi\tpref", "view:preference"),
    ],
)
def test_a_filter_goes_on_behind_its_colon(shell: Shell, typed: str, said: str) -> None:
    given = shell.given(f"memos-admin memories list --filter {typed}")
    assert given == ["memories", "list", "--filter", said]


def test_an_id_behind_an_equals_sign(shell: Shell) -> None:
    assert shell.given("memos-admin memories list --user=say") == [
        "memories",
        "list",
        '--user=say "hi" twice',
    ]


def test_an_id_stays_one_word_whatever_it_holds(shell: Shell) -> None:
    given = {user: shell.given(f"memos-admin users show {typed}") for user, typed in IDS.items()}
    assert given == {user: ["users", "show", user] for user in IDS}
    assert not (shell.folder / "pwned").exists()


def test_an_id_is_completed_inside_of_a_quote(shell: Shell) -> None:
    typed = {"'say ": 'say "hi" twice', "\"a'": 'a\'b "c"', "'it": "it's'", '"now': "now!"}
    given = {begin: shell.given(f"memos-admin users show {begin}")[-1] for begin in typed}
    assert given == typed


def test_the_conversations_of_the_user_that_stands_before(shell: Shell) -> None:
    given = shell.given("memos-admin messages list --user ann\\ o\\'hara --conversation 09")
    assert given[-1] == "0928 trip"


def test_a_project(shell: Shell) -> None:
    assert shell.given("memos-admin --project b") == ["--project", "beta test"]


def test_a_file(shell: Shell) -> None:
    (shell.folder / "my ids.csv").touch()
    assert shell.given("memos-admin users import my") == ["users", "import", "my ids.csv"]


def test_a_file_behind_an_equals_sign(shell: Shell) -> None:
    (shell.folder / "my ids.csv").touch()
    given = shell.given("memos-admin export user x --output=my")
    assert given == ["export", "user", "x", "--output=my ids.csv"]


def test_all_nouns_are_offered(own_shell: Shell) -> None:
    own_shell.offered("memos-admin ", "users")
    own_shell.until(lambda: all(noun in own_shell.text for noun in NOUNS))


def test_no_control_character_of_an_id_reaches_the_terminal(own_shell: Shell) -> None:
    own_shell.sent = b""
    own_shell.offered("memos-admin users show odd\\ ", "＝1+1")
    assert [text for text in (b"]52;c", b"[31mred", b"\xc2\x9b") if text in own_shell.sent] == []


@pytest.mark.needs("zsh")
def test_zsh_finds_it_in_a_folder_of_functions(at_home: None, tmp_path: Path) -> None:
    load = (
        "mkdir f; memos-admin completion zsh > f/_memos-admin; "
        "fpath=($PWD/f $fpath); compinit -u -D"
    )
    shell = Shell("zsh", tmp_path, load)
    given = [shell.given("memos-admin users sh")[-1] for _ in range(3)]
    shell.close()
    assert given == ["show"] * 3
