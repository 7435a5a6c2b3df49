"""What could stand at the cursor: nouns, verbs, options, their choices, ids of the local store.

The scripts in ``shells/`` ask with ``memos-admin __complete SHELL …`` and read lines: ``words`` or
``files``, then a word a line, with a tab and a few words about it where there are some. The shells
quote the words themselves; only bash is given them quoted. Whatever goes wrong, there is nothing to
complete: a person who presses a key wants no error.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memos_admin.backend.view_words import VIEWS
from memos_admin.cli import main as program
from memos_admin.cli.exits import Exit
from memos_admin.cli.output import Output
from memos_admin.cli.parser import Parser
from memos_admin.cli.typed import Typed, quoted_for_bash, read_bash, read_fish

if TYPE_CHECKING:
    from memos_admin.backend.filter_language import FilterTarget
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.names import Name

(
    FILE,
    PROJECT,
    SUBJECT,
    USER,
    AGENT,
    CONVERSATION,
    MEMORY,
    TAG,
    STATUS,
    VIEW,
    FAULT,
    FILTER,
    SAVED,
    VERDICT,
) = range(14)
"""Kinds of what can be named. `SUBJECT` is a user, or an agent where ``--agent`` says so."""

BY_OPTION = {
    "against": FILE,
    "agent": AGENT,
    "conversation": CONVERSATION,
    "edits": FILE,
    "export": FILE,
    "fault": FAULT,
    "file": FILE,
    "junit": FILE,
    "filter": FILTER,
    "memory": MEMORY,
    "output": FILE,
    "previous": FILE,
    "project": PROJECT,
    "saved": SAVED,
    "status": STATUS,
    "tag": TAG,
    "user": USER,
    "verdict": VERDICT,
    "view": VIEW,
}
"""What an option names, by its name without dashes."""

BY_ARGUMENT = {
    ("conversations", "remove", "id"): CONVERSATION,
    ("export", "user", "id"): SUBJECT,
    ("filters", "remove", "name"): SAVED,
    ("filters", "rename", "name"): SAVED,
    ("filters", "save", "expression"): FILTER,
    ("filters", "show", "name"): SAVED,
    ("memories", "archive", "ids"): MEMORY,
    ("memories", "delete", "ids"): MEMORY,
    ("memories", "edit", "id"): MEMORY,
    ("memories", "history", "id"): MEMORY,
    ("memories", "restore", "ids"): MEMORY,
    ("memories", "show", "id"): MEMORY,
    ("memories", "sources", "id"): MEMORY,
    ("projects", "allow-writes", "name"): PROJECT,
    ("verdicts", "give", "id"): MEMORY,
    ("verdicts", "withdraw", "id"): MEMORY,
    ("projects", "remove", "name"): PROJECT,
    ("projects", "rename", "name"): PROJECT,
    ("projects", "set-key", "name"): PROJECT,
    ("projects", "test", "name"): PROJECT,
    ("projects", "use", "name"): PROJECT,
    ("recall", "check", "file"): FILE,
    ("store", "backup", "file"): FILE,
    ("store", "restore", "file"): FILE,
    ("subject", "erase", "id"): SUBJECT,
    ("subject", "export", "id"): SUBJECT,
    ("subject", "verify", "file"): FILE,
    ("users", "delete", "id"): SUBJECT,
    ("users", "import", "file"): FILE,
    ("users", "remove", "id"): SUBJECT,
    ("users", "show", "id"): SUBJECT,
}
"""What an argument names, by noun, verb and the argument's name."""

_STORED = {SUBJECT, USER, AGENT, CONVERSATION, MEMORY, TAG, FILTER, SAVED}
"""Kinds of what is kept of people, or written by them."""

STATUSES = ("activated", "resolving", "archived", "deleted")

_LONGEST_WORDS = 60
"""Cells of what is said about a word."""

Word = tuple[str, str]
"""Something to complete to, and a few words about it."""


def answer(arguments: Sequence[str], out: Output) -> Exit:
    """Write what could stand at the cursor; nothing where something is wrong."""
    try:
        lines = list(_lines(*arguments))
    except (Exception, SystemExit):  # noqa: BLE001 - a shell that completes has no use for an error
        return Exit.DONE
    for line in lines:
        out.data.write(line + "\n")
    return Exit.DONE


def _lines(shell: str, *given: str) -> Iterator[str]:
    """Yield the answer to ``bash LINE WORDBREAKS``, ``zsh WORD… CURRENT``, ``fish WORD… CURRENT``."""
    if shell == "bash":
        typed = read_bash(*given)
    elif shell == "fish":
        typed = read_fish(given[:-1], given[-1])
    else:
        typed = Typed(given[:-1], given[-1])
    cursor = cursor_of(typed)
    if cursor.kind == FILE:
        yield "files"
        return
    yield "words"
    for word, about in safe(_shown(cursor)):
        if shell == "bash":
            yield quoted_for_bash(cursor.stem + word, typed)
        else:
            yield f"{cursor.stem}{word}\t{about}" if about else f"{cursor.stem}{word}"


def _shown(cursor: Cursor) -> Iterator[Word]:
    """Yield what could stand there without what a masked terminal would not show."""
    from memos_admin.backend import config
    from memos_admin.backend.home import Home
    from memos_admin.backend.privacy import privacy

    words = cursor.candidates()
    if cursor.kind not in _STORED:
        yield from words
        return
    home = Home.from_environment(os.environ)
    chosen = privacy(config.read(home))
    if not (chosen.mask or "mask" in cursor.flags):
        yield from words
        return
    from memos_admin.backend.masking.pseudonyms import key_or_passing
    from memos_admin.backend.masking.veil import Veil

    veil = Veil(key_or_passing(home), names=chosen.pseudonyms)
    for word, about in words:
        is_id = cursor.kind in {SUBJECT, USER, AGENT}
        if (veil.name_of_id(word) if is_id else veil.covered(word).text) == word:
            yield word, veil.covered(about).text


def safe(words: Iterable[Word]) -> Iterator[Word]:
    """Yield the words that a terminal and a shell may be sent, with safe words about them."""
    from memos_admin.backend.display import one_line, printable

    for word, about in words:
        if word == printable(word):
            yield word, one_line(about, _LONGEST_WORDS)


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
    """

    begin: str
    stem: str = ""
    kind: int | None = None
    fixed: list[Word] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    target: FilterTarget = "saved"

    def candidates(self) -> Iterator[Word]:
        """Yield what could stand there."""
        found = self.fixed if self.kind is None else self._named()
        for word, about in found:
            # argparse takes a word with a dash for an option, unless it stands behind a `=`.
            if word.startswith(self.begin) and (
                self.kind is None or self.stem or not word.startswith("-")
            ):
                yield word, about

    def _named(self) -> list[Word]:
        if self.kind == VIEW:
            return list(VIEWS.items())
        if self.kind == STATUS:
            return [(status, "") for status in STATUSES]
        if self.kind == VERDICT:
            from memos_admin.backend.verdicts.kinds import VERDICTS

            before = self.begin[: self.begin.rfind(",") + 1]
            return [(before + name, "") for name in VERDICTS]
        if self.kind == FILTER:
            return self._filters()
        if self.kind == FAULT:
            from memos_admin.emulator.faults import FAULTS

            return list(FAULTS.items())
        # The demo's store does not exist yet.
        return [] if "demo" in self.flags else [(name.text, name.about) for name in self._stored()]

    def _filters(self) -> list[Word]:
        """Return what the filter that is typed could become."""
        from memos_admin.backend.filter_language import OF_STORE, completion
        from memos_admin.backend.names import names_of, values
        from memos_admin.cli.values import fields_of

        fields = fields_of(self.target)
        found = completion(self.begin, fields)
        if found is None:
            return []
        stored: list[str] = []
        if found.field in OF_STORE and "demo" not in self.flags:
            names = names_of(self.flags.get("project"), os.environ)
            stored = [one.text for one in values(names, self._whose(), found.field, found.begin)]
        if not self.begin:
            return [(f"{name}:", about) for name, about in fields.items()]
        lines = [*found.lines(stored)]
        if len(lines) == 1 and lines[0].endswith(":"):
            # A shell ends a word that is the only one: what could stand behind the colon goes with it.
            behind = completion(lines[0], fields)
            lines += [] if behind is None else behind.lines()
        return [(line, "") for line in lines]

    def _stored(self) -> list[Name]:
        from memos_admin.backend.names import filter_names, names_of, project_names

        if self.kind == PROJECT:
            return project_names(os.environ)
        if self.kind == SAVED:
            return filter_names(self.flags.get("project"), os.environ)
        names = names_of(self.flags.get("project"), os.environ)
        if self.kind == MEMORY:
            return names.memories(self.begin)
        if self.kind == CONVERSATION:
            return names.conversations(self._whose(), self.begin)
        if self.kind == TAG:
            return names.tags(self._whose(), self.begin)
        agent = self.kind == AGENT or (self.kind == SUBJECT and "agent" in self.flags)
        return names.subjects("agent" if agent else "user", self.begin)

    def _whose(self) -> SubjectRef | None:
        from memos_admin.backend.model import SubjectRef

        if "user" in self.flags:
            return SubjectRef("user", self.flags["user"])
        return SubjectRef("agent", self.flags["agent"]) if "agent" in self.flags else None


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
        cursor.flags = self.flags
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


def kind_of(words: tuple[str, ...], action: argparse.Action) -> int | None:
    """Return the kind of what an option or argument of a noun's verb names; None for anything else."""
    if action.option_strings:
        return BY_OPTION.get(action.dest)
    return BY_ARGUMENT.get((*words, action.dest))  # type: ignore[arg-type]  # words of any number; others are just not there
