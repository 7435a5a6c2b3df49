"""Exporting: what, in which form and where to, with the first rows as they will be written."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Static

from memos_admin.backend.display import both_ends, called, printable
from memos_admin.backend.model import Conversation, Filter, SubjectRef
from memos_admin.backend.privacy import Privacy
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.jobs import exporting
from memos_admin.tui.jobs.exporting import Plan, Target, What, Writing
from memos_admin.tui.jobs.taking import why_not
from memos_admin.tui.reader import in_thread
from memos_admin.tui.session import Session
from memos_admin.tui.standing import Progress
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.choice_line import ChoiceLine
from memos_admin.tui.widgets.export_form import ExportForm
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.preview_table import PreviewTable
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine
from memos_admin.tui.words import phrases
from memos_admin.tui.words.command_line import of_export
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.export.exporting import ExportReport, Preview

Key = tuple[str, str, str]

_LEAVING = 0.3
"""Seconds that leaving waits for an unfinished file to go away."""

_MOST = 4_000
"""Characters of what is said; an error may quote a text from outside."""


class ExportScreen(CopiesCommand, Veiled, Screen[None], inherit_bindings=False):
    """Writes one conversation, all of a user, agent or everyone, or memories to a file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", show=False),
        Binding("w", "write", show=False),
        Binding("escape", "back", show=False),
        Binding("x", "stop", show=False),
        Binding("y", "copy", show=False),
        COPY,
        Binding("e", "more", show=False),
        Binding("q", "quit", show=False),
        Binding("ctrl+q", "app.quit", show=False),
        Binding("tab,down", "app.focus_next", show=False),
        Binding("shift+tab,up", "app.focus_previous", show=False),
    ]

    DEFAULT_CSS = """
    ExportScreen {
        & #said {
            height: auto; max-height: 40%; padding: 1 2 1 2; scrollbar-size-vertical: 1;
        }
        & #said Static { height: auto; }
        & #said.ended { height: 1fr; max-height: 100% !important; }
        & .dim { color: $text-muted; }
        & #message.failed { color: $text-error; }
        & #preview-pane { height: 1fr; }
    }
    ExportScreen.-low #said { padding: 0 2; max-height: 3; }
    ExportScreen.-low #said.telling { max-height: 4; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 - as Textual declares it

    def __init__(
        self,
        session: Session,
        subject: SubjectRef,
        conversation: Conversation | None = None,
        memories: Filter | None = None,
        *,
        privacy: Privacy | None = None,
        answer_key: str = "",
    ) -> None:
        """Take whose, and what is shown: begin with the first of these that there is.

        Args:
            session: the project.
            subject: a user or agent.
            conversation: the one that is shown, if any.
            memories: the filter of those that are shown; None: all of the subject can be chosen.
            privacy: what is masked on the screens, and so at first in the file; None: nothing.
            answer_key: how the key is written that answers a person's request, ``""``: none does.
        """
        super().__init__()
        self._session, self._answer_key = session, answer_key
        name = None if conversation is None else conversation.conversation_id
        what: What = "subject" if memories is None else "memories"
        # Only the memories can be had as of a past instant.
        present = memories is None or memories.as_of is None
        plan = Plan(
            "conversation" if name and present else what,
            subject,
            name,
            memories or Filter(subject=subject),
            privacy=privacy or Privacy(),
        )
        self._form = ExportForm(session, plan)
        self._writing: Writing | None = None
        self._written: ExportReport | None = None
        self._confirmed: str | None = None
        self._empty = False
        self._about: object = None
        self._timer: Timer | None = None
        self._status = StatusLine(id="status", standing=session.standing)
        self._keys = KeyLine(id="keys")
        self._table = PreviewTable(id="preview")
        self._pane = Pane(_("First rows"), self._table, id="preview-pane")
        self._message = Static(id="message")
        self._facts = Static(id="facts", classes="dim")

    def compose(self) -> ComposeResult:
        """Return the choices, what is said about them, the first rows and the keys."""
        yield self._status
        yield self._form
        with VerticalScroll(id="said", can_focus=False):
            yield self._message
            yield self._facts
        yield self._pane
        yield self._keys

    def on_mount(self) -> None:
        """Begin with what is shown, as CSV, under a name of its own."""
        self._status.set_project(self._session.name, self._session.host)
        self._message.display = False
        self.query_one("#what").focus()
        self._changed()

    def draw_anew(self) -> None:
        """Show what there is to choose, and the first rows, as they are masked by now.

        What will be masked in the file stays as it was chosen.
        """
        self._form.draw_anew()
        if self._written is None and self._writing is None:
            self._changed()

    # -- choosing --------------------------------------------------------------------------------

    def on_choice_line_chosen(self) -> None:
        """Show what a choice means, which the form has taken."""
        self._changed()

    def _changed(self) -> None:
        self._confirmed = None
        self._say("")
        plan = self._form.plan
        about = plan.what, None if plan.is_of_everyone else plan.subject
        if about != self._about:
            self._about = about
            self._let_go()
        whose = _("everyone") if plan.is_of_everyone else both_ends(called(plan.subject), 40)
        self._status.set_state(_("export from {whose}").format(whose=whose))
        background.start(self, partial(self._look, plan), "look")
        background.start(self, partial(self._form.suggest, plan), "suggest", awaited=True)

    def _let_go(self) -> None:
        """Show no rows, and say nothing of them, until they are read."""
        self._empty = False
        self._table.show([], [])
        self._facts.update("")
        self._pane.wait()

    async def _look(self, plan: Plan) -> None:
        self._pane.set_title(_("First rows"), _("reading …"))
        try:
            shown = await in_thread(exporting.look, self._session.workspace, plan)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._let_go()
            self._pane.set_title(_("First rows"))
            self._pane.fail(_("These rows could not be read. A choice reads them again."))
            self._say(said_by(error), error=True)
            return
        self._show(plan, shown)

    def _show(self, plan: Plan, shown: Preview) -> None:
        number = len(shown.rows)
        if number:
            ref = None if plan.is_of_everyone else plan.subject
            self._session.journaling.shown(f"export.{plan.what}", ref)
        self._empty = not number
        whole = shown.total + shown.memories
        self._pane.set_title(
            _("First rows"), phrases.of(number, whole) if number < whole else _("all")
        )
        self._pane.set_empty("" if number else exporting.nothing(plan))
        self._table.show(*exporting.table(shown))
        text = "\n".join(
            exporting.what_is_written(
                plan,
                shown,
                self._session.journaling.ticket,
                self._answer_key,
                is_private=self._session.proposes_private,
            )
        )
        self._facts.update(Content(printable(text, newlines=True)))

    def on_preview_table_moved(self) -> None:
        """Say which columns are seen."""
        first, last, number = self._table.shown
        text = _("columns {first}-{last} of {count}").format(first=first, last=last, count=number)
        self._pane.set_count(text if number else "")

    # -- writing ---------------------------------------------------------------------------------

    def is_about(self, ref: SubjectRef) -> bool:
        """Whether it is about somebody, whatever its command says."""
        return self._form.plan.subject == ref

    def command(self) -> CommandOf | str:
        """Return the command that writes this file."""
        path = self._form.field.value.strip()
        if not path:
            return _("Say where to first.")
        return CommandOf(of_export(self._form.plan, path), self._form.plan.subject)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write."""
        event.stop()
        self.action_write()

    def action_enter(self) -> None:
        """Go from a choice to what is next; else write. When all is done, leave."""
        if self._written is not None:
            self.dismiss(None)
        elif isinstance(self.focused, ChoiceLine):
            self.focus_next()
        else:
            self.action_write()

    def action_write(self) -> None:
        """Write; ask once more before a file is replaced, or one without a row is made."""
        if self._written is None and self._writing is None:
            if text := self._form.field.value.strip():
                background.start(self, partial(self._begin, text), "begin")
            else:
                self._say(_("Where to? The name of the file is empty."), error=True)

    async def _begin(self, text: str) -> None:
        target = await in_thread(exporting.look_at_target, text)
        if target.problem:
            self._say(
                _("Nothing was written. {problem}").format(problem=target.problem), error=True
            )
        elif (target.exists or self._empty) and self._confirmed != text:
            self._confirmed = text
            exists = _("{path} exists. Press enter again to replace it.").format(path=text)
            empty = _("There is nothing to write. Press enter again for a file without a row.")
            self._say(exists if target.exists else empty)
            self._form.field.focus()
            self._show_keys()
        elif self._writing is None:
            self._writing = Writing(self._form.plan, target.path)
            background.start(self, partial(self._write, self._writing, target, text), "write")

    async def _write(self, writing: Writing, target: Target, text: str) -> None:
        self._set_form(on=False)
        self._say(_("Writing {path}").format(path=text))
        self._timer = self.set_interval(0.1, self._show_progress)
        self._show_progress()
        self._show_keys()
        try:
            report = await in_thread(writing.run, self._session.workspace)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._failed(writing, error, text)
        else:
            self._ended(report)
            self._session.export_folder = target.path.parent
        # Where this was cancelled, `on_unmount` stops what still writes.
        self._timer.stop()
        self._writing = None
        self._status.set_progress(None)
        self._show_keys()

    def _show_progress(self) -> None:
        if (writing := self._writing) is None:
            return
        done, total = writing.done, writing.total
        text = _("starting")
        if total:
            text = _("{count} of {total} written").format(
                count=phrases.count(done), total=phrases.count(total)
            )
        if writing.stopping:
            text = _("stopping …")
        elif total and done == total:
            text = _("putting the file together")
        self._status.set_progress(Progress(done, total, text))

    def _failed(self, writing: Writing, error: Exception, text: str) -> None:
        self._set_form(on=True)
        if writing.stopping:
            self._say(_("Stopped. Nothing was written, and what was there is unchanged."))
        else:
            why = why_not(error, text) if isinstance(error, OSError) else said_by(error)
            self._say(_("Nothing was written. {problem}").format(problem=why), error=True)
        self._form.field.focus()

    def _ended(self, report: ExportReport) -> None:
        self._written = report
        self._say("\n".join(exporting.what_was_written(self._form.plan, report)))
        self._facts.display = self._pane.display = False
        self.query_one("#said").add_class("ended")

    # -- keys ------------------------------------------------------------------------------------

    def action_stop(self) -> None:
        """Stop writing; else the syncs that run."""
        if self._writing is not None:
            self._writing.stop()
            self._show_progress()
        elif self._session.standing.progress is not None:
            self._session.standing.stop()

    def action_back(self) -> None:
        """Stop writing, or leave."""
        if self._writing is not None:
            self.action_stop()
        else:
            self.dismiss(None)

    def action_quit(self) -> None:
        """Quit, unless something is being written: that would be lost."""
        if self._writing is None:
            self.app.exit()

    def action_copy(self) -> None:
        """Copy the path of what was written."""
        if self._written is not None:
            self.app.copy_to_clipboard(str(self._written.path))
            self._keys.show([("y", _("copied"), "copy"), *self._keys_when_done()[1:]])

    def action_more(self) -> None:
        """Export something else."""
        if self._written is None:
            return
        self._written = None
        self._facts.display = self._pane.display = True
        self.query_one("#said").remove_class("ended")
        self._set_form(on=True)
        self.query_one("#what").focus()
        self._changed()

    def on_unmount(self) -> None:
        """Leave nothing unfinished behind."""
        if self._writing is not None:
            self._writing.stop()
            self._writing.wait(_LEAVING)

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Show where the focus is, and what the keys do there."""
        self._form.mark_focus()
        self._show_keys()

    def _show_keys(self) -> None:
        keys: list[Key]
        if self._writing is not None:
            keys = [("x", _("stop"), "stop")]
        elif self._written is not None:
            keys = self._keys_when_done()
        else:
            keys = self._keys_before()
        self._keys.show(keys)

    def _keys_before(self) -> list[Key]:
        if isinstance(self.focused, ChoiceLine):
            keys = [
                ("enter", _("next"), "enter"),
                ("←→", _("choose"), "choose"),
                ("w", _("write"), "write"),
            ]
        else:
            again = _("write it") if self._empty else _("replace it")
            enter = _("write") if self._confirmed is None else again
            keys = [("enter", enter, "write"), ("tab", _("next"), "app.focus_next")]
            if self.focused is self._table:
                keys.append(("←→", _("columns"), "columns"))
        return [*keys, ("escape", _("back"), "back")]

    @staticmethod
    def _keys_when_done() -> list[Key]:
        return [
            ("y", _("copy the path"), "copy"),
            ("e", _("export more"), "more"),
            ("enter", _("back"), "enter"),
        ]

    def action_choose(self) -> None:
        """Choose the next option, where the mouse asks for it."""
        if isinstance(self.focused, ChoiceLine):
            self.focused.action_choose(1)

    def action_columns(self) -> None:
        """Show the next column, where the mouse asks for it."""
        self._table.action_column(1)

    # -- saying ----------------------------------------------------------------------------------

    def _set_form(self, *, on: bool) -> None:
        self._form.disabled = not on
        if not on:
            self.set_focus(None)

    def _say(self, text: str, *, error: bool = False) -> None:
        self._message.display = bool(text)
        self.query_one("#said").set_class(bool(text), "telling")
        self._message.set_class(error, "failed")
        self._message.update(Content(printable(text[:_MOST], newlines=True)))
