"""Windows joined in the store say the same as the pure stitching in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from memos_admin.backend.sync.messages import join_window
from memos_admin.backend.sync.stitching import StoredRow, stitch
from memos_admin.cloud.answers import Message, MessageWindow
from memos_admin.store import checks, subjects
from memos_admin.store.reads import Reads
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer
from tests.effort import examples

UTC = ZoneInfo("UTC")
LIMIT = 5
ANN = SubjectRef("user", "ann")


@dataclass
class Reference:
    """Stored rows as a list: (row, open seam)."""

    rows: list[StoredRow] = field(default_factory=list)

    def join(self, window: Sequence[Message]) -> None:
        joined = stitch(self.rows, window, full=len(window) >= LIMIT, complete=True)
        seams = {row.pk: row.seam for row in self.rows}
        for i in joined.closes:
            seams[self.rows[i].pk] = None
        texts = {i: window[n] for i, n in joined.versions}
        shown = {i for i, _ in (*joined.matched, *joined.versions)}
        behind = {insert.after: insert.window for insert in joined.inserts}
        new_seam = joined.seam
        merged: list[StoredRow] = []
        for i in range(-1, len(self.rows)):
            if i >= 0:
                row = self.rows[i]
                said = texts.get(i)
                if new_seam and new_seam.stored == i:
                    seams[row.pk] = new_seam.kind
                merged.append(
                    StoredRow(
                        row.pk, row.role, row.role_id,
                        said.content if said else row.content, row.create_time,
                        said.update_time if said else row.update_time,
                        seams[row.pk],
                    )
                )  # fmt: skip
            for position, n in enumerate(behind.get(i, ())):
                message = window[n]
                seam = new_seam.kind if new_seam and new_seam.window == n else None
                follower = self.rows[i + 1] if i + 1 < len(self.rows) else None
                if (
                    position == 0
                    and follower is not None
                    and i + 1 in shown
                    and i not in shown
                    and seams[follower.pk] == "gap"
                ):
                    seam, seams[follower.pk] = "gap", None
                pk = 1000 + len(self.rows) * 100 + n
                merged.append(
                    StoredRow(pk, message.role, message.role_id, message.content,
                              message.create_time, message.update_time, seam)
                )  # fmt: skip
        # keys are only names here: number them anew
        self.rows = [
            StoredRow(n, r.role, r.role_id, r.content, r.create_time, r.update_time, r.seam)
            for n, r in enumerate(merged)
        ]


messages = st.builds(
    lambda content, minute, edited: Message(
        role="user",
        content=content,
        create_time=f"2025-06-10 09:{minute:02}:00",
        update_time=f"2025-06-10 {9 + edited:02}:{minute:02}:00",
    ),
    content=st.sampled_from("abc"),
    minute=st.integers(0, 8),
    edited=st.integers(0, 1),
)
windows = st.lists(messages, max_size=LIMIT).map(
    lambda window: sorted(window, key=lambda m: m.create_time or "")
)


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(windows, max_size=8))
def test_store_and_memory_agree(
    tmp_path_factory: pytest.TempPathFactory, served: list[list[Message]]
) -> None:
    path = tmp_path_factory.mktemp("store") / "store.db"
    writer = Writer(path)
    reference = Reference()

    def prepare(connection: Connection) -> int:
        subjects.add(connection, [ANN], "hand", 1)
        pk = subjects.pk_of(connection, ANN)
        assert pk is not None
        subjects.add_conversations(connection, pk, ["c"], "hand", 1)
        return subjects.conversation_pks(connection, pk)["c"]

    pk = writer.submit(prepare).result()
    try:
        with Reads(path) as reads:
            returned_at = None
            for n, window in enumerate(served):
                answer = MessageWindow(tuple(window), limit=LIMIT)
                join = partial(
                    join_window,
                    conversation_pk=pk,
                    window=answer,
                    zone=UTC,
                    run_pk=None,
                    started=n,
                )
                writer.submit(join).result()
                reference.join(window)
                stored = reads.messages(reads.message_pks(pk))
                assert [(m.content, m.create_time, m.seam) for m in stored] == [
                    (r.content, r.create_time, r.seam) for r in reference.rows
                ]
                conversation = reads.conversation(ANN, "c")
                assert conversation is not None
                returned_at = n if window else returned_at
                assert (conversation.fetched_at, conversation.served_at) == (n, returned_at)
                assert conversation.kept == (not window and returned_at is not None)
            connection = reads.query._connection
            assert checks.problems(connection, path) == []
    finally:
        writer.close()
