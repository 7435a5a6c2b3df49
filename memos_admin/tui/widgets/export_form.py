"""What is exported, in which form, what is masked in it, and where to."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.jobs import exporting
from memos_admin.tui.jobs.exporting import FORMATS, MASKS, Plan, What
from memos_admin.tui.reader import in_thread
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.choice_line import ChoiceLine
from memos_admin.tui.widgets.field import Field

_NO_GUARD = {
    "jsonl": N_("not needed: JSON is no table"),
    "xlsx": N_("not needed: every cell is text"),
}


class ExportForm(Vertical):
    """The choices and the field. A choice bubbles on as `ChoiceLine.Chosen` once it is taken.

    Attributes:
        plan: what is chosen.
        field: where to.
    """

    DEFAULT_CSS = """
    ExportForm {
        height: auto;
        & #where-line { height: 1; }
        & #where-label { width: 10; color: $text-muted; }
        & #path { width: 1fr; background: $background; padding: 0; }
        & #path:focus { background: $surface; }
    }
    """

    def __init__(self, session: Session, plan: Plan) -> None:
        """Take the project, and what is chosen at first."""
        super().__init__(id="form")
        self.plan, self._session, self._suggested = plan, session, ""
        self.field = Field(compact=True, id="path", placeholder=_("a file, ~ is your home"))

    def compose(self) -> ComposeResult:
        """Return the choices and the field."""
        formats = [(key, _(text)) for key, (text, _format) in FORMATS.items()]
        masks = [(key, _(text)) for key, (text, _privacy) in MASKS.items()]
        guards = [("on", _("a leading ' guards formulas")), ("off", _("none"))]
        yield ChoiceLine(_("What"), exporting.choices(self.plan), chosen=self.plan.what, id="what")
        yield ChoiceLine(_("Format"), formats, id="form-of")
        yield ChoiceLine(_("Guard"), guards, id="guard")
        yield ChoiceLine(_("Mask"), masks, chosen=self.plan.mask, id="mask")
        with Horizontal(id="where-line"):
            yield Static(id="where-label")
            yield self.field

    def draw_anew(self) -> None:
        """Show what there is to choose as it is masked by now."""
        self.query_one("#what", ChoiceLine).renew(exporting.choices(self.plan))

    def on_choice_line_chosen(self, event: ChoiceLine.Chosen) -> None:
        """Take a choice."""
        if event.line.id == "what":
            self.plan = replace(self.plan, what=cast("What", event.key))
        elif event.line.id == "form-of":
            self.plan = replace(self.plan, form=event.key)
        elif event.line.id == "mask":
            self.plan = replace(self.plan, privacy=MASKS[event.key][1])
        else:
            self.plan = replace(self.plan, guard=event.key == "on")
        guard = self.query_one("#guard", ChoiceLine)
        guard.set_instead(_(_NO_GUARD.get(self.plan.format, "")))

    async def suggest(self, plan: Plan) -> None:
        """Suggest a name; one that a person typed only gets another ending."""
        typed = self.field.value
        folder = await in_thread(self._session.propose_folder)
        path = await in_thread(exporting.suggest, self._session.project_name, plan, folder)
        before = self._suggested.rpartition(".")[2]
        if self.field.value != typed:
            return
        if typed in ("", self._suggested):
            self.field.put(path)
        elif typed.endswith(f".{before}"):
            self.field.put(f"{typed.removesuffix(before)}{plan.format}")
        self._suggested = path

    def mark_focus(self) -> None:
        """Show whether the focus is in the field."""
        mark = "›" if self.screen.focused is self.field else " "
        self.query_one("#where-label", Static).update(Content(" ".join((mark, _("Where")))))
