"""Messages as they had been read at an instant, against a naive account of what was stored."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from memos_admin.store import messages, retaining, subjects
from memos_admin.store.incoming import WindowChanges
from memos_admin.store.reads import Reads
from memos_admin.store.said_then import edited, said_then
from memos_admin.store.writer import Writer
from tests.effort import examples
from tests.store.test_reads import ANN, said, subject_pk


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["new", "first", "last"]), st.integers(1, 3)), max_size=8
    ),
    dropped=st.booleans(),
)
@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_messages_are_told_as_they_had_been_read(
    tmp_path: Path, steps: list[tuple[str, int]], *, dropped: bool
) -> None:
    for file in tmp_path.iterdir():  # of the example before
        file.unlink()
    path = tmp_path / "store.db"
    now, snapshots = 10, [(0, list[str]())]
    ages: list[int] = []

    def fill(connection: Connection) -> int:
        nonlocal now
        ann = subject_pk(connection, ANN)
        subjects.add_conversations(connection, ann, ["c"], "hand", 1)
        pk = subjects.conversation_pks(connection, ann)["c"]
        for number, (deed, later) in enumerate(steps):
            now += later
            texts = list(snapshots[-1][1])
            if deed == "new" or not texts:
                texts.append(f"message {number}")
                ages.append(0)
                part = WindowChanges(inserts=[(number + 1, said(texts[-1]))])
            else:
                place = 0 if deed == "first" else len(texts) - 1
                texts[place] = f"edited {number}"
                ages[place] += 1
                key = messages.tail(connection, pk, 50)[place].pk
                part = WindowChanges(versions=[(key, said(texts[place]))])
            messages.apply(connection, pk, part, run_pk=None, now=now)
            snapshots.append((now, texts))
        return pk

    writer = Writer(path)
    conversation_pk = writer.submit(fill).result()
    if dropped:
        (_, versions) = retaining.VERSIONS
        writer.submit(lambda c: versions.drop(c, now + 1)).result()
    writer.close()
    with Reads(path) as reads:
        for moment in (moment + step for moment, _ in snapshots for step in (-1, 0, 1)):
            known = next((texts for at, texts in reversed(snapshots) if at <= moment), [])
            told = [one for one in said_then(reads.query, conversation_pk, moment) if one.known]
            texts = [
                reads.message_text(one.pk) if one.earlier is None else one.earlier for one in told
            ]
            if dropped:
                assert len(told) == len(known)
                current = snapshots[-1][1]
                assert [one.dropped for one in told] == [
                    text != current[n] for n, text in enumerate(known)
                ]
            else:
                assert texts == known
        assert [seq for seq, _ in edited(reads.query, conversation_pk)] == [
            number for number, age in enumerate(ages, 1) if age
        ]
