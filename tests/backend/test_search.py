"""Search over what is stored, and the service's own recall."""

from __future__ import annotations

import pytest

from memos_admin.backend import roster, search
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.store.records import Filter, SubjectRef
from tests.backend.service import Service, a_memory, a_message

ANN, BOB = SubjectRef("user", "ann"), SubjectRef("user", "bob")


@pytest.fixture
async def filled(workspace: Workspace, service: Service) -> Workspace:
    service.put("ann", a_memory("m1", "Plans a Family trip"), a_memory("m2", "喜欢喝茶"))
    service.put("bob", a_memory("m3", "no family"))
    service.say("ann", "c1", a_message("hi"), a_message("My family always travels together"))
    service.say("bob", "c1", a_message("100% sure"))
    await roster.add_subjects(workspace, [ANN, BOB])
    await sync(workspace, SyncScope())
    return workspace


def found(workspace: Workspace, text: str, **more: object) -> set[str]:
    hits = search.search(workspace.reads, text, **more)  # type: ignore[arg-type]
    return {
        hit.memory_id or f"{hit.ref.external_id} {hit.conversation_id} {hit.seq}" for hit in hits
    }


async def test_words_are_found_in_memories_titles_tags_and_messages(filled: Workspace) -> None:
    assert found(filled, "FAMILY") == {"m1", "m3", "ann c1 2"}
    assert found(filled, "喝茶") == {"m2"}
    assert found(filled, "About m2") == {"m2"}
    assert found(filled, "100%") == {"bob c1 1"}
    assert found(filled, "fam tr") == {"m1", "ann c1 2"}


async def test_search_can_be_narrowed(filled: Workspace) -> None:
    assert found(filled, "family", subject=BOB) == {"m3"}
    assert found(filled, "family", types=frozenset({"message"})) == {"ann c1 2"}
    assert len(found(filled, "family", limit=1)) == 1


@pytest.mark.parametrize("odd", ["zzz", "' OR 1=1", '"', "*", "NEAR(", "\0", "\\", "a" * 9999])
async def test_odd_words_find_nothing(filled: Workspace, odd: str) -> None:
    assert found(filled, odd) == set()


@pytest.mark.parametrize(
    ("text", "has"), [("!!!", False), ('"*', False), ("a", True), ("茶", True)]
)
def test_signs_alone_are_no_words(text: str, has: bool) -> None:
    assert search.has_words(text) is has


async def test_hits_say_how_many_were_ranked(filled: Workspace) -> None:
    def ranked(order: search.Order) -> int | None:
        hits = search.search(filled.reads, "family", order=order, limit=1)
        assert len(list(hits)) == 1
        return hits.ranked

    assert (ranked("relevance"), ranked("arrival")) == (3, None)
    assert search.search(filled.reads, "family", order="relevance").ranked is None
    for within, counts in ((Filter(), True), (Filter(views=frozenset({"preference"})), False)):
        hits = search.search(filled.reads, "family", order="relevance", within=within)
        list(hits)
        assert (hits.ranked is not None) is counts


@pytest.mark.parametrize("empty", ["", "  ", "\n"])
async def test_empty_text_is_refused(filled: Workspace, empty: str) -> None:
    with pytest.raises(ValueError, match="Nothing to search for"):
        list(search.search(filled.reads, empty))
    with pytest.raises(ValueError, match="Nothing to search for"):
        await search.recall(filled, empty, ANN)


async def test_recall_asks_the_service(filled: Workspace, service: Service) -> None:
    (hit,) = await search.recall(filled, "Family", ANN)
    assert (hit.memory_id, hit.relativity, hit.ref) == ("m1", 0.5, ANN)
    assert service.requests["/search/memory"] == 1


@pytest.mark.parametrize(
    ("content", "text", "expected"),
    [
        ("short", "short", "short"),
        ("a" * 100 + "needle" + "b" * 100, "NEEDLE", "…" + "a" * 40 + "needle" + "b" * 40 + "…"),
        ("x" * 100, "nowhere", "x" * 47 + "…"),
    ],
)
def test_snippet(content: str, text: str, expected: str) -> None:
    assert search.recalled(content, text).shown == expected


async def test_a_hit_says_where_it_is_to_be_opened(filled: Workspace) -> None:
    (message,) = search.search(filled.reads, "travels", subject=ANN)
    conversation = filled.reads.conversation(ANN, "c1")
    assert conversation is not None
    assert message.message_pk == filled.reads.message_pks(conversation.pk)[1]
    assert (message.role, message.type) == ("user", "message")
    (memory,) = search.search(filled.reads, "喝茶")
    assert (memory.memory_id, memory.message_pk, memory.vanished) == ("m2", None, False)


async def test_a_snippet_is_as_long_as_asked_for(filled: Workspace) -> None:
    (hit,) = search.search(filled.reads, "together", around=7)
    assert hit.snippet == "…ravels together"
    (hit,) = search.search(filled.reads, "together")
    assert hit.snippet == "My family always travels together"
