from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.sync.positions import SPACING, between, renumbered


@given(
    st.none() | st.integers(-(10**15), 10**15),
    st.none() | st.integers(1, 3 * SPACING),
    st.integers(0, 60),
)
def test_positions_are_in_order_between_the_neighbours(
    before: int | None, room: int | None, count: int
) -> None:
    after = None if room is None else (before or 0) + room
    positions = between(before, after, count)
    if positions is None:
        assert before is not None
        assert room is not None
        assert room <= count
        return
    fence = (
        [p for p in (before,) if p is not None] + positions + [p for p in (after,) if p is not None]
    )
    assert len(positions) == count
    assert all(first < second for first, second in pairwise(fence))


def test_no_room_is_told() -> None:
    assert between(5, 6, 1) is None
    assert between(5, 7, 1) == [6]
    assert between(5, 7, 2) is None


def test_appended_rows_leave_room_for_twenty_halvings() -> None:
    low, high = between(None, None, 2) or (0, 0)
    for _ in range(20):
        middle = between(low, high, 1)
        assert middle is not None
        high = middle[0]


def test_renumbered_rows_follow_each_other_with_room() -> None:
    assert list(renumbered(3)) == [SPACING, 2 * SPACING, 3 * SPACING]
    assert list(renumbered(2, before=7)) == [7 + SPACING, 7 + 2 * SPACING]
    assert list(renumbered(0)) == []
