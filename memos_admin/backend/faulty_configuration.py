"""All that is wrong with a configuration: a command stops at the first fault that it meets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from memos_admin.backend import config
from memos_admin.backend.config import ConfigError, Faults, Table
from memos_admin.backend.home import Home

_MOST = 20
"""Faults of a reader, or of its tables, that are looked for."""


def with_others(error: ConfigError, home: Home) -> ConfigError:
    """Return a fault of a home's configuration with what else is wrong there, each once, as the file has them."""
    faults = Faults()
    faults.add(error)
    try:
        top = config.read(home)
    except ConfigError:
        return error  # of a file that is no TOML nothing else is known
    for reads in _readers(home):
        for fault in _all_of(reads, top):
            faults.add(fault)
    return faults.together()


def _all_of(reads: Callable[[Table], object], top: Table) -> Iterator[ConfigError]:
    """Yield what a reader raises, and what it does where that was not there; it stops at the first one."""
    taken: set[tuple[str | int, ...]] = set()
    for _ in range(_MOST):
        try:
            reads(top)
        except ConfigError as error:
            found = {one.keys for one in (error, *error.others)}
            if () in found:
                if not taken:
                    yield error
                return
            if any(gone[: len(keys)] == keys for gone in taken for keys in found):
                # Something is missing that was taken away, which is no fault of the file.
                found = {keys[:-1] if keys in taken else keys for keys in found}
                if () in found:
                    return
            else:
                yield error
            for keys in found:
                top = top.without(keys)
            taken |= found
        else:
            return


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
