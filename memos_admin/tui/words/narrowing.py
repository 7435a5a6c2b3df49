"""The filter of the memories: in words, made wider, ordered by the next. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar, get_args

from memos_admin.backend.display import both_ends, called, masked
from memos_admin.backend.filter_language import FilterError, Language, parse, printed
from memos_admin.backend.model import Filter, MemoryOrder
from memos_admin.backend.times import local, named_instant, now_ms
from memos_admin.backend.verdicts.kinds import VERDICTS
from memos_admin.backend.verdicts.kinds import WORDS as VERDICT_WORDS
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.words import phrases
from memos_admin.tui.words.failures import said_by

T = TypeVar("T")
F = TypeVar("F", bound=Filter)

PERIODS = (
    ("1", N_("24 hours")),
    ("7", N_("7 days")),
    ("30", N_("30 days")),
    ("365", N_("12 months")),
)
"""Days since memories were updated, and the words for them."""


def chips(chosen: Filter) -> list[Part]:
    """Return the filters of the memories in words, which say less where the room is short."""
    parts = []
    if chosen.as_of is not None:
        parts.append(Part(_("as of {time}").format(time=then(chosen.as_of))))
    if chosen.conversation_id is not None:
        parts.append(Part(_of_conversation(chosen.conversation_id)))
    parts += [_named(name, values) for name, values in _sets(chosen) if values]
    parts += [Part(text) for text in _flags(chosen)]
    if chosen.since is not None:
        parts.append(Part(_("since {time}").format(time=_day_or_time(chosen.since))))
    if chosen.until is not None:
        parts.append(Part(_("before {time}").format(time=_day_or_time(chosen.until))))
    if chosen.created_since is not None:
        text = _("created since {time}").format(time=_day_or_time(chosen.created_since))
        parts.append(Part(text))
    if chosen.created_until is not None:
        text = _("created before {time}").format(time=_day_or_time(chosen.created_until))
        parts.append(Part(text))
    parts += [Part(_("without “{text}”").format(text=text)) for text in sorted(chosen.not_texts)]
    if chosen.text:
        parts.append(Part(_("with “{text}”").format(text=chosen.text), (f"“{chosen.text}”",)))
    return parts if type(chosen) is Filter else [*_of_verdicts(chosen), *parts]


def _of_verdicts(chosen: Filter) -> Iterator[Part]:
    """Yield what is said of verdicts."""
    from memos_admin.backend.verdicts.verdict_filter import VerdictFilter

    if not isinstance(chosen, VerdictFilter):
        return
    if chosen.verdicts:
        words = (_(VERDICT_WORDS.get(one, one)) for one in _in_order(chosen.verdicts))
        yield Part(_(" or ").join(words))
    if chosen.operators:
        yield _named(_("by {names}"), sorted(chosen.operators))
    if chosen.both:
        first, *others = sorted(chosen.both)
        yield Part(
            _("judged by {first} and {others}").format(first=first, others=", ".join(others))
        )
    if chosen.given_since is not None:
        yield Part(_("given since {time}").format(time=_day_or_time(chosen.given_since)))
    if chosen.given_until is not None:
        yield Part(_("given before {time}").format(time=_day_or_time(chosen.given_until)))
    if chosen.changed is not None:
        yield Part(_("changed since") if chosen.changed else _("said as it was judged"))


def _in_order(verdicts: frozenset[str]) -> list[str]:
    """Return verdicts in the order of their keys; others behind."""
    known = [name for name in VERDICTS if name in verdicts]
    return [*known, *sorted(verdicts.difference(VERDICTS))]


def _of_conversation(name: str) -> str:
    if not name:
        return _("of no conversation")
    return _("of conversation {id}").format(id=both_ends(name, 40))


def as_filtered(taken: Sequence[Part]) -> list[Part]:
    """Return parts that say that these filters, of which there is one, are those of the memories."""
    first, *others = taken
    text = _("as the memories are filtered: {filters}").format(filters=first.text)
    return [Part(text, (first.text, *first.shorter), first.gives_way), *others]


def _named(name: str, values: Sequence[str]) -> Part:
    words = _(" or ").join(values)
    return Part(name.format(names=words), (words,))


def _sets(chosen: Filter) -> Iterator[tuple[str, list[str]]]:
    """Yield what is said of views, tags and statuses, and the words for those; none: nothing."""
    views = [phrases.view_word(view) for view in sorted(chosen.views)]
    yield _("view {names}"), views
    for tag in sorted(chosen.tags):
        yield _("tag {names}"), [tag]
    for tags in sorted(map(sorted, chosen.any_tags)):
        yield _("tag {names}"), tags
    statuses = [phrases.status_word(status) for status in sorted(chosen.statuses)]
    yield _("status {names}"), statuses
    yield _("not {names}"), [phrases.view_word(view) for view in sorted(chosen.not_views)]
    yield _("no tag {names}"), sorted(chosen.not_tags)
    yield _("not {names}"), [phrases.status_word(one) for one in sorted(chosen.not_statuses)]


def _flags(chosen: Filter) -> Iterator[str]:
    if chosen.vanished is not None:
        yield _("gone") if chosen.vanished else _("listed now")
    if chosen.inferred is not None:
        yield _("inferred") if chosen.inferred else _("not inferred")
    if chosen.sourced is not None:
        yield _("with a source") if chosen.sourced else _("without a source")


def _day_or_time(ms: int) -> str:
    return then(ms).removesuffix(" 00:00")


def then(ms: int) -> str:
    """Return a local time: ``2026-11-12 10:00``."""
    return f"{local(ms):%Y-%m-%d %H:%M}"


def exactly(ms: int) -> str:
    """Return a local time with what tells two of a minute apart: ``2026-11-12 10:00:07.250``."""
    return local(ms).isoformat(" ", "milliseconds")[:23]


def days_ago(days: int, now: int) -> int:
    """Return since when so many days are, UTC milliseconds: of several, from a day's beginning."""
    if days == 1:
        return now - phrases.DAY
    then = local(now) - timedelta(days=days)
    return int(then.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def moment(key: str, now: int) -> int | None:
    """Return the instant that a choice names: milliseconds, minus so many days ago, ``""``: now."""
    if not key:
        return None
    return now + int(key) * phrases.DAY if key.startswith("-") else int(key)


def past(text: str) -> int:
    """Return the instant that a person names, in their time zone.

    Raises:
        ValueError: that is no time, or lies in the future; the sentence says which.
    """
    try:
        instant = named_instant(text, None)
    except ValueError:
        why = _("That is no time. Write it as 2026-11-12 14:30, or as 36h or 10d.")
        raise ValueError(why) from None
    if instant > now_ms():
        raise ValueError(_("That lies in the future."))
    return instant


def day(text: str) -> int | None:
    """Return when a day begins here, UTC milliseconds; None for a text that is no day."""
    try:
        begins = datetime.strptime(text.strip(), "%Y-%m-%d").astimezone()
    except (ValueError, OverflowError):
        return None
    return int(begins.timestamp() * 1000)


_LAST = (
    ("changed",),
    ("given_since", "given_until"),
    ("operators", "both"),
    ("verdicts",),
    ("text",),
    ("not_texts",),
    ("created_since", "created_until"),
    ("since", "until"),
    ("sourced",),
    ("inferred",),
    ("vanished",),
    ("statuses", "not_statuses"),
    ("tags", "any_tags", "not_tags"),
    ("views", "not_views"),
    ("conversation_id",),
    ("as_of",),
    ("subject",),
)
"""The conditions of a filter, the last first."""


def wider(chosen: F) -> F:
    """Return the filter without the last of its conditions, itself where it has none."""
    nothing = type(chosen)()
    for names in _LAST:
        there = [name for name in names if hasattr(nothing, name)]
        dropped = replace(chosen, **{name: getattr(nothing, name) for name in there})
        if dropped != chosen:
            return dropped
    return chosen


def unordered(chosen: F) -> F:
    """Return the filter in the usual order."""
    nothing = Filter()
    return replace(chosen, order=nothing.order, descending=nothing.descending)


def typed(chosen: Filter) -> str:
    """Return what stands in the field when a person goes on typing a filter.

    ``""`` for what is masked on screens: a field shows its text as it is.
    """
    if chosen.subject is not None:
        whom = replace(chosen.subject, external_id=called(chosen.subject))
        chosen = replace(chosen, subject=whom)
    text = printed(unordered(chosen))
    if masked(text) != text:
        return ""
    return f"{text} " if text else ""


def read(
    text: str, before: Filter, refused: Mapping[str, str], language: Language[Filter] = parse
) -> Filter:
    """Return the filter that a person typed, in the order of `before` where it does not say one.

    Args:
        text: what was typed.
        before: how they are ordered, where the text does not say it.
        refused: fields that do not apply there, with a sentence on why.
        language: what reads it there.

    Raises:
        FilterError: it is no filter, or cannot be one here.
    """
    return in_order_of(before, language(text, None, refused))


def in_order_of(before: Filter, found: F) -> F:
    """Return a filter in the order of the one before where it says none."""
    if found == unordered(found):
        return replace(found, order=before.order, descending=before.descending)
    return found


def read_so_far(
    text: str,
    error: FilterError,
    before: Filter,
    refused: Mapping[str, str],
    language: Language[Filter] = parse,
) -> Filter | None:
    """Return the filter that stands before the condition with an error, as `read` would; None: it is none."""
    told = text[: error.start]
    told = told[: len(told) - len(told.split()[-1])] if told and not told[-1].isspace() else told
    with suppress(FilterError):
        return read(told, before, refused, language)
    return None


def problem(error: FilterError) -> str:
    """Return what is wrong with a typed filter, with its column."""
    text = _("Column {number}: {why}")
    return text.format(number=error.start + 1, why=said_by(error))


def next_order(chosen: Filter) -> Filter:
    """Return the filter in the next order."""
    return ordered(chosen, following(get_args(MemoryOrder), chosen.order))


def ordered(chosen: Filter, order: MemoryOrder) -> Filter:
    """Return the filter in another order, the way round that is asked for most."""
    return replace(chosen, order=order, descending=order not in {"title", "view", "status"})


def following(values: Sequence[T], value: T) -> T:
    """Return the value behind another one, the first one behind the last."""
    return values[(values.index(value) + 1) % len(values)]


GONE, LISTED = "+gone", "+listed"
"""Stand beside the statuses for whether a memory is still listed."""


def with_view(chosen: Filter, view: str) -> Filter:
    """Return the filter with one view instead of others; ``""``: with all."""
    return replace(chosen, views=_one(view), not_views=frozenset())


def with_tag(chosen: Filter, tag: str) -> Filter:
    """Return the filter with one tag instead of others; ``""``: with any."""
    return replace(chosen, tags=_one(tag), any_tags=frozenset(), not_tags=frozenset())


def with_status(chosen: Filter, status: str) -> Filter:
    """Return the filter with one status, `GONE` or `LISTED` instead; ``""``: with any."""
    if status in {GONE, LISTED}:
        chosen = replace(chosen, statuses=frozenset(), not_statuses=frozenset())
        return replace(chosen, vanished=status == GONE)
    return replace(chosen, statuses=_one(status), not_statuses=frozenset(), vanished=None)


def _one(value: str) -> frozenset[str]:
    return frozenset({value} if value else ())
