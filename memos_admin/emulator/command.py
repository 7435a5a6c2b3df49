"""The command ``memos-admin emulator``, without its command line."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Iterable

from memos_admin.emulator.records import Data
from memos_admin.emulator.server import Emulator


def chosen_data(
    users: int | None,
    conversations: int | None,
    messages: int | None,
    memories: int | None,
    seed: int | None,
) -> Data:
    """Return generated data if any of the numbers is given, else the demo.

    What is not given is 10 users, 5 conversations a user, 20 messages a conversation, 50 memories
    a user, seed 0.
    """
    from memos_admin.emulator.demo import demo_data
    from memos_admin.emulator.generate import generated_data

    def given(value: int | None, default: int) -> int:
        return default if value is None else value

    if users is conversations is messages is memories is seed is None:
        return demo_data()
    return generated_data(
        given(users, 10),
        given(conversations, 5),
        given(messages, 20),
        given(memories, 50),
        given(seed, 0),
    )


def run(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    users: int | None = None,
    conversations: int | None = None,
    messages: int | None = None,
    memories: int | None = None,
    seed: int | None = None,
    latency_ms: float = 0,
    faults: Iterable[str] = (),
    api_key: str | None = None,
) -> int:
    """Serve until SIGINT or SIGTERM; return the exit code.

    Prints one line of JSON with ``base_url`` and ``api_key`` on stdout when ready. 0: stopped by a
    signal; 1: the address cannot be had; 2: a number or a fault SPEC cannot be understood.
    """
    try:
        data = chosen_data(users, conversations, messages, memories, seed)
        emulator = Emulator(
            data, host=host, port=port, latency_ms=latency_ms, faults=faults, api_key=api_key
        )
    except ValueError as error:  # BadFault is one
        print(f"memos-admin: {error}", file=sys.stderr)
        return 2
    try:
        asyncio.run(serve(emulator))
    except (OSError, OverflowError) as error:
        print(f"memos-admin: cannot listen on {host}:{port}: {error}", file=sys.stderr)
        return 1
    return 0


async def serve(emulator: Emulator) -> None:
    """Serve until SIGINT or SIGTERM, after printing the line that says that it is ready."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with emulator:
        ready = {"base_url": emulator.base_url, "api_key": emulator.api_key}
        print(json.dumps(ready), flush=True)
        await stopping.wait()
