"""Where the cursor stands on a command line: what is typed before it, and what could be named there."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memos_admin.cli import main as program
from memos_admin.cli.completion.kinds import FILE, kind_of
from memos_admin.cli.completion.typed import Typed
from memos_admin.cli.exits import Usage
from memos_admin.cli.parser import Parser

if TYPE_CHECKING:
    from memos_admin.backend.filter_language import FilterTarget


Word = tuple[str, str]
"""Something to complete to, and a few words about it."""


@dataclass
class Cursor:
    """Where the cursor stands.

    Attributes:
        begin: what is typed of the word already.
        stem: ``--option=`` where the word began with it, which is not part of `begin`.
        kind: of what is to be named there; None where it is something else.
        fixed: the nouns, verbs, options and choices that could stand there.
        flags: the global options, options and flags that stand before, with their values.
        target: what a filter narrows there.
        action: the option or argument whose value is typed there; None: none is.
        words: the noun and the verb that lead there.
    """

    begin: str
    stem: str = ""
    kind: int | None = None
    fixed: list[Word] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    target: FilterTarget = "saved"
    action: argparse.Action | None = None
    words: tuple[str, ...] = ()


def argument_at(before: Sequence[str], word: str) -> tuple[tuple[str, ...], argparse.Action | None]:
    """Return what takes a word of a command as its value, and the noun and verb that it belongs to.

    Nothing takes it where the command is none.

    Args:
        before: the words behind the program's name and before it.
        word: itself, behind its option where it is joined to that.
    """
    try:
        cursor = cursor_of(Typed(("memos-admin", *before), word))
    except (Usage, KeyError):
        return (), None
    return cursor.words, cursor.action


def cursor_of(typed: Typed) -> Cursor:
    """Return where the cursor stands."""
    if typed.redirected:
        return Cursor(typed.current, kind=FILE)
    before, noun, after = program.split(typed.words[1:])
    walk = _Walk(program.global_parser())
    for word in before:
        walk.take(word)
    # `split` takes the word behind --project for its value, also where that is still being typed.
    if noun is None:
        cursor = walk.cursor(typed.current)
        if not walk.waits and not typed.current.startswith("-"):
            cursor.fixed = list(program.NOUNS.items())
        return cursor
    globals_given = walk.flags
    walk = _Walk(program.noun_parser(noun))
    for word in after:
        walk.take(word)
    cursor = walk.cursor(typed.current)
    cursor.flags = globals_given | cursor.flags
    return cursor


class _Walk:
    """Goes through the words of a command as argparse would, without judging them."""

    def __init__(self, parser: Parser) -> None:
        self.flags: dict[str, str] = {}
        self._given: set[str] = set()
        self._only_arguments = False
        self._enter(parser)

    def _enter(self, parser: Parser) -> None:
        self._parser = parser
        self._options = {name: one for one in parser.actions for name in one.option_strings}
        self._arguments = [one for one in parser.actions if not one.option_strings]
        self._open: argparse.Action | None = None
        self._taken = 0

    @property
    def waits(self) -> bool:
        """Whether an option waits for its value."""
        return self._open is not None and not self._taken

    def take(self, word: str) -> None:
        """Go past a word."""
        if self._is_option(word):
            self._take_option(word)
        elif self._open is not None:
            self.flags[self._open.dest] = word
            self._taken += 1
            if self._open.nargs not in {"+", "*"}:
                self._open = None
        elif self._parser.verbs:
            self._enter(self._parser.verbs[word])
        elif self._arguments and self._arguments[0].nargs not in {"+", "*"}:
            self._arguments.pop(0)

    def _is_option(self, word: str) -> bool:
        return word.startswith("-") and word != "-" and not self._only_arguments and not self.waits

    def _take_option(self, word: str) -> None:
        if word == "--":
            self._only_arguments, self._open = True, None
            return
        name, equals, value = word.partition("=")
        option = self._options[name]
        self._given.add(option.dest)
        self._open, self._taken = None, 0
        if option.nargs == 0 or equals:
            self.flags[option.dest] = value
        else:
            self._open = option

    def cursor(self, current: str) -> Cursor:
        """Return where a cursor behind `current` stands."""
        name, equals, value = current.partition("=")
        if self._is_option(current) and equals:
            option = self._options[name]
            return self._value_of(option, Cursor(value, stem=f"{name}="))
        if self._open is not None and (self.waits or not current.startswith("-")):
            return self._value_of(self._open, Cursor(current))
        if current.startswith("-") and not self._only_arguments:
            return Cursor(current, fixed=list(self._free_options()), flags=self.flags)
        if self._parser.verbs:
            verbs = [(name, verb.summary) for name, verb in self._parser.verbs.items()]
            return Cursor(current, fixed=verbs, flags=self.flags)
        if self._arguments:
            return self._value_of(self._arguments[0], Cursor(current))
        return Cursor(current, fixed=list(self._free_options()), flags=self.flags)

    def _value_of(self, action: argparse.Action, cursor: Cursor) -> Cursor:
        cursor.flags, cursor.action, cursor.words = self.flags, action, self._parser.words
        if action.choices is not None:
            cursor.fixed = [(str(choice), "") for choice in action.choices]
        else:
            cursor.kind = kind_of(self._parser.words, action)
            cursor.target = self._parser.get_default("filter_target") or cursor.target
        return cursor

    def _free_options(self) -> Iterator[Word]:
        """Yield the options that may still stand."""
        barred = {
            option.dest
            for _, together in self._parser.alternatives
            if any(option.dest in self._given for option in together)
            for option in together
        }
        for name, option in self._options.items():
            again = isinstance(option, argparse._AppendAction)  # noqa: SLF001 - told nowhere else
            if again or option.dest not in self._given | barred:
                yield name, option.help or ""
