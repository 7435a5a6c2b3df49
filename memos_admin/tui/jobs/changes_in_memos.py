"""What the dialog of a change asks of the backend: what would be done, and to do it.

Everything that imports the client is imported here, in a thread, at first use.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from memos_admin.backend.display import both_ends, called
from memos_admin.language import gettext as _
from memos_admin.tui.importing import imported
from memos_admin.tui.reader import in_thread
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.backend.changing.lines import Line
    from memos_admin.backend.changing.plan import Act, Plan
    from memos_admin.backend.changing.subject_asking import Asked
    from memos_admin.backend.changing.subject_planning import SubjectPlan
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.sync import SyncProgress
    from memos_admin.tui.session import Session

Tell = Callable[[str], None]


class Change(Protocol):
    """Something that can be changed in MemOS."""

    @property
    def title(self) -> str:
        """What it is, in a few words."""

    @property
    def words(self) -> tuple[str, ...]:
        """What is to be typed before it is done, the one that is shown first, or another of them.

        None: nothing is, since it can be taken back.
        """

    @property
    def number(self) -> int:
        """Of how many memories it is, all of which one word confirms; 1: of one, or of somebody's."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be done; known when it was looked at."""

    @property
    def why_not(self) -> str:
        """Why it is only shown, and cannot be done; ``""``: it can."""

    @property
    def stops(self) -> bool:
        """Whether leaving ends it while it is done, with nothing left of it."""

    @property
    def ages(self) -> bool:
        """Whether its words say how long ago something was."""

    @property
    def is_settled(self) -> bool:
        """Whether MemOS shows what came of it, and the store has that; also where nothing was done yet."""

    @property
    def choices(self) -> str:
        """What can be chosen by which keys before it is done, ``""``: nothing."""

    def choose(self, key: str) -> bool:
        """Choose by a key; return whether there is something else to be looked at now."""

    @property
    def although(self) -> str:
        """What can be chosen by which key where looking at it has failed, ``""``: nothing."""

    async def look(self, tell: Tell) -> list[Line]:
        """Return what would be done; `tell` is called with how far that is."""

    async def do(self, tell: Tell) -> list[Line]:
        """Do it, and return what came of it."""

    async def again(self) -> list[Line]:
        """Return what was returned last, as it is masked by now."""


class Worded:
    """Words what is planned, or came of it, as often as is asked for.

    Attributes:
        wording: the module whose functions return lines.
        number, why_not, stops, ages, is_settled: see `Change`.
    """

    wording = "memos_admin.backend.changing.wording"
    number = 1
    why_not = ""
    stops = False
    ages = False
    is_settled = True

    def __init__(self) -> None:
        self._last: tuple[Any, ...] = ()

    @property
    def choices(self) -> str:
        """What can be chosen by which keys before it is done, ``""``: nothing."""
        return ""

    def choose(self, key: str) -> bool:
        """Choose by a key; return whether there is something else to be looked at now."""
        return False

    @property
    def although(self) -> str:
        """What can be chosen by which key where looking at it has failed, ``""``: nothing."""
        return ""

    async def _word(self, name: str, *about: Any) -> list[Line]:
        """Return the lines that a function of the wording has of something."""
        self._last = (name, *about)
        return await self.again()

    async def again(self) -> list[Line]:
        """Return what was returned last, as it is masked by now; comparing texts takes a while."""
        wording = await imported(self.wording)
        name, *about = self._last
        return await in_thread(lambda: list(getattr(wording, name)(*about)))


class MemoryChange(Worded):
    """A change of one memory."""

    def __init__(
        self,
        session: Session,
        act: Act,
        memory_id: str,
        *,
        title: str | None = None,
        content: str | None = None,
    ) -> None:
        """Take what is to be changed; `title` and `content`: what an edit has made of it."""
        super().__init__()
        self._session, self._act, self._memory_id = session, act, memory_id
        self._edit = (title, content)
        self._plan: Plan | None = None

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        words = {
            "edit": _("Edit {name} in MemOS"),
            "archive": _("Archive {name} in MemOS"),
            "restore": _("Restore {name} in MemOS"),
            "delete": _("Delete {name} in MemOS"),
        }
        return words[self._act].format(name=both_ends(self._memory_id, 40))

    @property
    def words(self) -> tuple[str, ...]:
        """What is to be typed before it is done."""
        lasting = self._plan is not None and self._plan.is_lasting
        return (self._memory_id,) if lasting else ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be done."""
        return self._plan is None or not self._plan.steps

    async def look(self, tell: Tell) -> list[Line]:
        """Return what would be done."""
        tell(_("asking MemOS what it says now …"))
        planning = await imported("memos_admin.backend.changing.planning")
        edit = planning.Edit(*self._edit)
        plan = await planning.plan(self._session.workspace, self._act, [self._memory_id], edit)
        self._plan = plan
        return await self._word("plan_lines", plan, phrases.status_word)

    async def do(self, tell: Tell) -> list[Line]:
        """Do it, and return what came of it."""
        tell(_("sending it, and reading it back until MemOS shows it …"))
        carrying = await imported("memos_admin.backend.changing.carrying")
        outcome = await carrying.carry_out(self._session.workspace, self._plan)
        self.is_settled = outcome.is_settled
        return await self._word("outcome_lines", outcome, phrases.status_word)


class Unseen(Worded):
    """What deletes all of a user or an agent: where not all can be read only if somebody chooses that.

    Attributes:
        although_unread: it was chosen.
    """

    although_unread = False
    _is_unread = False

    @property
    def although(self) -> str:
        """What can be chosen where not all could be read."""
        if not self._is_unread:
            return ""
        return _(
            "Where it cannot wait, and must go although what was not read is lost: u shows what would be done."
        )

    def choose(self, key: str) -> bool:
        """Choose to go without what cannot be read, where that was seen to be so."""
        if key != "u" or not self._is_unread:
            return super().choose(key)
        self.although_unread, self._is_unread = True, False
        return True

    async def _planned(self, plan: Callable[[], Awaitable[Any]]) -> Any:
        """Return what plans it returns; note where it refuses since not all could be read."""
        subject = await imported("memos_admin.backend.changing.subject")
        try:
            return await plan()
        except subject.NotAllRead:
            self._is_unread = True
            raise


class SubjectDeletion(Unseen):
    """The deletion of all that MemOS holds of a user or an agent."""

    wording = "memos_admin.backend.changing.subject_wording"
    is_empty = False

    def __init__(self, session: Session, ref: SubjectRef) -> None:
        """Take whom."""
        super().__init__()
        self._session, self._ref = session, ref
        self._plan: SubjectPlan | None = None

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        name = both_ends(called(self._ref), 40)
        return _("Delete {name} in MemOS").format(name=name)

    @property
    def words(self) -> tuple[str, ...]:
        """What is to be typed before it is done: what the user is called here, or its id."""
        return called(self._ref), self._ref.external_id

    async def look(self, tell: Tell) -> list[Line]:
        """Return what would be done; everything of it is read for that."""
        subject = await imported("memos_admin.backend.changing.subject")
        folder = await in_thread(self._session.propose_folder)
        plan = await self._planned(
            lambda: subject.plan(
                self._session.workspace,
                self._ref,
                export_in=folder,
                although_unread=self.although_unread,
                on_progress=telling(tell),
            )
        )
        self._plan = plan
        return await self._word("subject_plan_lines", plan, phrases.view_word)

    async def do(self, tell: Tell) -> list[Line]:
        """Do it, and return what came of it."""
        subject = await imported("memos_admin.backend.changing.subject")
        outcome = await subject.delete(
            self._session.workspace,
            self._plan,
            on_progress=telling(tell),
            on_asked=await telling_asked(tell),
        )
        self.is_settled = outcome.is_settled
        return await self._word("subject_outcome_lines", outcome)


async def telling_asked(tell: Tell) -> Callable[[Asked], None]:
    """Return what tells how far a reading back is."""
    wording = await imported("memos_admin.backend.changing.subject_wording")
    return lambda asked: tell(wording.asked_text(asked))


def telling(tell: Tell) -> Callable[[SyncProgress], None]:
    """Return what tells how far a reading is."""
    return lambda progress: tell(progress.doing)
