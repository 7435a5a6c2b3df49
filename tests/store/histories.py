"""Random histories of syncs, carried out in a store and kept beside it in the plainest way."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from hypothesis import strategies as st
from sqlalchemy import Connection

from memos_admin.store import memories, runs, vanishing
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer
from tests.store.test_reads import ANN, BOT, incoming, subject_pk

Step = tuple[SubjectRef, str, str, int]
"""Whose listing, of which memory, what it says, and how much later than the step before."""

DEEDS = ("as before", "other text", "other tags", "resolving", "moved", "gone", "archived")
MOVES: dict[str | None, str | None] = {"c1": "c2", "c2": None, None: "c1"}

STEPS = st.lists(
    st.tuples(
        st.sampled_from([ANN, BOT]),
        st.sampled_from(["m1", "m2", "m3"]),
        st.sampled_from(DEEDS),
        st.sampled_from([1, 1, 7, 86_400_000]),
    ),
    max_size=14,
)


@dataclass(frozen=True)
class Text:
    """What a memory says."""

    content: str = "one"
    tags: tuple[str, ...] = ("tea",)
    status: str = "activated"
    view: str = "detail_factual"
    conversation_id: str | None = "c1"


@dataclass
class Account:
    """What the store must know, as snapshots: nothing is ever computed from anything later."""

    now: int = 1_000_000_000_000
    said: dict[str, Text] = field(default_factory=dict)
    listed: dict[tuple[SubjectRef, str], str | None] = field(default_factory=dict)
    """By whose and which: None while it is listed, else the reason why it is not."""
    events: list[tuple[int, str, SubjectRef, str]] = field(default_factory=list)
    snapshots: list[tuple[int, dict[tuple[SubjectRef, str], tuple[Text, str | None]]]] = field(
        default_factory=list
    )

    def step(self, ref: SubjectRef, name: str, deed: str, later: int) -> Text | None:
        """Note a step; return what the listing says, None where the memory is missing in it."""
        self.now += later
        try:
            if deed in {"gone", "archived"}:
                self._miss(ref, name, deed)
                return None
            return self._list(ref, name, deed)
        finally:
            state = {key: (self.said[key[1]], why) for key, why in self.listed.items()}
            self.snapshots.append((self.now, state))

    def _list(self, ref: SubjectRef, name: str, deed: str) -> Text:
        before = self.said.get(name, Text())
        text = replace(before, status="activated") if before.status == "archived" else before
        if deed == "other text":
            text = replace(text, content=text.content + "!", view="preference")
        elif deed == "other tags":
            text = replace(text, tags=tuple(sorted({"tea", "茶"} ^ set(text.tags))))
        elif deed == "moved":
            text = replace(text, conversation_id=MOVES[text.conversation_id])
        elif deed == "resolving":
            other = "activated" if text.status == "resolving" else "resolving"
            text = replace(text, status=other)
        if name in self.said and text != before:
            kind = "status" if text == replace(before, status=text.status) else "changed"
            self._tell_others(kind, ref, name)
            is_gone = self.listed.get((ref, name)) is not None
            if (ref, name) in self.listed and not (is_gone and kind == "status"):
                self.events.append((self.now, kind, ref, name))
        if (ref, name) not in self.listed:
            self.events.append((self.now, "added", ref, name))
        elif self.listed[ref, name] is not None:
            self.events.append((self.now, "returned", ref, name))
        self.said[name], self.listed[ref, name] = text, None
        return text

    def _miss(self, ref: SubjectRef, name: str, deed: str) -> None:
        if self.listed.get((ref, name), "") is not None:
            return
        self.listed[ref, name] = "not found" if deed == "gone" else "archived"
        self.events.append((self.now, "vanished", ref, name))
        if deed == "archived" and self.said[name].status != "archived":
            self.said[name] = replace(self.said[name], status="archived")
            self._tell_others("status", ref, name)

    def _tell_others(self, kind: str, ref: SubjectRef, name: str) -> None:
        self.events += [
            (self.now, kind, other, name)
            for other, memory_id in self.listed
            if memory_id == name and other != ref
        ]

    def at(self, moment: int) -> dict[tuple[SubjectRef, str], tuple[Text, str | None]]:
        """Return what was known at an instant: what each memory said, and why it was gone."""
        return next((state for at, state in reversed(self.snapshots) if at <= moment), {})


def _carry_out(
    connection: Connection, *, ref: SubjectRef, name: str, deed: str, text: Text | None, now: int
) -> None:
    pk = subject_pk(connection, ref)
    run_pk = runs.start(connection, mode="full", scope="all", now=now, fresh_since=0).run_pk
    if text is not None:
        said = incoming(
            name, content=text.content, tags=text.tags, status=text.status, view=text.view,
            title=None, conversation_id=text.conversation_id,
        )  # fmt: skip
        item = replace(said, digest=sha256(repr(said).encode()).digest())
        memories.record(connection, pk, [item], run_pk=run_pk, now=now)
    else:
        missing = vanishing.note_missing(connection, pk, set(), last_seen=None, now=now)
        # Only the one is gone; the others were missed, and were there after all.
        gone = {one.listing_pk: deed for one in missing if one.memory_id == name}
        reasons = {pk: "not found" if why == "gone" else why for pk, why in gone.items()}
        statuses = {name: "archived"} if gone and deed == "archived" else {}
        vanishing.mark_vanished(connection, reasons, now, statuses=statuses, run_pk=run_pk)
    runs.note_subject(connection, run_pk, pk, listed=True, pages=1, now=now)
    runs.finish(connection, run_pk, outcome="complete", counts={}, routes={}, now=now)


@cache
def _empty() -> bytes:
    """Return the file of a new store: to make one anew for each history would take longest."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        Writer(path).close()
        return path.read_bytes()


def lived(path: Path, steps: list[Step]) -> Account:
    """Carry out steps in a new store at `path`; return the account of them."""
    for beside in ("", "-wal", "-shm", ".written"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    path.write_bytes(_empty())
    account = Account()
    writer = Writer(path)
    try:
        for ref, name, deed, later in steps:
            text = account.step(ref, name, deed, later)
            job = partial(_carry_out, ref=ref, name=name, deed=deed, text=text, now=account.now)
            writer.submit(job).result()
    finally:
        writer.close()
    return account


def moments(account: Account) -> Iterator[int]:
    """Yield instants: before everything, at each step, and just before and behind it."""
    for at, _ in account.snapshots:
        yield from (at - 1, at, at + 1)
