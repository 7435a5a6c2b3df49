"""The live mode of the main screen: polls in the background, and what they found, marked for a while."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer

from memos_admin.backend.display import both_ends, called
from memos_admin.backend.history.changes import Change
from memos_admin.backend.model import Memory, Reads, SubjectRef
from memos_admin.backend.times import now_ms
from memos_admin.language import N_, counted, full_stop, sentences
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.importing import imported
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.reader import in_thread
from memos_admin.tui.session import Session
from memos_admin.tui.words import phrases, troubles
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.watching.watch import Poll, Watched
    from memos_admin.tui.rows.live import Followed
    from memos_admin.tui.screens.main import MainScreen

GROUP = "watch"

MARKED_SECONDS = 300.0
"""How long a row stays marked that was new or changed."""

MOST_KEPT = 10_000
"""Changes that are kept for the list of what was found, the latest ones."""

_TICK = 1.0

_MARKS = {
    "added": N_("new"),
    "changed": N_("changed"),
    "status": N_("changed"),
    "returned": N_("back"),
    "vanished": N_("gone"),
}

_TROUBLES = {
    "away": (
        N_("no usable answer since {time}"),
        N_("no answer since {time}"),
        N_("no answer"),
    ),
    "limited": (
        N_("rate limited since {time}"),
        N_("limited since {time}"),
        N_("limited"),
    ),
}
_LACKS = (
    N_("not all is read since {time}"),
    N_("not all since {time}"),
    N_("not all"),
)
"""What goes wrong, by what came of the last poll, else; ever shorter."""


class Watching:
    """Starts and ends one watch at a time, follows tasks beside it, and says how it goes.

    Attributes:
        since: when the last watch began, or the first task was followed, milliseconds; None: none was.
        ref: whom alone it is about; None: several.
        found: whose changes it has found, and which, the latest last; `MOST_KEPT` are kept.
        number: how many it has found, those included that are no longer kept.
        tasks: the tasks that are or were followed, the one that was asked for last first.
        news: how often something was found.
    """

    def __init__(self, screen: MainScreen, session: Session) -> None:
        self._screen, self._session = screen, session
        self._watched: Watched | None = None
        self._next: float | None = None
        self._timer: Timer | None = None
        self._on = False
        self._troubles: tuple[str, ...] = ()
        self._marks: dict[int, tuple[str, float]] = {}
        self.since: int | None = None
        self.ref: SubjectRef | None = None
        self.found: deque[tuple[SubjectRef, Change]] = deque(maxlen=MOST_KEPT)
        self.number = 0
        self.tasks: list[Followed] = []
        self._followed = 0
        self._known: set[SubjectRef] = set()  # whose rows it has that were in the store
        self.news = 0

    @property
    def on(self) -> bool:
        """Whether a watch runs."""
        return self._on

    @property
    def follows(self) -> bool:
        """Whether a task is followed that has not ended."""
        return any(one.runs for one in self.tasks)

    @property
    def mark(self) -> Part:
        """What the top line says of it, with the key that shows it; no text: nothing is watched.

        Where the room is short the key goes before how much was found, and when it asks next goes last;
        what goes wrong stays.
        """
        key = self._screen.key("watch")
        state = self._troubles[0] if self._troubles else _("live")
        if not self._on:
            if not self.follows:
                return Part("")
            texts: tuple[str, ...] = (_("live · a task runs: {key}"), _("live · a task runs"))
        elif self._watched is None or self._next is None:
            texts = (
                _("live · {count} found: {key} · asking …"),
                _("live · {count} found · asking …"),
                _("live · asking …"),
            )
        else:
            texts = (
                _("{state} · {count} found: {key} · next in {seconds} s"),
                _("{state} · {count} found: {key} · {seconds} s"),
                _("{state} · {count} found · {seconds} s"),
                _("{state} · {seconds} s"),
                *self._troubles,
            )
        found, left = phrases.count(self.number), self._seconds
        said, *shorter = (
            text.format(state=state, count=found, key=key, seconds=left) for text in texts
        )
        return Part(said, (*shorter, ""))

    @property
    def _seconds(self) -> int:
        """How long the next poll is away."""
        return 0 if self._next is None else max(0, math.ceil(self._next - time.monotonic()))

    @property
    def plan(self) -> tuple[str, ...]:
        """What goes wrong, when it asks next, whom it watches, and at what expense; none where nothing is watched."""
        if not self._on:
            return ()
        if self._watched is None:
            return (_("asking …"),)
        whom = counted(len(self._watched.refs), "{count} user", "{count} users")
        rate = _("at most {count} requests a minute while nothing changes")
        if self._watched.expense.at_least:
            rate = _("{count} requests a minute or more while nothing changes")
        return (
            *self._troubles[:1],
            _("next in {seconds} s").format(seconds=self._seconds),
            _("watching {whom}").format(whom=whom),
            rate.format(count=f"{self._watched.per_minute:.0f}"),
        )

    def word_of(self, memory: Memory) -> str:
        """Return what a watch has found of a memory a while ago, in a word; ``""``: nothing."""
        kind, until = self._marks.get(memory.listing_pk, ("", 0.0))
        return _(_MARKS[kind]) if kind and time.monotonic() < until else ""

    def start(self, refs: Sequence[SubjectRef]) -> None:
        """Watch these; a watch that runs is ended, and tasks that have ended go with what it found."""
        self._on, self._watched, self._next, self._troubles = True, None, None, ()
        self.since, self.ref = now_ms(), refs[0] if len(refs) == 1 else None
        self.found.clear()
        self.tasks = [one for one in self.tasks if one.runs]
        self.number = 0
        background.start(self._screen, partial(self._run, tuple(refs)), GROUP)
        self._tick()

    def _tick(self) -> None:
        if self._timer is None:
            self._timer = self._screen.set_interval(_TICK, self._screen.show_state)
        self._screen.show_state()

    def follow(self, task_id: str) -> None:
        """Follow a task to its end, and find out which memories came of it; one is followed once."""
        from memos_admin.tui.rows.live import Followed

        known = next((one for one in self.tasks if one.task_id == task_id), None)
        if known is not None and known.runs:
            return
        if known is not None:
            self.tasks.remove(known)
        if self.since is None:
            self.since = now_ms()
        followed = Followed(task_id, now_ms(), self._followed)
        self._followed += 1
        self.tasks.insert(0, followed)
        self.news += 1
        background.start(self._screen, partial(self._follow, followed), _group_of(task_id))
        self._screen.show_state()

    def end(self, followed: Followed) -> None:
        """Follow a task no more; what MemOS does with it goes on."""
        followed.trouble = _("no longer followed")
        self._screen.workers.cancel_group(self._screen, _group_of(followed.task_id))
        self.news += 1
        self._screen.show_state()
        text = _("Task {id} is no longer followed. In MemOS it goes on.")
        self._screen.say(text.format(id=both_ends(followed.task_id, 40)))

    async def _follow(self, followed: Followed) -> None:
        from memos_admin.backend.errors import NotFound

        self._session.journaling.shown("task", None)
        try:
            task = await imported("memos_admin.backend.watching.task")
            async for state in task.follow(self._session.workspace, followed.task_id):
                followed.task, followed.at = state, now_ms()
                self.news += 1
            followed.came = tuple(await task.came_of(self._session.workspace, followed.task))
            await self.let_go_of_lost()  # it notes whose they are
        except NotFound:
            followed.trouble = _("MemOS has no such task")
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            followed.trouble = said_by(error)
        finally:
            self.news += 1
            if self._screen.is_attached:
                self._screen.show_state()
        self._screen.say(self._told_of(followed), everywhere=True)

    def _told_of(self, followed: Followed) -> str:
        """Return how a task has ended, and where its memories are."""
        from memos_admin.tui.rows.jump import task_text

        if followed.trouble or followed.task is None:
            text = _("Task {id}: {trouble}")
            said = text.format(id=both_ends(followed.task_id, 40), trouble=followed.trouble)
            return full_stop(said)
        shows = _("{key} shows what came of it.").format(key=self._screen.key("watch"))
        return sentences(task_text(followed.task), shows)

    async def let_go_of_lost(self) -> None:
        """Keep nothing that was found of a user who was in the store, and is there no more."""
        came = {one.said.ref for task in self.tasks for one in task.came if one.said}
        whose = {ref for ref, _change in self.found}
        self._known |= whose
        if not (wanted := whose | {ref for ref in came if ref is not None}):
            return
        there = await self._session.reader(_there, wanted)
        lost = (wanted & self._known) - there
        self._known = (self._known | there) - lost
        if not lost:
            return
        kept = [one for one in self.found if one[0] not in lost]
        self.number -= len(self.found) - len(kept)
        self.found.clear()
        self.found.extend(kept)
        for task in self.tasks:
            task.came = tuple(one for one in task.came if not one.said or one.said.ref not in lost)
        self.news += 1

    def stop(self) -> None:
        """End it; what was read stays."""
        self._screen.workers.cancel_group(self._screen, GROUP)
        self._end()
        self._screen.say(_("No longer watching. What was read stays."))

    def _end(self) -> None:
        self._on, self._watched, self._next, self._troubles = False, None, None, ()
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._screen.is_attached:
            self._screen.show_state()

    async def _run(self, refs: tuple[SubjectRef, ...]) -> None:
        seen = Counter[str]()
        ref = refs[0] if len(refs) == 1 else None
        try:
            settings = await imported("memos_admin.backend.watching.settings")
            watching = await imported("memos_admin.backend.watching.watch")
            workspace = self._session.workspace
            chosen = await in_thread(settings.of_home, workspace.home)
            watch = watching.Watch(workspace, refs, interval=chosen.interval)
            self._watched = await watch.begin()
            details = {"interval": chosen.interval, "watched": len(self._watched.refs)}
            self._session.journaling.watched(ref, {}, details)
            self._screen.say(self._plan(self._watched), stays=True)
            async for poll in watch.polls():
                seen.update(polls=1, changes=len(poll.found))
                self._take(poll, bell=chosen.bell)
                if poll.next_in is None:
                    self._end()
                    return
                self._next = time.monotonic() + poll.next_in
                self._screen.show_state()
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._end()
            trouble = troubles.of_error(error, self._screen.key)
            self._screen.fetching.failed(trouble)
            self._screen.say(_("The watch has ended: it needs you."), stays=True)
        finally:
            if seen["polls"]:
                counts = {"changes": seen["changes"]}
                self._session.journaling.watched(ref, counts, {"polls": seen["polls"]})

    def _take(self, poll: Poll, *, bell: bool) -> None:
        """Show what a poll has found; the cursor stays where it is."""
        now = time.monotonic()
        self._troubles = _troubles_of(poll)
        self.found.extend((found.about.ref, found.change) for found in poll.found)
        self.number += len(poll.found)
        self.news += bool(poll.found)
        self._marks = {key: mark for key, mark in self._marks.items() if now < mark[1]}
        for found in poll.found:
            if isinstance(found.about, Memory):
                self._marks[found.about.listing_pk] = found.change.kind, now + MARKED_SECONDS
        if poll.next_in is None:
            self._screen.fetching.failed(
                sentences(poll.trouble, _("The watch has ended: it needs you."))
            )
        elif poll.trouble:
            text = _("The watch goes on, more slowly: {trouble}")
            self._screen.say(text.format(trouble=poll.trouble), stays=True)
        if poll.again_since is not None:
            since = phrases.clock(poll.again_since)
            text = _("MemOS is read again, for the first time since {time}.")
            self._screen.say(text.format(time=since), everywhere=True)
        if poll.found:
            shows = _("{key} shows all.").format(key=self._screen.key("watch"))
            self._screen.say(sentences(_told(poll), shows), everywhere=True)
            if bell:
                self._screen.app.bell()
        if poll.found or poll.first_read:
            self._screen.reload()

    def _plan(self, watched: Watched) -> str:
        """Return whom it watches, how often, and at what expense."""
        key = self._screen.key("watch")
        whom = counted(len(watched.refs), "{count} user", "{count} users")
        if len(watched.refs) == 1:
            whom = both_ends(called(watched.refs[0]), 40)
        text = _(
            "Watching {whom}: about every {seconds} s, more slowly while nothing changes; {rate} requests a "
            "minute at most then. What is gone is not looked for. {key} shows what it finds, and ends it."
        )
        if watched.expense.at_least:
            text = _(
                "Watching {whom}: about every {seconds} s, more slowly while nothing changes; {rate} requests "
                "a minute or more then. What is gone is not looked for. {key} shows what it finds, and ends it."
            )
        return text.format(
            whom=whom, seconds=f"{watched.shortest:.0f}", rate=f"{watched.per_minute:.0f}", key=key
        )


def _there(reads: Reads, whose: Collection[SubjectRef]) -> set[SubjectRef]:
    """Return who of these is in the store."""
    return {ref for ref in whose if reads.subject(ref) is not None}


def _troubles_of(poll: Poll) -> tuple[str, ...]:
    """Return what goes wrong and since when, ever shorter; nothing where all is well."""
    if poll.troubled_since is None:
        return ()
    time = phrases.clock(poll.troubled_since)
    return tuple(_(text).format(time=time) for text in _TROUBLES.get(poll.outcome, _LACKS))


def _group_of(task_id: str) -> str:
    return f"{GROUP}:{task_id}"


def _told(poll: Poll) -> str:
    """Return whose memories and messages have changed, and how."""
    whose = Counter(found.about.ref for found in poll.found)
    ref, number = whose.most_common(1)[0]
    changes = counted(number, "{count} change", "{count} changes")
    first = _("{changes} of {name}").format(changes=changes, name=both_ends(called(ref), 30))
    others = len(whose) - 1
    if not others:
        return _("Found: {first}.").format(first=first)
    more = counted(others, "{count} other", "{count} others")
    return _("Found: {first}, and of {more}.").format(first=first, more=more)
