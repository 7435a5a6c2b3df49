"""Days and instants in a filter, and the periods that they bound."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from memos_admin.backend.filter_language.reading import FilterError, Word
from memos_admin.backend.times import LATEST, named_instant, now_ms, to_ms
from memos_admin.language import gettext as _

Period = tuple[int | None, int | None]
"""From when, and before when; None: without a bound."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_AGO = re.compile(r"\d{1,6}[mhdw]")
_COMPARED = re.compile(r"(>=|<=|>|<)?(.*)", re.DOTALL)


def period(word: Word, zone: tzinfo | None) -> Period:
    """Return the period that a value names. Raises FilterError."""
    first, dots, last = word.text.partition("..")
    if dots:
        if not (first or last):
            raise _no_time(word)
        begin = _bounds(word, first, zone)[0] if first else None
        end = _bounds(word, last, zone)[1] if last else None
        if begin is not None and end is not None and begin >= end:
            raise FilterError(_("This period ends before it begins."), word.start, word.end)
        return begin, end
    compared = _COMPARED.fullmatch(word.text)
    sign, text = compared.groups() if compared else (None, word.text)
    begin, end = _bounds(word, text, zone)
    if sign is None:
        if _AGO.fullmatch(text):
            return begin, None
        if not _DAY.fullmatch(text):
            said = _("Say whether it is before or after this time: with < or >=.")
            raise FilterError(said, word.start, word.end)
        return begin, end
    return {">": (end, None), ">=": (begin, None), "<": (None, begin), "<=": (None, end)}[sign]


def past(word: Word, zone: tzinfo | None) -> int:
    """Return an instant that is not in the future. Raises FilterError."""
    found = _bounds(word, word.text, zone)[0]
    if found > now_ms():
        raise FilterError(_("This lies in the future."), word.start, word.end)
    return found


def _bounds(word: Word, text: str, zone: tzinfo | None) -> tuple[int, int]:
    """Return where a day or an instant begins, and what follows behind it."""
    try:
        begins = named_instant(text, zone)
        if not _DAY.fullmatch(text.strip()):
            return begins, min(begins + 1, LATEST)
        after = datetime.fromisoformat(text.strip()) + timedelta(days=1)
        after = after.astimezone() if zone is None else after.replace(tzinfo=zone)
        return begins, to_ms(after)
    except OverflowError:
        return begins, LATEST
    except (ValueError, OSError):
        raise _no_time(word) from None


def _no_time(word: Word) -> FilterError:
    said = _("This is no time. Write a day as 2026-01-31, a time as 2026-01-31T14:30, or 7d.")
    return FilterError(said, word.start, word.end)
