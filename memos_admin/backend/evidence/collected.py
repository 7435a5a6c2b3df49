"""What a review has found so far, as lists and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from memos_admin.backend.authors import NOT_KNOWN
from memos_admin.backend.evidence.kinds import (
    CHECKS,
    LINK_KINDS,
    MISSING,
    TELLERS,
    THANKS,
    UNCOMPARED,
    Teller,
)
from memos_admin.backend.evidence.review import Part, Progress
from memos_admin.backend.evidence.support import Silent, Support

ListName = Literal["links", "silent", "missing", "check", "uncompared"]
"""The links of memories, the three lists of gaps, and what could not be looked at for the last of them."""


class Count(NamedTuple):
    """How many of a kind there are, by whose words they are.

    Attributes:
        list: which list it is of: ``links``, ``silent``, ``missing``, ``check``, ``uncompared``.
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
        linked: how many memories have a source that is known, and no guess.
        by_quotes: how many were compared with nothing else than what MemOS quotes.
    """

    def __init__(self) -> None:
        self.supports: dict[int, Support] = {}
        self.progress = Progress(0, 0)
        self.linked = self.by_quotes = 0
        self._silent: dict[int, Silent] = {}
        self._found: Counter[tuple[str, str, Teller]] = Counter()

    def take(self, part: Part) -> bool:
        """Add a part; return whether it brought anything."""
        self.progress = part.progress
        for one in part.supports:
            self.supports[one.listing_pk] = one
            self.linked += one.is_linked
            self.by_quotes += one.by_quotes
            self._found.update((name, kind, one.teller) for name, kind in _kinds(one))
        for message in part.silent:
            self._silent[message.message_pk] = message
        for pk in part.spoke:
            self._silent.pop(pk, None)
        return bool(part.supports or part.silent or part.spoke)

    def silent(self, kind: str | None = None) -> Iterator[Silent]:
        """Yield the messages that no memory came from; only those of a role, or with ``thanks`` courtesies.

        What the user said of some meaning stands first, behind it what he else said, then all others, last
        courtesies such as `Thanks!`, each in their order.
        """
        for one in sorted(self._silent.values(), key=_deserves_no_look):
            if kind is None or one.is_of(kind):
                yield one

    @property
    def compared(self) -> int:
        """How many memories could be compared with what was said."""
        return len(self.supports) - self.totals()["uncompared"]

    def counts(self) -> list[Count]:
        """Return how many of each kind there are, those of which there are none too."""
        thanks = (one for one in self._silent.values() if one.weight == "courtesy")
        return [
            *self._of("links", ("all", *LINK_KINDS)),
            _by_role("all", self._silent.values()),
            _by_role(THANKS, thanks),
            *self._of("missing", ("all", *MISSING)),
            *self._of("check", ("all", *CHECKS)),
            *self._of("uncompared", ("all", *UNCOMPARED)),
        ]

    def totals(self) -> dict[ListName, int]:
        """Return how many there are in each list."""
        whole: dict[ListName, int] = {"silent": len(self._silent)}
        for name in ("links", "missing", "check", "uncompared"):
            whole[name] = self._of(name, ("all",))[0].total
        return whole

    def _of(self, name: ListName, kinds: Sequence[str]) -> list[Count]:
        return [
            Count(name, kind, *(self._found[name, kind, teller] for teller in TELLERS))
            for kind in kinds
        ]


def added(one: Sequence[Count], other: Sequence[Count]) -> list[Count]:
    """Return the counts of two reviews together."""
    return [
        Count(a.list, a.kind, a.user + b.user, a.unmarked + b.unmarked, a.assistant + b.assistant)
        for a, b in zip(one, other, strict=True)
    ]


def _by_role(kind: str, messages: Iterable[Silent]) -> Count:
    authors = Counter(one.writer.author for one in messages)
    said = authors["user"], authors["assistant"]
    return Count("silent", kind, said[0], authors.total() - sum(said), said[1])


def _deserves_no_look(message: Silent) -> int:
    """Return how little a silent message is worth a look: most deserve no memory."""
    if message.weight == "courtesy":
        return 3
    if message.writer.author not in {"user", NOT_KNOWN}:
        return 2
    return 0 if message.weight == "says" else 1


def _kinds(support: Support) -> Iterator[tuple[ListName, str]]:
    """Yield in which lists a memory counts, and as what."""
    yield "links", "all"
    yield "links", support.kind
    if support.missing is not None:
        yield "missing", "all"
    for reason in support.reasons:
        yield "missing", reason
    if support.checks:
        yield "check", "all"
    for kind in {one.kind for one in support.checks}:
        yield "check", kind
    if support.uncompared is not None:
        yield "uncompared", "all"
        yield "uncompared", support.uncompared
