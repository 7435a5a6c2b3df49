"""Writes of verdicts and of the queues that operators go through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update

from memos_admin.store import alike, memories, subjects, tables
from memos_admin.store.tables import table_of
from memos_admin.store.verdict_records import Judgement

verdict = memories.verdict
queue = table_of(tables.VerdictQueue)
item = memories.queue_item


class Ended(NamedTuple):
    """A verdict that stood until now."""

    verdict: str
    version: int
    judged_at: int


class Undone(NamedTuple):
    """A verdict that was taken back, and the one that it had replaced, which stands again."""

    ended: Ended
    again: str | None


def give(connection: Connection, given: Judgement, operator: str, now: int) -> Ended | None:
    """Let a verdict stand, instead of the operator's earlier one on what says the same.

    Returns:
        The one that it replaces.

    Raises:
        LookupError: there is no such memory or version of it (any more).
    """
    of = memories.memory.c
    row = connection.execute(
        select(of.pk, of.version).where(of.memory_id == given.memory_id)
    ).first()
    if row is None or not 1 <= given.version <= row.version:
        raise LookupError(given.memory_id)
    before = _end(connection, row.pk, given.version, operator, how="replaced", now=now)
    subject_pk = None if given.ref is None else subjects.pk_of(connection, given.ref)
    connection.execute(
        insert(verdict).values(
            memory_pk=row.pk,
            version=given.version,
            operator=operator,
            verdict=given.verdict,
            note=given.note,
            ticket=given.ticket,
            judged_at=now if given.judged_at is None else given.judged_at,
            subject_pk=subject_pk,
        )
    )
    return before


def withdraw(
    connection: Connection,
    memory_id: str,
    version: int | None,
    operator: str,
    now: int,
) -> Ended | None:
    """End the operator's verdict on a version of a memory; return it, None: there was none.

    Args:
        connection: in a transaction.
        memory_id: of the memory.
        version: None: what it says now; where the operator has not judged that, the latest version judged.
        operator: whose.
        now: UTC milliseconds.
    """
    of = memories.memory.c
    memory = connection.execute(select(of.pk, of.version).where(of.memory_id == memory_id)).first()
    if memory is None:
        return None
    pk = memory.pk
    if version is None:
        of_now = verdict.c.version.in_(alike.of_version(connection, pk, memory.version))
        version = connection.scalar(
            select(verdict.c.version)
            .where(
                verdict.c.memory_pk == pk,
                verdict.c.operator == operator,
                verdict.c.ended_at.is_(None),
            )
            .order_by(of_now.desc(), verdict.c.version.desc())
            .limit(1)
        )
    if version is None:
        return None
    return _end(connection, pk, version, operator, how="withdrawn", now=now)


def note(
    connection: Connection,
    memory_id: str,
    version: int,
    operator: str,
    now: int,
    *,
    text: str | None,
) -> Ended | None:
    """Let a note stand beside the operator's verdict on a version, which stays that of when it was given.

    Returns:
        The verdict; None: there is none.
    """
    pk = connection.scalar(
        select(memories.memory.c.pk).where(memories.memory.c.memory_id == memory_id)
    )
    if pk is None:
        return None
    of = _of(connection, pk, version, operator)
    standing = select(verdict).where(of & verdict.c.ended_at.is_(None))
    row = connection.execute(standing.order_by(verdict.c.pk.desc())).mappings().first()
    if row is None:
        return None
    ended = _end(connection, pk, version, operator, how="replaced", now=now)
    _again(connection, row, note=text)
    return ended


def undo(
    connection: Connection,
    memory_id: str,
    version: int,
    operator: str,
    now: int,
    *,
    how: str = "withdrawn",
) -> Undone | None:
    """End the operator's verdict on a version, and let the one that it replaced stand again, as it was.

    Args:
        connection: in a transaction.
        memory_id: of the memory.
        version: the one that was judged.
        operator: whose.
        now: UTC milliseconds.
        how: as `tables.Verdict.ended`.

    Returns:
        What was undone; None: no verdict stood.
    """
    pk = connection.scalar(
        select(memories.memory.c.pk).where(memories.memory.c.memory_id == memory_id)
    )
    ended = None if pk is None else _end(connection, pk, version, operator, how=how, now=now)
    if pk is None or ended is None:
        return None
    of = _of(connection, pk, version, operator)
    first = select(func.min(verdict.c.pk)).where(of & _said(ended)).scalar_subquery()
    earlier = select(verdict).where(of & (verdict.c.pk < first)).order_by(verdict.c.pk.desc())
    before = connection.execute(earlier.limit(1)).mappings().first()
    if before is None or before["ended"] != "replaced":
        return Undone(ended, None)
    _again(connection, before)
    return Undone(ended, before["verdict"])


def _again(connection: Connection, row: RowMapping, **other: object) -> None:
    """Let a verdict that ended stand again, in another row."""
    values = {name: value for name, value in row.items() if name != "pk"}
    connection.execute(insert(verdict).values(values | {"ended_at": None, "ended": None} | other))


def _of(connection: Connection, memory_pk: int, version: int, operator: str) -> ColumnElement[bool]:
    """Return what an operator's verdicts have on what a version says, and others may say again."""
    return (
        (verdict.c.memory_pk == memory_pk)
        & verdict.c.version.in_(alike.of_version(connection, memory_pk, version))
        & (verdict.c.operator == operator)
    )


def _said(one: Ended) -> ColumnElement[bool]:
    """Return what all rows of a verdict have, of what a memory's version says and an operator."""
    return (verdict.c.judged_at == one.judged_at) & (verdict.c.verdict == one.verdict)


def _end(
    connection: Connection, memory_pk: int, version: int, operator: str, *, how: str, now: int
) -> Ended | None:
    of = _of(connection, memory_pk, version, operator)
    standing = of & verdict.c.ended_at.is_(None)
    row = connection.execute(
        select(verdict.c.verdict, verdict.c.version, verdict.c.judged_at)
        .where(standing)
        .order_by(verdict.c.pk.desc())
    ).first()
    if row is None:
        return None
    ended = Ended(*row)
    connection.execute(update(verdict).where(standing).values(ended_at=now, ended=how))
    if how == "slip":
        connection.execute(update(verdict).where(of & _said(ended)).values(ended=how))
    return ended


def forget_subject(connection: Connection, subject_pk: int) -> None:
    """Remove the verdicts that were given on a subject's listings, and the queues of it."""
    connection.execute(delete(verdict).where(verdict.c.subject_pk == subject_pk))
    for pk in connection.scalars(select(queue.c.pk).where(queue.c.subject_pk == subject_pk)).all():
        _remove_queue(connection, pk)


def put_queue(
    connection: Connection,
    *,
    operator: str,
    kind: str,
    blind: bool,
    subject_pk: int | None,
    asked: str,
    memory_pks: Sequence[int],
    fitting: int,
    now: int,
) -> int:
    """Begin a queue instead of the operator's last one of the kind; return its key."""
    same = (queue.c.operator == operator) & (queue.c.kind == kind) & (queue.c.blind == blind)
    for pk in connection.scalars(select(queue.c.pk).where(same)).all():
        _remove_queue(connection, pk)
    row = connection.execute(
        insert(queue)
        .values(
            operator=operator,
            kind=kind,
            blind=blind,
            subject_pk=subject_pk,
            asked=asked,
            made_at=now,
            used_at=now,
            fitting=fitting,
            position=0,
        )
        .returning(queue.c.pk)
    )
    made = int(row.scalar_one())
    rows = [
        {"queue_pk": made, "ordinal": number, "memory_pk": pk}
        for number, pk in enumerate(memory_pks)
    ]
    if rows:
        connection.execute(insert(item), rows)
    return made


def move_queue(connection: Connection, queue_pk: int, position: int, now: int) -> None:
    """Remember which item of a queue is at hand."""
    connection.execute(
        update(queue).where(queue.c.pk == queue_pk).values(position=position, used_at=now)
    )


def _remove_queue(connection: Connection, pk: int) -> None:
    connection.execute(delete(item).where(item.c.queue_pk == pk))
    connection.execute(delete(queue).where(queue.c.pk == pk))
