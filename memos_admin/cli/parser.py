"""The parser of the command line: words its complaints our way, and can be read for help and completion."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, NoReturn

from memos_admin.cli.exits import Usage
from memos_admin.cli.values import Named, refused_by

GLOBAL_OPTIONS = (
    "--project",
    "--reason",
    "--ticket",
    "--verbose",
    "--mask",
    "--no-mask",
    "--demo",
    "--version",
)
"""Options that stand before the noun."""

_TEXTS = frozenset({"--filter", "--text"})
"""Options whose value may well begin with a hyphen."""

_PERIODS = ("", "given_")
"""What is before ``since`` and ``until`` in the names of values that a period lies between."""


class Entry(NamedTuple):
    """A term and what it means."""

    term: str
    text: str


class Section(NamedTuple):
    """A part of a help with a title."""

    title: str
    entries: tuple[Entry, ...]


class Parser(argparse.ArgumentParser):
    """A parser without abbreviations that raises `Usage` instead of ending the program.

    What it takes can be read from it: help, manual, completion and their tests are made of that.
    Its help is laid out by `memos_admin.cli.manual`.

    Attributes:
        sections: stand before its own options in the help.
        late_sections: stand behind them.
        notes: stand at the end of the help.
        summary: of a verb, a few words for the list of verbs.
    """

    def __init__(
        self,
        *,
        sections: Sequence[Section] = (),
        late_sections: Sequence[Section] = (),
        notes: str = "",
        summary: str = "",
        **options: Any,
    ) -> None:
        super().__init__(allow_abbrev=False, add_help=False, formatter_class=_formatter, **options)
        self.sections = tuple(sections)
        self.late_sections = tuple(late_sections)
        self.notes = notes
        self.summary = summary
        self.add_argument("-h", "--help", action="help", help="show this help")

    def add_argument_group(self, *args: Any, **options: Any) -> argparse._ArgumentGroup:
        """Return the group with this title, made at the first call."""
        title = args[0] if args else options.get("title")
        for group in self._action_groups:
            if group.title == title:
                return group
        return super().add_argument_group(*args, **options)

    @property
    def words(self) -> tuple[str, ...]:
        """The noun and the verb that lead here."""
        return tuple(self.prog.split()[1:])

    @property
    def actions(self) -> list[argparse.Action]:
        """What it takes, verbs aside."""
        return [found for found in self._actions if not isinstance(found, _Verbs)]

    @property
    def verbs(self) -> dict[str, Parser]:
        """The parsers of the verbs by name."""
        return {
            name: parser
            for found in self._actions
            if isinstance(found, _Verbs)
            for name, parser in found.choices.items()
        }

    @property
    def groups(self) -> list[tuple[str, list[argparse.Action]]]:
        """The titles of the groups, in order, with what stands in them; ``--help`` last."""
        named = [
            (group.title or "", [found for found in group._group_actions if found in self.actions])  # noqa: SLF001 - argparse tells it nowhere else
            for group in self._action_groups
        ]
        (_, arguments), (_, (about_itself, *options)), *rest = named
        return [("arguments", arguments), *rest, ("options", [*options, about_itself])]

    @property
    def alternatives(self) -> list[tuple[bool, list[argparse.Action]]]:
        """Sets of options of which one may stand, with whether one must."""
        return [(found.required, found._group_actions) for found in self._mutually_exclusive_groups]  # noqa: SLF001 - argparse tells it nowhere else

    def format_usage(self) -> str:
        """Return the usage, wrapped to the terminal."""
        from memos_admin.cli import manual

        return manual.usage_text(manual.page_of(self), manual.terminal_width())

    def format_help(self) -> str:
        """Return the help, wrapped to the terminal."""
        from memos_admin.cli import manual

        return manual.help_text(manual.page_of(self), manual.terminal_width())

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return what is parsed; what is too much is refused by the verb that it stands behind."""
        args = None if args is None else _with_texts(args)
        found, unknown = self.parse_known_args(args, namespace)
        verb = self
        for word in args or ():
            verb = verb.verbs.get(word, verb)
        if unknown:
            verb.error(verb._too_much(unknown))  # noqa: SLF001 - of the same class
        for of in _PERIODS:
            begin, end = (getattr(found, f"{of}{name}", None) for name in ("since", "until"))
            if begin is not None and end is not None and end <= begin:
                option = f"--{of.replace('_', '-')}"
                verb.error(
                    f"{option}until is not behind {option}since: there is nothing between them"
                )
        return found

    @property
    def _who(self) -> str:
        return " ".join(self.words) or self.prog

    def _too_much(self, words: Sequence[str]) -> str:
        """Return what is wrong with arguments of which nobody takes the first."""
        word, *behind = words
        name, joined, value = word.partition("=")
        if not joined and behind and not behind[0].startswith("-"):
            value = behind[0]
        if name in GLOBAL_OPTIONS:
            return f"{name} stands before the noun: memos-admin {name} …"
        if not word.startswith("-"):
            return f"{word!r} is one argument too many"
        return f"{self._who} has no option {name}{self._instead(name, value)}"

    def _instead(self, name: str, value: str) -> str:
        """Return what is meant perhaps by an option that there is not, with its value; ``""``: nothing is near."""
        for found in self.actions:
            if value and found.option_strings and value in (found.choices or ()):
                return f". Did you mean {found.option_strings[-1]} {value}?"
        if said := self._in_a_filter(name.removeprefix("--"), value):
            return said
        options = [option for found in self._actions for option in found.option_strings]
        return nearest(name, options)

    def _in_a_filter(self, field: str, value: str) -> str:
        """Return how ``--filter`` says what an option was meant to, or that nothing can; ``""``: not known."""
        if self.get_default("filter_by") is None:
            return ""
        from shlex import quote

        from memos_admin.backend.filter_language import known

        target = self.get_default("filter_target")
        why = refused_by(target).get("sort" if field == "reverse" else field)
        if why:
            return f". {why}"
        if field not in known(target):
            return ""
        said = f'{field}:"{value}"' if " " in value else f"{field}:{value}"
        return f". Did you mean --filter {quote(said) if value else said + '…'}?"

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """Take ``--OPTION=--`` for the text ``--``: argparse would make it no value at all."""
        if not action.option_strings or arg_strings != ["--"]:
            return super()._get_values(action, arg_strings)
        value = self._get_value(action, "--")
        self._check_value(action, value)
        return [value] if action.nargs in {"+", "*"} else value

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse a verb or a name that there is not in our words, other values in those of argparse."""
        if isinstance(action, _Verbs) and value not in self.verbs:
            there_are = f"; it has {', '.join(self.verbs)}"
            self.error(
                f"{self._who} has no command {value!r}{nearest(value, self.verbs, there_are)}"
            )
        if isinstance(action.type, Named) and value not in (action.choices or ()):
            what = "/".join(action.option_strings) or action.metavar
            self.error(f"{what} is one of {action.type.told()}; {value!r} is none of them")
        super()._check_value(action, value)

    def error(self, message: str) -> NoReturn:
        """Raise `Usage` with the usage line."""
        if message.endswith("are required: COMMAND"):
            message = f"{self._who} needs a command: {', '.join(self.verbs)}"
        end = "" if message.endswith(("?", "…", "^")) else "."
        raise Usage(f"{message.rstrip('.')}{end}\n{self.format_usage().rstrip()}")


def _with_texts(words: Iterable[str]) -> list[str]:
    """Return words with those that begin with a hyphen joined to an option before them that takes a text.

    argparse would take ``-view:fact`` for an option; ``--filter=-view:fact`` it does not.
    """
    found: list[str] = []
    for word in words:
        hyphen = word.startswith("-") and not word.startswith("--") and word not in {"-", "-h"}
        if hyphen and found and found[-1] in _TEXTS and "--" not in found:
            found[-1] += f"={word}"
        else:
            found.append(word)
    return found


def nearest(word: str, known: Iterable[str], else_: str = "") -> str:
    """Return the question whether one of `known` is meant, `else_` where none is near."""
    from difflib import get_close_matches

    # Without the hyphens, by which all options are alike.
    by_name = {one.lstrip("-"): one for one in known}
    near = get_close_matches(word.lstrip("-"), list(by_name), n=1)
    return f". Did you mean {by_name[near[0]]}?" if near else else_


def _formatter(prog: str) -> argparse.HelpFormatter:
    # argparse makes one for each argument; to measure the terminal it would import shutil.
    return argparse.HelpFormatter(prog, width=80)


class _Verbs(argparse._SubParsersAction):  # type: ignore[type-arg]  # noqa: SLF001 - the way to have verbs; it takes an argument for checkers alone
    """Gives each verb's own help the words that the list of verbs has for it."""

    def add_parser(self, name: str, **options: Any) -> Any:
        words = options.get("help", "")
        sentence = f"{words[:1].upper()}{words[1:]}."
        return super().add_parser(name, description=sentence, summary=words, **options)


def commands(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[Any]:
    """Add the place where a noun's verbs go."""
    return parser.add_subparsers(
        action=_Verbs, dest="verb", metavar="COMMAND", required=True, parser_class=Parser
    )
