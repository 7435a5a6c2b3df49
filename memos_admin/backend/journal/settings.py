"""What ``config.toml`` says about the journal.

::

    operator = "ann"     # who acts; by default the user of the operating system

    [journal]
    enabled = true       # false switches it off, which is said wherever something would be journaled
    searches = true      # false: that something was searched for is kept, not the words
"""

from __future__ import annotations

from typing import NamedTuple

from memos_admin.backend.config import Table
from memos_admin.language import gettext as _


class JournalSettings(NamedTuple):
    """What is journaled, and as whose doing; `operator` None: as the operating system says."""

    enabled: bool = True
    searches: bool = True
    operator: str | None = None


def journal_settings(top: Table) -> JournalSettings:
    """Return what a configuration says about the journal.

    Raises:
        ConfigError: an unknown key, or a value that cannot be.
    """
    table = top.table("journal")
    table.only(("enabled", "searches"))
    operator = top.text("operator")
    if operator is not None and not operator.strip():
        raise top.error("operator", _("is empty. Name who acts, or leave it out."))
    return JournalSettings(
        enabled=table.flag("enabled", default=True),
        searches=table.flag("searches", default=True),
        operator=operator and operator.strip(),
    )
