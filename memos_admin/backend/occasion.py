"""What all that this process journals has in common: by which interface, and why.

Apart from `memos_admin.backend.journal`, since every command says it and not all have an entry to make.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

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
    """Say what the process does from now on; the environment says why where nothing else does."""
    global _present  # noqa: PLW0603 - a process has one
    _present = Occasion(via, _given(reason, env, REASON), _given(ticket, env, TICKET), seals)


def change(*, ticket: str | None) -> None:
    """Do what follows for another ticket; None: for none."""
    global _present  # noqa: PLW0603 - a process has one
    _present = _present._replace(ticket=ticket)


def end() -> None:
    """Forget what the process did; what follows says anew what it does."""
    global _present  # noqa: PLW0603 - a process has one
    _present = Occasion()


def _given(text: str | None, env: Mapping[str, str], name: str) -> str | None:
    return (env.get(name, "") if text is None else text).strip() or None


def _os_user() -> str:
    """Return who the operating system says that we are; not what the environment says."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"
