"""Writes the pages of this folder that are made from the program itself: ``python -m docs.make``.

A test compares them with what this would write.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from rich.cells import cell_len

import memos_admin
from docs import keys, names, sql_page
from memos_admin.cli.manual import PROGRAM, Page, all_pages, example_lines, help_text

FOLDER = Path(__file__).parent

_WIDTH = 80
_TERM = 20
_DATE = "2026-11-24"
"""Of the man page; a release sets it."""

_SUMMARY = "look into what a MemOS Cloud project remembers, and why"
_FILES = {
    "config.toml": "projects and settings, never a key",
    "journal.db": "who looked at, exported or changed what",
    "projects/UUID/store.db": "what was fetched for one project",
    "projects/UUID/search.db": "the index of its words; it may be deleted",
}
_HEADINGS = {"options": "OPTIONS", "environment": "ENVIRONMENT", "exit codes": "EXIT STATUS"}
"""Sections of the program's own help that have a name of their own in man pages."""

_ROFF = {
    "\\": r"\e",
    "-": r"\-",
    "'": r"\(aq",
    '"': r"\(dq",
    "`": r"\(ga",
    "~": r"\(ti",
    "^": r"\(ha",
}


def commands() -> str:
    """Return the reference of all commands."""
    pages = list(all_pages())
    return "\n".join(_reference(pages)) + "\n"


def man_page() -> str:
    """Return the man page."""
    pages = list(all_pages())
    return "\n".join(_manual(pages[0], pages[1:])) + "\n"


MADE: Mapping[str, Callable[[], str]] = {
    "commands.md": commands,
    "keys.md": keys.page,
    "names.md": names.page,
    "sql.md": sql_page.page,
    "memos-admin.1": man_page,
}
"""The files that are made, and what makes them."""


def _reference(pages: list[Page]) -> Iterator[str]:
    yield "# Commands"
    yield ""
    yield "What `--help` says of each command, on a terminal of 80 columns. `make docs` writes this page."
    yield ""
    for page in pages:
        if len(page.words) == 1:
            verbs = [found for found in pages if found.words[:1] == page.words and found != page]
            links = " · ".join(_link(found, found.words[1]) for found in verbs)
            yield f"* {_link(page, page.words[0])}{': ' if links else ''}{links}"
    for page in pages:
        yield ""
        yield f"{'##' if len(page.words) < 2 else '###'} {page.command}"
        yield ""
        yield "```text"
        yield help_text(page, _WIDTH).rstrip("\n")
        yield "```"


def _link(page: Page, words: str) -> str:
    return f"[{words}](#{page.command.replace(' ', '-')})"


def _manual(program: Page, pages: list[Page]) -> Iterator[str]:
    yield r'.\" Made by "make docs" from the program itself.'
    version = f"{PROGRAM} {memos_admin.__version__}"
    yield f'.TH {PROGRAM.upper()} 1 {_DATE} "{version}" "User Commands"'
    yield ".ad l"
    yield ".nh"
    yield ".SH NAME"
    yield rf"{_roff(PROGRAM)} \- {_roff(_SUMMARY)}"
    yield ".SH SYNOPSIS"
    yield from _synopsis(program)
    yield ".SH DESCRIPTION"
    yield from _paragraphs(program.about)
    for title, entries in program.sections:
        if title not in _HEADINGS:
            yield from _titled(title, entries)
    for title, entries in program.sections:
        if title in _HEADINGS:
            yield f".SH {_HEADINGS[title]}"
            yield from _entries(entries)
    yield ".SH COMMANDS"
    for page in pages:
        yield from _command(page)
    yield ".SH FILES"
    yield _roff("In MEMOS_ADMIN_HOME, by default in the data folder of the platform:")
    yield from _entries(_FILES.items())
    yield ".SH EXAMPLES"
    yield from _examples(program)
    yield ".SH NOTES"
    yield from _paragraphs(program.notes)


def _command(page: Page) -> Iterator[str]:
    yield f".SS {_roff(' '.join(page.words))}"
    yield from _synopsis(page)
    for paragraph in page.about:
        yield ".PP"
        yield from _filled(paragraph)
    for title, entries in page.sections:
        # A command is told of below, and how to get help above.
        told = [entry for entry in entries if entry.term != "-h, --help"]
        if told and title != "commands":
            yield from _titled(title, told)
    for paragraph in page.notes:
        yield ".PP"
        yield from _filled(paragraph)
    # The examples of a noun with verbs are those of its verbs.
    if not any(title == "commands" for title, _ in page.sections):
        yield ".PP"
        yield "Examples:"
        yield ".PP"
        yield from _examples(page)


def _synopsis(page: Page) -> Iterator[str]:
    yield f".B {_roff(page.command)}"
    # A part of it stays on one line.
    yield from (rf"\%{_roff(part)}".replace(" ", r"\ ") for part in page.synopsis)


def _paragraphs(paragraphs: tuple[str, ...]) -> Iterator[str]:
    for at, paragraph in enumerate(paragraphs):
        if at:
            yield ".PP"
        yield from _filled(paragraph)


def _titled(title: str, entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield ".PP"
    yield _roff(f"{title[0].upper()}{title[1:]}:")
    yield from _entries(entries)


def _entries(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield a list without blank lines between its entries."""
    told = list(entries)
    column = min(max(cell_len(term) for term, _ in told), _TERM) + 2
    for at, (term, words) in enumerate(told):
        if at == 1:
            yield ".PD 0"
        yield f".TP {column}"
        yield f".B {_roff(term)}"
        yield from _filled(words)
    yield ".PD"


def _examples(page: Page) -> Iterator[str]:
    yield ".RS 4"
    yield ".EX"
    yield from map(_roff, example_lines(page.examples, _WIDTH - 8))
    yield ".EE"
    yield ".RE"


def _filled(text: str) -> Iterator[str]:
    """Yield prose in lines that a person can compare."""
    for line in textwrap.wrap(text, _WIDTH - 8, break_long_words=False, break_on_hyphens=False):
        yield _roff(line)


def _roff(text: str) -> str:
    r"""Return `text` as roff shows it: nothing in it is a request or an escape."""
    escaped = "".join(_ROFF.get(char, char) for char in text)
    return rf"\&{escaped}" if escaped.startswith(".") else escaped


def main() -> None:
    """Write all of them."""
    for name, made in MADE.items():
        (FOLDER / name).write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main()
