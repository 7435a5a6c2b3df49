"""Arguments that several commands share, and the parser that words its complaints our way."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from memos_admin.cli.exits import Usage

if TYPE_CHECKING:
    from memos_admin.backend.model import SubjectRef

GLOBAL_OPTIONS = ("--project", "--verbose", "--demo", "--version")
"""Options that stand before the noun."""

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

_RELATIVE = re.compile(r"(\d{1,6})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WORDS_OF_VIEWS = {word.lower(): view for view, word in VIEWS.items()}


class Parser(argparse.ArgumentParser):
    """A parser without abbreviations that raises `Usage` instead of ending the program."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Raise `Usage` with the usage line."""
        late = [option for option in GLOBAL_OPTIONS if re.search(rf"{option}(?![\w-])", message)]
        if late and message.startswith("unrecognized arguments"):
            message = f"{late[0]} stands before the noun: memos-admin {late[0]} …"
        raise Usage(f"{message.rstrip('.')}.\n{self.format_usage().rstrip()}")


def commands(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[Any]:
    """Add the place where a noun's verbs go."""
    return parser.add_subparsers(
        dest="verb", metavar="COMMAND", required=True, parser_class=Parser, title="commands"
    )


def add_list_options(parser: argparse.ArgumentParser) -> None:
    """Add what every list takes."""
    add_json(parser)
    parser.add_argument(
        "--limit",
        type=_limit,
        default=DEFAULT_LIMIT,
        metavar="N",
        help=f"at most N rows (default {DEFAULT_LIMIT}, 0 = all)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="write JSON")


def add_yes(parser: argparse.ArgumentParser) -> None:
    """Add ``--yes``."""
    parser.add_argument("--yes", action="store_true", help="do not ask")


def add_subject_options(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """Add ``--user ID`` and ``--agent ID``, of which one may stand."""
    group = parser.add_mutually_exclusive_group(required=required)
    group.add_argument("--user", type=identity, metavar="ID", help="a user, by id")
    group.add_argument("--agent", type=identity, metavar="ID", help="an agent, by id")


def add_memory_filters(parser: argparse.ArgumentParser) -> None:
    """Add what narrows a list or an export of memories."""
    add_subject_options(parser, required=False)
    parser.add_argument(
        "--conversation", metavar="ID", help="memories that name it; '' for those that name none"
    )
    parser.add_argument(
        "--view", type=view, action="append", metavar="V", help=f"one of {', '.join(VIEWS)}"
    )
    parser.add_argument("--tag", action="append", metavar="T", help="memories with this tag")
    parser.add_argument(
        "--status", action="append", metavar="S", help="such as activated, archived"
    )
    parser.add_argument(
        "--since", type=instant, metavar="T", help="updated since: 2025-09-17, an ISO time, 7d, 24h"
    )
    parser.add_argument(
        "--vanished", choices=("yes", "no"), help="only vanished ones, or none of them"
    )


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


def positional_subjects(ids: Sequence[str], agent: bool) -> list[SubjectRef]:
    """Return the users, or agents, with these ids."""
    from memos_admin.backend.model import SubjectRef

    return [SubjectRef("agent" if agent else "user", found) for found in ids]


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


def view(text: str) -> str:
    """Return the service's name of a view, also from our word for it."""
    name = _WORDS_OF_VIEWS.get(text.lower(), text)
    if name not in VIEWS:
        raise argparse.ArgumentTypeError(f"{text!r} is no view; there are {', '.join(VIEWS)}")
    return name


def instant(text: str) -> int:
    """Return UTC milliseconds of a date, an ISO time (UTC where it has no zone), ``7d``, ``24h``."""
    now = datetime.now(UTC)
    try:
        if relative := _RELATIVE.fullmatch(text.strip()):
            moment = now - timedelta(**{_UNITS[relative[2]]: int(relative[1])})
        else:
            moment = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; give 2025-09-17, 2025-09-17T07:58:05Z, 7d or 24h"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of rows; 0 means all")
    return int(text)
