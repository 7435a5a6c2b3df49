"""Commands take the names of kinds, and the words that the screen has for them in any language."""

from __future__ import annotations

import pytest

from docs.names import TABLES
from memos_admin.cli import main as program
from memos_admin.cli.exits import Usage
from memos_admin.language import LANGUAGES, gettext, written_in

OPTIONS = {
    "--link": ("evidence", "links"),
    "--why": ("evidence", "missing"),
    "--check": ("evidence", "check"),
    "--told-as": ("evidence", "check"),
    "--kind": ("changes",),
    "--rule": ("hygiene", "scan"),
    "--verdict": ("verdicts", "list"),
    "--view": ("memories", "list"),
}
"""Options that take a name, and a command that has them."""


def _words(option: str) -> dict[str, str]:
    (words,) = (table for heading, table in TABLES.items() if f"`{option}`" in heading)
    return dict(words)


def _read(option: str, typed: str) -> object:
    noun, *verb = OPTIONS[option]
    args = program.noun_parser(noun).parse_args([*verb, option, typed])
    value = getattr(args, option.strip("-").replace("-", "_"))
    return value[0] if isinstance(value, list) else value


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_takes_the_name_and_the_words_of_each_language(option: str) -> None:
    for name, word in _words(option).items():
        assert _read(option, name) == name
        for language in LANGUAGES:
            with written_in(language):
                shown = gettext(word)
            assert _read(option, shown) == _read(option, shown.upper()) == name
    with pytest.raises(Usage):
        _read(option, "no such word")


def test_words_of_a_kind_are_told_apart_in_each_language() -> None:
    for words in TABLES.values():
        for language in LANGUAGES:
            with written_in(language):
                assert len({gettext(word) for word in words.values()}) == len(words)


def test_what_is_shown_in_english_is_the_name_or_has_a_reason() -> None:
    """Where the two differ the screen says more than a name can."""
    differ = {
        name
        for words in TABLES.values()
        for name, word in words.items()
        if name.replace("_", " ").replace("-", " ") not in word.casefold().replace("-", " ")
    }
    assert differ == {
        "detail_factual",  # the service's names of views
        "tool_memory",
        "vanished",  # on the screen: gone
        "not found",  # why it is gone, as a sentence
        "not listed twice",
        "overlap",  # on the screen: similar message, which is no source
        "running",  # what was killed is running for ever: not ended
    }
