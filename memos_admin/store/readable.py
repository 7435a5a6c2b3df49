"""Whether something can be read in a file by whoever has it, without any key.

Encrypted pages cannot be told from noise, so that nothing makes them smaller; what people wrote, and how
SQLite lays it out, can be made smaller. So a plain database is known though its beginning is damaged, and a log
without its database is.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from memos_admin.store.cipher import begins_plain

_PARTS, _PART_BYTES = 32, 4096
_NOISE = 0.9
"""Noise becomes no smaller than it is, and in a log has some order around each page."""


def is_readable(path: Path) -> bool:
    """Return whether a file, or one of the parts of it that are looked at, is not encrypted.

    Not for a file that this process has open, see `memos_admin.store.cipher`. An empty one has nothing to read.
    Raises OSError.
    """
    if begins_plain(path):
        return True
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        for number in range(min(_PARTS, size // _PART_BYTES)):
            file.seek(
                size * number // _PARTS if size > _PARTS * _PART_BYTES else number * _PART_BYTES
            )
            part = file.read(_PART_BYTES)
            if any(part) and len(zlib.compress(part, 1)) < _NOISE * len(part):
                return True
    return False
