"""Who wrote a message, wherever the evidence names one: links, checks, messages that came to nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from memos_admin.backend import roster
from memos_admin.backend.author_words import who, whose_source
from memos_admin.backend.authors import Author, Writer
from memos_admin.backend.evidence.collected import Collected
from memos_admin.backend.evidence.review import review
from memos_admin.backend.evidence.support import Support
from memos_admin.backend.evidence.wording import explained
from memos_admin.backend.model import Reads, SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cli.evidence.rows import check_rows
from memos_admin.cloud.answers import Message
from tests.backend.service import Service, a_memory, a_message
from tests.backend.test_other_people import ADA, BOB, NOTED, TEA, of, quoting

CAROL = "Hello from Carol, I collect stamps of Norway."


async def looked_at(
    workspace: Workspace, service: Service, ref: SubjectRef = ADA
) -> tuple[Collected, dict[str, Support]]:
    await roster.add_subjects(workspace, [ref])
    await sync(workspace, SyncScope(full=True))
    found = Collected()
    with Reads(workspace.store_path) as reads:
        subject = reads.subject(ref)
        assert subject is not None
        for part in review(reads, subject):
            found.take(part)
    return found, {one.memory_id: one for one in found.supports.values()}


def told(service: Service, name: str, *messages: Message) -> None:
    service.say(name, "c1", *messages)
    service.put(
        name,
        a_memory("m-bob", "The user owes 50 euro since May.", sources=quoting(BOB)),
        a_memory("m-tea", "The user likes jasmine tea.", sources=quoting(TEA)),
        a_memory("m-carol", "The user collects 7000 stamps.", sources=quoting(CAROL)),
        a_memory("m-lost", "The user flies.", sources=quoting("I fly to the moon on Monday.")),
    )


async def test_links_and_silent_messages_have_who_wrote_them(
    workspace: Workspace, service: Service
) -> None:
    told(
        service,
        "ada-1",
        of(TEA, "ada-1", "Ada"),
        of(BOB, "bob-9", "Bob"),
        a_message(NOTED, "assistant"),
        of(CAROL, None, "Carol"),
        of("We meet at the old harbour on Friday.", "bob-9"),
        of("We meet at the new harbour on Sunday.", "ada-1"),
    )
    found, memories = await looked_at(workspace, service)
    by: dict[str, list[Author]] = {
        name: [link.writer.author for link in one.links] for name, one in memories.items()
    }
    assert by["m-tea"] == ["user"]
    assert by["m-bob"] == ["another person"]
    assert by["m-carol"] == ["by name only"]
    assert [one.kind for one in memories["m-bob"].checks] == ["another person"]
    assert memories["m-tea"].checks == ()
    (number,) = memories["m-carol"].checks
    assert number.kind == "number"
    assert "Message 4: said under the name Carol: whether by this user is not known." in explained(
        number, memories["m-carol"]
    )
    silent = [(one.seq, one.writer.author) for one in found.silent()]
    assert silent == [(6, "user"), (3, "assistant"), (5, "another person")]
    (counted,) = (one for one in found.counts() if (one.list, one.kind) == ("silent", "all"))
    assert (counted.user, counted.unmarked, counted.assistant) == (1, 1, 1)


async def test_a_check_names_whoever_said_what_it_was_compared_with(
    workspace: Workspace, service: Service
) -> None:
    service.say("ada-1", "c1", of(BOB, "bob-9"), of(TEA, "ada-1"))
    service.put(
        "ada-1", a_memory("m-bob", "The user owes 90 euro since May.", sources=quoting(BOB))
    )
    _found, memories = await looked_at(workspace, service)
    number, another = memories["m-bob"].checks
    assert (number.kind, another.kind) == ("number", "another person")
    said = explained(number, memories["m-bob"])
    assert said.endswith("Message 1: said by bob-9, not by this user.")
    assert explained(another, memories["m-bob"]) == (
        "It is told of the user, but its source (message 1) was said by bob-9, not by this user."
    )


async def test_a_message_of_another_conversation_is_told_with_it(
    workspace: Workspace, service: Service
) -> None:
    service.say("ada-1", "c1", of(TEA, "ada-1"), of("Nothing of that.", "ada-1"))
    service.say("ada-1", "trip", of(BOB, "bob-9"))
    service.put(
        "ada-1",
        a_memory("m-bob", "The user owes 50 euro since May.", sources=quoting(BOB)),
        a_memory("m-both", "The user paints walls.", sources=quoting(TEA, BOB)),
        a_memory("m-trip", "Nothing.", conversation_id="trip"),
    )
    _found, memories = await looked_at(workspace, service)
    (another,) = memories["m-bob"].checks
    assert (another.seqs, another.messages) == ((1,), ((1, "trip"),))
    assert explained(another, memories["m-bob"]) == (
        "It is told of the user, but its source (message 1 of trip) was said by bob-9, not by this user."
    )
    (nothing,) = memories["m-both"].checks
    assert nothing.messages == ((1, None), (1, "trip"))
    assert explained(nothing, memories["m-both"]) == (
        "It shares no word, number, date or name with its source (message 1; message 1 of trip). "
        "Message 1 of trip: said by bob-9, not by this user."
    )
    with Reads(workspace.store_path) as reads:
        (memory,) = reads.memories([memories["m-both"].listing_pk])
        (row,) = check_rows(reads, memory, memories["m-both"])
    assert (row["conversation_id"], row["seqs"], row["elsewhere"]) == ("c1", [1, 1], [None, "trip"])
    assert row["authors"] == ["user", "another person"]


async def test_who_wrote_it_is_known_of_another_conversation_and_of_what_was_said_before(
    workspace: Workspace, service: Service
) -> None:
    service.say("ada-1", "c1", of("Nothing of that.", "ada-1"))
    service.say("ada-1", "c2", of(BOB, "bob-9", "Bob"))
    memory = a_memory("m-bob", "The user owes 50 euro since May.", sources=quoting(BOB))
    service.put("ada-1", memory, a_memory("m-2", "About nothing.", conversation_id="c2"))
    _found, memories = await looked_at(workspace, service)
    (link,) = memories["m-bob"].links
    bob = Writer("user", "another person", "bob-9", "Bob")
    assert (link.conversation_id, link.writer) == ("c2", bob)
    assert [one.kind for one in memories["m-bob"].checks] == ["another person"]
    said = service.messages["ada-1", "c2"]
    later = "2025-06-11 09:30:00"
    raw = {**said[0].raw, "content": "Never mind.", "update_time": later}
    said[0] = replace(said[0], content="Never mind.", update_time=later, raw=raw)
    _found, memories = await looked_at(workspace, service)
    (link,) = memories["m-bob"].links
    assert link.earlier is not None
    assert (link.conversation_id, link.writer) == ("c2", bob)


async def test_names_of_those_who_speak_are_no_invention(
    workspace: Workspace, service: Service
) -> None:
    service.say("ada-1", "c1", of("I get up at 5:30.", "bob-9", "Bob Marley"))
    text = "Music ends at 5:30 because Bob Marley gets up."
    service.put("ada-1", a_memory("m-1", text, sources=quoting("I get up at 5:30.")))
    _found, memories = await looked_at(workspace, service)
    assert memories["m-1"].checks == ()


async def test_of_an_agent_any_user_is_its_user(workspace: Workspace, service: Service) -> None:
    agent = SubjectRef("agent", "helper")
    service.say("helper", "c1", of(TEA, "ada-1", "Ada"), of(BOB, "bob-9", "Bob"))
    memory = a_memory("m-bob", "The user owes 50 euro since May.", sources=quoting(BOB))
    service.put("helper", memory, kind="agent")
    _found, memories = await looked_at(workspace, service, agent)
    (link,) = memories["m-bob"].links
    assert link.writer == Writer("user", "user", "bob-9", "Bob")
    assert memories["m-bob"].checks == ()


@pytest.mark.parametrize(
    ("writer", "words", "of_source"),
    [
        (Writer("user", "user"), "user", ""),
        (Writer("user", "user", "ada-1", "Ada"), "user Ada", ""),
        (
            Writer("user", "another person", "bob-9"),
            "bob-9, another person",
            "said by bob-9, not by this user",
        ),
        (
            Writer("user", "by name only", None, "Carol"),
            "Carol: this user, or another person of this name",
            "said under the name Carol: whether by this user is not known",
        ),
        (Writer("assistant", "assistant"), "assistant", ""),
        (Writer("narrator", "other"), "narrator", ""),
    ],
)
def test_words_for_who_wrote_a_message(writer: Writer, words: str, of_source: str) -> None:
    assert (who(writer), whose_source(writer)) == (words, of_source)
