"""Saying of memories whether they are right, by one key."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from memos_admin.backend.display import called
from memos_admin.backend.model import Memory
from memos_admin.backend.verdicts.kinds import WORDS
from memos_admin.language import N_, full_stop, sentences
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs.judging import undone
from memos_admin.tui.jobs.taking import memory_under
from memos_admin.tui.layout.fitting import fit_parts
from memos_admin.tui.rows.main import title_of
from memos_admin.tui.screen_safe import why_no_field
from memos_admin.tui.words import narrowing, phrases

if TYPE_CHECKING:
    from memos_admin.backend.verdicts import queues
    from memos_admin.tui.jobs.judging import Given


_SCAN = "findings"

_NEW = (
    ("unreviewed", N_("unreviewed memories")),
    ("changed", N_("changed since review")),
    ("sample", N_("a random sample …")),
    ("flagged", N_("flagged: found wrong, outdated, sensitive …")),
    (_SCAN, N_("findings of a hygiene scan …")),
    ("unreviewed_second", N_("as second reviewer: what others have judged")),
    ("sample_second", N_("as second reviewer: a sample by its seed …")),
)
"""Queues that can be begun; behind the kind stands who goes through them blind."""


class JudgingActions(Acting, inherit_bindings=False):
    """Giving, explaining and taking back verdicts."""

    _verdicts_asked = 0

    def action_verdict(self, name: str) -> None:
        """Give a verdict on the memory."""
        if (memory := self._memory_to_judge()) is not None:
            self._judge(partial(self._give, memory, name))

    def action_withdraw(self) -> None:
        """Take the verdict on the memory back."""
        if (memory := self._memory_to_judge()) is not None:
            self._judge(partial(self._withdraw, memory))

    def action_undo_verdict(self) -> None:
        """Take the last verdict back, wherever it was given: what was said before stands again."""
        given = self.session.judging.given
        if given:
            self._judge(partial(self._undo, given[-1]))
        else:
            self.say(_("No verdict was given in this run, or all were taken back."))

    def action_note(self) -> None:
        """Say why, beside the verdict."""
        from memos_admin.tui.screens.dialogs import Ask

        memory = self._memory_to_judge()
        if memory is None:
            return
        own = self.session.judging.own(memory)
        if own is None:
            text = _("Give a verdict first: {key}. A note says why.")
            self.say(text.format(key=self.key("verdict.correct")))
            return
        before = own.note or ""
        if why := why_no_field(before, self.key("reveal")):
            self.say(why)
            return

        def taken(note: str | None) -> None:
            if note is not None and note.strip() != before:
                self._judge(partial(self._note, memory, note.strip()))

        help_text = _("Why, for whoever reads it later. It is kept here, and is not journaled.")
        title = _("Note: {verdict}").format(verdict=_(WORDS.get(own.verdict, own.verdict)))
        prompt = _("no note")
        self.app.push_screen(
            Ask(title, help_text, value=before, prompt=prompt, whom=memory.ref), taken
        )

    def action_queue(self) -> None:
        """Choose what to go through, or go on with what was left."""
        self.work(self._queue, "queue")

    async def _queue(self) -> None:
        from memos_admin.backend.verdicts import queues
        from memos_admin.tui.jobs import queueing
        from memos_admin.tui.screens.dialogs import Choice

        judging = self.session.judging
        await self.session.reader(lambda reads: judging.read(reads, ()))
        known = await self.session.reader(queues.left, judging.operator)
        going_on = [
            (str(one.pk), _("go on: {queue}, {where}").format(
                queue=queueing.name_of(one), where=phrases.of(one.position + 1, one.items)
            ))
            for one in known
            if one.items
        ]  # fmt: skip
        # Those left behind, so that the same keys choose the same queue, however many were left.
        options = [*((kind, _(text)) for kind, text in _NEW), *going_on]

        def chosen(key: str | None) -> None:
            queue = next((one for one in known if str(one.pk) == key), None)
            if queue is not None:
                self._go_through(queue)
            elif key == _SCAN:
                self.action_hygiene()
            elif key is not None:
                self._ask_whose(key)

        text = _("Memories one after the other, beside their source messages; 1 to 7 judge them.")
        await self.open_prepared(Choice(_("Review"), options, text=text, wide=True), chosen)

    def _ask_whose(self, kind: str) -> None:
        from memos_admin.backend.verdicts import queues
        from memos_admin.tui.screens.dialogs import Choice

        chosen = replace(self.desk.query, as_of=None)
        everybody = replace(chosen, subject=None, conversation_id=None)
        narrowed = fit_parts(narrowing.chips(everybody), 40)
        options = [("all", _("of all users"))]
        if chosen.subject is not None:
            whom = called(chosen.subject)
            options.append(("user", _("of {user}: everything").format(user=whom)))
            options.append(("listed", _("of {user}: what the list shows").format(user=whom)))
        text = ""
        if narrowed:
            text = _("The filters of the list hold for all of these: {filters}").format(
                filters=narrowed
            )

        def taken(key: str | None) -> None:
            if key is None:
                return
            wanted = {
                "all": everybody,
                "user": replace(chosen, conversation_id=None),
                "listed": chosen,
            }[key]
            name, _blind, second = kind.partition("_")
            asked = queues.Asked(cast("queues.Kind", name), wanted, blind=bool(second))
            if name == "sample":
                self._ask_sample(asked)
            else:
                self.work(partial(self._make, asked), "queue")

        dialog = Choice(_("Review"), options, text=text, wide=True, whom=chosen.subject)
        self.app.push_screen(dialog, taken)

    def _ask_sample(self, asked: queues.Asked) -> None:
        from memos_admin.backend.verdicts import queues
        from memos_admin.tui.screens.dialogs import Ask

        async def take(text: str) -> str:
            words = text.split()
            if not 1 <= len(words) <= 2 or not all(w.isascii() and w.isdigit() for w in words):
                return _("Write how many, such as 50, and perhaps a seed behind it: 50 4711")
            number, *seeds = (int(word[:12]) for word in words)
            if not 1 <= number <= queues.MOST:
                return _("A sample has 1 to {most} memories.").format(most=f"{queues.MOST:,}")
            seed = seeds[0] if seeds else None
            self.work(partial(self._make, replace(asked, number=number, seed=seed)), "queue")
            return ""

        text = _(
            "How many memories? A seed behind the number draws the same ones again, for a second "
            "reviewer; without one it is drawn, and told. It is drawn from the memories that the filter leaves: "
            "for a time, leave here and filter them first, such as {key} updated:2026-01-01..2026-01-31"
        ).format(key=self.key("filter"))
        title = _("A sample")
        value, whom = str(queues.SAMPLE), asked.memories.subject
        self.app.push_screen(Ask(title, text, value=value, prompt="50 4711", take=take, whom=whom))

    async def _make(self, asked: queues.Asked) -> None:
        from memos_admin.tui.jobs import queueing

        self.say(_("Putting the queue together …"))
        queue = await queueing.made(self.session, asked)
        if not queue.items:
            self.say(_("There is nothing to review: no memory fits."))
        else:
            self._go_through(queue)

    def action_verdicts(self) -> None:
        """Show what was said of memories, in a list and in numbers."""
        from memos_admin.tui.screens.verdicts import VerdictsScreen

        if not self.opens_for_somebody():
            return
        subject = None if self.desk.subject is None else self.desk.subject.ref
        self.app.push_screen(VerdictsScreen(self.session, subject), self.open)

    def _go_through(self, queue: queues.Queue) -> None:
        from memos_admin.tui.screens.queue import QueueScreen

        def left(place: Place | None) -> None:
            self.reload()
            self.open(place)

        self.app.push_screen(QueueScreen(self.session, queue), left)

    def _judge(self, deed: background.Deed) -> None:
        # Each in a group of its own: a later one must not cancel one that is being written.
        self._verdicts_asked += 1
        self.work(deed, f"verdict {self._verdicts_asked}", fills="transcript")

    async def _give(self, memory: Memory, name: str) -> None:
        await self._put(self.session.judging.give(memory, name))
        said = _("{verdict}: {title}").format(verdict=_(WORDS[name]), title=title_of(memory))
        undo = _("{key} takes it back.").format(key=self.key("undo_verdict"))
        self.say(sentences(full_stop(said), undo))
        await self.desk.detail.show()

    async def _note(self, memory: Memory, note: str) -> None:
        await self._put(self.session.judging.note(memory, note or None))
        self.say(_("The note is kept.") if note else _("The note is taken out."))
        await self.desk.detail.show()

    async def _put(self, work: Awaitable[None]) -> None:
        """Let a verdict stand, in the rows at once."""
        try:
            self.call_after_refresh(self.show_verdicts)
            await work
        finally:
            self.show_verdicts()

    async def _withdraw(self, memory: Memory) -> None:
        try:
            verdict = await self.session.judging.withdraw(memory)
        finally:
            self.show_verdicts()
        if verdict:
            word = _(WORDS.get(verdict, verdict))
            text = _("Taken back: {verdict}, of {title}")
            self.say(full_stop(text.format(verdict=word, title=title_of(memory))))
        else:
            self.say(_("There is no verdict of yours on what it says now."))
        await self.desk.detail.show()

    async def _undo(self, given: Given) -> None:
        try:
            taken = await self.session.judging.undo(given)
        finally:
            self.show_verdicts()
        if taken:
            self.say(undone(taken, given.before, title_of(given.memory)))
        else:
            self.say(_("There is no verdict of yours on what it says now."))
        await self.desk.detail.show()

    def show_verdicts(self) -> None:
        """Draw the rows anew: something else is said of them."""
        self.desk.panes.memories.redraw()
        self.desk.detail.show_word()

    def _memory_to_judge(self) -> Memory | None:
        """Return the memory under the cursor; say where there is none."""
        memory = memory_under(self.desk, self.pane)
        if memory is None:
            self.say(_("There is no memory here to judge."))
        return memory
