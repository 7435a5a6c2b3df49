"""The table ``[privacy]`` of ``config.toml``: how screen-safe mode starts.

::

    [privacy]
    mask = true                     # the interface starts with it on
    pseudonyms = true               # and every user has another name in it
"""

from __future__ import annotations

from typing import NamedTuple

from memos_admin.backend.config import Table


class Privacy(NamedTuple):
    """How it starts: what is masked, and whether users have other names."""

    mask: bool = False
    pseudonyms: bool = False


def privacy(top: Table) -> Privacy:
    """Return what a configuration says of it. Raises ConfigError."""
    table = top.table("privacy")
    table.only(Privacy._fields)
    pseudonyms = table.flag("pseudonyms", default=False)
    return Privacy(table.flag("mask", default=pseudonyms), pseudonyms)
