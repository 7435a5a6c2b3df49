"""Reads a memory back until the service shows what was asked for, or a bounded time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from memos_admin.backend.changing.outcome import Read
from memos_admin.backend.changing.plan import Step
from memos_admin.backend.changing.said import Said, ask
from memos_admin.backend.sync.memories import MOST_PAGES, is_last
from memos_admin.cloud.errors import CloudError
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.remote import Remote

Wait = Callable[[float], Awaitable[object]]

_ENDED = ("completed", "failed")
"""States of a task of which no other follows."""

PAUSES: Sequence[float] = (0.2, 0.5, 1.0, 2.0, 3.0, 3.0)
"""Seconds between the readings: after 10 s a change is not verified yet."""


async def read_back(remote: Remote, step: Step, wait: Wait = asyncio.sleep) -> Read:
    """Return what the service shows of a step.

    Args:
        remote: the service.
        step: what was sent.
        wait: waits between readings.
    """
    last = await _read(remote, step)
    for pause in PAUSES:
        if last.verdict == "verified" or last.problem:
            break
        await wait(pause)
        last = await _read(remote, step)
    return last


async def read_task(
    remote: Remote, step: Step, tasks: Sequence[str], wait: Wait = asyncio.sleep
) -> Read:
    """Return whether the service has worked words in, and what the memory says then.

    Args:
        remote: the service.
        step: what was sent.
        tasks: the id of its task, where the service told one.
        wait: waits between readings.
    """
    if not tasks:
        return Read("unread", None, _("MemOS named no task that could be asked for."))
    try:
        task = await remote.get_status(tasks[0])
        for pause in PAUSES:
            if task.status in _ENDED:
                break
            await wait(pause)
            task = await remote.get_status(tasks[0])
        if task.status == "failed":
            return Read("unread", None, _("MemOS said that its task failed."))
        now = await ask(remote, step.memory_id)
    except CloudError as error:
        return Read("unread", None, str(error))
    return Read("verified" if task.status == "completed" else "pending", now)


async def _read(remote: Remote, step: Step) -> Read:
    try:
        now = await ask(remote, step.memory_id)
        if step.is_shown_by(now) or await _is_listed_so(remote, step, now):
            return Read("verified", now)
    except CloudError as error:
        return Read("unread", None, str(error))
    return Read("pending" if step.is_as_before(now) else "contradicts", now)


async def _is_listed_so(remote: Remote, step: Step, now: Said | None) -> bool:
    """Whether a listing shows what an answer without a status cannot: in it, or not any more."""
    if now is None or now.status is not None or now.ref is None or "status" not in step.fields:
        return False
    for page in range(1, MOST_PAGES + 1):
        answer = await remote.get_memories(now.ref.kind, now.ref.external_id, page=page)
        if any(memory.memory_id == step.memory_id for memory in answer.memories):
            return step.act == "restore"
        if answer.skipped or not answer.memories or is_last(answer):
            return step.act == "archive" and not answer.skipped
    return False
