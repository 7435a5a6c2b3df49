"""An encrypted store beside the same one that is not: opening, writing, reading a row, a page, everything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from random import Random
from uuid import uuid4

from benchmarks.bench import Bench, Store
from benchmarks.measure import Figure, Samples, alternating
from benchmarks.write import PAGES, PER_PAGE, pages_of, through_the_writer
from memos_admin.backend.model import Filter, Reads
from memos_admin.store import cipher
from memos_admin.store.cipher import SALT_BYTES
from memos_admin.store.cipher_key import KEY_BYTES, Key
from memos_admin.store.connection import connect
from memos_admin.store.converting import convert
from memos_admin.tui.rows.main import TITLE_CUT
from memos_admin.tui.widgets.row_source import WINDOW

PLAIN = "the same store, not encrypted"
_TIMES = 7
_WRITES = 3
_OPENINGS, _ROWS, _WINDOWS = 50, 1_000, 20
_AIMS = {
    f"{_OPENINGS} openings": "≈ 1.2 ×",
    f"{_ROWS:,} rows by their keys": "≈ 2.0 ×",
    f"{_WINDOWS} windows of {WINDOW} memories": "≈ 1.6 ×",
    "all messages, streamed": "≈ 1.6 ×",
    "all messages, looked through with LIKE": "≈ 6.6 ×",
}
"""What a try with SQLCipher alone cost before there was any of this."""

Ask = Callable[[], object]


def encrypted(bench: Bench) -> Iterator[Figure]:
    """The largest store twice, and as many memories written into each."""
    with bench.copy(bench.largest) as store:
        places = {"plain": store.path, "encrypted": _encrypted(store)}
        size = str(store.size)
        with ExitStack() as stack:
            reads = {
                which: stack.enter_context(closing(Reads(path))) for which, path in places.items()
            }
            asks = {which: _asks(places[which], reads[which], bench.seed) for which in places}
            for what, aim in _AIMS.items():
                taken = alternating({which: asks[which][what] for which in places}, _TIMES)
                yield from _figures(what, taken, size, aim)
        taken = {which: Samples() for which in places}
        for number in range(_WRITES):
            pages = list(pages_of(bench.seed + number))
            for which, path in places.items():
                taken[which].seconds.append(through_the_writer(path, pages)[0])
        yield from _figures(f"{PAGES * PER_PAGE:,} new memories", taken, size, "≈ 1.8 ×")


def _figures(what: str, taken: dict[str, Samples], size: str, aim: str) -> Iterator[Figure]:
    yield taken["plain"].figure(f"{what}: {PLAIN}", store=size)
    yield taken["encrypted"].figure(
        what, store=size, against=taken["plain"], reference=PLAIN, aim=aim
    )


def _encrypted(store: Store) -> Path:
    """Return an encrypted copy of a store, in a folder of its own beside it."""
    folder = store.home.create_project_dir(uuid4())
    path = folder / store.path.name
    shutil.copyfile(store.path, path)
    key = Key(os.urandom(KEY_BYTES), os.urandom(SALT_BYTES))
    convert(path, None, key, on_wait=lambda: None)
    (folder / cipher.FILE_NAME).touch()
    cipher.use(folder, key)
    return path


def _asks(path: Path, reads: Reads, seed: int) -> dict[str, Ask]:
    # Other ones at each call, the same in both stores: what was decrypted once is kept for a while.
    rng = Random(seed)
    keys = reads.memory_pks(Filter())
    places = range(max(1, len(keys) - WINDOW))
    row = "SELECT content FROM memory WHERE pk = ?"
    asks = (
        partial(_open, path),
        lambda: [reads.query.text(row, [key]) for key in rng.choices(keys, k=_ROWS)],
        lambda: [
            reads.memories(keys[at : at + WINDOW], cut=TITLE_CUT)
            for at in rng.choices(places, k=_WINDOWS)
        ],
        partial(_stream, path),
        lambda: reads.query.text("SELECT count(*) FROM message WHERE content LIKE '%zzz%'"),
    )
    return dict(zip(_AIMS, asks, strict=True))


def _open(path: Path) -> None:
    for _time in range(_OPENINGS):
        with Reads(path) as reads:
            reads.setting("none")


def _stream(path: Path) -> None:
    with closing(connect(path, read_only=True)) as connection:
        for _row in connection.execute("SELECT * FROM message"):
            pass
