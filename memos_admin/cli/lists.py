"""What lists share: batches, counts in words, what is told of a cut."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from memos_admin.backend.times import utc_text
from memos_admin.cli.output import Output

_BATCH = 500
_PLURALS = {"entry": "entries", "memory": "memories", "user or agent": "users and agents"}


def batches(keys: array[int]) -> Iterator[array[int]]:
    """Yield the keys in slices, so that a list of any length is read in constant memory."""
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]


def counted(number: int, one: str) -> str:
    """Return ``1 memory``, ``1,204 memories``."""
    return f"{number:,} {one if number == 1 else _PLURALS.get(one, one + 's')}"


def tell_cut(out: Output, limit: int, total: int, many: str, most: int | None = None) -> None:
    """Tell where a list was cut by ``--limit``; a total above `most` was not counted to its end."""
    if limit and total > limit:
        of = f"more than {most:,}" if most is not None and total == most + 1 else f"{total:,}"
        out.note(f"The first {limit:,} of {of} {many}; --limit 0 lists all.")


def utc(ms: int | None) -> str | None:
    """Return ``2025-09-17T07:58:05.922Z``; None of None."""
    return None if ms is None else utc_text(ms)
