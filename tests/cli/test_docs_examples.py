"""What the pages tell a person to type can be typed, and what they name is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import keys
from docs.make import FOLDER
from memos_admin.backend import config
from memos_admin.backend.home import Home
from memos_admin.backend.projects.project import _KEYS as PROJECT_KEYS
from memos_admin.backend.projects.project import read_projects
from memos_admin.cli.main import NOUNS, global_parser, noun_parser, split
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.language import LANGUAGES
from memos_admin.tui import themes
from memos_admin.tui.commands import keymap
from memos_admin.tui.commands.table import COMMANDS
from memos_admin.tui.preferences import configured
from tests.cli.conftest import ROOT, Cli

PAGES = [*sorted(FOLDER.glob("*.md")), ROOT / "README.md"]

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MENTION = re.compile(r"`(memos-admin [^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SETS = re.compile(r"[A-Z_]+=")
_BETWEEN = {"|", "&&", ">", ">>"}


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Yield the page and the text of each block of a language."""
    for page in PAGES:
        for found, text in _BLOCK.findall(text_of(page)):
            if found == language:
                yield name_of(page), text


def typed(line: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of the program in a line for a shell."""
    words: list[str] = []
    for word in [*shlex.split(line, comments=True), "&&"]:
        if word in _BETWEEN:
            if words[:1] == ["memos-admin"]:
                yield words[1:]
            words = []
        elif words or not _SETS.match(word):
            words.append(word)


LINES = [
    (page, line) for page, text in blocks("sh") for line in text.splitlines() for _ in typed(line)
]
MENTIONS = [
    (name_of(page), " ".join(words.split()))
    for page in PAGES
    for words in _MENTION.findall(_BLOCK.sub("", text_of(page)))
]
SETTINGS = list(blocks("toml"))


def test_there_is_something_to_look_at() -> None:
    assert len(LINES) > 40
    assert len(MENTIONS) > 10
    assert len(SETTINGS) > 3


@pytest.mark.parametrize(("page", "line"), LINES)
def test_a_line_for_a_shell_is_understood(page: str, line: str) -> None:
    for words in typed(line):
        before, noun, after = split(words)
        global_parser().parse_args(before)
        if noun is not None:
            noun_parser(noun).parse_args(after)


@pytest.mark.parametrize(("page", "words"), MENTIONS)
def test_a_command_that_is_mentioned_is_there(page: str, words: str) -> None:
    before, noun, after = split(shlex.split(words)[1:])
    known = {name for action in global_parser().actions for name in action.option_strings}
    if noun is not None:
        assert noun in NOUNS
        parser = noun_parser(noun)
        if parser.verbs and after[:1] != ["--help"]:
            assert after[0] in parser.verbs
            parser = parser.verbs[after[0]]
        known |= {name for action in parser.actions for name in action.option_strings}
    assert {word for word in (*before, *after) if word.startswith("-") and word != "-"} <= known


DEMO = [line for _, line in LINES if "memos-admin --demo " in line]


@pytest.mark.parametrize("line", DEMO)
def test_what_is_looked_for_in_the_demo_is_there(
    line: str, synced: EmulatorThread, cli: Cli
) -> None:
    ended = cli(*(word for word in shlex.split(line)[1:] if word != "--demo"))
    assert ended.code == 0
    assert len(ended.out.splitlines()) > 1


@pytest.mark.parametrize(("page", "text"), SETTINGS)
def test_a_configuration_is_understood(page: str, text: str, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    home.config_path.write_text(text, encoding="utf-8")
    home.config_path.chmod(0o600)
    top = config.read(home)
    read_projects(top, home)
    configured(home)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_link_leads_somewhere(page: Path) -> None:
    links = [link.partition("#")[0] for link in _LINK.findall(_BLOCK.sub("", text_of(page)))]
    ours = [link for link in links if link and "://" not in link]
    assert [link for link in ours if not (page.parent / link).exists()] == []


def test_the_index_has_every_page() -> None:
    listed = set(_LINK.findall(text_of(FOLDER / "README.md")))
    assert {page.name for page in FOLDER.glob("*.md")} - {"README.md"} == listed


def test_the_configuration_is_told_whole() -> None:
    text = text_of(FOLDER / "configuration.md")
    variables = next(s for s in global_parser().late_sections if s.title == "environment").entries
    named = {
        *PROJECT_KEYS,
        *LANGUAGES,
        *(theme.name for theme in themes.OURS),
        *(entry.term for entry in variables),
    }
    assert {name for name in named if f"`{name}`" not in text} == set()


def test_the_keys_have_the_id_of_every_command() -> None:
    text = keys.page()
    assert [command.id for command in COMMANDS if f"`{command.id}`" not in text] == []


def test_keys_are_written_as_the_configuration_takes_them() -> None:
    for command in COMMANDS:
        written = ", ".join(keys.written(command.keys))
        again = ",".join(keymap.key_names(written))
        assert keys.written(again) == keys.written(command.keys)


def test_a_key_of_another_screen_without_words_is_noticed() -> None:
    fixed = keys.FIXED[0]
    bare = keys.Fixed(fixed.title, fixed.nodes, {})
    with pytest.raises(KeyError):
        list(keys.bound(bare))
