"""What a command's help, the man page and the reference say, read from its parser.

argparse's own layout differs between versions of Python, wraps by characters and cannot be asked
for anything but text; here a parser becomes a `Page`, which is written as text, roff or Markdown.
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memos_admin.cli.examples import Example, examples_of
from memos_admin.cli.parser import Entry, Parser, Section

PROGRAM = "memos-admin"

_WIDEST = 100
_NARROWEST = 40
_TERM = 26
"""Cells that a term may take beside its words; a longer one stands on a line of its own."""

_PARTS = re.compile(r"\[[^]]*\]|\([^)]*\)|\S+")


@dataclass(frozen=True, slots=True)
class Page:
    """What there is to say of the program, a noun or a verb.

    Attributes:
        words: the noun and the verb; empty for the program.
        synopsis: the parts of the usage, each of which stays on one line.
        about: paragraphs, as are the notes, which stand at the end.
        sections: in the order of the help, each with at least one entry.
    """

    words: tuple[str, ...]
    synopsis: tuple[str, ...]
    about: tuple[str, ...]
    sections: tuple[Section, ...]
    examples: tuple[Example, ...]
    notes: tuple[str, ...]

    @property
    def command(self) -> str:
        """What is typed to get there."""
        return " ".join((PROGRAM, *self.words))


def page_of(parser: Parser) -> Page:
    """Return what there is to say of what a parser takes."""
    verbs = [Entry(name, verb.summary) for name, verb in parser.verbs.items()]
    groups = [
        Section(title, tuple(_entry(action) for action in actions))
        for title, actions in parser.groups
        if actions
    ]
    commands = [Section("commands", tuple(verbs))] if verbs else []
    sections = (*parser.sections, *commands, *groups, *parser.late_sections)
    return Page(
        words=parser.words,
        synopsis=_synopsis(parser),
        about=_paragraphs(parser.description or ""),
        sections=sections,
        examples=examples_of(parser.words, tuple(parser.verbs)),
        notes=_paragraphs(parser.notes),
    )


def all_pages() -> Iterator[Page]:
    """Yield the page of the program, then of each noun, each followed by those of its verbs."""
    from memos_admin.cli.main import NOUNS, global_parser, noun_parser

    yield page_of(global_parser())
    for noun in NOUNS:
        parser = noun_parser(noun)
        yield page_of(parser)
        for verb in parser.verbs.values():
            yield page_of(verb)


def terminal_width() -> int:
    """Return the cells of a line of the help: the terminal's (80 where there is none), within reason."""
    return min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)


def usage_text(page: Page, width: int) -> str:
    """Return the usage, wrapped between its parts."""
    lines, line = [], f"usage: {page.command}"
    indent = " " * (len(line) + 1 if len(line) < width // 2 else len("usage: ") + 2)
    for part in page.synopsis:
        if len(line) + 1 + len(part) > width and line.strip():
            lines.append(line)
            line = indent + part
        else:
            line = f"{line} {part}"
    return "\n".join([*lines, line]) + "\n"


def help_text(page: Page, width: int) -> str:
    """Return the help, wrapped to `width` cells; examples are as wide as they are."""
    blocks = [usage_text(page, width).rstrip("\n")]
    blocks += ["\n".join(_wrapped(paragraph, width)) for paragraph in page.about]
    blocks += ["\n".join(_section_lines(section, width)) for section in page.sections]
    if page.examples:
        blocks.append("\n".join(["examples:", *example_lines(page.examples, width - 2, "  ")]))
        blocks += ["\n".join(_wrapped(paragraph, width)) for paragraph in page.notes]
    return "\n\n".join(blocks) + "\n"


def example_lines(examples: Sequence[Example], width: int, indent: str = "") -> Iterator[str]:
    """Yield the examples, with what they do behind them where there is room, else above."""
    from rich.cells import cell_len

    said = [found for found in examples if found.does]
    column = max((cell_len(found.command) for found in said), default=0) + 2
    beside = all(column + len(found.does) <= width for found in said)
    for command, does in examples:
        if does and not beside:
            yield f"{indent}# {does}"
        first, *rest = command.split("\n")
        yield f"{indent}{first}{' ' * (column - cell_len(first))}{does if beside else ''}".rstrip()
        yield from (f"{indent}{line}" for line in rest)


def _section_lines(section: Section, width: int) -> Iterator[str]:
    yield f"{section.title}:"
    column = 2 + min(max(len(entry.term) for entry in section.entries), _TERM) + 2
    for entry in section.entries:
        lines = list(_wrapped(entry.text, width - column))
        term = f"  {entry.term}"
        if len(term) + 2 > column:
            yield term
        else:
            yield f"{term:<{column}}{lines.pop(0) if lines else ''}".rstrip()
        for line in lines:
            yield " " * column + line


def _wrapped(text: str, width: int) -> Iterator[str]:
    from memos_admin.backend.wrapping import wrap

    for start, end in wrap(text, width):
        yield text[start:end]


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(found.split()) for found in text.split("\n\n") if found.strip())


def _entry(action: argparse.Action) -> Entry:
    return Entry(_term(action), action.help or "")


def _term(action: argparse.Action) -> str:
    """Return ``--user ID``, ``-h, --help``, ``FILE``."""
    value = _value(action)
    names = ", ".join(action.option_strings)
    return f"{names} {value}".strip() if names else value


def _value(action: argparse.Action) -> str:
    """Return what an argument or an option takes: ``ID``, ``ID…``, ``csv|jsonl``, or nothing."""
    if action.nargs == 0:
        return ""
    name = action.metavar if isinstance(action.metavar, str) else None
    if name is None:
        name = "|".join(map(str, action.choices)) if action.choices else action.dest.upper()
    return f"{name}…" if action.nargs in {"+", "*"} else name


def _synopsis(parser: Parser) -> tuple[str, ...]:
    if parser.usage is not None:
        return tuple(_PARTS.findall(parser.usage))
    if parser.verbs:
        return ("COMMAND", "…")
    parts: list[str] = []
    told: set[int] = set()
    for action in parser.actions:
        if id(action) in told or action.dest == "help" or not action.option_strings:
            continue
        required, together = next(
            (found for found in parser.alternatives if action in found[1]),
            (action.required, [action]),
        )
        told.update(map(id, together))
        words = " | ".join(_term(found) for found in together)
        if not required:
            parts.append(f"[{words}]")
        else:
            parts.append(f"({words})" if len(together) > 1 else words)
    return (*(_positional(found) for found in parser.actions if not found.option_strings), *parts)


def _positional(action: argparse.Action) -> str:
    return f"[{_value(action)}]" if action.nargs in {"?", "*"} else _value(action)
