"""The plan and the outcome of changing memories, in lines: what differs is marked in words too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memos_admin.backend.changing.lines import (
    CARRIED,
    Kind,
    Line,
    Part,
    Word,
    about,
    below,
    dim,
    not_kept,
    sent,
)
from memos_admin.backend.changing.outcome import Outcome, Read, StepOutcome
from memos_admin.backend.changing.plan import Act, Passed, Plan, Step
from memos_admin.backend.changing.said import Said
from memos_admin.backend.display import beginning, called, one_line, titled
from memos_admin.backend.history.worddiff import marked, word_diff
from memos_admin.backend.journal import OFF
from memos_admin.language import N_, counted, ngettext
from memos_admin.language import gettext as _

TITLE_CUT = 60
"""Characters of a title by which a person knows a memory again whose id is told."""

LONGEST = 2_000
"""Characters of a text that is shown because it goes; what changes is shown whole."""


_ACTS: dict[Act, str] = {
    "edit": N_("Edit memory {id}"),
    "archive": N_("Archive memory {id}: it is listed and recalled no more, and can be restored"),
    "restore": N_("Restore memory {id}: it is listed and recalled again"),
    "delete": N_("Delete memory {id} for good"),
    "feedback": N_("Say of memory {id}, in words, what is wrong; MemOS makes of it what it will"),
}
_LABELS = {"title": N_("title: "), "content": N_("content: "), "status": N_("status: ")}
"""What a memory says, in the order in which `Said.text` has it."""
_UNTITLED = {
    "preference": N_(
        "MemOS lists preferences without their titles: this one will be told by MemOS to whoever asks for the "
        "memory by its id, and stand in no list, history or export here."
    ),
    "tool_memory": N_(
        "MemOS lists tool memories without their titles: this one will be told by MemOS to whoever asks for "
        "the memory by its id, and stand in no list, history or export here."
    ),
}
"""What is said of a title that no listing will have (memos-cloud-api, "Items")."""
_READ = {
    "verified": N_("verified"),
    "pending": N_("not verified: MemOS still shows what was there before"),
    "contradicts": N_("MemOS shows something else"),
    "unread": N_("not verified: it could not be read back"),
}
_WORKED_IN = {
    "verified": N_("worked in"),
    "pending": N_("not verified: MemOS has not worked it in yet"),
    "unread": N_("not verified: it is not known whether MemOS worked it in"),
}


def plan_lines(plan: Plan, word: Word = str) -> Iterator[Line]:
    """Yield what will be done to memories, and to which not.

    Args:
        plan: what.
        word: returns the word for a status; a command has the service's own.
    """
    if len(plan.steps) > 1:
        yield (Part(_of_whom(plan), "strong"),)
        yield ()
    for step in plan.steps:
        yield from _step_lines(step, word)
        yield ()
    for passed in plan.passed:
        yield _passed(passed)
    if plan.steps and not plan.journaled:
        yield dim(
            counted(len(plan.steps), "{count} request.", "{count} requests, one after the other.")
        )
        yield (Part(_("Not journaled: {why}.").format(why=_(OFF)), "warn"),)
    elif plan.steps:
        requests = counted(
            len(plan.steps),
            "{count} request, journaled before and after.",
            "{count} requests, one after the other, each journaled before and after.",
        )
        yield dim(requests)
    else:
        yield dim(_("There is nothing to do."))


def outcome_lines(outcome: Outcome, word: Word = str, *, steps: bool = True) -> Iterator[Line]:
    """Yield what was done to memories, what was not, and what could not be verified.

    Args:
        outcome: of the plan.
        word: returns the word for a status.
        steps: each memory is among it; else it was told already.
    """
    if steps:
        for step in outcome.steps:
            yield from step_outcome_lines(step, word)
    for passed in outcome.plan.passed:
        yield _passed(passed)
    yield from not_kept(outcome.not_kept)
    yield done_line(outcome.steps)


def done_line(steps: Sequence[StepOutcome]) -> Line:
    """Return how many memories were changed."""
    text = ngettext(
        "Done: {done} of {count} memory.", "Done: {done} of {count} memories.", len(steps)
    )
    done = sum(step.is_done for step in steps)
    return dim(text.format(done=f"{done:,}", count=f"{len(steps):,}"))


def step_outcome_lines(outcome: StepOutcome, word: Word = str) -> Iterator[Line]:
    """Yield what came of one memory."""
    said = _(CARRIED[outcome.carried])
    read = outcome.read
    if outcome.carried == "unknown" and outcome.is_verified:
        said = _("done, although MemOS did not say so")
    elif read is not None:
        words = {**_READ, **_WORKED_IN} if outcome.step.act == "feedback" else _READ
        said = _("{carried}; {shown}").format(carried=said, shown=_(words[read.verdict]))
    kind: Kind = "" if outcome.is_verified else "warn"
    before = outcome.step.before
    shown = before if read is None or read.now is None or not outcome.is_verified else read.now
    name = one_line(beginning(shown.title or shown.content, TITLE_CUT), TITLE_CUT)
    yield about(outcome.step.memory_id), Part(said, kind), Part(f" · {name}", "dim")
    problem = outcome.problem or ("" if read is None else read.problem)
    if problem and not outcome.is_verified:
        yield below(problem)
    if outcome.carried == "done" and outcome.step.act != "feedback" and _is_unread(read):
        yield below(_("MemOS said that it did it: it need not be sent again."))
    now = outcome.now if outcome.carried == "changed" else None
    if read is not None and read.verdict == "contradicts":
        now = read.now
    if now is not None:
        yield below(_("What it says now, beside what was shown:"))
        yield from _difference(outcome.step.before, now, word)


def _is_unread(read: Read | None) -> bool:
    return read is not None and read.verdict == "unread"


def _of_whom(plan: Plan) -> str:
    """Return how many memories there are, and whose."""
    number = counted(len(plan.steps), "{count} memory", "{count} memories")
    if plan.owner is not None:
        return _("{memories} of {whose}:").format(memories=number, whose=called(plan.owner))
    if None in plan.owners:
        text = _("{memories} of the project {project}; of some MemOS does not say whose they are:")
        return text.format(memories=number, project=plan.project)
    text = _("{memories} of {users} of the project {project}:")
    users = counted(len(plan.owners), "{count} user or agent", "{count} users and agents")
    return text.format(memories=number, users=users, project=plan.project)


def _step_lines(step: Step, word: Word) -> Iterator[Line]:
    """Yield what is sent of one memory, the request, and what it says before: that may be long."""
    before = step.before
    yield (Part(_(_ACTS[step.act]).format(id=step.memory_id), "strong"),)
    if step.act == "feedback":
        yield Part("  feedback_content: ", "dim"), Part(step.edit.feedback or "", "new")
    for name, old in (
        ("title", before.title),
        ("content", before.content),
        ("status", before.status),
    ):
        if name in step.fields:
            new = step.fields[name]
            beside = (before.content, step.fields.get("content", "")) if name == "title" else ()
            yield _changed(name, old or "", new, word, *beside)
    if "title" in step.fields and before.view in _UNTITLED:
        yield below(_(_UNTITLED[before.view]), "warn")
    yield sent(step.route, {**step.sent, **dict.fromkeys(step.fields)}, before.ref)
    whose = _("whose it is MemOS does not say") if before.ref is None else called(before.ref)
    status = word(before.status) if before.status else "?"
    yield below(_("{whose}, status {status}").format(whose=whose, status=status))
    if step.act != "edit":
        yield from _says(before)
    if step.here is not None:
        yield below(_("MemOS says something else than what is stored here, which was:"), "warn")
        yield from _difference(step.here, before, word)


def _says(said: Said) -> Iterator[Line]:
    if said.title:
        yield _label("title"), Part(titled(said.title, said.content))
    cut = beginning(said.content, LONGEST)
    more = max(0, len(said.content) - LONGEST)
    end = _(" … {count} more characters").format(count=f"{more:,}") if more else ""
    yield _label("content"), Part(cut), Part(end, "dim")


def _difference(before: Said, after: Said, word: Word) -> Iterator[Line]:
    for name, old, new in zip(_LABELS, before.text, after.text, strict=True):
        if old != new:
            beside = (before.content, after.content) if name == "title" else ()
            yield _changed(name, old or "", new or "", word, *beside)


def _label(name: str) -> Part:
    return Part(f"  {_(_LABELS[name])}", "dim")


def _changed(name: str, before: str, after: str, word: Word, *beside: str) -> Line:
    """Return a field with its words marked: ``[-gone-]`` and ``{+new+}``; `beside` as of `word_diff`."""
    if name == "status":
        before, after = (word(status) if status else "" for status in (before, after))
    return (
        _label(name),
        *(
            Part(marked(part), "" if part.kind == "same" else part.kind)
            for part in word_diff(before, after, *beside)
        ),
    )


def _passed(passed: Passed) -> Line:
    return (
        about(passed.memory_id),
        Part(_("passed over. {why}").format(why=passed.why), "warn" if passed.failed else "dim"),
    )
