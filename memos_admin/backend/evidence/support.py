"""How a memory is supported by what was said: the answer for one memory. Plain values."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from memos_admin.backend.authors import Author, Writer
from memos_admin.backend.evidence.checking import Check, Numbered
from memos_admin.backend.evidence.kinds import (
    CERTAIN,
    LINK_KINDS,
    MISSING,
    THANKS,
    LinkKind,
    Missing,
    Teller,
    Uncompared,
    Weight,
)
from memos_admin.backend.model import MemorySource, SubjectRef
from memos_admin.backend.provenance import Earlier, Spans


@dataclass(frozen=True, slots=True)
class SourceLink:
    """A message that a memory came from, or is nearest to.

    Attributes:
        conversation_id: of the message.
        seq: its number there.
        writer: who wrote it.
        spans: what of the message is quoted or shared.
        earlier: what the message said before, where that alone has what is quoted; None: it says it now.
        is_away: the conversation is another one than the memory names.
    """

    conversation_id: str
    message_pk: int
    seq: int
    writer: Writer
    how: LinkKind
    spans: Spans
    earlier: Earlier | None = None
    is_away: bool = False

    @property
    def numbered(self) -> Numbered:
        """The message, as a check names it."""
        return Numbered(self.seq, self.conversation_id if self.is_away else None)


@dataclass(frozen=True, slots=True)
class Unfound:
    """A source that is not in the transcript of the conversation that its memory names.

    Attributes:
        source: it; None: MemOS names none.
        elsewhere: another conversation that has it.
        whose: another user, whose message it is.
    """

    why: Missing
    source: MemorySource | None = None
    elsewhere: str | None = None
    whose: SubjectRef | None = None


@dataclass(frozen=True, slots=True)
class Support:
    """What stands behind a memory.

    Attributes:
        links: in the order of the messages.
        given: how many sources MemOS names.
        found: how many of these stand in a transcript that is here.
        unfound: those that are not in the conversation's transcript, each with its reason.
        checks: what does not agree; empty also where nothing was compared.
        uncompared: why it could be compared with nothing; None: it was compared.
        partly: earlier or other messages of the conversation are not here.
    """

    listing_pk: int
    memory_pk: int
    memory_id: str
    conversation_id: str | None
    teller: Teller
    links: tuple[SourceLink, ...]
    given: int
    found: int
    unfound: tuple[Unfound, ...]
    checks: tuple[Check, ...]
    uncompared: Uncompared | None
    partly: bool

    @property
    def reasons(self) -> tuple[Missing, ...]:
        """Why sources are not in the transcript, each once, what is most worth a look first."""
        return tuple(sorted({one.why for one in self.unfound}, key=MISSING.index))

    @property
    def missing(self) -> Missing | None:
        """Of `reasons` the first; None: all sources are in the transcript."""
        return next(iter(self.reasons), None)

    @property
    def elsewhere(self) -> str | None:
        """Another conversation that has a source of it."""
        return next((one.elsewhere for one in self.unfound if one.elsewhere is not None), None)

    @property
    def is_linked(self) -> bool:
        """Whether a source of it is known; a similar message is a guess and none."""
        return self.kind in CERTAIN

    @property
    def by_quotes(self) -> bool:
        """Whether it was compared, but with nothing else than what MemOS quotes."""
        return self.uncompared is None and bool(self.given) and not self.found

    @property
    def kind(self) -> LinkKind:
        """The surest way in which it is linked to a message."""
        kinds = {link.how for link in self.links}
        return next((kind for kind in LINK_KINDS if kind in kinds), "none")

    def authors_of(self, messages: Container[Numbered]) -> frozenset[Author]:
        """Return who wrote these of the messages that it is linked to."""
        return frozenset(link.writer.author for link in self.links if link.numbered in messages)


@dataclass(frozen=True, slots=True)
class Silent:
    """A message that no memory is known to come from.

    Attributes:
        writer: who wrote it.
        nearest: a memory without a source of its own has words nearest to it.
        weight: whether it has a word of some meaning, or is a courtesy and nothing else.
    """

    conversation_pk: int
    message_pk: int
    seq: int
    writer: Writer
    nearest: bool = False
    weight: Weight = "says"

    def is_of(self, kind: str) -> bool:
        """Whether a role said it, or this author, or it is a courtesy where the kind is that of those."""
        said = kind in {self.writer.role, self.writer.author}
        return said or (kind == THANKS and self.weight == "courtesy")
