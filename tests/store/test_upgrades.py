"""Upgrades of the stores that earlier versions have left: nothing is lost, whatever interrupts them."""

from __future__ import annotations

import random
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from memos_admin.store import checks, cipher, migrations, schema, streams
from memos_admin.store.cipher_key import Key
from memos_admin.store.connection import open_file
from memos_admin.store.converting import convert
from memos_admin.store.errors import StoreBroken, StoreTooNew
from memos_admin.store.reads import Reads
from memos_admin.store.records import MOVES_KEPT_SINCE, UNLOOKED
from memos_admin.store.schema import open_current
from memos_admin.store.writer import Writer
from tests.damage import overwrite_page_of
from tests.effort import LONG
from tests.processes import begin, ended
from tests.store import schemas
from tests.store.schemas import columns, make, tables

EVERY = range(1, schema.CURRENT + 1)
OLD = EVERY[:-1]
KEY = Key(bytes(range(32)), bytes(range(100, 116)))
PLAIN = b"SQLite format 3\0"


def but(table: str) -> str:
    """Return the condition that leaves out what an upgrade has noted."""
    return f" WHERE name NOT IN ('{UNLOOKED}', '{MOVES_KEPT_SINCE}')" if table == "setting" else ""


def contents(path: Path, of: dict[str, list[str]] | None = None) -> dict[str, list[Any]]:
    """Return all rows of all tables, or of some columns of some tables, in no order."""
    with closing(open_file(path)) as connection:
        wanted = of or {table: columns(connection, table) for table in tables(connection)}
        return {
            table: sorted(
                connection.execute(
                    f"SELECT {', '.join(names)} FROM {table}{but(table)}"
                ).fetchall(),
                key=repr,
            )
            for table, names in wanted.items()
        }


def shape(path: Path) -> dict[str, list[str]]:
    """Return the columns of each table."""
    with closing(open_file(path)) as connection:
        return {table: columns(connection, table) for table in tables(connection)}


def definitions(path: Path) -> set[str]:
    """Return what tables and indexes are said to be, however it is spaced and quoted."""
    with closing(open_file(path)) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {re.sub(r"[\s\"]+", "", sql) for (sql,) in rows}


def number_of(path: Path) -> int:
    with closing(open_file(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_the_store_of_every_schema_is_kept() -> None:
    kept = sorted(path.name for path in schemas.FOLDER.glob("*.sql"))
    assert kept == [f"{number:04d}.sql" for number in EVERY], (
        "A migration needs the store of the schema before it and of its own, written while the code "
        "of that schema is here: python -m tests.store.schemas.make"
    )


@pytest.mark.parametrize("number", EVERY)
def test_a_kept_store_has_its_schema_and_something_of_everything(
    path: Path, tmp_path: Path, number: int
) -> None:
    schemas.load(number, path)
    migrations.migrate(tmp_path / "new" / "store.db", to=f"{number:04d}")
    assert definitions(path) == definitions(tmp_path / "new" / "store.db")
    assert [table for table, rows in contents(path).items() if not rows] == []


def test_the_new_stores_of_tests_are_those_of_the_migrations(tmp_path: Path) -> None:
    quick, real = tmp_path / "quick.db", tmp_path / "real.db"
    migrations.migrate(quick)
    migrations.migrate(real, to=f"{schema.CURRENT:04d}")
    assert definitions(quick) == definitions(real)
    assert contents(quick) == contents(real)


def test_the_newest_store_is_what_its_code_writes(path: Path, tmp_path: Path) -> None:
    """What the writer of these stores does is still what the program does."""
    schemas.load(schema.CURRENT, path)
    (tmp_path / "now.db").touch()
    with closing(sqlite3.connect(tmp_path / "now.db")) as connection:
        connection.executescript(make.make(schema.CURRENT))
    assert {name: len(rows) for name, rows in contents(path).items()} == {
        name: len(rows) for name, rows in contents(tmp_path / "now.db").items()
    }


def encrypt(path: Path) -> None:
    """Encrypt a store, as `store encrypt` leaves it, and open it from now on."""
    convert(path, None, KEY, on_wait=lambda: None)
    path.with_name(cipher.FILE_NAME).touch()
    cipher.use(path.parent, KEY)
    with closing(open_file(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


@pytest.fixture(params=["plain", "encrypted"])
def load(request: pytest.FixtureRequest, path: Path) -> Iterator[Callable[[int], None]]:
    """Makes the store of a schema at `path`; an encrypted one is as `store encrypt` has left it."""

    def loaded(number: int) -> None:
        schemas.load(number, path)
        if request.param == "encrypted":
            encrypt(path)

    yield loaded
    assert path.read_bytes()[:16] == (KEY.salt if request.param == "encrypted" else PLAIN)
    cipher.forget(path.parent)


@pytest.mark.parametrize("number", OLD)
def test_an_upgrade_loses_no_row_and_changes_no_text(
    path: Path, tmp_path: Path, number: int, load: Callable[[int], None]
) -> None:
    load(number)
    before, shaped = contents(path), shape(path)
    Writer(path).close()
    assert number_of(path) == schema.CURRENT
    assert contents(path, shaped) == before
    Writer(tmp_path / "new" / "store.db").close()
    assert definitions(path) == definitions(tmp_path / "new" / "store.db")
    with closing(open_current(path)) as connection:
        assert checks.problems(connection, path) == []
    with Reads(path) as reads:
        assert reads.totals().messages == len(before["message"])
    copy = path.with_name(f"store.db.schema-{number}.bak")
    assert number_of(copy) == number
    assert contents(copy) == before
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [1, 7])
def test_ids_of_messages_are_known_after_an_upgrade_from_their_json(
    path: Path, number: int, load: Callable[[int], None]
) -> None:
    load(number)
    raws = [
        '{"message_id": "m1", "id": "x"}',
        '{"id": 7}',
        '{"message_id": "", "id": "y"}',
        '{"id": ',
        "",
    ]
    with closing(open_file(path)) as connection:
        connection.executemany("UPDATE message_raw SET raw = ? WHERE message_pk = ?",
                               [(raw, pk) for pk, raw in enumerate(raws, 1)])  # fmt: skip
    Writer(path).close()
    with Reads(path) as reads:
        found = streams.message_ids(reads.query, range(1, 10))
    assert found == {1: "m1", 2: "7", 3: "y"}


@pytest.mark.parametrize("number", [1, 7])
def test_as_of_when_messages_are_is_known_after_an_upgrade_as_far_as_it_can_be(
    path: Path, number: int, load: Callable[[int], None]
) -> None:
    """Of those that the last reading did not return, as of the last one that brought or changed any."""
    load(number)
    with closing(open_file(path)) as connection:
        kept = "UPDATE conversation SET fetched_at = 99, window = {} WHERE conversation_id = '{}'"
        connection.execute(kept.format(0, "c2"))
        connection.execute(kept.format("NULL", "旅行"))
        connection.execute(kept.format(0, "0610"))
        connection.execute("DELETE FROM message_version WHERE message_pk IN (SELECT m.pk FROM message m "
                           "JOIN conversation c ON c.pk = m.conversation_pk WHERE conversation_id = '旅行')")  # fmt: skip
    Writer(path).close()
    with Reads(path) as reads:
        found = reads.conversations(list(range(1, 6)))
        assert [
            (one.conversation_id, one.fetched_at, one.served_at, one.kept) for one in found
        ] == [
            ("c1", 15, 15, False),
            ("c1", None, None, False),
            ("c2", 99, 16, True),
            ("0610", 99, None, False),
            ("旅行", 99, 15, True),
        ]
        assert [run.kept for run in reads.runs(9)] == [None]


def test_a_newer_store_with_data_is_refused_and_not_a_byte_of_it_changed(
    path: Path, load: Callable[[int], None]
) -> None:
    load(schema.CURRENT)
    with closing(open_file(path)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.CURRENT + 1}")
    before = path.read_bytes()
    for opening in (Reads, Writer, open_current):
        with pytest.raises(StoreTooNew):
            opening(path)
    assert path.read_bytes() == before
    assert {file.name for file in path.parent.iterdir()} <= {"store.db", cipher.FILE_NAME}


# -- interrupted, and at once ---------------------------------------------------------------------

SCRIPT = """
import sys
from pathlib import Path
from memos_admin.store import cipher, migrations
from memos_admin.store.cipher_key import Key
from memos_admin.store.schema import open_current
path, key = Path(sys.argv[1]), [bytes.fromhex(part) for part in sys.argv[2:]]
if key:
    cipher.library()
    cipher.use(path.parent, Key(*key))
print("ready", flush=True)
open_current(path).close()
print("done", flush=True)
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A store of the first schema whose upgrade takes a while."""
    return large_of(1, tmp_path_factory.mktemp("large") / "store.db")


def large_of(number: int, path: Path) -> bytes:
    """Return a store of a schema whose upgrade takes a while, made at `path`."""
    schemas.load(number, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        names = ", ".join(name for name in columns(connection, "memory") if name != "pk")
        chosen = names.replace("memory_id", "memory_id || '-' || n")
        connection.execute(
            f"""WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 20000)
                INSERT INTO memory ({names}) SELECT {chosen} FROM memory, numbers
                WHERE memory_id = 'm2'"""
        )
        connection.execute("INSERT INTO memory_raw SELECT pk, '{}' FROM memory WHERE pk > 0 EXCEPT "
                           "SELECT memory_pk, '{}' FROM memory_raw")  # fmt: skip
        connection.execute(
            """INSERT INTO listing (memory_pk, subject_pk, first_seen)
               SELECT pk, 1, 1 FROM memory WHERE pk NOT IN (SELECT memory_pk FROM listing)"""
        )
        connection.execute("UPDATE listing SET conversation_pk = NULL")
        connection.execute("UPDATE memory SET conversation_id = NULL")
        connection.execute("UPDATE memory SET version = 1 WHERE memory_id LIKE 'm2-%'")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


OF_OTHERS = OLD if LONG else OLD[:0]
KILLED = [
    *((how, 1, kills) for how, kills in (("plain", 2), ("encrypted", 2))),
    *((how, number, 20) for number in OF_OTHERS for how in ("plain", "encrypted") if number > 1),
]
"""How the store is, of which schema, and how often its upgrade is killed in the short form."""


@pytest.mark.parametrize(("how", "of", "kills"), KILLED)
def test_killed_at_any_moment_a_store_is_the_old_one_or_the_new_one(
    path: Path, how: str, of: int, kills: int
) -> None:
    key = [KEY.raw.hex(), KEY.salt.hex()] if how == "encrypted" else []
    large_of(of, path)
    if key:
        encrypt(path)
    large, beside = path.read_bytes(), cipher.FILE_NAME if key else "store.db"
    before, shaped = contents(path), shape(path)
    copy = path.with_name(f"store.db.schema-{of}.bak")
    running = begin(SCRIPT, str(path), *key)
    started = time.monotonic()
    assert ended(running) == ("done\n", "")
    seconds = time.monotonic() - started
    seen = set()
    for number in range(200 if LONG and of == 1 else kills):
        for file in path.parent.iterdir():
            if file.name != cipher.FILE_NAME:
                file.unlink()
        path.write_bytes(large)
        running = begin(SCRIPT, str(path), *key)
        # A random instant is what this is about; the first one is surely not too late.
        time.sleep(random.uniform(0, seconds) if number else 0)
        running.send_signal(signal.SIGKILL)
        ended(running)
        for file in path.parent.iterdir():
            assert not key or b"CREATE TABLE" not in file.read_bytes(), file
        found = number_of(path)
        seen.add(found)
        assert found in (of, schema.CURRENT)
        assert contents(path, shaped) == before
        assert copy.exists() or found == of
        if copy.exists():
            assert (number_of(copy), contents(copy)) == (of, before)
        assert ended(begin(SCRIPT, str(path), *key)) == ("done\n", "")
        assert number_of(path) == schema.CURRENT
        assert contents(path, shaped) == before
        assert {file.name for file in path.parent.iterdir()} == {"store.db", copy.name, beside}
        with closing(open_current(path)) as connection:
            assert checks.problems(connection, path) == []
    assert of in seen
    cipher.forget(path.parent)


@pytest.mark.skipif(schema.CURRENT == 1, reason="there is nothing to upgrade yet")
def test_processes_that_upgrade_at_once_agree_and_keep_the_old_one(
    path: Path, large: bytes
) -> None:
    path.parent.mkdir()
    path.write_bytes(large)
    before, shaped = contents(path), shape(path)
    running = [begin(SCRIPT, str(path)) for _ in range(3)]
    assert [ended(each) for each in running] == [("done\n", "")] * 3
    assert number_of(path) == schema.CURRENT
    assert contents(path, shaped) == before
    copy = path.with_name("store.db.schema-1.bak")
    assert (number_of(copy), contents(copy)) == (1, before)


def test_a_damaged_store_is_not_upgraded_and_takes_no_good_copys_place(tmp_path: Path) -> None:
    path, good = tmp_path / "store.db", tmp_path / "store.db.schema-3.bak"
    schemas.load(3, path)
    good.write_bytes(b"the good copy of an earlier try")
    overwrite_page_of(path, "message_raw")
    before = path.read_bytes()
    with pytest.raises(StoreBroken, match="is damaged: page"):
        open_current(path)
    assert path.read_bytes() == before
    assert good.read_bytes() == b"the good copy of an earlier try"
    assert not list(tmp_path.glob("*.partial*"))
