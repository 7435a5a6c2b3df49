"""What all that this process journals has in common: by which interface, and why.

Apart from `memos_admin.backend.journal`, since every command says it and not all have an entry to make.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from memos_admin.language import N_

REASON, TICKET = "MEMOS_ADMIN_REASON", "MEMOS_ADMIN_TICKET"
"""Variables of the environment that say why, where no option does."""

LONGEST = 1_000
"""Characters of a text that the journal keeps; ids of the service have 100 at most, paths seldom more."""


class Who(NamedTuple):
    """Who acts, by which program, and why: the same for all that a process does.

    Attributes:
        operator: as the configuration says, else the user of the operating system.
        via: ``cli``, ``tui``; ``python`` where it is neither.
    """

    operator: str
    os_user: str
    via: str
    reason: str | None
    ticket: str | None


class Occasion(NamedTuple):
    """By which interface somebody acts, and why.

    Attributes:
        via: ``cli``, ``tui``; ``python``: none of ours.
        seals: the keyring may be asked meanwhile; else that is left to a later process.
    """

    via: str = "python"
    reason: str | None = None
    ticket: str | None = None
    seals: bool = False

    def who(self, operator: str | None) -> Who:
        """Return who acts; `operator`: as the configuration says, None: it does not."""
        user = _os_user()
        return Who(operator or user, user, self.via, self.reason, self.ticket)


_present = Occasion()


def present() -> Occasion:
    """Return the present occasion."""
    return _present


def begin(
    via: str, env: Mapping[str, str], *, reason: str | None, ticket: str | None, seals: bool
) -> None:
    """Say what the process does from now on; the environment says why where nothing else does.

    Raises:
        KeyGiven: the reason or the ticket is, or holds, the API key: both go into what is exported.
    """
    global _present  # noqa: PLW0603 - a process has one
    given = _given(reason, env, REASON), _given(ticket, env, TICKET)
    _refuse_key(given[0], N_("reason"))
    _refuse_key(given[1], N_("ticket"))
    _present = Occasion(via, *given, seals)


def change(*, ticket: str | None) -> None:
    """Do what follows for another ticket; None: for none. Raises KeyGiven where it is the API key."""
    global _present  # noqa: PLW0603 - a process has one
    _refuse_key(ticket, N_("ticket"))
    _present = _present._replace(ticket=ticket)


def end() -> None:
    """Forget what the process did; what follows says anew what it does."""
    global _present  # noqa: PLW0603 - a process has one
    _present = Occasion()


def _given(text: str | None, env: Mapping[str, str], name: str) -> str | None:
    return (env.get(name, "") if text is None else text).strip() or None


def _refuse_key(text: str | None, what: str) -> None:
    if text is not None:
        from memos_admin.backend.keys import refuse_key  # most who begin give neither

        refuse_key(text, what)


def _os_user() -> str:
    """Return who the operating system says that we are; not what the environment says."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"
