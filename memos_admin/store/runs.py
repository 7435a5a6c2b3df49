"""Writes about syncs themselves: runs, their progress, their requests, and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from memos_admin.store import tables
from memos_admin.store.records import ADDRESS, FINGERPRINT, Kind, SubjectRef
from memos_admin.store.scopes import scope_word
from memos_admin.store.subjects import chunks, subject
from memos_admin.store.tables import table_of

run = table_of(tables.SyncRun)
progress = table_of(tables.SyncProgress)
requests = table_of(tables.RequestLog)
spent = table_of(tables.SubjectRequests)
setting = table_of(tables.Setting)
message_version = table_of(tables.MessageVersion)
memory_version = table_of(tables.MemoryVersion)
seam = table_of(tables.Seam)

_KINDS = tuple(f"{kind}:" for kind in get_args(Kind))

ZONE = "service_timezone"
"""Setting: the zone in which times without one were read."""
UPDATE_FILTER = "update_filter"
"""Setting: whether the service honours a filter by update time (``honoured`` or ``ignored``; ``""``: that
is to be found out again)."""
MESSAGE_ORDER = "message_order"
"""Setting: the order of messages in the service's answers, as last detected."""


COUNTED_FROM = "requests_counted_from"
"""Setting: the key of the first run whose requests were counted for each subject."""


@dataclass(frozen=True, slots=True)
class Started:
    """A run that was begun.

    Attributes:
        finished: the keys of the subjects that it may skip.
        unended: the run that has read these, where it has not noted its end.
    """

    run_pk: int
    finished: frozenset[int]
    unended: int | None = None


def start(connection: Connection, *, mode: str, scope: str, now: int, fresh_since: int) -> Started:
    """Begin a run.

    If the last run of the same mode and scope was interrupted, what it had finished since
    `fresh_since` without a problem counts as finished by this one, so that a chain of interruptions ends.
    """
    last = connection.execute(
        select(run.c.pk, run.c.outcome)
        .where(run.c.mode == mode, run.c.scope == scope)
        .order_by(run.c.pk.desc())
        .limit(1)
    ).first()
    row = connection.execute(
        insert(run)
        .values(mode=mode, scope=scope, started_at=now, outcome="running")
        .returning(run.c.pk)
    )
    run_pk = int(row.scalar_one())
    if get_setting(connection, COUNTED_FROM) is None:
        set_setting(connection, COUNTED_FROM, str(run_pk))
    if last is None or last.outcome not in ("running", "cancelled", "stopped"):
        return Started(run_pk, frozenset())
    copied = ("subject_pk", "finished_at", "listed", "pages")
    kept = connection.execute(
        select(*(progress.c[name] for name in copied))
        .join(subject, subject.c.pk == progress.c.subject_pk)
        .where(
            progress.c.run_pk == last.pk,
            progress.c.finished_at.between(fresh_since, now),
            subject.c.problem.is_(None),
        )
    ).all()
    if kept:
        connection.execute(
            insert(progress),
            [dict(zip(copied, row, strict=True)) | {"run_pk": run_pk} for row in kept],
        )
    unended = last.pk if last.outcome == "running" else None
    return Started(run_pk, frozenset(row.subject_pk for row in kept), unended)


def note_subject(
    connection: Connection, run_pk: int, subject_pk: int, *, listed: bool, pages: int, now: int
) -> None:
    """Note that a run has read a subject's memories, and what of its messages could be read."""
    statement = upsert(progress).values(
        run_pk=run_pk, subject_pk=subject_pk, finished_at=now, listed=listed, pages=pages
    )
    connection.execute(statement.on_conflict_do_nothing())


def add_requests(connection: Connection, by_subject: Mapping[int, Mapping[str, int]]) -> None:
    """Add requests by route to those of subjects, who are named by their keys."""
    rows = [
        {"subject_pk": subject_pk, "route": route, "requests": n}
        for subject_pk, routes in by_subject.items()
        for route, n in routes.items()
        if n
    ]
    if rows:
        statement = upsert(spent)
        more = spent.c.requests + statement.excluded.requests
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["subject_pk", "route"], set_={"requests": more}
            ),
            rows,
        )


def finish(
    connection: Connection,
    run_pk: int,
    *,
    outcome: str,
    counts: Mapping[str, int],
    routes: Mapping[str, int],
    now: int,
) -> None:
    """End a run with its outcome, its counts (columns of sync_run) and its requests by route."""
    connection.execute(
        update(run).where(run.c.pk == run_pk).values(finished_at=now, outcome=outcome, **counts)
    )
    rows = [{"run_pk": run_pk, "route": route, "requests": n} for route, n in routes.items() if n]
    if rows:
        connection.execute(insert(requests), rows)


_FOUND = ("added", "changed", "vanished", "returned", "messages", "gaps", "kept", "failed")


def fold(connection: Connection, run_pk: int, into: int, longest: int) -> int:
    """Let a run that found nothing be a part of an earlier one that found nothing either.

    The earlier one ends when it ended then, and has its requests too; of its readings the last ones stay.

    Args:
        connection: within a transaction.
        run_pk: of the run.
        into: the earlier one, of the same subjects.
        longest: milliseconds from the beginning of the one to the end of the other at most.

    Returns:
        The key of the run that stays: `run_pk` where they cannot be one.
    """
    ran = {
        row.pk: row for row in connection.execute(select(run).where(run.c.pk.in_([run_pk, into])))
    }
    earlier, later = ran.get(into), ran.get(run_pk)
    if earlier is None or later is None or not _are_alike(connection, earlier, later):
        return run_pk
    if later.finished_at - earlier.started_at > longest:
        return run_pk
    connection.execute(delete(progress).where(progress.c.run_pk == into))
    connection.execute(update(progress).where(progress.c.run_pk == run_pk).values(run_pk=into))
    sent = connection.execute(
        select(requests.c.route, requests.c.requests).where(requests.c.run_pk == run_pk)
    ).all()
    if sent:
        statement = upsert(requests)
        more = requests.c.requests + statement.excluded.requests
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["run_pk", "route"], set_={"requests": more}
            ),
            [{"run_pk": into, "route": row.route, "requests": row.requests} for row in sent],
        )
    connection.execute(delete(requests).where(requests.c.run_pk == run_pk))
    connection.execute(
        update(run)
        .where(run.c.pk == into)
        .values(finished_at=later.finished_at, requests=earlier.requests + later.requests)
    )
    connection.execute(delete(run).where(run.c.pk == run_pk))
    return into


def _are_alike(connection: Connection, earlier: Row[Any], later: Row[Any]) -> bool:
    """Whether two runs found nothing, read the same subjects in the same way, and nothing names the later one."""
    if (earlier.mode, earlier.scope) != (later.mode, later.scope):
        return False
    for one in (earlier, later):
        if one.outcome != "complete" or any(getattr(one, name) for name in _FOUND):
            return False
    read = [
        {
            (row.subject_pk, row.listed)
            for row in connection.execute(select(progress).where(progress.c.run_pk == one.pk))
        }
        for one in (earlier, later)
    ]
    return read[0] == read[1] and not any(
        connection.scalar(select(table.c.pk).where(table.c.run_pk == later.pk).limit(1))
        for table in (message_version, memory_version, seam)
    )


def forget_subject(connection: Connection, ref: SubjectRef, subject_pk: int | None) -> bool:
    """Remove what runs remember of a subject; return whether a run had named it.

    Of a run that was about others too the name goes, and its counts stay; one that was about nobody
    else goes whole.
    """
    if subject_pk is not None:
        for table in (progress, spent):
            connection.execute(delete(table).where(table.c.subject_pk == subject_pk))
    name = scope_word(ref.kind, ref.external_id)
    alone, shared = [], []
    for pk, scope in connection.execute(
        select(run.c.pk, run.c.scope).where(func.instr(run.c.scope, name) > 0)
    ):
        words = scope.split(" ")
        if name in words:
            rest = [word for word in words if word != name]
            if any(word.startswith(_KINDS) for word in rest):
                shared.append({"b_pk": pk, "b_scope": " ".join(rest)})
            else:
                alone.append(pk)
    if shared:
        statement = update(run).where(run.c.pk == bindparam("b_pk"))
        connection.execute(statement.values(scope=bindparam("b_scope")), shared)
    for some in chunks(alone):
        for table in (message_version, memory_version, seam):
            of_them = update(table).where(table.c.run_pk.in_(some))
            connection.execute(of_them.values(run_pk=None))
        for table in (progress, requests):
            connection.execute(delete(table).where(table.c.run_pk.in_(some)))
        connection.execute(delete(run).where(run.c.pk.in_(some)))
    return bool(alone or shared)


def note_unnamed(connection: Connection, address: str, fingerprint: str) -> None:
    """Note what an unnamed project is that of, so that its folder can be told from others."""
    if get_setting(connection, ADDRESS) is None:
        set_setting(connection, ADDRESS, address)
        set_setting(connection, FINGERPRINT, fingerprint)


def get_setting(connection: Connection, name: str) -> str | None:
    """Return what the store remembers under `name`."""
    return connection.scalar(select(setting.c.value).where(setting.c.name == name))


def drop_setting(connection: Connection, name: str) -> None:
    """Remember nothing under `name` any more."""
    connection.execute(delete(setting).where(setting.c.name == name))


def set_setting(connection: Connection, name: str, value: str) -> None:
    """Remember `value` under `name`."""
    statement = upsert(setting).values(name=name, value=value)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": statement.excluded.value}
        )
    )
