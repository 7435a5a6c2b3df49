"""The kinds that a review tells apart, as rows and filters name them. Imports nothing: a help needs it."""

from __future__ import annotations

from typing import Literal, get_args

LinkKind = Literal["message id", "quoted text", "overlap", "none"]
LINK_KINDS: tuple[LinkKind, ...] = get_args(LinkKind)
"""How a memory and a message are linked, the surest first."""

CERTAIN: frozenset[LinkKind] = frozenset({"message id", "quoted text"})
"""Links that are known, and no guess."""

Missing = Literal[
    "nowhere",
    "another user",
    "another conversation",
    "none given",
    "not kept",
    "not fetched",
    "outside the window",
    "knowledge base",
]
NOT_KEPT: Missing = "not kept"

MISSING: tuple[Missing, ...] = get_args(Missing)
"""Why a source is not in the transcript, what is most worth a look first."""

Uncompared = Missing | Literal["too long", "nothing to compare", "other view"]
UNCOMPARED: tuple[Uncompared, ...] = (
    "none given",
    "not kept",
    "not fetched",
    "outside the window",
    "nowhere",
    "another user",
    "knowledge base",
    "too long",
    "nothing to compare",
    "other view",
)
"""Why a memory was not compared with what was said; a source that is missing and not quoted is one reason."""

CheckKind = Literal[
    "nothing shared",
    "negation",
    "person",
    "number",
    "date",
    "name",
    "another person",
    "speaker",
    "changed since",
]
CHECKS: tuple[CheckKind, ...] = get_args(CheckKind)
"""What is checked, the worst first."""

Teller = Literal["user", "unmarked", "assistant"]
TELLERS: tuple[Teller, ...] = get_args(Teller)
"""Whose words a memory says that it holds; ``assistant``: it is an inference."""

Weight = Literal["little", "says", "courtesy"]
"""How much a message says: no word of some meaning, one at least, or a courtesy and nothing else."""

WEIGHTS: tuple[Weight, ...] = get_args(Weight)

ANOTHER = "another person"
"""The kind of messages that other people of a conversation wrote, and of what came of them."""

THANKS = "thanks"
"""The kind of messages that are courtesies."""
