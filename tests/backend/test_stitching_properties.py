"""Stitching against a naive reference, and against a service that does what services do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from memos_admin.backend.sync.stitching import Stitch, StoredRow, oldest_first, stitch
from memos_admin.cloud.answers import Message
from tests.backend.stitching_tools import (
    EDIT,
    VERSION,
    WEIGHTS,
    Store,
    changes_rows,
    reference,
    row,
    said,
)
from tests.effort import examples

TIMES = tuple(f"2025-06-10 09:0{n}:00" for n in range(4))

timeless = st.builds(said, st.sampled_from("abc"))
tied = st.builds(said, st.sampled_from("abc"), st.sampled_from(TIMES))
# What is said by c may be a later text of what is said by a or b.
edited = tied.map(lambda m: replace(m, update_time=TIMES[3] if m.content == "c" else TIMES[0]))


def in_order(messages: list[Message]) -> list[Message]:
    return sorted(messages, key=lambda m: m.create_time or "")


rows_without_times = st.lists(timeless, min_size=1, max_size=6)
rows_with_ties = st.lists(tied, min_size=1, max_size=5).map(in_order)
rows_with_edits = st.lists(edited, min_size=1, max_size=5).map(in_order)


def cost_but_for_places(
    found: Stitch, stored: Sequence[StoredRow], window: Sequence[Message], *, full: bool
) -> int:
    """The cost of a stitch as if every new row were appended."""
    shown = {i for i, _ in (*found.matched, *found.versions)}
    missing = [i for i in range(min(shown) if full else 0, len(stored)) if i not in shown]
    if full and window[0].create_time is not None:
        missing = [i for i in missing if stored[i].create_time != window[0].create_time]
    new = [window[j] for insert in found.inserts for j in insert.window]
    return (
        EDIT * len(missing)
        + (VERSION + WEIGHTS[0]) * len(found.versions)
        + sum(WEIGHTS[m.create_time is None] for m in new)
    )


@settings(max_examples=examples(400), deadline=None)
@given(rows_without_times, rows_without_times, st.booleans())
def test_without_times_the_least_cost_wins(
    before: list[Message], window: list[Message], full: bool
) -> None:
    stored = [row(m) for m in before]
    found = stitch(stored, window, full=full, complete=True)
    best = reference(stored, window, full=full)
    if found.seam is not None and found.seam.kind == ("gap" if full else "reset"):
        assert found.added == len(window)
        if best is not None:
            edits = (best[0] - WEIGHTS[1] * min(best[1])) / EDIT
            assert edits > len(window) - min(best[1])
        return
    assert best is not None
    inserts = sum(len(i.window) for i in found.inserts if i.after < len(stored) - 1)
    spent = cost_but_for_places(found, stored, window, full=full)
    assert found.added == min(best[1])
    assert spent + inserts * EDIT == best[0]
    if not full:
        assert found.seam is None
        return
    edits = best[0] - WEIGHTS[1] * found.added
    shifted = reference(stored, window, full=full, weights=(0, 0))
    repeats = len({m.content for m in window}) < len(window)
    if repeats and shifted and shifted[0] <= edits and max(shifted[1]) > found.added:
        assert found.seam is not None
        assert found.seam.kind == "uncertain"


@settings(max_examples=examples(400), deadline=None)
@given(rows_with_ties, rows_with_ties)
def test_with_ties_no_permutation_explains_a_full_window_better(
    before: list[Message], window: list[Message]
) -> None:
    check_cost(before, window, full=True)


@settings(max_examples=examples(400), deadline=None)
@given(rows_with_edits, rows_with_edits)
def test_with_edits_no_permutation_explains_a_short_window_better(
    before: list[Message], window: list[Message]
) -> None:
    check_cost(before, window, full=False)


def check_cost(before: list[Message], window: list[Message], *, full: bool) -> None:
    stored = [row(m) for m in before]
    found = stitch(stored, window, full=full, complete=True)
    best = reference(stored, window, full=full)
    if best is None:
        assert found.seam is not None
        assert found.seam.kind == ("gap" if full else "reset")
        return
    cost, added = best
    inserts = cost - cost_but_for_places(found, stored, window, full=full)
    assert found.added == min(added)
    # Where in a tie a new row is put does not count, so the edits are compared, not the places.
    assert inserts % EDIT == 0
    assert 0 <= inserts // EDIT <= found.added


LIMIT = 8


@dataclass
class Service:
    """A conversation as a service keeps it: the last LIMIT messages are all that it shows."""

    random: Random
    messages: list[Message] = field(default_factory=list)
    clock: int = 0
    spoken: int = 0
    newest_first: bool = False

    def say(self, count: int, *, words: Sequence[str] = (), timeless: bool = False) -> None:
        """Add a batch: all of it has one time, as add/message gives it."""
        self.clock += 1
        time = None if timeless else self.time(self.clock)
        for _ in range(count):
            self.spoken += 1
            content = self.random.choice(words) if words else f"m{self.spoken}"
            role = self.random.choice(("user", "assistant"))
            self.messages.append(Message(role, content, time, time))

    def import_late(self) -> None:
        self.spoken += 1
        at = self.random.randint(0, len(self.messages))
        time = self.messages[at - 1].create_time if at else self.time(0)
        self.messages.insert(at, Message("user", f"late{self.spoken}", time, time))

    def delete(self) -> None:
        if self.messages:
            del self.messages[self.random.randrange(len(self.messages))]

    def edit(self) -> None:
        if self.messages:
            at = self.random.randrange(len(self.messages))
            self.clock += 1
            old = self.messages[at]
            self.messages[at] = replace(
                old, content=f"{old.content}!", update_time=self.time(self.clock)
            )

    @staticmethod
    def time(n: int) -> str:
        return f"2025-06-{1 + n // 1440:02d} {n // 60 % 24:02d}:{n % 60:02d}:00"

    def window(self, *, permute: bool = False) -> tuple[list[Message], bool]:
        """Return what get/message answers, and whether that is as many as were asked for."""
        shown = self.messages[-LIMIT:]
        if permute:
            place = {m.create_time: n for n, m in enumerate(shown)}
            shown = sorted(shown, key=lambda m: (place[m.create_time], self.random.random()))
        return (shown[::-1] if self.newest_first else shown), len(self.messages) >= LIMIT


def key(m: Message | StoredRow) -> tuple[str, str, str | None]:
    return m.role, m.content, m.create_time


def check_reading(store: Store, window: Sequence[Message], *, full: bool) -> None:
    """Read a window, and check that all of it is kept, and nothing stored is lost or moved."""
    before = list(store.rows)
    found = store.read(window, full=full)

    pks = [r.pk for r in store.rows]
    assert [pk for pk in pks if pk in {r.pk for r in before}] == [r.pk for r in before]
    assert len(before) + found.added == len(store.rows)
    covered = sorted(
        [j for _, j in (*found.matched, *found.versions)]
        + [j for insert in found.inserts for j in insert.window]
    )
    assert covered == list(range(len(window)))
    stored = Counter(map(key, store.rows))
    assert all(stored[k] >= n for k, n in Counter(map(key, window)).items())
    edited = {i for i, _ in found.versions}
    head = len(before) - min(len(before), store.tail)
    for i, old in enumerate(before):
        if i - head not in edited:
            assert key(old) == key(next(r for r in store.rows if r.pk == old.pk))


def check_reading_again(store: Store, window: Sequence[Message], *, full: bool) -> None:
    """Check that a window that was just read is known."""
    state, seams = list(store.rows), store.seams
    for _ in range(2):
        again = store.read(window, full=full)
        assert not changes_rows(again)
        assert all(kind == "uncertain" for place, kind in store.seams if (place, kind) not in seams)
    assert [replace(r, seam=None) for r in store.rows] == [replace(r, seam=None) for r in state]
    assert again.seam is None
    assert again.closes == ()


ACTIONS = ("say", "batch", "repeat", "timeless", "late", "delete", "edit", "miss")


@settings(max_examples=examples(300), deadline=None)
@given(
    st.randoms(use_true_random=False),
    st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=30),
    st.booleans(),
    st.booleans(),
    st.sampled_from((40, 1000)),
)
def test_nothing_stored_is_lost_whatever_the_service_does(
    random: Random, actions: list[str], newest_first: bool, permute: bool, tail: int
) -> None:
    service = Service(random, newest_first=newest_first)
    store = Store(tail=tail)
    for action in actions:
        match action:
            case "say":
                service.say(1)
            case "batch":
                service.say(random.randint(2, 12))
            case "repeat":
                service.say(random.randint(1, 6), words=("ok", "yes"))
            case "timeless":
                service.say(random.randint(1, 3), words=("ok", "yes", "no"), timeless=True)
            case "late":
                service.import_late()
            case "delete":
                service.delete()
            case "edit":
                service.edit()
            case _:
                service.say(random.randint(1, 12))
                continue
        answer, full = service.window(permute=permute)
        window, _ = oldest_first(answer, "newest first" if newest_first else None)
        check_reading(store, window, full=full)
        check_reading_again(store, window, full=full)


ODD_TIMES = (
    None,
    "",
    "2025",
    "0001-01-01 00:00:00",
    "9" * 400,
    "1749547800000",
    TIMES[0],
    TIMES[1],
)
chaotic = st.builds(
    Message,
    st.sampled_from(("user", "assistant", "")),
    st.sampled_from(("a", "b", "\0", "")),
    st.sampled_from(ODD_TIMES),
    st.sampled_from(ODD_TIMES),
    role_id=st.sampled_from((None, "r")),
)


@settings(max_examples=examples(300), deadline=None)
@given(
    st.lists(st.tuples(st.lists(chaotic, max_size=7), st.booleans()), max_size=8),
    st.sampled_from((40, 1000)),
)
def test_nothing_stored_is_lost_whatever_windows_come(
    windows: list[tuple[list[Message], bool]], tail: int
) -> None:
    """Repeats in no order may seem new when they are read again, and are kept too; others are known."""
    store = Store(tail=tail)
    for answer, full in windows:
        window, _ = oldest_first(answer, None)
        check_reading(store, window, full=full and bool(window))
        again = store.read(window, full=full and bool(window))
        times = [message.create_time for message in window]
        if None not in times and len(set(times)) == len(times):
            assert again.added == 0


@settings(max_examples=examples(200), deadline=None)
@given(
    st.randoms(use_true_random=False),
    st.lists(st.tuples(st.integers(1, 11), st.booleans()), min_size=1, max_size=25),
    st.booleans(),
)
def test_appended_messages_are_kept_exactly_and_gaps_are_where_nothing_overlaps(
    random: Random, batches: list[tuple[int, bool]], newest_first: bool
) -> None:
    service = Service(random, newest_first=newest_first)
    store = Store()
    seen = 0
    expected: list[tuple[str, str, str | None]] = []
    gaps: list[tuple[int, str]] = []
    for size, read in batches:
        service.say(size)
        if not read:
            continue
        answer, full = service.window()
        window, _ = oldest_first(answer, "newest first" if newest_first else None)
        first = len(service.messages) - len(window)
        if first >= seen and seen:
            gaps.append((len(expected), "gap"))
        expected += [key(m) for m in service.messages[max(first, seen) :]]
        seen = len(service.messages)
        store.read(window, full=full)
        if store.from_beginning:
            assert expected[0] == key(service.messages[0])
    assert [key(r) for r in store.rows] == expected
    assert store.seams == gaps


@settings(max_examples=examples(200), deadline=None)
@given(st.integers(1, 20), st.integers(0, 20), st.integers(0, 12))
def test_repeats_are_exact_or_marked(before: int, between: int, after: int) -> None:
    """Repeats are counted exactly, or fewer are counted and a seam says so."""
    service = Service(Random(0))
    store = Store()
    for size in (before, between, after):
        service.messages += [said("ok") for _ in range(size)]
        window, full = service.window()
        store.read(window, full=full)
    true, have = len(service.messages), len(store.rows)
    assert have <= true
    if have < true and before < LIMIT:
        assert store.seams
        assert {kind for _, kind in store.seams} == {"uncertain"}


@given(st.integers(1, LIMIT - 1))
def test_the_beginning_is_known_as_long_as_no_window_was_full_before(size: int) -> None:
    service = Service(Random(0))
    service.say(size)
    store = Store()
    window, full = service.window()
    assert store.read(window, full=full).reaches_beginning
    service.say(LIMIT)
    window, full = service.window()
    assert not store.read(window, full=full).reaches_beginning
