"""All that is wrong with a configuration: a command stops at the first fault that it meets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from memos_admin.backend import config
from memos_admin.backend.config import ConfigError, Faults, Table
from memos_admin.backend.home import Home


def with_others(error: ConfigError, home: Home) -> ConfigError:
    """Return a fault of a home's configuration with what else is wrong there, each once, as the file has them."""
    faults = Faults()
    faults.add(error)
    try:
        top = config.read(home)
    except ConfigError:
        return error  # of a file that is no TOML nothing else is known
    for reads in _readers(home):
        with faults.collected():
            reads(top)
    return faults.together()


def _readers(home: Home) -> list[Callable[[Table], object]]:
    """Return what reads each table, whatever is wrong with the others."""
    from memos_admin.backend.hygiene import settings as hygiene
    from memos_admin.backend.interface_settings import interface_settings
    from memos_admin.backend.journal.settings import journal_settings
    from memos_admin.backend.privacy import privacy
    from memos_admin.backend.projects.project import read_projects
    from memos_admin.backend.recall import parameters
    from memos_admin.backend.subject_access.sender import sender
    from memos_admin.backend.upkeep import retention
    from memos_admin.backend.watching import settings as watching

    return [
        partial(read_projects, home=home),
        lambda top: retention.check(top.table("retention")),
        lambda top: parameters.check(top.table("recall")),
        hygiene.of_table,
        watching.of_table,
        journal_settings,
        privacy,
        sender,
        interface_settings,
    ]
