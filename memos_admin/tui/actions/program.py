"""The program itself: errors, help, the palette, quitting."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from memos_admin.tui.actions.base import TITLES, Acting

if TYPE_CHECKING:
    from memos_admin.tui.app import MemosAdmin


class ProgramActions(Acting, inherit_bindings=False):
    """Reading errors and keys, finding commands, quitting."""

    def action_palette(self) -> None:
        """Find a command by name."""
        self.app.action_command_palette()

    def action_help(self) -> None:
        """Show all keys, those of the pane first."""
        from memos_admin.tui.screens.help import Help

        self.app.push_screen(Help(self.pane, TITLES[self.pane], self.table))

    def action_quit(self) -> None:
        """Quit at once."""
        self.app.exit()

    def action_error(self) -> None:
        """Read the last error."""
        if text := self.fetching.read():
            self.view("The last error", text)
        else:
            self.say("There was no error.")

    def action_projects(self) -> None:
        """Show the projects."""
        from memos_admin.tui.screens.projects import ProjectsScreen

        app = cast("MemosAdmin", self.app)
        app.push_screen(ProjectsScreen(app.home, self.session))
