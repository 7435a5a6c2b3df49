"""The rows of the recall lab: what its screen was left with, its columns, and what is said of a row."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from textual.content import Content

from memos_admin.backend.display import beginning, one_line, printable, safe
from memos_admin.backend.model import Filter, Reads, SubjectRef
from memos_admin.backend.perspective import without_marks
from memos_admin.backend.recall import wording
from memos_admin.backend.recall.explaining import Row
from memos_admin.backend.recall.lab import LONGEST, Question, Table
from memos_admin.backend.recall.parameters import (
    DEFAULT_LIMIT,
    DEFAULT_RELATIVITY,
    FLAGS,
    LIMIT_NAMES,
    LIMITS,
    VIEWS,
    Parameters,
)
from memos_admin.backend.recall.questions import LONGEST_NAME, Expectation, Saved
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.filters_memories import Narrowed
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.rows.main import TITLE_CUT
from memos_admin.tui.rows.questions import QuestionsState
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.widgets.field import pasted
from memos_admin.tui.words import narrowing, phrases
from memos_admin.tui.words.command_line import ALL, behind, narrowed

Only = Literal["all", "in", "out"]
ONLY: Mapping[Only, str] = {
    "all": N_("in and out"),
    "in": N_("only what is in"),
    "out": N_("only what is out"),
}

MOST_RECENT = 20
"""Questions that are remembered; on the screen alone, nothing of them is written anywhere."""

_SIDE_CELLS, _RANK_CELLS, _CUT = 5, 4, 2_000
_MARKS = {None: " ", True: "+", False: "-"}
"""What stands before a row that is expected to be in, or not to be."""


class Opened(NamedTuple):
    """A question of a file, and its text as a field has it."""

    file: str
    saved: Saved
    text: str


@dataclass
class RecallState(Narrowed):
    """What the screen was left with, to go on from there, also how the rows are narrowed.

    Attributes:
        ref: whose memories it was about.
        text: what stands in the field.
        parameters: what is sent in place of what the configuration says; None: that.
        conversation_id: the conversation that is sent; None: none.
        table: what was found last.
        recent: questions that were asked, the last one first.
        memory_id, name: a memory that is to be in the table, and what it is called.
        chosen: the row under the cursor, by memory and title.
        marks: memories that must be recalled, or must not, by their ids.
        opened: the question of a file that it was opened with; None: none, or another is asked since.
        questions: what the saved questions were left with; its file is where one is saved.
    """

    ref: SubjectRef
    text: str = ""
    parameters: Parameters | None = None
    conversation_id: str | None = None
    table: Table | None = None
    recent: list[Question] = field(default_factory=list)
    memory_id: str | None = None
    name: str = ""
    only: Only = "all"
    chosen: tuple[str, str | None] | None = None
    marks: dict[str, bool] = field(default_factory=dict)
    opened: Opened | None = None
    questions: QuestionsState = field(default_factory=QuestionsState)

    def open(self, saved: Saved, configured: Parameters) -> None:
        """Go on with a question of a file, of its user, with what it expects of memories marked."""
        self.ref = SubjectRef("user", saved.user_id)
        self.text, self.conversation_id = pasted(saved.text, LONGEST), saved.conversation_id
        sent = saved.question(configured).parameters
        self.parameters = None if sent == configured else sent
        self.table = self.memory_id = self.chosen = None
        self.opened, self.only = Opened(self.questions.file, saved, self.text), "all"
        self.marks = {
            one.memory_id: one.must for one in saved.expected if one.memory_id is not None
        }

    @property
    def to_expect(self) -> list[Expectation]:
        """What is expected of the question that was opened, with what is marked now."""
        before = () if self.opened is None else self.opened.saved.expected
        kept = [
            one
            for one in before
            if one.memory_id is None or self.marks.get(one.memory_id) == one.must
        ]
        known = {(one.memory_id, one.must) for one in kept}
        more = [pair for pair in self.marks.items() if pair not in known]
        return kept + [Expectation(must, memory_id) for memory_id, must in more]

    @property
    def to_save(self) -> Saved | None:
        """The question that was asked last, with what is expected of it; None: nothing is."""
        if self.table is None or not self.marks:
            return None
        question = self.table.answers.question
        expected = (Expectation(must, memory_id) for memory_id, must in self.marks.items())
        return Saved(
            question.text[:LONGEST_NAME],
            question.user_id,
            question.text,
            question.conversation_id,
            question.parameters,
            tuple(expected),
        )

    def remember(self, question: Question) -> None:
        """Put a question in front of the recent ones."""
        others = [one for one in self.recent if one != question]
        self.recent = [question, *others][:MOST_RECENT]


@dataclass(frozen=True)
class RecallRow:
    """A row of the table, by its place in it; `mark`: it must be recalled, or must not."""

    key: int
    row: Row
    mark: bool | None = None

    @property
    def known_by(self) -> tuple[str, str | None]:
        """What it is found again by in another table."""
        return self.row.memory_id, self.row.title

    @property
    def name(self) -> str:
        """Its title, or the first words."""
        return self.row.title or without_marks(beginning(self.row.said, TITLE_CUT))


class RecallRows:
    """The rows of a table that are to be shown."""

    def __init__(
        self,
        table: Table | None,
        only: Only,
        marks: Mapping[str, bool],
        passing: Sequence[bool | None] | None = None,
    ) -> None:
        """Take the table; of each of its rows whether it passes the filter where there is one."""
        self._of = (table, only, passing)
        rows = () if table is None else table.explanation.rows
        self._rows = {
            key: RecallRow(key, row, marks.get(row.memory_id))
            for key, row in enumerate(rows)
            if (only == "all" or row.is_in == (only == "in")) and (passing is None or passing[key])
        }

    def __eq__(self, other: object) -> bool:
        # Marks aside: with others the cursor stays where it is.
        if not isinstance(other, RecallRows):
            return False
        return self._of[0] is other._of[0] and self._of[1:] == other._of[1:]

    __hash__ = None  # type: ignore[assignment]  # how Python says that it has none

    def keys(self, _reads: Reads) -> array[int]:
        """Return the places of the rows."""
        return array("q", self._rows)

    def rows(self, _reads: Reads, keys: Sequence[int]) -> list[RecallRow]:
        """Return rows."""
        return [self._rows[key] for key in keys]

    def find(self, wanted: tuple[str, str | None] | None, memory_id: str | None) -> list[int]:
        """Return the keys of the row that is wanted, then of a memory."""
        exact = [key for key, row in self._rows.items() if row.known_by == wanted]
        return [*exact, *(k for k, row in self._rows.items() if row.row.memory_id == memory_id)]


def _rank(row: RecallRow, _now: int, _shown: Collection[str]) -> str:
    if row.row.rank is not None:
        return f"{row.row.rank}"
    return "" if row.row.rank_of_all is None else f"({row.row.rank_of_all})"


def _side(row: RecallRow, _now: int, _shown: Collection[str]) -> str:
    side = _("in") if row.row.is_in else _("out")
    return f"{_MARKS[row.mark]} {side}"


def _near(row: RecallRow, _now: int, _shown: Collection[str]) -> str:
    return "" if row.row.relativity is None else wording.figure(row.row.relativity)


def _style(row: RecallRow) -> str:
    return "" if row.row.is_in else "dim"


def _why_cells() -> int:
    return phrases.widest(_("{why}?").format(why=_(text)) for text in wording.WHY.values())


COLUMNS: tuple[Column[RecallRow], ...] = (
    Column(
        N_("Is"),
        _side,
        _SIDE_CELLS,
        style=lambda row: "strong" if row.row.is_in else "dim",
    ),
    Column(N_("Rank"), _rank, _RANK_CELLS, right=True, gives_way=2, style=_style),
    Column(N_("Relativity"), _near, 5, right=True, gives_way=3, style=_style),
    Column(
        N_("View"),
        lambda row, _now, _s: phrases.view_word(row.row.view),
        phrases.view_cells,
        gives_way=1,
        style=_style,
    ),
    Column(N_("Memory"), lambda row, _now, _s: row.name),
    Column(
        N_("Why out"),
        lambda row, _now, _s: wording.why_words(row.row.why),
        _why_cells,
        style=_style,
    ),
)


def sent_parts(parameters: Parameters, conversation_id: str | None) -> list[tuple[str, str, str]]:
    """Return what is sent as keys: (key, what it is, action); what is not sent stands in brackets."""
    threshold = (
        _("threshold ({figure})").format(figure=DEFAULT_RELATIVITY)
        if parameters.relativity is None
        else _("threshold {figure}").format(figure=f"{parameters.relativity:g}")
    )
    views = parameters.include_memory_view
    shown = _("views (–)")
    if views is not None:
        words = ", ".join(phrases.view_word(view) for view in views)
        shown = _("all views") if len(views) == len(VIEWS) else words or _("no view")
    elif any(getattr(parameters, f"include_{name}") is not None for name in VIEWS[1:4]):
        shown = _("views by include_…")
    conversation = (
        _("no conversation") if conversation_id is None else one_line(conversation_id, 14)
    )
    return [
        ("t", threshold, "threshold"),
        ("n", _limits(parameters), "limits"),
        ("o", conversation, "conversation"),
        ("v", shown, "views"),
        ("f", _("no filter") if parameters.filter is None else _("a filter"), "sent_filter"),
    ]


def command_of(state: RecallState, question: Question) -> tuple[list[str], bool]:
    """Return the command that asks a question, and whether it has all that is sent.

    What the configuration says is left to it, unless something else is sent.
    """
    options = [f"--user={question.user_id}"]
    if question.conversation_id is not None:
        options.append(f"--conversation={question.conversation_id}")
    whole, sent = True, state.parameters
    if sent is not None:
        options.append("--bare")
        if sent.relativity is not None:
            options.append(f"--relativity={sent.relativity:g}")
        for view, name in list(LIMITS.items())[: len(LIMIT_NAMES)]:
            if (most := getattr(sent, name)) is not None:
                options.append(f"--at-most={view}={most}")
        options += [f"--view={view}" for view in sent.include_memory_view or ()]
        if sent.filter is not None:
            options.append(f"--memos-filter={json.dumps(sent.filter, ensure_ascii=False)}")
        flags = (getattr(sent, name) for name in FLAGS.values())
        whole = sent.include_memory_view != () and all(flag is None for flag in flags)
    options += [] if state.only == "all" else [f"--only={state.only}"]
    options += narrowed(state.narrowed)
    return ["recall", "ask", *options, ALL, *behind(question.text)], whole


def recent_words(question: Question) -> str:
    """Return a question on a line, with what was sent beside it."""
    sent = sent_parts(question.parameters, question.conversation_id)
    none = {text for _key, text, _action in sent_parts(Parameters(), None)}
    told = [text for _key, text, _action in sent if text not in none]
    return " · ".join([one_line(question.text, 44), *told])


def _limits(parameters: Parameters) -> str:
    given = [getattr(parameters, name) for name in LIMIT_NAMES]
    if given == [None] * len(given):
        return _("at most ({count})").format(count=DEFAULT_LIMIT)
    figures = sorted({DEFAULT_LIMIT if one is None else one for one in given})
    return _("at most {count}").format(count="–".join(map(str, dict.fromkeys(_ends(figures)))))


def _ends(figures: Sequence[int]) -> tuple[int, int]:
    return figures[0], figures[-1]


def notes(
    table: Table, only: Only, marks: Mapping[str, bool], within: Filter, unknown: int
) -> list[Part]:
    """Return what stands above the table: how many are in, of how many, and what is not certain.

    Args:
        table: the table.
        only: which rows are shown.
        marks: what is expected.
        within: the memories of which rows are shown.
        unknown: rows that are not, since the store does not have their memories.
    """
    explanation = table.explanation
    into = sum(explanation.counts.values())
    parts = [Part(_("{count} in").format(count=phrases.count(into)))]
    if explanation.counts_of_all is not None:
        count = phrases.count(sum(explanation.counts_of_all.values()))
        parts.append(Part(_("{count} with the threshold off").format(count=count), ("",), 1))
    if only != "all":
        parts.append(Part(_(ONLY[only])))
    parts += narrowing.chips(within)
    if unknown:
        text = _("{count} left out that are not in the store").format(count=phrases.count(unknown))
        parts.append(Part(text))
    if marks:
        count = phrases.count(len(marks))
        parts.append(Part(_("{count} marked: w saves").format(count=count)))
    if explanation.notes or explanation.full or table.answers.trouble:
        parts.append(Part(_("not all is certain: see below")))
    return parts


def about(row: RecallRow | None, table: Table | None) -> Content:
    """Return what is said below: why the row is in or out, its text, and what holds for all rows."""
    if table is None:
        return Content("")
    parts: list[tuple[str, str] | str] = []
    if row is not None:
        parts += [printable(wording.explained(row.row, table), newlines=True), "\n\n"]
        parts += [(f"{one_line(row.name, 200)}\n", "bold")]
        parts += [(safe(beginning(row.row.said, _CUT), newlines=True), ""), "\n"]
        place = sentences(one_line(row.row.memory_id, 100), _stored(row.row))
        parts += [(place, "$text-muted"), "\n\n"]
    told = "\n".join(wording.summary(table))
    parts.append((printable(told, newlines=True), "$text-muted"))
    return Content.assemble(*parts)


def _stored(row: Row) -> str:
    return "" if row.stored is not None else _("It is not in the store.")
