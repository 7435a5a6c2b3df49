"""Connecting a project: what the first run does with a name, an address and a key."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass

from memos_admin.backend.home import Home
from memos_admin.backend.workspace import Workspace

REGIONS = (("cn", "China: memos.memtensor.cn"), ("global", "Global: api.memt.ai"))
"""The regions with the words for them."""


@dataclass(frozen=True)
class Connected:
    """A new project, opened; `warning` says why its key is for this run only, ``""`` if it is kept."""

    workspace: Workspace
    warning: str


def connect(home: Home, name: str, address: str, key_text: str) -> Connected:
    """Add a project, try and keep its key, and return its workspace. Blocks for seconds.

    Args:
        home: where projects live.
        name: for people.
        address: a region of `REGIONS`, or a base URL.
        key_text: the key as typed.

    Raises:
        ProjectError, CredentialsError, BadAddress: with a text for a person; nothing is kept then.
        Refused: the service does not accept the key; nothing is kept.
    """
    from memos_admin.backend.connection import try_connection
    from memos_admin.backend.credentials import (
        FoundKey,
        KeyringError,
        check_key,
        find_key_async,
        store_key,
    )
    from memos_admin.backend.errors import CloudError, Refused
    from memos_admin.backend.projects import REGIONS as ADDRESSES
    from memos_admin.backend.projects import Projects

    key = check_key(key_text, "The form")
    projects = Projects(home)
    base_url = ADDRESSES[address] if address in ("cn", "global") else address
    project = projects.add(name, base_url=base_url)

    async def typed() -> FoundKey:
        return FoundKey(key, "prompt")

    async def attempt() -> str:
        trial = Workspace(project, home, find_key=typed)
        try:
            await try_connection(trial)
        except Refused:
            raise
        except CloudError as error:
            return f"The key could not be tried: {error}"
        finally:
            await trial.close()
        return ""

    try:
        untried = asyncio.run(attempt())
        projects.use(project.title)
        store_key(project, key)
    except KeyringError as error:
        warning = f"{untried} The key is for this run only: {error}".strip()
        return Connected(Workspace(project, home, find_key=typed), warning)
    except BaseException:
        with suppress(Exception):
            projects.remove(project.title)
        raise
    environment = dict(os.environ)
    return Connected(
        Workspace(project, home, find_key=lambda: find_key_async(project, environment)), untried
    )
