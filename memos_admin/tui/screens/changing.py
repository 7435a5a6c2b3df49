"""Changing what MemOS holds: what will be done, the id to be typed, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from memos_admin.backend.display import beginning, masked, one_line, printable, safe
from memos_admin.backend.keys import KeyGiven, refuse_key
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.about_somebody import AboutSomebody
from memos_admin.tui.layout.giving_way import GIVES_WAY
from memos_admin.tui.reader import in_thread
from memos_admin.tui.telling import tell
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.dialog import Dialog
from memos_admin.tui.widgets.entry import Entry, TextEntry
from memos_admin.tui.widgets.prose import Wrapped
from memos_admin.tui.words import phrases
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.changing.lines import Line
    from memos_admin.backend.model import SubjectRef
    from memos_admin.tui.jobs.changes_in_memos import Change

MOST_SHOWN = 20_000
"""Characters of a plan or an outcome; laying out more would be felt."""

Texts = tuple[str | None, str]
"""The title and the text of a memory."""

_STYLES = {
    "": "",
    "dim": "$text-muted",
    "strong": "bold",
    "gone": "$text-error",
    "new": "$text-success underline",
    "warn": "$text-warning",
}


class ChangeDialog(Veiled, AboutSomebody, ModalScreen[bool]):
    """Shows what will be done, does it when that is confirmed, and shows what came of it.

    Returns whether something may have been changed.
    """

    AUTO_FOCUS = ""  # the field is hidden until something is to be typed
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("enter", "go_on", show=False),
        Binding("l", "choose('l')", show=False),
        Binding("r", "choose('r')", show=False),
        Binding("u", "choose('u')", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
    ]
    DEFAULT_CSS = """
    ChangeDialog { align: center middle; }
    ChangeDialog Dialog { width: 100; }
    ChangeDialog VerticalScroll { height: auto; max-height: 24; }
    ChangeDialog Input { display: none; }
    ChangeDialog #doing { color: $text-muted; margin-top: 1; }
    """

    def __init__(
        self, change: Change, unmask: str, full: str = "", whom: SubjectRef | None = None
    ) -> None:
        """Take what is to be changed, and how keys are written.

        Args:
            change: what.
            unmask: the key that shows what is masked.
            full: the one that fetches everything of a user, where the dialog came from; ``""``: there is none.
            whom: with whom it goes from the screen, until something is done; None: it is about nobody.
        """
        super().__init__()
        self._change, self._unmask, self._full, self.whom_about = change, unmask, full, whom
        self._is_planned = self._under_way = self._was_warned = self._was_tried = False
        self._lines, self._status = Wrapped(), Static(id="doing")
        self._reason = self._told = ""
        self._can_choose = False
        self._drawing = 0  # how often something else was to be shown

    def is_about(self, ref: SubjectRef) -> bool:
        """Whether nothing can be done here without this one; what was begun is told to its end."""
        return not self._was_tried and super().is_about(ref)

    def compose(self) -> ComposeResult:
        """Return the frame, empty until MemOS was asked."""
        with Dialog() as dialog:
            dialog.border_title = Content(one_line(self._change.title, 90))
            with VerticalScroll(can_focus=False, classes=GIVES_WAY):
                yield self._lines
            yield Entry(compact=True)
            yield self._status

    def on_mount(self) -> None:
        """Ask what there is to be done."""
        background.start(self, self._look, "change")
        if self._change.ages:
            self.set_interval(
                phrases.TOLD_ANEW, lambda: background.start(self, self._tell_ages, "ages")
            )

    async def _tell_ages(self) -> None:
        """Say the same anew where it stands: it says how long ago something was."""
        if (drawing := self._drawing) and not self._reason:
            lines = await self._change.again()
            if drawing == self._drawing and not self._reason:
                await self._show(lines, scrolled=True)
                if self._is_planned:
                    self._ask()

    def draw_anew(self) -> None:
        """Show the same as it is masked by now; what is under way goes on."""
        self.query_one(Dialog).border_title = Content(one_line(self._change.title, 90))
        if self._reason:
            self._show_reason()
        elif self._drawing:
            self._drawing += 1  # what is being drawn is not shown any more
            self._lines.show(Content(""))
            background.start(self, self._word_again, "words")
        if self._is_planned:
            self._ask()
        else:
            self._tell(self._told)

    async def _word_again(self) -> None:
        drawing = 0
        while drawing != self._drawing:  # what came of it meanwhile is worded again as well
            drawing = self._drawing
            lines = await self._change.again()
        if not self._reason:
            await self._show(lines)

    async def _look(self) -> None:
        try:
            lines = await self._change.look(self._tell)
        except Exception as error:  # noqa: BLE001 - whatever it is, the dialog stays and says it
            self._failed(error)
            return
        await self._show(lines)
        if self._change.is_empty:
            self._tell(_("escape leaves"))
            return
        if self._change.why_not:
            self._tell(sentences(self._change.why_not, _("Nothing was sent; escape leaves.")))
            return
        self._is_planned = self._can_choose = True
        if self._change.words:
            field = self.query_one(Input)
            field.display = True
            field.focus()
        self._ask()

    def _ask(self) -> None:
        """Say what is to be typed: what a person sees, and never what is masked."""
        words = self._change.words
        if not words and self._change.choices:
            text = _("enter does it · {choices} · escape leaves: nothing is changed")
            self._tell(text.format(choices=self._change.choices))
        elif not words:
            self._tell(_("enter does it · escape leaves: nothing is changed"))
        elif masked(words[0]) != words[0]:
            text = _(
                "The id to be typed is masked. {key} shows it, which is journaled. escape leaves: "
                "nothing is changed."
            )
            self._tell(text.format(key=self._unmask))
        elif self._change.number > 1:
            text = _(
                "Type {id} and press enter to do it to {memories}. escape leaves: nothing is changed."
            )
            self._tell(text.format(id=words[0], memories=phrases.memories(self._change.number)))
        else:
            text = _("Type {id} and press enter to do it. escape leaves: nothing is changed.")
            self._tell(text.format(id=words[0]))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Ask anew: what was said of another text is over."""
        event.stop()
        if self._is_planned:
            self._ask()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on where the id is right."""
        event.stop()
        self.action_go_on()

    def action_go_on(self) -> None:
        """Do it, if it was confirmed; leave when it is over."""
        if self._under_way:
            return
        if not self._is_planned:
            if self._lines.content:
                self.dismiss(self._was_tried)
            return
        words = self._change.words
        if words and self.query_one(Input).value.strip() not in words:
            text = _("That is not {id}. Nothing was changed.")
            self._tell(text.format(id=masked(words[0])))
            return
        self._is_planned, self._under_way, self._was_tried = False, True, True
        self._can_choose = False
        self.query_one(Input).display = False
        background.start(self, self._do, "change")

    async def _do(self) -> None:
        try:
            lines = await self._change.do(self._tell)
        except Exception as error:  # noqa: BLE001 - whatever it is, the dialog stays and says it
            self._failed(error)
            return
        finally:
            self._under_way = False
        await self._show(lines)
        closes = _("enter or escape closes")
        self._tell(closes if self._change.is_settled else sentences(self._read_anew(), closes))

    def _read_anew(self) -> str:
        """Return how what MemOS holds is read, whatever was done."""
        if not self._full:
            return _("To read what MemOS holds now, fetch everything of the user.")
        text = _("To read what MemOS holds now, fetch everything: {key} on the user.")
        return text.format(key=self._full)

    def action_choose(self, key: str) -> None:
        """Look at something else, where that can be chosen by a key."""
        if self._can_choose and self._change.choose(key):
            self._is_planned = self._can_choose = False
            self._reason = ""
            background.start(self, self._look, "change")

    def action_leave(self) -> None:
        """Leave; while something is done that leaving does not end, only when asked twice."""
        if self._under_way and not self._was_warned and not self._change.stops:
            self._was_warned = True
            self._tell(
                sentences(
                    _(
                        "It is being done. Press escape again to wait no longer: whether it was done is "
                        "not known then; the journal has what is."
                    ),
                    self._read_anew(),
                )
            )
            return
        self.dismiss(self._was_tried)

    def action_scroll(self, lines: int) -> None:
        """Scroll what does not fit."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
        self.call_after_refresh(self._say_more)

    def on_resize(self) -> None:
        """Say whether all of it is seen in the room that there is now."""
        self.call_after_refresh(self._say_more)

    def _say_more(self) -> None:
        """Say in the frame that there is more below, and the key that shows it."""
        scrolled = self.query_one(VerticalScroll)
        below = scrolled.scroll_y < scrolled.max_scroll_y
        said = _("↓ or pagedown: there is more below") if below else ""
        self.query_one(Dialog).border_subtitle = Content(said)

    def _failed(self, error: Exception) -> None:
        reason = said_by(error)
        if isinstance(error, OSError) and error.strerror:
            why = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
            reason = "\n".join((why, *getattr(error, "__notes__", ())))
        self._reason = reason
        self._show_reason()
        although = "" if self._was_tried else self._change.although
        self._can_choose = bool(although)
        if although:
            self._tell(sentences(although, _("escape leaves.")))
        else:
            self._tell(_("escape leaves"))

    def _show_reason(self) -> None:
        text = printable(self._reason, newlines=True)
        self._lines.show(Content.styled(text, "$text-error"))

    def _tell(self, text: str) -> None:
        self._told = text
        if self.is_attached:
            self._status.update(Content(printable(text)))

    async def _show(self, lines: Iterable[Line], *, scrolled: bool = False) -> None:
        """Show lines, unless something else is to be shown by then: to mask a long text takes a while.

        `scrolled`: they stay where they were scrolled to.
        """
        self._drawing += 1
        drawing = self._drawing
        drawn = await in_thread(lambda: Content("\n").join(_drawn(lines)))
        if drawing == self._drawing and self.is_attached:
            self._lines.show(drawn)
            if not scrolled:
                self.query_one(VerticalScroll).scroll_home(animate=False)
            self.call_after_refresh(self._say_more)


def _drawn(lines: Iterable[Line]) -> Iterator[Content]:
    """Yield lines for the screen, gated, until there are too many characters; masked before they are cut."""
    left = MOST_SHOWN
    for line in lines:
        if left <= 0:
            yield Content.styled(
                _("… the rest is not shown here: the command shows it"), "$text-muted"
            )
            return
        parts = []
        for part in line:
            shown = safe(beginning(part.text, max(0, left)), newlines=True)
            parts.append((shown, _STYLES[part.kind]))
            left -= len(part.text)
        yield Content.assemble(*parts)


class EditMemory(AboutSomebody, ModalScreen[Texts | None]):
    """The title and the text of a memory, to be changed; returns both, None: left for now.

    However one leaves it, what was typed is told, so that it can be offered again.
    """

    AUTO_FOCUS = "TextArea"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("ctrl+s", "take", show=False),
        Binding("ctrl+r", "begin_anew", show=False),
    ]
    DEFAULT_CSS = """
    EditMemory { align: center middle; }
    EditMemory Dialog { width: 90; }
    EditMemory .label { color: $text-muted; }
    EditMemory Input { margin-bottom: 1; }
    EditMemory TextArea { height: 12; border: none; padding: 0; }
    EditMemory #before { color: $text-warning; margin-bottom: 1; display: none; }
    """

    def __init__(
        self,
        said: Texts,
        before: Texts | None,
        *,
        note: str,
        typed: Callable[[Texts | None], None],
        whom: SubjectRef | None = None,
    ) -> None:
        """Take what there is to be edited, in characters that a field can show.

        Args:
            said: what MemOS says now.
            before: what was typed before; None: nothing was.
            note: what a person should know of that.
            typed: is told what was typed, when one leaves; None: nothing was changed.
            whom: whose memory it is.
        """
        super().__init__()
        self.whom_about = whom
        self._said, self._texts, self._note, self._typed = said, before or said, note, typed

    def compose(self) -> ComposeResult:
        """Return the fields."""
        title, content = self._texts
        with Dialog() as dialog:
            dialog.border_title = Content(_("Edit the memory"))
            dialog.border_subtitle = Content(
                _("tab other field · ctrl+s shows what would be changed · escape leaves")
            )
            yield Static(Content(self._note), id="before")
            yield Static(Content(_("Title")), classes="label")
            yield Entry(title or "", placeholder=_("no title"), compact=True)
            yield Static(Content(_("Text")), classes="label")
            yield TextEntry(content, soft_wrap=True, tab_behavior="focus", classes=GIVES_WAY)

    def on_mount(self) -> None:
        """Begin in the text."""
        self.query_one("#before").display = bool(self._note)
        self.query_one(TextArea).focus()

    def leave_behind(self) -> None:
        """Leave, and keep nothing of what was typed: the memory is gone with whose it was."""
        self._texts = self._said
        super().leave_behind()

    def on_unmount(self) -> None:
        """Tell what was typed."""
        self._typed(None if self._texts == self._said else self._texts)

    def on_input_changed(self) -> None:
        """Note the title."""
        self._look()

    def on_text_area_changed(self) -> None:
        """Note the text."""
        self._look()

    def _look(self) -> None:
        title = self.query_one(Input).value
        self._texts = (
            None if not title and self._said[0] is None else title,
            self.query_one(TextArea).text,
        )

    def action_begin_anew(self) -> None:
        """Put back what MemOS says."""
        self.query_one(Entry).put(self._said[0] or "")
        self.query_one(TextArea).text = self._said[1]
        self.query_one("#before").display = False

    def on_input_submitted(self) -> None:
        """Go on to the text."""
        self.query_one(TextArea).focus()

    def action_take(self) -> None:
        """Return what the memory shall say."""
        self._look()
        try:
            for text in filter(None, self._texts):
                refuse_key(text, N_("text of a memory"))
        except KeyGiven as error:
            tell(self, said_by(error))
        else:
            self.dismiss(self._texts)
