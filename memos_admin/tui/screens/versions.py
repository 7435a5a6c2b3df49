"""The versions of a memory, one after the other, each beside what it said before."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.strip import Strip

from memos_admin.backend.display import one_line, titled
from memos_admin.backend.history.memories import (
    Absence,
    Difference,
    Found,
    absences,
    began_in,
    differences,
    versions,
)
from memos_admin.backend.model import Memory, MemoryVersion, Reads, SubjectRef
from memos_admin.backend.perspective import without_marks
from memos_admin.backend.times import now_ms
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.layout.detail import cut
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.layout.version import Row, Step, rows
from memos_admin.tui.reader import in_thread
from memos_admin.tui.screens.over_list import TellsKeys, framed
from memos_admin.tui.screens.scrolls import SCROLLS, Scrolls
from memos_admin.tui.session import Session
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.line_view import LineView
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.words import narrowing, phrases
from memos_admin.tui.words.command_line import ALL, behind
from memos_admin.tui.words.failures import said_by


class VersionView(LineView, can_focus=True):
    """One step of a memory's history, wrapped and scrolled."""

    def __init__(self) -> None:
        super().__init__()
        self._step: Step | None = None
        self._memory: Memory | None = None
        self._rows: list[Row] = []

    def show(self, step: Step, memory: Memory) -> None:
        """Show a step from its beginning."""
        self._step, self._memory = step, memory
        self._lay()
        self.jump_to(0)

    def on_resize(self) -> None:
        """Wrap for the new width."""
        self._lay()

    def _lay(self) -> None:
        if self._step is not None and self._memory is not None:
            self._rows = rows(self._step, self._memory, now_ms(), self.size.width - 3)
            self.set_lines(len(self._rows))
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line `y` of what is visible."""
        width, number = self.line_width, round(self.scroll_y) + y
        if number >= len(self._rows):
            return self.blank(width)
        return self.strip([(" ", ""), *self._rows[number]], width)


class VersionsScreen(Scrolls, CopiesCommand, Veiled, TellsKeys[None], inherit_bindings=False):
    """Begins with the present version, or that of an instant; the others are a key away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,V", "dismiss(None)", show=False),
        Binding("p,left,h", "step(-1)", show=False),
        Binding("n,right,l", "step(1)", show=False),
        COPY,
        *SCROLLS,
        Binding("question_mark", "keys", show=False),
    ]
    KEYS = (
        ("p", N_("earlier"), "step(-1)"),
        ("n", N_("later"), "step(1)"),
        ("↑↓", N_("scroll"), "scroll(1)"),
        ("escape", N_("back"), "dismiss(None)"),
    )
    _view: VersionView

    def __init__(self, session: Session, memory_id: str, as_of: int | None = None) -> None:
        """Take the project, the memory by the service's id, and as of when it is shown; None: now."""
        super().__init__()
        self._session, self._memory_id, self._as_of = session, memory_id, as_of
        self._memory: Memory | None = None
        self._found: list[Found] = []
        self._gone: list[Absence] = []
        self._at = 0
        self._view = VersionView()
        self._pane = Pane(_("Versions"), self._view, id="versions-pane")

    def compose(self) -> ComposeResult:
        """Return the top line, the version and the keys."""
        yield from framed(self._session, self._pane, self.KEYS)

    def on_mount(self) -> None:
        """Read the versions."""
        self.set_focus(self._view)
        self._pane.set_empty(_("Reading the versions …"))
        background.start(self, self._load, "versions", awaited=True)

    async def _load(self) -> None:
        try:
            found = await self._session.reader(_read, self._memory_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            text = _("The versions cannot be read: {error}")
            self._pane.set_empty(text.format(error=one_line(said_by(error), 300)))
            return
        if found is None:
            self._pane.set_empty(_("This memory is no longer stored here."))
            return
        self._memory, self._found, self._gone = found
        self._session.journaling.shown("history", self._memory.ref)
        self._at = self._then
        await self._show()

    @property
    def _then(self) -> int:
        """The place of the version that was known at the instant, of the last one for now."""
        as_of = self._as_of
        known = [as_of is None or one.version.seen_from <= as_of for one in self._found]
        return max(0, sum(known) - 1)

    def _note(self) -> list[Part]:
        """Return whether the version is that of the instant, and when it was not listed."""
        gone = [Part(phrases.absence(one)) for one in self._gone_then()]
        if self._as_of is None:
            return gone
        text = _("as of {time}")
        if self._at < self._then:
            text = _("said before {time}")
        elif self._at > self._then:
            text = _("not known yet as of {time}")
        return [Part(text.format(time=narrowing.then(self._as_of))), *gone]

    def _gone_then(self) -> list[Absence]:
        return began_in(self._found[self._at].version, self._gone) if self._found else []

    def draw_anew(self) -> None:
        """Mask the version anew."""
        background.start(self, self._show, "versions", awaited=True)

    def is_about(self, ref: SubjectRef) -> bool:
        """Whether it is about somebody, whatever its command says."""
        return self._memory is not None and self._memory.ref == ref

    def command(self) -> CommandOf:
        """Return the command for all versions."""
        return CommandOf(["memories", "history", ALL, *behind(self._memory_id)])

    def action_step(self, step: int) -> None:
        """Go to the version before or behind."""
        at = self._at + step
        if 0 <= at < len(self._found):
            self._at = at
            background.start(self, self._show, "versions", awaited=True)

    async def _show(self) -> None:
        memory, at, found = self._memory, self._at, self._found
        if memory is None:
            return
        before = found[at - 1] if at else None
        # Of long texts the comparison takes a while.
        told = [] if before is None else await in_thread(_compared, before, found[at])
        step = Step(found[at], before, told, at + 1, len(found))
        title = (
            titled(memory.title or "", memory.content)
            or without_marks(memory.content)
            or _("(no text)")
        )
        name = _("Version {number} of {total} · {title}").format(
            number=step.number, total=step.total, title=one_line(title, 60)
        )
        self._pane.set_title(name)
        none = _("no other change was seen") if self._gone else _("no change was seen")
        self._pane.set_count("" if len(found) > 1 else none)
        self._pane.set_note(self._note())
        self._pane.set_empty("")
        self._view.show(step, memory)


def _read(reads: Reads, memory_id: str) -> tuple[Memory, list[Found], list[Absence]] | None:
    listings = reads.memory(memory_id)
    if not listings:
        return None
    return listings[0], versions(reads, listings[0].pk), absences(reads, listings)


def _compared(before: Found, after: Found) -> list[Difference]:
    """Return what differs in the beginnings of two versions, as long as the detail shows."""
    return differences(_cut(before.version), _cut(after.version))


def _cut(version: MemoryVersion) -> MemoryVersion:
    return version._replace(content=cut(version.content))
