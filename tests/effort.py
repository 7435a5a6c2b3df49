"""How hard the tests try: ``make soak`` sets SOAK, and every property is tried many times more.

In CI it is tried less often: it has the same examples each time there, and others everywhere else.
"""

import os

LONG = bool(os.environ.get("SOAK"))
"""Whether the long forms run."""


def examples(count: int) -> int:
    """Return how many examples of a property to try."""
    if LONG:
        return count * 20
    return max(1, count // 3) if "CI" in os.environ else count
