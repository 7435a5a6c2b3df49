"""The rules by their names, as options and the configuration have them. Imports nothing: a help needs it."""

from __future__ import annotations

from typing import Literal, get_args

RuleId = Literal[
    "contradiction",
    "duplicate",
    "stale-date",
    "other-person",
    "sensitive",
    "speaker",
    "low-confidence",
    "no-source",
]
RULES: tuple[RuleId, ...] = get_args(RuleId)
"""In the order in which they are listed."""

Topic = Literal[
    "health", "religion", "politics", "sexuality", "finance", "minors", "crime", "origin"
]
TOPICS: tuple[Topic, ...] = get_args(Topic)
"""What is sensitive to talk about."""
