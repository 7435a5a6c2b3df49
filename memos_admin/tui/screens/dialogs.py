"""Small dialogs: choose one of a few, type some ids, read a text."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from memos_admin.backend.display import one_line
from memos_admin.backend.model import SubjectRef
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.about_somebody import AboutSomebody
from memos_admin.tui.layout.giving_way import GIVES_WAY
from memos_admin.tui.reader import in_thread
from memos_admin.tui.screens.narrowed import Narrowed
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.dialog import Dialog, Told
from memos_admin.tui.widgets.entry import Entry
from memos_admin.tui.widgets.field import ListField
from memos_admin.tui.widgets.path_suggester import PathSuggester
from memos_admin.tui.widgets.prose import Prose

MOST_UNNARROWED = 10
"""Options that are seen at once, so that nobody needs to narrow them."""

Words = str | Callable[[], str]
"""A text, or what returns it as it is to be shown now: one with the name of a user in it."""

MOST_CHOICES = 500
"""Options that a list is drawn with at once; more make it slow."""


class Options(OptionList):
    """The options of a dialog, which gives what room is left when all else is shown."""

    def __init__(self) -> None:
        super().__init__(classes=GIVES_WAY)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.scroll_to_highlight()


class Choice(AboutSomebody, Narrowed[str | None]):
    """Choose one of several; returns its key, None where nothing was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("q", "dismiss(None)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("home,g", "end(False)", show=False),
        Binding("end,G", "end(True)", show=False),
        Binding("slash", "narrow", show=False),
    ]
    DEFAULT_CSS = """
    Choice { align: center middle; }
    Choice Dialog { width: 50; }
    Choice.-wide Dialog { width: 76; }
    Choice Input { display: none; margin: 0 0 1 0; }
    Choice Told { margin-bottom: 1; }
    Choice #more { color: $text-muted; display: none; }
    Choice #problem { margin-bottom: 1; display: none; }
    Choice.-refused Input { margin-bottom: 0; }
    Choice.-refused #problem { display: block; }
    """

    def __init__(
        self,
        title: str,
        options: Sequence[tuple[str, str]],
        *,
        text: str = "",
        chosen: str | None = None,
        at: str | None = None,
        wide: bool = False,
        take: Callable[[str], Coroutine[Any, Any, str]] | None = None,
        whom: SubjectRef | None = None,
    ) -> None:
        """Take what can be chosen; the texts are gated here.

        Args:
            title: of the dialog.
            options: keys and texts.
            text: what a person should know.
            chosen: the key of what is chosen now, which is marked; None: there is no such thing.
            at: the key of what the cursor begins on; None: what is chosen now.
            wide: the options are long.
            take: does what is typed from a digit on, which need not be among the options; returns
                why it cannot, ``""`` when it is done. Such a text does not narrow.
            whom: with whom it goes from the screen; None: it is about nobody.
        """
        super().__init__(classes="-wide" if wide else None)
        self._at, self._take, self.whom_about = chosen if at is None else at, take, whom
        self._title, self._options, self._text, self._chosen = title, options, text, chosen
        self._shown: list[str] = []

    def compose(self) -> ComposeResult:
        """Return the list."""
        with Dialog() as dialog:
            dialog.border_title = Content(one_line(self._title, 60))
            if self._text:
                yield Told(Prose(self._text, classes="dialog--dim"))
            yield Entry(placeholder=_("narrow"), compact=True, select_on_focus=False)
            yield Prose(classes="dialog--error", id="problem")
            yield Options()
            yield Static(id="more")

    def on_mount(self) -> None:
        """Show the options, with the cursor on what is chosen now."""
        self._fill("")
        self._list.focus()

    def renew(self, options: Sequence[tuple[str, str]]) -> None:
        """Show what can be chosen, as it is known by now; the cursor stays where it is."""
        line = self._list.highlighted
        here = self._shown[line] if line is not None else None
        self._options = options
        self._fill(self.query_one(Input).value)
        if here in self._shown:
            self._list.highlighted = self._shown.index(here)

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    def _fill(self, text: str) -> None:
        """Show the options with all the words of a text in them."""
        words = text.casefold().split()
        found = [o for o in self._options if all(word in o[1].casefold() for word in words)]
        self._shown = [key for key, _text in found[:MOST_CHOICES]]
        self._list.clear_options()
        self._list.add_options([self._option(key, text) for key, text in found[:MOST_CHOICES]])
        if self._shown:
            here = self._at in self._shown and not words
            self._list.highlighted = self._shown.index(self._at or "") if here else 0
        more = _("… and {count} more: / narrows").format(count=f"{len(found) - MOST_CHOICES:,}")
        said = more if len(found) > MOST_CHOICES else "" if found else _("Nothing fits.")
        self.query_one("#more", Static).update(Content(said))
        self.query_one("#more").display = bool(said)
        leaves = _("enter chooses · escape leaves")
        many = _("enter chooses · / narrows · escape leaves")
        are_many = len(self._options) > MOST_UNNARROWED
        self.query_one(Dialog).set_keys(many if are_many else leaves)

    def _option(self, key: str, text: str) -> Option:
        mark = "" if self._chosen is None else "● " if key == self._chosen else "  "
        return Option(Content(mark + one_line(text, 60)))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return what was chosen."""
        self.dismiss(self._shown[event.option_index])

    def on_key(self, event: events.Key) -> None:
        """Begin a text that is taken as it is by its digit."""
        character = event.character or ""
        if self._take is not None and character.isdecimal():
            event.stop()
            event.prevent_default()
            self.action_narrow()
            self.query_one(Input).insert_text_at_cursor(character)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what fits."""
        self.remove_class("-refused")
        self._fill("" if self._is_taken(event.value) else event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return what the cursor is on, or do what was typed."""
        if self._take is not None and self._is_taken(event.value):
            background.start(
                self,
                partial(self._try, self._take, event.value.strip()),
                "take",
                awaited=True,
                typing=False,
            )
        else:
            self._list.action_select()

    def _is_taken(self, text: str) -> bool:
        return self._take is not None and text.strip()[:1].isdecimal()

    async def _try(self, take: Callable[[str], Coroutine[Any, Any, str]], text: str) -> None:
        problem = await take(text)
        if problem:
            self.query_one("#problem", Prose).say(problem)
            self.add_class("-refused")
        else:
            self.dismiss(None)

    @property
    def narrowed(self) -> OptionList:
        """The options."""
        return self._list

    def action_move(self, step: int) -> None:
        """Go to the next or previous option."""
        if step > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    def action_end(self, last: bool) -> None:
        """Go to the first or last option."""
        if last:
            self._list.action_last()
        else:
            self._list.action_first()


class Ask(Veiled, AboutSomebody, ModalScreen[str | None]):
    """Ask for a line of text; returns it, None where a person left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]
    DEFAULT_CSS = """
    Ask { align: center middle; }
    Ask .dialog--error { margin-top: 1; display: none; }
    Ask #read { margin-top: 1; display: none; }
    """

    def __init__(
        self,
        title: Words,
        help_text: Words,
        *,
        value: str = "",
        prompt: str = "",
        hidden: bool = False,
        suggest: Callable[[], str] | None = None,
        take: Callable[[str], Coroutine[Any, Any, str]] | None = None,
        read: Callable[[str], str] | None = None,
        paths: bool = False,
        whom: SubjectRef | None = None,
    ) -> None:
        """Take what is asked.

        Args:
            title: of the dialog; like the help it is gated here.
            help_text: what a person should know.
            value: what the field begins with.
            prompt: what it shows while it is empty.
            hidden: what is typed is not shown, and not returned where `take` has had it.
            suggest: returns what the field begins with; called in a thread.
            take: does what is asked for with the text; returns why it cannot be done, ``""`` when
                it is done. Until then the dialog stays, with the text and the reason.
            read: returns what a list that is typed or pasted is read as, which is shown below it.
            paths: the names of files are completed.
            whom: with whom it goes from the screen; None: it is about nobody.
        """
        super().__init__()
        self._title, self._help, self._value, self._prompt = title, help_text, value, prompt
        self._hidden, self._suggest, self._take, self._read = hidden, suggest, take, read
        self._paths = PathSuggester() if paths else None
        self._suggested, self.whom_about = "", whom
        self._about = Prose(classes="dialog--dim")

    def compose(self) -> ComposeResult:
        """Return the question."""
        with Dialog() as dialog:
            dialog.set_keys(_("enter takes it · escape leaves"))
            yield Told(self._about)
            kind = Entry if self._read is None else ListField
            yield kind(
                self._value,
                placeholder=self._prompt,
                password=self._hidden,
                compact=True,
                suggester=self._paths,
            )
            yield Prose(id="read")
            yield Prose(classes="dialog--error", id="problem")

    def on_mount(self) -> None:
        """Ask, and fill the field."""
        self.draw_anew()

    def draw_anew(self) -> None:
        """Ask as it is masked now; what is typed stays."""
        self.query_one(Dialog).border_title = Content(one_line(_words(self._title), 60))
        self._about.say(_words(self._help))
        self._say_read(self.query_one(Input).value)
        if self._suggest is not None:
            background.start(self, partial(self._fill, self._suggest), "suggest", awaited=True)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say how what is in the field is read."""
        self._say_read(event.value)

    def _say_read(self, typed: str) -> None:
        text = "" if self._read is None else self._read(typed)
        said = self.query_one("#read", Prose)
        said.say(text)
        said.display = bool(text)
        self.query_one("#problem").display = False

    def on_list_field_too_long(self) -> None:
        """Say that what was pasted was not taken."""
        self._say(
            _(
                "That is more than {count} characters: import it from a file. Nothing was taken."
            ).format(count=f"{ListField.most_pasted:,}")
        )

    async def _fill(self, suggest: Callable[[], str]) -> None:
        value = await in_thread(suggest)
        field = self.query_one(Entry)
        if field.value in ("", self._suggested):
            self._suggested = value
            field.put(value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the text, or do what it is for."""
        if self._take is None:
            self.dismiss(event.value)
        elif event.value.strip():
            background.start(
                self,
                partial(self._try, self._take, event.value),
                "take",
                awaited=True,
                typing=False,
            )
        else:
            self._say(_("Nothing is typed yet."))

    async def _try(self, take: Callable[[str], Coroutine[Any, Any, str]], text: str) -> None:
        problem = await take(text.strip())
        if not problem:
            self.dismiss(None if self._hidden else text)
        else:
            self._say(problem)

    def _say(self, problem: str) -> None:
        said = self.query_one("#problem", Prose)
        said.say(problem)
        said.display = True


def example(text: str) -> str:
    """Return an example as an empty field shows it, so that nobody takes it for what is typed."""
    return _("for example {text}").format(text=text)


def _words(words: Words) -> str:
    return words if isinstance(words, str) else words()
