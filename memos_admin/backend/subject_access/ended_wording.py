"""How an erasure ended, and what helps: for who reads its receipt, and for who has carried it out.

Each end has both wordings here, and mypy fails where one has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, assert_never

from memos_admin.backend.projects import elsewhere
from memos_admin.language import gettext as _
from memos_admin.language import ngettext

if TYPE_CHECKING:
    from memos_admin.backend.subject_access.erasure_outcome import Ended, ErasureOutcome


class Ending(NamedTuple):
    """How an erasure ended, in the language of now.

    Attributes:
        in_receipt: for the person, or who answers it, who did not see it done.
        to_operator: for who carried it out, and can do it again.
    """

    in_receipt: str
    to_operator: str


def ending(outcome: ErasureOutcome) -> Ending:
    """Return how an erasure ended, and what helps."""
    match outcome.ended:
        case "complete":
            return _complete(outcome.left_to_others)
        case "nothing":
            return _nothing(outcome)
        case "unverified":
            return _unverified(outcome)
        case "partial":
            return _partial(outcome)
        case "unknown":
            return Ending(
                _("Not known: MemOS did not say whether it was done. Repeat the erasure."),
                _("Nobody knows whether MemOS did it. Do it again: it reads what is there first."),
            )
        case "refused":
            return Ending(
                _("Nothing was erased: MemOS refused to delete it. Repeat the erasure."),
                _("Nothing was erased."),
            )
        case _:
            assert_never(outcome.ended)


def in_a_word(ended: Ended) -> str:
    """Return how an erasure ended, in the words with which its receipt begins."""
    match ended:
        case "complete":
            return _("complete")
        case "nothing":
            return _("nothing was found to delete")
        case "unverified":
            return _("not verified")
        case "partial":
            return _("not complete")
        case "unknown":
            return _("not known")
        case "refused":
            return _("nothing was erased")
        case _:
            assert_never(ended)


def _complete(left_to_others: int) -> Ending:
    if not left_to_others:
        return Ending(
            _("Complete: nothing is left that could be reached."),
            _("Erased, in MemOS and here. What could not be verified is in the receipt."),
        )
    count = f"{left_to_others:,}"
    in_receipt = ngettext(
        "Complete: nothing is left that could be reached, but {count} memory that MemOS lists for others "
        "too.",
        "Complete: nothing is left that could be reached, but {count} memories that MemOS lists for "
        "others too.",
        left_to_others,
    )
    to_operator = ngettext(
        "Erased, in MemOS and here, but for {count} memory that MemOS lists for others too. What could "
        "not be verified is in the receipt.",
        "Erased, in MemOS and here, but for {count} memories that MemOS lists for others too. What could "
        "not be verified is in the receipt.",
        left_to_others,
    )
    return Ending(in_receipt.format(count=count), to_operator.format(count=count))


def _nothing(outcome: ErasureOutcome) -> Ending:
    if outcome.left_nothing:
        return Ending(
            _(
                "Nothing was left to delete: MemOS showed nothing of this id any more, and nothing of it was kept "
                "here. What there was before say the earlier attempts below."
            ),
            _(
                "Nothing was left to delete, in MemOS or here. What was deleted before is in the receipt."
            ),
        )
    return Ending(
        _(
            "Nothing was found to delete: MemOS showed nothing of this id, and nothing of it was kept here. "
            "Whether there ever was something is not known from that."
        ),
        _("Nothing was found to delete, in MemOS or here."),
    )


def _unverified(outcome: ErasureOutcome) -> Ending:
    if outcome.is_in_part_unasked:
        return Ending(
            _(
                "Not verified: MemOS showed nothing of what could be asked for. What an earlier attempt knew, below, "
                "and did not see gone, was erased on this machine since: whether MemOS has let go of that is not known."
            ),
            _(
                "Not verified: MemOS shows nothing of what could be asked for. What an earlier run knew, and did not "
                "see gone, was erased on this machine since: whether MemOS has let go of that is not known. To have it asked "
                "for, add its conversations (conversations add), which the archive of that run has."
            ),
        )
    return Ending(
        _(
            "Not verified: MemOS said that it has nothing of it any more, and could not be read back whole. "
            "Repeat the erasure."
        ),
        _(
            "MemOS says that it has nothing of it any more. That is not verified: not all could be read "
            "back. Do it again: it looks at what is left first."
        ),
    )


def _partial(outcome: ErasureOutcome) -> Ending:
    projects = elsewhere.names_of(outcome.elsewhere)
    match outcome.left:
        case None:
            return Ending(
                _("Not complete: something is left. Repeat the erasure."),
                _("Erased in part. Do it again: it goes on with what is left."),
            )
        case "service":
            return Ending(
                _(
                    "Not complete: MemOS still shows something. Repeat the erasure later; where MemOS goes on showing "
                    "the same, ask whoever runs it, or erase the copy here all the same (store forget)."
                ),
                _("Erased in part, or not at all: MemOS still shows something of it."),
            )
        case "kept":
            return Ending(
                _(
                    "Not complete: a store whose place a backup has taken has it too. Delete that, with all its files, "
                    "then repeat the erasure."
                ),
                _(
                    "Erased in MemOS and in this project. What is left is in a store whose place a backup has taken: delete "
                    "that as said above, and then do this again, for a receipt that says so."
                ),
            )
        case "begun elsewhere":
            in_receipt = _(
                "Not complete: an erasure of the same id, begun in another project on the same machine, {projects}, is "
                "unfinished. Run that one to its end there first, then repeat the erasure here."
            )
            to_operator = _(
                "Not complete: an erasure of the same id, begun in another project here, {projects}, is unfinished. Run "
                "that one to its end there first, and then do this again, for a receipt that says so."
            )
        case "elsewhere":
            in_receipt = _(
                "Not complete: another project on the same machine, {projects}, has it too. Erase it there (how "
                "is said below), then repeat the erasure here."
            )
            to_operator = _(
                "Erased in MemOS and in this project. What is left is in another project here, {projects}: erase "
                "it there, and then do this again, for a receipt that says so."
            )
        case "both":
            in_receipt = _(
                "Not complete: something is left, and another project on the same machine, {projects}, has it too. "
                "Erase it there (how is said below), and repeat the erasure here."
            )
            to_operator = _(
                "Erased in part. In another project here, {projects}, it has to be erased there. Do this again for "
                "what else is left."
            )
        case _:
            assert_never(outcome.left)
    return Ending(in_receipt.format(projects=projects), to_operator.format(projects=projects))
