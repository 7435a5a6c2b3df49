"""A similar message is told of a memory whose source is open, and of no other one; all places count alike."""

from __future__ import annotations

import pytest

from memos_admin.backend import roster
from memos_admin.backend.evidence.collected import Collected
from memos_admin.backend.evidence.review import review
from memos_admin.backend.evidence.similar import may_say
from memos_admin.backend.evidence.support import Support
from memos_admin.backend.evidence.wording import explained
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.strays import source_messages
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from memos_admin.tui.jobs.evidence import memory_evidence
from memos_admin.tui.jobs.reviewing import Reviewing
from memos_admin.tui.rows.evidence import Counts, EvidenceRows
from memos_admin.tui.words.evidence_notes import note, tabs
from tests.backend.service import Service, a_memory, a_message
from tests.backend.stored import stored_message

ANN = SubjectRef("user", "ann")
SHOPS, WINDOW = 60, 50


def bought(number: int) -> str:
    return f"Number {number}: I bought item {number} in shop {7 * number}."


def at(number: int) -> str:
    return f"2026-11-22 08:{number % 60:02}:{number // 60:02}"


def remembered(number: int) -> str:
    return f"Number {number}: the user bought item {number} in shop {7 * number}."


async def reviewed(workspace: Workspace) -> tuple[Collected, dict[str, Support]]:
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope(full=True))
    subject, found = workspace.reads.subject(ANN), Collected()
    assert subject is not None
    for part in review(workspace.reads, subject):
        found.take(part)
    return found, {one.memory_id: one for one in found.supports.values()}


async def test_what_memos_quotes_from_before_the_window_is_joined_to_no_similar_message(
    workspace: Workspace, service: Service
) -> None:
    said = [a_message(bought(n), at=at(n)) for n in range(SHOPS)]
    service.say("ann", "long", *said)
    for n in range(SHOPS):
        quoted = (Source("chat", excerpt=bought(n), role="user", time=at(n)),)
        memory = a_memory(f"m{n}", remembered(n), conversation_id="long", sources=quoted)
        service.put("ann", memory)
    found, supports = await reviewed(workspace)
    here = {f"m{n}" for n in range(SHOPS - WINDOW, SHOPS)}
    assert {name for name, one in supports.items() if one.links} == here
    totals = found.totals()
    assert (totals["links"], found.linked, totals["missing"]) == (SHOPS, WINDOW, SHOPS - WINDOW)
    kinds = {one.kind: one.total for one in found.counts() if one.list == "links"}
    assert (kinds["quoted text"], kinds["overlap"]) == (WINDOW, 0)
    assert (found.compared, found.by_quotes) == (SHOPS, SHOPS - WINDOW)
    reads = workspace.reads
    for stored in reads.memories([*found.supports]):
        evidence = memory_evidence(reads, stored.listing_pk)
        assert evidence is not None
        assert evidence.near is None
        assert bool(evidence.spans) is (stored.memory_id in here)
        ((_source, places),) = source_messages(reads, stored)
        assert bool(places) is (stored.memory_id in here)
    subject = reads.subject(ANN)
    assert subject is not None
    reviewing = Reviewing(subject)
    reviewing.found, reviewing.state = found, "done"
    told = [part.text for part in note(reviewing, "check", "", None)]
    assert told == [
        f"{SHOPS} of {SHOPS} memories could be compared with what was said",
        f"{SHOPS - WINDOW} of them only with what MemOS quotes",
    ]
    told = [part.text for part in note(reviewing, "links", "", None)]
    assert told == [f"quoted text {WINDOW}", f"none {SHOPS - WINDOW}"]
    rows = EvidenceRows("links", ANN, None, supports=found.supports, silent=[*found.silent()])
    assert rows.counts(reads, {}) == Counts(totals, WINDOW)
    shown = [text for _sign, text, _action in tabs(Counts(totals, WINDOW), "links", 200)]
    assert f"links {WINDOW} of {SHOPS}" in shown
    assert f"source missing {SHOPS - WINDOW}" in shown


async def test_without_a_source_the_message_with_the_same_numbers_is_similar_and_no_other(
    workspace: Workspace, service: Service
) -> None:
    service.say("ann", "long", *(a_message(bought(n), at=at(n)) for n in range(SHOPS)))
    for n in range(SHOPS):
        service.put("ann", a_memory(f"m{n}", remembered(n), conversation_id="long"))
    _found, supports = await reviewed(workspace)
    first = SHOPS - WINDOW
    assert {
        name: [(link.seq, link.how) for link in one.links] for name, one in supports.items()
    } == {f"m{n}": [(n - first + 1, "overlap")] if n >= first else [] for n in range(SHOPS)}


async def test_what_contradicts_the_nearest_message_is_checked_and_not_linked(
    workspace: Workspace, service: Service
) -> None:
    service.say("ann", "c1", a_message("I paid 200 euros for the red bicycle."))
    service.put("ann", a_memory("m1", "The user paid 300 euros for the red bicycle."))
    _found, supports = await reviewed(workspace)
    (check,) = supports["m1"].checks
    assert (check.kind, supports["m1"].links) == ("number", ())
    said = explained(check, supports["m1"])
    assert "MemOS names no source of it; a similar message (message 1) says “200”." in said
    assert "ts source" not in said


@pytest.mark.parametrize(("kind", "excerpt"), [("chat", "Catalogue of bikes"), ("doc", None)])
async def test_a_source_that_is_a_text_or_a_document_is_no_similar_message(
    workspace: Workspace, service: Service, kind: str, excerpt: str | None
) -> None:
    service.say("ann", "c1", a_message("I want a red bicycle."))
    sources = (Source(kind, excerpt=excerpt, message_id="gone"),)
    service.put("ann", a_memory("m1", "The user wants a red bicycle.", sources=sources))
    _found, supports = await reviewed(workspace)
    assert supports["m1"].links == ()


async def test_an_id_alone_leaves_it_open_unless_the_message_has_another_one(
    workspace: Workspace, service: Service
) -> None:
    with_id = a_message("I want a red bicycle.")
    with_id.raw["message_id"] = "17"  # type: ignore[index]
    service.say("ann", "c1", with_id)
    service.say("ann", "c2", a_message("I want a red bicycle."))
    sources = (Source("chat", message_id="gone"),)
    for name in ("c1", "c2"):
        text = "The user wants a red bicycle."
        service.put("ann", a_memory(name, text, conversation_id=name, sources=sources))
    _found, supports = await reviewed(workspace)
    assert [supports[name].kind for name in ("c1", "c2")] == ["none", "overlap"]


@pytest.mark.parametrize(
    ("memory", "message", "may"),
    [
        ("Number 65: item 65 in shop 455", "Number 10: item 10 in shop 70", False),
        ("Number 1: item 1 in shop 7", "Number 7: I bought item 7 in shop 49.", False),
        ("Number 7: item 7 in shop 49", "Number 7: I bought item 7 in shop 49.", True),
        ("第1号商品在第7号店", "第7号商品在第49号店", False),
        ("商品1在店铺7", "我在店铺49买了商品7", False),
        ("商品7在店铺49", "我在店铺49买了商品7", True),
        ("The user met Tom in Rome.", "I met Ben in Oslo.", False),
        ("The user met Tom in Rome.", "I met Tom in Rome.", True),
        ("The user has 2 cats.", "My cats sleep a lot.", False),
        ("The user has two cats, Tom and Ben.", "My cats Tom and Ben sleep a lot.", True),
        ("The user moved on 9 June 2025 to flat 4.", "I moved yesterday.", True),
        ("The user wants a red bicycle.", "I want a red bicycle for 300 euros.", True),
        ("用户想要红色自行车", "我想要一辆红色自行车", True),
    ],
)
def test_numbers_and_names_tell_whether_a_message_may_say_it(
    memory: str, message: str, may: bool
) -> None:
    said = stored_message(1, message)._replace(created_at=1_749_547_800_000)  # 2025-06-10
    assert may_say(said, memory) is may
