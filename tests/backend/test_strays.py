"""Sources that stand in another conversation than the one that their memory names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend import roster
from memos_admin.backend.model import Conversation, MemorySource, Reads, SubjectRef
from memos_admin.backend.provenance import link_sources
from memos_admin.backend.provenance.openings import Openings
from memos_admin.backend.strays import Elsewhere, conversations_in, latest, source_messages
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from memos_admin.store import evidence as stored
from memos_admin.store import streams
from memos_admin.store.query import Query
from tests.backend.service import Service, a_memory, a_message
from tests.backend.stored import stored_message

ANN = SubjectRef("user", "ann")
PIECES = st.sampled_from(
    [
        *(
            "I like tea",
            " I like tea ",
            "tea",
            "user: ",
            "用户：",
            "我喜欢茶",
            "ＴＥＡ",
            "…",
            "...",
        ),
        *("\n", "  ", "“", "\u200b", "é", "e\u0301", "!", "x" * 70),
        "that is what I said of it, more than once, and to everybody",
    ]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=4).map("".join)


@given(TEXTS, TEXTS)
def test_whatever_a_quote_is_found_in_is_among_those_that_it_can_stand_in(
    said: str, quoted: str
) -> None:
    source = MemorySource("chat", None, quoted, None, None)
    few: Openings[int] = Openings()
    few.add(1, quoted.strip())
    many: Openings[int] = Openings()
    many.add(1, quoted.strip())
    for number in range(100):
        many.add(2, f"{number:08} is said by nobody")
    if link_sources([source], [stored_message(1, said)]):
        assert few.in_text(said) == many.in_text(said) == {1}


def test_many_quotes_that_begin_alike_are_told_apart() -> None:
    openings: Openings[int] = Openings()
    for number in range(20):
        openings.add(number, f"Can you tell me about number {number}, please?")
    assert openings.in_text("Hello. Can you tell me about number 7, please?") == {7}
    assert openings.in_text("Can you tell me about") == set()
    assert openings.in_text("Canned youth") == set()


def quoting(*texts: str) -> tuple[Source, ...]:
    return tuple(Source("chat", excerpt=text, role="user") for text in texts)


VAN, BOX, YES = "A van with a driver costs 85 euros.", "Twelve boxes and a bed.", "Yes, please."


@pytest.fixture
async def reads(workspace: Workspace, service: Service) -> AsyncIterator[Reads]:
    """Three conversations; of some memories the source stands in another one, or in several."""
    says = {
        "late": [VAN, YES, "Bye for now, my friend."],
        "first": ["Hello there, it is me.", YES, BOX],
        "second": [VAN, BOX, YES, "Nothing of all that."],
    }
    days = {"first": 1, "second": 2, "late": 3}
    for name, texts in says.items():
        at = f"2025-06-0{days[name]} 09:30:0"
        service.say("ann", name, *(a_message(text, at=f"{at}{n}") for n, text in enumerate(texts)))
    for memory_id, named, sources in [
        ("m-own", "late", quoting(VAN)),
        ("m-van", "first", quoting(VAN)),
        ("m-two", "late", quoting(BOX, VAN)),
        ("m-yes", "second", quoting(YES)),
        ("m-none", "first", quoting("Nobody ever said a word of this.")),
        ("m-doc", "first", (Source("doc", excerpt=VAN),)),
        ("m-apart", None, quoting("Nothing of all that.")),
    ]:
        service.put("ann", a_memory(memory_id, "text", conversation_id=named, sources=sources))
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope())
    await workspace.close()
    with Reads(workspace.store_path) as found:
        yield found


EXPECTED = {
    ("first", 3): ["m-two"],
    ("second", 1): ["m-van"],
    ("second", 4): ["m-apart"],
}
"""Of each message, what came from it though it names another conversation: the first to begin has it."""


def conversations(reads: Reads) -> list[Conversation]:
    subject = reads.subject(ANN)
    assert subject is not None
    return list(conversations_in(reads, streams.by_first_message(reads.query, subject.pk)))


def made(reads: Reads, found: Elsewhere, one: Conversation) -> dict[tuple[str, int], list[str]]:
    return {
        (one.conversation_id, reads.message_seq(pk)): ids for pk, ids in found.made_of(one).items()
    }


def test_each_message_knows_the_memories_of_other_conversations(reads: Reads) -> None:
    shared, backwards, whole = Elsewhere(reads), Elsewhere(reads), Elsewhere(reads, whole=True)
    for turn in (conversations(reads), conversations(reads)):
        together: dict[tuple[str, int], list[str]] = {}
        for one in turn:
            alone = made(reads, Elsewhere(reads), one)
            assert alone == made(reads, shared, one) == made(reads, whole, one)
            together |= alone
        assert together == EXPECTED
    for one in reversed(conversations(reads)):
        assert made(reads, backwards, one) == made(reads, shared, one)


def test_a_part_of_the_messages_is_told_of_before_all_are_looked_at(reads: Reads) -> None:
    for one in conversations(reads):
        (batch,) = stored.said(reads.query, one.pk)
        known = Elsewhere(reads)
        parts: dict[int, list[str]] = {}
        for message in batch:
            parts |= known.made_of(one, [message])
        assert parts == known.made_of(one) == Elsewhere(reads).made_of(one)


def test_of_a_long_conversation_the_latest_messages_are_looked_at(reads: Reads) -> None:
    _first, second, _late = conversations(reads)
    assert latest(reads, second, 4) is None
    some = latest(reads, second, 3)
    assert some is not None
    assert [one.content for one in some] == [BOX, YES, "Nothing of all that."]
    found = Elsewhere(reads).made_of(second, some)
    assert {reads.message_seq(pk): ids for pk, ids in found.items()} == {4: ["m-apart"]}


def test_each_source_knows_its_messages(reads: Reads) -> None:
    def places(memory_id: str) -> list[list[tuple[str, int]]]:
        (memory,) = reads.memory(memory_id)
        return [
            [(at.conversation.conversation_id, at.seq) for at in found]
            for _source, found in source_messages(reads, memory)
        ]

    assert places("m-own") == [[("late", 1)]]
    assert places("m-van") == [[("second", 1)]]
    assert places("m-two") == [[("first", 3)], [("late", 1)]]
    assert places("m-yes") == [[("second", 3)]]
    assert places("m-none") == [[]]
    assert places("m-doc") == [[]]
    assert places("m-apart") == [[("second", 4)]]


def test_what_is_known_is_of_use_until_the_user_is_read_again(reads: Reads) -> None:
    first, *_rest, last = conversations(reads)
    known = Elsewhere(reads)
    known.made_of(first)
    again = Elsewhere(reads, known.known)
    again.made_of(last)
    assert again.known is known.known
    assert known.known is not None
    known.known.whose = known.known.whose._replace(synced_at=0)
    anew = Elsewhere(reads, known.known)
    assert made(reads, anew, first) == {("first", 3): ["m-two"]}
    assert anew.known is not known.known


def test_messages_of_others_are_read_only_where_one_at_hand_says_what_no_other_one_is_known_to(
    reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    said = stored.said

    def noted(query: Query, pk: int) -> Iterator[list[stored.SaidMessage]]:
        read.append(pk)
        return said(query, pk)

    first, *_rest = conversations(reads)
    hello, yes, box = next(iter(said(reads.query, first.pk)))
    monkeypatch.setattr(stored, "said", noted)
    assert Elsewhere(reads).made_of(first, [hello]) == {}
    assert read == []
    # A memory of another conversation quotes it, and that one says it too.
    assert Elsewhere(reads).made_of(first, [hello, yes]) == {}
    assert {*read} == {first.pk}
    assert Elsewhere(reads).made_of(first, [box])
    assert {*read} > {first.pk}
