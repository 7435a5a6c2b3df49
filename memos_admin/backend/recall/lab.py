"""Asks the service as an application would, and again with the threshold off and limits at most."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from memos_admin.backend.keys import refuse_key
from memos_admin.backend.recall.explaining import Explanation, explain
from memos_admin.backend.recall.parameters import WIDEST, Parameters
from memos_admin.backend.recall.stored import Known, known
from memos_admin.backend.times import now_ms
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.store.records import SubjectRef

if TYPE_CHECKING:
    from memos_admin.backend.model import Reads
    from memos_admin.backend.workspace import Workspace
    from memos_admin.cloud.answers import Recalled

LONGEST = 4_000
"""Characters of a question."""


class BadQuestion(ValueError):
    """A text that cannot be asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an application asks: whose memories, for which text, with which parameters.

    Attributes:
        conversation_id: the conversation at hand, whose memories the service prefers.
    """

    user_id: str
    text: str
    conversation_id: str | None = None
    parameters: Parameters = field(default_factory=Parameters)

    @property
    def ref(self) -> SubjectRef:
        """Whose memories."""
        return SubjectRef("user", self.user_id)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the service answered.

    Attributes:
        widest: with the threshold off and limits at most; None: it was not asked so, or `trouble`.
        trouble: why there is no second answer though it was asked for; None: there is one.
        at: when, UTC milliseconds.
    """

    question: Question
    answer: Recalled
    widest: Recalled | None
    trouble: str | None
    at: int

    @property
    def memory_ids(self) -> tuple[str, ...]:
        """The ids of all memories of both."""
        both = (self.answer, self.widest)
        return tuple(m.memory_id for one in both if one is not None for m in one.memories)


@dataclass(frozen=True, slots=True)
class Table:
    """What the lab found, with what it was made of."""

    answers: Answers
    known: Known
    explanation: Explanation

    def has(self, memory_id: str | None) -> bool:
        """Whether a memory is in it; None always is."""
        return memory_id is None or any(row.memory_id == memory_id for row in self.explanation.rows)


async def ask(workspace: Workspace, question: Question, *, twice: bool = True) -> Answers:
    """Ask the service, in two requests; it is journaled.

    Args:
        workspace: the project.
        question: what is asked.
        twice: False: only as the application does, in one request.

    Raises:
        BadQuestion: the text is empty or too long.
        KeyGiven: it is the API key, or an id is.
        CredentialsError, CloudError: the service could not be asked as the application does.
    """
    if not question.text.strip():
        raise BadQuestion(_("There is no question. Type what is said to the assistant."))
    if len(question.text) > LONGEST:
        raise BadQuestion(
            _("The question has more than {most} characters. Shorten it.").format(
                most=f"{LONGEST:,}"
            )
        )
    from memos_admin.backend import journal

    refuse_keys(question, workspace.project.fingerprints)
    remote = await workspace.remote()
    answer = await remote.recall(
        question.user_id, question.text, question.conversation_id, question.parameters.body()
    )
    answers = Answers(question, answer, None, None, now_ms())
    if twice:
        answers = await widened(workspace, answers)
    counts = {"memories": len(answer.memories)}
    if answers.widest is not None:
        counts["memories_of_all"] = len(answers.widest.memories)
    event = journal.Event(
        "search",
        workspace.project,
        subject=question.ref,
        conversation_id=question.conversation_id,
        query=question.text,
        counts=counts,
        details={"in": "recall lab", **_told(question.parameters)},
    )
    journal.of(workspace.home).record(event)
    return answers


def refuse_keys(question: Question, fingerprints: Collection[str]) -> None:
    """Raise KeyGiven where something of a question is the API key, which is neither sent nor kept."""
    refuse_key(question.user_id, N_("id"), fingerprints)
    refuse_key(question.conversation_id or "", N_("conversation id"), fingerprints)
    refuse_key(question.text, N_("question"), fingerprints)


async def widened(workspace: Workspace, answers: Answers) -> Answers:
    """Return answers with the second one, which is asked for now; it belongs to what was journaled.

    Raises:
        CredentialsError, Refused: nothing can be asked.
    """
    from memos_admin.backend.errors import CloudError, Refused

    question = answers.question
    remote = await workspace.remote()
    try:
        widest = await remote.recall(
            question.user_id, question.text, question.conversation_id, WIDEST.body()
        )
    except Refused:
        raise
    except CloudError as error:
        return replace(answers, trouble=str(error))
    return replace(answers, widest=widest)


def _told(parameters: Parameters) -> dict[str, object]:
    """Return what is journaled of parameters; of a filter, which holds texts, only that there was one."""
    told = parameters.body()
    return {**told, "filter": True} if "filter" in told else told


def tabulate(reads: Reads, answers: Answers, memory_ids: Iterable[str] = ()) -> Table:
    """Return the table of answers, with what the store knows.

    Args:
        reads: the store.
        answers: of the service.
        memory_ids: memories of the user that are to be in it.
    """
    question = answers.question
    wanted = (*memory_ids, *answers.memory_ids)
    found = known(reads, question.ref, question.text, wanted)
    explanation = explain(
        question.user_id, question.parameters, answers.answer, answers.widest, found.memories
    )
    return Table(answers, found, explanation)
