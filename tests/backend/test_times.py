"""Times in every form that the wire has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memos_admin.backend.times import EARLIEST, EPOCH, LATEST, local, parse_service_time, utc_text

SHANGHAI = ZoneInfo("Asia/Shanghai")
NINE_THIRTY = 1749547800000  # 2025-06-10 09:30:00 UTC


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1758095885922", 1758095885922),
        ("1758095885", 1758095885000),
        ("2025-09-17T07:58:05.922Z", 1758095885922),
        ("2025-09-17T15:58:05.922+08:00", 1758095885922),
        ("2025-06-10 09:30:00", NINE_THIRTY - 8 * 3_600_000),
        ("2025-06-10T09:30:00", NINE_THIRTY - 8 * 3_600_000),
        (" 2025-06-10 09:30:00 ", NINE_THIRTY - 8 * 3_600_000),
        ("2025-06-10", 1749484800000),
        ("0", 0),
        ("-1000", -1_000_000),
        (None, None),
        ("", None),
        ("yesterday", None),
        ("2025-13-40 99:99:99", None),
        ("9" * 17, None),
        ("9" * 400, None),
        ("1-2", None),
        ("²", None),
        ("0001-01-01 00:00:00", None),
        (
            "0001-01-03 00:00:00",
            EARLIEST + 24 * 3_600_000 - (8 * 3_600_000 + 343_000),
        ),  # local mean
        ("9999-12-31T23:59:59-08:00", None),
        ("253402300799999", None),
        ("-62135596800000", None),
    ],
)
def test_forms(raw: str | None, expected: int | None) -> None:
    assert parse_service_time(raw, SHANGHAI) == expected


ZONES = st.timezones() | st.builds(
    timezone, st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59))
)
TIMES = (
    st.text(max_size=40)
    | st.integers().map(str)
    | st.integers(EARLIEST - 10**8, EARLIEST + 10**8).map(str)
    | st.integers(LATEST - 10**8, LATEST + 10**8).map(str)
    | st.builds(
        lambda moment, between, zone: moment.isoformat(between) + zone,
        st.datetimes(),
        st.sampled_from(" T_"),
        st.sampled_from(["", "Z", "+14:00", "-12:00", "+23:59", "-23:59:59.999999"]),
    )
)


@given(TIMES, ZONES, ZONES)
@example("0001-01-01 00:00:00", SHANGHAI, UTC)
@example("9999-12-31T23:59:59.999-12:00", UTC, SHANGHAI)
def test_any_time_that_is_understood_can_be_written_everywhere(
    text: str, service: tzinfo, here: tzinfo
) -> None:
    parsed = parse_service_time(text, service)
    if parsed is not None:
        assert parse_service_time(utc_text(parsed), service) == parsed
        assert (local(parsed, here) - EPOCH) // timedelta(milliseconds=1) == parsed


@given(st.integers(EARLIEST, LATEST))
def test_text_of_a_time_is_read_as_the_same_time(ms: int) -> None:
    text = utc_text(ms)
    assert len(text) == 24
    assert parse_service_time(text, SHANGHAI) == ms


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2900, 1, 1)),  # noqa: DTZ001 - hypothesis wants naive bounds
    st.integers(-14 * 60, 14 * 60),
)
def test_zone_of_a_text_wins_over_the_projects(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected = (aware - EPOCH) // timedelta(milliseconds=1)
    assert parse_service_time(aware.isoformat(), SHANGHAI) == expected


def test_local() -> None:
    assert local(NINE_THIRTY, SHANGHAI).isoformat() == "2025-06-10T17:30:00+08:00"
