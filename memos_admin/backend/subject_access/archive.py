"""A zip that is written file by file, each hashed on its way; the same contents make the same bytes."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BufferedIOBase
from typing import IO, BinaryIO

from memos_admin.backend.export.manifest import FileEntry

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_FILE_OF_OURS = 0o100600 << 16


class Archive:
    """A zip being written.

    Args:
        file: where to; need not be seekable.
        made_at: UTC milliseconds, the time of all its files.

    Attributes:
        files: what it has by now, in order.
    """

    def __init__(self, file: BinaryIO, made_at: int) -> None:
        self.files: list[FileEntry] = []
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        moment = datetime.fromtimestamp(made_at / 1000, UTC).timetuple()[:6]
        self._at = max(_EARLIEST, moment)

    @contextmanager
    def member(self, name: str, *, packed: bool = False) -> Iterator[Member]:
        """Give a file to be written; it is the archive's next one.

        Args:
            name: of the file.
            packed: what is written is compressed already.
        """
        about = zipfile.ZipInfo(name, self._at)
        about.external_attr = _FILE_OF_OURS
        about.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        with self._zip.open(about, "w", force_zip64=True) as target:
            member = Member(target)
            yield member
        self.files.append(FileEntry(name, member.size, member.sha256))

    def close(self) -> None:
        """Write the list of its files."""
        self._zip.close()


class Member(BufferedIOBase):
    """A file of an archive: takes bytes, or text as UTF-8."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target, self._hash, self.size = target, hashlib.sha256(), 0

    @property
    def sha256(self) -> str:
        """Of what was written, in hexadecimal digits."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:  # type: ignore[override]  # nobody here writes anything but bytes
        """Take bytes."""
        self._target.write(data)
        self._hash.update(data)
        self.size += len(data)
        return len(data)

    def text(self, text: str) -> None:
        """Take text."""
        self.write(text.encode("utf-8", "replace"))

    def writable(self) -> bool:
        """Return that it takes bytes."""
        return True
