"""Writing the conversation to a file: where, then the path and the counts."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from memos_admin.backend.display import both_ends, printable
from memos_admin.backend.model import Conversation
from memos_admin.tui import background, phrases
from memos_admin.tui.reader import in_thread
from memos_admin.tui.screens.dialogs import Dialog
from memos_admin.tui.session import Session
from memos_admin.tui.taking import suggest_path, why_not

if TYPE_CHECKING:
    from memos_admin.backend.export import ExportReport, Format

FORMATS: tuple[tuple[Format, str], ...] = (
    ("csv", "CSV, a row a message"),
    ("jsonl", "JSONL, lossless"),
)


class ExportDialog(ModalScreen[None]):
    """Asks for a format and a path, writes, and says what was written."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]
    DEFAULT_CSS = """
    ExportDialog { align: center middle; }
    ExportDialog OptionList { margin-top: 1; }
    ExportDialog #outcome { margin-top: 1; }
    """

    def __init__(self, session: Session, conversation: Conversation) -> None:
        super().__init__()
        self._session, self._conversation = session, conversation
        self._format: Format = "csv"
        self._confirmed: str | None = None
        self._done = False

    def compose(self) -> ComposeResult:
        """Return what is exported, the format and the path."""
        conversation = self._conversation
        number = phrases.counted(conversation.messages, "message")
        with Dialog() as dialog:
            name = both_ends(conversation.conversation_id, 40)
            dialog.border_title = Content(f"Export conversation {name}")
            dialog.border_subtitle = Content("enter writes · tab format · escape leaves")
            yield Static(Content(f"{number} of {both_ends(conversation.ref.external_id, 40)}"))
            yield Static(Content(_incomplete(conversation)), classes="dialog--dim")
            yield Input(id="path", placeholder="where to", compact=True)
            yield OptionList(*self._options(), id="format")
            yield Static(id="outcome")

    def on_mount(self) -> None:
        """Begin with the path; what suggests one is imported in a thread."""
        self.query_one("#path").focus()
        background.start(self, self._suggest, "suggest")

    async def _suggest(self) -> None:
        ref, name = self._conversation.ref, self._conversation.conversation_id
        path = await in_thread(suggest_path, self._session.name, ref, name, ending=self._format)
        field = self.query_one("#path", Input)
        if not field.value:
            field.value = path

    def _options(self) -> list[Option]:
        return [
            Option(Content(f"{'●' if key == self._format else '○'} {text}"))
            for key, text in FORMATS
        ]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take a format; a path that was not edited follows it."""
        before, self._format = self._format, FORMATS[event.option_index][0]
        event.option_list.clear_options()
        event.option_list.add_options(self._options())
        path = self.query_one("#path", Input)
        path.value = (
            str(Path(path.value).with_suffix(f".{self._format}"))
            if path.value.endswith(f".{before}")
            else path.value
        )
        path.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write; ask once more before a file is replaced."""
        if self._done:
            self.dismiss(None)
        elif event.value.strip():
            write = partial(self._write, event.value.strip())
            background.start(self, write, "export")

    async def _write(self, text: str) -> None:
        try:
            path, exists = await in_thread(_target, text)
        except (OSError, RuntimeError) as error:
            self._say(why_not(error, text), error=True)
            return
        if exists and self._confirmed != text:
            self._confirmed = text
            self._say(f"{path} exists. Press enter again to replace it.")
            return
        self._say("Writing …")
        try:
            report = await in_thread(self._export, path)
        except OSError as error:
            self._say(f"Nothing was written. {why_not(error, text)}", error=True)
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the dialog stays and says it
            self._say(f"Nothing was written: {error}", error=True)
            return
        lines = [f"Wrote {phrases.counted(report.rows, 'row')} to {report.path}"]
        if report.guarded:
            cells = phrases.counted(report.guarded, "cell")
            lines.append(
                f"{cells} got a leading ' so that no spreadsheet takes them for a formula."
            )
        lines += report.incomplete
        self._done = True
        self._say("\n".join(lines))
        self.query_one(Dialog).border_subtitle = Content("enter or escape leaves")

    def _export(self, path: Path) -> ExportReport:
        from memos_admin.backend.export import ConversationScope, export

        return export(
            self._session.workspace,
            ConversationScope(self._conversation.ref, self._conversation.conversation_id),
            format=self._format,
            output=path,
        )

    def _say(self, text: str, *, error: bool = False) -> None:
        outcome = self.query_one("#outcome", Static)
        outcome.set_class(error, "dialog--error")
        outcome.update(Content(printable(text, newlines=True)))


def _target(text: str) -> tuple[Path, bool]:
    """Return the path that was typed, and whether something is there."""
    path = Path(text).expanduser()
    return path, path.exists()


def _incomplete(conversation: Conversation) -> str:
    """Return what is missing in the conversation as it is stored."""
    parts = []
    if conversation.fetched_at is None:
        parts.append("never fetched")
    if not conversation.from_beginning:
        parts.append("earlier messages are not served by MemOS")
    if conversation.gaps:
        parts.append(f"{phrases.counted(conversation.gaps, 'gap')} of messages nobody could read")
    return f"Incomplete: {'; '.join(parts)}." if parts else "Complete, from the beginning."
