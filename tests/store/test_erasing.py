"""Erasing a subject: what is left is what a store would hold that never knew it, in its bytes too."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update

from memos_admin.store import (
    checks,
    erasing,
    memories,
    messages,
    runs,
    subjects,
    vanishing,
    verdicts,
)
from memos_admin.store.connection import connect
from memos_admin.store.errors import StoreBusy
from memos_admin.store.records import SubjectRef
from memos_admin.store.rewriting import rewrite
from memos_admin.store.schema import open_current
from memos_admin.store.scopes import scope_of
from memos_admin.store.verdict_records import Judgement
from memos_admin.store.writer import Writer
from tests.effort import examples
from tests.store import searching
from tests.store.searching import Filled
from tests.store.test_reads import incoming, subject_pk

ANN, BOB, BOT = SubjectRef("user", "ann"), SubjectRef("user", "bob"), SubjectRef("agent", "bot")
HERS = "9"
"""The id of a memory that is listed for Ann alone."""

EVERYTHING = {
    "subject": "SELECT kind, external_id, conversations, messages, memories FROM subject",
    "conversation": """SELECT s.external_id, c.conversation_id, c.messages, c.gaps, c.stale
        FROM conversation c JOIN subject s ON s.pk = c.subject_pk""",
    "message": """SELECT s.external_id, c.conversation_id, m.position, m.content, m.first_seen
        FROM message m JOIN conversation c ON c.pk = m.conversation_pk
        JOIN subject s ON s.pk = c.subject_pk""",
    "message_version": """SELECT m.position, c.conversation_id, s.external_id, v.content, v.replaced_at
        FROM message_version v JOIN message m ON m.pk = v.message_pk
        JOIN conversation c ON c.pk = m.conversation_pk JOIN subject s ON s.pk = c.subject_pk""",
    "memory": """SELECT memory_id, view, title, content, first_seen, version, version_since, digest
        FROM memory""",
    "memory_version": """SELECT m.memory_id, v.version, v.title, v.content, v.tags, v.seen_from,
        v.replaced_at, v.conversation_id FROM memory_version v JOIN memory m ON m.pk = v.memory_pk""",
    "memory_tag": """SELECT m.memory_id, t.ordinal, t.tag FROM memory_tag t
        JOIN memory m ON m.pk = t.memory_pk""",
    "memory_detail": """SELECT m.memory_id, d.raw FROM memory_detail d
        JOIN memory m ON m.pk = d.memory_pk""",
    "listing": """SELECT m.memory_id, s.kind, s.external_id, l.first_seen, l.vanished_at, l.reason
        FROM listing l JOIN memory m ON m.pk = l.memory_pk JOIN subject s ON s.pk = l.subject_pk""",
    "absence": """SELECT m.memory_id, s.kind, s.external_id, a.vanished_at, a.returned_at, a.reason
        FROM absence a JOIN listing l ON l.pk = a.listing_pk
        JOIN memory m ON m.pk = l.memory_pk JOIN subject s ON s.pk = l.subject_pk""",
    "verdict": """SELECT m.memory_id, d.version, d.operator, d.ended FROM verdict d
        JOIN memory m ON m.pk = d.memory_pk""",
    "verdict_queue": "SELECT operator, kind, blind FROM verdict_queue",
    "verdict_queue_item": """SELECT q.operator, q.blind, m.memory_id FROM verdict_queue_item i
        JOIN verdict_queue q ON q.pk = i.queue_pk JOIN memory m ON m.pk = i.memory_pk""",
    "sync_run": "SELECT started_at, mode, scope, outcome FROM sync_run",
    "sync_progress": """SELECT r.started_at, s.external_id FROM sync_progress p
        JOIN sync_run r ON r.pk = p.run_pk JOIN subject s ON s.pk = p.subject_pk""",
    "request_log": """SELECT r.started_at, q.route, q.requests FROM request_log q
        JOIN sync_run r ON r.pk = q.run_pk""",
    "subject_requests": """SELECT s.kind, s.external_id, q.route, q.requests FROM subject_requests q
        JOIN subject s ON s.pk = q.subject_pk""",
    "seam": "SELECT count(*) FROM seam",
    "memory_source": "SELECT count(*) FROM memory_source",
    "memory_raw": "SELECT count(*) FROM memory_raw",
    "message_raw": "SELECT count(*) FROM message_raw",
    "setting": """SELECT name, value FROM setting WHERE name NOT IN (
        'unswept', 'search_removals', 'requests_counted_from')""",
}


def contents(path: Path) -> dict[str, list[Any]]:
    """Return all that a store holds, without the keys that it happened to give."""
    with closing(sqlite3.connect(path)) as connection:
        tables = {
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        assert tables == set(EVERYTHING)
        return {
            name: sorted(connection.execute(sql).fetchall(), key=repr)
            for name, sql in EVERYTHING.items()
        }


class Story(Filled):
    """A store to which things happen as a sync does them."""

    def do(self, name: str, *values: Any) -> None:
        """Let something happen."""
        getattr(self, name)(*values)
        self.run(self._count)

    def latest(self, memory_id: str) -> str | None:
        """Return what a memory says."""
        return self.run(
            lambda c: c.scalar(
                select(memories.memory.c.content).where(memories.memory.c.memory_id == memory_id)
            )
        )

    def vanish(self, ref: SubjectRef, memory_id: str) -> None:
        """A memory is no longer listed for somebody."""
        now = next(searching.CLOCK)

        def job(c: Connection) -> None:
            for pk in c.scalars(
                select(memories.listing.c.pk)
                .join(memories.memory, memories.memory.c.pk == memories.listing.c.memory_pk)
                .where(
                    memories.memory.c.memory_id == memory_id,
                    memories.listing.c.subject_pk == subject_pk(c, ref),
                )
            ).all():
                vanishing.mark_vanished(c, {pk: "deleted"}, now)

        self.run(job)

    def judge(self, ref: SubjectRef, memory_id: str) -> None:
        """An auditor of somebody judges what a memory says."""

        def job(c: Connection) -> None:
            of = memories.memory.c
            version = c.scalar(select(of.version).where(of.memory_id == memory_id))
            if version is not None:
                given = Judgement(memory_id, version, "wrong", note="a note", ref=ref)
                verdicts.give(c, given, f"auditor of {ref.external_id}", 1)

        self.run(job)

    def detail(self, memory_id: str) -> None:
        """Somebody asks for a memory by its id."""
        self.run(lambda c: memories.keep_detail(c, memory_id, None, '{"detail": 1}', 1))

    def queue(self, ref: SubjectRef) -> None:
        """An auditor goes through all memories, or through those of one user."""

        def job(c: Connection) -> None:
            of, listed = memories.memory.c, memories.listing.c
            others = select(listed.memory_pk).where(listed.subject_pk != subjects.pk_of(c, ANN))
            wanted = (of.memory_id == HERS) | of.pk.in_(others) | (ref == ANN)
            pks = list(c.scalars(select(of.pk).where(wanted)))
            pk = subject_pk(c, ref) if ref == ANN else None
            verdicts.put_queue(
                c, operator="op", kind="sample", blind=ref == ANN, subject_pk=pk, asked="{}",
                memory_pks=pks, fitting=0, now=1,
            )  # fmt: skip

        self.run(job)

    def sync(self, *refs: SubjectRef) -> None:
        """A sync of somebody, or of everybody."""
        now = next(searching.CLOCK)

        def job(c: Connection) -> None:
            scope = scope_of(refs)
            run = runs.start(c, mode="full", scope=scope, now=now, fresh_since=0).run_pk
            for ref in refs or (ANN, BOB, BOT):
                pk = subjects.pk_of(c, ref)
                if pk is not None:
                    runs.note_subject(c, run, pk, listed=True, pages=1, now=now)
                    runs.add_requests(c, {pk: {"/get/memory": 2}})
            runs.finish(c, run, outcome="complete", counts={}, routes={"get/memory": 1}, now=now)

        self.run(job)

    def _count(self, c: Connection) -> None:
        for row in subjects.roster(c):
            for pk in subjects.conversation_pks(c, row.pk).values():
                messages.note_window(c, pk, size=1, reaches_beginning=False, started=1)
                c.execute(
                    update(subjects.conversation)
                    .where(subjects.conversation.c.pk == pk)
                    .values(stale=True)
                )
            subjects.refresh_counts(c, row.pk)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "store.db"
    Writer(path).close()
    return path


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test does to the time ends with it."""
    monkeypatch.setattr(searching, "CLOCK", searching.CLOCK)


IDS, TEXTS = ("1", "2"), ("tea", "coffee", "她喜欢茶", "一只猫")


def random_step(random: Random) -> tuple[Any, ...]:
    """Return something that happens. Lists of hypothesis repeat themselves too much for this."""
    ref, name, text = random.choice((ANN, BOB, BOT)), random.choice(IDS), random.choice(TEXTS)
    steps: list[tuple[Any, ...]] = [
        ("memory", ref, name, text),
        ("memory", ref, name, text),
        ("memory", ANN, HERS, text),
        ("vanish", ref, name),
        ("judge", ref, random.choice((*IDS, HERS))),
        ("detail", random.choice((*IDS, HERS))),
        ("queue", ref),
        ("say", ref, name, text, random.choice(TEXTS)),
        ("edit", ref, name, text),
        ("remove_conversation", ref, name),
        ("sync", *random.sample((ANN, BOB, BOT), random.randrange(4))),
    ]
    return random.choice(steps)


@given(st.randoms(use_true_random=True), st.integers(1, 25))
@settings(
    max_examples=examples(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_is_left_is_what_a_store_would_hold_that_never_knew_her(
    template: Path, tmp_path: Path, random: Random, count: int
) -> None:
    taken = [random_step(random) for _ in range(count)]
    note(repr(taken))
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    with (
        closing(Story(Path(shutil.copy(template, tmp_path / "a.db")))) as store,
        closing(Story(Path(shutil.copy(template, tmp_path / "b.db")))) as never,
    ):
        for number, (name, *values) in enumerate(taken):
            tell(store, never, 1_000 + number, name, values)
        assert store.run(lambda c: erasing.remove(c, ANN)) == (
            any(ANN in values for name, *values in taken if name != "judge")
        )
        assert contents(store.path) == contents(never.path)
        with closing(open_current(store.path, read_only=True)) as connection:
            assert checks.problems(connection, store.path) == []
            assert not erasing.held(connection, ANN).anything


def tell(store: Story, never: Story, now: int, name: str, values: list[Any]) -> None:
    """Let the same happen in both stores, but for what is Ann's."""
    searching.CLOCK = itertools.repeat(now)  # type: ignore[assignment]
    if name in {"judge", "detail"} and never.latest(values[-1]) is None:
        if store.latest(HERS) is not None:
            store.do(name, *values[:-1], HERS)
        return
    if name == "judge" and values[0] == ANN and not store.run(lambda c: subjects.pk_of(c, ANN)):
        return  # nobody has looked at a listing of hers
    if name == "memory" and values[0] == ANN and (said := never.latest(values[1])) is not None:
        values[2] = said  # what others list says to her what it says to them
    store.do(name, *values)
    if name == "sync":
        others = [ref for ref in values if ref != ANN]
        if others or not values:
            never.do(name, *others)
    elif values[0] != ANN:
        never.do(name, *values)


def test_runs_that_name_her_alone_go_and_their_versions_stay(writer: Writer) -> None:
    she, other = SubjectRef("user", "ann"), SubjectRef("user", "ann smith")

    def job(c: Connection) -> list[Any]:
        scopes: list[list[SubjectRef]] = [[she], [other], [she, other], []]
        for number, refs in enumerate(scopes):
            scope = scope_of(refs)
            runs.start(c, mode="full", scope=scope, now=number, fresh_since=0)
        scope = scope_of([she], "user:1 2")
        run = runs.start(c, mode="full", scope=scope, now=9, fresh_since=0).run_pk
        bot = subject_pk(c, BOT)
        memories.record(c, bot, [incoming("m1")], run_pk=run, now=1)
        memories.record(c, bot, [incoming("m1", title="New")], run_pk=run, now=2)
        assert erasing.remove(c, she)
        assert not erasing.remove(c, she)
        assert c.scalars(select(memories.version.c.run_pk)).all() == [None]
        return list(c.scalars(select(runs.run.c.scope)))

    left = writer.submit(job).result()
    assert left == ["user:ann%20smith", "user:ann%20smith", "all"]


def test_what_secure_delete_leaves_is_gone_when_the_file_is_rewritten(path: Path) -> None:
    """Pages that were split keep copies of rows: the reason why removing is not enough."""
    random = Random(1)
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE t (pk INTEGER PRIMARY KEY, said TEXT, UNIQUE (said))")
        connection.execute("BEGIN")
        for _ in range(4_000):
            who = random.choice(("ann", "bob"))
            said = f"{who} 她说 {random.random()} " * random.choice((1, 2, 5, 30, 200))
            connection.execute("REPLACE INTO t VALUES (?, ?)", (random.randrange(20_000), said))
        connection.execute("COMMIT")
        connection.execute("DELETE FROM t WHERE said LIKE 'ann%'")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        left = path.read_bytes().count("ann 她说".encode())
        assert left > 0, "SQLite overwrites everything by now; is rewriting still needed?"
        waits: list[None] = []
        rewrite(connection, path, path.parent, lambda: waits.append(None))
        assert path.read_bytes().count("ann 她说".encode()) == 0
        assert path.read_bytes().count("bob 她说".encode()) > 1_000
        assert path.with_name("store.db-wal").read_bytes() == b""
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert waits == []
    assert [each.name for each in path.parent.iterdir()] == ["store.db"]


@pytest.fixture
def busy(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program that reads a state of the store, and goes on doing so."""
    with closing(Filled(path)) as store:
        store.say(ANN, "c1", "hello")
        with closing(sqlite3.connect(path, check_same_thread=False)) as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM message").fetchone()
            store.run(lambda c: erasing.remove(c, ANN))
            yield other


def test_a_reader_is_waited_for(path: Path, busy: sqlite3.Connection) -> None:
    with closing(open_current(path)) as connection:
        rewrite(connection, path, path.parent, busy.rollback)
    assert path.with_name("store.db-wal").read_bytes() == b""


def test_a_reader_that_never_ends_is_told(
    path: Path, busy: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memos_admin.store.rewriting.PATIENCE", 0)
    monkeypatch.setattr("memos_admin.store.rewriting._TRY_MS", 10)
    with (
        closing(open_current(path)) as connection,
        pytest.raises(StoreBusy, match="memos-admin store tidy"),
    ):
        rewrite(connection, path, path.parent, lambda: None)
