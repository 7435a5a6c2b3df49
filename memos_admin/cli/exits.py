"""Exit codes, and what they mean: the one place where errors become codes and words."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    REFUSED = 1
    """The service or the store said no."""
    USAGE = 2
    CREDENTIALS = 3
    """No credentials, or refused ones."""
    PARTIAL = 4
    """Done in part, or nobody knows whether it was done."""
    INTERRUPTED = 130


class Failed(Exception):
    """A command cannot go on. The text says what failed and what to do.

    Attributes:
        code: how the command ends.
    """

    def __init__(self, message: str, code: Exit = Exit.REFUSED) -> None:
        super().__init__(message)
        self.code = code


class Usage(Failed):
    """The command was used wrongly."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Exit.USAGE)


_STRONGEST = (Exit.INTERRUPTED, Exit.USAGE, Exit.CREDENTIALS, Exit.PARTIAL, Exit.REFUSED, Exit.DONE)


def strongest(codes: Iterable[Exit]) -> Exit:
    """Return the code that stands for all: 3 beats 4 beats 1; `DONE` for none."""
    found = set(codes)
    return next((code for code in _STRONGEST if code in found), Exit.DONE)
