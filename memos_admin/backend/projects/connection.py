"""Whether a project's address and key work, asked of the service itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from memos_admin.backend.errors import NotFound
from memos_admin.backend.workspace import Workspace

_NOBODY = "memos-admin-connection-test"
"""A user that hardly exists: one page of its memories is asked for."""


async def try_connection(workspace: Workspace) -> float:
    """Return the milliseconds to an answer of a service that accepts the key.

    The key is remembered then as one of the project's. Waits and repetitions count.

    Raises:
        Refused: the service does not accept the key.
        CloudError: it did not answer as it should.
        CredentialsError: there is no key to try.
    """
    remote = await workspace.remote()
    clock = asyncio.get_running_loop().time
    started = clock()
    # "Not found" is an answer all the same: the service knows the key and not the user.
    with suppress(NotFound):
        await remote.get_memories("user", _NOBODY)
    milliseconds = (clock() - started) * 1000
    await workspace.key_was_accepted()
    return milliseconds
