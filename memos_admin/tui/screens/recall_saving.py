"""What the recall lab saves into files: what is expected of a question, and opening it again."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.screen import Screen
from textual.widgets import Input

from memos_admin.backend.display import one_line
from memos_admin.backend.recall import saving
from memos_admin.backend.recall.questions import Saved
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.tui import background
from memos_admin.tui.reader import in_thread
from memos_admin.tui.screen_safe import why_no_field
from memos_admin.tui.screens.dialogs import Ask, Choice
from memos_admin.tui.screens.questions import USUAL_FILE, QuestionsScreen
from memos_admin.tui.telling import tell
from memos_admin.tui.widgets.field import Field
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.recall.lab import Question, Table
    from memos_admin.backend.recall.parameters import Parameters
    from memos_admin.tui.rows.recall import Opened, RecallRow, RecallState
    from memos_admin.tui.session import Session
    from memos_admin.tui.widgets.row_list import RowList


class SavesQuestions(Screen[Any], inherit_bindings=False):
    """A screen over `state`, whose question was asked."""

    state: RecallState
    _session: Session
    _configured: Parameters
    _list: RowList[RecallRow]

    @property
    def _is_answered(self) -> bool:
        """Whether the table is that of what stands in the field and is sent."""
        raise NotImplementedError

    async def _tabulate(self, table: Table | None) -> None:
        """Show a table."""
        raise NotImplementedError

    def action_again(self) -> None:
        """Ask."""
        raise NotImplementedError

    def _goes_on(self, question: Question) -> bool:
        """Whether a question is the one that memories are marked for."""
        table, opened = self.state.table, self.state.opened
        before = None if opened is None else opened.text
        return question.text == (before if table is None else table.answers.question.text)

    def action_mark(self, must: bool) -> None:
        """Expect that the memory under the cursor is recalled, or is not; again: expect nothing."""
        row, marks = self._list.row, self.state.marks
        if row is None or not self._is_answered:
            return
        if marks.get(row.row.memory_id) == must:
            del marks[row.row.memory_id]
        else:
            marks[row.row.memory_id] = must
        self.state.chosen = row.known_by
        background.start(self, partial(self._tabulate, self.state.table), "show", awaited=True)

    def action_save(self) -> None:
        """Save the question with what is marked: into the one that was opened, or as another."""
        opened = self.state.opened
        if opened is None or not self._is_answered:
            self._save_new()
            return
        options = [
            ("into", _("into “{name}”").format(name=one_line(opened.saved.called, 60))),
            ("new", _("as another question")),
        ]

        def chosen(key: str | None) -> None:
            if key == "into":
                background.start(self, partial(self._save_into, opened), "save")
            elif key == "new":
                self._save_new()

        text = _("What is expected of it stands in {file}.").format(
            file=one_line(Path(opened.file).name, 60)
        )
        self.app.push_screen(Choice(_("Save"), options, text=text, wide=True), chosen)

    async def _save_into(self, opened: Opened) -> None:
        workspace, state = self._session.workspace, self.state
        expected = state.to_expect
        try:
            saved = await in_thread(saving.expect, workspace, opened.file, opened.saved, expected)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self.notify(one_line(said_by(error), 600), severity="error", markup=False)
            return
        state.opened = opened._replace(saved=saved)
        told = _("What “{name}” expects is written. ' has the questions, and checks them.")
        journaled = await in_thread(self._session.journaling.said)
        told = sentences(told.format(name=one_line(saved.called, 60)), journaled)
        tell(self, told)

    def _save_new(self) -> None:
        """Save the question with what is marked into a file."""
        saved = self.state.to_save
        if saved is None or not self._is_answered:
            tell(self, _("Mark what is expected first: + what must be in, - what must not."))
            return
        workspace = self._session.workspace

        async def take(path: str) -> str:
            try:
                kept = await in_thread(lambda: saving.save(workspace, path, saved))
            except Exception as error:  # noqa: BLE001 - whatever it is, the dialog stays and says it
                return said_by(error)
            self.state.questions.file = path
            self.state.marks.clear()
            self.state.opened = None
            told = _(
                "Saved as “{name}”, number {count} of {file}. ' has them, and checks them."
            ).format(
                name=one_line(kept.name, 60), count=kept.number, file=one_line(str(kept.path), 80)
            )
            journaled = await in_thread(self._session.journaling.said)
            tell(self, sentences(told, journaled))
            await self._tabulate(self.state.table)
            return ""

        text = _(
            "Into which file? It is made where there is none; what it has stays. The question, the user's "
            "id, what is sent and the marked ids are written, no text of a memory."
        )
        self.app.push_screen(
            Ask(
                _("Save the question"),
                text,
                value=self.state.questions.file or USUAL_FILE,
                take=take,
                paths=True,
            )
        )

    def action_questions(self) -> None:
        """Show the questions of a file, to check them, or to go on with one."""

        def chosen(saved: Saved | None) -> None:
            if saved is None:
                return
            if why := why_no_field(saved.text):
                tell(self, why)
                return
            self.state.open(saved, self._configured)
            with self.query_one(Field).prevent(Input.Changed):
                self.query_one(Field).put(self.state.text)
            self.action_again()

        self.app.push_screen(QuestionsScreen(self._session, self.state.questions), chosen)
