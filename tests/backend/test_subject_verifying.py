"""Archives that were changed, or made to harm: verifying them says so, and harms nothing."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memos_admin.backend.subject_access import verifying
from memos_admin.backend.subject_access.archive import Archive
from memos_admin.backend.subject_access.document import NAMES
from memos_admin.backend.subject_access.verifying import LONGEST_MANIFEST, NotABundle, verify

TEXT = b"what was said\n"


def listed(**files: bytes) -> list[dict[str, Any]]:
    return [
        {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
    ]


def manifest(**fields: Any) -> bytes:
    return json.dumps(
        {
            "format": "memos-admin manifest",
            "format_version": 1,
            "files": listed(a=TEXT, b=b""),
            **fields,
        }
    ).encode()


def made(path: Path, *files: tuple[str, bytes], about: bytes | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
        archive.writestr("manifest.json", manifest() if about is None else about)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.zip"


GOOD = (("a", TEXT), ("b", b""))


def test_what_is_whole_is_called_whole(path: Path) -> None:
    found = verify(made(path, *GOOD))
    assert found.is_whole
    assert (found.files, found.problems) == (2, ())
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ((("a", b"WHAT was said\n"), GOOD[1]), "'a' says something else"),
        ((("a", TEXT + b"."), GOOD[1]), "'a' is longer"),
        ((("a", TEXT[:-1]), GOOD[1]), "'a' is shorter"),
        ((GOOD[1],), "'a' is missing"),
        ((*GOOD, GOOD[0]), "'a' is in it more than once"),
        ((*GOOD, ("../../etc/cron.d/x", b"* * * * *")), "'../../etc/cron.d/x' is in it, and"),
        ((*GOOD, ("your-data.exe", b"MZ")), "'your-data.exe' is in it, and"),
        ((("a", b"\0" * 50_000_000), GOOD[1]), "'a' is longer"),
    ],
)
def test_what_is_not_is_told(
    path: Path, files: tuple[tuple[str, bytes], ...], problem: str
) -> None:
    found = verify(made(path, *files))
    assert not found.is_whole
    assert len(found.problems) == 1
    assert found.problems[0].startswith(problem)


def test_no_more_is_unpacked_than_there_should_be(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few bytes that would become 50 MB: one piece beyond the size that is listed is read."""
    monkeypatch.setattr(verifying, "_PIECE", 1 << 12)
    read = 0
    before = zipfile.ZipExtFile.read

    def count(self: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        nonlocal read
        data = before(self, n)
        read += len(data)
        return data

    monkeypatch.setattr(zipfile.ZipExtFile, "read", count)
    assert verify(made(path, ("a", b"\0" * 50_000_000), GOOD[1])).problems
    assert read < 10_000


def test_an_archive_that_was_cut_is_called_so(path: Path) -> None:
    """Also where a workbook within, a zip archive too, ends in what is left."""
    assert NAMES[0] == verifying._FIRST
    book = (
        made(path.with_name("book.xlsx"), ("sheet", TEXT))
        .read_bytes()
        .replace(b"manifest", b"relation")
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(NAMES[0], TEXT)
        archive.writestr("data.xlsx", book)
        archive.writestr("messages.csv", TEXT * 10)
        archive.writestr("manifest.json", manifest())
    whole = path.read_bytes()
    for end in (50, len(NAMES[0]) + 60, whole.index(b"messages.csv") + 20, len(whole) - 30):
        path.write_bytes(whole[:end])
        with pytest.raises(NotABundle, match="its end is missing"):
            verify(path)
    path.write_bytes(book)
    with pytest.raises(NotABundle, match="it is not by this program"):
        verify(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_without_its_manifest_or_with_two_is_told_to_be_changed(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(NAMES[0], TEXT)
    with pytest.raises(NotABundle, match=r"It has no manifest.json, and .* it was changed"):
        verify(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("manifest.json", manifest())
        archive.writestr("manifest.json", manifest())
    with pytest.raises(NotABundle, match="more than once"):
        verify(path)


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_unpacked_without_a_bound_is_not(path: Path, packed: int) -> None:
    made(path, GOOD[1])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("a", TEXT, packed)
    assert verify(path).problems == ("'a' is not packed as by this program.",)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", manifest(), packed)
    with pytest.raises(NotABundle, match="not packed"):
        verify(path)


@pytest.mark.parametrize(
    "about",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b"1" * 5_000,
        b'{"format": "something else"}',
        manifest(format_version="1"),
        manifest(files=None),
        manifest(files=[1]),
        manifest(files=[{"name": 1, "size": 1, "sha256": "0" * 64}]),
        manifest(files=[{"name": "a", "size": True, "sha256": "0" * 64}]),
        manifest(files=[{"name": "a", "size": 1, "sha256": "0"}]),
        manifest(files=listed(a=TEXT) * 2),
        b" " * (LONGEST_MANIFEST + 1),
    ],
    ids=lambda about: about[:20].decode("ascii", "replace"),
)
def test_manifests_that_are_none(path: Path, about: bytes) -> None:
    with pytest.raises(NotABundle):
        verify(made(path, *GOOD, about=about))


def test_one_of_a_newer_version_is_not_judged(path: Path) -> None:
    with pytest.raises(NotABundle, match="newer version"):
        verify(made(path, *GOOD, about=manifest(format_version=2)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: b"PK",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-10],
        lambda data: data.replace(b"PK\x01\x02", b"PK\x01\x03"),
    ],
)
def test_files_that_are_no_archives(path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path.write_bytes(spoil(made(path, *GOOD).read_bytes()))
    with pytest.raises(NotABundle):
        verify(path)


def test_one_that_is_encrypted_is_told(path: Path) -> None:
    data = bytearray(made(path, *GOOD).read_bytes())
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = data.find(mark)
        data[at + flags] |= 1
    path.write_bytes(data)
    found = verify(path)
    assert found.problems == ("'a' is encrypted.",)


@settings(max_examples=60)
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.integers(0, 10_000))
def test_whatever_is_changed_in_it_nothing_else_is_raised(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int, cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "spoiled.zip"
    data = bytearray(made(path, *GOOD).read_bytes())
    data[at % len(data)] = byte
    path.write_bytes(data[: max(1, len(data) - cut % 40)])
    try:
        found = verify(path)
    except NotABundle:
        return
    assert found.files <= 2


def test_archives_of_ours_verify(path: Path) -> None:
    with path.open("wb") as file:
        archive = Archive(file, 0)
        with archive.member("a") as member:
            member.text("what was said\n")
        with archive.member("b", packed=True):
            pass
        assert [entry.name for entry in archive.files] == ["a", "b"]
        with archive.member("manifest.json") as member:
            member.write(manifest())
        archive.close()
    assert verify(path).is_whole
