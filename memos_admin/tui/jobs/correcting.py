"""What the dialog of a change asks of a reviewed batch: which memories, what would be sent, and to send it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from memos_admin.backend.changing.lines import Line, below
from memos_admin.backend.display import called
from memos_admin.backend.model import Reads
from memos_admin.language import gettext as _
from memos_admin.tui.importing import imported
from memos_admin.tui.jobs.changes_in_memos import Tell, Worded
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.backend.changing.plan import Plan
    from memos_admin.backend.verdicts.correcting import Batch
    from memos_admin.backend.verdicts.sent import Sent
    from memos_admin.tui.session import Session

Way = Literal["feedback", "archive"]


def batch_of(reads: Reads, memory_pks: Iterable[int]) -> Batch:
    """Return what of the flagged memories among some can be sent."""
    from memos_admin.backend.verdicts.choosing import chosen, with_memories
    from memos_admin.backend.verdicts.correcting import batch
    from memos_admin.backend.verdicts.kinds import FLAGGED
    from memos_admin.backend.verdicts.verdict_filter import VerdictFilter

    among = set(memory_pks)
    found = chosen(reads, VerdictFilter(verdicts=frozenset(FLAGGED)))
    return batch(reads, with_memories(reads, [one for one in found if one[0].memory_pk in among]))


class Offered(NamedTuple):
    """What can be sent of a batch: as feedback, the same again, and by archiving."""

    feedback: Batch
    again: Batch
    archive: Batch


def offered(reads: Reads, some: Batch, sent: Mapping[str, Sequence[Sent]]) -> Offered:
    """Return what can be sent in which way; what was archived from here already is left out."""
    from memos_admin.backend.verdicts.correcting import without_sent

    feedback, again = without_sent(reads, some, "feedback", sent)
    return Offered(feedback, again, without_sent(reads, some, "archive", sent)[0])


class BatchCorrection(Worded):
    """Corrections of flagged memories, one request each."""

    def __init__(self, session: Session, batch: Batch, way: Way, why_not: str = "") -> None:
        """Take which memories, and how; and why that cannot be done, but shown."""
        super().__init__()
        self.why_not = why_not
        self._session, self._batch, self._way = session, batch, way
        self._plan: Plan | None = None

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        number = phrases.memories(len(self._batch.chosen))
        if self._way == "archive":
            return _("Archive in MemOS: {memories}").format(memories=number)
        return _("Say in words what is wrong: {memories}").format(memories=number)

    @property
    def words(self) -> tuple[str, ...]:
        """What is to be typed before it is done: the memory's id, or whose several are."""
        plan = self._plan
        if plan is None:
            return ()
        if len(plan.steps) > 1 and plan.owner is not None:
            return called(plan.owner), plan.word
        return (plan.word,)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be done."""
        return self._plan is None or not self._plan.steps

    async def look(self, tell: Tell) -> list[Line]:
        """Return what would be done, then what is left out: there may be much of it."""
        tell(_("asking MemOS what they say now …"))
        correcting = await imported("memos_admin.backend.verdicts.correcting")
        planning = await imported("memos_admin.backend.changing.planning")
        edits = correcting.feedback(self._batch.chosen) if self._way == "feedback" else {}
        ids, workspace = self._batch.memory_ids, self._session.workspace
        self._plan = await planning.plan(workspace, self._way, ids, edits=edits)
        self.number = len(self._plan.steps)
        lines = await self._word("plan_lines", self._plan, phrases.status_word)
        left_out = [
            below(_("{id}: left out. {why}").format(id=memory_id, why=why), "warn")
            for memory_id, why in self._batch.left_out
        ]
        return [*lines, *left_out]

    async def do(self, tell: Tell) -> list[Line]:
        """Do it, and return what came of it."""
        tell(_("sending it, and reading it back until MemOS shows it …"))
        carrying = await imported("memos_admin.backend.changing.carrying")
        outcome = await carrying.carry_out(self._session.workspace, self._plan)
        self.is_settled = outcome.is_settled
        return await self._word("outcome_lines", outcome, phrases.status_word)
