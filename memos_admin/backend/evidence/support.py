"""How a memory is supported by what was said: the answer for one memory. Plain values."""

from __future__ import annotations

from dataclasses import dataclass

from memos_admin.backend.evidence.checking import Check
from memos_admin.backend.evidence.kinds import (
    LINK_KINDS,
    THANKS,
    LinkKind,
    Missing,
    Teller,
    Uncompared,
    Weight,
)
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.provenance import Earlier, Spans


@dataclass(frozen=True, slots=True)
class SourceLink:
    """A message that a memory came from, or is nearest to.

    Attributes:
        conversation_id: of the message.
        seq: its number there.
        spans: what of the message is quoted or shared.
        earlier: what the message said before, where that alone has what is quoted; None: it says it now.
    """

    conversation_id: str
    message_pk: int
    seq: int
    role: str
    how: LinkKind
    spans: Spans
    earlier: Earlier | None = None


@dataclass(frozen=True, slots=True)
class Support:
    """What stands behind a memory.

    Attributes:
        links: in the order of the messages.
        given: how many sources MemOS names.
        found: how many of these stand in a transcript that is here.
        missing: why the others, or all, are not in the conversation's transcript; None: they are.
        elsewhere: another conversation that has them.
        checks: what does not agree; empty also where nothing was compared.
        uncompared: why it could be compared with nothing; None: it was compared.
        partly: earlier or other messages of the conversation are not here.
        whose: another user, a message of whom MemOS names as a source.
    """

    listing_pk: int
    memory_pk: int
    memory_id: str
    conversation_id: str | None
    teller: Teller
    links: tuple[SourceLink, ...]
    given: int
    found: int
    missing: Missing | None
    elsewhere: str | None
    checks: tuple[Check, ...]
    uncompared: Uncompared | None
    partly: bool
    whose: SubjectRef | None = None

    @property
    def kind(self) -> LinkKind:
        """The surest way in which it is linked to a message."""
        kinds = {link.how for link in self.links}
        return next((kind for kind in LINK_KINDS if kind in kinds), "none")


@dataclass(frozen=True, slots=True)
class Silent:
    """A message that no memory is known to come from.

    Attributes:
        nearest: a memory without a source of its own has words nearest to it.
        weight: whether it has a word of some meaning, or is a courtesy and nothing else.
    """

    conversation_pk: int
    message_pk: int
    seq: int
    role: str
    nearest: bool = False
    weight: Weight = "says"

    def is_of(self, kind: str) -> bool:
        """Whether a role said it, or it is a courtesy where the kind is that of those."""
        return self.role == kind or (kind == THANKS and self.weight == "courtesy")
