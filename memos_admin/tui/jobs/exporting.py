"""What the export screen asks of the backend, and what it says. What blocks is called in a thread.

Nothing of the backend's exports is imported before that: it takes longer than a key press may.
"""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memos_admin.backend.display import both_ends, one_line, veil
from memos_admin.backend.keys import KeyGiven, refuse_key
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.privacy import Privacy
from memos_admin.language import N_, counted, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.jobs.taking import suggest_path, why_not
from memos_admin.tui.words import narrowing, phrases
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.export.exporting import ExportReport, Format, Preview
    from memos_admin.backend.export.scope import Scope
    from memos_admin.backend.workspace import Workspace

What = Literal["conversation", "subject", "messages", "memories", "everyone"]
"""A conversation; all of the subject, or of everyone; its memories, or those of everyone."""

FORMATS: dict[str, tuple[str, Format]] = {
    "csv": ("CSV", "csv"),
    "excel": (N_("CSV for Excel"), "csv"),
    "jsonl": (N_("JSON lines (JSONL)"), "jsonl"),
    "xlsx": (N_("workbook (XLSX)"), "xlsx"),
}
"""The choices with their words and the backend's format."""

MASKS: dict[str, tuple[str, Privacy]] = {
    "none": (N_("as it is"), Privacy()),
    "mask": (N_("masked"), Privacy(True)),
    "names": (N_("masked, other names"), Privacy(True, True)),
}
"""The choices with their words and the backend's."""

ROWS = 50
"""Rows of a preview."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written, and how.

    Attributes:
        memories: which, if `what` is them.
        form: a key of `FORMATS`.
        guard: cells that a spreadsheet would take for a formula get a leading ``'``.
        privacy: what of it is masked.
    """

    what: What
    subject: SubjectRef
    conversation_id: str | None
    memories: Filter
    form: str = "csv"
    guard: bool = True
    privacy: Privacy = field(default_factory=Privacy)

    @property
    def format(self) -> Format:
        """The backend's format."""
        return FORMATS[self.form][1]

    @property
    def mask(self) -> str:
        """The key of `MASKS` for what is masked."""
        return next(key for key, (_text, each) in MASKS.items() if each == self.privacy)

    @property
    def is_of_everyone(self) -> bool:
        """Whether it is not the subject's alone."""
        return self.what in {"messages", "everyone"}

    @property
    def is_of_memories(self) -> bool:
        """Whether memories are written, and no messages."""
        return self.what in {"memories", "everyone"}

    def counted(self, rows: int, memories: int) -> str:
        """Return how many rows there are in words, and how many memories stand beside them."""
        if self.is_of_memories:
            return phrases.memories(rows)
        if not memories:
            return phrases.messages(rows)
        text = _("{messages} and {memories}")
        return text.format(messages=phrases.messages(rows), memories=phrases.memories(memories))

    def scope(self) -> Scope:
        """Return the backend's word for what is to be written."""
        from memos_admin.backend.export.scope import (
            ConversationScope,
            MemoriesScope,
            MessagesScope,
            SubjectScope,
        )

        if self.is_of_memories:
            return MemoriesScope(Filter() if self.what == "everyone" else self.memories)
        if self.what == "messages":
            return MessagesScope()
        if self.what == "conversation" and self.conversation_id is not None:
            return ConversationScope(self.subject, self.conversation_id)
        return SubjectScope(self.subject)


class Writing:
    """An export that is being written in a thread.

    Attributes:
        done, total: messages and memories; 0 until it is known.
    """

    def __init__(self, plan: Plan, path: Path) -> None:
        self.plan, self.path = plan, path
        self.done = self.total = 0
        self._stopped, self._ended = threading.Event(), threading.Event()

    def stop(self) -> None:
        """Let it end, with nothing left of it; returns at once."""
        self._stopped.set()

    @property
    def stopping(self) -> bool:
        """Whether somebody stopped it."""
        return self._stopped.is_set()

    def wait(self, seconds: float) -> None:
        """Wait until it has ended and its unfinished file is gone, but no longer than this."""
        self._ended.wait(seconds)

    def run(self, workspace: Workspace) -> ExportReport:
        """Write; blocks. Raises as `memos_admin.backend.export.export` does."""
        from memos_admin.backend.export.exporting import export

        try:
            return export(
                workspace,
                self.plan.scope(),
                format=self.plan.format,
                output=self.path,
                excel=self.plan.form == "excel",
                raw=not self.plan.guard,
                privacy=self.plan.privacy,
                on_progress=self._tell,
            )
        finally:
            self._ended.set()

    def _tell(self, done: int, total: int) -> None:
        from memos_admin.backend.export.exporting import ExportStopped

        self.done, self.total = done, total
        if self.stopping:
            raise ExportStopped


@dataclass(frozen=True, slots=True)
class Target:
    """A path that was typed: where it leads, what is there, and why not, where it cannot be."""

    path: Path
    exists: bool = False
    problem: str = ""


def look(workspace: Workspace, plan: Plan) -> Preview:
    """Return what would be written; blocks."""
    from memos_admin.backend.export.exporting import preview

    return preview(
        workspace,
        plan.scope(),
        format=plan.format,
        raw=not plan.guard,
        privacy=plan.privacy,
        rows=ROWS,
    )


def table(shown: Preview) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Return the columns and cells of a preview; of JSON lines the keys, and the values as JSON.

    Lines as they are begin alike, so that nobody would see what differs: that comes first, and what
    most lines have.
    """
    if shown.columns or not shown.rows:
        return shown.columns, shown.rows
    objects = [json.loads(line) for (line,) in shown.rows]
    keys = [*dict.fromkeys(key for each in objects for key in each)]
    keys.sort(key=lambda key: _says_little([each[key] for each in objects if key in each]))
    rows = [[_value(each[key]) if key in each else "" for key in keys] for each in objects]
    return keys, rows


def _says_little(values: list[object]) -> tuple[bool, bool, int]:
    """Return a key to sort columns by: those with objects in them last, those all alike before."""
    nested = any(isinstance(value, dict) for value in values)
    alike = len(values) > 1 and all(value == values[0] for value in values)
    return nested, alike, -len(values)


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def suggest(project: str, plan: Plan, folder: Path) -> str:
    """Return a path where nothing is yet, named by what is written; blocks."""
    name = {"conversation": plan.conversation_id or "", "memories": "memories"}.get(plan.what, "")
    if plan.what == "messages":
        name = "messages"
    whose = None if plan.is_of_everyone else plan.subject
    if whose is not None and plan.privacy.mask and veil() is None:
        # Its name would say what is masked in the file.
        whose, name = SubjectRef(whose.kind, "masked"), ""
    return suggest_path(project, whose, name, ending=plan.format, folder=folder)


def look_at_target(text: str) -> Target:
    """Return what is at a path that was typed; blocks."""
    try:
        refuse_key(text, N_("file name"))  # it is noted in the manifest
    except KeyGiven as error:
        return Target(Path(), problem=said_by(error))
    try:
        path = Path(text).expanduser()
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "Is a folder")
        if not path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "No such folder")
        return Target(path.absolute(), exists=path.exists())
    except (OSError, RuntimeError, ValueError) as error:
        return Target(Path(text), problem=why_not(error, text))


# -- words ---------------------------------------------------------------------------------------


def choices(plan: Plan) -> list[tuple[str, str]]:
    """Return (key, words) of what can be written."""
    found = []
    if plan.conversation_id:
        name = both_ends(plan.conversation_id, 14)
        found.append(("conversation", _("conversation {id}").format(id=name)))
    found.append(("subject", _("all conversations")))
    found.append(("memories", _("memories as shown") if narrows(plan.memories) else _("memories")))
    found.append(("everyone", _("memories of everyone")))
    found.append(("messages", _("messages of everyone")))
    return found


def narrows(wanted: Filter) -> bool:
    """Tell whether a filter leaves out memories of its subject."""
    plain = Filter(subject=wanted.subject, order=wanted.order, descending=wanted.descending)
    return wanted != plain


def filter_words(wanted: Filter) -> str:
    """Return what a filter narrows by, ``""`` where by nothing."""
    return _(", ").join(one_line(chip.text, 60) for chip in narrowing.chips(wanted))


def nothing(plan: Plan) -> str:
    """Return that there is nothing to write."""
    return _("There are no memories.") if plan.is_of_memories else _("There are no messages.")


def what_is_written(
    plan: Plan,
    shown: Preview,
    ticket: str = "",
    answer_key: str = "",
    *,
    is_private: bool = False,
) -> Iterator[str]:
    """Yield what a preview says beside its rows, a line each.

    Args:
        plan: what is to be written.
        shown: its preview.
        ticket: what it is journaled for; ``""``: nothing.
        answer_key: how the key is written that answers a person's request, ``""``: none does.
        is_private: the folder that is proposed is that of exports.
    """
    from memos_admin.backend.export.completeness import NOTHING

    count = plan.counted(shown.total, shown.memories)
    which = filter_words(plan.memories) if plan.what == "memories" else ""
    text = _("{count} ({which}).") if which else _("{count}.")
    for_ticket = _("For ticket {ticket}.").format(ticket=ticket) if ticket else ""
    yield sentences(text.format(count=count, which=which), for_ticket)
    if plan.what != "memories" and plan.memories.as_of is not None:
        yield _("This is as of now. As of then only the memories as shown can be written.")
    if not plan.guard and plan.format == "csv":
        yield (
            _(
                "Warning: cells that a spreadsheet runs as formulas stay as they are. Do not "
                "open the file in one."
            )
        )
    if veil() is not None and not plan.privacy.mask:
        yield _("Masks are seen here only: the file will have what is behind them.")
    if shown.incomplete:
        yield from shown.incomplete
    else:
        yield _(NOTHING)
    if is_private:
        yield _(
            "The folder is your own: nobody else can read it. Where you write to is proposed next."
        )
    if plan.what == "subject" and answer_key:
        yield _(
            "Does the person ask for their data? escape, then {key} writes one archive with a document."
        ).format(key=answer_key)


def what_was_written(plan: Plan, report: ExportReport) -> Iterator[str]:
    """Yield what a report says, a line each."""
    count = plan.counted(report.rows, report.memories)
    yield _("Wrote {count} to {path}").format(count=count, path=report.path)
    if report.masked is not None:
        yield counted(
            report.masked,
            "It is masked: {count} part of what it says.",
            "It is masked: {count} parts of what it says.",
        )
    if report.guarded:
        yield counted(
            report.guarded,
            "{count} cell began like a formula, or a part did, and got a ' there so that no spreadsheet runs it.",
            "{count} cells began like a formula, or a part did, and got a ' there so that no spreadsheet "
            "runs them.",
        )
    if report.cut:
        yield counted(
            report.cut,
            "{count} cell cut: a workbook's hold 32,767 characters. CSV and JSON lines hold all.",
            "{count} cells cut: a workbook's hold 32,767 characters. CSV and JSON lines hold all.",
        )
    yield from report.incomplete
    yield report.journal
    if report.manifest is not None:
        yield _("What it is, and how complete, stands in {path}").format(path=report.manifest.name)
    elif report.no_manifest:
        text = _("Its manifest could not be written: {error}. The file is whole.")
        yield text.format(error=report.no_manifest)
