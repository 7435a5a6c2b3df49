"""What went wrong, in one line that says what to do, and the exit code for it."""

from __future__ import annotations

import os
import platform
import sys
import traceback

import memos_admin
from memos_admin.backend.keys import without_keys
from memos_admin.cli.exits import Exit, Failed
from memos_admin.cli.output import Output


def tell(error: BaseException, out: Output, *, verbose: bool) -> Exit:
    """Tell a person about an error that ended a command; return the exit code."""
    if isinstance(error, KeyboardInterrupt):
        words = str(error)
        out.note(f"memos-admin: interrupted. {words}".rstrip())
        return Exit.INTERRUPTED
    code = code_of(error)
    if code is None:
        if verbose:
            out.note(without_keys("".join(traceback.format_exception(error)).rstrip()))
        out.note(without_keys(_unexpected(error, verbose=verbose)))
        return Exit.REFUSED
    out.note(without_keys(f"memos-admin: {words_of(error)}"))
    return code


def code_of(error: BaseException) -> Exit | None:
    """Return the exit code of an error that we know; None for a mistake of ours."""
    if isinstance(error, Failed):
        return error.code
    for kinds, code in (*_known(), *_loaded()):
        if isinstance(error, kinds):
            return code
    return None


def words_of(error: BaseException) -> str:
    """Return what failed, what that has left undone, and what to do, in a line."""
    words = _with_other_faults(error) or type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        name = f"{error.filename}: " if error.filename else ""
        words = f"{name}{error.strerror}. {_what_to_do(error)}"
    return " ".join((words, *getattr(error, "__notes__", ())))


def _with_other_faults(error: BaseException) -> str:
    """Return what an error says; of a fault of the configuration all that is wrong there."""
    from memos_admin.backend.config import ConfigError
    from memos_admin.backend.home import Home

    if isinstance(error, ConfigError):
        home = Home.from_environment(os.environ)
        if error.path == home.config_path:
            from memos_admin.backend.faulty_configuration import with_others

            return str(with_others(error, home))
    return str(error)


def _what_to_do(error: OSError) -> str:
    from memos_admin.backend.errors import FULL

    if error.errno in FULL:
        return "Free some space (where there is a quota, of what is yours), or choose another disk."
    return "Check the path and its permissions."


def _known() -> tuple[tuple[tuple[type[BaseException], ...], Exit], ...]:
    # Imported when something went wrong only: the happy path does not pay for naming errors.
    from memos_admin.backend.errors import (
        BadAddress,
        CloudError,
        CredentialsError,
        HomeError,
        Refused,
        StoreError,
        StoreLocked,
    )
    from memos_admin.backend.keys import KeyGiven
    from memos_admin.backend.projects import ProjectError

    return (
        ((CredentialsError, Refused, StoreLocked), Exit.CREDENTIALS),
        ((BadAddress, KeyGiven, ProjectError), Exit.USAGE),
        ((CloudError, StoreError, HomeError, OSError), Exit.REFUSED),
    )


def _loaded() -> tuple[tuple[tuple[type[BaseException], ...], Exit], ...]:
    # The roster imports the writing side: where that is not loaded, its errors were not raised.
    if "memos_admin.backend.roster" not in sys.modules:
        return ()
    from memos_admin.backend.absent import NotInRoster
    from memos_admin.backend.roster import BadId

    return ((BadId,), Exit.USAGE), ((NotInRoster,), Exit.REFUSED)


def _unexpected(error: BaseException, *, verbose: bool) -> str:
    where = "the lines above" if verbose else "what it prints with --verbose before the noun"
    return (
        f"memos-admin: unexpected error: {type(error).__name__}: {error}\n"
        "This is a mistake in memos-admin; your store is as the last finished step left it. "
        f"Please report it with {where}, and with: memos-admin {memos_admin.__version__}, "
        f"Python {platform.python_version()}, {platform.system()}."
    )
