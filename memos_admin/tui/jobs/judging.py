"""Verdicts on the screen: what stands of the memories that are shown, and giving and undoing them.

What a person says stands in the rows at once and is written behind; where that fails it is taken out of
them again, and said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from memos_admin.backend import occasion
from memos_admin.backend.home import HomeError
from memos_admin.backend.model import Memory, Reads
from memos_admin.backend.times import now_ms
from memos_admin.backend.verdicts.kinds import SHORT, WORDS
from memos_admin.backend.verdicts.operators import operator_of
from memos_admin.backend.verdicts.standing import Standing, Verdict, standing
from memos_admin.language import full_stop, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.importing import imported
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.backend.verdicts.queues import Asked
    from memos_admin.backend.workspace import Workspace

NOTHING = Standing()


class Given(NamedTuple):
    """A verdict that was given in this run, to be undone.

    Attributes:
        before: the operator's own that it replaced; None: there was none on what is shown.
    """

    memory: Memory
    verdict: str
    before: Verdict | None


class Judging:
    """The verdicts of one project as the screen has them.

    Attributes:
        given: what was given in this run and not taken back, earliest first.
        made: what the queues of this run were made of, by their keys.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._operator: str | None = None
        self._standing: dict[int, Standing] = {}
        self._turn = asyncio.Lock()
        self.given: list[Given] = []
        self.made: dict[int, Asked] = {}

    @property
    def operator(self) -> str:
        """Who judges, as far as that is known; known since anything was read."""
        return self._operator or ""

    def read(self, reads: Reads, memories: Iterable[Memory], as_of: int | None = None) -> None:
        """Find out what stands of memories; in the reader's thread."""
        if self._operator is None:
            try:
                self._operator = operator_of(self._workspace.home)
            except HomeError:
                self._operator = ""  # giving one says what is wrong
        some = list(memories)
        found = standing(reads, some, self.operator, as_of)
        for memory in some:
            self._standing[memory.pk] = found.get(memory.pk, NOTHING)

    def of(self, memory: Memory) -> Standing:
        """Return what stands of a memory, as far as it was read."""
        return self._standing.get(memory.pk, NOTHING)

    def own(self, memory: Memory) -> Verdict | None:
        """Return the operator's verdict on what is shown."""
        own = self.of(memory).own
        return own if own is not None and own.is_on(memory.version) else None

    def put(self, memory: Memory, found: Standing) -> None:
        """Take what was read of a memory; what is being written is newer, and stays."""
        if not self._turn.locked():
            self._standing[memory.pk] = found

    async def give(self, memory: Memory, verdict: str) -> None:
        """Let a verdict stand in place of the operator's last one. Raises as the backend does."""
        before, was, now = self.own(memory), self.of(memory), now_ms()
        self._take(memory, verdict, now)
        giving = await imported("memos_admin.backend.verdicts.giving")
        judgement = giving.Judgement(
            memory.memory_id, memory.version, verdict, ref=memory.ref, judged_at=now
        )
        await self._do(memory, was, giving.give(self._workspace, judgement))
        self.given.append(Given(memory, verdict, before))

    async def note(self, memory: Memory, note: str | None) -> None:
        """Say why beside the verdict that stands; it is undone with it. Raises as the backend does."""
        was, own = self.of(memory), self.own(memory)
        if own is not None:
            self._standing[memory.pk] = Standing(own._replace(note=note), was.others)
        giving = await imported("memos_admin.backend.verdicts.giving")
        work = giving.note(self._workspace, memory.memory_id, memory.version, note, memory.ref)
        await self._do(memory, was, work)

    async def undo(self, given: Given, *, slip: bool = False) -> str:
        """Let what was said before one of `given` stand again; return what is taken back.

        Args:
            given: the last one on its memory.
            slip: as `giving.undo`.

        Returns:
            ``""``: it stands no more.
        """
        memory, _verdict, before = given
        taken = self.own(memory)
        if taken is None:
            self.given = [one for one in self.given if one.memory.pk != memory.pk]
            return ""
        was = self.of(memory)
        self._standing[memory.pk] = Standing(before, was.others)
        giving = await imported("memos_admin.backend.verdicts.giving")
        work = giving.undo(self._workspace, memory.memory_id, memory.version, memory.ref, slip=slip)
        await self._do(memory, was, work)
        self.given = [one for one in self.given if one is not given]
        return taken.verdict

    async def withdraw(self, memory: Memory) -> str:
        """Take the operator's verdict on what is shown back; return it, ``""``: there is none."""
        if (own := self.own(memory)) is None:
            return ""
        was = self.of(memory)
        self._standing[memory.pk] = Standing(None, was.others)
        giving = await imported("memos_admin.backend.verdicts.giving")
        work = giving.withdraw(self._workspace, memory.memory_id, memory.version, memory.ref)
        await self._do(memory, was, work)
        self.given = [one for one in self.given if one.memory.pk != memory.pk]
        return own.verdict

    def _take(self, memory: Memory, verdict: str, now: int) -> None:
        own = Verdict(
            pk=0,
            memory_pk=memory.pk,
            version=memory.version,
            operator=self.operator,
            verdict=verdict,
            note=None,
            ticket=occasion.present().ticket,
            judged_at=now,
            ended_at=None,
            ended=None,
            view=memory.view,
            latest=memory.version,
        )
        self._standing[memory.pk] = Standing(own, self.of(memory).others)

    async def _do(self, memory: Memory, before: Standing, work: Awaitable[object]) -> None:
        async with self._turn:  # in the order in which they were asked for
            try:
                await work
            except BaseException:
                self._standing[memory.pk] = before
                raise


def undone(taken: str, before: Verdict | None, title: str) -> str:
    """Return what an undoing took back, of which memory, and what the operator says of it now."""
    word = _(WORDS.get(taken, taken))
    if before is None:
        text = _("Taken back: {verdict}, of {title}")
        return sentences(
            full_stop(text.format(verdict=word, title=title)),
            _("You have no verdict on it now."),
        )
    was = _(WORDS.get(before.verdict, before.verdict))
    text = _("Taken back: {verdict}. Your verdict is {before} again, as before: {title}")
    return full_stop(text.format(verdict=word, before=was, title=title))


def word_of(found: Standing) -> str:
    """Return what stands in a word or two, ``""`` where nothing does; *wrong/correct* where it differs."""
    text = _said(found)
    return _("{verdict}, changed since").format(verdict=text) if found.changed else text


def word_before_title(found: Standing) -> str:
    """Return the same where there is little room: *was wrong* where the memory changed since."""
    text = _said(found)
    return _("was {verdict}").format(verdict=text) if found.changed else text


def _said(found: Standing) -> str:
    some = found.of_now or found.all
    return "/".join(dict.fromkeys(_(SHORT.get(one.verdict, one.verdict)) for one in some))


def told(one: Verdict, now: int) -> str:
    """Return a verdict with who gave it and when, and on which version where that is another one."""
    word = _(WORDS.get(one.verdict, one.verdict))
    when = phrases.exact(one.judged_at, now)
    if one.is_changed:
        text = _("{verdict}, {operator}, {when}; of version {version}, changed since")
        return text.format(verdict=word, operator=one.operator, when=when, version=one.version)
    return _("{verdict}, {operator}, {when}").format(verdict=word, operator=one.operator, when=when)
