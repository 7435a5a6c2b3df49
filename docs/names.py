"""The page of the names that commands and files have for what screens tell in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from memos_admin.backend.author_words import AUTHOR_WORDS
from memos_admin.backend.evidence import wording as evidence
from memos_admin.backend.gone_words import GONE
from memos_admin.backend.history.changes import WORDS as CHANGES
from memos_admin.backend.hygiene.rules import DESCRIBED
from memos_admin.backend.ledger.words import KINDS, OUTCOMES
from memos_admin.backend.verdicts.kinds import WORDS as VERDICTS
from memos_admin.backend.view_words import VIEWS
from memos_admin.language import gettext, written_in
from memos_admin.tui.rows.evidence import TITLES

_INTRODUCTION = """\
# Names on the screen and in commands

What a command takes and prints, and what stands in JSON, CSV, JSON lines and SQL, is a *name*: it is the same in
every language and stays as it is. The screen has a word for it, in your language. Options take both: `--kind gone`,
`--kind 已消失` and `--kind vanished` are the same, and so are `--view fact` and `--view detail_factual`; what is
written has the name.

`make docs` writes this page from the program itself.
"""

TABLES: Mapping[str, Mapping[str, str]] = {
    "Lists of evidence: `evidence NAME`, `list`": TITLES,
    "Links of a memory and a message: `--link`, `link`, `how`": evidence.LINK_WORDS,
    "Why a source is missing: `--why`, `why`": evidence.MISSING_WORDS,
    "Why a memory was not compared: `evidence uncompared --why`": evidence.UNCOMPARED_WORDS,
    "What does not agree: `--check`, `check`": evidence.CHECK_WORDS,
    "Whose words a memory says that it holds: `--told-as`, `told_as`": evidence.TELLER_WORDS,
    "Who wrote a message: `--said-by`, `author`": AUTHOR_WORDS,
    "Changes: `--kind`, `kind`": CHANGES,
    "Why a memory is gone: `reason`": GONE,
    "Places where messages are missing: `kind`": KINDS,
    "How a sync ended: `outcome`": OUTCOMES,
    "Rules of hygiene: `--rule`, `rule`": {rule: one.name for rule, one in DESCRIBED.items()},
    "Verdicts: `--verdict`, `verdict`": VERDICTS,
    "Views: `--view`, `view`": VIEWS,
}
"""Headings, and the words for the names below each."""


def page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _INTRODUCTION.rstrip("\n")
    for heading, words in TABLES.items():
        yield from ("", f"## {heading}", "")
        yield "| name | on the screen | 中文 |"
        yield "| --- | --- | --- |"
        for name, word in words.items():
            with written_in("zh"):
                chinese = gettext(word)
            yield f"| `{name}` | {word} | {chinese} |"
