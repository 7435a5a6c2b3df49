"""Who judges. Apart, since screens ask it before anything of the writer is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memos_admin.backend import occasion

if TYPE_CHECKING:
    from memos_admin.backend.home import Home


def operator_of(home: Home) -> str:
    """Return who judges: as the configuration says, else the user of the operating system.

    Raises:
        HomeError: the configuration cannot be read.
    """
    from memos_admin.backend import config
    from memos_admin.backend.journal.settings import journal_settings

    return occasion.present().who(journal_settings(config.read(home)).operator).operator
