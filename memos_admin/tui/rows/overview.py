"""The rows of the overview of a project: sections, what they count, and the lists behind them. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from memos_admin.backend.display import called, one_line, pad
from memos_admin.backend.history.changes import WORDS as CHANGES
from memos_admin.backend.history.timeline import bar
from memos_admin.backend.model import Filter, Memory, Reads
from memos_admin.backend.overview import Row, Section
from memos_admin.backend.overview.words import ITEMS, LOOKED_AT_BY, TITLES, UNITS
from memos_admin.backend.times import local
from memos_admin.backend.verdicts.kinds import SHORT
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.rows.main import MEMORY_COLUMNS, TITLE_READ, title_of
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.words import phrases

_SCOPES = {
    "project": N_("the project"),
    "user": N_("this user"),
    "filter": N_("what the filter names"),
}
_LABEL, _NUMBER = 24, 10
_LONGEST_BAR = 48
_LEAST_BAR = 8

MAY_BE_WRONG = frozenset({"problem", "gap", "reset", "uncertain", "beginning", "last_sync"})
"""What is marked where there is any."""


@dataclass(frozen=True)
class Line:
    """A line: of a section (`row` None), or of a number in it; `most`: what the longest bar stands for."""

    key: int
    section: Section
    row: Row | None
    most: int = 0

    @property
    def warns(self) -> bool:
        """Whether it says that something is missing or wrong."""
        return self.row is not None and self.row.item in MAY_BE_WRONG and bool(self.row.count)


@dataclass
class Lines:
    """All lines, in the order of the sections; equal to another one of the same memories."""

    wanted: Filter
    found: Sequence[Line] = field(default=(), compare=False)

    def keys(self, _reads: Reads) -> array[int]:
        """Return the keys of the lines."""
        return array("q", (line.key for line in self.found))

    def rows(self, _reads: Reads, keys: Sequence[int]) -> list[Line]:
        """Return lines."""
        by_key = {line.key: line for line in self.found}
        return [by_key[key] for key in keys]


def lines(sections: Sequence[Section], keys: dict[tuple[str, str | None], int]) -> list[Line]:
    """Return the lines of sections; `keys` has those of before, so that each keeps its own."""
    return list(_lines(sections, keys))


def _lines(sections: Sequence[Section], keys: dict[tuple[str, str | None], int]) -> Iterator[Line]:
    for section in sections:
        others = UNITS.get(section.name, frozenset())
        counts = [row.count or 0 for row in section.rows if row.item not in others]
        yield Line(keys.setdefault((section.name, None), len(keys)), section, None)
        for row in section.rows:
            key = keys.setdefault((section.name, row.item), len(keys))
            yield Line(key, section, row, 0 if row.item in others else max(counts, default=0))


def columns(width: int) -> list[Column[Line]]:
    """Return the columns with bars that leave room for what numbers consist of."""
    cells = max(_LEAST_BAR, min(_LONGEST_BAR, (width - _LABEL - _NUMBER) * 2 // 5))
    return [
        Column(N_("What"), lambda line, _now, _s: _label(line), _LABEL, style=_style),
        Column(N_("Number"), lambda line, _now, _s: _number(line), _NUMBER, right=True),
        Column(
            N_("Compared, and of what"),
            lambda line, _now, _s: _drawn(line, cells),
            style=lambda line: "dim" if _is_said(line) else "",
            drawn=lambda line: len(_bar(line, cells)),
        ),
    ]


def _style(line: Line) -> str:
    if line.row is None:
        return "accent strong"
    return "warn" if line.warns else ""


def _is_said(line: Line) -> bool:
    return line.row is None or line.row.bound == "unknown"


def name_of(section: str, item: str) -> str:
    """Return what is counted, in words."""
    words = ITEMS[section]
    if item in words:
        return _(words[item])
    if section in {"views", "verdicts"}:
        return phrases.view_word(item)
    return phrases.status_word(item) if section == "statuses" else item


def _label(line: Line) -> str:
    if line.row is None:
        return _(TITLES[line.section.name])
    sign = "!" if line.warns else "·"
    return f"{sign} {name_of(line.section.name, line.row.item)}"


def _number(line: Line) -> str:
    row = line.section.total if line.row is None else line.row
    if row is None:
        return ""
    if row.count is None:
        return "?"
    return f"{phrases.SIGNS.get(row.bound, '')}{phrases.count(row.count)}"


def _drawn(line: Line, cells: int) -> str:
    row = line.row
    if row is None:
        return scope_words(line.section)
    if row.bound == "unknown":
        command = LOOKED_AT_BY.get(row.item)
        return (
            _("nothing was read")
            if command is None
            else _("not looked at: {command}").format(command=command)
        )
    said = _parts(line.section.name, row)
    drawn = _bar(line, cells)
    return f"{pad(drawn, cells)} {said}" if said else drawn


def _bar(line: Line, cells: int) -> str:
    if line.row is None or line.row.bound == "unknown":
        return ""
    return bar(line.row.count or 0, line.most, cells)


def _parts(section: str, row: Row) -> str:
    parts = [
        f"{_part(section, row.item, name)} {phrases.count(number)}"
        for name, number in sorted(row.by.items(), key=lambda it: (-it[1], it[0]))
    ]
    if row.share is not None and row.interval is not None:
        low, high = row.interval
        share = _("{share} correct ({low} to {high})")
        parts.insert(
            0, share.format(share=f"{row.share:.0%}", low=f"{low:.0%}", high=f"{high:.0%}")
        )
    return " · ".join(parts)


def _part(section: str, item: str, name: str) -> str:
    words: Any = {"days": CHANGES, "verdicts": SHORT}.get(section)
    if words is not None:
        return _(words.get(name, name))
    if section == "views" and item in ITEMS["views"]:
        return phrases.view_word(name)
    return phrases.status_word(name) if name else _(ITEMS["statuses"][""])


def whole(line: Line | None) -> str:
    """Return what a line says, in full; of a heading what its numbers are about."""
    if line is None:
        return ""
    if line.row is None:
        return f"{_(TITLES[line.section.name])} · {scope_words(line.section)}"
    row = line.row
    said = f"{name_of(line.section.name, row.item)} {_number(line)}"
    parts = _drawn(line, 0) if row.bound == "unknown" else _parts(line.section.name, row)
    return f"{said} · {parts}" if parts else said


def scope_words(section: Section) -> str:
    """Return what the numbers of a section are about, since when, and until when they were read."""
    scope = section.scope
    words = [_(_SCOPES[scope.of])]
    if scope.since is not None and scope.until is not None:
        period = _("{since} to {until}")
        words.append(period.format(since=_day(scope.since), until=_day(scope.until)))
    elif scope.since is not None:
        words.append(_("since {time}").format(time=_day(scope.since)))
    if not section.rows:
        words.append(_("none"))
    if not section.whole:
        words.append(_("counting …"))
    return " · ".join(words)


def _day(ms: int) -> str:
    return f"{local(ms).date()}"


@dataclass(frozen=True)
class ListedMemories:
    """Memories by the keys that a function returns."""

    named: Callable[[Reads], array[int]]

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys of listings."""
        return self.named(reads)

    def rows(self, reads: Reads, keys: Sequence[int]) -> list[Memory]:
        """Return memories with the beginning of their text."""
        return reads.memories(keys, cut=TITLE_READ)


@dataclass(frozen=True)
class ListedSubjects:
    """Users and agents by the keys that a function returns."""

    named: Callable[[Reads], array[int]]
    text: str = ""

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys of those with the text in their id."""
        keys = self.named(reads)
        if not self.text:
            return keys
        with_text = set(reads.subject_pks(self.text))
        return array("q", (key for key in keys if key in with_text))

    def rows(self, reads: Reads, keys: Sequence[int]) -> Any:
        """Return subjects."""
        return reads.subjects(keys)


def whole_memory(memory: Memory, now: int) -> str:
    """Return what the columns of a memory say, those too for which a list has no room."""
    parts = [
        called(memory.ref),
        phrases.view_word(memory.view),
        title_of(memory),
        phrases.state(memory, now),
        ", ".join(memory.tags),
        phrases.short_age(memory.updated_at, now),
        "" if memory.confidence is None else f"{memory.confidence:.2f}",
    ]
    return " · ".join(part for part in parts if part)


def _whose(memory: Memory, _now: int, _shown: Collection[str]) -> str:
    return one_line(called(memory.ref), 60)


WHOSE = Column[Memory](N_("User"), _whose, 18, is_id=True)

MEMORIES: tuple[Column[Memory], ...] = (WHOSE, *MEMORY_COLUMNS)
"""The columns of memories of several users."""
