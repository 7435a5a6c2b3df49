"""A pane: a framed place for a list or a text, with a title, a count, a note and a filter."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from memos_admin.backend.display import one_line, printable
from memos_admin.backend.wrapping import wrap
from memos_admin.language import gettext as _
from memos_admin.tui.layout.fitting import BETWEEN, Part, fit_parts, share
from memos_admin.tui.widgets.entry import Entry
from memos_admin.tui.widgets.filter_field import FilterField, Offer
from memos_admin.tui.widgets.prose import Prose

WAITED = 0.4
"""Seconds that a pane is blank before it says that it is being read: mostly there is no time to read that."""


class Pane(Vertical):
    """A frame around one focusable widget. All texts given to it are gated here."""

    DEFAULT_CSS = """
    Pane {
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        border-title-style: none;
        padding: 0;
        &:focus-within {
            border: heavy $border;
            border-title-color: $foreground;
            border-title-style: bold;
            border-subtitle-color: $foreground;
        }
        & > .pane--note { height: 1; padding: 0 1; color: $text-muted; display: none; }
        & > .pane--hint { height: auto; max-height: 4; padding: 0 1; color: $text-muted; display: none; }
        & > .pane--hint.pane--problem { color: $text-warning; }
        & > .pane--empty { height: 1fr; padding: 1 2; color: $text-muted; display: none; }
        & > .pane--filter { height: 1; display: none; background: $surface; }
        & > .pane--filter > Static { width: 3; color: $primary; text-style: bold; }
        & > .pane--filter > Input {
            height: 1; width: 1fr; border: none; padding: 0; background: $surface;
        }
        & > .pane--foot { padding: 0 1; color: $text-muted; background: $surface; display: none; }
        & > LineView { height: 1fr; }
    }
    """

    def __init__(
        self,
        title: str,
        content: Widget,
        *,
        id: str,  # noqa: A002 - what widgets call it
        prompt: str = "",
        offer: Offer | None = None,
    ) -> None:
        """Take what it shows; with `offer` its filter is typed in the language of filters.

        Such a filter is there only while it is typed: what it says stands in the note afterwards.
        """
        super().__init__(id=id)
        self._content, self._prompt = content, prompt
        self._problem = self._offers = self._offered = ""
        self._title: tuple[str, ...] = ()
        self._counts: Sequence[str] = ()
        self._said: Sequence[Part] = ()
        self._note = Static(classes="pane--note")
        self._empty = Prose(classes="pane--empty")
        self._input = (
            Entry(placeholder=prompt, compact=True, select_on_focus=False)
            if offer is None
            else FilterField(prompt, offer)
        )
        self._hint = Prose(classes="pane--hint")
        self._foot = Static(classes="pane--foot")
        self._foot_said = ""
        self._foot_lines = 0
        self._waits = False
        self._says_waiting: Timer | None = None
        self._input.takes_ids = offer is None  # users and conversations are found by theirs
        self._filter = Horizontal(Static(Content(" / ")), self._input, classes="pane--filter")
        self._show_filter(False)
        self.set_title(title)

    @dataclass
    class Filtered(Message):
        """The text of the filter changed."""

        pane: Pane
        text: str

    def compose(self) -> ComposeResult:
        """Return the parts, top to bottom."""
        yield self._filter
        yield self._hint
        yield self._note
        yield self._content
        yield self._empty
        yield self._foot

    def set_title(self, *parts: str) -> None:
        """Set what stands in the frame at the top; where it is too long its parts are cut inside."""
        self._title = parts
        self._fit_title()

    @property
    def name_shown(self) -> str:
        """The first part of its title."""
        return self._title[0]

    def _fit_title(self) -> None:
        room = (self.outer_size.width or 80) - 6 - len(BETWEEN) * (len(self._title) - 1)
        texts = [text for text in share(self._title, room) if text]
        self.border_title = Content(BETWEEN.join(texts)) if texts else None

    def set_count(self, text: str, shorter: str = "") -> None:
        """Set what stands in the frame at the bottom, and what does where there is no room for it."""
        self._counts = [one for one in (text, shorter) if one]
        self._fit_count()

    def _fit_count(self) -> None:
        room = (self.outer_size.width or 80) - 6
        texts = [one_line(text, 60) for text in self._counts]
        fitting = next((one for one in texts if cell_len(one) <= room), None)
        self.border_subtitle = Content(fitting or texts[-1]) if texts else None

    def set_note(self, parts: Sequence[Part]) -> None:
        """Set the line above the content, in parts that give way; no parts: no line."""
        self._said = parts
        self._show_note()
        self._fit_note()

    def _show_note(self) -> None:
        typed = isinstance(self._input, FilterField) and self._filter.display
        self._note.display = bool(self._said) and not typed

    def _fit_note(self) -> None:
        self._note.update(Content(fit_parts(self._said, (self.outer_size.width or 80) - 4)))

    def set_foot(self, text: str, lines: int = 2) -> None:
        """Say below the content in full what its row cuts, in as many lines; no lines: nothing is said there.

        What these do not hold ends with a mark.
        """
        self._foot_said, self._foot_lines = text, lines
        self._foot.display = lines > 0
        self._foot.styles.height = lines
        self._fit_foot()

    def _fit_foot(self) -> None:
        shown = printable(self._foot_said)
        width = max(8, (self.outer_size.width or 80) - 4)
        spans = list(wrap(shown, width))
        fitting = [shown[start:end].rstrip() for start, end in spans[: self._foot_lines]]
        if len(spans) > self._foot_lines and fitting:
            fitting[-1] = one_line(f"{fitting[-1]} …", width)
        self._foot.update(Content("\n".join(fitting)))

    def on_resize(self) -> None:
        """Fit what the frame says to its new width."""
        self.fit()

    def fit(self) -> None:
        """Say the title, the count, the note and the foot anew: in another width, or since something else is masked."""
        self._fit_title()
        self._fit_count()
        self._fit_note()
        self._fit_foot()

    def set_empty(self, text: str) -> None:
        """Show a text instead of the content; ``""``: the content again. It waits no longer."""
        self._waits = False
        self._stop_saying()
        self._say_instead(text)

    def _say_instead(self, text: str) -> None:
        self._empty.display = bool(text)
        self._empty.say(text)
        self._content.styles.height = 0 if text else "1fr"

    @property
    def waits(self) -> bool:
        """Whether what is to be shown has not been read."""
        return self._waits

    def wait(self, reading: str = "") -> None:
        """Say nothing of what was shown, and soon that it is being read, until `set_empty`.

        Who empties the content calls this. `reading`: what is said then, ``""``: that alone.
        """
        if self._says_waiting is None:
            self._waits = True
            self._say_instead("")
            self.set_count("")
            say = partial(self._say_waiting, reading or _("Reading …"))
            self._says_waiting = self.set_timer(WAITED, say)

    def _say_waiting(self, reading: str) -> None:
        if self._says_waiting is not None:
            self._say_instead(reading)

    def _stop_saying(self) -> None:
        if self._says_waiting is not None:
            self._says_waiting.stop()
            self._says_waiting = None

    def fail(self, text: str) -> None:
        """Say why what it waits for could not be read; it waits on for another attempt."""
        self._waits = True
        self._stop_saying()
        self._say_instead(text)

    # -- filter ----------------------------------------------------------------------------------

    @property
    def filter(self) -> str:
        """The text of the filter."""
        return self._input.value.strip()

    def set_prompt(self, text: str) -> None:
        """Set what the filter shows while it is empty."""
        self._input.placeholder = text

    @property
    def is_filtering(self) -> bool:
        """Whether a filter is shown."""
        return bool(self._filter.display)

    def open_filter(self, text: str | None = None) -> None:
        """Show the filter and let a person type, behind `text` where it is given."""
        if text is not None and not self.is_filtering:
            with self._input.prevent(Input.Changed):
                self._input.put(text)
        self._show_filter(True)
        self.screen.set_focus(self._input)  # at once: keys that were typed ahead are for it

    def set_problem(self, problem: str, place: tuple[int, int] | None = None) -> None:
        """Say under the filter why it is none, and mark the place; ``""``: it is one."""
        self._problem = problem
        if isinstance(self._input, FilterField):
            self._input.mark(place)
        self._show_hint(self._offers or problem, problem=not self._offers)

    def set_offers(self, text: str, typed: str) -> None:
        """Say under the filter what could be typed next; ``""``: what is wrong, or nothing.

        `typed`: behind which text; where another one stands by now, nothing is said.
        """
        if typed == self._input.value:
            self._offers, self._offered = text, typed
            self._show_hint(text or self._problem, problem=not text)

    def advise(self, text: str) -> None:
        """Say something under the filter as it stands there; ``""``: nothing."""
        self.set_offers(text, self._input.value)

    def _show_hint(self, text: str, *, problem: bool) -> None:
        self._hint.display = bool(text) and self.is_filtering
        self._hint.set_class(problem, "pane--problem")
        self._hint.say(text)

    def _show_filter(self, shown: bool) -> None:
        self._filter.display = shown
        self._filter.disabled = not shown  # else a screen that focuses its first field takes it
        self._hint.display = False
        self._show_note()

    def clear_filter(self, *, tell: bool = True) -> bool:
        """Empty and hide the filter, and `tell` about it; False where there was none."""
        open_ = bool(self._filter.display)
        with nullcontext() if tell else self._input.prevent(Input.Changed):
            self._input.value = ""
        self._show_filter(False)
        self._problem = ""
        return open_

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell about the new filter."""
        event.stop()
        if self._input.value != self._offered:  # else it is for what stands there by now
            self._offers = ""
        self.post_message(self.Filtered(self, event.value.strip()))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the filtered list; an empty filter goes away."""
        event.stop()
        self.keep_filter()

    def keep_filter(self) -> None:
        """Go to the filtered list; a filter goes away that is empty, or that the note tells.

        Where what is typed is no filter, that is said and it can be corrected.
        """
        if self._problem:
            self.set_offers("", self._input.value)
            return
        if not self.filter or isinstance(self._input, FilterField):
            self._show_filter(False)
        self.screen.set_focus(self._content)
