"""The demo in a store of its own, for a test or a table."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from memos_admin.backend.model import Reads
from memos_admin.cli.demo import Demo


@contextmanager
def lived() -> Iterator[Demo]:
    """Give the demo, all of it synced into its store."""
    with Demo() as demo:
        workspace = demo.workspace()

        async def fill() -> None:
            await demo.fill_roster()
            await demo.sync(workspace)
            await workspace.close()

        asyncio.run(fill())
        yield demo


@contextmanager
def filled() -> Iterator[Reads]:
    """Give a connection to a store that all of the demo was synced into."""
    with lived() as demo, Reads(demo.workspace().store_path) as reads:
        yield reads
