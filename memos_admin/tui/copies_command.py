"""Screens that copy the command line which writes what they show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from textual.binding import Binding

from memos_admin.backend.display import called, masked
from memos_admin.backend.model import SubjectRef
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.tui.about_somebody import AboutSomebody
from memos_admin.tui.clipboard import marks_note
from memos_admin.tui.telling import tell
from memos_admin.tui.words.command_line import command_line

COPY = Binding("C", "copy_command", show=False)

MOST_TOLD = 200
"""Characters of a line that are shown when it is copied."""


class CommandOf(NamedTuple):
    """A command.

    Attributes:
        words: of its line.
        subject: whose id stands in it.
        lacks: what it does not say of the screen.
        of_verdicts: what it lists depends on the verdicts that were given.
    """

    words: Sequence[str]
    subject: SubjectRef | None = None
    lacks: str = ""
    of_verdicts: bool = False


class CopiesCommand(AboutSomebody, inherit_bindings=False):
    """A screen over `_session`, a project or None; ``C`` copies what `command` returns."""

    _session: Any
    _chosen: SubjectRef | None = None
    """The user that it was opened for."""

    def command(self) -> CommandOf | str:
        """Return the command that writes what is shown; or why there is none."""
        raise NotImplementedError

    def is_about(self, ref: SubjectRef) -> bool:
        """Whether it was opened for somebody, or is about that one as its command says."""
        command = self.command()
        return ref == self._chosen or (isinstance(command, CommandOf) and command.subject == ref)

    def action_copy_command(self) -> None:
        """Copy the command line, and say so."""
        found = self.command()
        if isinstance(found, str):
            tell(self, found)
            return
        project = [] if self._session is None else self._session.project_options
        line = command_line(project, found.words)
        names = found.subject is not None and called(found.subject) != found.subject.external_id
        if names or masked(line) != line:
            tell(self, _("The command would have in it what is masked. Show it first."))
            return
        self.app.copy_to_clipboard(line)
        shown = line if len(line) <= MOST_TOLD else f"{line[:MOST_TOLD]}…"
        lacks = found.lacks
        if found.of_verdicts and self._session.demo:
            anew = _(
                "Each demo begins anew: the command knows no verdict that was given in this one."
            )
            lacks = sentences(lacks, anew)
        told = _("Copied {what}").format(what=shown)
        tell(self, told, below=sentences(marks_note(line), lacks))
