"""What the lines around the panes say: which project, what is known, where one is and what can be done there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual.widgets import Input

from memos_admin.backend.display import called
from memos_admin.backend.times import now_ms
from memos_admin.language import gettext as _
from memos_admin.tui import ticketing
from memos_admin.tui.actions.base import TITLES, Acting
from memos_admin.tui.commands import bindings as commands
from memos_admin.tui.commands.command import Command
from memos_admin.tui.layout.crumbs import Crumb
from memos_admin.tui.standing import Marks
from memos_admin.tui.widgets.crumb_line import CrumbLine
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine
from memos_admin.tui.words import narrowing, notes, phrases

if TYPE_CHECKING:
    from memos_admin.tui.app import MemosAdmin


class Saying(Acting, inherit_bindings=False):
    """The top line, the way where one pane is shown at a time, and the keys.

    Attributes:
        is_broken: the store cannot be read since it is damaged.
    """

    status: StatusLine
    crumbs: CrumbLine
    keys: KeyLine
    is_broken = False

    def show_project(self) -> None:
        """Say in the top line which project this is."""
        self.status.set_project(self.session.name, self.session.host)
        self.session.standing.mark()

    def show_state(self) -> None:
        """Say in the top line what is known and how old it is."""
        state = notes.subject_state(self.desk.subject, now_ms(), self.key("error"))
        doing = self.fetching.doing
        self.status.set_state(*([doing] if doing else state))
        then = self.desk.chosen.as_of
        texts = (_("memories as of {time}, not now"), _("as of {time}"))
        self.session.standing.set_then(
            *(() if then is None else (text.format(time=narrowing.then(then)) for text in texts))
        )
        self.session.standing.mark()

    def find_marks(self) -> Marks:
        """Return what holds wherever one is."""
        session = self.session
        since = session.workspace.fixed_since
        fixed = _("unwritable: as of {time}")
        return Marks(
            _("changes allowed") if session.workspace.project.allow_writes else "",
            session.journaling.mark,
            cast("MemosAdmin", self.app).screen_safe.mark,
            (ticketing.mark(session), self.watching.mark),
            "" if since is None else fixed.format(time=phrases.clock(since)),
        )

    def show_place(self) -> None:
        """Say where one is, and what can be done there."""
        typing = isinstance(self.focused, Input)
        here = commands.while_filtering(self.table) if typing else self._footer()
        keys = [(c.shown.split()[0], _(c.title), c.action) for c in here]
        self.keys.show(keys, apart=not typing)
        self.show_state()
        if self.arrangement.mode == "single":
            self.crumbs.show(*self._way(), self.pane)

    def _footer(self) -> list[Command]:
        if self.is_broken:
            return commands.without_store(self.table)
        here, lead = commands.footer(self.pane, self.table), self.desk.panes.detail.lead
        if self.pane != "detail":
            return here
        title = _("go to {name}").format(name=lead.name) if lead is not None else ""
        shown = (replace(c, title=title) if c.id == "enter" else c for c in here)
        return [command for command in shown if command.title]

    def _way(self) -> tuple[list[Crumb], list[Crumb]]:
        """Return what was chosen on the way to the pane, and the pane with those beside it."""
        desk, pane = self.desk, self.pane
        beside = ("transcript", "memories") if pane in {"transcript", "memories"} else (pane,)
        ids = []
        if pane != "users" and desk.subject is not None:
            ids.append(Crumb(called(desk.subject.ref), "conversations"))
        if pane not in {"users", "conversations"} and desk.scope is not None:
            inside = "memories" if desk.scope.conversation is None else "transcript"
            ids.append(Crumb(desk.scope.label, inside))
        return ids, [Crumb(_(TITLES[name]), name) for name in beside]
