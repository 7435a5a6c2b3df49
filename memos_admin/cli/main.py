"""From arguments to an exit code: finds the noun, runs the command, words what went wrong."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import memos_admin
from memos_admin.backend.environment import ENVIRONMENT
from memos_admin.cli.exits import Exit
from memos_admin.cli.given_keys import refuse_keys
from memos_admin.cli.output import Output, silence
from memos_admin.cli.parser import Entry, Parser, Section, nearest

if TYPE_CHECKING:
    import argparse

    from memos_admin.backend.model import Kind

GROUPS = {
    "looking": {
        "overview": "a project in numbers: how much, how old, what was judged, what is wrong",
        "users": "the users and agents that you look after",
        "conversations": "conversations of a user or agent",
        "messages": "what was said in a conversation",
        "memories": "what was made of it: list, show, history, sources",
        "evidence": "what stands behind memories, and what of them deserves a look",
        "verdicts": "what operators say of memories: give, list, queue, figures, agreement, send",
        "hygiene": "what deserves cleaning: near-duplicates, contradictions, sensitive topics",
        "search": "find a text in messages and memories",
        "sql": "ask the store in SQL, read-only, over documented views",
        "recall": "why a memory is recalled for a question, or not: ask, check",
        "changes": "what syncs found added, changed, gone and back",
        "completeness": "how complete what is stored is: list, show, gaps",
        "timeline": "day by day: how many memories, and what changed",
    },
    "fetching": {
        "sync": "read what the service remembers into the local store",
        "watch": "sync again and again, and tell each change as it is found",
    },
    "taking along": {
        "export": "write conversations or memories to a file",
        "subject": "answer a person's request: all that is stored of them, as one archive",
    },
    "projects and store": {
        "filters": "filters of memories saved under a name: list, show, save, rename, remove",
        "projects": "connect MemOS projects, choose one, test and remove them",
        "store": "the local store: where it is, check, back up, encrypt it, erase a user in it",
        "journal": "who looked at, exported or changed what: list, verify, export",
        "doctor": "say what works, and what to do about what does not",
    },
    "other": {
        "emulator": "a MemOS Cloud in a box, for trying things out",
        "completion": "the script that completes commands, options and ids in your shell",
    },
}
COMPLETE = "__complete"
"""What the completion scripts call instead of a noun; for them alone."""

NOUNS = {noun: words for nouns in GROUPS.values() for noun, words in nouns.items()}
"""The nouns, each a module or a folder of this package, in the order of the help."""

_ENVIRONMENT = {
    "MEMOS_API_KEY": "the key; makes an unnamed project per address and key",
    "MEMOS_BASE_URL": "the address of the service: https, or http to this machine",
    "MEMOS_IS_GLOBAL": "true: the global service; else the one in China",
    "MEMOS_ADMIN_HOME": "the folder of everything that is kept",
    "MEMOS_ADMIN_STORE_KEY": "what opens an encrypted store: its passphrase or recovery key",
    "MEMOS_ADMIN_BACKUP_KEY": "the same of a backup from when the store had another one",
    "MEMOS_ADMIN_ALLOW_WRITES": "true: changes in MemOS are allowed in an unnamed project or the demo",
    "MEMOS_ADMIN_REASON": "why you do this, for the journal, where --reason does not say it",
    "MEMOS_ADMIN_TICKET": "the ticket that this is for, where --ticket does not say it",
    "NO_COLOR": "no colours",
}
_EXIT_CODES = {
    "0": "done",
    "1": "the service or the store said no",
    "2": "wrong usage",
    "3": "no key, or a refused one",
    "4": "done in part, or nobody knows whether it was; what is missing is told",
    "130": "interrupted; what was finished stays",
}
_WITH_VALUE = {"--project", "--reason", "--ticket"}
"""Global options behind which stands a value."""

OBJECTS = 50_000
"""How many more objects there are before one looks for garbage among them. What a list imports makes
fewer; Python by itself would look a hundred times, and find none."""

_NOTES = "stdout is data, stderr is narration. Times are UTC."


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    Args:
        argv: the arguments after the program's name; those of the process where None.
    """
    out = Output()
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv), out)
        out.data.flush()
    except BrokenPipeError:
        # The reader has what it wanted (`| head`). Nothing may be written when Python ends either.
        silence(out.data)
        return Exit.DONE
    return int(code)


def _run(argv: list[str], out: Output) -> Exit:
    verbose = False
    if argv[:1] == [COMPLETE]:
        from memos_admin.cli.completion.candidates import answer

        return answer(argv[1:], out)
    try:
        before, noun, after = split(argv)
        parser = noun_parser(noun) if noun in NOUNS else None
        refuse_keys(argv, _names(parser, noun, after), ENVIRONMENT)
        parsed = global_parser().parse_args(before)
        verbose = parsed.verbose
        if parsed.version:
            out.line(f"memos-admin {memos_admin.__version__}")
            return Exit.DONE
        from memos_admin.cli.context import Context, Options

        options = Options(
            project=parsed.project,
            verbose=parsed.verbose,
            demo=parsed.demo,
            reason=parsed.reason,
            ticket=parsed.ticket,
            mask=parsed.mask,
        )
        args = None
        if noun is not None:
            gc.set_threshold(OBJECTS)
            args = (parser or noun_parser(noun)).parse_args(after)
        with Context(out, options, ENVIRONMENT) as context:
            if args is None:
                from memos_admin.cli.interface import start

                return start(context)
            context.begin("cli", seals=getattr(args, "seals", False))
            context.prepare(needs_data=getattr(args, "needs_data", False), whom=_whom(args))
            if getattr(args, "saved", None) is not None:
                from memos_admin.cli.filters import take_saved

                take_saved(context, args)
            return Exit(args.run(context, args))
    except SystemExit as ended:
        # --help of argparse, and a signal that asked us to end.
        return Exit(ended.code) if ended.code in tuple(Exit) else _other(ended)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place that tells a person
        from memos_admin.cli import errors

        return errors.tell(error, out, verbose=verbose)


def _whom(args: argparse.Namespace) -> dict[Kind, list[str]]:
    """Return the users and agents whom ``--user`` and ``--agent`` name."""
    kinds: tuple[Kind, ...] = ("user", "agent")
    said = {kind: getattr(args, kind, None) for kind in kinds}  # ``--agent`` may be a flag as well
    return {
        kind: [ids] if isinstance(ids, str) else ids
        for kind, ids in said.items()
        if isinstance(ids, str | list)
    }


def _names(parser: Parser | None, noun: str | None, after: Sequence[str]) -> list[str]:
    """Return the noun and the verb, where the noun is one of ours."""
    if parser is None or noun is None:
        return []
    return [noun, after[0]] if after and after[0] in parser.verbs else [noun]


def split(argv: Sequence[str]) -> tuple[list[str], str | None, list[str]]:
    """Return the global options, the noun (None where there is none) and what stands after it."""
    at = 0
    while at < len(argv) and argv[at].startswith("-"):
        at += 2 if argv[at] in _WITH_VALUE else 1
    return list(argv[:at]), argv[at] if at < len(argv) else None, list(argv[at + 1 :])


def global_parser() -> Parser:
    """Return the parser of what stands before the noun."""
    nouns = [Section(title, _entries(nouns)) for title, nouns in GROUPS.items()]
    parser = Parser(
        prog="memos-admin",
        usage="[--project NAME] [--reason TEXT] [--ticket ID] [--verbose] [--mask] [--no-mask] [--demo] "
        "[--version] "
        "[NOUN COMMAND …]",
        description="Look into what a MemOS Cloud project remembers, and why. "
        "Without a noun it opens the terminal interface.\n\n"
        "memos-admin NOUN --help and memos-admin NOUN COMMAND --help tell more.",
        sections=nouns,
        late_sections=[
            Section("environment", _entries(_ENVIRONMENT)),
            Section("exit codes", _entries(_EXIT_CODES)),
        ],
        notes=_NOTES,
    )
    parser.add_argument("--project", metavar="NAME", help="this project instead of the used one")
    parser.add_argument("--reason", metavar="TEXT", help="why you do this; kept in the journal")
    parser.add_argument("--ticket", metavar="ID", help="which ticket it is for; kept there too")
    parser.add_argument("--verbose", action="store_true", help="tell every request on stderr")
    parser.add_argument(
        "--demo", action="store_true", help="an embedded demo project: no key, no network"
    )
    parser.add_argument(
        "--mask",
        action="store_const",
        const=True,
        help="mask what is personal or secret in what is shown, JSON and pipes too",
    )
    parser.add_argument(
        "--no-mask",
        dest="mask",
        action="store_const",
        const=False,
        help="show it on a terminal though the configuration masks it; journaled",
    )
    parser.add_argument("--version", action="store_true", help="tell the version and end")
    return parser


def noun_parser(noun: str) -> Parser:
    """Return the parser of what stands after a noun. Imports the noun's module only.

    Raises:
        Usage: there is no such noun.
    """
    if noun not in NOUNS:
        there_are = f"; there are {', '.join(NOUNS)}"
        global_parser().error(f"{noun!r} is no noun{nearest(noun, NOUNS, there_are)}")
    module = importlib.import_module(f"memos_admin.cli.{noun}")
    parser = Parser(
        prog=f"memos-admin {noun}",
        description=module.__doc__,
        late_sections=[
            Section(title, _entries(words))
            for title, words in getattr(module, "SECTIONS", {}).items()
        ],
        notes=getattr(module, "NOTES", ""),
    )
    module.add_commands(parser)
    return parser


def _entries(words: Mapping[str, str]) -> tuple[Entry, ...]:
    return tuple(Entry(term, text) for term, text in words.items())


def _other(ended: SystemExit) -> Exit:
    if ended.code is None:
        return Exit.DONE
    raise ended
