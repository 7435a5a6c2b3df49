"""Bytes of a terminal that are no UTF-8, as a paste can have them, or a terminal of another locale.

Textual decodes strictly and ends the program (https://github.com/Textualize/textual/issues/6456).
"""

from __future__ import annotations

from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable
from functools import partial


def use() -> None:
    """Have Textual read them as U+FFFD; to be called before an app runs."""
    from textual.drivers import linux_driver

    linux_driver.getincrementaldecoder = _lenient  # type: ignore[assignment, attr-defined]  # an import of its own, replaced


def _lenient(encoding: str) -> Callable[[], IncrementalDecoder]:
    return partial(getincrementaldecoder(encoding), "replace")
