"""Whether a bundle is what its manifest says: looked at without unpacking it, and never believed.

For the command line, whose language is English.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from memos_admin.backend.export.manifest import FORMAT, NAME, VERSION

LONGEST_MANIFEST = 16_000_000
"""Bytes; ours have some thousand, and less than a million where many places are listed."""
MOST_FILES = 1_000
_PIECE = 1 << 20
_HEADER = 30
"""Bytes before the name of a file in a zip archive."""
_FIRST = "your-data.html"
"""The first file of a bundle."""
_CUT = (
    "It begins as an archive of this program, and its end is missing: it was cut, or is damaged. Nothing of it "
    "can be compared. Take another copy of it, or export anew."
)
_NOT_OURS = "It has no manifest.json: it is not by this program."
_TAKEN_OUT = (
    "It has no manifest.json, and files that are named like those of an archive of this program: it was changed, "
    "or is damaged. Nothing of it can be compared. Take another copy of it, or export anew."
)
_SEVERAL = "It has manifest.json more than once: it was changed, or is not by this program."
_ENCRYPTED = 0x1
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What Python raises of archives that are damaged, or made to harm."""


class NotABundle(ValueError):
    """It is no archive of ours, or a damaged one; the text says why."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found.

    Attributes:
        sha256: of the whole file.
        manifest: what it says; only of the fields that were looked at is it known what they are.
        files: how many files are as the manifest says.
        problems: what is not, a sentence each.
    """

    path: Path
    sha256: str
    manifest: dict[str, Any] = field(repr=False)
    files: int
    problems: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether all is as the manifest says."""
        return not self.problems


def verify(path: Path) -> Verified:
    """Return whether a bundle's files are those of its manifest. Reads it in pieces, and writes nothing.

    Raises:
        NotABundle: it has no manifest of ours that could be read.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        whole = _hash_of(file)
        file.seek(0)
        try:
            with zipfile.ZipFile(file) as archive:
                # A workbook is a zip archive too: where the end was cut off, it is found instead.
                if NAME not in archive.namelist() and _FIRST not in archive.namelist():
                    raise NotABundle(_CUT if _begins_as_ours(file) else _NOT_OURS)
                about = _manifest(archive)
                listed = _listed(about)
                problems = list(_problems(archive, listed))
        except _BROKEN as error:
            if isinstance(error, NotABundle):
                raise
            text = "It is no zip archive that can be read: it is damaged."
            raise NotABundle(_CUT if _begins_as_ours(file) else text) from error
    bad = len({name for name, _text in problems if name in listed})
    texts = tuple(text for _name, text in problems)
    return Verified(path, whole, about, len(listed) - bad, texts)


def _begins_as_ours(file: BinaryIO) -> bool:
    """Whether a file begins with the first file of a bundle, whatever stands behind that."""
    file.seek(0)
    head = file.read(_HEADER + len(_FIRST))
    return head.startswith(b"PK\x03\x04") and head[_HEADER:] == _FIRST.encode()


def _hash_of(file: BinaryIO) -> str:
    found = hashlib.sha256()
    while piece := file.read(_PIECE):
        found.update(piece)
    return found.hexdigest()


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    if len(archive.infolist()) > MOST_FILES:
        raise NotABundle("It has more files than any archive of this program.")
    if (number := archive.namelist().count(NAME)) != 1:
        raise NotABundle(_SEVERAL if number else _TAKEN_OUT)
    if not _is_packed_as_ours(archive.getinfo(NAME)):
        raise NotABundle("Its manifest.json is not packed as by this program.")
    with archive.open(NAME) as file:
        data = file.read(LONGEST_MANIFEST + 1)
    if len(data) > LONGEST_MANIFEST:
        raise NotABundle("Its manifest.json is far too long to be by this program.")
    try:
        about = json.loads(data)
    except (ValueError, RecursionError):
        about = None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise NotABundle("Its manifest.json is not by this program.")
    version = about.get("format_version")
    if not isinstance(version, int) or version > VERSION:
        raise NotABundle("A newer version of this program made it. Verify it with that one.")
    return about


def _listed(about: dict[str, Any]) -> dict[str, tuple[int, str]]:
    """Return the size and SHA-256 of the files that a manifest lists."""
    listed: dict[str, tuple[int, str]] = {}
    files = about.get("files")
    for entry in files if isinstance(files, list) else [None]:
        values = entry if isinstance(entry, dict) else {}
        name, size, sha256 = values.get("name"), values.get("size"), values.get("sha256")
        if (
            not isinstance(name, str)
            or name in listed
            or type(size) is not int
            or not isinstance(sha256, str)
            or not _SHA256.fullmatch(sha256)
        ):
            raise NotABundle("The list of files in its manifest.json cannot be read.")
        listed[name] = size, sha256
    return listed


def _problems(
    archive: zipfile.ZipFile, listed: dict[str, tuple[int, str]]
) -> Iterator[tuple[str, str]]:
    """Yield (name, what is wrong) of what is not as it is listed."""
    names = Counter(archive.namelist())
    for name in listed.keys() - names.keys():
        yield name, f"{name!r} is missing."
    for name, number in names.items():
        if number > 1:
            yield name, f"{name!r} is in it more than once."
        elif name not in listed and name != NAME:
            yield (
                name,
                f"{name!r} is in it, and the manifest does not list it.",
            )
        elif name != NAME:
            problem = _problem(archive, archive.getinfo(name), *listed[name])
            if problem:
                yield name, problem.format(file=repr(name))


def _problem(archive: zipfile.ZipFile, about: zipfile.ZipInfo, size: int, sha256: str) -> str:
    """Return what is wrong with a file, as a text with a place for its name; ``""``: nothing."""
    if about.flag_bits & _ENCRYPTED:
        return "{file} is encrypted."
    if not _is_packed_as_ours(about):
        return "{file} is not packed as by this program."
    found, left = hashlib.sha256(), size
    try:
        with archive.open(about) as file:
            # No more is unpacked than there should be, so that little data cannot become endless.
            while piece := file.read(min(_PIECE, left + 1)):
                left -= len(piece)
                if left < 0:
                    return "{file} is longer than the manifest says."
                found.update(piece)
    except _BROKEN:
        return "{file} is damaged."
    if left:
        return "{file} is shorter than the manifest says."
    return (
        "" if found.hexdigest() == sha256 else "{file} says something else than when it was made."
    )


def _is_packed_as_ours(about: zipfile.ZipInfo) -> bool:
    """Whether it is stored or deflated: Python unpacks anything else without a bound."""
    return about.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
