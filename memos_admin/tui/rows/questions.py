"""The questions of a file: what their screen was left with, its columns, and what came of each. Pure."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from textual.content import Content

from memos_admin.backend.display import called, one_line, printable
from memos_admin.backend.model import Reads, SubjectRef
from memos_admin.backend.recall.checking import Change, Checked, Ended, Found, Last, Outcome
from memos_admin.backend.recall.parameters import Parameters
from memos_admin.backend.recall.questions import Expectation, Saved
from memos_admin.backend.recall.wording import sent_words
from memos_admin.language import N_, counted, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.words import phrases

Kept = tuple[Ended, ...]
"""How each expectation ended at the last check."""

OUTCOMES: Mapping[Outcome, str] = {
    "passed": N_("passed"),
    "failed": N_("failed"),
    "not asked": N_("not asked"),
}
CHANGES: Mapping[Change, str] = {
    "newly fails": N_("newly fails"),
    "newly passes": N_("newly passes"),
    "moved": N_("moved"),
    "same": N_("same"),
    "new": N_("new"),
}


@dataclass
class QuestionsState:
    """What the screen was left with, to go on from there.

    Attributes:
        file: as it was typed, ``""``: none was chosen yet.
        saved: its questions, in its order.
        checked: what came of them, by name.
        row: the key of the row under the cursor.
    """

    file: str = ""
    saved: tuple[Saved, ...] = ()
    checked: dict[str, Checked] = field(default_factory=dict)
    row: int | None = None

    def take(self, saved: tuple[Saved, ...]) -> None:
        """Have these questions; what came of those that are as they were stays."""
        self.saved = saved
        self.checked = {
            one.name: self.checked[one.name]
            for one in saved
            if one.name in self.checked and self.checked[one.name].saved == one
        }


def last_ends(saved: Sequence[Saved], configured: Parameters, last: Last) -> Mapping[str, Kept]:
    """Return how questions ended at the last check, by name; of those that are as they were then."""
    digests = {one.name: one.digest(configured) for one in saved}
    return {name: last[digest] for name, digest in digests.items() if digest in last}


@dataclass(frozen=True)
class QuestionRow:
    """A question of the file, by its place there.

    Attributes:
        checked: what came of it; None: it was not checked.
        before: how it ended at the last check before that; None: there was none.
        asking: it is being checked.
    """

    key: int
    saved: Saved
    checked: Checked | None = None
    before: Kept | None = None
    asking: bool = False


class QuestionRows:
    """The questions of a file."""

    def __init__(
        self, state: QuestionsState, before: Mapping[str, Kept], asking: Collection[Saved]
    ) -> None:
        """Take the questions, how they ended at the last check, and which are being asked."""
        self._of = state.file
        self._rows = [
            QuestionRow(
                key,
                one,
                state.checked.get(one.name),
                before.get(one.name),
                one in asking,
            )
            for key, one in enumerate(state.saved)
        ]

    def __eq__(self, other: object) -> bool:
        # However they end, the cursor stays where it is.
        return isinstance(other, QuestionRows) and self._of == other._of

    __hash__ = None  # type: ignore[assignment]  # how Python says that it has none

    def keys(self, _reads: Reads) -> array[int]:
        """Return the places of the questions."""
        return array("q", range(len(self._rows)))

    def rows(self, _reads: Reads, keys: Sequence[int]) -> list[QuestionRow]:
        """Return rows."""
        return [self._rows[key] for key in keys]


def _result(row: QuestionRow, _now: int, _shown: Collection[str]) -> str:
    if row.asking:
        return _("asking …")
    if row.checked is not None:
        return _(OUTCOMES[row.checked.outcome])
    if row.before is None:
        return ""
    return f"({_(OUTCOMES[_before(row.before)])})"


def _before(kept: Kept) -> Outcome:
    return "passed" if all(met for met, _rank in kept) else "failed"


def _since(row: QuestionRow, _now: int, _shown: Collection[str]) -> str:
    change = "" if row.checked is None or row.asking else row.checked.change
    return _(CHANGES[change]) if change else ""


def _style(row: QuestionRow) -> str:
    if row.checked is None or row.asking:
        return "dim"
    return "" if row.checked.outcome == "passed" else "warn"


COLUMNS: tuple[Column[QuestionRow], ...] = (
    Column(
        N_("Result"),
        _result,
        lambda: phrases.widest([_("asking …"), *(f"({_(word)})" for word in OUTCOMES.values())]),
        style=_style,
    ),
    Column(
        N_("Since last"),
        _since,
        lambda: phrases.widest([_(word) for word in CHANGES.values()]),
        gives_way=2,
        style=lambda row: "warn" if _is_worse(row) else "dim",
    ),
    Column(N_("Question"), lambda row, _now, _s: row.saved.called),
    Column(
        N_("Expects"),
        lambda row, _now, _s: phrases.count(len(row.saved.expected)),
        7,
        right=True,
        gives_way=3,
        style="dim",
    ),
    Column(
        N_("User"),
        lambda row, _now, _s: called(SubjectRef("user", row.saved.user_id)),
        22,
        gives_way=1,
        is_id=True,
    ),
)


def _is_worse(row: QuestionRow) -> bool:
    return row.checked is not None and row.checked.change == "newly fails"


def notes(state: QuestionsState) -> list[Part]:
    """Return what stands above the questions: how many ended how, and what is not as it was."""
    outcomes = Counter(one.outcome for one in state.checked.values())
    changes = Counter(one.change for one in state.checked.values())
    told = [
        _("{count} passed").format(count=phrases.count(outcomes["passed"])),
        _("{count} failed").format(count=phrases.count(outcomes["failed"])),
    ]
    if outcomes["not asked"]:
        told.append(_("{count} not asked").format(count=phrases.count(outcomes["not asked"])))
    if changes["newly fails"]:
        told.append(counted(changes["newly fails"], "{count} newly fails", "{count} newly fail"))
    if changes["newly passes"]:
        told.append(counted(changes["newly passes"], "{count} newly passes", "{count} newly pass"))
    return [Part(text) for text in told] if state.checked else []


def wanted(one: Expectation) -> str:
    """Return an expectation in words, shown as it is."""
    words = ", ".join(f"“{one_line(text, 80)}”" for text in one.words)
    what = words if one.memory_id is None else one_line(one.memory_id, 100)
    must = _("must contain {what}") if one.must else _("must not contain {what}")
    parts = [must.format(what=what)]
    if one.view is not None:
        parts.append(_("as {view}").format(view=phrases.view_word(one.view)))
    if one.within is not None:
        parts.append(_("within the first {count}").format(count=one.within))
    return " · ".join(parts)


def about(row: QuestionRow | None, configured: Parameters) -> Content:
    """Return what is said below: the question, what is sent, and what came of each expectation."""
    if row is None:
        return Content("")
    saved = row.saved
    parts: list[tuple[str, str] | str] = [(f"{one_line(saved.called, 200)}\n", "bold")]
    if saved.text != saved.name:
        parts.append((f"{printable(saved.text, newlines=True)}\n", ""))
    checked = row.checked
    if checked is None:
        parts += [(_unchecked(row), "$text-muted"), "\n"]
    parts.append("\n")
    if checked is not None and checked.problem:
        parts += [(printable(checked.problem, newlines=True), "$text-warning"), "\n\n"]
    found = () if checked is None else checked.found
    before = (row.before if checked is None else checked.before) or ()
    each = list(zip_longest(saved.expected, found, before))
    each.sort(key=lambda one: one[1] is None or one[1].met)  # what is not so stands first
    for expected, one, last in each:
        if expected is not None:
            parts += _expectation(expected, one, last)
    sent = sent_words(saved.question(configured).parameters)
    if sent:
        parts += ["\n", (_("Sent: {parameters}.").format(parameters=sent), "$text-muted")]
    return Content.assemble(*parts)


def _unchecked(row: QuestionRow) -> str:
    if row.asking:
        return _("It is being asked.")
    if row.before is None:
        return _("It was never checked as it is now. c checks it.")
    return _("In brackets: how it ended at the last check. c checks it now.")


def _expectation(
    expected: Expectation, found: Found | None, last: Ended | None
) -> list[tuple[str, str] | str]:
    parts: list[tuple[str, str] | str] = []
    if found is not None:
        word, style = (
            (_("as expected"), "$text-success") if found.met else (_("not so"), "$text-warning")
        )
        parts += [(word, style), "  "]
    parts.append(wanted(expected))
    parts.append("\n")
    now = "" if found is None else found.why or _rank(found)
    if text := sentences(_last(last), now):
        parts += [(f"  {printable(text, newlines=True)}\n", "$text-muted")]
    return parts


def _rank(found: Found) -> str:
    if found.rank is None:
        return ""
    return _("It is number {rank} of its view.").format(rank=found.rank)


def _last(last: Ended | None) -> str:
    if last is None:
        return ""
    met, rank = last
    if rank is not None:
        text = (
            _("At the last check it was so, at number {rank}.")
            if met
            else _("At the last check it was not so, at number {rank}.")
        )
        return text.format(rank=rank)
    return _("At the last check it was so.") if met else _("At the last check it was not so.")
