"""The top line: which project, what is known and how old it is; a sync's progress; an error."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

from memos_admin.backend.display import one_line
from memos_admin.language import gettext as _
from memos_admin.tui.layout.fitting import BETWEEN, fit_parts
from memos_admin.tui.standing import Progress, Standing

_PROGRAM = " memos-admin "

_LEAST_NAMED = 24
"""Cells of the project's name that whatever else stands here leaves to it."""

_LEAST_TOLD, _MOST_TOLD = 20, 40
"""Cells of the ticket and the like: so many where there is no room for more, so many at most."""

_MOST_ELSE = 64
"""Cells that the project and what is known of it need at most; what is left of a wide line is for the ticket too."""

_LEAST_STATE = 30
"""Cells of what is known, or of an error or a progress, before which more is said of what is masked."""

_APART = 7
"""Cells of the ends of the line, and of the gaps between what stands there."""


def _cells_of(parts: Sequence[tuple[str, str]]) -> int:
    """Return the cells of texts with their styles."""
    return sum(cell_len(text) for text, _style in parts)


def _first_of(texts: Sequence[str], cells: int) -> str:
    """Return the first text that there is room for, else the last one; ``""`` where there is none."""
    return next((text for text in texts if cell_len(text) <= cells), texts[-1] if texts else "")


class StatusLine(Widget):
    """One line. An error stays until it was read; a sync's progress hides what else would stand.

    That there is an error is said beside progress as well. A click reads the error, or stops the
    sync where that is said.
    """

    DEFAULT_CSS = """
    StatusLine { height: 1; background: $panel; color: $foreground; }
    StatusLine:ansi { background: ansi_default; text-style: none; }
    """

    def __init__(
        self,
        *,
        id: str,  # noqa: A002 - Textual's name
        standing: Standing | None = None,
        stop: str = "x",
        read: str = "!",
    ) -> None:
        """Take what is said on each screen, and the keys that stop one and read an error, as they are written."""
        super().__init__(id=id)
        self._standing = standing or Standing()
        self._standing.shown_by(self)
        self._stop, self._read = stop, read
        self._project, self._host = "", ""
        self._state: tuple[str, ...] = ("",)
        self._progress: Progress | None = None
        self._error: tuple[str, ...] = ()

    def set_project(self, name: str, host: str) -> None:
        """Set which project this is."""
        self._project, self._host = name, host
        self.refresh()

    def set_state(self, *texts: str) -> None:
        """Set what is known and how old it is: the first of the texts is shown that there is room for."""
        if texts != self._state:
            self._state = texts
            self.refresh()

    def set_progress(self, progress: Progress | None) -> None:
        """Show how far something of this screen is, before any sync; None: it is over."""
        self._progress = progress
        self.refresh()

    @property
    def progress(self) -> Progress | None:
        """How far what is shown here is."""
        return self._progress or self._standing.progress

    def set_error(self, *lines: str) -> None:
        """Show the first of the lines that there is room for, until it was read; none: no error."""
        if lines != self._error:
            self._error = lines
            self.refresh()

    def render(self) -> Content:
        """Return the line."""
        room = self.size.width - _cells_of(self._held) - self._least - _APART
        then = _first_of(self._standing.then, room)
        then = f" {then} " if then else ""
        line = self._rest(self.size.width - cell_len(then))
        return Content.assemble((then, "reverse $text-warning"), line) if then else line

    def _rest(self, width: int) -> Content:
        """Return the line without what is said whatever stands here."""
        marks, held = self._standing.marks, self._held
        holding = _cells_of(held)
        if self._standing.waits:
            end = f"{self._to_stop} " if self.progress is not None else ""
            room = max(8, width - cell_len(end) - holding - 2)
            text = one_line(_first_of(self._standing.waits, room), room)
            return self._line(
                width, *held, (f" {text}", "bold $text-warning"), (end, "$text-muted")
            )
        if (progress := self.progress or self._standing.behind) is not None:
            return Content.assemble(*held, self._bar(progress, width - holding))
        if self._error:
            end = f"{self._to_read} "
            room = max(8, width - cell_len(end) - holding - 1)
            fitting = (line for line in self._error if cell_len(line) <= room)
            text = one_line(next(fitting, self._error[-1]), room)
            return self._line(
                width,
                *held,
                (f" {text}", "bold $text-error"),
                (end, "$text-muted"),
            )
        most = min(_MOST_TOLD, width - _LEAST_NAMED)
        told = max(_LEAST_TOLD, most - holding, min(most, width - holding - _MOST_ELSE))
        others = fit_parts(marks.others, min(told, width - holding - self._least - _APART))
        if others:
            held.append((f"{BETWEEN if marks.masked else '  '}{others}", "$text-muted"))
        room = width - _cells_of(held) - 4  # the ends, and a gap
        least = self._least
        # Where not all fits, which project this is says more than which program.
        title = _PROGRAM if cell_len(_PROGRAM) + least + cell_len(self._state[0]) <= room else ""
        room -= cell_len(title)
        right = one_line(_first_of(self._state, room - least), max(0, room - least))
        room -= cell_len(right)
        project = one_line(self._project, max(0, room))
        host = one_line(self._host, max(0, room - cell_len(project) - 2))
        left = [(title, "bold $primary"), (f" {project}", "bold")]
        if host and cell_len(host) == cell_len(self._host):
            left.append((f"  {host}", "$text-muted"))
        return self._line(width, *left, *held, (f"{right} ", "$text-muted"))

    @property
    def _least(self) -> int:
        """Cells of the project's name that are left to it."""
        return cell_len(one_line(self._project, _LEAST_NAMED))

    @property
    def _held(self) -> list[tuple[str, str]]:
        """What is said whatever else stands here, whole, each with its style."""
        marks = self._standing.marks
        told = (
            (marks.changeable, "$text-warning"),
            (marks.fixed, "bold $text-error"),
            (marks.warning, "bold $text-error"),
        )
        held = [(f"  {text}", style) for text, style in told if text]
        room = self.size.width - _cells_of(held) - self._least - _APART - _LEAST_STATE
        if masked := _first_of(marks.masked, room):
            held.append((f"  {masked}", "$text-muted"))
        return held

    async def on_click(self, event: events.Click) -> None:
        """Do what the key that stands there would do."""
        behind = self.size.width - event.x
        stop = cell_len(self._to_stop)
        if self.progress is not None and behind <= stop:
            await self.screen.run_action("stop()")
        elif self._error and (
            (self.progress or self._standing.behind) is None
            or behind <= stop + cell_len(self._to_read)
        ):
            await self.screen.run_action("error()")

    @property
    def _to_stop(self) -> str:
        """What stands behind a sync's progress; nothing behind what nobody stops."""
        return "" if self.progress is None else _(" {key} stop ").format(key=self._stop)

    @property
    def _to_read(self) -> str:
        """What stands behind an error."""
        return _("  {key} read").format(key=self._read)

    def _line(self, width: int, *parts: tuple[str, str]) -> Content:
        """Return the parts as one line of `width` cells, the last one at its right end."""
        *left, last = parts
        used = sum(cell_len(text) for text, _ in parts)
        gap = " " * max(1, width - used)
        return Content.assemble(*left, gap, last)

    def _bar(self, progress: Progress, width: int) -> Content:
        cells = max(6, min(24, width // 5))
        share = progress.done / progress.total if progress.total else 0
        full = round(cells * min(1.0, share))
        read = f"{self._to_read} " if self._error else ""
        text = one_line(progress.text, max(8, width - cells - 12 - cell_len(read)))
        bar = [
            (" " + "━" * full, "$primary"),
            ("─" * (cells - full), "$text-muted"),
            (f"  {text}", ""),
        ]
        end = Content.assemble((read, "bold $text-error"), (self._to_stop, "$text-muted"))
        gap = width - sum(cell_len(part) for part, _ in bar) - end.cell_length
        return Content.assemble(*bar, " " * max(1, gap), end)


class KeyLine(Widget):
    """The bottom line: the keys that matter where the focus is. A click works too."""

    DEFAULT_CSS = """
    KeyLine { height: 1; background: $panel; }
    KeyLine:ansi { background: ansi_default; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._keys: list[tuple[str, str, str]] = []
        self._instead: list[tuple[str, str, str]] = []
        self._apart = True
        self._places: list[tuple[int, str]] = []

    @property
    def keys(self) -> Sequence[tuple[str, str, str]]:
        """All of them, with those that have no room."""
        return self._keys

    def show(self, keys: list[tuple[str, str, str]], *, apart: bool = True) -> None:
        """Show keys: (key, title, action); `apart`: the last one stands at the right end.

        Where not all fit, those before the last two go, from behind.
        """
        if (keys, apart) != (self._keys, self._apart):
            self._keys, self._apart = keys, apart
            self.refresh()

    def show_instead(self, keys: list[tuple[str, str, str]]) -> None:
        """Show other keys, beside each other, while they are those that work; none: the keys again."""
        if keys != self._instead:
            self._instead = keys
            self.refresh()

    def render(self) -> Content:
        """Return the line."""
        keys = [*(self._instead or self._keys)]
        parts = [
            Content.assemble((f" {key} ", "bold $primary"), (f"{title} ", "$text-muted"))
            for key, title, _ in keys
        ]
        while len(parts) > 2 and sum(part.cell_length for part in parts) > self.size.width:
            del parts[-3], keys[-3]
        gap = max(0, self.size.width - sum(part.cell_length for part in parts))
        if parts and self._apart and not self._instead:
            parts[-1] = Content(" " * gap) + parts[-1]
        ends = accumulate(part.cell_length for part in parts)
        self._places = [(end, action) for end, (_, _, action) in zip(ends, keys, strict=True)]
        return Content("").join(parts)

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse would do."""
        for end, action in self._places:
            if event.x < end:
                await self.screen.run_action(action)
                return
