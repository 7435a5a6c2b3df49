"""Whether answers are as expected, and what has changed since the last time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, Literal, NamedTuple, ParamSpec, Protocol, TypeVar

from memos_admin.backend.keys import KeyGiven
from memos_admin.backend.recall import lab, wording
from memos_admin.backend.recall.explaining import Row
from memos_admin.backend.recall.lab import Answers, Table
from memos_admin.backend.recall.parameters import Parameters
from memos_admin.backend.recall.questions import Expectation, Saved
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.store.records import RECALL_CHECKS, SubjectRef

if TYPE_CHECKING:
    from memos_admin.backend.model import Reads
    from memos_admin.backend.workspace import Workspace
    from memos_admin.cloud.answers import Memory

Ended = tuple[bool, int | None]
"""How an expectation ended: (met, rank)."""

Last = Mapping[str, tuple[Ended, ...]]
"""How checks ended, each expectation, by the digest of the question."""

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 4
"""Questions that are asked at once; the client's rate holds for all of them together."""

MOST_KEPT = 2_000
"""Questions whose last check is kept."""

Outcome = Literal["passed", "failed", "not asked"]
Change = Literal["new", "newly fails", "newly passes", "moved", "same", ""]
"""Since the last check of the same question, or expectation; ``""``: it was not asked now."""

_TELLING: Sequence[Change] = ("newly fails", "newly passes", "moved")
"""What has changed of a question is what changed of its expectations: the first of these."""


class Read(Protocol):
    """Calls a function with the store, in whatever thread that is read."""

    async def __call__(
        self, fn: Callable[Concatenate[Reads, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what ``fn(reads, …)`` returns."""
        ...


def at_once(reads: Reads) -> Read:
    """Return what reads a store without a thread, where nobody waits for anything else."""

    async def read(fn: Callable[Concatenate[Reads, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return fn(reads, *args, **kwargs)

    return read


class Found(NamedTuple):
    """What came of an expectation.

    Attributes:
        met: it is as expected.
        memory_id: the memory that the answer has, or lacks; None: none is known.
        view, rank: of that memory in the answer; None: it is not there.
        why: a sentence that says so.
    """

    expectation: Expectation
    met: bool
    memory_id: str | None
    view: str | None
    rank: int | None
    why: str

    def change(self, before: Ended) -> Change:
        """Return what has changed since it ended so."""
        if before == (self.met, self.rank):
            return "same"
        if before[0] == self.met:
            return "moved"
        return "newly passes" if self.met else "newly fails"


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a question.

    Attributes:
        problem: why it was not asked; ``""``: it was.
        before: how each expectation ended at the last check; None: there was none.
    """

    saved: Saved
    digest: str
    found: tuple[Found, ...] = ()
    problem: str = ""
    before: tuple[Ended, ...] | None = None

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        if self.problem:
            return "not asked"
        return "passed" if all(one.met for one in self.found) else "failed"

    @property
    def changes(self) -> tuple[Change, ...]:
        """What has changed of each expectation since the last check."""
        if self.before is None or len(self.before) != len(self.found):
            return tuple("new" for _found in self.found)
        return tuple(one.change(last) for one, last in zip(self.found, self.before, strict=True))

    @property
    def change(self) -> Change:
        """What has changed since the last check: that something fails newly goes before all else."""
        if self.problem:
            return ""
        changes = self.changes
        if self.before is None or "new" in changes:
            return "new"
        return next((change for change in _TELLING if change in changes), "same")


def judged(saved: Saved, answers: Answers, table: Table | None = None) -> tuple[Found, ...]:
    """Return what comes of each expectation. Pure.

    Args:
        saved: the question.
        answers: what the application gets.
        table: tells why something is not in it; None: nothing does.
    """
    ranked = _ranked(answers.answer.memories)
    return tuple(_judged(one, ranked, table) for one in saved.expected)


def of_nobody(found: Iterable[Found]) -> tuple[Found, ...]:
    """Return expectations as not met, since whoever they are about may be mistyped.

    An answer without anything would meet all that must not be in it.
    """
    why = _(
        "Nobody knows this user: MemOS returns nothing of it, with the threshold off either, and it was "
        "never listed here. Check the id, or say unknown_user = true."
    )
    return tuple(one._replace(met=False, why=why) for one in found)


def _is_unknown(reads: Reads, saved: Saved) -> bool:
    return not saved.unknown_user and reads.subject(SubjectRef("user", saved.user_id)) is None


def _ranked(memories: Iterable[Memory]) -> list[tuple[Memory, int]]:
    """Return memories with their places in their views."""
    places: dict[str, int] = {}
    found = []
    for memory in memories:
        places[memory.view] = places.get(memory.view, 0) + 1
        found.append((memory, places[memory.view]))
    return found


def _judged(
    wanted: Expectation, ranked: Sequence[tuple[Memory, int]], table: Table | None
) -> Found:
    fitting = [(m, rank) for m, rank in ranked if _fits(wanted, m.memory_id, m.view, _said(m))]
    near = [(m, rank) for m, rank in fitting if wanted.within is None or rank <= wanted.within]
    best = min(near or fitting, key=lambda pair: pair[1], default=None)
    met = bool(near) == wanted.must
    if best is None:
        row = None if table is None else _out(wanted, table)
        why = "" if met else _missing(wanted, row, table)
        memory_id = wanted.memory_id or (None if row is None else row.memory_id)
        return Found(wanted, met, memory_id, None, None, why)
    memory, rank = best
    why = "" if met else _there(wanted, rank, bool(near))
    return Found(wanted, met, memory.memory_id, memory.view, rank, why)


def _fits(wanted: Expectation, memory_id: str, view: str, said: str) -> bool:
    if wanted.view not in {None, view} or wanted.memory_id not in {None, memory_id}:
        return False
    flat = " ".join(said.casefold().split())
    return all(words.casefold() in flat for words in wanted.words)


def _said(memory: Memory) -> str:
    return "\n".join([memory.title or "", memory.content, *memory.tags])


def _out(wanted: Expectation, table: Table) -> Row | None:
    """Return the nearest row that would have been as expected; None: there is none."""
    for row in table.explanation.rows:
        said = f"{row.title or ''}\n{row.content}"
        if not row.is_in and _fits(wanted, row.memory_id, row.view, said):
            return row
    return None


def _missing(wanted: Expectation, row: Row | None, table: Table | None) -> str:
    told = _("It is not among what the application gets.")
    if row is not None and table is not None:
        return sentences(told, wording.explained(row, table))
    if table is None:
        return told
    if wanted.memory_id is not None:
        return sentences(told, _("Neither MemOS nor the store has it of this user."))
    return sentences(told, _("Nothing that MemOS returns or that is stored has these words."))


def _there(wanted: Expectation, rank: int, near: bool) -> str:
    if near or wanted.within is None:
        return _("It is number {rank} of its view.").format(rank=rank)
    return _("It is number {rank} of its view, not among the first {within}.").format(
        rank=rank, within=wanted.within
    )


async def check(
    workspace: Workspace,
    questions: Sequence[Saved],
    configured: Parameters,
    read: Read,
    *,
    before: Last | None = None,
    on_done: Callable[[Checked], None] = lambda _checked: None,
) -> list[Checked]:
    """Ask all questions and return what came of each, in their order.

    One request each, and a second one for those that fail, which tells why.

    Args:
        workspace: the project.
        questions: of a file.
        configured: what is sent where the file says nothing.
        read: reads the store.
        before: how the last checks ended; None: as the store has kept it.
        on_done: called with each as it is there.

    Raises:
        CredentialsError, Refused: nothing can be asked.
    """
    from memos_admin.backend.errors import CloudError, Refused

    turns = asyncio.Semaphore(AT_ONCE)
    known = await read(last_checks) if before is None else before

    async def one(saved: Saved) -> Checked:
        digest = saved.digest(configured)
        question = saved.question(configured)
        async with turns:
            try:
                answers = await lab.ask(workspace, question, twice=False)
                found = judged(saved, answers)
                doubtful = not answers.memory_ids and await read(_is_unknown, saved)
                if doubtful or any(f.expectation.must and not f.met for f in found):
                    answers = await lab.widened(workspace, answers)
                    wanted = [e.memory_id for e in saved.expected if e.memory_id is not None]
                    found = judged(saved, answers, await read(lab.tabulate, answers, wanted))
                if doubtful and not answers.memory_ids:
                    found = of_nobody(found)
                done = Checked(saved, digest, found, before=known.get(digest))
            except Refused:
                raise
            except (CloudError, KeyGiven) as error:
                done = Checked(saved, digest, problem=str(error), before=known.get(digest))
        on_done(done)
        return done

    tasks = [asyncio.ensure_future(one(saved)) for saved in questions]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def last_checks(reads: Reads) -> Last:
    """Return how the last checks ended, by digest; what cannot be read is none."""
    return parse_last(reads.setting(RECALL_CHECKS) or "{}")


def parse_last(text: str) -> Last:
    """Return what `told` wrote, as far as it can be read."""
    try:
        kept = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return _checks(kept.items() if isinstance(kept, dict) else ())


def parse_report(text: str) -> Last:
    """Return how the checks of a report ended: what ``recall check --json`` wrote.

    Raises:
        ValueError: it is no such report.
    """
    try:
        kept = json.loads(text)
        found = {
            one["digest"]: [[e["met"], e["rank"]] for e in one["expectations"]]
            for one in (kept if isinstance(kept, list) else [kept])
            if one["outcome"] != "not asked"
        }
    except (ValueError, RecursionError, TypeError, KeyError):
        raise ValueError("it is not what `recall check --json` writes") from None
    return _checks(found.items())


def _checks(kept: Iterable[tuple[str, object]]) -> Last:
    return {
        digest: tuple((pair[0], pair[1]) for pair in pairs)
        for digest, pairs in kept
        if isinstance(pairs, list) and all(_is_pair(pair) for pair in pairs)
    }


def _is_pair(pair: object) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and isinstance(pair[0], bool)
        and (pair[1] is None or type(pair[1]) is int)
    )


def told(before: Last, checked: Iterable[Checked]) -> str:
    """Return the last checks with these, in a text without ids or words of anybody."""
    kept: dict[str, object] = dict(before)
    for one in checked:
        if not one.problem:
            kept.pop(one.digest, None)
            kept[one.digest] = [[found.met, found.rank] for found in one.found]
    latest = list(kept.items())[-MOST_KEPT:]
    return json.dumps(dict(latest), separators=(",", ":"))


async def keep(workspace: Workspace, read: Read, checked: Sequence[Checked]) -> None:
    """Keep how these checks ended, for the next ones. Raises StoreError."""
    from memos_admin.store import runs

    text = told(await read(last_checks), checked)
    writer = await workspace.open_writer()
    await writer.run(lambda connection: runs.set_setting(connection, RECALL_CHECKS, text))
