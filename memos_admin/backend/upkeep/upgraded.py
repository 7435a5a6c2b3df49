"""What is said of a store that was brought to the schema of this version, and of the copy that is left of it."""

from __future__ import annotations

from pathlib import Path

from memos_admin.language import gettext as _


def done() -> str:
    """Return that it was."""
    return _("The store was brought to the form that this version needs.")


def left(copy: Path) -> str:
    """Return where it is kept as it was before, and what room that takes."""
    try:
        size = copy.stat().st_size
    except OSError:
        text = _("As it was before it is kept as {copy}; delete that when nothing is missed.")
        return text.format(copy=copy)
    text = _(
        "As it was before it is kept as {copy}, {size} MB; delete that when nothing is missed."
    )
    return text.format(copy=copy, size=f"{size / 1e6:,.1f}")
