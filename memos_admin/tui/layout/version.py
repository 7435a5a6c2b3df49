"""A version of a memory as lines: beside the one before it, or alone with its words marked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.cells import cell_len

from memos_admin.backend.history.memories import FIELDS, Difference, Found
from memos_admin.backend.history.worddiff import Part, marked
from memos_admin.backend.model import Memory, MemoryVersion, SyncRun
from memos_admin.backend.wrapping import wrap
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.layout.detail import NO_LONGER_KEPT, cut
from memos_admin.tui.layout.transcript import shown
from memos_admin.tui.widgets.line_view import Piece
from memos_admin.tui.words import phrases

Row = list[Piece]

BESIDE = 110
"""Cells from which on two versions stand beside each other."""

LONGEST = 90
"""Lines are never wider: the eye loses the next one."""

BETWEEN = " │ "

WORDS = {
    "view": N_("view"),
    "title": N_("title"),
    "content": N_("text"),
    "tags": N_("tags"),
    "status": N_("status"),
    "conversation_id": N_("conversation"),
}
"""What makes a version, with the words for it."""

_STYLES = {"same": "", "gone": "warn", "new": "accent match"}


@dataclass(frozen=True)
class Step:
    """A version, the one before it (None: it is the first), and what differs between them."""

    found: Found
    before: Found | None
    differences: Sequence[Difference]
    number: int
    total: int


def rows(step: Step, memory: Memory, now: int, width: int) -> list[Row]:
    """Return the lines of a step in so many cells."""
    width = max(width, 20)
    beside = width >= BESIDE and step.before is not None
    text = list(_head(step, memory, now))
    lines = [line for kind, said in text for line in _wrapped([(said, kind)], min(width, LONGEST))]
    lines.append([])
    lines += _pair(step, width) if beside else _alone(step, min(width, LONGEST))
    if step.before is not None:
        note = _("Two changes between two readings are seen as one, at the later reading.")
        lines += _wrapped([(note, "dim")], min(width, LONGEST))
    return lines


def _head(step: Step, memory: Memory, now: int) -> Iterator[tuple[str, str]]:
    """Yield styles and texts: when it was read, in which sync, until when, and what changed."""
    version, run = step.found
    read = _("Read first {when}.").format(when=phrases.exact(version.seen_from, now))
    yield "", read if run is None else f"{read} {_in_sync(run)}"
    if version.replaced_at is not None:
        until = phrases.exact(version.replaced_at, now)
        yield "", _("Read otherwise since {until}.").format(until=until)
    elif memory.vanished_at is not None:
        text = _("Gone since {when}: {reason}. This is its last text.")
        reason = phrases.reason_word(memory.reason or "") or _("unknown")
        yield "warn", text.format(when=phrases.exact(memory.vanished_at, now), reason=reason)
    elif memory.in_doubt:
        yield (
            "warn",
            _("In doubt: MemOS did not list it when it was last read. This is its last text."),
        )
    else:
        yield "", _("This is what it says as last read.")
    if step.before is None:
        yield "dim", _("What it said before it was first read here is not known.")
        return
    names = _(", ").join(_(WORDS[one.field]) for one in step.differences)
    if names:
        yield "strong", _("Changed: {fields}").format(fields=names)


def _in_sync(run: SyncRun) -> str:
    text = _("Found by a sync that began {when}.")
    return text.format(when=phrases.clock(run.started_at))


def _changed_first(step: Step) -> list[str]:
    """Return the fields in their order, those that changed before the others."""
    changed = {one.field for one in step.differences}
    return sorted(FIELDS, key=lambda name: name not in changed)


def _alone(step: Step, width: int) -> Iterator[Row]:
    """Yield all fields below each other, with the words that are gone and new in them."""
    changed = {one.field: one for one in step.differences}
    for name in _changed_first(step):
        told = changed.get(name) or Difference(name, _whole(step.found.version, name))
        if told.parts:
            yield [(_(WORDS[name]), "dim")]
            yield from _wrapped(_pieces(told), width)
            yield []
    if step.found.version.dropped:
        yield from _wrapped([(_(NO_LONGER_KEPT), "dim")], width)


def _pair(step: Step, width: int) -> Iterator[Row]:
    """Yield the version before on the left, this one on the right."""
    half = min((width - len(BETWEEN)) // 2, LONGEST)
    if step.before is None:
        return
    numbers = (step.before.version.version, step.found.version.version)
    heads = [_("version {number}").format(number=number) for number in numbers]
    yield from _beside([[(heads[0], "strong")]], [[(heads[1], "strong")]], half)
    changed = {one.field: one.parts for one in step.differences}
    for name in _changed_first(step):
        if name in changed:
            left = [part for part in changed[name] if part.kind != "new"]
            right = [part for part in changed[name] if part.kind != "gone"]
        else:
            left = _whole(step.before.version, name)
            right = _whole(step.found.version, name)
        if left or right:
            yield [(_(WORDS[name]), "dim")]
            told = (Difference(name, side) for side in (left, right))
            left_rows, right_rows = (list(_wrapped(_pieces(side), half)) for side in told)
            yield from _beside(left_rows, right_rows, half)
            yield []
    left_rows, right_rows = map(_dropped, (step.before.version, step.found.version))
    yield from _beside(left_rows, right_rows, half)


def _dropped(version: MemoryVersion) -> list[Row]:
    return [[(_("(no longer kept)"), "dim")]] if version.dropped else []


def _beside(left: Sequence[Row], right: Sequence[Row], half: int) -> Iterator[Row]:
    nothing: Row = []
    for one, other in zip_longest(left, right, fillvalue=nothing):
        room = half - sum(cell_len(text) for text, _style in one)
        yield [*one, (" " * max(0, room), ""), (BETWEEN, "dim"), *other]


def _whole(version: MemoryVersion, name: str) -> list[Part]:
    if name in {"title", "content", "tags"} and version.dropped:
        return []
    if name == "tags":
        return [Part("same", tag) for tag in version.tags]
    if name in version.not_kept:
        text = _("not kept for this version")
    elif name == "view":
        text = phrases.view_word(version.view)
    elif name == "status":
        text = phrases.full_status(version.status) if version.status else ""
    else:
        text = cut(getattr(version, name) or "")
    return [Part("same", text)] if text else []


def _pieces(told: Difference) -> list[Piece]:
    pieces: list[Piece] = []
    for part in told.parts:
        between = [(told.between, "")] if pieces and told.between else []
        pieces += [*between, (marked(part), _STYLES[part.kind])]
    return pieces


def _wrapped(pieces: Sequence[Piece], width: int) -> Iterator[Row]:
    """Yield texts from outside as lines: gated, wrapped as one, each piece in its style."""
    gated = [(shown(text), style) for text, style in pieces]
    text = "".join(part for part, _style in gated)
    for start, end in wrap(text, width):
        line: Row = []
        at = 0
        for part, style in gated:
            piece = part[max(0, start - at) : max(0, end - at)]
            if piece:
                line.append((piece.replace(phrases.NO_BREAK, " "), style))
            at += len(part)
        yield line
