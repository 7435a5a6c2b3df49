"""What the commands of the evidence share: whom they are about, and a review of each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from memos_admin.cli.context import Context
from memos_admin.cli.lists import batches, counted
from memos_admin.cli.users import find

if TYPE_CHECKING:
    from memos_admin.backend.evidence.collected import Collected
    from memos_admin.backend.model import Conversation, Filter, Reads, Subject

_TELL_FROM = 5_000
"""Messages from which on a review takes so long that a person is told how far it is."""


_NOT_KEPT = (
    "ids of messages and what they said before are dropped as keep_raw_json and keep_versions_days of "
    "config.toml say. Set to true they keep both of what is read from then on; what was dropped does not "
    "come back, with sync --full neither."
)


class Whose(NamedTuple):
    """One of those that a filter is about.

    Attributes:
        wanted: the filter, of this one.
        conversation: the only one of theirs; None: all, or it is not known here.
        place: which of how many this one is, for a person; ``""``: the only one.
    """

    subject: Subject
    wanted: Filter
    conversation: Conversation | None
    place: str

    @property
    def messages(self) -> int:
        """How many messages are compared."""
        return (self.conversation or self.subject).messages


def whose(context: Context, wanted: Filter) -> Iterator[Whose]:
    """Return whom a filter is about: one, or everybody. Raises Failed where there is no such one."""
    reads = context.workspace().reads
    if wanted.subject is not None:
        return iter([_whose(reads, find(context, wanted.subject), wanted)])
    pks = reads.subject_pks()
    everyone = (one for some in batches(pks) for one in reads.subjects(some))
    return (
        _whose(reads, one, wanted, f"{number:,} of {len(pks):,} users and agents · ")
        for number, one in enumerate(everyone, 1)
    )


def _whose(reads: Reads, subject: Subject, wanted: Filter, place: str = "") -> Whose:
    conversation = None
    if wanted.conversation_id:
        conversation = reads.conversation(subject.ref, wanted.conversation_id)
    return Whose(subject, replace(wanted, subject=subject.ref), conversation, place)


def reviewed(
    context: Context, one: Whose, *, whole: bool = False, narrowed: bool = False
) -> Collected:
    """Return what a review of one finds; how far it is stands on stderr.

    Args:
        context: of the command.
        one: whom it is about.
        whole: look at all conversations: a memory of another one may have come of a message.
        narrowed: leave out what the filter does not name.
    """
    from memos_admin.backend.evidence.collected import Collected
    from memos_admin.backend.evidence.narrowing import part_within
    from memos_admin.backend.evidence.review import review

    out, reads, found = context.out, context.workspace().reads, Collected()
    listings = frozenset(reads.memory_pks(one.wanted)) if narrowed else frozenset[int]()
    tells = out.notes_on_terminal and reads.totals().messages > _TELL_FROM
    try:
        for part in review(reads, one.subject, None if whole else one.conversation):
            found.take(part_within(reads, part, one.wanted, listings) if narrowed else part)
            if tells:
                done = part.progress
                out.rewrite(f"comparing · {one.place}{done.messages:,} of {done.of:,} messages")
    finally:
        out.rewrite("")
    return found


def tell_not_kept(context: Context, memories: int) -> None:
    """Tell, where there are such memories, why it is not kept where they came from, and what helps."""
    if memories:
        context.out.note(
            f"Which message {counted(memories, 'memory')} came from is not kept: {_NOT_KEPT}"
        )


def tell_messages(context: Context, one: Whose | None) -> None:
    """Tell what is known to be missing of the messages of one; None: of everybody's."""
    from memos_admin.backend.export.completeness import of_conversation, of_conversations

    reads = context.workspace().reads
    if one is not None and one.conversation is not None:
        lines = of_conversation(reads, one.conversation)
    else:
        lines = of_conversations(reads, None if one is None else one.subject.pk)
    for line in lines:
        context.out.note(line)
