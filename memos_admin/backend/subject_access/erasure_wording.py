"""The plan of an erasure, and what came of it, in lines for screens and commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from memos_admin.backend.changing.lines import Line, Part, below, path_of
from memos_admin.backend.changing.subject_wording import (
    REACHED,
    subject_outcome_lines,
    subject_plan_lines,
)
from memos_admin.backend.command_words import erasing, option, program, subject_option
from memos_admin.backend.display import called
from memos_admin.backend.erasing import begun_here, erased_before, unfinished_erasures
from memos_admin.backend.erasing.plan import Erased, Plan
from memos_admin.backend.projects import elsewhere
from memos_admin.backend.subject_access.ended_wording import ending, in_a_word
from memos_admin.backend.subject_access.erasure import Reached
from memos_admin.backend.subject_access.erasure_outcome import ErasureOutcome
from memos_admin.backend.subject_access.erasure_plan import ErasurePlan
from memos_admin.backend.times import utc_text
from memos_admin.language import N_, counted, ngettext, sentences
from memos_admin.language import gettext as _
from memos_admin.store.erasing import Held

_REACHED: Mapping[str, str] = {
    **REACHED,
    "erased here": N_("MemOS answered the deletion, and shows nothing any more."),
}
"""What an erasure that is interrupted has done in MemOS, by the last step that it reached."""


def plan_lines(
    plan: ErasurePlan, word: Callable[[str], str], forbidden: str = ""
) -> Iterator[Line]:
    """Yield what will be done, step by step.

    Args:
        plan: what.
        word: returns the word for a view.
        forbidden: why it cannot be carried out, and how that is allowed; ``""``: it can.
    """
    if forbidden:
        looked = _("This is only what would be done: nothing of it can be done here.")
        yield (Part(sentences(looked, forbidden), "warn"),)
        yield ()
    yield (
        Part(
            _(
                "Everything is archived, deleted in MemOS, read back, then erased here. A receipt tells "
                "what was done."
            )
        ),
    )
    yield below(_("For the request {ticket}").format(ticket=plan.order.request))
    yield from _before(plan)
    if plan.finds_nothing:
        text = _("Nothing is found to delete: MemOS shows nothing of it, and only the id is here.")
        yield (Part(text, "warn"),)
    for attempt in plan.earlier:
        yield (Part(unfinished_erasures.text_of(attempt), "warn"),)
        if attempt.archive:
            path = path_of(Path(attempt.file), plan.order.ref) if attempt.file else ""
            if not path:
                text = _("Its archive has what was there then: SHA-256 {hash}")
                yield below(text.format(hash=attempt.archive), "")
                continue
            text = _("Its archive has what was there then: {path}, SHA-256 {hash}")
            yield below(text.format(path=path, hash=attempt.archive), "")
    yield ()
    yield from subject_plan_lines(plan.service, word, stays=False)
    yield ()
    name = called(plan.order.ref)
    text = _("Erase everything of {id} here, once MemOS shows nothing of it any more")
    yield (Part(text.format(id=name), "strong"),)
    yield from here_lines(plan.here, asked=True)
    yield ()
    yield (Part(_("Write a receipt, without a text or id of the person"), "strong"),)
    yield below(_("As JSON, HTML and Markdown, in {folder}").format(folder=plan.receipts))


def outcome_lines(outcome: ErasureOutcome) -> Iterator[Line]:
    """Yield how it ended, what was done, what was not, and where the receipt is."""
    told = ending(outcome).to_operator
    yield (Part(told, "strong" if outcome.is_complete else "warn"),)
    yield from _before(outcome.plan)
    yield from subject_outcome_lines(outcome.service, all_known=outcome.plan.is_all_known)
    if outcome.service.is_absent:
        yield from _sent_before(outcome.plan)
    if outcome.bundle is not None:
        yield below(_("SHA-256 of the archive: {hash}").format(hash=outcome.bundle.sha256))
    if outcome.erased is not None:
        yield from _erased(outcome.erased)
    elif outcome.problem:
        yield (Part(_("Not erased here: {why}").format(why=outcome.problem), "warn"),)
    elif outcome.ended != "refused":
        text = _("Not erased here: what is stored is needed to see whether MemOS has let go of it.")
        yield (Part(text, "warn"),)
        yield from _ways_out(outcome)
    if outcome.journal:
        yield below(outcome.journal)
    if outcome.receipts:
        yield (Part(_("Receipt:")),)
        for path in outcome.receipts:
            yield below(str(path), "")
    for run in outcome.runs_elsewhere:
        text = _(
            "Run in another project, {project}, begun {time} for {request}: {ended}. Its receipt: {path}"
        )
        words = {"project": run.project, "time": utc_text(run.began_at), "request": run.request}
        receipt = path_of(Path(run.file), outcome.plan.order.ref)
        yield below(text.format(ended=in_a_word(run.ended), path=receipt, **words), "")
    if outcome.receipt_problem:
        text = _("The receipt could not be written. {why}")
        yield (Part(text.format(why=outcome.receipt_problem), "warn"),)


def screen_lines(outcome: ErasureOutcome) -> Iterator[Line]:
    """Yield what `outcome_lines` does, and the command that does it again where the list of users has that one no more."""
    yield from outcome_lines(outcome)
    erased = outcome.erased
    if erased is not None and erased.remains and not erased.keeps_id:
        text = _("To do it again, since the list of users has that one no more: {command}")
        yield (Part(text.format(command=_command(outcome.plan))),)


def _ways_out(outcome: ErasureOutcome) -> Iterator[Line]:
    """Yield what helps where MemOS goes on showing something, such as stored messages."""
    if outcome.left != "service":
        return
    ref = outcome.plan.order.ref
    yield below(
        _(
            "MemOS may take a while: do it again later. If it goes on showing the same, that will not "
            "help: ask whoever runs MemOS to delete it."
        )
    )
    text = _("To erase what is stored here all the same: {command}")
    command = f"{program(outcome.plan.project)} store forget {subject_option(ref, called(ref))}"
    yield below(text.format(command=command))


def _command(plan: ErasurePlan) -> str:
    """Return the command that erases the same one."""
    ref, request = plan.order.ref, option("request", plan.order.request)
    return f"{program(plan.project)} {erasing(ref, [request], called(ref))}"


def _erased(erased: Erased) -> Iterator[Line]:
    """Yield what was erased here, and what was not."""
    held = erased.plan.held
    if held is not None:
        yield (Part(_("Erased here: {what}.").format(what=_amount(held))),)
        yield from _stays(held)
    if erased.keeps_id:
        text = _(
            "The id stays in the list of users, marked, for whoever has to end this. Once who runs MemOS has said "
            "that nothing is left, take it off there (users remove): that it was begun stays noted without the id."
        )
        yield below(text, "warn")
    if erased.backups:
        yield below(
            counted(len(erased.backups), "In {count} backup too.", "In {count} backups too."),
            "",
        )
    for remaining in erased.remains:
        yield below(_("Not erased: {what}").format(what=remaining), "warn")
    others = tuple(other for other in erased.plan.elsewhere if not other.is_left)
    for text in elsewhere.texts_of(others, erased.plan.ref):
        yield below(text, "warn")


def interrupted_lines(plan: ErasurePlan, reached: Reached | None) -> Iterator[Line]:
    """Yield what an erasure that was interrupted has done, and what it has not; `reached` None: nothing."""
    if reached is not None and reached.bundle is not None:
        path = path_of(reached.bundle.path, plan.order.ref)
        yield (Part(_("Archived to {path}").format(path=path)),)
        yield below(_("SHA-256 of the archive: {hash}").format(hash=reached.bundle.sha256))
    if reached is None or reached.step == "archived":
        yield (Part(_("Nothing was sent to MemOS, and nothing was erased here."), "strong"),)
        return
    yield (Part(_(_REACHED[reached.step]), "warn"),)
    here = _("Not erased here, or not to the end.")
    if reached.step == "erased here":
        here = _("Erased here.")
    yield (Part(sentences(here, _("No receipt was written."))),)


def _before(plan: ErasurePlan) -> Iterator[Line]:
    """Yield when it was erased before."""
    if plan.before is not None:
        yield (Part(erased_before.text_of(plan.before), "warn"),)


def _sent_before(plan: ErasurePlan) -> Iterator[Line]:
    """Yield which run has deleted what the service has no more."""
    sent = [attempt for attempt in plan.earlier if attempt.sent]
    if sent:
        text = _("The deletion was sent before, by the run begun {time} for {request}.")
        last = sent[-1]
        yield below(text.format(time=utc_text(last.at), request=last.request), "")


def here_lines(plan: Plan, *, asked: bool = False) -> Iterator[Line]:
    """Yield what is erased on this machine, what is not, and why.

    `asked`: MemOS is asked before for what others list too.
    """
    held = plan.held
    if plan.lacking:
        yield below(plan.lacking, "warn")
    if plan.begun:
        yield below(begun_here.text_of(plan.begun), "warn")
    if held is None or not held.anything:
        yield below(_("The store holds nothing of it."), "")
    else:
        yield below(_("In the store and its index: {what}").format(what=_amount(held)), "")
    holding = sum(
        backup.is_due and backup.held is not None and backup.held.anything
        for backup in plan.backups
    )
    if holding:
        yield below(counted(holding, "And in {count} backup", "And in {count} backups"), "")
    if whole := len(plan.old_copies) + len(plan.leftovers):
        text = counted(
            whole,
            "And {count} file is deleted whole: an older form of the store, or left behind",
            "And {count} files are deleted whole: older forms of the store, or left behind",
        )
        yield below(text, "")
    yield from _out_of_reach(plan)
    if held is not None:
        yield from _stays(held, asked=asked)
    if plan.filters:
        text = _("Stay: saved filters, which may look for words of this person ({names})")
        yield below(text.format(names=_(", ").join(plan.filters)), "warn")
    for text in elsewhere.texts_of(plan.elsewhere, plan.ref):
        yield below(text, "warn")


def _out_of_reach(plan: Plan) -> Iterator[Line]:
    for backup in plan.backups:
        if backup.problem:
            text = _("Out of reach: {path}: {why}")
            yield below(text.format(path=backup.path, why=backup.problem), "warn")
    for kept in plan.replaced:
        if kept.may_hold:
            text = _("Left, to be deleted by you: {path}, a store whose place a backup has taken")
            yield below(text.format(path=kept.path), "warn")


def _stays(held: Held, *, asked: bool = False) -> Iterator[Line]:
    """Yield what an erasure leaves, since it is others' as well."""
    if held.shared_memories:
        text = ngettext(
            "Stays: {count} memory that MemOS lists for others too ({names})",
            "Stays: {count} memories that MemOS lists for others too ({names})",
            held.shared_memories,
        )
        if asked:
            text = ngettext(
                "Goes too, unless MemOS still has it by its id then: {count} memory that is known here for "
                "others too ({names})",
                "Go too, unless MemOS still has them by their ids then: {count} memories that are known "
                "here for others too ({names})",
                held.shared_memories,
            )
        names = _(", ").join(map(called, held.shared_with))
        yield below(text.format(count=f"{held.shared_memories:,}", names=names), "warn")
    if held.said_elsewhere:
        text = ngettext(
            "Stays: {count} message in group conversations of others ({names})",
            "Stays: {count} messages in group conversations of others ({names})",
            held.said_elsewhere,
        )
        names = _(", ").join(map(called, held.said_with))
        yield below(text.format(count=f"{held.said_elsewhere:,}", names=names), "warn")
    if held.perhaps_said_elsewhere:
        perhaps = counted(
            held.perhaps_said_elsewhere,
            "Stays: {count} message in conversations of others with this name and no id: whose it is is not known",
            "Stays: {count} messages in conversations of others with this name and no id: whose they are is not known",
        )
        yield below(perhaps, "warn")


def _amount(held: Held) -> str:
    """Return the counts of what is erased here."""
    return _(", ").join(
        (
            counted(held.conversations, "{count} conversation", "{count} conversations"),
            counted(held.messages, "{count} message", "{count} messages"),
            counted(held.memories, "{count} memory", "{count} memories"),
            counted(
                held.message_versions + held.memory_versions,
                "{count} earlier version",
                "{count} earlier versions",
            ),
        )
    )
