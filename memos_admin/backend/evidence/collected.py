"""What a review has found so far, as lists and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from typing import Literal, NamedTuple

from memos_admin.backend.evidence.kinds import CHECKS, LINK_KINDS, MISSING, TELLERS, Teller
from memos_admin.backend.evidence.review import Part, Progress
from memos_admin.backend.evidence.support import Silent, Support

ListName = Literal["links", "silent", "missing", "check"]
"""The links of memories, and the three lists of gaps."""

_SPEAKERS: dict[str, Teller] = {"user": "user", "assistant": "assistant"}


class Count(NamedTuple):
    """How many of a kind there are, by whose words they are.

    Attributes:
        list: which list it is of: ``links``, ``silent``, ``missing``, ``check``.
        kind: of that list, ``all`` for all of it.
        user, unmarked, assistant: told as the user's words, not marked, inferred; of messages those of
            the user, of others, of the assistant.
    """

    list: ListName
    kind: str
    user: int
    unmarked: int
    assistant: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.user + self.unmarked + self.assistant


class Collected:
    """The parts of a review together.

    Attributes:
        supports: by the key of the memory's listing.
        progress: how far the review is.
    """

    def __init__(self) -> None:
        self.supports: dict[int, Support] = {}
        self.progress = Progress(0, 0)
        self._silent: dict[int, Silent] = {}
        self._spoke: set[int] = set()

    def take(self, part: Part) -> bool:
        """Add a part; return whether it brought anything."""
        self.progress = part.progress
        self.supports.update((one.listing_pk, one) for one in part.supports)
        self._spoke |= part.spoke
        for one in part.silent:
            self._silent[one.message_pk] = one
        for pk in part.spoke:
            self._silent.pop(pk, None)
        return bool(part.supports or part.silent or part.spoke)

    def silent(self, role: str | None = None) -> Iterator[Silent]:
        """Yield the messages that no memory came from, in their order; only those of a role."""
        for one in self._silent.values():
            if role in {None, one.role}:
                yield one

    def counts(self, keys: Container[int] | None = None) -> list[Count]:
        """Return how many of each kind there are, those of which there are none too.

        `keys` of the listings that count; None: all.
        """
        supports = [one for pk, one in self.supports.items() if keys is None or pk in keys]
        found: Counter[tuple[str, str, Teller]] = Counter()
        for one in supports:
            found["links", one.kind, one.teller] += 1
            found["links", "all", one.teller] += 1
            if one.missing is not None:
                found["missing", one.missing, one.teller] += 1
                found["missing", "all", one.teller] += 1
            for kind in {check.kind for check in one.checks}:
                found["check", kind, one.teller] += 1
            found["check", "all", one.teller] += bool(one.checks)
            found["check", "not compared", one.teller] += not one.compared
        for silent in self._silent.values():
            found["silent", "all", _SPEAKERS.get(silent.role, "unmarked")] += 1
        kinds: list[tuple[ListName, str]] = [("links", kind) for kind in ("all", *LINK_KINDS)]
        kinds += [("silent", "all")]
        kinds += [("missing", kind) for kind in ("all", *MISSING)]
        kinds += [("check", kind) for kind in ("all", *CHECKS, "not compared")]
        return [
            Count(name, kind, *(found[name, kind, teller] for teller in TELLERS))
            for name, kind in kinds
        ]
