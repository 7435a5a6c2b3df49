"""The plan of an erasure, and what came of it, in lines for screens and commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from memos_admin.backend import erasing, unfinished_erasures
from memos_admin.backend.changing.wording import (
    Line,
    Part,
    below,
    subject_outcome_lines,
    subject_plan_lines,
)
from memos_admin.backend.display import called
from memos_admin.backend.subject_access.erasure import ErasureOutcome, ErasurePlan
from memos_admin.language import N_, counted, ngettext
from memos_admin.language import gettext as _
from memos_admin.store.erasing import Held

_ENDED = {
    "complete": N_("Erased, in MemOS and here. What could not be verified is in the receipt."),
    "partial": N_("Erased in part. Do it again: it goes on with what is left."),
    "unknown": N_("Nobody knows whether MemOS did it. Do it again: it reads what is there first."),
    "refused": N_("Nothing was erased."),
}


def plan_lines(plan: ErasurePlan, word: Callable[[str], str]) -> Iterator[Line]:
    """Yield what will be done, step by step.

    Args:
        plan: what.
        word: returns the word for a view.
    """
    yield (
        Part(
            _(
                "Everything is archived, deleted in MemOS, read back, then erased here. A receipt tells "
                "what was done."
            )
        ),
    )
    yield below(_("For the request {ticket}").format(ticket=plan.order.request))
    for attempt in plan.earlier:
        yield (Part(unfinished_erasures.text_of(attempt), "warn"),)
        if attempt.archive:
            text = _("SHA-256 of its archive, which has what was there then: {hash}")
            yield below(text.format(hash=attempt.archive), "")
    yield ()
    yield from subject_plan_lines(plan.service, word, stays=False)
    yield below(_("Then MemOS is read back: by a listing, by ids, by conversations, by searching."))
    yield ()
    name = called(plan.order.ref)
    text = _("Erase everything of {id} here, once MemOS shows nothing of it any more")
    yield (Part(text.format(id=name), "strong"),)
    yield from _here(plan.here)
    yield ()
    yield (Part(_("Write a receipt, without a text or id of the person"), "strong"),)
    yield below(_("As JSON, HTML and Markdown, in {folder}").format(folder=plan.receipts))


def outcome_lines(outcome: ErasureOutcome) -> Iterator[Line]:
    """Yield how it ended, what was done, what was not, and where the receipt is."""
    yield (Part(_(_ENDED[outcome.ended]), "strong" if outcome.is_complete else "warn"),)
    yield from subject_outcome_lines(outcome.service)
    if outcome.bundle is not None:
        yield below(_("SHA-256 of the archive: {hash}").format(hash=outcome.bundle.sha256))
    erased = outcome.erased
    if erased is not None:
        held = erased.plan.held
        if held is not None:
            yield (Part(_("Erased here: {what}.").format(what=_amount(held))),)
        if erased.backups:
            yield below(
                counted(len(erased.backups), "In {count} backup too.", "In {count} backups too."),
                "",
            )
        for remaining in erased.remains:
            yield below(_("Not erased: {what}").format(what=remaining), "warn")
    elif outcome.problem:
        yield (Part(_("Not erased here: {why}").format(why=outcome.problem), "warn"),)
    elif outcome.ended != "refused":
        text = _("Not erased here: what is stored is needed to see whether MemOS has let go of it.")
        yield (Part(text, "warn"),)
    if outcome.receipts:
        yield (Part(_("Receipt:")),)
        for path in outcome.receipts:
            yield below(str(path), "")
    if outcome.receipt_problem:
        text = _("The receipt could not be written. {why}")
        yield (Part(text.format(why=outcome.receipt_problem), "warn"),)


def _here(plan: erasing.Plan) -> Iterator[Line]:
    held = plan.held
    if held is None or not held.anything:
        yield below(_("The store holds nothing of it."), "")
    else:
        yield below(_("In the store and its index: {what}").format(what=_amount(held)), "")
    holding = [
        backup for backup in plan.backups if backup.held is not None and backup.held.anything
    ]
    if holding:
        yield below(counted(len(holding), "And in {count} backup", "And in {count} backups"), "")
    for backup in plan.backups:
        if backup.problem:
            text = _("Out of reach: {path}: {why}")
            yield below(text.format(path=backup.path, why=backup.problem), "warn")
    for path in plan.replaced:
        text = _("Left, to be deleted by you: {path}, a store whose place a backup has taken")
        yield below(text.format(path=path), "warn")
    if held is not None:
        yield from _stays(held)


def _stays(held: Held) -> Iterator[Line]:
    """Yield what an erasure leaves, since it is others' as well."""
    if held.shared_memories:
        text = ngettext(
            "Stays: {count} memory that MemOS lists for others too ({names})",
            "Stays: {count} memories that MemOS lists for others too ({names})",
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
