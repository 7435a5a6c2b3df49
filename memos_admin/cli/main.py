"""From arguments to an exit code: finds the noun, runs the command, words what went wrong."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

import memos_admin
from memos_admin.cli.arguments import Parser
from memos_admin.cli.exits import Exit
from memos_admin.cli.output import Output

NOUNS = {
    "projects": "connect MemOS projects, choose one, test and remove them",
    "users": "the users and agents that you look after",
    "sync": "read what the service remembers into the local store",
    "conversations": "conversations of a user or agent",
    "messages": "what was said in a conversation",
    "memories": "what was made of it: list, show, history, sources",
    "search": "find a text in messages and memories",
    "export": "write conversations or memories to a CSV or JSON lines file",
    "store": "the local store: where it is, check it, back it up",
    "emulator": "a MemOS Cloud in a box, for trying things out",
    "doctor": "say what works, and what to do about what does not",
}
"""The nouns, each a module of this package, in the order of the help."""

_EPILOG = """\
examples:
  memos-admin --demo                                 look around without a key
  memos-admin projects add acme-prod                 connect a project; asks for its key
  memos-admin users add memos_user_123               somebody to look after
  memos-admin sync                                   read what changed
  memos-admin messages list --user memos_user_123 --conversation 0610
  memos-admin export user memos_user_123 --output answers.csv

environment: MEMOS_API_KEY, MEMOS_BASE_URL, MEMOS_IS_GLOBAL, MEMOS_ADMIN_HOME, NO_COLOR
exit codes:  0 done, 1 the service or the store said no, 2 wrong usage, 3 no or refused
             credentials, 4 done in part, 130 interrupted
stdout is data, stderr is narration. Times are UTC."""


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
        _silence(out)
        return Exit.DONE
    return int(code)


def _run(argv: list[str], out: Output) -> Exit:
    verbose = False
    try:
        before, noun, after = split(argv)
        parsed = _global_parser().parse_args(before)
        verbose = parsed.verbose
        if parsed.version:
            out.line(f"memos-admin {memos_admin.__version__}")
            return Exit.DONE
        from memos_admin.cli.context import Context, Options

        options = Options(project=parsed.project, verbose=parsed.verbose, demo=parsed.demo)
        args = None if noun is None else _noun_parser(noun).parse_args(after)
        with Context(out, options, os.environ) as context:
            if args is None:
                from memos_admin.cli.interface import start

                return start(context)
            context.prepare(needs_data=getattr(args, "needs_data", False))
            return Exit(args.run(context, args))
    except SystemExit as ended:
        # --help of argparse, and a signal that asked us to end.
        return Exit(ended.code) if ended.code in tuple(Exit) else _other(ended)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place that tells a person
        from memos_admin.cli import errors

        return errors.tell(error, out, verbose=verbose)


def split(argv: Sequence[str]) -> tuple[list[str], str | None, list[str]]:
    """Return the global options, the noun (None where there is none) and what stands after it."""
    at = 0
    while at < len(argv) and argv[at].startswith("-"):
        at += 2 if argv[at] == "--project" else 1
    return list(argv[:at]), argv[at] if at < len(argv) else None, list(argv[at + 1 :])


def _global_parser() -> argparse.ArgumentParser:
    width = max(map(len, NOUNS))
    nouns = "\n".join(f"  {noun:<{width}}  {words}" for noun, words in NOUNS.items())
    parser = Parser(
        prog="memos-admin",
        usage="memos-admin [--project NAME] [--verbose] [--demo] [--version] [NOUN COMMAND …]",
        description="Look into what a MemOS Cloud project remembers, and why.\n"
        "Without a noun it opens the terminal interface.",
        epilog=f"nouns (memos-admin NOUN --help tells more):\n{nouns}\n\n{_EPILOG}",
    )
    parser.add_argument("--project", metavar="NAME", help="this project instead of the used one")
    parser.add_argument("--verbose", action="store_true", help="tell every request on stderr")
    parser.add_argument(
        "--demo", action="store_true", help="an embedded demo project: no key, no network"
    )
    parser.add_argument("--version", action="store_true", help="tell the version and end")
    return parser


def _noun_parser(noun: str) -> argparse.ArgumentParser:
    if noun not in NOUNS:
        _global_parser().error(f"{noun!r} is no noun; there are {', '.join(NOUNS)}")
    module = importlib.import_module(f"memos_admin.cli.{noun}")
    parser = Parser(
        prog=f"memos-admin {noun}",
        description=module.__doc__,
        epilog=getattr(module, "EPILOG", None),
    )
    module.add_commands(parser)
    return parser


def _other(ended: SystemExit) -> Exit:
    if ended.code is None:
        return Exit.DONE
    raise ended


def _silence(out: Output) -> None:
    try:
        descriptor = out.data.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
