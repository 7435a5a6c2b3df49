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

SECTIONS = {
    "faults": FAULTS,
    "what a fault takes (NAME:key=value,key=value …)": {
        "route": "strikes this route only, such as /get/memory",
        "after": "spares the first N matching requests",
        "times": "strikes at most N times",
        "every": "strikes only each N-th matching request",
        "chance": "strikes with probability P, from a fixed seed",
    },
    "routes of its own, without a key": {
        "GET /_emulator/users": "the ids of its users, as JSON",
        "GET /_emulator/requests": "how many requests each route had",
        "POST /_emulator/faults": "other faults from now on",
    },
}


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the options; this noun has no verbs."""
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="HOST", help="where to listen (default 127.0.0.1)"
    )
    parser.add_argument("--port", type=_count, default=0, metavar="N", help="0 = a free one")
    data = parser.add_argument_group("data")
    data.add_argument("--users", type=_count, metavar="N", help="how many (default 10)")
    data.add_argument("--conversations", type=_count, metavar="N", help="per user (default 5)")
    data.add_argument("--messages", type=_count, metavar="N", help="per conversation (default 20)")
    data.add_argument("--memories", type=_count, metavar="N", help="per user (default 50)")
    data.add_argument("--seed", type=_count, metavar="N", help="equal seeds give equal data")
    bad = parser.add_argument_group("bad weather")
    bad.add_argument(
        "--latency-ms",
        type=float,
        default=0.0,
        metavar="N",
        help="every answer comes so much later",
    )
    bad.add_argument(
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
