"""Whose words a memory's text says that it holds: an assistant's inference is not what a user said."""

from __future__ import annotations

from memos_admin.language import N_
from memos_admin.store.perspectives import MARK, Perspective, perspective_of

INFERENCE = N_("assistant's inference")
OPINION = N_("user's opinion")
PERSPECTIVE = N_("user perspective")
"""Whose words a memory's text says that it holds."""

_WORDS: dict[Perspective, str] = {
    "inference": INFERENCE,
    "opinion": OPINION,
    "perspective": PERSPECTIVE,
}


def perspective(content: str) -> str | None:
    """Return whose words a memory's text says that it holds, or None where it does not say.

    One of `INFERENCE`, `OPINION` and `PERSPECTIVE`, to be translated where it is shown.
    """
    found = perspective_of(content)
    return None if found is None else _WORDS[found]


def without_marks(content: str) -> str:
    """Return a memory's text without its perspective marks, for a line in a list."""
    return MARK.sub("", content).strip()
