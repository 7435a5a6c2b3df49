"""The link from a memory to a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

How = Literal["message id", "quoted text", "overlap"]
Spans = tuple[tuple[int, int], ...]


class Earlier(NamedTuple):
    """What a message said before: the key of that version, and when something else was read."""

    version_pk: int
    until: int


@dataclass(frozen=True, slots=True)
class Link:
    """A message that a memory came from, or is nearest to.

    Attributes:
        how: ``message id`` and ``quoted text`` are certain, ``overlap`` is a guess.
        spans: (start, end) in the message's content of what matches, in order; may be empty where
            an id links them.
        earlier: what the message said before, where that alone has what is quoted; None: it says it now.
    """

    message_pk: int
    how: How
    spans: Spans
    earlier: Earlier | None = None
