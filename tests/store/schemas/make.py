"""Writes ``NNNN.sql`` of the newest schema: a store in which something of everything happened."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from memos_admin.store import (
    memories,
    messages,
    migrations,
    runs,
    schema,
    subjects,
    vanishing,
    verdicts,
)
from memos_admin.store.connection import connect
from memos_admin.store.engine import engine_on
from memos_admin.store.incoming import WindowChanges
from memos_admin.store.records import SubjectRef
from memos_admin.store.verdict_records import Judgement
from tests.hostile import HOSTILE
from tests.store.schemas import path_of
from tests.store.test_reads import incoming, said, subject_pk

ANN, BOB, BOT = SubjectRef("user", "ann"), SubjectRef("user", "用户 二"), SubjectRef("agent", "bot")


def fill(c: Connection) -> None:
    """Let something of everything happen."""
    runs.set_setting(c, runs.ZONE, "Asia/Shanghai")
    full = runs.start(c, mode="full", scope="all", now=1, fresh_since=0).run_pk
    ann, bob, bot = (subject_pk(c, ref) for ref in (ANN, BOB, BOT))
    texts = [text for text in HOSTILE if "\0" not in text and text.isprintable()]
    odd = [incoming(f"odd-{n}", content=text[:200]) for n, text in enumerate(texts)]
    memories.record(c, ann, [incoming("m1"), incoming("m2"), *odd], run_pk=full, now=10)
    memories.record(
        c, bot, [incoming("m1"), incoming("m3", content="她喜欢茶")], run_pk=full, now=11
    )
    memories.record(c, ann, [incoming("m1", title="New", tags=())], run_pk=full, now=12)
    memories.keep_detail(c, "m1", "activated", '{"id": "m1"}', 13)
    gone = vanishing.note_missing(c, bot, {"m1"}, last_seen=11, now=14)
    vanishing.mark_vanished(c, {each.listing_pk: "deleted" for each in gone}, 14)
    gone = vanishing.note_missing(
        c, ann, {"m1", *(item.memory_id for item in odd)}, last_seen=12, now=15
    )
    vanishing.mark_vanished(c, {each.listing_pk: "not found" for each in gone}, 15)
    memories.record(c, ann, [incoming("m2", title="Back")], run_pk=full, now=16)
    for owner, names in ((ann, ["c2"]), (bob, ["0610", "旅行"])):
        subjects.add_conversations(c, owner, names, "hand", 1)
    for owner, name in ((ann, "c1"), (ann, "c2"), (bob, "旅行")):
        pk = subjects.conversation_pks(c, owner)[name]
        inserts = [
            (10, said("one", role_id="u", role_name="Ann")),
            (20, said("两个", parts='[{"type": "text"}]', tool_calls='[{"id": 1}]')),
            (30, said("three", create_time=None, created_at=None)),
        ]
        messages.apply(c, pk, WindowChanges(inserts=inserts, seam=("gap", 1)), run_pk=full, now=15)
        first = messages.tail(c, pk, 10)[0].pk
        messages.apply(c, pk, WindowChanges(versions=[(first, said("uno"))]), run_pk=full, now=16)
        messages.note_window(c, pk, size=3, reaches_beginning=name == "c1", started=15)
        if name == "c2":
            messages.note_window(c, pk, size=0, reaches_beginning=False, started=17)
    for pk in (ann, bob, bot):
        subjects.refresh_counts(c, pk)
        runs.note_subject(c, full, pk, listed=True, pages=1, now=17)
    subjects.set_problem(c, bob, "messages of 0610: MemOS did not answer.")
    runs.add_requests(c, {ann: {"/get/memory": 3}, bob: {"/get/message": 1}})
    runs.add_requests(c, {ann: {"/get/memory": 1}})
    runs.finish(
        c, full, outcome="partial", counts={"added": 3, "kept": 1}, routes={"get/memory": 4}, now=18
    )
    judged = Judgement("m1", 1, "wrong", note="备注", ref=ANN)
    verdicts.give(c, judged, "eve", 19)
    verdicts.give(c, judged._replace(verdict="correct"), "eve", 20)
    verdicts.put_queue(
        c, operator="eve", kind="sample", blind=False, subject_pk=ann, asked="{}",
        memory_pks=[1, 2], fitting=2, now=21,
    )  # fmt: skip


def make(number: int) -> str:
    """Return the store of a schema, as SQL."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        migrations.migrate(path, to=f"{number:04d}")
        raw = connect(path)
        try:
            with engine_on(raw).begin() as c:
                fill(c)
        finally:
            raw.close()
        with closing(sqlite3.connect(path)) as connection:
            return "\n".join(connection.iterdump()) + "\n"


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if sys.argv[1:] else schema.CURRENT
    target = path_of(wanted)
    if target.exists():
        sys.exit(f"{target} exists. It is what a program of that time has left: leave it as it is.")
    target.write_text(make(wanted), "utf-8")
