"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: of the thing, one or two words.
        ok: True: works; False: does not; None: cannot be told, or is nothing to mind.
        detail: what was found, a line; may hold text from outside, never a key.
        advice: what to do; None where there is nothing to do.
    """

    name: str
    ok: bool | None
    detail: str
    advice: str | None = None


def in_two(error: Exception | str) -> tuple[str, str | None]:
    """Return what an error says happened, and what it says to do: its first sentence, the rest."""
    happened, _, advice = str(error).partition(". ")
    return happened.removesuffix("."), advice or None
