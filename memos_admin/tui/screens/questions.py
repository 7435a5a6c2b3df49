"""The questions that a file has for the recall lab: what is expected of each, and whether it is so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, cast

from textual.binding import Binding, BindingType

from memos_admin.backend.display import one_line
from memos_admin.backend.recall import checking, questions, saving
from memos_admin.backend.recall.checking import Checked
from memos_admin.backend.recall.parameters import Parameters, of_project
from memos_admin.backend.recall.questions import Expectation, Saved
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.jobs import taking
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.reader import in_thread
from memos_admin.tui.rows import questions as question_rows
from memos_admin.tui.rows.questions import Kept, QuestionRow, QuestionRows, QuestionsState
from memos_admin.tui.screen_safe import why_no_field
from memos_admin.tui.screens.dialogs import Ask, Choice, example
from memos_admin.tui.screens.over_list import MOVES, help_key
from memos_admin.tui.screens.reasoned import READS, Reasoned
from memos_admin.tui.session import Session
from memos_admin.tui.telling import tell
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words import phrases
from memos_admin.tui.words.command_line import behind
from memos_admin.tui.words.failures import said_by

USUAL_FILE = "recall.toml"


class QuestionsScreen(CopiesCommand, Reasoned[Saved | None], inherit_bindings=False):
    """Returns the question that a person wants to ask; None where a person left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("c", "check(False)", show=False),
        Binding("a", "check(True)", show=False),
        Binding("e", "expected", show=False),
        Binding("o", "file", show=False),
        Binding("r", "again", show=False),
        Binding("x", "stop", show=False),
        COPY,
        *READS,
        *MOVES,
    ]
    reason = N_("What is expected")

    def __init__(self, session: Session, state: QuestionsState) -> None:
        """Take the project, and what the screen was left with."""
        super().__init__()
        self.state = state
        self._session = session
        self._configured = Parameters()
        self._before: Mapping[str, Kept] = {}
        self._asking: list[Saved] = []
        self._wanted = 0
        self._problem = ""
        self._list = RowList[QuestionRow](
            question_rows.COLUMNS, lambda row: row.key, id="questions", least=20
        )
        self._pane = Pane(_("Saved questions"), self._list, id="questions-pane")

    def on_mount(self) -> None:
        """Read the file that was open last, or ask for one."""
        self.set_focus(self._list)
        self._show_keys()
        if self.state.file:
            self.action_again()
        else:
            self._say()
            self.action_file()

    def on_unmount(self) -> None:
        """Remember where the cursor was."""
        self.state.row = self._list.cursor_key

    # -- the file --------------------------------------------------------------------------------

    def action_file(self) -> None:
        """Ask for the file with the questions."""

        async def take(file: str) -> str:
            try:
                await self._read(file)
            except Exception as error:  # noqa: BLE001 - whatever it is, the dialog stays and says it
                return _why_not_read(error, file)
            return ""

        def left(_file: str | None) -> None:
            if not self.state.file:
                self.dismiss(None)

        text = _(
            "Which file? One that the recall lab saves questions into with w, in TOML; recall check asks "
            "the same."
        )
        value = self.state.file or USUAL_FILE
        self.app.push_screen(
            Ask(_("Saved questions"), text, value=value, take=take, paths=True), left
        )

    def action_again(self) -> None:
        """Read the file again."""
        background.start(self, self._read_again, "questions", awaited=True)

    async def _read_again(self) -> None:
        try:
            await self._read(self.state.file)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self.state.take(())
            text = _("The questions cannot be read: {error}")
            self._problem = text.format(error=one_line(_why_not_read(error, self.state.file), 600))
            await self._show()

    async def _read(self, file: str) -> None:
        """Show the questions of a file, and how they ended last. Raises what reading raises."""
        workspace = self._session.workspace

        def read() -> tuple[tuple[Saved, ...], Parameters]:
            configured = of_project(workspace.home, workspace.project.uuid)
            return questions.read(Path(file).expanduser()), configured

        saved, self._configured = await in_thread(read)
        last = await self._session.reader(checking.last_checks)
        self._before = await in_thread(question_rows.last_ends, saved, self._configured, last)
        self.state.file, self._problem = file, ""
        self.state.take(saved)
        await self._show()

    async def _show(self) -> None:
        state = self.state
        source = QuestionRows(state, self._before, self._asking)
        prefer = () if state.row is None else (state.row,)
        await self._list.load(self._session.reader, source, prefer=prefer)
        self._say()

    def _say(self) -> None:
        """Say which file, how many questions, how they ended, and how far it is."""
        number = len(self._list)
        self._pane.set_title(_("Saved questions"), one_line(Path(self.state.file).name, 200))
        self._pane.set_count(phrases.of(self._list.cursor + 1, number) if number else "")
        told = question_rows.notes(self.state)
        if self._asking:
            done = _("asking · {done} of {of} · x stops").format(
                done=phrases.count(self._wanted - len(self._asking)),
                of=phrases.count(self._wanted),
            )
            told = [Part(done), *told]
        self._pane.set_note(told)
        self._pane.set_empty("" if number else self._nothing())
        self._why.show(question_rows.about(self._list.row, self._configured))

    def _nothing(self) -> str:
        if not self.state.file:
            return _("No file is open.")
        return self._problem or _("The file has no question.")

    def _show_keys(self) -> None:
        keys = [
            ("c", _("check"), "check(False)"),
            ("a", _("check all"), "check(True)"),
            ("enter", _("ask in the lab"), "enter"),
            ("e", _("expect"), "expected"),
            ("o", _("another file"), "file"),
            ("r", _("read again"), "again"),
        ]
        if self._asking:
            keys.insert(0, ("x", _("stop"), "stop"))
        self.show_keys([*keys, help_key(), ("escape", _("back"), "dismiss(None)")])

    def draw_anew(self) -> None:
        """Draw rows and what came of one anew: something else is masked."""
        self._list.redraw()
        self._say()

    # -- checking --------------------------------------------------------------------------------

    def action_check(self, everything: bool) -> None:
        """Ask MemOS, and compare with what is expected: the question under the cursor, or all."""
        row = self._list.row
        if row is None or self._asking:
            return
        wanted = self.state.saved if everything else (row.saved,)
        self._wanted, self._asking = len(wanted), [*wanted]
        background.start(self, partial(self._check, wanted), "check")

    async def _check(self, wanted: Sequence[Saved]) -> None:
        """Check questions; what came of them is kept for the next time, of those that were asked."""
        self._show_keys()
        await self._show()
        done: list[Checked] = []

        def one_done(checked: Checked) -> None:
            done.append(checked)
            self._asking.remove(checked.saved)
            if (
                checked.saved in self.state.saved
            ):  # another file may have been opened, or it was changed
                self.state.checked[checked.saved.name] = checked
            background.start(self, self._show, "show")

        try:
            await checking.check(
                self._session.workspace,
                wanted,
                self._configured,
                self._session.reader,
                on_done=one_done,
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self.notify(one_line(said_by(error), 600), severity="error", markup=False)
        finally:
            self._asking = []
            if self.is_attached:
                background.start(self, partial(self._end, done), "kept")

    async def _end(self, done: Sequence[Checked]) -> None:
        self._show_keys()
        await self._show()
        if not done:
            return
        try:
            await self._session.open_writer()
            await checking.keep(self._session.workspace, self._session.reader, done)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            text = _("How it ended is not kept for the next time: {error}")
            self.notify(text.format(error=one_line(said_by(error), 300)), markup=False)

    def action_stop(self) -> None:
        """Stop asking; what came of those that were asked stays."""
        self.workers.cancel_group(self, "check")

    # -- what is expected ------------------------------------------------------------------------

    def action_expected(self) -> None:
        """Choose what is expected of the question under the cursor, to change or add to it."""
        row = self._list.row
        if row is None:
            return
        saved = row.saved
        options = [(str(n), question_rows.wanted(one)) for n, one in enumerate(saved.expected)]
        options += [("+", _("more: what must be in")), ("-", _("more: what must not be in"))]

        def chosen(key: str | None) -> None:
            if key in {"+", "-"}:
                self._type(saved, None, must=key == "+")
            elif key is not None:
                old = saved.expected[int(key)]
                self._type(saved, old, must=old.must)

        self.app.push_screen(
            Choice(_("What is expected"), options, text=saved.text, wide=True), chosen
        )

    def _type(self, saved: Saved, old: Expectation | None, *, must: bool) -> None:
        """Let a person type an expectation, in place of `old`, or in addition."""
        from memos_admin.backend.recall.writing import typed

        async def take(said: str) -> str:
            expected = [one for one in saved.expected if one != old]
            try:
                if old is None or said != "-":
                    one = questions.parse_expectation(said, must=must)
                    place = len(expected) if old is None else saved.expected.index(old)
                    expected.insert(place, one)
                file, workspace = self.state.file, self._session.workspace
                await in_thread(saving.expect, workspace, file, saved, expected)
                await self._read(file)
            except OSError as error:
                return taking.why_not(error, self.state.file)
            except Exception as error:  # noqa: BLE001 - whatever it is, the dialog stays and says it
                return said_by(error)
            return ""

        text = _(
            "As it stands in the file: {memory}, or {words} (a text, or a list of them), then {within} and "
            "{view} if you like."
        ).format(memory="memory", words="words", within="within", view="view")
        before = "" if old is None else typed(old)
        if why := why_no_field(before):
            tell(self, why)
            return
        if before:
            text = sentences(text, _("- takes it out."))
        self.app.push_screen(
            Ask(
                _("Must be in") if must else _("Must not be in"),
                text,
                value=before,
                prompt=example('words = "trains", within = 3'),
                take=take,
            )
        )

    # -- the row ---------------------------------------------------------------------------------

    def command(self) -> CommandOf | str:
        """Return the command that checks the question under the cursor."""
        row = self._list.row
        if row is None:
            return _("There is no question here.")
        file = str(Path(self.state.file).expanduser().absolute())
        words = ["recall", "check", f"--question={row.saved.name}", *behind(file)]
        return CommandOf(words, None, _("Without --question it checks all of the file."))

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        """Say what came of the question."""
        if event.by_hand:
            self._frame.scroll_home(animate=False)
        self._say()

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Ask the question in the lab."""
        self.dismiss(cast("QuestionRow", event.row).saved)


def _why_not_read(error: Exception, file: str) -> str:
    """Return in a sentence why a file could not be read."""
    if isinstance(error, FileNotFoundError):
        return _("There is no file {file}.").format(file=file)
    if isinstance(error, PermissionError):
        return _("{file} may not be read by you.").format(file=file)
    return said_by(error)
