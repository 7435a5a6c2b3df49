"""Counts requests for whoever they are sent for, beside those of the whole client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_into: ContextVar[Counter[str] | None] = ContextVar("requests counted into", default=None)


@contextmanager
def counting(into: Counter[str]) -> Iterator[None]:
    """Count by route what this task sends meanwhile, and the tasks that it begins, into a counter."""
    token = _into.set(into)
    try:
        yield
    finally:
        _into.reset(token)


def count(route: str) -> None:
    """Count a request that is being sent."""
    into = _into.get()
    if into is not None:
        into[route] += 1
