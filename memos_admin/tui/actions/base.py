"""What all actions of the main screen stand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from textual.screen import Screen

from memos_admin.backend.display import masked
from memos_admin.backend.model import SubjectRef
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.clipboard import marks_note
from memos_admin.tui.commands.command import Command
from memos_admin.tui.copies_command import CommandOf
from memos_admin.tui.desk.going import Going
from memos_admin.tui.desk.panes import Desk
from memos_admin.tui.desk.place import Place
from memos_admin.tui.desk.visits import Visits
from memos_admin.tui.jobs.fetching import Fetching
from memos_admin.tui.jobs.watching import Watching
from memos_admin.tui.layout.arrangement import Arrangement
from memos_admin.tui.reader import in_thread
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.line_view import LineView
from memos_admin.tui.words import phrases
from memos_admin.tui.words.command_line import of_text

if TYPE_CHECKING:
    from memos_admin.tui.jobs.searching import SearchState
    from memos_admin.tui.journaling import About
    from memos_admin.tui.rows.recall import RecallState
    from memos_admin.tui.screens.evidence import EvidenceState
    from memos_admin.tui.screens.hygiene import HygieneState

T = TypeVar("T")

TITLES = {
    "users": N_("Users"),
    "conversations": N_("Conversations"),
    "transcript": N_("Messages"),
    "memories": N_("Memories"),
    "detail": N_("Detail"),
}
"""What the panes are called; translated where it is shown."""

COPIED = N_("Copied {what}")

COPY_MOST = 100_000
"""Characters that a terminal's clipboard can be trusted with; longer texts go to a file."""

VIEWER_KEYS = N_(
    "↑ ↓ space scroll · g G top, end · y copies · C its command · R JSON of a message · "
    "ctrl+g goes to an id · escape leaves"
)


class Acting(Screen[None], inherit_bindings=False):
    """The main screen as its actions know it.

    Attributes:
        table: the commands, with the keys that a person gave them.
        pane: the one with the focus, of `command.PANES`.
        detail_from: the pane that one came to the detail from.
        led_to: the pane that a line of the detail led to; ``""``: one did not come from there.
        bound: the place that is being opened: one is there already, whatever is still shown.
        zoomed: the pane has the whole screen.
        searched: what the last search was left with.
        evidence: what the evidence of the last user was left with.
        recalled: the same of the recall lab.
        questions_file: the file that it has its questions from, or had last; ``""``: none.
        cleaned: the same of the hygiene scan.
    """

    session: Session
    desk: Desk
    going: Going
    fetching: Fetching
    watching: Watching
    visits: Visits
    table: Sequence[Command]
    arrangement: Arrangement
    pane: str
    detail_from: str
    led_to: str
    bound: Place | None
    zoomed: bool
    searched: SearchState | None
    evidence: EvidenceState | None
    recalled: RecallState | None
    questions_file: str
    cleaned: HygieneState | None

    def remember(self) -> None:
        """Keep where one is for the next start."""
        raise NotImplementedError

    @property
    def here(self) -> Place:
        """Where one is; to be asked for only where a user is chosen."""
        raise NotImplementedError

    def work(
        self,
        do: background.Deed,
        group: str,
        *,
        awaited: bool = True,
        fills: str = "users",
    ) -> None:
        """Run something in the background; a later one of the same group takes its place.

        Args:
            do: what.
            group: of which one runs at a time.
            awaited: what is typed meanwhile waits for it.
            fills: the first of the panes that it is about; in those before the cursor moves at once.
        """
        raise NotImplementedError

    def failed(self, error: Exception) -> None:
        """Say what went wrong, where it belongs and in the panes that have nothing to show for it."""
        raise NotImplementedError

    def fill(self) -> None:
        """Show what is stored, as at the beginning."""
        raise NotImplementedError

    def say(
        self, text: str, *, below: str = "", stays: bool = False, everywhere: bool = False
    ) -> None:
        """Tell a person something that needs no answer; the text is gated here.

        Args:
            text: takes the place of what was said before.
            below: stands on a line of its own.
            stays: nothing takes its place until its time is over.
            everywhere: it is not about this screen, and does not go with it.
        """
        raise NotImplementedError

    def reload(self) -> None:
        """Read again what is shown, since the store has changed."""
        raise NotImplementedError

    @property
    def is_reloading(self) -> bool:
        """Whether what is shown is being read again; where there is much that takes a while."""
        raise NotImplementedError

    def view_of(self, pane: str) -> LineView:
        """Return the widget in a pane."""
        raise NotImplementedError

    def go_to(self, pane: str, *, note: bool = True) -> None:
        """Give a pane the focus, and note where one is then."""
        raise NotImplementedError

    def open(self, place: Place | None) -> None:
        """Show a place, and note where one comes from; None: stay where one is."""
        raise NotImplementedError

    def visit(self, place: Place) -> None:
        """Show a place that is noted already."""
        raise NotImplementedError

    def veil(self) -> None:
        """Draw everything anew: something else is masked."""
        raise NotImplementedError

    def hide(self) -> None:
        """Mask again what was revealed."""
        raise NotImplementedError

    def show_place(self) -> None:
        """Say where one is, and what can be done there."""
        raise NotImplementedError

    def show_state(self) -> None:
        """Say in the top line what is known and how old it is."""
        raise NotImplementedError

    def place_panes(self) -> None:
        """Show the panes that the size and the zoom leave room for."""
        raise NotImplementedError

    async def open_prepared(
        self, dialog: Screen[T], chosen: Callable[[T | None], None] | None = None
    ) -> None:
        """Open a dialog for which something was read first, unless another screen came meanwhile."""
        if self.is_active:
            await self.app.push_screen(dialog, chosen)

    def key(self, name: str) -> str:
        """Return how the first key of a command is written, ``""`` where it has none."""
        command = next(command for command in self.table if command.id == name)
        return command.shown.partition(" ")[0]

    def typing_key(self, name: str) -> str:
        """Return how the first key of a command is written that types nothing, else the first."""
        command = next(command for command in self.table if command.id == name)
        return next((key for key in command.shown.split() if len(key) > 1), self.key(name))

    def whom(self) -> SubjectRef | None:
        """Return the user under the cursor, or whose data is shown; None: there is none here."""
        subject = self.desk.panes.users.row if self.pane == "users" else self.desk.subject
        return None if subject is None else subject.ref

    def opens_for_somebody(self) -> bool:
        """Whether there is somebody here to open a screen of; say it where a filter leaves nobody.

        Where no user was chosen yet it is of everyone.
        """
        if self.desk.subject is None or self.whom() is not None:
            return True
        self.say(_("There is no user here to show that of."))
        return False

    def zoom(self, zoomed: bool) -> None:
        """Give the pane the whole screen, or not."""
        self.zoomed = zoomed
        self.place_panes()
        self.set_focus(self.view_of(self.pane))

    def copy(self, text: str, told: str = COPIED, *, most: int = 100, as_is: bool = False) -> None:
        """Copy a text and say so.

        Args:
            text: to copy.
            told: says what it is where that is not what one may think.
            most: characters that are shown; of a longer text its length is told.
            as_is: nothing in it is masked, whatever may look like it.
        """
        self.work(partial(self._copy, text, told, most, as_is), "copy")

    async def _copy(self, text: str, told: str, most: int, as_is: bool) -> None:
        shown = await in_thread(masked, text)
        taken = text if as_is else shown
        self.app.copy_to_clipboard(taken)
        can_be_told = taken == shown and len(taken) <= most
        said = taken if can_be_told else phrases.size(len(taken))
        notes = sentences(self.masked_note(text, taken), marks_note(taken))
        self.say(_(told).format(what=said), below=notes)

    def masked_note(self, text: str, taken: str) -> str:
        """Return that what is taken of a text is masked, ``""`` where it is not."""
        if taken == text:
            return ""
        return _("It is masked; {key} first takes it as it is.").format(key=self.key("reveal"))

    def copy_text(self, text: str, about: About | None) -> None:
        """Copy a text, somebody's or not; say so where it is too long."""
        if len(text) > COPY_MOST:
            told = _("That is too long for a clipboard: {key} writes it to a file.")
            self.say(told.format(key=self.key("write_text")))
            return
        if about is not None:
            self.session.journaling.copied(about, len(text))
        self.copy(text)

    def action_jump(self) -> None:
        """Ask for an id, and go there."""
        raise NotImplementedError

    def action_hygiene(self) -> None:
        """Show what deserves a look by rules alone."""
        raise NotImplementedError

    def view(
        self,
        title: str,
        text: str,
        about: About | None = None,
        raw: Callable[[], None] | None = None,
    ) -> None:
        """Show a text as a whole.

        Args:
            title: of the text.
            text: from outside or not.
            about: what it is of, if it is somebody's.
            raw: shows the JSON behind it.
        """
        from memos_admin.tui.screens.viewer import Viewer

        more: dict[str, Callable[[], None]] = {
            "jump": self.action_jump,
            "help": partial(self.say, _(VIEWER_KEYS)),
        }
        if raw is not None:
            more["raw"] = raw
        copy = partial(self.copy_text, about=about)
        command = None if about is None else _command_of(about, json=raw is None)
        viewer = Viewer(title, text, copy=copy, more=more, session=self.session, command=command)
        self.app.push_screen(viewer)


def _command_of(about: About, *, json: bool) -> CommandOf:
    """Return the command for a text or its JSON, which of a message come with its conversation."""
    text = _("It is message {number} there.")
    lacks = "" if about.message is None else text.format(number=about.message)
    return CommandOf(of_text(about, json=json), about.ref, lacks)
