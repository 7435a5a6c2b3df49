"""The catalogues: exactly the texts of the code, each translated, with the same places to fill."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from rich.cells import cell_len

from memos_admin.language import CATALOGUES
from translations import make

LOCALES = CATALOGUES.values()
CODE = Path(__file__).parents[1] / "memos_admin"


@pytest.fixture(scope="module")
def texts() -> Catalog:
    """What is read out of the code."""
    return make.of_code()


@pytest.fixture(scope="module", params=LOCALES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return make.read(request.param)


def messages(catalogue: Catalog) -> Iterator[tuple[Message, str]]:
    """Yield each message with each of its translations."""
    for message in catalogue:
        if message.id:
            strings = (
                message.string if isinstance(message.string, list | tuple) else [message.string]
            )
            yield from ((message, string or "") for string in strings)


def test_the_catalogue_is_what_would_be_made(catalogue: Catalog, texts: Catalog) -> None:
    """``make messages`` writes it: no text is missing, and none is of the past."""
    locale = str(catalogue.locale_identifier)
    made = make.as_po(make.updated(catalogue, texts), locale)
    assert make.path_of(locale, "po").read_bytes() == made


def test_every_marked_text_is_read_out(texts: Catalog) -> None:
    """None stands inside an f-string: Babel sees those from Python 3.12 on only."""
    found = {
        text
        for message in texts
        for text in ([*message.id] if message.pluralizable else [message.id])
    }
    for path in CODE.rglob("*.py"):
        if path.relative_to(CODE).parts[0] in make.ENGLISH:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert marked(node) <= found, path
            if isinstance(node, ast.JoinedStr):
                assert not any(map(marked, ast.walk(node))), path


def marked(node: ast.AST) -> set[str]:
    """Return the texts that a call marks, none where it is another one."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _MARKS:
        values = (one.value for one in node.args if isinstance(one, ast.Constant))
        return {value for value in values if isinstance(value, str)}
    return set()


def test_every_text_is_translated(catalogue: Catalog) -> None:
    assert [message.id for message, string in messages(catalogue) if not string] == []
    assert not any(message.fuzzy for message in catalogue if message.id)


def places(text: str) -> set[str]:
    """Return the names that a template is filled with; it must be one."""
    return {name for _, name, spec, _ in Formatter().parse(text) if name is not None and not spec}


def test_translations_are_filled_with_the_same(catalogue: Catalog) -> None:
    for message, string in messages(catalogue):
        ids = message.id if isinstance(message.id, list | tuple) else [message.id]
        assert places(string) == set.union(*map(places, ids)), message.id
        assert all(name.isidentifier() for text in ids for name in places(text)), message.id


def test_spaces_and_lines_stay_where_something_is_joined(catalogue: Catalog) -> None:
    for message, string in messages(catalogue):
        text = message.id if isinstance(message.id, str) else message.id[1]
        assert string.count("\n") == text.count("\n"), text
        assert text.startswith(" ") or not string.startswith(" "), text
        if text.endswith(" "):
            assert string.endswith((" ", "、", "：", "和")), text


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_read_is_what_is_edited(locale: str) -> None:
    with make.path_of(locale, "mo").open("rb") as file:
        read = gettext.GNUTranslations(file)
    for message, string in messages(make.read(locale)):
        if isinstance(message.id, str):
            assert read.gettext(message.id) == string
        else:
            one, many = message.id
            assert read.ngettext(one, many, 2) == string


# -- Chinese -------------------------------------------------------------------------------------

_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]")


def test_chinese_is_punctuated_as_chinese() -> None:
    for _message, string in messages(make.read("zh_CN")):
        assert not _HALF_WIDTH.search(string), string
        assert "！" not in string, string
        assert not re.search(r"[\u4e00-\u9fff]\.(\s|$)", string), string


def test_words_are_said_alike() -> None:
    """The glossary of CONTRIBUTING.md: these words are translated in one way only."""
    words = {
        r"\bmemor(y|ies)\b": "记忆",
        r"\bconversations?\b": "会话",
        r"\bprojects?\b": "项目",
        r"\bkeyring\b": "密钥环",
        r"\bfingerprint\b": "指纹",
    }
    for message, string in messages(make.read("zh_CN")):
        text = message.id if isinstance(message.id, str) else message.id[1]
        plain = re.sub(
            r"\{\w+\}|memos-admin [\w-]+( [\w-]+)?|PYTHON_KEYRING\w*|gnome-keyring", "", text
        )
        for word, chinese in words.items():
            if re.search(word, plain) and "keyring's" not in plain:
                assert chinese in string, (text, string)


def test_an_id_is_written_as_in_english() -> None:
    """One text had both *id* and *ID*."""
    capital = re.compile(r"(?<![\w-])ID(?![A-Za-z_])", re.ASCII)
    for message, string in messages(make.read("zh_CN")):
        texts = (message.id,) if isinstance(message.id, str) else message.id
        assert not capital.search(string) or any(map(capital.search, texts)), string


# -- nothing is left out -------------------------------------------------------------------------

NOT_SHOWN = {
    "command_line.py",  # a command for a shell
    "keymap.py",  # faults of the configuration, told by the command line before anything opens
    "preferences.py",  # the same, and what the doctor says
    "themes.py",
}
"""Modules of the interface whose texts are none of it."""

_MARKS = {"_", "N_", "gettext", "ngettext", "counted"}
NAMING = {"start", "work", "cancel_group", "cast", "query", "query_one"}
"""Functions that take names: of workers, types, widgets."""

_NOT_TEXT = re.compile(
    r"(not|bold|dim|strong|accent|match|reverse|underline|warn|\$[\w-]+|[\s-])+|[\w-]*--[\w-]+"
)


def _unmarked(path: Path) -> Iterator[str]:
    """Yield literals with more than one word that nobody translates."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):  # docstrings
            known.add(id(node.value))
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in _MARKS:
                known |= {id(part) for argument in node.args for part in ast.walk(argument)}
            elif name in NAMING:
                known |= {id(argument) for argument in node.args}
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if getattr(target, "id", "") in {"CSS", "DEFAULT_CSS"}:
                known |= {id(part) for part in ast.walk(node.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in known:
            text = node.value
            if re.search(r"[a-z]{2} .*[a-z]{2}", text) and not _NOT_TEXT.fullmatch(text):
                yield text


UNTRANSLATED = {
    "fetch subject",  # names of groups of workers
    "fetch conversation",
    "pgdn pgup",  # keys
    "memos_user_123 agent:support-bot",  # an example of what can be typed
    "memos-admin users remove",  # a command
    "not found",  # what the store has; `gone_words.GONE` has the words for it
    "not listed twice",
    "none given",  # what the backend says; `wording.py` has the words for it
    "nothing shared",
    "message id",  # what the backend says; `evidence.HOW` has the words for it
    "quoted text",
    "not asked",  # what the backend says; `question_rows` has the words for it
    "newly fails",
    "newly passes",
    'words = "trains", within = 3',  # an example of what can be typed
    "verdict figures",  # what the journal says, as the commands do
    "verdict agreement",
    "No user is chosen.",  # a mistake of ours, never of a person
    "Is a folder",  # `taking.why_not` says it
    "No such folder",
    "libsecret Keyring",  # names of keyrings
    "kwallet DBusKeyring",
    "SecretService Keyring",
    "macOS Keyring",
    "Windows WinVaultKeyring",
    "Secret Service",
    "Credential Manager",
    "[user perspective]",  # marks in texts of the service
    "[assistant perspective]",
    "[user opinion]",
}


def test_no_text_of_the_interface_is_left_out() -> None:
    left = {
        f"{path.name}: {text}"
        for path in (CODE / "tui").rglob("*.py")
        if path.name not in NOT_SHOWN
        for text in _unmarked(path)
        if text not in UNTRANSLATED and not text.startswith(r"\[")
    }
    assert left == set()


def test_footers_fit_in_chinese() -> None:
    """At 80 columns no pane's keys give way, as they do not in English."""
    from memos_admin import language
    from memos_admin.language import gettext as _
    from memos_admin.tui.commands.bindings import footer
    from memos_admin.tui.commands.command import PANES

    language.activate("zh")
    for pane in PANES:
        shown = [f" {c.shown.split()[0]} {_(c.title)} " for c in footer(pane)]
        assert sum(map(cell_len, shown)) <= 80, pane
