"""Go to: one box for any id, with what is stored here as one types and the service as last row."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from memos_admin.backend import jump
from memos_admin.backend.display import one_line, printable
from memos_admin.backend.errors import NotFound
from memos_admin.backend.jump import FoundMemory, FoundTask
from memos_admin.backend.model import Reads, SubjectRef
from memos_admin.backend.times import now_ms
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.desk.place import Place, from_link
from memos_admin.tui.rows import jump as jump_rows
from memos_admin.tui.rows.jump import Adding, Asking, Going, Opening
from memos_admin.tui.session import Session
from memos_admin.tui.still import LeadsTo
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.dialog import Dialog
from memos_admin.tui.widgets.field import Field
from memos_admin.tui.widgets.results import Results, Row
from memos_admin.tui.words.failures import said_by

MOST_RECENT = 20
SETTLED = 1.5
"""Seconds that what is typed stands before it is journaled."""

_HINT = N_("Type or paste the id of a user, agent, conversation, memory or task, or a link.")


class JumpBox(Veiled, LeadsTo[Place | None], ModalScreen[Place | None], inherit_bindings=False):
    """Asks where to go; returns the place, None where a person left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down,ctrl+n", "move(1)", show=False),
        Binding("up,ctrl+p", "move(-1)", show=False),
        Binding("tab", "ask", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]
    DEFAULT_CSS = """
    JumpBox { align: center middle; }
    JumpBox Dialog { width: 104; height: 26; padding: 1 2 0 2; }
    JumpBox Field { margin-top: 0; }
    JumpBox #jump-note { height: auto; min-height: 3; max-height: 6; margin-top: 1; }
    JumpBox Results { height: 1fr; margin-top: 1; }
    JumpBox #jump-whole { height: 1; margin-top: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(
        self,
        session: Session,
        *,
        subject: SubjectRef | None = None,
        recent: Sequence[Place] = (),
        search: str = "f",
    ) -> None:
        """Take what the box knows.

        Args:
            session: the project.
            subject: the user that is chosen.
            recent: the places visited lately, the last first.
            search: how the key is written that searches texts.
        """
        super().__init__()
        self._search = search
        self._session, self._subject, self._recent = session, subject, recent
        self._field = Field(compact=True, placeholder=_("any id"))
        self._field.takes_ids = True
        self._results = Results(id="jump-results")
        self._note = Static(id="jump-note", classes="dialog--dim")
        self._whole = Static(id="jump-whole", classes="dialog--dim")
        self._shown: str | None = None
        self._hits = self._number = 0
        self._said = {""}
        self._asking = False
        self._wanted: Hashable | None = None

    def compose(self) -> ComposeResult:
        """Return the field, what is said, the rows, and the row under the cursor uncut."""
        with Dialog() as dialog:
            dialog.border_title = Content(_("Go to"))
            dialog.border_subtitle = Content(_("enter opens · tab asks MemOS · escape leaves"))
            yield self._field
            yield self._note
            yield self._results
            yield self._whole

    def on_unmount(self) -> None:
        """Journal what was looked for last."""
        self._settle(self._number)

    def _settle(self, number: int) -> None:
        """Journal what was looked for, once, if nothing else was since."""
        typed = (self._shown or "").strip()
        if number == self._number and typed not in self._said:
            self._said.add(typed)
            self._session.journaling.searched(typed, None, "ids", self._hits)

    def on_mount(self) -> None:
        """Show the places visited lately, and let a person type."""
        self._field.focus()
        self._look_for("")

    def draw_anew(self) -> None:
        """Look again for what is typed, with the cursor where it is; what MemOS answered goes."""
        row = self._results.row
        self._wanted = None if row is None else row.key
        self._look_for(self._field.value)

    # -- looking here ----------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for what is typed now; what was asked for before is of no interest any more."""
        event.stop()
        self.workers.cancel_group(self, "ask")
        self._asking = False
        self._look_for(event.value)

    def _look_for(self, typed: str) -> None:
        background.start(self, partial(self._look, typed), "look", awaited=True)

    async def _look(self, typed: str) -> None:
        try:
            rows, note = await self._session.reader(self._rows_for, typed)
        except Exception as error:  # noqa: BLE001 - whatever it is, the box stays and says it
            rows, note = [], ""
            self._say(said_by(error), error=True)
        if typed != self._field.value:
            return
        if note:
            self._say(note)
        self._shown, self._hits = typed, len(rows)
        self._number += 1
        self.set_timer(SETTLED, partial(self._settle, self._number))
        self._show(rows)

    def _rows_for(self, reads: Reads, typed: str) -> tuple[list[Row], str]:
        """Return the rows for what is typed and what to say; called in the reader's thread."""
        if not typed.strip():
            return self._recent_rows(reads), _(_HINT)
        place = from_link(typed)
        if place is not None:
            match = jump.describe(reads, place.subject, place.conversation_id, place.memory_id)
            if match is not None:
                return [jump_rows.match_row(match, place)], _("a link to what is stored here")
            return jump_rows.link_rows(place), _("a link to what is not stored here")
        matches = jump.find(reads, typed, subject=self._subject)
        rows = [jump_rows.match_row(match) for match in matches.found]
        rows += jump_rows.last_rows(matches, typed, self._subject)
        return rows, jump_rows.found_text(matches, typed, self._search)

    def _recent_rows(self, reads: Reads) -> list[Row]:
        rows: dict[tuple[str, SubjectRef, str], Row] = {}
        for place in self._recent[:MOST_RECENT]:
            match = jump.describe(reads, place.subject, place.conversation_id, place.memory_id)
            if match is not None:  # of several places that look the same here, the latest one
                what = match.kind, match.ref, match.id
                rows.setdefault(what, jump_rows.match_row(match, place))
        return [jump_rows.heading(_("visited lately")), *rows.values()] if rows else []

    # -- choosing --------------------------------------------------------------------------------

    def action_move(self, lines: int) -> None:
        """Choose another row."""
        self._results.move(lines, around=True)

    def action_page(self, pages: int) -> None:
        """Choose a row a page away."""
        self._results.page(pages)

    def action_ask(self) -> None:
        """Ask the service for what is typed, wherever the cursor is."""
        asking = (row.value for row in self._results.rows if isinstance(row.value, Asking))
        if self._shown == self._field.value and (chosen := next(asking, None)) is not None:
            self._choose(chosen)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Open the row, unless it is of something else than what stands there now."""
        event.stop()
        if self._shown == event.value:
            self._results.enter()

    def on_results_highlighted(self, event: Results.Highlighted) -> None:
        """Say all of the row."""
        chosen = event.row.value if event.row is not None else None
        match = chosen.match if isinstance(chosen, Going) else None
        text = jump_rows.sentence(match, now_ms()) if match is not None else ""
        self._whole.update(Content(one_line(text, 400)))

    def on_results_entered(self, event: Results.Entered) -> None:
        """Open what was chosen, or ask the service for it."""
        self._choose(event.row.value)

    def _choose(self, chosen: Going | Adding | Asking | Opening) -> None:
        if isinstance(chosen, Going):
            self.dismiss(chosen.place)
        elif isinstance(chosen, Adding):
            background.start(self, partial(self._add, chosen), "add", awaited=True, typing=False)
        elif not self._asking:
            self._asking = True
            self._say(_("Asking MemOS …"))
            background.start(self, partial(self._ask, chosen), "ask")

    # -- the service -----------------------------------------------------------------------------

    async def _ask(self, chosen: Asking | Opening) -> None:
        workspace = self._session.workspace
        try:
            if isinstance(chosen, Opening):
                answer: jump.Answer = await jump.ask_memory(workspace, chosen.memory_id)
            else:
                answer = await jump.ask(workspace, chosen.typed)
            self._asked_for(chosen, answer)
            await self._answer(answer, chosen)
        except NotFound:
            self._asked_for(chosen, None)
            self._say(_("MemOS no longer has this memory."))
        except Exception as error:  # noqa: BLE001 - whatever it is, the box stays and says it
            self._say(said_by(error), error=True)
        finally:
            self._asking = False

    def _asked_for(self, chosen: Asking | Opening, answer: jump.Answer | None) -> None:
        """Journal what MemOS was asked for, and whether it had it."""
        if isinstance(answer, jump.NothingFound) and not answer.asked:
            return
        ref = answer.ref if isinstance(answer, FoundMemory) else None
        typed = chosen.memory_id if isinstance(chosen, Opening) else chosen.typed
        found = isinstance(answer, FoundMemory | FoundTask)
        self._session.journaling.searched(typed.strip(), ref, "memos", int(found))

    async def _answer(self, answer: jump.Answer, chosen: Asking | Opening) -> None:
        """Show what the service answered; an active memory opens at once."""
        rows: list[Row]
        if isinstance(answer, FoundMemory):
            if answer.ref is not None and answer.status in (None, "", "activated"):
                self.dismiss(Place(answer.ref, memory_id=answer.memory_id, pane="memories"))
                return
            rows = [jump_rows.memory_row(answer, answer.ref)] if answer.ref is not None else []
            self._say(jump_rows.memory_text(answer))
        elif isinstance(answer, FoundTask):
            ids = [memory_id for _, memory_id in answer.memories]
            known = await self._session.reader(jump.known_memories, ids)
            rows = jump_rows.task_rows(answer, known)
            self._say(jump_rows.task_text(answer))
        else:
            rows = jump_rows.add_rows(answer, self._subject)
            self._say(jump_rows.nothing_text(answer, chosen=self._subject is not None))
        if isinstance(chosen, Asking):
            asked = answer.task_id if isinstance(answer, FoundTask) else _asked(answer)
            rows.append(jump_rows.ask_row(chosen.typed, asked, again=True))
        else:
            rows += self._results.rows
        self._show(rows)

    async def _add(self, chosen: Adding) -> None:
        ref, conversation_id = chosen.ref, chosen.conversation_id
        try:
            if conversation_id is None:
                await self._session.add_subjects([ref], self._say)
                self.dismiss(Place(ref))
            else:
                await self._session.add_conversations(ref, [conversation_id], self._say)
                self.dismiss(Place(ref, conversation_id, pane="transcript"))
        except Exception as error:  # noqa: BLE001 - whatever it is, the box stays and says it
            self._say(_("Nothing was added: {error}").format(error=said_by(error)), error=True)

    # -- showing ---------------------------------------------------------------------------------

    def _show(self, rows: list[Row]) -> None:
        wanted, self._wanted = self._wanted, None
        self._results.show(rows, prefer=[] if wanted is None else [wanted])

    def _say(self, text: str, *, error: bool = False) -> None:
        self._note.set_class(error, "dialog--error")
        self._note.update(Content(printable(text, newlines=True)))


def _asked(answer: FoundMemory | jump.NothingFound) -> str:
    return answer.memory_id if isinstance(answer, FoundMemory) else answer.id
