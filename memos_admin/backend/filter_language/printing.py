"""From a `Filter` to the text that says it, always in the same order and way."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from memos_admin.backend.display import safe
from memos_admin.backend.filter_language.fields import ASCENDING, REVERSE, SHORT_VIEWS, STATUSES
from memos_admin.backend.filter_language.parsing import parse
from memos_admin.backend.filter_language.reading import FilterError
from memos_admin.backend.model import Filter
from memos_admin.backend.times import utc_text
from memos_admin.backend.verdicts.kinds import VERDICTS

_SHORT = {view: word for word, view in SHORT_VIEWS.items()}
_STATUSES = {status: status for status in STATUSES}
_BARE = re.compile(r'[^\s,，、"“”＂\\]+')


def printed(wanted: Filter) -> str:
    r"""Return the text of a filter: what reads it makes the same filter of it, whatever the zone.

    What a terminal could not show stands in quotes as ``\u{202e}``. Absolute times are written, so
    that a period counted from now (``7d``) does not move on.
    """
    return " ".join(_terms(wanted))


def quoted(text: str, *, always: bool = False) -> str:
    """Return a value as it can stand behind a colon."""
    if not always and _BARE.fullmatch(text) and safe(text) == text:
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    # Alone, since a joiner is shown or not by what stands beside it.
    return (
        char if (char.isascii() and char.isprintable()) or _shown(char) else f"\\u{{{ord(char):x}}}"
    )


def _shown(char: str) -> bool:
    return char.isprintable() and safe(char) == char


def _terms(wanted: Filter) -> Iterator[str]:
    if wanted.subject is not None:
        yield f"{wanted.subject.kind}:{quoted(wanted.subject.external_id)}"
    if wanted.conversation_id is not None:
        yield f"conversation:{quoted(wanted.conversation_id)}"
    yield from _sets(wanted)
    yield from _times(wanted)
    for name, flag in (
        ("vanished", wanted.vanished),
        ("inferred", wanted.inferred),
        ("source", wanted.sourced),
    ):
        if flag is not None:
            yield f"{name}:{'yes' if flag else 'no'}"
    if type(wanted) is not Filter:
        yield from _of_verdicts(wanted)
    usual = wanted.order not in ASCENDING
    if wanted.order != Filter().order or wanted.descending != usual:
        yield f"sort:{wanted.order}{'' if wanted.descending == usual else f',{REVERSE}'}"
    for text in sorted(wanted.not_texts):
        yield f"-{quoted(text, always=not text.isalnum())}"
    if wanted.text:
        yield wanted.text if _is_plain(wanted.text) else quoted(wanted.text, always=True)


def _of_verdicts(wanted: Filter) -> Iterator[str]:
    from memos_admin.backend.verdicts.verdict_filter import VerdictFilter

    if not isinstance(wanted, VerdictFilter):
        return
    yield from _names("verdict", wanted.verdicts, {name: name for name in VERDICTS})
    if wanted.operators:
        yield f"operator:{','.join(map(quoted, sorted(wanted.operators)))}"
    for name in sorted(wanted.both):
        yield f"operator:{quoted(name)}"
    yield from _period("given", wanted.given_since, wanted.given_until)
    if wanted.changed is not None:
        yield f"changed:{'yes' if wanted.changed else 'no'}"


def _sets(wanted: Filter) -> Iterator[str]:
    yield from _names("view", wanted.views, _SHORT)
    yield from _names("view", wanted.not_views, _SHORT, "-")
    for tag in sorted(wanted.tags):
        yield f"tag:{quoted(tag)}"
    for tags in sorted(map(sorted, wanted.any_tags)):
        yield f"tag:{','.join(map(quoted, tags))}"
    if wanted.not_tags:
        yield f"-tag:{','.join(map(quoted, sorted(wanted.not_tags)))}"
    yield from _names("status", wanted.statuses, _STATUSES)
    yield from _names("status", wanted.not_statuses, _STATUSES, "-")


def _times(wanted: Filter) -> Iterator[str]:
    yield from _period("updated", wanted.since, wanted.until)
    yield from _period("created", wanted.created_since, wanted.created_until)
    if wanted.as_of is not None:
        yield f"as-of:{_time(wanted.as_of)}"


def _period(name: str, since: int | None, until: int | None) -> Iterator[str]:
    if since is not None:
        yield f"{name}:>={_time(since)}"
    if until is not None:
        yield f"{name}:<{_time(until)}"


def _names(
    field: str, names: Collection[str], known: dict[str, str], sign: str = ""
) -> Iterator[str]:
    if names:
        values = (known.get(name) or quoted(name, always=True) for name in sorted(names))
        yield f"{sign}{field}:{','.join(values)}"


def _time(ms: int) -> str:
    return utc_text(ms).replace(".000Z", "Z").replace(":00Z", "Z")


def _is_plain(text: str) -> bool:
    """Whether a text says itself behind a condition, shown as it is."""
    if safe(text) != text or not text.isprintable():
        return False
    try:
        return parse(f"vanished:no {text}") == Filter(vanished=False, text=text)
    except FilterError:
        return False
