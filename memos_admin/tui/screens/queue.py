"""Going through a queue: a memory beside its source messages, a verdict by one key, and the next one."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from memos_admin.backend.display import both_ends, called, masked, one_line
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.times import now_ms
from memos_admin.backend.verdicts import queues
from memos_admin.backend.verdicts.kinds import VERDICTS, WORDS
from memos_admin.backend.verdicts.queues import Item, Queue
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.tui import background, ticketing
from memos_admin.tui.clipboard import marks_note
from memos_admin.tui.commands.elsewhere import SaysWhere
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs import queueing
from memos_admin.tui.jobs.judging import word_of
from memos_admin.tui.jobs.queueing import Opened, Shown
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.reader import in_thread
from memos_admin.tui.screens.follows_store import FollowsStore
from memos_admin.tui.screens.over_list import TellsKeys, shown_keys
from memos_admin.tui.screens.queue_changes import ChangesMemos
from memos_admin.tui.screens.queue_judging import Judges
from memos_admin.tui.screens.queue_reasons import Reasons
from memos_admin.tui.session import Session
from memos_admin.tui.still import LeadsTo
from memos_admin.tui.telling import tell
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.detail import Detail
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine
from memos_admin.tui.words import phrases
from memos_admin.tui.words.command_line import of_queue
from memos_admin.tui.words.failures import said_by

WIDE = 100
"""Cells from which on the messages stand beside the memory instead of below."""


class QueueScreen(
    Judges,
    ChangesMemos,
    Reasons,
    CopiesCommand,
    SaysWhere,
    Veiled,
    TellsKeys[Place | None],
    LeadsTo[Place | None],
    FollowsStore[Place | None],
    inherit_bindings=False,
):
    """Returns where the memory at hand can be seen; None where a person left."""

    reads_in = "show"

    explained = (
        (N_("unreviewed"), N_("what nobody has judged as it says now")),
        (N_("changed since review"), N_("judged before, and it says something else since")),
        (N_("a sample"), N_("drawn by a seed: who draws with the same one gets the same memories")),
        (N_("flagged"), N_("found wrong, outdated, duplicate, too sensitive, about someone else")),
        (
            N_("findings"),
            N_("what rules of a hygiene scan found and nobody has judged as it says now"),
        ),
        (N_("second reviewer"), N_("sees what others said when going back to what is judged")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,Q", "dismiss(None)", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        *(
            Binding(str(number), f"verdict('{name}')", show=False)
            for number, name in enumerate(VERDICTS, 1)
        ),
        Binding("0", "withdraw", show=False),
        Binding("8", "verdicts", show=False),
        Binding("backspace", "undo", show=False),
        Binding("comma", "note", show=False),
        Binding("n,right,l", "step(1)", show=False),
        Binding("p,left,h", "step(-1)", show=False),
        Binding("u", "unjudged", show=False),
        Binding("enter", "open", show=False),
        Binding("r", "fetch", show=False),
        Binding("E", "edit", show=False),
        Binding("c", "correct", show=False),
        Binding("y", "copy_id", show=False),
        COPY,
        Binding("T", "ticket", show=False),
        Binding("tab,shift+tab", "app.focus_next", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("space,pagedown", "page(1)", show=False),
        Binding("b,pageup", "page(-1)", show=False),
        Binding("question_mark", "keys", show=False),
    ]
    KEYS = (
        ("1…7", N_("verdict"), "verdict('correct')"),
        ("n p", N_("next, previous"), "step(1)"),
        ("backspace", N_("undo"), "undo"),
        (",", N_("note"), "note"),
        ("u", N_("next unjudged"), "unjudged"),
        ("enter", N_("open"), "open"),
        ("r", N_("fetch messages"), "fetch"),
        ("E", N_("edit in MemOS"), "edit"),
        ("c", N_("correct in MemOS"), "correct"),
        ("8", N_("verdicts"), "verdicts"),
        ("y", N_("copy id"), "copy_id"),
        ("T", N_("ticket"), "ticket"),
        ("escape", N_("back"), "dismiss(None)"),
    )
    DEFAULT_CSS = """
    QueueScreen {
        & #queue-body { height: 1fr; layout: vertical; }
        & Pane { height: 1fr; width: 1fr; }
        &.wide #queue-body { layout: horizontal; }
    }
    """

    def __init__(self, session: Session, queue: Queue) -> None:
        """Take the project, the queue, and what tells a person something."""
        super().__init__()
        self._session, self._queue, self.whom_about = session, queue, queue.ref
        self._status = StatusLine(id="status", standing=session.standing)
        self._memory_view = Detail(id="queue-memory")
        self._source_view = Detail(id="queue-source")
        self._memory_pane = Pane(_("Review"), self._memory_view, id="queue-memory-pane")
        self._source_pane = Pane(_("Where it came from"), self._source_view, id="queue-source-pane")
        self._opened: Opened | None = None
        self._judged = frozenset[int]()
        self._giving = set[int]()
        self._at = 0
        self._found: Shown | None = None
        self._asked = 0
        self._begun = False
        self._given: list[tuple[int, Shown]] = []
        self._others_seen = set[int]()

    def compose(self) -> ComposeResult:
        """Return the top line, the memory, its source messages, and the keys."""
        self._status.set_project(self._session.name, self._session.host)
        yield self._status
        with Container(id="queue-body"):
            yield self._memory_pane
            yield self._source_pane
        line = KeyLine(id="keys")
        line.show(shown_keys(self.KEYS))
        yield line

    def on_mount(self) -> None:
        """Go on where the queue was left."""
        super().on_mount()
        self.set_focus(self._memory_view)
        self._memory_pane.set_note(self._session.standing.known_now)
        self._memory_pane.set_empty(_("Reading the queue …"))
        background.start(self, self._begin, "queue", awaited=True)

    def on_resize(self, _event: events.Resize) -> None:
        """Put the messages beside the memory where there is room."""
        self.set_class(self.app.size.width >= WIDE, "wide")

    async def _begin(self) -> None:
        judging = self._session.judging
        try:
            await self._session.reader(lambda reads: judging.read(reads, ()))
            self._opened = await self._session.reader(queueing.opened, self._queue)
            background.start(self, self._look_for_sent, "sent")
            if not self._begun:
                self._begun = True
                self._at = min(self._queue.position, max(0, len(self._opened.items) - 1))
            await self._show()
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        text = _("The queue cannot be read: {error}")
        self._let_go()
        self._memory_pane.set_empty(text.format(error=one_line(said_by(error), 300)))
        self._source_pane.set_empty(" ")

    @property
    def _item(self) -> Item | None:
        items = () if self._opened is None else self._opened.items
        return items[self._at] if self._at < len(items) else None

    # -- showing ---------------------------------------------------------------------------------

    def _turn_to(self, at: int) -> None:
        """Be about another place of the queue, and show nothing of the memory before."""
        self._at = at
        found, item = self._found, self._item
        if found is None or item is None or found.memory.pk != item.memory_pk:
            self._let_go()
            self._say_where()

    def _let_go(self) -> None:
        self._found, self._whys = None, ()
        self._memory_pane.set_title(_("Review"))
        for pane, view in (
            (self._memory_pane, self._memory_view),
            (self._source_pane, self._source_view),
        ):
            view.show(None, [])
            pane.wait()

    def _go(self, at: int) -> None:
        self._turn_to(at)
        background.start(self, self._show, "show", awaited=True)

    def follows_now(self) -> bool:
        """Whether the queue is read, and no verdict is being written."""
        return self._item is not None and not self._giving

    async def read_anew(self) -> None:
        """Read again what is in the queue, the memory at hand, and which are judged.

        One stays at that memory; where it was removed here, and is not in the queue any more, at what followed it.
        """
        try:
            opened = await self._session.reader(queueing.opened, self._queue)
            if (item := self._item) is None or self._giving:
                return
            self._take_opened(opened, item)
            if (now := self._item) is None:
                self._say_where()
                await self._show()
            else:
                await self._read(now)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._fail(error)

    def _take_opened(self, opened: Opened, item: Item) -> None:
        """Take what is in the queue by now; `item` was at hand."""
        places = {one.memory_pk: at for at, one in enumerate(opened.items)}
        behind = sum(one.ordinal < item.ordinal for one in opened.items)
        self._given = [
            (places[found.memory.pk], found)
            for _at, found in self._given
            if found.memory.pk in places
        ]
        self._opened = opened
        self._turn_to(places.get(item.memory_pk, min(behind, max(0, len(opened.items) - 1))))

    async def _read(self, item: Item) -> bool:
        """Read a memory of the queue, and show it; return whether it still is the one at hand."""
        judging = self._session.judging
        found = await self._session.reader(queueing.shown, item, judging.operator)
        await self._read_judged()
        if item != self._item:
            return False
        if self._found is None or found is None or self._found.memory.pk != found.memory.pk:
            self._whys = ()
        self._found = found
        if found is None:
            self._memory_pane.set_empty(_("This memory was removed here meanwhile."))
            self._source_pane.set_empty(" ")
        else:
            judging.put(found.memory, found.standing)
            self._session.journaling.shown("queue", found.memory.ref)
            self.draw_anew()
            if self._queue.kind == "findings":
                self._explain(found.memory)
        self._say_where()
        return True

    async def _show(self) -> None:
        item = self._item
        if item is None or self._opened is None:
            self._memory_pane.set_empty(_("Nothing is in this queue: there is nothing to review."))
            self._source_pane.set_empty(" ")
            return
        try:
            if not await self._read(item):
                return
            move = partial(
                queues.move, self._session.workspace, self._opened.queue.pk, item.ordinal
            )
            await in_thread(move)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._fail(error)

    async def _read_judged(self) -> None:
        """Find out which memories are judged as they are now: others change them meanwhile."""
        items = () if self._opened is None else self._opened.items
        operator = self._session.judging.operator
        self._judged = await self._session.reader(queues.judged, items, operator) | self._giving

    def command(self) -> CommandOf:
        """Return the command for what would be in such a queue now."""
        queue, made = self._queue, self._session.judging.made.get(self._queue.pk)
        wanted = Filter(subject=queue.ref) if made is None else made.memories
        lacks = _("It lists what would be in such a queue now.")
        if made is None:
            lacks = sentences(lacks, _("Filters that it was made with are not in it."))
        words = of_queue(queue.kind, wanted, queueing.options_of(queue))
        return CommandOf(words, wanted.subject, lacks, of_verdicts=True)

    def draw_anew(self) -> None:
        """Draw the memory and its sources anew: something else is masked, or was said."""
        found = self._found
        if found is None:
            return
        memory, now = found.memory, now_ms()
        said = self._session.judging.of(memory)
        seen = said.blinded if self._queue.blind else said
        hidden = self._queue.blind and seen.own is None
        if seen.others:
            self._others_seen.add(memory.pk)
        self._memory_pane.set_empty("")
        self._source_pane.set_empty("")
        checks = self._checks_of(found)
        entries = queueing.memory_entries(
            found,
            seen,
            now,
            hidden=hidden,
            whys=self._whys,
            checks=checks,
            sent=self._sent.get(memory.memory_id, ()),
        )
        self._memory_view.show(("memory", memory.pk), entries)
        self._source_view.show(("source", memory.pk), queueing.source_entries(found, now))
        sent = self._sent.get(memory.memory_id, ()) if seen.of_now else ()
        words = [
            both_ends(called(memory.ref), 30),
            phrases.view_word(memory.view),
            phrases.state(memory, now),
            word_of(seen),
            _("sent") if any(one.at >= seen.of_now[0].judged_at for one in sent) else "",
        ]
        self._memory_pane.set_title(_("Review"), " · ".join(word for word in words if word))

    def _say_where(self) -> None:
        if self._opened is None:
            return
        items = self._opened.items
        where = phrases.of(self._at + 1, len(items)) if items else ""
        judged = sum(item.memory_pk in self._judged for item in items)
        text = _("{where} · {count} judged by you").format(where=where, count=phrases.count(judged))
        if self._given:
            last = self._session.judging.own(self._given[-1][1].memory)
            if last is not None:
                word = _(WORDS.get(last.verdict, last.verdict))
                text = _("{text} · last: {verdict}").format(text=text, verdict=word)
        self._memory_pane.set_count(text)
        self._source_pane.set_count(self._what())

    def _what(self) -> str:
        queue = self._queue
        name = queueing.name_of(queue)
        if queue.fitting > queue.items and queue.kind != "sample":
            of = _("the first {count} of {fitting}")
            return f"{name} · " + of.format(
                count=phrases.count(queue.items), fitting=phrases.count(queue.fitting)
            )
        return name

    # -- moving ----------------------------------------------------------------------------------

    def action_step(self, step: int) -> None:
        """Go to the next or previous memory."""
        number = 0 if self._opened is None else len(self._opened.items)
        if 0 <= self._at + step < number:
            self._go(self._at + step)
        elif number:
            tell(self, _("That was the last one.") if step > 0 else _("That is the first one."))

    def action_unjudged(self) -> None:
        """Go to the next memory without a verdict of the operator on what it says, round and round."""
        background.start(self, self._go_to_unjudged, "unjudged", awaited=True)

    async def _go_to_unjudged(self) -> None:
        try:
            await self._read_judged()
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._fail(error)
            return
        items = () if self._opened is None else self._opened.items
        order = [*range(self._at + 1, len(items)), *range(self._at)]
        at = next((at for at in order if items[at].memory_pk not in self._judged), None)
        if at is None:
            self._say_where()
            tell(self, _("You have judged all the others."))
        else:
            self._turn_to(at)
            await self._show()

    def action_scroll(self, lines: int) -> None:
        """Scroll what has the focus."""
        self._focused_view.scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll the messages by a page, or the memory where that has the focus and is longer."""
        view = self._source_view if pages else self._focused_view
        view.scroll_relative(y=pages * max(1, view.size.height - 1), animate=False)

    @property
    def _focused_view(self) -> Detail:
        return self._source_view if self._source_view.has_focus else self._memory_view

    def action_open(self) -> None:
        """Go where the memory stands among all of its user; the queue can be gone on with later."""
        if self._found is not None:
            memory = self._found.memory
            self.dismiss(
                Place(memory.ref, memory.conversation_id or "", memory.memory_id, pane="memories")
            )

    def action_verdicts(self) -> None:
        """Show what was said of memories, in a list and in numbers, but to a second reviewer."""
        from memos_admin.tui.screens.verdicts import VerdictsScreen

        if self._queue.blind:
            tell(self, _("They would show what others said, which is hidden in this review."))
            return

        def left(place: Place | None) -> None:
            if place is not None:
                self.dismiss(place)

        self.app.push_screen(VerdictsScreen(self._session, self._queue.ref), left)

    def action_copy_id(self) -> None:
        """Copy the id of the memory at hand."""
        if self._found is not None:
            memory_id = masked(self._found.memory.memory_id)
            self.app.copy_to_clipboard(memory_id)
            tell(self, _("Copied {what}").format(what=memory_id), below=marks_note(memory_id))

    def action_ticket(self) -> None:
        """Ask for which ticket the following verdicts are."""
        ticketing.ask(self.app, self._session, partial(tell, self), self._for_ticket)

    def _for_ticket(self) -> None:
        if self._found is not None:  # what is on the screen is looked at for it too
            self._session.journaling.shown("queue", self._found.memory.ref)
        self._session.standing.mark()

    def action_fetch(self) -> None:
        """Ask MemOS for the messages of the conversation that the memory names."""
        found = self._found
        if found is None or not found.memory.conversation_id:
            tell(self, _("The memory names no conversation whose messages could be fetched."))
        else:
            background.start(
                self, partial(self._fetch, found.memory.ref, found.memory.conversation_id), "fetch"
            )

    async def _fetch(self, ref: SubjectRef, conversation_id: str) -> None:
        self._source_pane.set_note([Part(_("Asking MemOS for the messages …"))])
        try:
            await self._session.open_conversation(ref, conversation_id, _silently)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            tell(self, said_by(error))
        self._source_pane.set_note([])
        await self._show()

    def _do(self, deed: background.Deed, *, ends: bool = False) -> None:
        self._asked += 1
        doing = partial(self._guarded, deed, ends=ends)
        background.start(self, doing, f"verdict {self._asked}", awaited=True)

    async def _guarded(self, deed: background.Deed, *, ends: bool) -> None:
        try:
            await deed()
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            tell(self, _("It was not kept: {error}").format(error=said_by(error)), stays=True)
            ends = False
        if self.is_attached:
            await self._show()
            if ends:
                tell(self, self._at_the_end())


def _silently(_progress: Any) -> None:
    """Tell nobody how far it is: it is a request or two."""
