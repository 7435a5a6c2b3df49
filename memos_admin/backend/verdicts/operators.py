"""Who judges. Apart, since screens ask it before anything of the writer is imported."""

from __future__ import annotations

from memos_admin.backend import config, occasion
from memos_admin.backend.home import Home
from memos_admin.backend.journal.settings import journal_settings


def operator_of(home: Home) -> str:
    """Return who judges: as the configuration says, else the user of the operating system.

    Raises:
        HomeError: the configuration cannot be read.
    """
    return occasion.present().who(journal_settings(config.read(home)).operator).operator
