"""Messages that a service names by ids: the same id is the same message, where ids identify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from memos_admin.backend.sync.stitching import stitch
from memos_admin.cloud.answers import Message
from tests.backend.stitching_tools import Store, changes_rows, said
from tests.effort import examples

LIMIT = 6
TIMES = [f"2026-11-20 10:{n:02}:00" for n in range(60)]


def named(message_id: str, content: str, time: str | None = TIMES[0]) -> Message:
    return replace(said(content, time), raw={"message_id": message_id})


def read(*windows: Sequence[Message], full: bool = False) -> Store:
    store = Store()
    for window in windows:
        store.read(window, full=full)
    return store


def test_another_text_without_another_time_is_a_version() -> None:
    goats = named("e1", "three goats")
    store = read([goats])
    found = store.read([named("e1", "five goats")], full=False)
    assert found.versions == ((0, 0),)
    assert store.contents == ["five goats"]
    assert not changes_rows(store.read([named("e1", "five goats")], full=False))


def test_another_time_adds_nothing() -> None:
    before = [named("1", "a", TIMES[1]), named("2", "b", TIMES[2]), named("3", "c", TIMES[3])]
    moved = [before[1], before[2], named("1", "a", TIMES[9])]
    store = read(before)
    found = store.read(moved, full=False)
    assert not changes_rows(found)
    assert found.explains_all
    assert store.read([before[1], before[2], named("1", "d", TIMES[9])]).versions == ((0, 2),)
    assert store.contents == ["d", "b", "c"]


def test_the_same_words_with_two_ids_are_two_messages() -> None:
    store = read([named("1", "ok"), named("2", "so")])
    store.read([named("2", "so"), named("3", "ok")], full=True)
    assert store.contents == ["ok", "so", "ok"]


def test_an_id_that_repeats_merges_nothing() -> None:
    batch = [named("b", "a"), named("b", "b")]
    store = read(batch, [*batch, named("c", "c", TIMES[1])])
    store.read([named("b", "b"), named("c", "other", TIMES[1])], full=True)
    assert store.contents == ["a", "b", "c", "other"]


def test_the_id_of_an_exchange_merges_no_answer_into_its_question() -> None:
    question, answer = named("x", "how?"), replace(named("x", "so."), role="assistant")
    store = read([question], [answer], full=True)
    assert store.contents == ["how?", "so."]


def test_ids_made_anew_for_each_answer_say_nothing() -> None:
    store = read([named("1", "a"), named("2", "b")])
    found = store.read([named("3", "a"), named("4", "b")], full=False)
    assert not changes_rows(found)


@dataclass
class Service:
    """A conversation whose messages keep their ids, and may change in everything but the speaker."""

    random: Random
    messages: list[Message] = field(default_factory=list)
    spoken: int = 0

    def say(self, count: int) -> None:
        time = self.random.choice([None, TIMES[self.spoken % len(TIMES)]])
        for _ in range(count):
            self.spoken += 1
            self.messages.append(named(f"id-{self.spoken}", self.random.choice("abc"), time))

    def change(self) -> None:
        at = self.random.randrange(len(self.messages))
        old = self.messages[at]
        self.spoken += 1
        time = self.random.choice(
            [old.create_time, old.create_time, TIMES[self.random.randrange(60)]]
        )
        if old.create_time is None:
            time = None
        # A text that nothing else has: whose the same text is, is asked elsewhere.
        self.messages[at] = replace(old, content=f"text {self.spoken}", create_time=time)

    def turn_round(self) -> None:
        at = self.random.randrange(len(self.messages))
        self.messages[at : at + 2] = reversed(self.messages[at : at + 2])

    def window(self) -> list[Message]:
        return self.messages[-LIMIT:]


ACTS = st.lists(st.sampled_from(["say", "say", "change", "turn round"]), min_size=1, max_size=8)


@settings(max_examples=examples(200), deadline=None)
@given(ACTS, st.randoms(use_true_random=False))
def test_each_id_is_one_message_with_its_latest_text(acts: list[str], random: Random) -> None:
    service, store = Service(random), Store()
    seen: dict[str, str] = {}
    service.say(3)
    for act in ["", *acts]:
        if act == "say":
            service.say(random.randrange(1, 4))
        elif act == "change":
            service.change()
        elif act == "turn round":
            service.turn_round()
        window = service.window()
        store.read(window, full=len(service.messages) >= LIMIT)
        seen.update({message.message_id or "": message.content for message in window})
        assert {row.message_id: row.content for row in store.rows} == seen
        assert len(store.rows) == len(seen)
        assert not changes_rows(store.read(window, full=len(service.messages) >= LIMIT))


@settings(max_examples=examples(200), deadline=None)
@given(
    st.lists(st.builds(said, st.sampled_from("abcd"), st.sampled_from(TIMES[:4])), max_size=9),
    st.integers(1, 6),
    st.sampled_from(["rows of the answer", "one for all"]),
)
def test_ids_that_do_not_identify_change_nothing(
    messages: list[Message], shift: int, numbering: str
) -> None:
    """A window that shows what was appended is joined as without ids."""
    messages = sorted(messages, key=lambda m: m.create_time or "")
    messages = [replace(m, content=f"{m.content} {n}") for n, m in enumerate(messages)]

    def ids(window: Sequence[Message]) -> list[Message]:
        each = numbering == "rows of the answer"
        return [replace(m, raw={"id": n + 1 if each else 7}) for n, m in enumerate(window)]

    plain, numbered = Store(), Store()
    for end in range(shift, len(messages) + shift, shift):
        window = messages[:end][-LIMIT:]
        full = len(messages[:end]) >= LIMIT
        plain.read(window, full=full)
        numbered.read(ids(window), full=full)
    assert numbered.contents == plain.contents
    assert numbered.seams == plain.seams


def test_ids_of_one_side_only_are_not_compared() -> None:
    store = read([said("a", TIMES[0]), said("b", TIMES[1])])
    found = store.read([named("1", "a", TIMES[0]), named("2", "b", TIMES[1])], full=False)
    assert not changes_rows(found)
    assert not changes_rows(stitch(store.rows, [said("a", TIMES[0])], full=True, complete=True))
