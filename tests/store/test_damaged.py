"""A store with bytes that nobody wrote is read as far as it can be, or said to be damaged."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memos_admin.store import checks, subjects
from memos_admin.store.errors import StoreError
from memos_admin.store.reads import Reads
from memos_admin.store.records import Filter, SubjectRef
from memos_admin.store.schema import open_current
from memos_admin.store.writer import Writer
from tests.effort import examples

NAMES = [SubjectRef("user", f"user {number}") for number in range(200)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of some users."""
    path = tmp_path_factory.mktemp("whole") / "store.db"
    writer = Writer(path)
    writer.submit(lambda connection: subjects.add(connection, NAMES, "hand", 1)).result()
    writer.close()
    return path


@settings(max_examples=examples(60))
@given(
    spoils=st.lists(st.tuples(st.integers(0, 200_000), st.binary(max_size=40)), max_size=4),
    length=st.none() | st.integers(0, 200_000),
)
def test_a_store_of_any_bytes_is_read_or_told(
    whole: Path,
    tmp_path_factory: pytest.TempPathFactory,
    spoils: list[tuple[int, bytes]],
    length: int | None,
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "store.db"
    shutil.copyfile(whole, path)
    content = bytearray(path.read_bytes())
    for at, instead in spoils:
        content[at : at + len(instead)] = instead
    path.write_bytes(content[:length])
    with contextlib.suppress(StoreError), Reads(path) as reads:
        reads.subjects(reads.subject_pks("user"))
        reads.memories(reads.memory_pks(Filter()))
        reads.totals()
    with (
        contextlib.suppress(StoreError),
        contextlib.closing(open_current(path, read_only=True)) as connection,
    ):
        checks.problems(connection, path)


def test_a_damaged_name_in_its_schema_is_told(whole: Path, tmp_path: Path) -> None:
    """SQLite names it in its error, which then is no UTF-8."""
    path = tmp_path / "store.db"
    content = whole.read_bytes()
    spoilt = content.replace(b"tablesubjectsubject", b"table\x80ubjectsubject")
    spoilt = spoilt.replace(b"CREATE TABLE subject", b"CREATE TABLX subject")
    assert spoilt != content
    path.write_bytes(spoilt)
    with pytest.raises(StoreError, match="damaged or not a store"), Reads(path) as reads:
        reads.subject_pks()
