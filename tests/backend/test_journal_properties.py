"""Whatever is done to the entries of a journal, verifying finds it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.journal import Entry, chain
from memos_admin.backend.journal.reading import Wanted, listing
from memos_admin.backend.journal.verifying import verify
from memos_admin.store.errors import StoreError
from memos_admin.store.journal_file import COLUMNS
from tests.backend.journals import entries, rewrite, sealed, tampered, with_keyring, written
from tests.effort import examples

UNSEALED, SEALED = 2, 6
"""How many entries of the journals here come before its seals, and how many have one."""

ALL = UNSEALED + SEALED


@dataclass(frozen=True)
class Original:
    """A journal that is as it was written, to be copied."""

    home: Home

    def copied(self) -> Home:
        """Return the home with the journal as it was."""
        shutil.copyfile(self.home.path / "original.db", self.home.journal_path)
        return self.home


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Original]:
    """A journal that was sealed after its second entry."""
    home = Home(tmp_path_factory.mktemp("journal") / "home")
    with pytest.MonkeyPatch.context() as monkeypatch:
        with_keyring(monkeypatch)
        written(home, UNSEALED)
        sealed(home)
        written(home, SEALED, first=UNSEALED + 1)
        shutil.copyfile(home.journal_path, home.path / "original.db")
        assert verify(home).problems == ()
        yield Original(home)


SEQS = st.integers(1, ALL)
VALUES = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.text(max_size=5), st.binary(max_size=5)
)


@settings(max_examples=examples(150))
@given(seq=SEQS, column=st.sampled_from(COLUMNS), value=VALUES)
def test_a_changed_value_is_found(original: Original, seq: int, column: str, value: Any) -> None:
    home = original.copied()
    with tampered(home.journal_path) as connection:
        sql = f"SELECT {column}, typeof({column}) FROM entry WHERE seq = ?"
        before = connection.execute(sql, (seq,)).fetchone()
        statement = f"UPDATE OR IGNORE entry SET {column} = ? WHERE seq = ?"
        try:
            changes = connection.execute(statement, (value, seq)).rowcount
        except Exception:  # noqa: BLE001 - what the file cannot hold is no change
            return
        at = value if column == "seq" else seq
        after = connection.execute(sql, (at,)).fetchone() if changes else before
    found = verify(home)
    assert bool(found.problems) == (after != before)
    if found.problems and column != "seq":
        assert found.problems[0].seq in {seq, seq + 1}


@settings(max_examples=examples(60))
@given(kept=st.sets(SEQS, max_size=ALL - 1), hides=st.booleans(), seals=st.booleans())
def test_missing_entries_are_found(
    original: Original, kept: set[int], hides: bool, seals: bool
) -> None:
    home = original.copied()
    if hides:
        rewrite(home, lambda all_: [one for one in all_ if one.seq in kept], seal=seals)
    else:
        with tampered(home.journal_path) as connection:
            gone = [(seq,) for seq in range(1, ALL + 1) if seq not in kept]
            connection.executemany("DELETE FROM entry WHERE seq = ?", gone)
    assert verify(home).problems


@settings(max_examples=examples(60))
@given(order=st.permutations(range(ALL)), hides=st.booleans(), seals=st.booleans())
def test_another_order_is_found(
    original: Original, order: list[int], hides: bool, seals: bool
) -> None:
    home = original.copied()
    if hides:
        rewrite(home, lambda all_: [all_[at] for at in order], seal=seals)
    else:
        found = entries(home)
        with tampered(home.journal_path) as connection:
            connection.execute("UPDATE entry SET seq = seq + 100")
            moves = [(new.seq, found[at].seq + 100) for new, at in zip(found, order, strict=True)]
            connection.executemany("UPDATE entry SET seq = ? WHERE seq = ?", moves)
    assert bool(verify(home).problems) == (order != list(range(ALL)) or (hides and seals))


@settings(max_examples=examples(60))
@given(
    at=st.integers(0, ALL),
    like=SEQS,
    change=st.sampled_from([one.name for one in fields(Entry) if "hash" not in one.name]),
    seals=st.booleans(),
)
def test_an_entry_that_is_put_in_is_found(
    original: Original, at: int, like: int, change: str, seals: bool
) -> None:
    home = original.copied()

    def put_in(all_: list[Entry]) -> list[Entry]:
        forged = all_[like - 1]
        if isinstance(getattr(forged, change), str):
            another: dict[str, Any] = {change: "another"}
            forged = replace(forged, **another)
        return [*all_[:at], forged, *all_[at:]]

    rewrite(home, put_in, seal=seals)
    assert verify(home).problems


@pytest.mark.parametrize("far", [2_000_000, 2**63 - 1])
def test_keys_are_not_followed_to_a_number_that_is_far_away(
    original: Original, far: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = original.copied()
    with tampered(home.journal_path) as connection:
        connection.execute("UPDATE entry SET seq = ? WHERE seq = ?", (far, ALL))
    made: list[bytes] = []

    def made_one(key: bytes) -> bytes:
        made.append(key)
        assert len(made) <= ALL
        return next_key(key)

    next_key = chain.next_key
    monkeypatch.setattr(chain, "next_key", made_one)
    assert verify(home).problems[0].text == f"Entries {ALL}-{far - 1} are missing."


def test_a_key_that_is_taken_out_is_missed(original: Original) -> None:
    home = original.copied()
    with tampered(home.journal_path) as connection:
        connection.execute("UPDATE journal SET seal_key = NULL")
        connection.execute("DELETE FROM entry WHERE seq > ?", (ALL - 2,))
    assert "was taken out" in verify(home).problems[0].text


@settings(max_examples=examples(60))
@given(
    sealed_from=st.one_of(st.none(), st.integers(0, ALL + 2)),
    key=st.one_of(st.none(), st.binary(min_size=32, max_size=32)),
    uuid=st.booleans(),
)
def test_what_the_file_says_of_itself_is_held_to_it(
    original: Original, sealed_from: int | None, key: bytes | None, uuid: bool
) -> None:
    home = original.copied()
    with tampered(home.journal_path) as connection:
        connection.execute("UPDATE journal SET sealed_from = ?, seal_key = ?", (sealed_from, key))
        if uuid:
            connection.execute("UPDATE journal SET uuid = 'another'")
    assert verify(home).problems


@settings(max_examples=examples(60))
@given(
    spoils=st.lists(
        st.tuples(st.integers(0, 40_000), st.binary(max_size=40)), min_size=1, max_size=4
    ),
    length=st.none() | st.integers(0, 40_000),
)
def test_a_file_of_any_bytes_is_read_or_told(
    original: Original, spoils: list[tuple[int, bytes]], length: int | None
) -> None:
    home = original.copied()
    content = bytearray(home.journal_path.read_bytes())
    for at, instead in spoils:
        content[at : at + len(instead)] = instead
    home.journal_path.write_bytes(content[:length])
    for path in home.path.glob("journal.db-*"):
        path.unlink()
    with contextlib.suppress(StoreError, HomeError):
        list(listing(home, Wanted()).entries)
    with contextlib.suppress(StoreError, HomeError):
        verify(home)
    assert home.journal_path.read_bytes() == content[:length]


def test_a_damaged_name_in_its_schema_is_told(original: Original) -> None:
    """SQLite names it in its error, which then is no UTF-8."""
    home = original.copied()
    content = home.journal_path.read_bytes()
    spoilt = content.replace(b"tableentryentry", b"table\x80ntryentry")
    spoilt = spoilt.replace(b"CREATE TABLE entry", b"CREATE TABLX entry")
    assert spoilt != content
    home.journal_path.write_bytes(spoilt)
    with pytest.raises(StoreError, match="damaged or not a journal"):
        listing(home, Wanted())
