"""What a window says about the stored rows, case by case."""

from __future__ import annotations

import pytest

from memos_admin.backend.sync.stitching import Insert, SeamFound, Stitch, is_later, oldest_first
from memos_admin.cloud.answers import Message
from tests.backend.stitching_tools import LIMIT, Store, changes_rows, row, said


def minute(n: int) -> str:
    return f"2025-06-10 {n // 60:02d}:{n % 60:02d}:00"


def chat(first: int, last: int) -> list[Message]:
    """Messages m<first> … m<last - 1>, each with a time of its own."""
    return [said(f"m{n}", minute(n), minute(n)) for n in range(first, last)]


def test_an_empty_window_proves_nothing() -> None:
    store = Store()
    store.read(chat(0, 3))
    assert store.read([]) == Stitch()
    assert store.contents == ["m0", "m1", "m2"]


def test_the_first_window_has_no_seam() -> None:
    store = Store()
    found = store.read(chat(0, LIMIT))
    assert found.inserts == (Insert(-1, tuple(range(LIMIT))),)
    assert found.seam is None
    assert not store.from_beginning


def test_a_first_short_window_shows_the_beginning() -> None:
    assert Store().read(chat(0, 3)).reaches_beginning


def test_the_quick_start_is_read_twice() -> None:
    time = "2025-06-10 09:30:00"
    window = [
        Message("user", "I want to travel during the summer vacation", time, time),
        Message("assistant", "Sure! Alone, or with family or friends?", time, time),
        Message("user", "I'm bringing my kid. My family likes it.", time, time),
        Message("assistant", "Got it. So a family trip.", time, time),
    ]
    store = Store()
    store.read(window)
    again = store.read(window)
    assert not changes_rows(again)
    assert again.seam is None
    assert again.explains_all
    assert store.contents == [m.content for m in window]


def test_new_messages_are_appended_free_of_doubt() -> None:
    store = Store()
    store.read(chat(0, LIMIT))
    found = store.read(chat(10, LIMIT + 10))
    assert found.inserts == (Insert(LIMIT - 1, tuple(range(LIMIT - 10, LIMIT))),)
    assert found.seam is None
    assert store.contents == [f"m{n}" for n in range(LIMIT + 10)]


def test_one_common_row_joins_two_full_windows() -> None:
    store = Store()
    store.read(chat(0, LIMIT))
    assert store.read(chat(LIMIT - 1, 2 * LIMIT - 1)).seam is None
    assert store.contents == [f"m{n}" for n in range(2 * LIMIT - 1)]


def test_a_full_window_without_a_match_leaves_a_gap() -> None:
    store = Store()
    store.read(chat(0, LIMIT))
    found = store.read(chat(LIMIT, 2 * LIMIT))
    assert found.seam == SeamFound("gap", window=0)
    assert store.seams == [(LIMIT, "gap")]
    assert store.read(chat(LIMIT, 2 * LIMIT)).seam is None


def test_a_later_window_that_covers_both_sides_closes_a_gap() -> None:
    store = Store()
    store.read(chat(0, 60)[-LIMIT:])
    store.rows = [row(m, n) for n, m in enumerate(chat(0, 20))]
    store.read(chat(30, 80), full=True)
    assert store.seams == [(20, "gap")]
    found = store.read(chat(15, 65), full=True)
    assert found.closes == (20,)
    assert store.contents == [f"m{n}" for n in range(80)]
    assert store.seams == []


def test_a_short_window_without_a_match_is_a_reset() -> None:
    store = Store()
    store.read(chat(0, 20))
    found = store.read(chat(30, 33))
    assert found.seam == SeamFound("reset", window=0)
    assert not found.reaches_beginning
    assert store.contents == [f"m{n}" for n in [*range(20), 30, 31, 32]]
    again = store.read(chat(30, 35))
    assert again.seam is None
    assert store.seams == [(20, "reset")]


def test_a_short_window_that_lacks_a_row_does_not_reach_the_beginning() -> None:
    store = Store()
    store.read(chat(0, LIMIT))
    found = store.read(chat(5, 40))
    assert not changes_rows(found)
    assert not found.explains_all
    assert not store.from_beginning


def test_a_short_window_that_explains_a_tail_only_does_not_reach_the_beginning() -> None:
    store = Store(tail=30)
    store.read(chat(0, LIMIT))
    assert not store.read(chat(LIMIT - 30, LIMIT)).reaches_beginning


def test_a_late_import_goes_in_the_middle() -> None:
    store = Store()
    store.read([*chat(0, 10), *chat(20, 30)])
    found = store.read(chat(0, 30))
    assert found.inserts == (Insert(9, tuple(range(10, 20))),)
    assert found.seam is None
    assert store.contents == [f"m{n}" for n in range(30)]


def test_a_late_import_before_all_stored_rows() -> None:
    store = Store()
    store.read(chat(5, 10))
    assert store.read(chat(0, 10)).inserts == (Insert(-1, (0, 1, 2, 3, 4)),)


def test_deleted_rows_stay() -> None:
    store = Store()
    store.read(chat(0, 30))
    found = store.read([*chat(0, 10), *chat(20, 35)])
    assert found.inserts == (Insert(29, tuple(range(20, 25))),)
    assert store.contents == [f"m{n}" for n in range(35)]


def test_a_full_window_that_lost_most_of_its_middle_adds_nothing_when_it_is_read_again() -> None:
    """To have a row twice is cheaper than twenty that are lacking, but the window is known whole."""
    store = Store()
    store.read([said(f"m{n}", f"2025-06-10 09:{n:02d}:00") for n in range(21)], full=True)
    left = [said("m0", "2025-06-10 09:00:00"), said("new", "2025-06-10 10:00:00")]
    store.read(left, full=True)
    rows = list(store.rows)
    assert not changes_rows(store.read(left, full=True))
    assert store.rows == rows
    assert store.contents == [*(f"m{n}" for n in range(21)), "new"]


def test_a_later_text_is_a_version_in_place() -> None:
    store = Store()
    store.read(chat(0, 3))
    edited = chat(0, 4)
    edited[1] = said("m1, corrected", minute(1), minute(90))
    found = store.read(edited)
    assert found.versions == ((1, 1),)
    assert found.reaches_beginning
    assert store.contents == ["m0", "m1, corrected", "m2", "m3"]


@pytest.mark.parametrize("update", [minute(1), minute(0), None])
def test_other_content_without_a_later_update_is_another_message(update: str | None) -> None:
    store = Store()
    store.read(chat(0, 3))
    found = store.read([said("m0", minute(0), minute(0)), said("x", minute(1), update)])
    assert found.versions == ()
    assert "m1" in store.contents
    assert "x" in store.contents


def test_permuted_ties_change_nothing() -> None:
    store = Store()
    batch = [said(f"b{n}", minute(1), minute(1)) for n in range(6)]
    store.read([*chat(0, 1), *batch, *chat(2, 4)])
    permuted = [batch[n] for n in (4, 0, 5, 2, 1, 3)]
    found = store.read([*chat(0, 1), *permuted, *chat(2, 5)])
    assert store.contents == ["m0", "b0", "b1", "b2", "b3", "b4", "b5", "m2", "m3", "m4"]
    assert found.seam is None


def test_a_new_row_of_permuted_ties_follows_them() -> None:
    store = Store()
    batch = [said(f"b{n}", minute(1), minute(1)) for n in range(3)]
    store.read([*batch[:2], *chat(2, 3)])
    store.read([batch[1], batch[2], batch[0], *chat(2, 3)])
    assert store.contents == ["b0", "b1", "b2", "m2"]


def test_a_new_row_of_unpermuted_ties_goes_where_the_service_has_it() -> None:
    store = Store()
    question = Message("user", "why?", minute(1), minute(1))
    answer = Message("assistant", "because", minute(1), minute(1))
    store.read([answer, *chat(2, 51)])
    store.read([question, answer, *chat(2, 50)], full=True)
    assert store.contents[:3] == ["why?", "because", "m2"]


def test_a_window_that_cuts_a_batch_adds_nothing_twice() -> None:
    batch = [said(f"b{n}", minute(1), minute(1)) for n in range(60)]
    store = Store()
    store.read(batch[-LIMIT:])
    found = store.read([*reversed(batch[15:]), *chat(2, 7)])
    assert found.seam is None
    assert store.contents == [*(f"b{n}" for n in range(10, 60)), *(f"m{n}" for n in range(2, 7))]


def test_repeats_in_one_tie_group_are_counted() -> None:
    store = Store()
    ok = said("ok", minute(1), minute(1))
    store.read([ok, ok, *chat(2, 3)])
    found = store.read([ok, ok, ok, *chat(2, 3)])
    assert store.contents == ["ok", "ok", "ok", "m2"]
    assert found.seam is None


def test_repeats_that_could_hide_are_a_lower_bound() -> None:
    store = Store()
    store.read([*chat(0, 47), *[said("ok")] * 3])
    found = store.read([said("ok")] * LIMIT)
    assert store.contents.count("ok") == LIMIT
    assert found.seam == SeamFound("uncertain", window=3)
    assert store.seams == [(LIMIT, "uncertain")]


def test_a_window_of_nothing_but_repeats_is_marked_once() -> None:
    store = Store()
    window = [said("ok", minute(1), minute(1))] * LIMIT
    store.read(window)
    assert store.read(window).seam == SeamFound("uncertain", stored=0)
    again = store.read(window)
    assert again.seam is None
    assert not changes_rows(again)
    assert store.contents == ["ok"] * LIMIT


def test_repeats_in_a_short_window_are_exact() -> None:
    store = Store()
    store.read([said("ok")] * 3)
    found = store.read([said("ok")] * 7)
    assert store.contents == ["ok"] * 7
    assert found.seam is None
    assert found.reaches_beginning


def test_an_overlap_of_repeats_only_is_uncertain() -> None:
    store = Store()
    store.read([*chat(0, 5), said("ok")])
    window = [said("ok"), *chat(10, 20), said("ok"), *chat(20, 58)]
    found = store.read(window)
    assert found.seam == SeamFound("uncertain", window=1)
    assert found.added == LIMIT - 1


def test_a_word_without_a_time_in_the_middle_is_no_overlap() -> None:
    store = Store()
    store.read([said(f"a{n}") for n in range(20)] + [said("ok")])
    window = [said(f"b{n}") for n in range(LIMIT)]
    window[30] = said("ok")
    assert store.read(window).seam == SeamFound("gap", window=0)
    assert store.contents[-LIMIT:] == [m.content for m in window]


def test_repeats_behind_an_unmistakable_row_close_an_uncertain_seam() -> None:
    store = Store()
    store.read([*chat(0, 47), *[said("ok")] * 3])
    store.read([said("ok")] * LIMIT)
    assert len(store.seams) == 1
    store.rows = store.rows[:60]
    found = store.read([*chat(45, 47), *[said("ok")] * 48])
    assert found.seam is None
    assert found.closes == (50,)
    assert store.contents.count("ok") == 48


def test_rows_are_told_apart_by_role_id() -> None:
    store = Store()
    ann = Message("user", "hi", minute(1), minute(1), role_id="ann")
    bob = Message("user", "hi", minute(1), minute(1), role_id="bob")
    store.read([ann])
    store.read([ann, bob])
    assert [r.role_id for r in store.rows] == ["ann", "bob"]


@pytest.mark.parametrize(
    ("times", "hint", "order", "reversed_"),
    [
        (["2025-06-10 09:30:00", "2025-06-10 09:31:00"], "newest first", "oldest first", False),
        (["2025-06-10 09:31:00", "2025-06-10 09:30:00"], None, "newest first", True),
        (["1758095885922", "958095885922"], "oldest first", "newest first", True),
        (["2025-06-10T09:30:00Z", "2025-06-10 08:30:00"], None, "newest first", True),
        (["2025-06-10 09:30:00"] * 3, None, None, False),
        (["2025-06-10 09:30:00"] * 3, "newest first", "newest first", True),
        ([None, None], None, None, False),
        ([None, "2025-06-10 09:31:00", None, "2025-06-10 09:30:00"], None, "newest first", True),
        ([], "newest first", "newest first", False),
        (["c", "a", "b"], "oldest first", "oldest first", False),
    ],
)
def test_the_order_of_the_answer_is_detected(
    times: list[str | None], hint: str | None, order: str | None, reversed_: bool
) -> None:
    window = [said(str(n), time) for n, time in enumerate(times)]
    messages, found = oldest_first(window, hint)  # type: ignore[arg-type]
    assert found == order
    assert list(messages) == (window[::-1] if reversed_ else window)


def test_times_compare_by_instant_and_any_time_is_later_than_none() -> None:
    assert is_later("1758095885923", "1758095885922")
    assert is_later("2025-09-17T07:58:06Z", "1758095885922")
    assert not is_later("2025-06-10 09:30:00", "2025-06-10T09:30:00")
    assert is_later("2025-06-10 09:30:00", None)
    assert not is_later(None, "2025-06-10 09:30:00")
    assert is_later("later", "earlier")
