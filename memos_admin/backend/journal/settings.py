"""What ``config.toml`` says about the journal.

::

    operator = "ann"     # who acts; by default the user of the operating system

    [journal]
    enabled = true       # false switches it off, which is said wherever something would be journaled
    searches = true      # false: that something was searched for is kept, not the words
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from memos_admin.backend.config import ConfigError, Table
from memos_admin.backend.keys import holds_key
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
    if operator is not None and holds_key(operator.strip(), tuple(_fingerprints(top))):
        raise top.error(
            "operator", _("is an API key. Take it out: name who acts, or leave the line out.")
        )
    return JournalSettings(
        enabled=table.flag("enabled", default=True),
        searches=table.flag("searches", default=True),
        operator=operator and operator.strip(),
    )


def _fingerprints(top: Table) -> Iterator[str]:
    """Yield those of the keys of all projects; what is wrong with a project is told by who reads it."""
    with suppress(ConfigError):
        projects = top.table("projects")
        for uuid in projects.values:
            with suppress(ConfigError):
                yield from projects.table(uuid).texts("fingerprints") or ()
