"""Filters of the memories that are saved under a name."""

from __future__ import annotations

from memos_admin.backend.filter_language import parse
from memos_admin.backend.projects.project import ProjectError
from memos_admin.backend.saved_filters import SavedFilter
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.jobs.saved_filters import SavedFilterDialogs
from memos_admin.tui.words.failures import said_by


class SavingActions(Acting, inherit_bindings=False):
    """What ``'`` opens."""

    def action_saved_filters(self) -> None:
        """Choose a saved filter, or save the one that is active."""
        dialogs = SavedFilterDialogs(self, self.session, self.desk, self._use)
        self.work(dialogs.choose, "pick")

    def _use(self, saved: SavedFilter) -> None:
        try:
            wanted, _left_out = saved.applied(parse, None, self.desk.typing.refused())
        except ProjectError as error:
            self.say(said_by(error))
            return
        self.desk.chosen = wanted
        if self.pane != "memories":
            self.go_to("memories")
        self.show_state()
        self.work(self.desk.show_memories, "filter memories-pane", fills="memories")
