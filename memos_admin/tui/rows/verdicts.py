"""The lists of verdicts on the screen: what was said, how often of which view, who agrees. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from memos_admin.backend.display import beginning, called, titled
from memos_admin.backend.model import Memory, MemoryVersion, Reads
from memos_admin.backend.perspective import without_marks
from memos_admin.backend.verdicts.agreement import Agreement, agreement
from memos_admin.backend.verdicts.choosing import chosen, chosen_pairs
from memos_admin.backend.verdicts.figures import Figure, figures, total
from memos_admin.backend.verdicts.kinds import SHORT
from memos_admin.backend.verdicts.rows import as_judged
from memos_admin.backend.verdicts.sent import Sent, said_already
from memos_admin.backend.verdicts.standing import Verdict, history
from memos_admin.backend.verdicts.verdict_filter import VerdictFilter
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.rows.main import TITLE_CUT, TITLE_READ
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.words import phrases

ListName = Literal["list", "figures", "agreement"]

TITLES: Mapping[ListName, str] = {
    "list": N_("what was said"),
    "figures": N_("by week and view"),
    "agreement": N_("who agrees"),
}
"""The lists in their order, with what they are called; their names are those of the commands."""


class Row(NamedTuple):
    """A verdict with its memory as it is now, the verdicts of a week and view, or two operators.

    Attributes:
        judged: of a verdict: what was judged, as it was then; None: it is no longer kept.
        sent: of a verdict: while somebody's said the same, a correction of the memory was sent to MemOS.
    """

    key: int
    found: Any
    memory: Memory | None = None
    judged: Memory | MemoryVersion | None = None
    sent: bool = False


@dataclass(frozen=True)
class VerdictLists:
    """The rows of a list; equal to later ones of the same verdicts."""

    name: ListName
    wanted: VerdictFilter
    sent: Mapping[str, Sequence[Sent]] = field(default_factory=dict)
    kept: dict[int, tuple[Any, int]] = field(default_factory=dict, compare=False)

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys of the rows, in order."""
        self.kept.clear()
        if self.name == "list":
            some = chosen(reads, self.wanted)
            self.kept.update((one.pk, (one, listing)) for one, listing in some)
        else:
            # None that a verdict has: the cursor does not go over to one.
            numbers = enumerate(self._counted(reads), 1)
            self.kept.update((-number, (one, 0)) for number, one in numbers)
        return array("q", self.kept)

    def _counted(self, reads: Reads) -> Sequence[Any]:
        if self.name == "agreement":
            return agreement(chosen_pairs(reads, self.wanted))
        said = [one for one, _listing in chosen(reads, self.wanted)]
        counted = figures(said)
        return [*counted, total(said)] if len(counted) > 1 else counted

    def rows(self, reads: Reads, keys: Sequence[int]) -> list[Row]:
        """Return rows; without verdicts whose memory was removed meanwhile."""
        found = [(key, *self.kept[key]) for key in keys if key in self.kept]
        if self.name != "list":
            return [Row(key, one) for key, one, _listing in found]
        listings = sorted({listing for _key, _one, listing in found})
        memories = {one.listing_pk: one for one in reads.memories(listings, cut=TITLE_READ)}
        return [
            self._row(reads, key, one, memories[listing])
            for key, one, listing in found
            if listing in memories
        ]

    def _row(self, reads: Reads, key: int, one: Verdict, memory: Memory) -> Row:
        some = self.sent.get(memory.memory_id, ())
        last = said_already(one, some, history(reads, memory.pk)) if some else None
        return Row(key, one, memory, _judged(reads, one, memory), last is not None)


def _judged(reads: Reads, one: Verdict, memory: Memory) -> Memory | MemoryVersion | None:
    if one.version == memory.version:
        return memory
    version = as_judged(reads, one, memory)
    return None if version is None or version.dropped else version


def whole(row: Row | None) -> str:
    """Return what a line of numbers counts, in full; ``""`` for a verdict, which the list shows."""
    if row is None or row.memory is not None:
        return ""
    one = row.found
    if isinstance(one, Figure):
        return f"{_week(one)} {_view(one)} · {_counts(one)}".replace("  ", " ")
    differ = _differing(one) or _("no difference")
    return f"{one.first}/{one.second} · {differ}"


def _week(one: Figure) -> str:
    return one.week or _("in all")


def _view(one: Figure) -> str:
    return phrases.view_word(one.view) if one.view else ""


def columns(name: ListName, *, sent: bool = False) -> Sequence[Column[Row]]:
    """Return the columns of a list; `sent`: corrections of some memories were sent to MemOS."""
    listed = _LIST_WITH_SENT if sent else _LIST
    return {"list": listed, "figures": _FIGURES, "agreement": _AGREEMENT}[name]


def _verdict(row: Row) -> str:
    return _(SHORT.get(row.found.verdict, row.found.verdict))


def _title(row: Row) -> str:
    if row.judged is None:
        return _("(no longer kept)")
    text = (
        titled(row.judged.title or "", row.judged.content)
        or without_marks(row.judged.content)
        or _("(no text)")
    )
    return beginning(text, TITLE_CUT)


def _share(number: float | None, interval: tuple[float, float] | None) -> str:
    if number is None or interval is None:
        return _("too few")
    low, high = (f"{edge:.0%}" for edge in interval)
    return _("{share} ({low} to {high})").format(share=f"{number:.0%}", low=low, high=high)


def _kappa(one: Agreement) -> str:
    if one.kappa is None or one.interval is None:
        return _("too few")
    low, high = (f"{edge:.2f}" for edge in one.interval)
    return _("{share} ({low} to {high})").format(share=f"{one.kappa:.2f}", low=low, high=high)


def _counts(one: Figure) -> str:
    parts = sorted(one.counts.items(), key=lambda part: (-part[1], part[0]))
    return " · ".join(f"{_(SHORT.get(name, name))} {phrases.count(n)}" for name, n in parts)


def _differing(one: Agreement) -> str:
    return " · ".join(
        f"{_(SHORT.get(first, first))}/{_(SHORT.get(second, second))} {phrases.count(number)}"
        for first, second, number in one.disagreements
    )


def _of(
    kind: type[Any], text: Callable[[Row, int], str]
) -> Callable[[Row, int, Collection[str]], str]:
    """Return the text of a column; nothing for a row of another list, drawn until this one is read."""
    return lambda row, now, _shown: text(row, now) if isinstance(row.found, kind) else ""


_ENDED: Mapping[str, str] = {
    "replaced": N_("replaced"),
    "withdrawn": N_("undone"),
    "slip": N_("undone"),
}


def _now(row: Row) -> str:
    """Return what became of a verdict, ``""``: it stands, on what the memory says now, and nothing was sent."""
    one = row.found
    became = _(_ENDED.get(one.ended, one.ended)) if one.ended is not None else ""
    if not became and one.is_changed:
        became = _("changed")
    return _(", ").join(word for word in (_("sent") if row.sent else "", became) if word)


def _became() -> list[str]:
    return [_("changed"), *map(_, _ENDED.values())]


def _listed(now_cells: Callable[[], int]) -> Sequence[Column[Row]]:
    return (
        Column(
            N_("Given"),
            _of(Verdict, lambda row, now: phrases.short_age(row.found.judged_at, now)),
            phrases.age_cells,
            right=True,
            style="dim",
        ),
        Column(
            N_("Verdict"),
            _of(Verdict, lambda row, _now: _verdict(row)),
            12,
        ),
        Column(
            N_("Now"),
            _of(Verdict, lambda row, _at: _now(row)),
            now_cells,
            style="warn",
        ),
        Column(N_("As judged"), _of(Verdict, lambda row, _now: _title(row))),
        Column(N_("By"), _of(Verdict, lambda row, _now: row.found.operator), 10, gives_way=2),
        Column(
            N_("User"),
            _of(Verdict, lambda row, _now: "" if row.memory is None else called(row.memory.ref)),
            14,
            gives_way=1,
            is_id=True,
        ),
    )


_LIST = _listed(lambda: phrases.widest((_("sent"), *_became())))
_LIST_WITH_SENT = _listed(lambda: phrases.widest(_(", ").join((_("sent"), it)) for it in _became()))
"""Where something was sent of some memory, what became of it stands behind that."""

_FIGURES: Sequence[Column[Row]] = (
    Column(N_("Week of"), _of(Figure, lambda row, _now: _week(row.found)), 10),
    Column(
        N_("View"),
        _of(Figure, lambda row, _now: _view(row.found)),
        phrases.view_cells,
    ),
    Column(
        N_("Verdicts"),
        _of(Figure, lambda row, _now: phrases.count(row.found.verdicts)),
        8,
        right=True,
    ),
    Column(
        N_("Correct"),
        _of(Figure, lambda row, _now: _share(row.found.correct, row.found.interval)),
        19,
    ),
    Column(N_("Counted"), _of(Figure, lambda row, _now: _counts(row.found))),
)
_AGREEMENT: Sequence[Column[Row]] = (
    Column(N_("First"), _of(Agreement, lambda row, _now: row.found.first), 10),
    Column(N_("Second"), _of(Agreement, lambda row, _now: row.found.second), 10),
    Column(
        N_("Both"),
        _of(Agreement, lambda row, _now: phrases.count(row.found.compared)),
        5,
        right=True,
    ),
    Column(
        N_("Agreed"),
        _of(Agreement, lambda row, _now: phrases.count(row.found.agreed)),
        6,
        right=True,
    ),
    Column("κ", _of(Agreement, lambda row, _now: _kappa(row.found)), 19),
    Column(N_("Where they differ"), _of(Agreement, lambda row, _now: _differing(row.found))),
)
