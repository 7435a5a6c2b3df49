"""Looking at all conversations: after the upgrade that began to keep what is older, and in another zone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from memos_admin.backend import ledger
from memos_admin.backend.export.completeness import of_conversation
from memos_admin.backend.home import Home
from memos_admin.backend.ledger import words as ledger_words
from memos_admin.backend.model import Conversation
from memos_admin.backend.projects import Projects
from memos_admin.backend.subject_access import spoken
from memos_admin.backend.sync import beginnings
from memos_admin.backend.workspace import Workspace
from memos_admin.store import beginnings as stored
from memos_admin.store.beginnings import Begun
from memos_admin.store.errors import StoreBroken, StoreBusy, StoreInterrupted
from memos_admin.store.reads import Reads
from memos_admin.store.records import UNLOOKED, SubjectRef
from memos_admin.store.sql import SqlAccess
from memos_admin.store.writer import Writer
from tests.store import schemas

ANN = SubjectRef("user", "ann")
OF_C1 = """(SELECT memory_pk FROM listing l JOIN conversation c ON c.pk = l.conversation_pk
    WHERE c.conversation_id = 'c1' LIMIT 1)"""
OF_THE_FIRST = """(SELECT m.pk FROM message m JOIN conversation c ON c.pk = m.conversation_pk
    WHERE c.conversation_id = '{}' ORDER BY position LIMIT 1)"""
FIRST = 1_780_000_000_000
SAID = "2026-05-29 04:26:40"
"""The same instant, in the zone of the stores of all schemas."""
A_DAY_BEFORE = f"UPDATE memory SET created_at = {FIRST - 86_400_000} WHERE pk = {OF_C1}"


@pytest.fixture
def workspace(isolated: Path) -> Iterator[Workspace]:
    """A project whose store is of the schema before what is older was kept."""
    home = Home(isolated)
    where = "http://127.0.0.1:9/api/openmem/v1"
    project = Projects(home).add("test", base_url=where, service_timezone="Asia/Shanghai")
    home.create_project_dir(project.uuid)
    workspace = Workspace(project, home)
    schemas.load(6, workspace.store_path)
    change(
        workspace.store_path,
        f"UPDATE memory SET created_at = {FIRST}",
        f"UPDATE memory_source SET time = '{SAID}'",
        f"UPDATE message SET created_at = {FIRST}, create_time = '{SAID}' "
        f"WHERE pk = {OF_THE_FIRST.format('c1')}",
    )
    yield workspace
    workspace.close_store()


def change(path: Path, *changes: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for each in changes:
            connection.execute(each)


def c1(reads: Reads) -> Conversation:
    found = reads.conversation(ANN, "c1")
    assert found is not None
    return found


def is_unlooked(path: Path) -> bool:
    with Reads(path) as reads:
        return reads.setting(UNLOOKED) is not None


@pytest.mark.parametrize(
    ("changes", "older_at"),
    [
        ((), None),
        ((A_DAY_BEFORE,), 86_400),
        ((f"UPDATE memory SET created_at = {FIRST + 500} WHERE pk = {OF_C1}",), None),
        (("UPDATE memory_source SET time = '2026-05-29T04:26:30'",), 10),
        (("UPDATE memory_source SET time = '2026-05-28T20:26:30Z'",), 10),
        (("UPDATE memory_source SET time = '2026-05-29 04:26:50'",), None),
        ((f"UPDATE memory_source SET time = '{FIRST - 10_000}'",), 10),
        ((f"UPDATE memory_source SET time = '{(FIRST - 10_000) // 1000}'",), 10),
        (
            (
                f"UPDATE memory SET created_at = {FIRST - 10_000} WHERE pk = {OF_C1}",
                f"UPDATE memory_source SET role = 'user', time = '{FIRST - 10_000}'",
                f"UPDATE message SET role = 'user', created_at = {FIRST - 10_000} WHERE pk = "
                + OF_THE_FIRST.format("c2"),
            ),
            None,
        ),
    ],
)
def test_after_an_upgrade_it_is_looked_at_what_is_older(
    workspace: Workspace, changes: tuple[str, ...], older_at: int | None
) -> None:
    change(workspace.store_path, *changes)
    found = c1(workspace.reads)
    assert found.older_at == (None if older_at is None else FIRST - older_at * 1000)
    assert found.from_beginning is (older_at is None)
    assert workspace.reads.setting(UNLOOKED) is None


def test_where_there_is_nothing_to_look_at_nothing_is_left_to_do(tmp_path: Path) -> None:
    Writer(tmp_path / "new" / "store.db").close()
    assert not is_unlooked(tmp_path / "new" / "store.db")


def test_until_somebody_has_looked_no_beginning_counts_as_known(workspace: Workspace) -> None:
    path = workspace.store_path
    with Reads(path) as reads:
        assert not c1(reads).from_beginning
    statement = "SELECT sum(from_beginning) FROM conversations"
    with closing(SqlAccess(path)) as access:
        assert list(access.select(statement)) == [(0,)]
    assert c1(workspace.reads).from_beginning
    with closing(SqlAccess(path)) as access:
        assert list(access.select(statement)) != [(0,)]


def test_until_somebody_has_looked_texts_say_so_and_not_that_memos_did_not_serve_it(
    workspace: Workspace,
) -> None:
    workspace.on_unlooked = lambda: None
    change(
        workspace.store_path, "UPDATE conversation SET messages = 0 WHERE conversation_id <> 'c1'"
    )
    reads = workspace.reads

    def texts() -> list[str]:
        found, of = ledger.ledger(reads, ANN), c1(reads)
        of_all = [fact for _, facts in ledger_words.facts(found, str) for fact in facts]
        holes = ledger.holes(reads, ANN)
        return [
            *(fact.text for fact in of_all if fact.label == "beginnings"),
            *(
                ledger_words.hole_words(hole, lambda _: "12:00")
                for hole in holes
                if (hole.kind, hole.conversation_id) == ("beginning", "c1")
            ),
            *(text for text in of_conversation(reads, of) if "beginning" in text),
            *([] if of.from_beginning else [spoken._no_beginning(of)]),
        ]

    assert texts() == [
        "of 1 it was not looked at yet",
        "whether anything was said before 12:00 was not looked at yet",
        "Whether the conversation is known from the beginning was not looked at yet.",
        "There may have been earlier messages: that was not looked at yet.",
    ]
    workspace.look_at_beginnings()
    assert texts() == []
    change(workspace.store_path, "UPDATE conversation SET from_beginning = 0")
    assert all("not served" in text or "serve" in text for text in texts())
    assert len(texts()) == 4


@pytest.mark.parametrize("error", [StoreBusy, StoreBroken])
def test_where_it_cannot_be_looked_the_store_opens_and_the_next_opening_looks(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise error("not now")

    with monkeypatch.context() as patch:
        patch.setattr(beginnings, "look_everywhere", fail)
        assert not c1(workspace.reads).from_beginning
    assert is_unlooked(workspace.store_path)
    with workspace.open_reads() as reads:
        assert c1(reads).from_beginning
    assert not is_unlooked(workspace.store_path)


def test_who_opens_it_may_have_it_looked_at_behind_and_hears_how_far_that_is(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(workspace.store_path, "UPDATE conversation SET from_beginning = 1")
    monkeypatch.setattr(beginnings, "_AT_ONCE", 1)
    due: list[int] = []
    workspace.on_unlooked = lambda: due.append(1)
    assert not c1(workspace.reads).from_beginning
    assert due
    told: list[tuple[int, int]] = []
    workspace.look_at_beginnings(lambda *far: told.append(far))
    assert c1(workspace.reads).from_beginning
    ((number,),) = workspace.reads.query.rows("SELECT count(DISTINCT conversation_pk) FROM message")
    assert len(told) > 2
    assert told == sorted(set(told))
    assert told[0] == (0, number)
    assert told[-1][0] <= number == told[-1][1]
    due.clear()
    with workspace.open_reads():
        assert not due


def test_where_nothing_can_be_written_nobody_tries(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memos_admin.store.query.is_fixed", lambda _path: True)
    monkeypatch.setattr(Writer, "__init__", lambda *_: pytest.fail("it writes"))
    assert not c1(workspace.reads).from_beginning


def test_interrupted_it_begins_anew(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    change(workspace.store_path, A_DAY_BEFORE)
    looked: list[int] = []
    look_at = beginnings._look_at

    def end_at_the_second(found: list[Begun], connection: Connection, zone: ZoneInfo) -> None:
        looked.append(found[0].subject_pk)
        if len(looked) == 2:
            raise StoreInterrupted("the program is ending")
        look_at(found, connection, zone)

    change(workspace.store_path, "UPDATE conversation SET from_beginning = 1")
    monkeypatch.setattr(beginnings, "_AT_ONCE", 1)
    monkeypatch.setattr(beginnings, "_look_at", end_at_the_second)
    with pytest.raises(StoreInterrupted):
        _ = workspace.reads
    assert is_unlooked(workspace.store_path)
    with Reads(workspace.store_path) as reads:
        assert c1(reads).older_at == FIRST - 86_400_000, "what was found before is kept"
    assert c1(workspace.reads).older_at == FIRST - 86_400_000
    assert looked[2:] == looked[:2] != []
    assert not is_unlooked(workspace.store_path)


@pytest.mark.parametrize("at_once", [0, 1, 2, 3, 500])
def test_each_conversation_is_looked_at_once_whatever_goes_into_a_transaction(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    change(workspace.store_path, "UPDATE conversation SET from_beginning = 1")
    looked: list[int] = []
    look_at = beginnings._look_at

    def note(found: list[Begun], connection: Connection, zone: ZoneInfo) -> None:
        assert len({one.subject_pk for one in found}) == 1
        looked.extend(one.pk for one in found)
        look_at(found, connection, zone)

    monkeypatch.setattr(beginnings, "_AT_ONCE", at_once)
    monkeypatch.setattr(beginnings, "_look_at", note)
    with Reads(workspace.store_path) as reads:
        every = {
            pk
            for (pk,) in reads.query.rows(
                """SELECT pk FROM conversation c WHERE EXISTS (
                   SELECT 1 FROM message m WHERE m.conversation_pk = c.pk)"""
            )
        }
    assert len(every) > 2
    _ = workspace.reads
    assert len(looked) == len(set(looked))
    assert set(looked) == every


def test_however_many_conversations_quote_a_users_messages_are_read_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(
        workspace.store_path,
        "UPDATE conversation SET from_beginning = 1",
        f"UPDATE message SET created_at = {FIRST}",
        f"UPDATE memory_source SET time = '{FIRST - 10_000}'",
        """UPDATE listing SET conversation_pk = (SELECT pk FROM conversation WHERE conversation_id = 'c2')
           WHERE subject_pk = 1 AND memory_pk % 2 AND memory_pk IN (SELECT memory_pk FROM memory_source)""",
    )
    reads: list[object] = []
    said = stored.said

    def note(connection: Connection, subject_pk: int, *others: int, but: int | None) -> object:
        reads.append(subject_pk)
        return said(connection, subject_pk, *others, but=but)

    monkeypatch.setattr(stored, "said", note)
    opened = workspace.reads
    doubted = opened.query.rows(
        "SELECT subject_pk FROM conversation WHERE older_at IS NOT NULL ORDER BY subject_pk"
    )
    of = [subject_pk for (subject_pk,) in doubted]
    assert len(of) > len(set(of))
    assert reads == sorted(set(of))
