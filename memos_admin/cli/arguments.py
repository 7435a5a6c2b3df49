"""Arguments that several commands share, and the parser that words its complaints our way."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar

from memos_admin.cli.exits import Usage

if TYPE_CHECKING:
    from memos_admin.backend.filter_language import FilterError
    from memos_admin.backend.model import Filter, SubjectRef
    from memos_admin.backend.verdicts.verdict_filter import VerdictFilter

T = TypeVar("T")

GLOBAL_OPTIONS = (
    *(
        "--project",
        "--reason",
        "--ticket",
        "--verbose",
        "--mask",
        "--no-mask",
        "--demo",
        "--version",
    ),
)
"""Options that stand before the noun."""

WHOM = "whom"
FILTERS = "filters"
OUTPUT = "output"
ORDER = "order"
"""Titles of groups of options in the help."""

DEFAULT_LIMIT = 100

LONGEST_ID = 100
"""Characters of a user or conversation id (memos-cloud-api, "Addresses and identity")."""

VIEWS = {
    "detail_factual": "Fact",
    "preference": "Preference",
    "tool_memory": "Tool",
    "skill": "Skill",
    "event": "Event",
    "profile": "Profile",
}
"""The service's views and the words for them."""

_TEXTS = frozenset({"--filter", "--text"})
"""Options whose value may well begin with a hyphen."""

_BEFORE_PLACE, _LONGEST_PLACE, _BEHIND_PLACE = 40, 30, 10
"""Characters of a filter that are shown around the place where it is wrong."""

_MOST_DIGITS = 15
"""Of a number of rows; SQLite counts no further than to 19."""

_WORDS_OF_VIEWS = {word.lower(): view for view, word in VIEWS.items()}


class Entry(NamedTuple):
    """A term and what it means."""

    term: str
    text: str


class Section(NamedTuple):
    """A part of a help with a title."""

    title: str
    entries: tuple[Entry, ...]


ORDERS = ("updated", "created", "title", "view", "status", "confidence")
"""What memories can be sorted by."""

_ASCENDING = frozenset({"title", "view", "status"})
"""Orders that begin with the first letters; the others begin with the latest and the highest."""


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
        return [(found.required, found._group_actions) for found in self._mutually_exclusive_groups]  # noqa: SLF001 - as above

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
        if unknown:
            refusing = self
            for word in args or ():
                refusing = refusing.verbs.get(word, refusing)
            refusing.error(refusing._too_much(unknown))  # noqa: SLF001 - of the same class
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

        from memos_admin.backend.evidence.narrowing import OF_MEMORIES_ALONE
        from memos_admin.backend.filter_language.fields import FIELDS, OF_VERDICTS

        if field not in (OF_VERDICTS if self.get_default("of_verdicts") else FIELDS):
            return ""
        if self.get_default("of_messages") and field in OF_MEMORIES_ALONE:
            return f": messages have no {field}"
        said = f'{field}:"{value}"' if " " in value else f"{field}:{value}"
        return f". Did you mean --filter {quote(said) if value else said + '…'}?"

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


class _Verbs(argparse._SubParsersAction):  # type: ignore[type-arg]  # noqa: SLF001 - the way to have verbs
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


def add_list_options(parser: argparse.ArgumentParser) -> None:
    """Add what every list takes."""
    add_json(parser)
    parser.add_argument_group(OUTPUT).add_argument(
        "--limit",
        type=_limit,
        default=DEFAULT_LIMIT,
        metavar="N",
        help=f"at most N rows (default {DEFAULT_LIMIT}, 0 = all)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument_group(OUTPUT).add_argument("--json", action="store_true", help="write JSON")


def add_yes(parser: argparse.ArgumentParser) -> None:
    """Add ``--yes``."""
    parser.add_argument("--yes", action="store_true", help="do not ask")


def add_kind(parser: argparse.ArgumentParser) -> None:
    """Add ``--agent`` beside an ID."""
    parser.add_argument("--agent", action="store_true", help="the id is an agent's, like agent:ID")


def add_subject_options(
    parser: argparse.ArgumentParser, *, required: bool, group: str = WHOM
) -> None:
    """Add ``--user ID`` and ``--agent ID``, of which one may stand."""
    one = parser.add_argument_group(group).add_mutually_exclusive_group(required=required)
    one.add_argument("--user", type=identity, metavar="ID", help="a user, by id")
    one.add_argument("--agent", type=identity, metavar="ID", help="an agent, by id")


def add_memory_filters(
    parser: argparse.ArgumentParser,
    *,
    as_of: str = "as this store knew them then: as --since",
    of_verdicts: bool = False,
) -> None:
    """Add what narrows a list or an export of memories, or of verdicts on them.

    Args:
        parser: of the verb.
        as_of: the help of that option.
        of_verdicts: ``--filter`` and ``--saved`` narrow verdicts.
    """
    add_subject_options(parser, required=False, group=FILTERS)
    if of_verdicts:
        add_filter(parser, "'verdict:wrong changed:no view:fact'", of_verdicts=True)
    else:
        add_filter(parser)
    filters = parser.add_argument_group(FILTERS)
    filters.add_argument(
        "--conversation", metavar="ID", help="memories that name it; '' for those that name none"
    )
    filters.add_argument(
        "--view", type=view, action="append", metavar="V", help=f"one of {', '.join(VIEWS)}"
    )
    filters.add_argument("--tag", action="append", metavar="T", help="memories with this tag")
    filters.add_argument(
        "--status", action="append", metavar="S", help="such as activated, archived"
    )
    filters.add_argument(
        "--since", type=instant, metavar="T", help="updated since: 2025-09-17, an ISO time, 7d, 24h"
    )
    filters.add_argument(
        "--until", type=instant, metavar="T", help="updated before: as --since, which is included"
    )
    filters.add_argument(
        "--text", metavar="TEXT", help="in title, content or a tag, capitals of ASCII aside"
    )
    filters.add_argument(
        "--vanished", choices=("yes", "no"), help="only vanished ones, or none of them"
    )
    filters.add_argument("--as-of", type=past_instant, metavar="T", help=as_of)
    order = parser.add_argument_group(ORDER)
    order.add_argument(
        "--sort",
        choices=ORDERS,
        default=ORDERS[0],
        metavar="FIELD",
        help=f"one of {', '.join(ORDERS)}; default {ORDERS[0]}",
    )
    order.add_argument(
        "--reverse", action="store_true", help="the other way round: oldest first, or Z to A"
    )


def add_filter(
    parser: argparse.ArgumentParser,
    such_as: str = "'view:fact -tag:work tea'",
    *,
    of_verdicts: bool = False,
    of_messages: bool = False,
) -> None:
    """Add ``--filter EXPR``, with an example of what can be said there, and ``--saved NAME``.

    `of_verdicts`: they narrow verdicts; `of_messages`: messages.
    """
    group = parser.add_argument_group(FILTERS)
    group.add_argument("--saved", metavar="NAME", help="a filter saved under this name")
    group.add_argument(
        "--filter",
        type=verdict_expression if of_verdicts else filter_expression,
        metavar="EXPR",
        help=f"all in one, such as {such_as}; docs/filters.md has the rest",
    )
    parser.set_defaults(filter_by="--filter", of_verdicts=of_verdicts, of_messages=of_messages)


def filter_expression(text: str) -> Filter:
    """Return the filter of memories that a text says."""
    from memos_admin.backend.filter_language import parse

    return _pointing(parse, text)


def verdict_expression(text: str) -> VerdictFilter:
    """Return the filter of verdicts that a text says."""
    from memos_admin.backend.filter_language import parse_verdicts

    return _pointing(parse_verdicts, text)


def _pointing(read: Callable[[str], T], text: str) -> T:
    """Return what is read of a filter; where it is none, the error points at the place."""
    from memos_admin.backend.filter_language import FilterError

    try:
        return read(text)
    except FilterError as error:
        raise argparse.ArgumentTypeError(pointed(text, error)) from None


def pointed(text: str, error: FilterError) -> str:
    """Return why a text is no filter, with the part of it around the place and a mark below."""
    from rich.cells import cell_len

    from memos_admin.backend.display import printable

    begin = max(0, error.start - _BEFORE_PLACE)
    before = ("…" if begin else "") + printable(text[begin : error.start])
    place = printable(text[error.start : error.end][:_LONGEST_PLACE])
    behind = printable(text[error.end : error.end + _BEHIND_PLACE])
    marks = " " * cell_len(before) + "^" * max(1, cell_len(place))
    return f"column {error.start + 1}: {error}\n  {before}{place}{behind}\n  {marks}"


def begins_with_the_last(order: str) -> bool:
    """Whether memories in this order begin with the latest or the highest, unless reversed."""
    return order not in _ASCENDING


def subject_of(args: argparse.Namespace) -> SubjectRef | None:
    """Return whom ``--user`` or ``--agent`` names; None where neither stands."""
    from memos_admin.backend.model import SubjectRef

    if args.user is not None:
        return SubjectRef("user", args.user)
    return None if args.agent is None else SubjectRef("agent", args.agent)


def named_subject(args: argparse.Namespace) -> SubjectRef:
    """Return whom ``--user`` or ``--agent`` names; one of them is required."""
    ref = subject_of(args)
    if ref is None:
        raise Usage("Say whom: --user ID or --agent ID.")
    return ref


def identity(text: str) -> str:
    """Return an id of the service that can be one (40010, 40011: at most 100 characters)."""
    text = text.strip()
    if not text:
        raise argparse.ArgumentTypeError("an id is not empty")
    if len(text) > LONGEST_ID:
        raise argparse.ArgumentTypeError(
            f"an id has at most {LONGEST_ID} characters, this one has {len(text)}"
        )
    return text


class Named:
    """Reads one of some names, also from the word that the screen has for it in any language."""

    def __init__(self, names: Sequence[str], words: Callable[[], Mapping[str, str]]) -> None:
        """Take the names, as files and JSON have them, and what returns the words of each.

        The words are asked for only where something is no name.
        """
        self._names, self._words = names, words

    def __call__(self, text: str) -> str:
        """Return the name that a text means; one that means none as it is."""
        if text in self._names:
            return text
        from memos_admin.backend.spoken import meant

        return meant(text, self._words()) or text

    def told(self) -> str:
        """Return the names, each with the word of the screen where that is another one."""
        words = self._words()
        said = ((name, words.get(name, name)) for name in self._names)
        return ", ".join(
            name if word == name else f"{name} (on the screen: {word})" for name, word in said
        )


def several(
    names: Sequence[str], words: Callable[[], Mapping[str, str]], what: str
) -> Callable[[str], list[str]]:
    """Return what reads some of `names` with commas between them; as `Named` otherwise.

    Args:
        names: as files and JSON have them.
        words: returns the words of each; called only for what is no name.
        what: a name is called in an error.
    """
    read = Named(names, words)

    def read_all(text: str) -> list[str]:
        found = [read(one.strip()) for one in text.split(",")]
        for name in found:
            if name not in names:
                raise argparse.ArgumentTypeError(f"{name!r} is no {what}; there are {read.told()}")
        return found

    return read_all


def view(text: str) -> str:
    """Return the service's name of a view, also from our word for it."""
    name = _WORDS_OF_VIEWS.get(text.lower(), text)
    if name not in VIEWS:
        from memos_admin.backend.spoken import meant

        name = meant(text, VIEWS) or name
    if name not in VIEWS:
        raise argparse.ArgumentTypeError(f"{text!r} is no view; there are {', '.join(VIEWS)}")
    return name


def instant(text: str) -> int:
    """Return UTC milliseconds of a date, an ISO time (UTC where it has no zone), ``7d``, ``24h``."""
    from memos_admin.backend.times import named_instant

    try:
        return named_instant(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; give 2025-09-17, 2025-09-17T07:58:05Z, 7d or 24h"
        ) from None


def past_instant(text: str) -> int:
    """Return the same of what is not in the future."""
    from memos_admin.backend.times import now_ms

    found = instant(text)
    if found > now_ms():
        raise argparse.ArgumentTypeError(f"{text!r} is in the future")
    return found


def position(text: str) -> int:
    """Return the number of a message in its conversation, from 1."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text)):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not the number of a message; they begin with 1"
        )
    return int(text)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of rows; 0 means all")
    return int(text)
