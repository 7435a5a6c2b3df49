"""Whose words a memory's text says that it holds, by the marks that the service writes into it."""

from __future__ import annotations

import re
from typing import Literal

Perspective = Literal["inference", "opinion", "perspective"]

MARK = re.compile(
    r"\[\s*(user|assistant)('s)? (perspective|opinion|inference|viewpoint)\s*\]"
    r"|\[\s*(用户|助手)(视角|观点)\s*\]",
    re.IGNORECASE,
)
"""Such as ``[user perspective]`` (memos-cloud-api, "Times come in every form")."""


def perspective_of(content: str) -> Perspective | None:
    """Return what the first mark says: the assistant's inference, the user's opinion or perspective."""
    found = MARK.search(content)
    if found is None:
        return None
    who = (found[1] or found[4]).lower()
    if who in {"assistant", "助手"}:
        return "inference"
    what = (found[3] or "").lower()
    return "opinion" if what == "opinion" or found[5] == "观点" else "perspective"


def is_inferred(content: object) -> bool:
    """Whether a text says that an assistant inferred it. SQL calls it ``is_inferred``."""
    return isinstance(content, str) and "[" in content and perspective_of(content) == "inference"
