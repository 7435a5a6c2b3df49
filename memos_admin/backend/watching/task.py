"""One asynchronous task of the service: followed to its end, then the memories that came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from memos_admin.backend.changing.said import Said, ask
from memos_admin.backend.jump import FoundTask, ask_task
from memos_admin.backend.model import Reads
from memos_admin.backend.watching.calm import Calm

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace

MOST_ASKED = 50
"""Memories of a task that are asked for one by one."""

_INTERVAL = 2.0

Wait = Callable[[float], Awaitable[object]]
Guess = Literal["added", "updated", "gone", "not asked"]


class Came(NamedTuple):
    """A memory that a task names.

    Attributes:
        guess: what the task did to it. MemOS names ids and counts, not which id was added and which
            updated: a memory that is not in the store is taken for added, one that is for updated,
            one that MemOS does not have for gone.
        said: what it says now; None: MemOS has no such memory, or was not asked.
        sure: the counts of MemOS leave nothing to guess.
    """

    view: str
    memory_id: str
    guess: Guess
    said: Said | None
    sure: bool = False


async def follow(
    workspace: Workspace, task_id: str, wait: Wait = asyncio.sleep
) -> AsyncIterator[FoundTask]:
    """Yield a task at first and whenever it says something else, until it has ended.

    Raises:
        NotFound: the service has no such task.
        CredentialsError, CloudError: the service could not be asked.
    """
    calm, last = Calm(_INTERVAL), None
    while True:
        task = await ask_task(workspace, task_id)
        if task != last:
            yield task
        if task.has_ended:
            return
        await wait(calm.after("quiet" if task == last else "changed"))
        last = task


async def came_of(workspace: Workspace, task: FoundTask) -> list[Came]:
    """Return the memories that a task names, `MOST_ASKED` of them as MemOS has them now.

    Raises:
        CredentialsError, CloudError: the service could not be asked.
    """

    def known(reads: Reads) -> frozenset[str]:
        return frozenset(name for _, name in task.memories if reads.memory(name))

    def reading() -> frozenset[str]:
        with workspace.open_reads() as reads:
            return known(reads)

    here = await asyncio.to_thread(reading)
    remote = await workspace.remote()
    counted = task.did
    came: list[Came] = []
    for number, (view, memory_id) in enumerate(task.memories):
        if number >= MOST_ASKED:
            came.append(Came(view, memory_id, counted or "not asked", None, bool(counted)))
            continue
        said = await ask(remote, memory_id)
        guess: Guess = "updated" if memory_id in here else "added"
        if said is None:
            came.append(Came(view, memory_id, "gone", None))
        else:
            came.append(Came(view, memory_id, counted or guess, said, bool(counted)))
    return came
