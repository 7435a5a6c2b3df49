"""Whose words a memory's text says that it holds: an assistant's inference is not what a user said."""

from __future__ import annotations

import re

from memos_admin.language import N_

INFERENCE = N_("assistant's inference")
OPINION = N_("user's opinion")
PERSPECTIVE = N_("user perspective")
"""Whose words a memory's text says that it holds."""

_PERSPECTIVE = (
    r"\[\s*(user|assistant)('s)? (perspective|opinion|inference|viewpoint)\s*\]"
    r"|\[\s*(用户|助手)(视角|观点)\s*\]"
)


def perspective(content: str) -> str | None:
    """Return whose words a memory's text says that it holds, or None where it does not say.

    One of `INFERENCE`, `OPINION` and `PERSPECTIVE`, to be translated where it is shown.
    Texts carry marks such as ``[user perspective]`` (memos-cloud-api, "Times come in every form").
    """
    found = re.search(_PERSPECTIVE, content, re.IGNORECASE)
    if found is None:
        return None
    who = (found[1] or found[4]).lower()
    if who in {"assistant", "助手"}:
        return INFERENCE
    what = (found[3] or "").lower()
    return OPINION if what == "opinion" or found[5] == "观点" else PERSPECTIVE


def without_marks(content: str) -> str:
    """Return a memory's text without its perspective marks, for a line in a list."""
    return re.sub(_PERSPECTIVE, "", content, flags=re.IGNORECASE).strip()
