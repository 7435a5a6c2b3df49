"""A scan of a store: what a filter leaves, the same each time, stopped in the middle; how right it is."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from memos_admin.backend.errors import StoreInterrupted
from memos_admin.backend.hygiene import scan as scanning
from memos_admin.backend.hygiene.finding import Finding
from memos_admin.backend.hygiene.kinds import RULES
from memos_admin.backend.hygiene.scan import scan
from memos_admin.backend.hygiene.settings import HygieneSettings
from memos_admin.backend.hygiene.wording import reason
from memos_admin.backend.model import Filter, MemorySource, Reads, SubjectRef
from tests.hygiene.labelled import NOW
from tests.hygiene.measure import of_demo, of_labelled, total
from tests.store.searching import Filled
from tests.store.test_reads import ANN

ZHOU = SubjectRef("user", "周敏")


def found(reads: Reads, wanted: Filter, settings: HygieneSettings | None = None) -> list[Finding]:
    """Return all that a scan finds."""
    steps = scan(reads, wanted, settings or HygieneSettings(), NOW)
    return [one for step in steps for one in step.findings]


def test_a_filter_narrows_what_is_looked_at(demo_reads: Reads) -> None:
    everything = found(demo_reads, Filter())
    assert everything == found(demo_reads, Filter())
    of_zhou = found(demo_reads, Filter(subject=ZHOU))
    assert of_zhou == [one for one in everything if one.ref == ZHOU]
    views = found(demo_reads, Filter(views=frozenset({"preference"})))
    assert 0 < len(views) < len(everything)
    rules = HygieneSettings(rules=("speaker",))
    assert {one.rule for one in found(demo_reads, Filter(), rules)} == {"speaker"}


@pytest.mark.parametrize("edited", [7, None])
def test_what_was_said_later_is_found_not_what_was_made_later(
    tmp_path: Path, edited: int | None
) -> None:
    """One was made in March and edited last, the other one in May; or never, as far as MemOS says."""
    store = Filled(tmp_path / "store.db")
    with closing(store.writer):
        march = {"created_at": 3, "updated_at": edited, "view": "detail_factual"}
        may = {"created_at": 5, "updated_at": 6, "view": "detail_factual"}
        store.memory(ANN, "march", "home.city: Madrid", **march)
        store.memory(ANN, "may", "home.city: Lisbon", **may)
    with Reads(store.path) as reads:
        (one,) = found(reads, Filter(), HygieneSettings(rules=("contradiction",)))
    assert one.other is not None
    said = [one.other.memory_id, one.memory_id]
    assert said == (["may", "march"] if edited else ["march", "may"])


def test_what_only_another_person_of_a_conversation_said_of_its_own_is_not_the_users(
    tmp_path: Path,
) -> None:
    """Each says a sentence; of what is told of the user, that of the other person is found."""
    store = Filled(tmp_path / "store.db")
    bea, anon = {"role_id": "bea", "role_name": "Bea"}, {"role_name": "Bea"}
    said = {"I like olives.": bea, "I like plums.": {"role_id": ANN.external_id},
            "I like figs.": anon, "I like nuts.": bea}  # fmt: skip
    with closing(store.writer):
        for text, who in said.items():
            store.say(ANN, "several", text, **who)
        store.say(ANN, "alone", "I like dates.")
        for text in (*said, "I like dates."):
            source = (MemorySource("chat", "user", text, None, None),)
            where = {"conversation_id": "alone" if "dates" in text else "several"}
            whose = "Bea likes" if "nuts" in text else "The user likes"
            store.memory(ANN, text, text.replace("I like", whose), sources=source, **where)
        both = [MemorySource("chat", "user", text, None, None) for text in said]
        store.memory(ANN, "both", "The user likes it.", sources=both[:2], conversation_id="several")
        inferred = "[assistant inference] The user likes oil."
        store.memory(ANN, "guess", inferred, sources=both[:1], conversation_id="several")
    with Reads(store.path) as reads:
        (one,) = found(reads, Filter(), HygieneSettings(rules=("speaker",)))
    assert (one.memory_id, one.hit.kind) == ("I like olives.", "another person")
    assert reason(one).startswith("It is told of the user, but only another person of the")


def test_how_it_is_split_changes_nothing_for_single_memories(
    demo_reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = found(demo_reads, Filter())
    monkeypatch.setattr(scanning, "TOGETHER", 7)
    monkeypatch.setattr(scanning, "_BATCH", 3)
    assert [one for one in found(demo_reads, Filter()) if one.other is None] == [
        one for one in whole if one.other is None
    ]


def test_progress_grows_to_the_whole_and_a_scan_can_be_stopped(
    demo_reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [step.progress for step in scan(demo_reads, Filter(), HygieneSettings(), NOW)]
    assert steps[0].memories == 0
    assert [one.memories for one in steps] == sorted(one.memories for one in steps)
    assert steps[-1].memories == steps[-1].of > 100
    assert not any(one.together for one in steps)  # of few there is nothing to wait for
    monkeypatch.setattr(scanning, "_BATCH", 2)
    steps = [
        step.progress for step in scan(demo_reads, Filter(subject=ZHOU), HygieneSettings(), NOW)
    ]
    pairs = [(one.compared, one.together) for one in steps if one.together]
    assert pairs[0] == (0, pairs[-1][1])
    assert pairs == sorted(pairs)
    assert pairs[-1][0] == pairs[-1][1] > 2
    running = scan(demo_reads, Filter(), HygieneSettings(), NOW)
    next(running)
    demo_reads.interrupt()
    with pytest.raises(StoreInterrupted):
        list(running)


def test_another_time_is_refused(demo_reads: Reads) -> None:
    with pytest.raises(ValueError, match="now"):
        list(scan(demo_reads, Filter(as_of=NOW), HygieneSettings(), NOW))


def test_the_rules_are_as_right_as_the_page_says(demo_reads: Reads) -> None:
    measured = [*of_labelled(), *of_demo(demo_reads)]
    assert {one.rule for one in measured} == set(RULES)
    assert {one.rule for one in measured if one.set == "demo" and one.hit} == set(RULES)
    kinds = {one.hit.kind for one in found(demo_reads, Filter()) if one.rule == "contradiction"}
    assert kinds == {"key", "number"}
    least = {
        "english": 0.95,
        "chinese": 0.9,
        "english-unseen": 0.9,
        "chinese-unseen": 0.8,
        "demo": 0.9,
    }
    for name, precision in least.items():
        whole = total(measured, name)
        assert whole.precision >= precision, whole.wrong
        assert whole.recall is None or whole.recall >= 0.85
