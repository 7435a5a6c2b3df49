"""Pages stored through the writer, beside raw upserts of the same rows in equal transactions."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from random import Random

from benchmarks.bench import Bench, Store
from benchmarks.generate import NOWHERE
from benchmarks.measure import Figure, Samples, timed
from benchmarks.texts import Texts
from memos_admin.store import memories, subjects
from memos_admin.store.connection import connect
from memos_admin.store.incoming import IncomingMemory
from memos_admin.store.records import MemorySource, SubjectRef
from memos_admin.store.schema import open_current
from memos_admin.store.writer import COMMIT_AFTER_JOBS, Writer

RAW = "raw sqlite3 upserts"
PER_PAGE = 50
PAGES = 200
_TIMES = 3
_NOW = 1_790_000_000_000
_MEMORY = [
    "memory_id",
    "view",
    "title",
    "content",
    "status",
    "type",
    "confidence",
    "conversation_id",
    "create_time",
    "update_time",
    "created_at",
    "updated_at",
    "digest",
]

Page = Sequence[IncomingMemory]
Rows = dict[str, list[tuple[object, ...]]]


def write(bench: Bench) -> Iterator[Figure]:
    """New memories, and the same ones again, into an empty store and into the largest."""
    pages = list(pages_of(bench.seed))
    yield from _into(bench, "empty", lambda: bench.empty(base_url=NOWHERE), pages)
    largest = bench.largest
    yield from _into(bench, str(largest.size), lambda: bench.copy(largest), pages)


def _into(
    bench: Bench,
    name: str,
    fresh: Callable[[], contextlib.AbstractContextManager[Store]],
    pages: Sequence[Page],
) -> Iterator[Figure]:
    taken = {what: (Samples(), Samples()) for what in ("ours", RAW)}
    for _ in range(_TIMES):
        for what, store_pages in (("ours", _ours), (RAW, _raw)):
            with fresh() as store:
                new, again = store_pages(store, pages)
            taken[what][0].seconds.append(new)
            taken[what][1].seconds.append(again)
    for place, words in enumerate(("new", "unchanged")):
        reference = taken[RAW][place]
        yield reference.figure(f"{PAGES * PER_PAGE:,} {words} memories: {RAW}", store=name)
        yield taken["ours"][place].figure(
            f"{PAGES * PER_PAGE:,} {words} memories: through the writer",
            store=name,
            against=reference,
            reference=RAW,
            aim="≤ 2.5 ×",
        )


def _ours(store: Store, pages: Sequence[Page]) -> tuple[float, float]:
    store.home.create_project_dir(store.project.uuid)
    return through_the_writer(store.path, pages)


def through_the_writer(path: Path, pages: Sequence[Page]) -> tuple[float, float]:
    """Store the pages twice; return the seconds of each time."""
    writer = Writer(path)
    refs = [SubjectRef("user", f"written-{number}") for number in range(len(pages) // 5)]
    try:
        writer.submit(lambda c: subjects.add(c, refs, "import", _NOW)).result()
        pks = writer.submit(lambda c: [subjects.pk_of(c, ref) or 0 for ref in refs]).result()

        def store_all() -> None:
            jobs = [
                writer.submit(
                    partial(
                        memories.record,
                        subject_pk=pks[number // 5],
                        incoming=page,
                        run_pk=None,
                        now=_NOW,
                    )
                )
                for number, page in enumerate(pages)
            ]
            for job in jobs:
                job.result()

        return timed(store_all), timed(store_all)
    finally:
        writer.close()


def _raw(store: Store, pages: Sequence[Page]) -> tuple[float, float]:
    """Write the same rows by hand; knows every key beforehand and reads nothing."""
    store.home.create_project_dir(store.project.uuid)
    open_current(store.path).close()
    with contextlib.closing(connect(store.path)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        tables = ("subject", "memory")
        (first_subject, first) = (
            1 + (connection.execute(f"SELECT max(pk) FROM {table}").fetchone()[0] or 0)
            for table in tables
        )
        chunks = [
            _rows(pages[at : at + COMMIT_AFTER_JOBS], at, first_subject, first)
            for at in range(0, len(pages), COMMIT_AFTER_JOBS)
        ]

        def write_all() -> None:
            for rows in chunks:
                connection.execute("BEGIN IMMEDIATE")
                for sql, some in rows.items():
                    connection.executemany(sql, some)
                connection.execute("COMMIT")

        return timed(write_all), timed(write_all)


def _rows(pages: Sequence[Page], before: int, first_subject: int, first: int) -> Rows:
    """Return statements with their rows, in the order that references between them ask for."""
    rows: Rows = {sql: [] for sql in _STATEMENTS.values()}
    for number, page in enumerate(pages, before):
        subject = first_subject + number // 5
        rows[_STATEMENTS["subject"]].append((subject, f"written-{number // 5}"))
        for place, item in enumerate(page):
            pk = first + number * PER_PAGE + place
            values = tuple(getattr(item, name) for name in _MEMORY)
            rows[_STATEMENTS["memory"]].append((pk, *values, _NOW, 1, _NOW))
            rows[_STATEMENTS["memory_raw"]].append((pk, item.raw))
            rows[_STATEMENTS["memory_tag"]] += [(pk, n, t) for n, t in enumerate(item.tags)]
            rows[_STATEMENTS["memory_source"]] += [
                (pk, n, source.kind, source.role, source.excerpt)
                for n, source in enumerate(item.sources)
            ]
            conversation = (subject - 1) * 10_000 + 1_000_000_000 + int(item.conversation_id or 0)
            rows[_STATEMENTS["conversation"]].append((conversation, subject, item.conversation_id))
            rows[_STATEMENTS["listing"]].append((pk, subject, conversation, _NOW))
    return rows


_CHANGES = ", ".join(f'"{name}" = excluded."{name}"' for name in _MEMORY[1:])
_STATEMENTS = {
    "subject": """INSERT INTO subject (pk, kind, external_id, known_from, added_at, conversations,
        messages, memories) VALUES (?, 'user', ?, 'import', 0, 0, 0, 0) ON CONFLICT DO NOTHING""",
    "conversation": """INSERT INTO conversation (pk, subject_pk, conversation_id, known_from,
        added_at, stale, from_beginning, messages, gaps)
        VALUES (?, ?, ?, 'memory', 0, 1, 0, 0, 0) ON CONFLICT DO NOTHING""",
    "memory": f"""INSERT INTO memory (pk, {", ".join(f'"{name}"' for name in _MEMORY)}, first_seen,
        version, version_since) VALUES ({",".join("?" * (len(_MEMORY) + 4))})
        ON CONFLICT (memory_id) DO UPDATE SET {_CHANGES} WHERE excluded.digest IS NOT digest""",
    "memory_raw": """INSERT INTO memory_raw (memory_pk, raw) VALUES (?, ?)
        ON CONFLICT DO UPDATE SET raw = excluded.raw WHERE excluded.raw IS NOT raw""",
    "memory_tag": """INSERT INTO memory_tag (memory_pk, ordinal, tag) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET tag = excluded.tag WHERE excluded.tag IS NOT tag""",
    "memory_source": """INSERT INTO memory_source (memory_pk, ordinal, kind, role, excerpt)
        VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET excerpt = excluded.excerpt
        WHERE excluded.excerpt IS NOT excerpt""",
    "listing": """INSERT INTO listing (memory_pk, subject_pk, conversation_pk, first_seen)
        VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET conversation_pk = excluded.conversation_pk
        WHERE excluded.conversation_pk IS NOT conversation_pk""",
}


def pages_of(seed: int) -> Iterator[Page]:
    """Yield pages of a listing, five a subject, in ten conversations each."""
    rng = Random(f"written {seed}")  # not the store's own, whose ids these would repeat
    texts = Texts(rng)
    for page in range(PAGES):
        yield [_memory(rng, texts, language=page // 5 % 3) for _ in range(PER_PAGE)]


def _memory(rng: Random, texts: Texts, *, language: int) -> IncomingMemory:
    content, title, tags = texts.text(language, 2), texts.title(language), texts.tags()
    memory_id, at = f"{rng.getrandbits(128):032x}", _NOW - rng.randrange(10**10)
    quoted = texts.text(language, 1)
    raw = json.dumps({"id": memory_id, "memory_value": content, "tags": tags, "quoted": quoted})
    return IncomingMemory(
        memory_id=memory_id,
        view="detail_factual",
        title=title,
        content=content,
        status="activated",
        type="LongTermMemory",
        confidence=0.9,
        conversation_id=f"{rng.randrange(10):04}",
        create_time=str(at),
        update_time=str(at),
        created_at=at,
        updated_at=at,
        tags=tuple(tags),
        sources=(MemorySource("chat", "user", quoted, None, None),),
        raw=raw,
        digest=blake2b(raw.encode(), digest_size=16).digest(),
    )
