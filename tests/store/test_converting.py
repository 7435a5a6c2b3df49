"""Writing a store anew by another key: it takes the old one's place whole, or not at all."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from memos_admin.store import checks, cipher, connection, converting, schema
from memos_admin.store.cipher_key import Key
from memos_admin.store.connection import connect, open_with
from memos_admin.store.converting import convert, erase
from memos_admin.store.errors import StoreBroken, StoreBusy, StoreInterrupted
from tests.processes import Running, begin, ended
from tests.store import schemas

KEY = Key(bytes(range(32)), bytes(range(100, 116)))
OTHER = Key(bytes(range(1, 33)), KEY.salt)


@pytest.fixture
def store(path: Path) -> Iterator[Path]:
    """A plain store with something of everything in it."""
    schemas.load(schema.CURRENT, path)
    yield path
    cipher.forget(path.parent)


def never() -> None:
    raise AssertionError("nobody is to be waited for")


def dump(path: Path, key: Key | None) -> list[str]:
    """Return a database as SQL; iterdump knows sqlite3's own connections only."""
    with closing(open_with(key, path)) as opened:
        tables = opened.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        held = [
            repr(row)
            for name, sql in tables
            if sql and sql.startswith("CREATE TABLE")
            for row in opened.execute(f"SELECT * FROM {name}")
        ]
        return [*map(repr, tables), *held]


def test_by_any_key_it_holds_the_same(store: Path) -> None:
    before = dump(store, None)
    for old, new in ((None, KEY), (KEY, OTHER), (OTHER, None)):
        convert(store, old, new, on_wait=never)
        assert dump(store, new) == before
        assert store.stat().st_mode & 0o777 == 0o600
        assert [file.name for file in store.parent.iterdir()] == ["store.db"]
    assert cipher.salt_of(store) is None


def test_what_the_old_file_held_is_overwritten(store: Path, tmp_path: Path) -> None:
    """Another name of it shows what is on the disk."""
    other = tmp_path / "other"
    other.hardlink_to(store)
    convert(store, None, KEY, on_wait=never)
    assert set(other.read_bytes()) == {0}
    erase(other)
    erase(other)
    assert not other.exists()


def test_one_that_is_given_up_is_as_it_was(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dump(store, None)
    stopping = threading.Event()
    stopping.set()
    monkeypatch.setattr(converting, "_STEPS", 1)
    with pytest.raises(StoreInterrupted):
        convert(store, None, KEY, on_wait=never, stopping=stopping)
    assert dump(store, None) == before
    assert [file.name for file in store.parent.iterdir()] == ["store.db"]


def test_one_that_came_out_otherwise_is_thrown_away(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(store, None)
    found = iter((["something"], []))
    monkeypatch.setattr(checks, "problems", lambda *_: next(found))
    with pytest.raises(StoreBroken, match="does not hold what"):
        convert(store, None, KEY, on_wait=never)
    assert dump(store, None) == before
    assert [file.name for file in store.parent.iterdir()] == ["store.db"]


HOLDING = """
import sys
from pathlib import Path
from memos_admin.store.reads import Reads
reads = Reads(Path(sys.argv[1]))
reads.totals()
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def holding(store: Path) -> Iterator[Running]:
    """Another program that has the store open."""
    running = begin(HOLDING, str(store), waits=True)
    yield running
    running.kill()
    ended(running)


def test_who_has_it_open_is_waited_for(
    store: Path, holding: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting, "_TRY_SECONDS", 0.01)
    convert(store, None, KEY, on_wait=holding.kill)
    assert holding.wait() == -signal.SIGKILL
    assert cipher.salt_of(store) == KEY.salt


def test_waiting_for_who_has_it_open_can_be_given_up(
    store: Path, holding: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting, "_TRY_SECONDS", 0.01)
    stopping = threading.Event()
    with pytest.raises(StoreInterrupted):
        convert(store, None, KEY, on_wait=stopping.set, stopping=stopping)
    assert holding.poll() is None
    assert cipher.salt_of(store) is None
    assert not [file for file in store.parent.iterdir() if "partial" in file.name]


def test_a_key_that_is_wrong_changes_nothing(store: Path) -> None:
    convert(store, None, KEY, on_wait=never)
    before = store.read_bytes()
    with pytest.raises(StoreBroken):
        convert(store, OTHER, None, on_wait=never)
    assert store.read_bytes() == before


def test_who_opens_it_while_it_is_replaced_is_told(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waited for it has a file that is nobody's any more, and must not write to that."""
    shutil.copy(store, tmp_path / "new")

    def replaced(path: Path, how: str = "") -> sqlite3.Connection:
        opened = open_with(None, path)
        (tmp_path / "new").replace(path)
        return opened

    monkeypatch.setattr(connection, "open_file", replaced)
    with pytest.raises(StoreBusy, match="replaced just now"):
        connect(store)


def test_the_key_is_shown_nowhere() -> None:
    assert KEY.raw.hex() not in repr(KEY)
    assert repr(KEY.raw) not in repr(KEY)
    assert KEY.check != OTHER.check
    assert Key.of_passphrase("words", KEY.salt) != Key.of_passphrase("other words", KEY.salt)
