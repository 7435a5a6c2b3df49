"""What a readable document consists of, whatever it is written as.

`Said` is text from outside: of messages, memories, ids, tickets. It may look like markup, and never
becomes any. Everything else is a sentence or a word of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

Voice = Literal["you", "assistant", "other", "memory"]
"""Whose words an entry holds: the person's, an assistant's, somebody else's or a program's; or what
was derived from such words."""


class Said(str):
    """Text from outside."""

    __slots__ = ()


class Fact(NamedTuple):
    """A name of ours and what stands behind it; `anchor`: the entry of this document that is meant."""

    name: str
    value: str
    anchor: str = ""


class Earlier(NamedTuple):
    """What something was before: since and until when, in our words; its text; and what else changed."""

    label: str
    title: Said | None
    text: Said | None
    changed: Sequence[Fact] = ()


class Called(NamedTuple):
    """A tool that a message called.

    Attributes:
        label: in our words, with the tool's name in them as ``{name}``, where it has one.
        sent: what was sent to the tool; None: nothing.
        cut: that this is not all of it, and where that is; ``""``: it is.
    """

    label: str
    name: Said
    sent: Said | None
    cut: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message or a memory.

    Attributes:
        title: who says it, or the title of a memory.
        facts: about it, such as what a memory came from.
        text: all of it.
        called: the tools that it called; a message may have no text beside them.
        byline: stands beside the title: when it was said.
        anchor: by which other entries name it.
        before: what is known to be missing before it, a sentence; ``""``: nothing.
        earlier: what it said before, oldest first.
    """

    voice: Voice
    title: str
    facts: Sequence[Fact]
    text: Said
    anchor: str
    byline: str = ""
    before: str = ""
    called: Sequence[Called] = ()
    earlier: Sequence[Earlier] = ()


class Page(Protocol):
    """Writes a document, piece by piece. Each returns the piece's markup."""

    def begin(self, title: str, language: str) -> str:
        """Return what stands before everything."""

    def end(self) -> str:
        """Return what stands behind everything."""

    def heading(self, level: int, text: str, said: str = "", anchor: str = "") -> str:
        """Return a heading, of level 1 to 4: our words, and text from outside behind them."""

    def paragraph(self, text: str) -> str:
        """Return a paragraph."""

    def facts(self, facts: Iterable[Fact]) -> str:
        """Return names with what stands behind them."""

    def points(self, texts: Iterable[str]) -> str:
        """Return a list of sentences."""

    def contents(self, title: str, entries: Iterable[tuple[str, str]]) -> str:
        """Return a list of (anchor, heading) that leads there, under a title."""

    def entry(self, entry: Entry) -> str:
        """Return a message or a memory."""
