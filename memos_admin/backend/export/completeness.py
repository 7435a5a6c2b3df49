"""What an export cannot contain, in words: counts without it would say too much."""

from __future__ import annotations

from memos_admin.backend.erasing import unfinished_erasures
from memos_admin.backend.model import Conversation, Reads, Subject, SubjectRef
from memos_admin.backend.remote import WINDOW
from memos_admin.backend.times import told_apart, utc_text
from memos_admin.language import N_, counted, sentences
from memos_admin.language import gettext as _
from memos_admin.store import streams
from memos_admin.store.ledger import count_holes
from memos_admin.store.streams import Coverage, Listings

NOTHING = N_("Nothing is known to be missing.")
"""What is said where an export is not known to be incomplete."""


def of_conversation(reads: Reads, conversation: Conversation) -> tuple[str, ...]:
    """Return a line for each kind of incompleteness that the conversation's messages have."""
    return _of_messages(streams.coverage(reads.query, conversation_pk=conversation.pk))


def of_conversations(
    reads: Reads, subject_pk: int | None, *, unread: bool = True
) -> tuple[str, ...]:
    """Return the same for all conversations of a subject; None: of everyone.

    Args:
        reads: the store.
        subject_pk: whose.
        unread: tell also of those that were never read, as one who can read them.
    """
    found = streams.coverage(reads.query, subject_pk=subject_pk)
    return _of_messages(found if unread else found._replace(never=0))


def of_kept(reads: Reads, subject_pk: int) -> tuple[str, ...]:
    """Return of these lines that of messages which MemOS returns no more, where there are any."""
    return _of_kept(streams.coverage(reads.query, subject_pk=subject_pk))


def of_memories(reads: Reads, ref: SubjectRef | None, vanished: int) -> tuple[str, ...]:
    """Return a line for each kind of incompleteness of memories: one subject's, or everybody's.

    Args:
        reads: the store.
        ref: whose; None: everybody's.
        vanished: how many of the memories exported are listed no more.
    """
    subject = None if ref is None else reads.subject(ref)
    lines = []
    if ref is None or subject is not None:
        found = streams.listings(reads.query, None if subject is None else subject.pk)
        if found.never:
            lines.append(
                _of(
                    found.never,
                    found.subjects,
                    N_("The user or agent was never completely listed: memories may be missing."),
                    N_(
                        "{number} of {count} users and agents was never completely listed: memories may be missing."
                    ),
                    N_(
                        "{number} of {count} users and agents were never completely listed: memories may be missing."
                    ),
                )
            )
        if found.failed:
            lines.append(
                _of(
                    found.failed,
                    found.subjects,
                    N_("The user or agent was not read whole by the last sync."),
                    N_("{number} of {count} users and agents was not read whole by the last sync."),
                    N_(
                        "{number} of {count} users and agents were not read whole by the last sync."
                    ),
                )
            )
        if subject is not None and subject.is_unfinished:
            lines.append(unfinished_erasures.of(subject))
        elif found.erasing:
            lines.append(
                counted(
                    found.erasing,
                    "Of {count} user or agent an erasure is unfinished: some of it may be gone in MemOS.",
                    "Of {count} users and agents an erasure is unfinished: some of theirs may be gone in MemOS.",
                )
            )
        lines += _doubted(found)
    if vanished:
        lines.append(
            counted(
                vanished,
                "{count} memory is gone: MemOS lists it no more.",
                "{count} memories are gone: MemOS lists them no more.",
            )
        )
    return tuple(lines)


def of_doubted(reads: Reads, subject: Subject | None) -> tuple[str, ...]:
    """Return of these lines that of memories in doubt, of a subject or of everybody, where there are any."""
    return _doubted(streams.listings(reads.query, None if subject is None else subject.pk))


def _doubted(found: Listings) -> tuple[str, ...]:
    if not found.doubted:
        return ()
    return (
        counted(
            found.doubted,
            "{count} memory is in doubt: MemOS did not list it when it was last read, and that it is gone is not "
            "confirmed.",
            "{count} memories are in doubt: MemOS did not list them when they were last read, and that they are "
            "gone is not confirmed.",
        ),
    )


def of_memories_alone(reads: Reads, ref: SubjectRef | None, vanished: int) -> tuple[str, ...]:
    """Return the same where no messages are beside them, and when all were listed.

    Also that messages are known to be missing: a file of memories says nothing of those.
    """
    lines = of_memories(reads, ref, vanished)
    subject = None if ref is None else reads.subject(ref)
    if ref is not None and subject is None:
        return lines
    pk = None if subject is None else subject.pk
    found = streams.listings(reads.query, pk)
    if found.oldest is not None:
        lines = (*lines, _listed(found, found.oldest, whole=not lines))
    if count := sum(count_holes(reads.query, pk).values()):
        missing = counted(
            count,
            "Messages are not in it: at {count} place of theirs some are missing, or may be. The ledger "
            "of completeness has it.",
            "Messages are not in it: at {count} places of theirs some are missing, or may be. The ledger "
            "of completeness has each.",
        )
        lines = (*lines, missing)
    return lines


def _listed(found: Listings, at: int, *, whole: bool) -> str:
    """Return when all memories were last listed; `whole`: and that none is known to be missing."""
    if found.never:
        text = _("All memories of the others were last listed on {date}, or later.")
    elif found.subjects == 1 and whole:
        text = _("No memory is known to be missing: all were last listed on {date}.")
    elif found.subjects == 1:
        text = _("All memories were last listed on {date}.")
    elif whole:
        text = _(
            "No memory is known to be missing: those of each user and agent were last listed on {date}, "
            "or later."
        )
    else:
        text = _("All memories of each user and agent were last listed on {date}, or later.")
    return text.format(date=utc_text(at)[:10])


def _of_messages(found: Coverage) -> tuple[str, ...]:
    count = found.conversations
    lines = []
    if found.never:
        lines.append(
            _of(
                found.never,
                count,
                N_("The conversation was never read; a sync reads them."),
                N_("{number} of {count} conversations was never read; a sync reads them."),
                N_("{number} of {count} conversations were never read; a sync reads them."),
            )
        )
    if empty := found.empty - found.kept:
        lines.append(
            _of(
                empty,
                count,
                N_("The conversation is empty: MemOS returned no messages for it."),
                N_(
                    "{number} of {count} conversations is empty: MemOS returned no messages for it."
                ),
                N_(
                    "{number} of {count} conversations are empty: MemOS returned no messages for them."
                ),
            )
        )
    lines += _of_kept(found)
    if unserved := found.late - found.older - found.unlooked:
        late = _of(
            unserved,
            count,
            N_("The conversation is not known from the beginning:"),
            N_("{number} of {count} conversations is not known from the beginning:"),
            N_("{number} of {count} conversations are not known from the beginning:"),
        )
        serves = _("MemOS serves the latest {count} messages only.").format(count=WINDOW)
        lines.append(sentences(late, serves))
    if found.unlooked:
        lines.append(
            _of(
                found.unlooked,
                count,
                N_("Whether the conversation is known from the beginning was not looked at yet."),
                N_(
                    "Whether {number} of {count} conversations is known from the beginning was not looked at yet."
                ),
                N_(
                    "Whether {number} of {count} conversations are known from the beginning was not looked at yet."
                ),
            )
        )
    if found.older and found.older_at is not None:
        older = _of(
            found.older,
            count,
            N_(
                "The conversation is known as far back as MemOS shows, which may not be its beginning: a memory "
                "goes back to {date}."
            ),
            N_(
                "{number} of {count} conversations is known as far back as MemOS shows, which may not be its "
                "beginning: a memory goes back to {date}."
            ),
            N_(
                "{number} of {count} conversations are known as far back as MemOS shows, which may not be their "
                "beginnings: memories go back further, the oldest to {date}."
            ),
            date=utc_text(found.older_at)[:10],
        )
        lines.append(older)
    if gaps := found.seams.get("gap"):
        lines.append(
            counted(
                gaps,
                "At {count} place messages are missing that MemOS no longer serves.",
                "At {count} places messages are missing that MemOS no longer serves.",
            )
        )
    if resets := found.seams.get("reset"):
        lines.append(
            counted(
                resets,
                "At {count} place MemOS no longer had the earlier messages; some may be missing.",
                "At {count} places MemOS no longer had the earlier messages; some may be missing.",
            )
        )
    if uncertain := found.seams.get("uncertain"):
        lines.append(
            counted(
                uncertain,
                "At {count} place repeated messages are a lower bound: MemOS gives messages no id.",
                "At {count} places repeated messages are a lower bound: MemOS gives messages no id.",
            )
        )
    return tuple(lines)


def _of_kept(found: Coverage) -> tuple[str, ...]:
    """Return the line of messages that MemOS returns no more; none where it returns all."""
    if found.kept_served_at is None or found.kept_fetched_at is None:
        return ()
    served, read = told_apart(found.kept_served_at, found.kept_fetched_at, _day, _minute, _second)
    line = _of(
        found.kept,
        found.conversations,
        N_(
            "The messages of the conversation are kept here, as of {served}: MemOS returned none of them at the "
            "last reading, {read}."
        ),
        N_(
            "The messages of {number} of {count} conversations are kept here, as of {served}: MemOS returned "
            "none of them at the last reading, {read}."
        ),
        N_(
            "The messages of {number} of {count} conversations are kept here, as of {served} or later: MemOS "
            "returned none of them at the last reading of each, {read} or later."
        ),
        served=served,
        read=read,
    )
    return (line,)


def _day(ms: int) -> str:
    return utc_text(ms)[:10]


def _minute(ms: int) -> str:
    return f"{utc_text(ms)[:16].replace('T', ' ')} UTC"


def _second(ms: int) -> str:
    return f"{utc_text(ms)[:19].replace('T', ' ')} UTC"


def _of(number: int, count: int, alone: str, one: str, many: str, **more: str) -> str:
    """Return the text for the only one that there is, for one of several, or for several."""
    text = alone if count == 1 else one if number == 1 else many
    return _(text).format(number=f"{number:,}", count=f"{count:,}", **more)
