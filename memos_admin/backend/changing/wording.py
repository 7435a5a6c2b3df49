"""A plan and an outcome in lines, for screens and commands: what differs is marked in words too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from memos_admin.backend.changing.outcome import Outcome, StepOutcome
from memos_admin.backend.changing.plan import Act, Passed, Plan, Step
from memos_admin.backend.changing.said import Said
from memos_admin.backend.changing.subject import SubjectOutcome, SubjectPlan
from memos_admin.backend.changing.subject_reading import SubjectRead
from memos_admin.backend.display import beginning, called, one_line
from memos_admin.backend.journal import OFF
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.worddiff import marked, word_diff
from memos_admin.language import N_, counted, ngettext, sentences
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.export.exporting import ExportReport

TITLE_CUT = 60
"""Characters of a title by which a person knows a memory again whose id is told."""

LONGEST = 2_000
"""Characters of a text that is shown because it goes; what changes is shown whole."""


Kind = Literal["", "dim", "strong", "gone", "new", "warn"]


class Part(NamedTuple):
    """A part of a line, and what it is; texts of the service are among them, not gated."""

    text: str
    kind: Kind = ""


Line = tuple[Part, ...]

Word = Callable[[str], str]
"""Returns what a name of the service, of a view or a status, is called where the lines are shown."""

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
_CARRIED = {
    "done": N_("done"),
    "refused": N_("not done"),
    "unknown": N_("not known whether it was done"),
    "changed": N_("not done"),
    "not tried": N_("not tried"),
}
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
_OUT_OF_SIGHT = N_(
    "What cannot be verified from here: archived memories that were never seen here, conversations that "
    "nobody has named, knowledge bases, and what MemOS keeps in backups and logs of its own."
)


def text_of(line: Line) -> str:
    """Return a line as plain text."""
    return "".join(part.text for part in line)


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
        yield _dim(
            counted(len(plan.steps), "{count} request.", "{count} requests, one after the other.")
        )
        yield (Part(_("Not journaled: {why}.").format(why=_(OFF)), "warn"),)
    elif plan.steps:
        requests = counted(
            len(plan.steps),
            "{count} request, journaled before and after.",
            "{count} requests, one after the other, each journaled before and after.",
        )
        yield _dim(requests)
    else:
        yield _dim(_("There is nothing to do."))


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
    yield from _not_kept(outcome.not_kept)
    of = ngettext(
        "Done: {done} of {count} memory.", "Done: {done} of {count} memories.", len(outcome.steps)
    )
    yield _dim(of.format(done=f"{outcome.done:,}", count=f"{len(outcome.steps):,}"))


def step_outcome_lines(outcome: StepOutcome, word: Word = str) -> Iterator[Line]:
    """Yield what came of one memory."""
    said = _(_CARRIED[outcome.carried])
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
    yield Part(f"{outcome.step.memory_id}: "), Part(said, kind), Part(f" · {name}", "dim")
    problem = outcome.problem or ("" if read is None else read.problem)
    if problem and not outcome.is_verified:
        yield below(problem)
    now = outcome.now if outcome.carried == "changed" else None
    if read is not None and read.verdict == "contradicts":
        now = read.now
    if now is not None:
        yield below(_("What it says now, beside what was shown:"))
        yield from _difference(outcome.step.before, now, word)


def subject_plan_lines(plan: SubjectPlan, word: Word, *, stays: bool = True) -> Iterator[Line]:
    """Yield what will be deleted of a subject.

    Args:
        plan: what.
        word: returns the word for a view.
        stays: what is stored here does.
    """
    name = called(plan.ref)
    title = _("Delete everything that MemOS holds of user {id}, for good")
    if plan.ref.kind == "agent":
        title = _("Delete everything that MemOS holds of agent {id}, for good")
    yield (Part(title.format(id=name), "strong"),)
    yield _request("/delete/memory", {f"{plan.ref.kind}_id": plan.ref.external_id}, plan.ref)
    views = _(", ").join(f"{word(view)} {count:,}" for view, count in plan.views)
    memories = counted(plan.memories, "{count} memory is listed", "{count} memories are listed")
    yield below(f"{memories}{f' ({views})' if views else ''}", "")
    archived = ""
    if plan.archived:
        archived = counted(
            len(plan.archived),
            "{count} is known here, and asked for afterwards.",
            "{count} are known here, and asked for afterwards.",
        )
    yield below(sentences(_("Archived memories are not listed, and go too."), archived))
    if plan.gone:
        gone = counted(
            len(plan.gone),
            "{count} memory that was read before is listed no more; it is asked for afterwards.",
            "{count} memories that were read before are listed no more; they are asked for afterwards.",
        )
        yield below(gone, "")
    conversations = counted(
        len(plan.conversations), "{count} conversation is known", "{count} conversations are known"
    )
    messages = counted(plan.messages, "{count} message of it", "{count} messages of them")
    yield below(_("{a}, {b} here").format(a=conversations, b=messages), "")
    if plan.shared:
        shared = ngettext(
            "{count} memory is listed for others too ({names}), and may go there as well.",
            "{count} memories are listed for others too ({names}), and may go there as well.",
            plan.shared,
        )
        names = _(", ").join(map(called, plan.shared_with))
        yield below(shared.format(count=f"{plan.shared:,}", names=names), "warn")
    if plan.unread:
        yield below(_("Not all could be read: {why}").format(why=plan.unread), "warn")
    if plan.export is None:
        yield below(_("Nothing is exported first."), "warn")
    else:
        yield below(_("Exported first to {path}").format(path=path_of(plan.export, plan.ref)), "")
    if stays:
        yield below(_("What is stored here stays, marked as gone. store forget erases it."))


def subject_outcome_lines(outcome: SubjectOutcome) -> Iterator[Line]:
    """Yield what was deleted of a subject, and what could not be verified."""
    said, read = _(_CARRIED[outcome.carried]), outcome.read
    if outcome.carried == "unknown" and outcome.is_complete:
        said = _("done, although MemOS did not say so")
    elif outcome.is_absent and outcome.is_complete:
        said = _("MemOS has nothing of it any more")
    elif outcome.is_absent:
        said = _("MemOS says that it has nothing of it any more")
    elif outcome.carried == "done" and not outcome.is_complete:
        said = _("done; not verified")
    kind: Kind = "" if outcome.is_complete else "warn"
    yield Part(f"{called(outcome.plan.ref)}: "), Part(said, kind)
    if outcome.problem and not (outcome.is_complete or outcome.is_absent):
        yield below(outcome.problem)
    if read is not None:
        yield from _subject_read(read)
    if outcome.exported is not None:
        path = path_of(outcome.exported, outcome.plan.ref)
        yield below(_("Exported to {path}").format(path=path), "")
    if outcome.report is not None:
        yield from _exported(outcome.report, outcome.plan.ref)
    yield from _not_kept(outcome.not_kept)
    if outcome.is_done or outcome.is_absent:
        yield _dim(_(_OUT_OF_SIGHT))


def _exported(report: ExportReport, ref: SubjectRef) -> Iterator[Line]:
    """Yield what else is to be kept with the file of an export."""
    yield below(report.journal, "")
    if report.manifest is not None:
        name = path_of(Path(report.manifest.name), ref)
        yield below(_("What it is, and how complete, stands in {path}").format(path=name), "")
    elif report.no_manifest:
        text = _("Its manifest could not be written: {error}. The file is whole.")
        yield below(text.format(error=report.no_manifest), "warn")


def _subject_read(read: SubjectRead) -> Iterator[Line]:
    for problem in read.problems:
        yield below(_("Not verified: {why}").format(why=problem), "warn")
    if read.is_answered:
        yield from _answered(read)
    if read.problems:
        text = _("Not answered: {what}.")
        yield below(text.format(what=_(", ").join(_unanswered(read))), "warn")
    left = [
        (read.listing, N_("Still listed: {count} memories or more.")),
        (read.known, N_("Still there under their ids: {count} memories.")),
        (read.conversations, N_("Still served: messages of {count} conversations.")),
        (read.searches, N_("Still found by searching: {count} memories.")),
    ]
    for check, text in left:
        if check.left:
            yield below(_(text).format(count=f"{len(check.left):,}"), "warn")
    if read.verdict == "verified":
        yield below(_("MemOS shows nothing of it any more."), "")
    elif read.verdict == "unread" and read.is_answered:
        yield below(_("What was answered shows nothing of it any more."), "")


def _unanswered(read: SubjectRead) -> Iterator[str]:
    if count := read.listing.unanswered:
        yield counted(count, "{count} listing", "{count} listings")
    if count := read.known.unanswered:
        yield counted(count, "{count} memory by its id", "{count} memories by their ids")
    if count := read.conversations.unanswered:
        yield counted(count, "{count} conversation", "{count} conversations")
    if count := read.searches.unanswered:
        yield counted(count, "{count} search", "{count} searches")
    if count := read.others.unanswered:
        yield counted(
            count,
            "{count} memory that is known here for others",
            "{count} memories that are known here for others",
        )


def _answered(read: SubjectRead) -> Iterator[Line]:
    """Yield by which ways the service has answered what it still has."""
    asked = _(
        "Asked afterwards: {listings}, {memories} and {archived} by id, {conversations}, {searches}."
    ).format(
        listings=counted(read.listing.answered, "{count} listing", "{count} listings"),
        memories=counted(read.memories.answered, "{count} memory", "{count} memories"),
        archived=counted(
            read.archived.answered, "{count} archived memory", "{count} archived memories"
        ),
        conversations=counted(
            read.conversations.answered, "{count} conversation", "{count} conversations"
        ),
        searches=counted(read.searches.answered, "{count} search", "{count} searches"),
    )
    yield below(asked, "")
    if read.gone.answered:
        gone = counted(
            read.gone.answered,
            "And by its id: {count} memory that was listed no more already.",
            "And by their ids: {count} memories that were listed no more already.",
        )
        yield below(gone, "")
    if read.others.answered:
        others = counted(
            read.others.answered,
            "And by its id: {count} memory that is known here for others.",
            "And by their ids: {count} memories that are known here for others.",
        )
        yield below(others, "")


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
            yield _changed(name, old or "", step.fields[name], word)
    if "title" in step.fields and before.view in _UNTITLED:
        yield below(_(_UNTITLED[before.view]), "warn")
    yield _request(step.route, {**step.sent, **dict.fromkeys(step.fields)}, before.ref)
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
        yield _label("title"), Part(said.title)
    cut = beginning(said.content, LONGEST)
    more = max(0, len(said.content) - LONGEST)
    end = _(" … {count} more characters").format(count=f"{more:,}") if more else ""
    yield _label("content"), Part(cut), Part(end, "dim")


def _difference(before: Said, after: Said, word: Word) -> Iterator[Line]:
    for name, old, new in zip(_LABELS, before.text, after.text, strict=True):
        if old != new:
            yield _changed(name, old or "", new or "", word)


def _label(name: str) -> Part:
    return Part(f"  {_(_LABELS[name])}", "dim")


def _changed(name: str, before: str, after: str, word: Word) -> Line:
    """Return a field with its words marked: ``[-gone-]`` and ``{+new+}``."""
    if name == "status":
        before, after = (word(status) if status else "" for status in (before, after))
    return (
        _label(name),
        *(
            Part(marked(part), "" if part.kind == "same" else part.kind)
            for part in word_diff(before, after)
        ),
    )


def _request(route: str, fields: Mapping[str, object], ref: SubjectRef | None) -> Line:
    """Return a request; what is sent as text is shown below it, not here, and no id with another name."""

    def said(name: str, value: object) -> str:
        if value is None:
            return name
        if ref is not None and value == ref.external_id != called(ref):
            return _("{field}, which is masked").format(field=name)
        return f"{name} {json.dumps(value, ensure_ascii=False)}"

    names = ", ".join(said(name, value) for name, value in fields.items())
    return below(_("Sent: POST {route} with {fields}").format(route=route, fields=names))


def _passed(passed: Passed) -> Line:
    return (
        Part(f"{passed.memory_id}: "),
        Part(_("passed over. {why}").format(why=passed.why), "warn" if passed.failed else "dim"),
    )


def path_of(path: Path, ref: SubjectRef) -> str:
    """Return where a file is; whoever is called otherwise here is left out of its name, which is said."""
    whole = str(path)
    if called(ref) == ref.external_id:
        return whole
    from memos_admin.backend.export.names import without_id

    shown = without_id(whole, ref)
    if shown == whole:
        return whole
    return _("{path} (… stands for the id, which is masked)").format(path=shown)


def _not_kept(problem: str) -> Iterator[Line]:
    if problem:
        text = _("The store here is not up to date yet: {why}")
        yield (Part(text.format(why=problem), "warn"),)


def below(text: str, kind: Kind = "dim") -> Line:
    """Return a line below what it is about."""
    return (Part(f"  {text}", kind),)


def _dim(text: str) -> Line:
    return (Part(text, "dim"),)
