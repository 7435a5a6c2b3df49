"""Search: building the index, and the first 50 results beside a scan of the texts."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from random import Random

from benchmarks import texts
from benchmarks.bench import Bench, Store
from benchmarks.generate import user_id
from benchmarks.measure import Figure, Samples, timed
from memos_admin.backend.model import Reads, SubjectRef
from memos_admin.backend.search import Order
from memos_admin.backend.search import search as ask
from memos_admin.backend.upkeep import indexing
from memos_admin.store import erasing
from memos_admin.store.search.filling import Filling
from memos_admin.store.search.index import discard, path_beside
from memos_admin.store.writer import Writer

SCAN = "a scan with LIMIT 50"
_RESULTS = 50
_TIMES = 3
_SCANNED = 3
"""Queries of a kind that the scan is asked too."""

_AIM = "p95 ≤ 50 ms"
_SCAN_SQL = (
    """SELECT m.pk, m.content FROM message m WHERE instr(lower(m.content), lower(?)) > 0
       ORDER BY m.pk DESC LIMIT 50""",
    """SELECT l.pk, m.content FROM listing l JOIN memory m ON m.pk = l.memory_pk
       WHERE instr(lower(m.content), lower(?1)) > 0 OR instr(lower(m.title), lower(?1)) > 0
       ORDER BY l.pk DESC LIMIT 50""",
)


def search(bench: Bench) -> Iterator[Figure]:
    """For each size: without an index, building it, the kinds of queries, removing a user."""
    for store in bench.stores:
        try:
            yield from _unindexed(store)
            yield from _build(store)
            yield from _queries(store, bench.seed)
        finally:
            indexing.stop(store.path, wait=True)
            discard(path_beside(store.path), 5)
    with bench.copy(bench.largest) as copy:
        yield from _removal(copy)


def _unindexed(store: Store) -> Iterator[Figure]:
    """Return what a search costs before there is an index; nobody builds one meanwhile."""
    indexing.stop(store.path, wait=True)
    for what, text in (("a frequent word", "the"), ("a word that is not there", "zzyzx")):
        with store.workspace().open_reads() as reads:
            samples = Samples([timed(partial(first, reads, text))])
        indexing.stop(store.path, wait=True)
        discard(path_beside(store.path), 5)
        yield samples.figure(f"no index: {what}", store=str(store.size))


def _build(store: Store) -> Iterator[Figure]:
    size = str(store.size)
    seconds = timed(partial(fill, store))
    rows = store.size.memories + store.size.messages
    yield Figure("build", rows / seconds, "texts/s", size)
    share = path_beside(store.path).stat().st_size / store.path.stat().st_size
    yield Figure("size, of store.db", share, "", size, aim="≤ 0.4")


def fill(store: Store) -> None:
    """Bring the index of a store up to date."""
    with Filling(store.path) as filling:
        while filling.step():
            pass


def _queries(store: Store, seed: int) -> Iterator[Figure]:
    size = str(store.size)
    largest, other = (SubjectRef("user", user_id(number)) for number in (0, 4))
    with store.workspace().open_reads() as reads:
        for what, questions, subject in _kinds(Random(seed), largest, other):
            ours, scan = Samples(), Samples()
            for number, text in enumerate(questions):
                first(reads, text, subject)
                for _ in range(_TIMES):
                    ours.seconds.append(timed(partial(first, reads, text, subject)))
                if subject is None and number < _SCANNED:
                    scan.seconds.append(timed(partial(_scan, store, text)))
            yield ours.figure(
                what,
                store=size,
                against=scan if scan.seconds else None,
                reference=SCAN if scan.seconds else "",
                aim=_AIM,
            )
        ranked = Samples(
            [timed(partial(first, reads, "the", None, "relevance")) for _ in range(_TIMES)]
        )
        yield ranked.figure("the most relevant of 5,000 hits", store=size)


def _kinds(
    rng: Random, largest: SubjectRef, other: SubjectRef
) -> Iterator[tuple[str, Sequence[str], SubjectRef | None]]:
    """Yield what is asked: a name, questions, whose texts."""
    english = [word for word in texts.ENGLISH if len(word) > 3]
    chinese = texts.CHINESE
    characters = sorted({char for word in chinese for char in word})
    pairs = [word for word in chinese if len(word) == 2]
    long = [word for word in chinese if len(word) > 2]
    long += [f"{rng.choice(pairs)}{rng.choice(chinese)}" for _ in range(20)]
    frequent = ["the", "to", "and", "的", "了", "我", "一个人"]

    def some(words: Sequence[str], count: int = 20) -> list[str]:
        return rng.sample(words, min(count, len(words)))

    yield "an English word", [f'"{word}"' for word in some(english)], None
    yield "a beginning of 2 letters", sorted({word[:2] for word in some(english)}), None
    yield "a beginning of 3 letters", sorted({word[:3] for word in some(english)}), None
    yield "1 Chinese character", some(characters), None
    yield "2 Chinese characters", some(pairs), None
    yield "3 and more Chinese characters", some(long), None
    yield "frequent characters that hardly meet", ["的一是在", "不一的", "了我的是", "人要有"], None
    yield "English and Chinese", [f"{rng.choice(english)} {word}" for word in some(pairs)], None
    yield "three words", [" ".join(rng.sample(english, 3)) for _ in range(20)], None
    yield "very frequent words", frequent, None
    yield "a number that few have", [f"{rng.randrange(10**6):06}" for _ in range(20)], None
    yield "a word that is not there", ["zzyzx", "魑魅魍魉", "qq", "yx"], None
    mixed = [*some(english, 8), *some(pairs, 8), *frequent, "th", "zzyzx", "的一是在"]
    yield "any of these, largest user", mixed, largest
    yield "any of these, another user", mixed, other


def first(
    reads: Reads, text: str, subject: SubjectRef | None = None, order: Order = "arrival"
) -> None:
    """Search, and make the first 50 results ready to be shown."""
    list(islice(ask(reads, text, subject=subject, order=order), _RESULTS))


def _scan(store: Store, text: str) -> None:
    with contextlib.closing(sqlite3.connect(store.path)) as connection:
        for sql in _SCAN_SQL:
            connection.execute(sql, [text.strip('"')]).fetchall()


def _removal(copy: Store) -> Iterator[Figure]:
    """Return what it costs to make sure that nothing of a user is left in the index."""
    fill(copy)
    writer = Writer(copy.path)
    try:
        for what, number in (("a user", 4), ("the largest user", 0)):
            ref = SubjectRef("user", user_id(number))
            writer.submit(partial(erasing.remove, ref=ref)).result()
            forgotten = Samples([timed(partial(indexing.forget_removed, copy.path))])
            yield forgotten.figure(f"forget {what} that was removed", store=str(copy.size))
            again = Samples([timed(partial(fill, copy))])
            yield again.figure(f"index again what {what} shared shards with", store=str(copy.size))
    finally:
        writer.close()
