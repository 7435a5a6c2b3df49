"""Which verdicts there are. Kept and exported by these names; the words are for screens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from memos_admin.language import N_

VerdictName = Literal[
    "correct", "wrong", "outdated", "duplicate", "too_sensitive", "about_someone_else", "unsure"
]

VERDICTS: tuple[VerdictName, ...] = get_args(VerdictName)
"""In the order of their keys, ``1`` to ``7``."""

FLAGGED: tuple[VerdictName, ...] = tuple(
    name for name in VERDICTS if name not in {"correct", "unsure"}
)
"""Those that ask for something to be done about the memory."""

WORDS: Mapping[str, str] = {
    "correct": N_("correct"),
    "wrong": N_("wrong"),
    "outdated": N_("outdated"),
    "duplicate": N_("duplicate"),
    "too_sensitive": N_("too sensitive"),
    "about_someone_else": N_("about someone else"),
    "unsure": N_("unsure"),
}

SHORT: Mapping[str, str] = {
    **WORDS,
    "too_sensitive": N_("sensitive"),
    "about_someone_else": N_("someone else"),
}
"""Where there is little room."""

QUEUES = ("unreviewed", "changed", "sample", "flagged", "findings")
"""What can be gone through; see `memos_admin.backend.verdicts.queues`."""
