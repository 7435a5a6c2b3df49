"""The kinds that a review tells apart, as rows and filters name them. Imports nothing: a help needs it."""

from __future__ import annotations

from typing import Literal

LinkKind = Literal["message id", "quoted text", "overlap", "none"]
LINK_KINDS: tuple[LinkKind, ...] = ("message id", "quoted text", "overlap", "none")
"""How a memory and a message are linked, the surest first."""

Missing = Literal[
    "nowhere",
    "another conversation",
    "none given",
    "not fetched",
    "outside the window",
    "knowledge base",
]
MISSING: tuple[Missing, ...] = (
    "nowhere",
    "another conversation",
    "none given",
    "not fetched",
    "outside the window",
    "knowledge base",
)
"""Why a source is not in the transcript, what is most worth a look first."""

Uncompared = Missing | Literal["nothing to compare", "other view"]
UNCOMPARED: tuple[Uncompared, ...] = (
    "none given",
    "not fetched",
    "outside the window",
    "nowhere",
    "knowledge base",
    "nothing to compare",
    "other view",
)
"""Why a memory was not compared with what was said; a source that is missing and not quoted is one reason."""

CheckKind = Literal["nothing shared", "negation", "person", "number", "date", "name", "speaker"]
CHECKS: tuple[CheckKind, ...] = (
    "nothing shared",
    "negation",
    "person",
    "number",
    "date",
    "name",
    "speaker",
)
"""What is checked, the worst first."""

Teller = Literal["user", "unmarked", "assistant"]
TELLERS: tuple[Teller, ...] = ("user", "unmarked", "assistant")
"""Whose words a memory says that it holds; ``assistant``: it is an inference."""

Weight = Literal["little", "says", "courtesy"]
"""How much a message says: no word of some meaning, one at least, or a courtesy and nothing else."""

WEIGHTS: tuple[Weight, ...] = ("little", "says", "courtesy")

THANKS = "thanks"
"""The kind of messages that are courtesies."""
