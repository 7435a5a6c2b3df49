"""A MemOS Cloud in a box: a real HTTP server for trying things out and for tests.

With --port 0 it takes a free port. When it is ready it prints one line of JSON on stdout with
base_url and api_key. Without data options it serves the demo. Ctrl+C ends it.

It accepts the key in MEMOS_EMULATOR_API_KEY, so that one can be kept between runs; where that is
not set, a random one each time.
"""

from __future__ import annotations

import argparse

from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.emulator.faults import FAULTS

KEY = "MEMOS_EMULATOR_API_KEY"
"""The environment variable with the key to accept: a key is never an argument."""

EPILOG = """\
examples:
  memos-admin emulator --port 8000
  memos-admin emulator --users 100 --messages 30 --seed 7
  memos-admin emulator --latency-ms 60 --fault 429

Its own routes, without a key: GET /_emulator/users, GET /_emulator/requests,
POST /_emulator/faults

faults (SPEC is NAME or NAME:key=value,…; every fault takes route, after, times, every, chance):
""" + "\n".join(f"  {name:<18} {words}" for name, words in FAULTS.items())


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the options; this noun has no verbs."""
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default 127.0.0.1)")
    parser.add_argument("--port", type=_count, default=0, metavar="N", help="0 = a free one")
    parser.add_argument("--users", type=_count, metavar="N")
    parser.add_argument("--conversations", type=_count, metavar="N", help="per user")
    parser.add_argument("--messages", type=_count, metavar="N", help="per conversation")
    parser.add_argument("--memories", type=_count, metavar="N", help="per user")
    parser.add_argument("--seed", type=_count, metavar="N", help="equal seeds give equal data")
    parser.add_argument("--latency-ms", type=float, default=0.0, metavar="N")
    parser.add_argument(
        "--fault", nargs="+", action="extend", default=[], metavar="SPEC", help="break on purpose"
    )
    parser.set_defaults(run=serve)


def serve(context: Context, args: argparse.Namespace) -> Exit:
    """``emulator``."""
    from memos_admin.emulator.command import run

    if context.options.demo:
        raise Usage("--demo starts an emulator of its own; leave it out here.")
    return Exit(
        run(
            host=args.host,
            port=args.port,
            users=args.users,
            conversations=args.conversations,
            messages=args.messages,
            memories=args.memories,
            seed=args.seed,
            latency_ms=args.latency_ms,
            faults=args.fault,
            api_key=_key(context.env.get(KEY, "")),
        )
    )


def _key(text: str) -> str | None:
    """Return the key to accept; None for one of the emulator's own making."""
    key = text.strip()
    if not key:
        return None
    # As every key: it has to go through a header.
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise Usage(f"{KEY} is not a key: give printable ASCII characters without spaces.")
    return key


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 up")
    return int(text)
