"""Unlocking an encrypted store behind the first frame, and what is said meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.reader import in_thread
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.tui.session import Session

SILENT_AFTER = 3.0
"""Seconds after which it is told that the keyring does not answer."""


async def unlock(
    session: Session, say: Callable[[str], None], give_key: str, ask: Callable[[], None]
) -> None:
    """Return when the store can be opened; the keyring may wait for a person meanwhile.

    Args:
        session: whose store.
        say: is told what is waited for; nothing where it need not be.
        give_key: how the key is written that asks for the passphrase.
        ask: asks for it where nobody else gives one.

    Raises:
        StoreError, HomeError: it cannot be.
    """
    workspace = session.workspace
    session.locked = await in_thread(lambda: workspace.is_locked)
    if not session.locked:
        return
    say(_("Unlocking the store …"))
    late = asyncio.get_running_loop().call_later(
        SILENT_AFTER,
        say,
        _(
            "Unlocking the store …\n\nThe keyring has not answered; it may wait to be unlocked on "
            "the desktop. {key} takes the passphrase or the recovery key instead."
        ).format(key=give_key),
    )
    from memos_admin.backend.errors import StoreLocked

    background.arrived()  # whoever is asked by the keyring may turn to something else meanwhile
    try:
        await in_thread(workspace.unlock)
        background.goes_on()
    except StoreLocked:
        ask()
        raise
    finally:
        late.cancel()
    session.locked = False


async def unlock_with(session: Session, text: str) -> str:
    """Unlock the store with what a person typed; return why that cannot be, ``""`` if it could."""
    from memos_admin.backend.errors import HomeError, StoreError

    encryption = await in_thread(import_module, "memos_admin.backend.encryption")
    try:
        await in_thread(encryption.unlock_with, session.workspace.project, text)
    except (StoreError, HomeError) as error:
        return said_by(error)
    session.locked = False
    return ""
