"""Messages as CSV: ours beside the sqlite3 program, csv.writer, and what else is installed."""

from __future__ import annotations

import contextlib
import csv
import gc
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench, Store
from benchmarks.machine import largest_memory
from benchmarks.measure import Figure, Samples, alternating
from benchmarks.terminal import ROOT
from memos_admin.backend.export.exporting import export as export_scope
from memos_admin.backend.export.rows import MESSAGE_COLUMNS
from memos_admin.backend.export.scope import MemoriesScope, MessagesScope, SubjectScope
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.cli.main import OBJECTS

SQLITE = "sqlite3 -csv"
_OURS = (sys.executable, "-m", "memos_admin")
_QUERY = """
SELECT 'bench', s.kind, s.external_id, c.conversation_id, m.position, m.role, m.role_id, m.role_name,
       m.content, m.created_at, m.updated_at,
       EXISTS (SELECT 1 FROM seam g WHERE g.message_pk = m.pk AND g.kind = 'gap'),
       '', c.fetched_at, c.served_at
FROM subject s JOIN conversation c ON c.subject_pk = s.pk JOIN message m ON m.conversation_pk = c.pk
{} ORDER BY c.pk, m.position"""
"""The same rows. Easier than ours: no guard, no times as text, no memories derived from each."""

Call = Callable[[], object]


def export(bench: Bench) -> Iterator[Figure]:
    """All messages, one user's, and how much memory that takes."""
    if shutil.which("sqlite3") is None:
        bench.skip("the sqlite3 program (a Debian package installs it)")
    for store in bench.stores:
        target = bench.folder / "export.csv"
        ours: Call = partial(export_scope, store.workspace(), MessagesScope(), output=target)
        calls: dict[str, Call] = {"ours": partial(_as_the_command, ours)}
        calls |= _references(bench, store, "", target)
        yield from _compared("all messages", store, calls, 1 if bench.full else 3)
        with store.workspace().open_reads() as reads:
            (largest,) = reads.subjects(reads.subject_pks(order="memories")[:1])
        ours = partial(export_scope, store.workspace(), SubjectScope(largest.ref), output=target)
        calls = {"ours": partial(_as_the_command, ours)}
        calls |= _references(bench, store, largest.ref.external_id, target)
        yield from _compared(f"one user's {largest.messages:,} messages", store, calls, 5)
        yield from _memories(store, target)
        yield from _process(store, largest.ref)


def _compared(what: str, store: Store, calls: dict[str, Call], times: int) -> Iterator[Figure]:
    samples = alternating(calls, times)
    reference = SQLITE if SQLITE in samples else "csv.writer"
    for name, taken in samples.items():
        yield taken.figure(
            f"{what}: {name}",
            store=str(store.size),
            against=None if name == reference else samples[reference],
            reference="" if name == reference else reference,
            aim="≤ 2.5 ×" if name == "ours" else "",
        )


def _references(bench: Bench, store: Store, user: str, target: Path) -> dict[str, Call]:
    query = _QUERY.format(f"WHERE s.external_id = '{user}'" if user else "")
    path = str(store.path)
    calls: dict[str, Call] = {"csv.writer": partial(_csv_writer, path, query, target)}
    programs = {
        SQLITE: ("sqlite3", "-readonly", "-csv", path, query),
        "sqlite-utils": ("sqlite-utils", "query", path, query, "--csv"),
    }
    for name, command in programs.items():
        if shutil.which(command[0]) is not None:
            calls[name] = partial(_run, command, target)
    if bench.full:
        bench.skip("pandas at full size: it holds all rows at once, for minutes")
    elif python := _with_pandas():
        code = (
            "import sys, sqlite3, pandas; path, query = sys.argv[1:]; "
            "pandas.read_sql_query(query, sqlite3.connect(path)).to_csv(sys.stdout, index=False)"
        )
        calls["pandas"] = partial(_run, (python, "-c", code, path, query), target)
    return calls


def _with_pandas() -> str | None:
    """Return an interpreter that has pandas: ours, or that of the other programs."""
    beside = shutil.which("sqlite-utils")
    for found in (sys.executable, str(Path(beside).with_name("python")) if beside else ""):
        command = [found, "-c", "import pandas"]
        if found and not subprocess.run(command, capture_output=True, check=False).returncode:
            return found
    return None


def _run(command: Sequence[str], target: Path) -> None:
    with target.open("wb") as file:
        subprocess.run(command, stdout=file, check=True)


def _csv_writer(path: str, query: str, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(path)) as connection,
        target.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(MESSAGE_COLUMNS)
        writer.writerows(connection.execute(query))


def _as_the_command(call: Call) -> None:
    """Call with garbage looked for as seldom as the command line does."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS)
    try:
        call()
    finally:
        gc.set_threshold(*before)


def _memories(store: Store, target: Path) -> Iterator[Figure]:
    start = time.perf_counter()
    export_scope(store.workspace(), MemoriesScope(Filter()), output=target)
    seconds = time.perf_counter() - start
    yield Figure("all memories: ours", store.size.memories / seconds, "rows/s", str(store.size))


def _process(store: Store, ref: SubjectRef) -> Iterator[Figure]:
    """The command in a process of its own: its first byte, and its largest memory."""
    size = str(store.size)
    command = (*_OURS, "export", "user", ref.external_id, "--format", "csv", "--output", "-")
    first, most = Samples(), 0.0
    for _ in range(5):
        seconds, peak = _piped(command, store)
        first.seconds.append(seconds)
        most = max(most, peak)
    all_messages = (*_OURS, "export", "messages", "--format", "csv", "--output", "-")
    _, most_of_all = _piped(all_messages, store)
    _, idle = _piped((*_OURS, "users", "list", "--limit", "1"), store)
    yield first.figure("memos-admin export user: first byte, start included", store=size)
    if most:
        what = "memos-admin export user: memory above users list"
        yield Figure(what, most - idle, "MiB", size, aim="≤ 40")
        what = "memos-admin export messages: memory above users list"
        yield Figure(what, most_of_all - idle, "MiB", size, aim="≤ 40")


def _piped(command: Sequence[str], store: Store) -> tuple[float, float]:
    """Return the seconds to the first byte that a command writes, and its largest memory in MiB.

    The memory is looked at whenever some output has come. (``ru_maxrss`` would be of no use: it
    counts what this process held when it forked.) 0 where there is no /proc.
    """
    most, start = 0.0, time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(store.environment),
        cwd=ROOT,
        bufsize=0,
    ) as process:
        if process.stdout is None or not process.stdout.read(1):
            raise RuntimeError(f"{command} wrote nothing")
        seconds = time.perf_counter() - start
        while True:
            most = max(most, largest_memory(process.pid))
            if not process.stdout.read(1 << 16):
                return seconds, most
