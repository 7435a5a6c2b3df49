"""A project's zone has changed: all times are computed again from their raw texts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from memos_admin.backend.times import parse_service_time
from memos_admin.store import runs, times
from memos_admin.store.records import UNLOOKED
from memos_admin.store.writer import Writer


def read_times_again(writer: Writer, zone: ZoneInfo) -> None:
    """Compute all times again in `zone`, in short transactions; blocks until that is done.

    If it is interrupted the next opening starts it anew, since the setting changes last. What is older than
    the first messages counts as not looked at from now on.
    """

    def part(after: int, table: str) -> int | None:
        return writer.submit(
            lambda connection: times.compute_again(
                connection, table, after, lambda raw: parse_service_time(raw, zone)
            )
        ).result()

    def finish(connection: Connection) -> None:
        times.refresh_derived(connection)
        runs.set_setting(connection, runs.ZONE, zone.key)

    writer.submit(lambda connection: runs.set_setting(connection, UNLOOKED, "1")).result()
    for table in times.TABLES:
        after: int | None = 0
        while after is not None:
            after = part(after, table)
    writer.submit(finish).result()
