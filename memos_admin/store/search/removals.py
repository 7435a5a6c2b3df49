"""Noting a removal, in the transaction that removes. See `memos_admin.store.search.notes`."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from memos_admin.store import runs
from memos_admin.store.search import logs
from memos_admin.store.search.notes import SETTING, Removal, Removals

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
