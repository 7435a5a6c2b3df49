"""The evidence of a whole user: links both ways, gaps and why, whole and in parts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from importlib import resources
from itertools import chain
from typing import Any

import pytest

from memos_admin.backend.errors import StoreInterrupted
from memos_admin.backend.evidence.collected import Collected
from memos_admin.backend.evidence.review import review, review_memories, review_memory
from memos_admin.backend.evidence.support import Support
from memos_admin.backend.evidence.wording import explained, why
from memos_admin.backend.model import Filter, Reads, Subject, SubjectRef
from memos_admin.backend.perspective import INFERENCE, perspective
from memos_admin.backend.provenance import link_sources
from memos_admin.backend.remote import WINDOW
from memos_admin.backend.strays import Elsewhere
from memos_admin.emulator.demo.screenplay import perform

ROSA = SubjectRef("user", "rosa.costa@example.pt")
ANNA = SubjectRef("user", "anna.schmidt@example.org")
LI_WEI = SubjectRef("user", "li.wei@acme.cn")


def subject(reads: Reads, ref: SubjectRef) -> Subject:
    found = reads.subject(ref)
    assert found is not None
    return found


def collected(reads: Reads, ref: SubjectRef, conversation: str | None = None) -> Collected:
    only = None if conversation is None else reads.conversation(ref, conversation)
    found = Collected()
    for part in review(reads, subject(reads, ref), only):
        found.take(part)
    return found


def titled(reads: Reads, found: Collected) -> dict[str, Support]:
    memories = reads.memories(sorted(found.supports))
    return {one.title or one.content: found.supports[one.listing_pk] for one in memories}


def test_one_memory_is_found_out_as_with_all_of_its_user(demo_reads: Reads) -> None:
    compared = 0
    for one in demo_reads.subjects(demo_reads.subject_pks()):
        for listing_pk, support in collected(demo_reads, one.ref).supports.items():
            alone = review_memory(demo_reads, listing_pk)
            assert alone in {None, support}
            compared += alone is not None and bool(alone.checks)
    assert compared
    assert review_memory(demo_reads, -1) is None


def test_several_are_found_out_together_as_one_by_one(demo_reads: Reads) -> None:
    listings = [*demo_reads.memory_pks(Filter())][:60]
    alone = (review_memory(demo_reads, pk) for pk in listings)
    together = {one.listing_pk: one for one in review_memories(demo_reads, listings)}
    assert together == {one.listing_pk: one for one in alone if one is not None}
    assert len(together) > 30


def test_certain_links_are_those_of_each_memory_by_itself(demo_reads: Reads) -> None:
    for one in demo_reads.subjects(demo_reads.subject_pks()):
        found = collected(demo_reads, one.ref)
        keys = demo_reads.memory_pks(Filter(subject=one.ref))
        assert {*found.supports} == {*keys}
        linked: set[int] = set()
        for memory in demo_reads.memories(keys):
            support = found.supports[memory.listing_pk]
            own = demo_reads.conversation(one.ref, memory.conversation_id or "")
            said = [] if own is None else demo_reads.messages(demo_reads.message_pks(own.pk))
            sources = demo_reads.memory_sources(memory.pk)
            expected = {link.message_pk: link.how for link in link_sources(sources, said)}
            certain = {
                link.message_pk: link.how
                for link in support.links
                if link.how in {"message id", "quoted text"}
                and link.conversation_id == memory.conversation_id
            }
            if expected and support.kind != "message id":
                assert certain == expected
            linked |= {link.message_pk for link in support.links if link.how != "overlap"}
            for link in support.links:
                assert demo_reads.message_seq(link.message_pk) == link.seq
        silent = {message.message_pk for message in found.silent()}
        conversations = demo_reads.conversation_pks(one.pk)
        everything = chain.from_iterable(map(demo_reads.message_pks, conversations))
        assert silent | linked == {*everything}
        assert not silent & linked


def test_each_reason_why_a_source_is_not_in_the_transcript(demo_reads: Reads) -> None:
    found = titled(demo_reads, collected(demo_reads, ROSA))
    assert {title: one.missing for title, one in found.items() if one.missing} == {
        "Brother With a Bakery": "none given",
        "Cat Called Fado": "nowhere",
        "Price of Induction Plates": "knowledge base",
        "Van With a Driver": "another conversation",
    }
    van = found["Van With a Driver"]
    assert (van.elsewhere, van.found, van.kind) == ("studio-move", 1, "quoted text")
    assert [(link.conversation_id, link.seq) for link in van.links] == [("studio-move", 6)]
    assert "studio-move" in why(van)
    anna = titled(demo_reads, collected(demo_reads, ANNA))
    assert anna["Migraine From Heat"].missing == "outside the window"
    assert anna["Arrived in Istanbul"].missing is None


def test_who_asks_from_the_message_hears_of_the_same_sources_elsewhere(demo_reads: Reads) -> None:
    told = set()
    for one in demo_reads.subjects(demo_reads.subject_pks()):
        expected = {
            (link.message_pk, support.memory_id)
            for support in collected(demo_reads, one.ref).supports.values()
            for link in support.links
            if link.how != "overlap" and link.conversation_id != support.conversation_id
        }
        whole, found = Elsewhere(demo_reads, whole=True), set()
        for conversation in demo_reads.conversations(demo_reads.conversation_pks(one.pk)):
            alone = Elsewhere(demo_reads).made_of(conversation)
            assert alone == whole.made_of(conversation)
            found |= {(pk, memory_id) for pk, ids in alone.items() for memory_id in ids}
        assert found == expected
        told |= found
    assert len(told) >= 2


def test_an_id_of_a_message_links(demo_reads: Reads) -> None:
    support = titled(demo_reads, collected(demo_reads, LI_WEI))["Hotel Budget in Singapore"]
    assert support.kind == "message id"
    assert [link.seq for link in support.links] == [7]


def test_what_was_inferred_stands_apart(demo_reads: Reads) -> None:
    found = collected(demo_reads, ROSA)
    for memory in demo_reads.memories(sorted(found.supports)):
        is_inference = perspective(memory.content) == INFERENCE
        assert (found.supports[memory.listing_pk].teller == "assistant") is is_inference
    counts = {(one.list, one.kind): one for one in found.counts()}
    everything = counts["links", "all"]
    assert (everything.user, everything.unmarked, everything.assistant) == (11, 0, 3)
    assert counts["missing", "all"].assistant == 2
    assert counts["check", "all"].total == 7
    assert counts["silent", "all"].total == len(list(found.silent()))
    assert counts["silent", "all"].user == len(list(found.silent("user")))


def test_one_conversation_has_its_own_evidence_and_looks_for_sources_in_all(
    demo_reads: Reads,
) -> None:
    part, whole = collected(demo_reads, ROSA, "studio-paint"), collected(demo_reads, ROSA)
    for key, support in part.supports.items():
        assert support == whole.supports[key]
    assert {one.conversation_id for one in part.supports.values()} == {"studio-paint"}
    assert titled(demo_reads, part)["Van With a Driver"].elsewhere == "studio-move"
    messages = {one.message_pk for one in part.silent()}
    assert messages <= {one.message_pk for one in whole.silent()}


def test_every_check_is_explained_with_what_was_compared(demo_reads: Reads) -> None:
    found = titled(demo_reads, collected(demo_reads, ROSA))
    told = {title: explained(one.checks[0], one) for title, one in found.items() if one.checks}
    assert told["Moving Day"] == (
        "The memory says “24 July 2025”. This date or time was found in no message of the conversation. "
        "Its source (message 1) says “14 July”."
    )
    assert told["Gas Stove"] == (
        "The memory says “The user wants gas in the studio”, its source (message 7) seems to deny it: "
        "“I don't want gas in the studio”."
    )
    assert told["Golf on Sundays"].endswith("with its source (message 5).")
    assert "no message of the conversation is near" in told["Brother With a Bakery"]


def test_it_can_be_stopped(demo_reads: Reads) -> None:
    parts = review(demo_reads, subject(demo_reads, ANNA))
    next(parts)
    demo_reads.interrupt()
    with pytest.raises(StoreInterrupted):
        list(parts)
    assert collected(demo_reads, ANNA).supports


def test_it_tells_how_far_it_is(demo_reads: Reads) -> None:
    anna = subject(demo_reads, ANNA)
    done = [part.progress for part in review(demo_reads, anna)]
    assert done[-1].messages == done[-1].of == anna.messages
    assert [one.messages for one in done] == sorted(one.messages for one in done)


def _read(served: Sequence[dict[str, Any]], number: int) -> set[int]:
    """Return which messages of a conversation were in a window at any time."""
    parts = [(part["from"] - 1, part["to"]) for part in served]
    if not served or "until" in served[-1]:
        parts.append((0, number))
    return {n for begin, end in parts for n in range(max(begin, end - WINDOW), end)}


def _expected_reasons() -> Iterator[tuple[str, str, str | None]]:
    """Yield whose, words of a memory, and why its source is not there, as the demo's files tell it."""
    for file in sorted(resources.files("memos_admin.emulator.demo.people").iterdir(), key=str):
        person = tomllib.loads(file.read_text("utf-8")) if file.name.endswith(".toml") else {}
        plays = {
            one["id"]: perform(one["script"], one["at"]) for one in person.get("conversation", ())
        }
        read = {
            one["id"]: _read(one.get("served", ()), len(plays[one["id"]]))
            for one in person.get("conversation", ())
        }
        for table in ("fact", "preference", "tool", "skill", "event"):
            for entry in person.get(table, ()):
                if entry.get("status") == "deleted":
                    continue
                text = entry.get("value") or entry["description"]
                play = plays.get(entry.get("from") or entry.get("in"), [])
                quoted = [
                    next((n for n, line in enumerate(play) if words in line.text), None)
                    for words in entry.get("quotes", ())
                ]
                reason = None
                if "document" in entry:
                    reason = "knowledge base"
                elif "lost" in entry:
                    reason = "nowhere"
                elif not quoted or entry.get("how") == "none":
                    reason = "none given"
                elif "from" in entry:
                    reason = "another conversation"
                elif not {*quoted} - {None} <= read.get(entry["in"], {*quoted}):
                    reason = "outside the window"
                yield person.get("user") or person["agent"], text, reason


def test_the_reasons_in_the_demo_are_those_that_its_files_tell(demo_reads: Reads) -> None:
    found = {}
    for one in demo_reads.subjects(demo_reads.subject_pks()):
        supports = collected(demo_reads, one.ref).supports
        for memory in demo_reads.memories(sorted(supports)):
            whose = one.ref.external_id, memory.content
            found[whose] = supports[memory.listing_pk].missing
    expected = list(_expected_reasons())
    assert {reason for _, _, reason in expected} >= {"outside the window", "nowhere", None}
    told = 0
    for user, text, reason in expected:
        missing = [one for (owner, said), one in found.items() if owner == user and text in said]
        if missing:  # those that are archived may not be listed
            told += 1
            assert missing == [reason], (user, text)
    assert told > 120
