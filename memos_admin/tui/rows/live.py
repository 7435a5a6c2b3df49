"""The rows of what a watch has found since it began: its tasks with what came of them, and changes. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memos_admin.backend.display import both_ends, called
from memos_admin.backend.history.changes import Change
from memos_admin.backend.history.memories import differences_of
from memos_admin.backend.history.worddiff import around, marked
from memos_admin.backend.model import Memory, Reads, SubjectRef
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.desk.place import Place
from memos_admin.tui.layout.version import WORDS as FIELDS
from memos_admin.tui.rows.changes import (
    BESIDE_DIFFERENCE,
    COLUMNS,
    CONVERSATION,
    OF_ONE,
    ChangeRow,
    Changes,
    edited_words,
)
from memos_admin.tui.rows.jump import TASK_STATES, task_counts
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.backend.jump import FoundTask
    from memos_admin.backend.watching.task import Came

_APART = 100_000
"""Between the keys of two tasks: each has fewer memories."""

FOOT = 2
"""Lines below the list with the words of a change."""

_SINCE = {"vanished": N_("gone since"), "returned": N_("back since")}
_CHANGED_SINCE = N_("changed since")

_DID = {
    "added": N_("added"),
    "updated": N_("updated"),
    "gone": N_("gone"),
    "not asked": N_("not asked for"),
}


@dataclass
class Followed:
    """A task that is followed.

    Attributes:
        at: when it last said something else, or began to be followed, milliseconds.
        task: as MemOS has it; None: it was not asked yet.
        came: the memories that came of it, when it has completed.
        number: which of those that were ever followed it is; its rows keep their keys by that.
        trouble: why it is followed no more, in a sentence.
    """

    task_id: str
    at: int
    number: int
    task: FoundTask | None = None
    came: Sequence[Came] = ()
    trouble: str = ""

    @property
    def runs(self) -> bool:
        """Whether more is to come of it."""
        return not self.trouble and (self.task is None or not self.task.has_ended)


@dataclass(frozen=True)
class TaskRow:
    """A task, or a memory that came of it."""

    key: int
    of: Followed
    came: Came | None = None

    @property
    def place(self) -> Place | None:
        """Where the memory can be seen; None: MemOS does not say whose it is, or it is no memory."""
        said = None if self.came is None else self.came.said
        if said is None or said.ref is None:
            return None
        return Place(said.ref, said.conversation_id or "", said.memory_id, pane="memories")

    @property
    def conversation(self) -> str:
        """Of which task it is, in words."""
        return _("task {id}").format(id=both_ends(self.of.task_id, 40))

    @property
    def what(self) -> str:
        """What it is about; of a task too how far it is."""
        if self.came is None:
            return f"{self.state} · {both_ends(self.of.task_id, 40)}"
        said = self.came.said
        return (said.title or said.content) if said is not None else self.came.memory_id

    @property
    def state(self) -> str:
        """How far the task is."""
        task = self.of.task
        if self.of.trouble or task is None:
            return self.of.trouble or _("asking …")
        state = _(TASK_STATES.get(task.state, task.state))
        return " · ".join([state, *task_counts(task)])

    def cell(self, column: str, now: int) -> str:
        """Return what stands in a column of changes."""
        said = None if self.came is None else self.came.said
        return {
            "Found": lambda: phrases.short_age(self.of.at, now),
            "Change": lambda: _("task") if self.came is None else did(self.came),
            "View": lambda: "" if self.came is None else phrases.view_word(self.came.view),
            "What": lambda: self.what,
            "How": lambda: "" if self.came is None else _("of the task"),
            CONVERSATION: lambda: (said.conversation_id or "") if said is not None else "",
            "Whose": lambda: called(said.ref) if said is not None and said.ref else "",
        }[column]()


@dataclass(frozen=True)
class FoundRow(ChangeRow):
    """A change that a watch has found; `since`: what it has found of the same memory after that, in words."""

    since: str = ""

    def what(self, shown: Collection[str]) -> str:
        """Return what changed; before it, that this is not the latest of the memory."""
        what = super().what(shown)
        return f"{self.since} · {what}" if self.since else what


LiveRow = ChangeRow | TaskRow


def did(came: Came) -> str:
    """Return what a task did to a memory, with a question mark where that is a guess."""
    word = _(_DID[came.guess])
    return word if came.sure or came.guess == "not asked" else f"{word}?"


def words_of(reads: Reads, row: LiveRow | None) -> str:
    """Return which words a change has brought, or what is new in it; ``""``: there are none to tell."""
    if not isinstance(row, ChangeRow):
        return ""
    if (edit := row.change.edit) is not None:
        return edited_words(edit.before, edit.after)
    if not isinstance(row.about, Memory):
        return ""
    change, memory = row.change, row.about
    if change.kind == "added":
        return memory.content
    if change.version is None:
        return ""
    said = []
    for one in differences_of(reads, memory.pk, change.version):
        parts = one.parts if one.between else around(one.parts, BESIDE_DIFFERENCE)
        said.append(f"{_(FIELDS[one.field])}: {one.between.join(map(marked, parts))}")
    return " · ".join(said)


@dataclass
class FoundChanges(Changes):
    """Those of the changes that a watch has found and keeps, the latest first; with whose each is."""

    found: Sequence[tuple[SubjectRef, Change]] = field(default=(), compare=False)

    def _found(self, _reads: Reads) -> list[Change]:
        whose, kinds = self.subject, self.kinds
        return [
            change
            for ref, change in reversed(self.found)
            if change.kind in kinds and whose in (None, ref)
        ]

    def rows(self, reads: Reads, keys: Sequence[int]) -> list[ChangeRow]:
        """Return rows; all but the latest of a memory say what was found of it since."""
        latest = {change.listing_pk: change for _ref, change in self.found}
        return [
            FoundRow(row.key, row.change, row.about, _since(row.change, latest))
            for row in super().rows(reads, keys)
        ]


def _since(change: Change, latest: Mapping[int | None, Change]) -> str:
    """Return what was found of the memory after a change, ``""``: nothing, or it is none of a memory."""
    if change.listing_pk is None or (last := latest[change.listing_pk]).at == change.at:
        return ""  # what is back with another text has two rows of the same reading
    return _(_SINCE.get(last.kind, _CHANGED_SINCE))


@dataclass
class LiveRows:
    """The tasks, with what came of each below it, then the changes."""

    changes: FoundChanges
    tasks: Sequence[Followed] = field(default=(), compare=False)

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys of the rows: those of tasks are negative."""
        return array("q", [row.key for row in self._tasks()]) + self.changes.keys(reads)

    def rows(self, reads: Reads, keys: Sequence[int]) -> list[LiveRow]:
        """Return rows; without what was removed since."""
        wanted = set(keys)
        tasks: list[LiveRow] = [row for row in self._tasks() if row.key in wanted]
        return [*tasks, *self.changes.rows(reads, [key for key in keys if key >= 0])]

    def _tasks(self) -> Iterator[TaskRow]:
        for one in self.tasks:
            first = -1 - one.number * _APART
            yield TaskRow(first, one)
            for place, came in enumerate(one.came[: _APART - 2], 1):
                yield TaskRow(first - place, one, came)


def columns(*, of_one: bool) -> list[Column[LiveRow]]:
    """Return the columns; `of_one`: all is of one user."""
    return [_for_both(column) for column in (OF_ONE if of_one else COLUMNS)]


def _for_both(column: Column[ChangeRow]) -> Column[LiveRow]:
    def text(row: LiveRow, now: int, shown: Collection[str]) -> str:
        if isinstance(row, TaskRow):
            return row.cell(column.name, now)
        return column.text(row, now, shown)

    def style(row: LiveRow) -> str:
        if not isinstance(row, TaskRow):
            return column.style(row) if callable(column.style) else column.style
        failed = row.of.trouble or (row.of.task is not None and row.of.task.state == "failed")
        return "warn" if failed else "accent" if column.name == "Change" else ""

    return Column(
        column.name,
        text,
        column.width,
        right=column.right,
        gives_way=column.gives_way,
        style=style,
        is_id=column.is_id,
    )
