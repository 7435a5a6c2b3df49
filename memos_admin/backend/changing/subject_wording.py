"""The plan and the outcome of deleting a subject, in lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

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
    path_of,
    sent,
)
from memos_admin.backend.changing.reading_back import PAUSES
from memos_admin.backend.changing.subject import Step, SubjectOutcome
from memos_admin.backend.changing.subject_asking import READINGS, Asked, most_requests
from memos_admin.backend.changing.subject_planning import SubjectPlan
from memos_admin.backend.changing.subject_reading import SubjectRead
from memos_admin.backend.display import called
from memos_admin.backend.model import SubjectRef
from memos_admin.cloud.waiting import duration
from memos_admin.language import N_, counted, ngettext, sentences
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.export.exporting import ExportReport

_OUT_OF_SIGHT = N_(
    "What cannot be verified from here: archived memories that were never seen here, conversations that "
    "nobody has named, knowledge bases, and what MemOS keeps in backups and logs of its own."
)

REACHED: Mapping[str, str] = {
    "sending": N_(
        "The deletion was sent to MemOS, or was about to be: whether MemOS did it is not known."
    ),
    "withdrawn": N_(
        "MemOS did not do the deletion: it was interrupted before it was sent (again)."
    ),
    "answered": N_("MemOS answered the deletion. What it shows of it now was not read back."),
    "read back": N_("MemOS answered the deletion, and was read back."),
}
"""What a deletion that is interrupted has done in MemOS, by the last of these steps that it reached."""


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
    yield sent("/delete/memory", {f"{plan.ref.kind}_id": plan.ref.external_id}, plan.ref)
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
        text = _("Not all could be read, and what was not is kept nowhere: {why}")
        yield below(text.format(why=plan.unread), "warn")
    if plan.export is None:
        yield below(_("Nothing is exported first."), "warn")
    else:
        yield below(_("Exported first to {path}").format(path=path_of(plan.export, plan.ref)), "")
    yield below(_read_back_afterwards(plan))
    text = _("At most {count} requests, about {time}, where MemOS goes on showing something.")
    most = most_requests(plan)
    longest = duration(most / plan.rate + sum(PAUSES))
    yield below(text.format(count=f"{most:,}", time=longest))
    if stays:
        yield below(_("What is stored here stays, marked as gone. store forget erases it."))


def _read_back_afterwards(plan: SubjectPlan) -> str:
    text = ngettext(
        "Then MemOS is read back, by a listing, ids, conversations and searching: about {count} request, about "
        "{time}.",
        "Then MemOS is read back, by a listing, ids, conversations and searching: about {count} requests, about "
        "{time}.",
        plan.requests,
    )
    return text.format(count=f"{plan.requests:,}", time=duration(plan.requests / plan.rate))


def asked_text(asked: Asked) -> str:
    """Return how far a reading back is, in a few words."""
    text = _("reading MemOS back: {done} of {total} · about {time} more")
    if asked.reading > 1:
        text = _(
            "reading MemOS back, reading {number} of at most {most}: {done} of {total} · about {time} more"
        )
    return text.format(
        number=asked.reading,
        most=READINGS,
        done=f"{asked.done:,}",
        total=f"{asked.total:,}",
        time=duration(asked.seconds),
    )


def subject_outcome_lines(outcome: SubjectOutcome, *, all_known: bool = True) -> Iterator[Line]:
    """Yield what was deleted of a subject, and what could not be verified.

    `all_known`: all that was ever known of it here was asked for.
    """
    said, read = _(CARRIED[outcome.carried]), outcome.read
    is_sure = outcome.is_complete and all_known
    if outcome.carried == "unknown" and is_sure:
        said = _("done, although MemOS did not say so")
    elif outcome.is_absent and is_sure and read is not None and read.shown != "others":
        said = _("MemOS has nothing of it any more")
    elif outcome.is_absent:
        said = _("MemOS says that it has nothing of it any more")
    elif outcome.carried == "done" and not is_sure:
        said = _("MemOS said that it was done; not verified")
        if read is not None and read.verdict == "pending":
            said = _("MemOS said that it was done, and still shows something of it")
    kind: Kind = "" if is_sure else "warn"
    yield about(called(outcome.plan.ref)), Part(said, kind)
    if outcome.problem and not (outcome.is_complete or outcome.is_absent):
        yield below(outcome.problem)
    if read is not None:
        yield from _subject_read(read, all_known=all_known)
        if beyond := beyond_asking(outcome.plan):
            yield below(beyond, "warn")
    if outcome.exported is not None:
        path = path_of(outcome.exported, outcome.plan.ref)
        yield below(_("Exported to {path}").format(path=path), "")
    if outcome.report is not None:
        yield from _exported(outcome.report, outcome.plan.ref)
    yield from not_kept(outcome.not_kept)
    if outcome.is_done or outcome.is_absent:
        yield dim(_(_OUT_OF_SIGHT))


def beyond_asking(plan: SubjectPlan) -> str:
    """Return how many known conversations nobody can ask for, ``""``: none."""
    count = len(plan.conversations) - len(plan.served)
    if not count:
        return ""
    return counted(
        count,
        "{count} conversation was not asked for: MemOS serves none of an agent.",
        "{count} conversations were not asked for: MemOS serves none of an agent.",
    )


def subject_interrupted_lines(plan: SubjectPlan, reached: Sequence[Step]) -> Iterator[Line]:
    """Yield what a deletion that was interrupted has done by the steps that it reached."""
    last = next((step for step in reversed(reached) if step in REACHED), None)
    said = _(CARRIED["not tried"]) if last is None else _(REACHED[last])
    yield about(called(plan.ref)), Part(said, "warn")
    if "archived" in reached and plan.export is not None:
        yield below(_("Exported to {path}").format(path=path_of(plan.export, plan.ref)), "")


def _exported(report: ExportReport, ref: SubjectRef) -> Iterator[Line]:
    """Yield what else is to be kept with the file of an export."""
    yield below(report.journal, "")
    if report.manifest is not None:
        name = path_of(Path(report.manifest.name), ref)
        yield below(_("What it is, and how complete, stands in {path}").format(path=name), "")
    elif report.no_manifest:
        text = _("Its manifest could not be written: {error}. The file is whole.")
        yield below(text.format(error=report.no_manifest), "warn")


def _subject_read(read: SubjectRead, *, all_known: bool) -> Iterator[Line]:
    for problem in read.problems:
        yield below(_("Not verified: {why}").format(why=problem), "warn")
    if read.is_answered:
        yield from _answered(read)
    if read.problems:
        text = _("Not answered: {what}.")
        yield below(text.format(what=_(", ").join(unanswered(read))), "warn")
    for text in _left(read):
        yield below(text, "warn")
    if read.verdict == "verified" and not all_known:
        yield below(
            _("What could be asked for shows nothing of it any more. Not all was known any more."),
            "warn",
        )
    elif read.shown == "others":
        others = ngettext(
            "MemOS shows nothing more of it than {count} memory, by its id, that it lists for others too.",
            "MemOS shows nothing more of it than {count} memories, by their ids, that it lists for others too.",
            read.left_to_others,
        )
        yield below(others.format(count=f"{read.left_to_others:,}"), "warn")
    elif read.shown == "listing":
        yield below(
            _("A listing shows nothing of it. Nothing else was known that could be asked for."), ""
        )
    elif read.shown == "nothing":
        yield below(_("MemOS shows nothing of it any more."), "")
    elif read.shown == "unread" and read.is_answered:
        yield below(_("What was answered shows nothing of it any more."), "")


def _left(read: SubjectRead) -> Iterator[str]:
    """Yield what the service still shows, by each way of asking."""
    if count := len(read.listing.left):
        yield counted(
            count,
            "Still listed: {count} memory or more.",
            "Still listed: {count} memories or more.",
        )
    if count := len(read.known.left):
        yield counted(
            count,
            "Still there under its id: {count} memory.",
            "Still there under their ids: {count} memories.",
        )
    if count := len(read.conversations.left):
        yield counted(
            count,
            "Still served: messages of {count} conversation.",
            "Still served: messages of {count} conversations.",
        )
    if count := len(read.searches.left):
        yield counted(
            count,
            "Still found by searching: {count} memory.",
            "Still found by searching: {count} memories.",
        )


def unanswered(read: SubjectRead) -> Iterator[str]:
    """Yield how much there was to be asked for without an answer, by each way of asking."""
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
