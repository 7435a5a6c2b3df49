"""The search index follows syncs and searches from a thread that nobody waits for."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from memos_admin.backend import roster, search
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.upkeep import indexing, maintenance
from memos_admin.backend.workspace import Workspace
from memos_admin.store.errors import StoreError
from memos_admin.store.records import SubjectRef
from memos_admin.store.search.filling import Filling
from memos_admin.store.search.find import Search
from memos_admin.store.search.index import Index, path_beside
from memos_admin.store.search.tokens import wanted
from tests.backend.service import Service, a_memory, a_message

ANN, BOB = SubjectRef("user", "ann"), SubjectRef("user", "bob")


async def filled(workspace: Workspace, service: Service) -> None:
    service.put("ann", a_memory("m1", "plays the xylophone"))
    service.put("bob", a_memory("m2", "drinks tea"))
    service.say("ann", "c1", a_message("what is a quetzalcoatl?"))
    await roster.add_subjects(workspace, [ANN, BOB])
    await sync(workspace, SyncScope())


def unindexed(workspace: Workspace) -> int:
    return Search(workspace.reads.query, wanted("any")).plan.rest


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def words_in_files(workspace: Workspace) -> bytes:
    return b"".join(path.read_bytes() for path in workspace.store_path.parent.glob("search.*"))


def ids(workspace: Workspace, text: str) -> list[str | int | None]:
    return [hit.memory_id or hit.message_pk for hit in search.search(workspace.reads, text)]


async def test_the_index_follows_a_sync(workspace: Workspace, service: Service) -> None:
    await filled(workspace, service)
    until(lambda: unindexed(workspace) == 0)
    assert b"xylophone" in words_in_files(workspace)


async def test_a_search_has_the_index_made(workspace: Workspace, service: Service) -> None:
    await filled(workspace, service)
    indexing.stop(workspace.store_path, wait=True)
    path_beside(workspace.store_path).unlink(missing_ok=True)
    assert ids(workspace, "xylo") == ["m1"]
    until(lambda: unindexed(workspace) == 0)
    assert ids(workspace, "xylo") == ["m1"]


async def test_nothing_of_a_removed_user_is_left(workspace: Workspace, service: Service) -> None:
    await filled(workspace, service)
    until(lambda: unindexed(workspace) == 0)
    assert b"quetzalcoatl" in words_in_files(workspace)
    await roster.remove_subject(workspace, ANN)
    assert ids(workspace, "xylophone") == ids(workspace, "quetzalcoatl") == []
    assert b"xylophone" not in words_in_files(workspace)
    assert b"quetzalcoatl" not in words_in_files(workspace)
    assert ids(workspace, "tea") == ["m2"]


async def test_nothing_of_a_removed_conversation_is_left(
    workspace: Workspace, service: Service
) -> None:
    await filled(workspace, service)
    until(lambda: unindexed(workspace) == 0)
    await roster.remove_conversation(workspace, ANN, "c1")
    assert b"quetzalcoatl" not in words_in_files(workspace)
    assert ids(workspace, "xylophone") == ["m1"]


async def test_what_could_not_be_forgotten_is_told(workspace: Workspace, service: Service) -> None:
    await filled(workspace, service)
    until(lambda: unindexed(workspace) == 0)
    indexing.stop(workspace.store_path, wait=True)
    path = path_beside(workspace.store_path)
    with workspace.open_reads() as reads:
        list(search.search(reads, "tea"))  # has the index open
        index = Index(path, read_only=False)
        assert index.empty_log()
        index.close()
        path.write_bytes(b"no database " * 1_000)
        with pytest.raises(StoreError, match=r"was removed from the store.*may still be"):
            await roster.remove_subject(workspace, ANN)
        assert workspace.reads.subject(ANN) is None
    workspace.reads.query.close_beside("search index")
    await roster.remove_subject(workspace, BOB)
    assert b"no database" not in words_in_files(workspace)


async def test_a_damaged_index_is_made_anew_behind_a_search(
    workspace: Workspace, service: Service
) -> None:
    await filled(workspace, service)
    until(lambda: unindexed(workspace) == 0)
    indexing.stop(workspace.store_path, wait=True)
    workspace.reads.query.close_beside("search index")
    path = path_beside(workspace.store_path)
    path.write_bytes(b"no database " * 1_000)
    assert ids(workspace, "xylophone") == ["m1"]
    until(lambda: unindexed(workspace) == 0)
    assert ids(workspace, "xylophone") == ["m1"]


async def test_closing_ends_the_indexer(workspace: Workspace, service: Service) -> None:
    await filled(workspace, service)
    indexing.nudge(workspace.store_path)
    await workspace.close()
    until(lambda: not indexing.indexer(workspace.store_path).is_running)
    until(lambda: not path_beside(workspace.store_path).with_name("search.db-wal").exists())


def test_a_store_that_is_broken_ends_the_indexer(isolated: Path) -> None:
    isolated.mkdir(parents=True)
    store = isolated / "store.db"
    store.write_bytes(b"no database " * 1_000)
    indexing.nudge(store)
    until(lambda: not indexing.indexer(store).is_running)
    assert "not a store" in (indexing.indexer(store).problem or "")
    assert store.read_bytes() == b"no database " * 1_000


async def test_check_deletes_an_index_that_is_wrong(workspace: Workspace, service: Service) -> None:
    await filled(workspace, service)
    until(lambda: unindexed(workspace) == 0)
    assert maintenance.check_index(workspace) == []
    indexing.stop(workspace.store_path, wait=True)
    workspace.reads.query.close_beside("search index")
    index = Index(path_beside(workspace.store_path), read_only=False)
    with index.writing():
        for shard in index.shards():
            index.rows(f"INSERT INTO {shard.table} (rowid, words) VALUES (77, '\ue000 more')")
    index.close()
    assert "does not have" in maintenance.check_index(workspace)[0]
    assert not path_beside(workspace.store_path).exists()
    assert ids(workspace, "xylophone") == ["m1"]


async def test_marks_and_order(workspace: Workspace, service: Service) -> None:
    await filled(workspace, service)
    service.put("bob", a_memory("m3", "tea, tea and a TEAPOT", title="Tea"))
    await sync(workspace, SyncScope((BOB,), full=True))
    first, second = search.search(workspace.reads, "te")
    assert (first.memory_id, second.memory_id) == ("m3", "m2")
    marked = search.spans_in("te", first.snippet)
    assert [first.snippet[a:b] for a, b in marked] == ["te", "te", "TE"]
    assert search.spans_in("te", first.title or "") == [(0, 2)]
    service.put("ann", a_memory("m4", "tea and very much else " * 9))
    await sync(workspace, SyncScope((ANN,), full=True))
    by = {
        order: [hit.memory_id for hit in search.search(workspace.reads, "tea", order=order)]
        for order in search.ORDERS
    }
    assert by == {"arrival": ["m4", "m3", "m2"], "relevance": ["m3", "m4", "m2"]}


async def test_it_says_how_much_of_the_store_it_has(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(workspace, service)
    indexing.stop(workspace.store_path, wait=True)
    path_beside(workspace.store_path).unlink(missing_ok=True)
    monkeypatch.setattr("memos_admin.store.search.filling.BATCH", 1)
    shares: list[float | None] = []
    with Filling(workspace.store_path) as filling:
        shares.append(filling.share)
        while filling.step():
            shares.append(filling.share)
        shares.append(filling.share)
    assert shares == [None, 0, pytest.approx(1 / 3), pytest.approx(2 / 3), 1]
    assert indexing.share(workspace.store_path) is None


async def test_a_search_says_how_much_it_looked_through(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(workspace, service)
    indexing.stop(workspace.store_path, wait=True)
    path_beside(workspace.store_path).unlink(missing_ok=True)
    monkeypatch.setattr(indexing, "nudge", lambda _store: None)
    for subject in (None, ANN, BOB):
        hits = search.search(workspace.reads, "nowhere", subject=subject)
        assert hits.looked == 0
        assert list(hits) == []
        assert hits.looked == 1
    hits = search.search(workspace.reads, "xylophone", order="relevance")
    assert hits.looked == 0
    assert len(list(hits)) == 1
    indexing.indexer(workspace.store_path).nudge()
    until(lambda: unindexed(workspace) == 0)
    assert search.search(workspace.reads, "xylophone").looked is None
