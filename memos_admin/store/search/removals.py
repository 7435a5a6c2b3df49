"""Noting a removal, in the transaction that removes, or that drops what was said before. See `memos_admin.store.search.notes`."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

from memos_admin.store import runs
from memos_admin.store.search import logs
from memos_admin.store.search.notes import SETTING, Removal, Removals
from memos_admin.store.subjects import chunks

_HIGHEST = (1 << 63) - 1
_MESSAGES = """
SELECT DISTINCT pk / ?1 FROM message WHERE conversation_pk = ?2"""
_MESSAGE_VERSIONS = """
SELECT DISTINCT v.pk / ?1 FROM message m JOIN message_version v ON v.message_pk = m.pk
WHERE m.conversation_pk = ?2"""


@contextmanager
def of_subject(connection: Connection, subject_pk: int) -> Iterator[None]:
    """Note that what belongs to a subject is removed inside."""
    shards: dict[str, list[int]] = {
        log.name: _shards(
            connection,
            f"SELECT DISTINCT pk / ?1 FROM ({log.of_subject})",
            (logs.SHARD, subject_pk, 0, _HIGHEST),
        )
        for log in logs.LOGS
    }
    yield
    _note(connection, shards)


@contextmanager
def of_conversation(connection: Connection, conversation_pk: int) -> Iterator[None]:
    """Note that the messages of a conversation are removed inside."""
    shards: dict[str, list[int]] = {
        "message": _shards(connection, _MESSAGES, (logs.SHARD, conversation_pk)),
        "message_version": _shards(connection, _MESSAGE_VERSIONS, (logs.SHARD, conversation_pk)),
    }
    yield
    _note(connection, shards)


@contextmanager
def of_whole_memories(connection: Connection, pks: Sequence[int]) -> Iterator[None]:
    """Note that memories are removed inside, whoever they are listed for."""
    shards = _of_items(connection, "memory_pk", pks, ("listing", "memory_version"))
    yield
    _note(connection, shards)


def of_memories(connection: Connection, pks: Sequence[int]) -> None:
    """Note that memories said something before that is to be found no more."""
    _note(connection, _of_items(connection, "memory_pk", pks, ("listing", "memory_version")))


def of_messages(connection: Connection, pks: Sequence[int]) -> None:
    """Note that messages said something before that is to be found no more."""
    shards = _of_items(connection, "pk", pks, ("message",))
    _note(connection, shards | _of_items(connection, "message_pk", pks, ("message_version",)))


def _of_items(
    connection: Connection, column: str, pks: Sequence[int], names: Sequence[str]
) -> dict[str, list[int]]:
    found: dict[str, set[int]] = {name: set() for name in names}
    for some in chunks(pks):
        marks = ",".join("?" * len(some))
        for name in names:
            sql = f"SELECT DISTINCT pk / {logs.SHARD} FROM {name} WHERE {column} IN ({marks})"
            found[name].update(connection.exec_driver_sql(sql, tuple(some)).scalars())
    return {name: sorted(numbers) for name, numbers in found.items()}


def _shards(connection: Connection, sql: str, values: tuple[int, ...]) -> list[int]:
    return sorted(connection.exec_driver_sql(sql, values).scalars())


def _note(connection: Connection, shards: dict[str, list[int]]) -> None:
    """Note a removal that has been done; of one that removed no text nothing is noted."""
    removed = {name: numbers for name, numbers in shards.items() if numbers}
    if not removed:
        return
    floors: dict[str, int] = {
        log.name: connection.exec_driver_sql(f"SELECT max(pk) FROM {log.name}").scalar() or 0
        for log in logs.LOGS
    }
    before = Removals.from_json(runs.get_setting(connection, SETTING))
    removal = Removal(secrets.token_hex(8), removed, floors)
    runs.set_setting(connection, SETTING, before.with_one_more(removal))
