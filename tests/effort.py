"""How hard the tests try: ``make soak`` sets SOAK, and every property is tried many times more."""

import os

LONG = bool(os.environ.get("SOAK"))
"""Whether the long forms run."""


def examples(count: int) -> int:
    """Return how many examples of a property to try."""
    return count * 20 if LONG else count
