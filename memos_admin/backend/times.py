"""Times: from every form that the wire has, to UTC milliseconds, to text.

Forms seen: epoch milliseconds (also seconds) as digits, ISO 8601 with or without zone,
``2025-06-10 09:30:00`` (memos-cloud-api, "Times come in every form").
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
EARLIEST = -62135510400000
"""0001-01-02T00:00:00Z in milliseconds: the first instant that Python can name in every zone."""
LATEST = 253402214399999
"""9999-12-30T23:59:59.999Z in milliseconds, the last one."""

_SIXTY = tuple(f"{number:02d}" for number in range(60))
_THOUSAND = tuple(f"{number:03d}" for number in range(1000))
_SECONDS_BELOW = 100_000_000_000
"""Digits below are epoch seconds (until the year 5138); as milliseconds they would mean 1973."""


def now_ms() -> int:
    """Return the present instant in UTC milliseconds."""
    return time.time_ns() // 1_000_000


@lru_cache(maxsize=4096)
def parse_service_time(raw: str | None, zone: tzinfo) -> int | None:
    """Return the instant that a raw time of the wire names, in UTC milliseconds.

    Args:
        raw: the wire's text, or the digits of its number.
        zone: what a time without a zone is read in (the project's ``service_timezone``).

    Returns:
        None where there is no time, or none that can be understood and shown in every zone: the raw
        text stays beside it.
    """
    text = (raw or "").strip()
    if not text:
        return None
    if text.lstrip("-").isascii() and text.lstrip("-").isdigit():
        return _from_epoch(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return to_ms(moment)
    except OverflowError:
        return None


def _from_epoch(text: str) -> int | None:
    """Return milliseconds from the digits of epoch seconds or milliseconds."""
    if len(text) > 16 or "-" in text[1:]:
        return None
    number = int(text)
    if abs(number) < _SECONDS_BELOW:
        number *= 1000
    return number if EARLIEST <= number <= LATEST else None


_RELATIVE = re.compile(r"(\d{1,6})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def named_instant(text: str, zone: tzinfo | None = UTC) -> int:
    """Return the instant that a person names, in UTC milliseconds.

    Args:
        text: a date (its beginning), an ISO time, or how long ago: ``30m``, ``24h``, ``7d``, ``2w``.
        zone: of times that name none; None: this machine's.

    Raises:
        ValueError: it is none of these, or cannot be shown in every zone.
    """
    text = text.strip()
    if relative := _RELATIVE.fullmatch(text):
        try:
            ago = timedelta(**{_UNITS[relative[2]]: int(relative[1])})
            return to_ms(datetime.now(UTC) - ago)
        except OverflowError:
            raise ValueError(text) from None
    moment = datetime.fromisoformat(text)
    try:
        if moment.tzinfo is None:
            moment = moment.astimezone() if zone is None else moment.replace(tzinfo=zone)
        return to_ms(moment)
    except (OverflowError, OSError):
        raise ValueError(text) from None


def to_ms(moment: datetime) -> int:
    """Return UTC milliseconds of a moment with a zone. Raises OverflowError, see `EARLIEST`."""
    ms = (moment - EPOCH) // MILLISECOND
    if not EARLIEST <= ms <= LATEST:
        raise OverflowError(ms)
    return ms


def utc_text(ms: int) -> str:
    """Return ``2025-09-17T07:58:05.922Z``: UTC, always with milliseconds."""
    seconds = ms // 1000
    minute, second = _SIXTY[seconds // 60 % 60], _SIXTY[seconds % 60]
    return f"{_hour_text(seconds // 3600)}{minute}:{second}.{_THOUSAND[ms % 1000]}Z"


@lru_cache(maxsize=1024)
def _hour_text(hours: int) -> str:
    # Exports write millions of times, most of which lie in few hours.
    return (EPOCH + timedelta(hours=hours)).isoformat()[:14]


def told_apart(first: int, last: int, *says: Callable[[int], str]) -> tuple[str, str]:
    """Return two instants in words: in the first of some ways that tells one from the other, else the last."""
    told = "", ""
    for say in says:
        told = say(first), say(last)
        if told[0] != told[1]:
            break
    return told


def local(ms: int, zone: tzinfo | None = None) -> datetime:
    """Return the instant in `zone`, or in the machine's own zone where it is None."""
    return (EPOCH + timedelta(milliseconds=ms)).astimezone(zone)
