"""What filters narrow, which fields do not apply to it, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from memos_admin.backend.filter_language.fields import FIELDS, OF_VERDICTS
from memos_admin.language import N_
from memos_admin.language import gettext as _

FilterTarget = Literal[
    "memories",
    "evidence",
    "evidence summary",
    "messages",
    "verdicts",
    "queue",
    "hygiene",
    "overview",
    "changes",
    "timeline",
    "watch",
    "search",
    "recall",
    "saved",
]
"""What a filter narrows; one that is saved may be of memories or of verdicts."""

_ALSO_OF_VERDICTS: frozenset[FilterTarget] = frozenset({"verdicts", "saved"})

_NOW = N_("This is about what is known now.")
_ON_A_VERSION = N_("Each verdict stands on the version that it was given on.")
_AS_FOUND = N_("Changes stand in the order in which they were found.")
_ANYBODYS = N_(
    "A saved filter names no user and no conversation: it is for anybody's memories. Say whose beside it."
)

_REFUSED: Mapping[FilterTarget, Mapping[str, str]] = {
    "memories": {},
    "evidence": {"as-of": _NOW},
    "evidence summary": {"as-of": _NOW, "sort": N_("A summary has its own order.")},
    "messages": {"as-of": _NOW, "sort": N_("Messages have an order of their own.")},
    "verdicts": {
        "as-of": _ON_A_VERSION,
        "sort": N_("Verdicts have an order of their own: the last one first."),
    },
    "queue": {"as-of": _ON_A_VERSION},
    "hygiene": {"as-of": _NOW, "sort": N_("Findings have an order of their own.")},
    "overview": {
        "as-of": N_("An overview counts what is known now."),
        "sort": N_("An overview has its own order."),
    },
    "changes": {
        "as-of": N_("Changes are compared with what memories say now."),
        "sort": _AS_FOUND,
    },
    "timeline": {
        "as-of": N_("Days are counted by what memories say now."),
        "sort": N_("Days stand in their order."),
    },
    "watch": {"as-of": _NOW, "sort": _AS_FOUND},
    "search": {"as-of": N_("What is found is that of now.")},
    "recall": {
        "as-of": N_("MemOS answers as of now."),
        "sort": N_("The rows have an order of their own, the nearest first."),
    },
    "saved": {"user": _ANYBODYS, "agent": _ANYBODYS},
}


def known(target: FilterTarget) -> Mapping[str, str]:
    """Return the fields of the language that can be read of a target, whether they apply or not."""
    return OF_VERDICTS if target in _ALSO_OF_VERDICTS else FIELDS


def refused(target: FilterTarget) -> dict[str, str]:
    """Return the fields of the language that do not apply to a target, with a sentence on why.

    What a screen, or a command, has by other keys or options stands there.
    """
    return {field: _(why) for field, why in _REFUSED[target].items()}
