"""What the copy of a person lacks, in words for the person: which part, and since when, without the errors.

The errors are for whoever keeps the store: the manifest of the archive has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from memos_admin.backend.erasing import erased_before, unfinished_erasures
from memos_admin.backend.export.completeness import of_conversations
from memos_admin.backend.model import Reads, Subject
from memos_admin.backend.subject_access.earlier import at
from memos_admin.backend.subject_access.material import Counts
from memos_admin.language import LANGUAGES, counted, written_in
from memos_admin.language import gettext as _
from memos_admin.store import bundles, streams
from memos_admin.store.scopes import scope_of

_PLACE = re.compile(r"\{\w+\}")


def unread(reads: Reads, subject: Subject) -> Iterator[str]:
    """Yield which parts the last reading from MemOS could not read, and when that was."""
    if subject.problem is None:
        return
    when = bundles.last_partial(reads.query, scope_of([subject.ref]))
    memories, messages = _parts(subject.problem)
    # Where the memories could not be listed, nothing behind them was read, and when was not noted.
    messages = messages or when is None or subject.synced_at is None or subject.synced_at < when
    if memories:
        if when is None:
            yield _("Memories could not be read from MemOS lately: new ones may be missing.")
        else:
            text = _("Memories could not be read from MemOS on {time}: new ones may be missing.")
            yield text.format(time=at(when))
    if messages:
        if when is None:
            yield _(
                "Not all messages could be read from MemOS lately: those of some conversations may be missing."
            )
        else:
            text = _(
                "Not all messages could be read from MemOS on {time}: those of some conversations may be "
                "missing."
            )
            yield text.format(time=at(when))


def doubted(subject: Subject) -> Iterator[str]:
    """Yield of how many memories it is not known whether they are still in use."""
    if subject.doubted:
        yield counted(
            subject.doubted,
            "Whether {count} memory is still in use is not known: MemOS did not list it when it was last read. It is "
            "here as it was read before that.",
            "Whether {count} memories are still in use is not known: MemOS did not list them when they were last "
            "read. They are here as they were read before that.",
        )


def no_longer_kept(counts: Counts) -> Iterator[str]:
    """Yield what retention has dropped: texts of then, the service's own objects, and with them where from."""
    if counts.dropped:
        yield counted(
            counts.dropped,
            "What {count} earlier version said is no longer kept: only when it was replaced is here.",
            "What {count} earlier versions said is no longer kept: only when they were replaced is here.",
        )
    if counts.untraced:
        yield counted(
            counts.untraced,
            "From which message {count} memory came is no longer kept.",
            "From which messages {count} memories came is no longer kept.",
        )
    if counts.raws:
        yield counted(
            counts.raws,
            "Of {count} message or memory the answer of MemOS as it was is no longer kept: what was read from it is "
            "here.",
            "Of {count} messages and memories the answers of MemOS as they were are no longer kept: what was read from "
            "them is here.",
        )


def unerased(subject: Subject) -> Iterator[str]:
    """Yield that it was to be erased, and that this has not ended."""
    if (attempt := unfinished_erasures.last_of(subject)) is None:
        return
    if attempt.sent:
        text = _(
            "For the request {request} all of this was to be erased. That was begun on {time} and has not "
            "ended: MemOS may have deleted some of it, or all."
        )
    else:
        text = _(
            "For the request {request} all of this was to be erased. That was begun on {time} and has not "
            "ended: nothing was deleted."
        )
    yield text.format(request=attempt.request, time=at(attempt.at))


def erased(subject: Subject) -> Iterator[str]:
    """Yield that all was erased once, in the service or not, so that what is here came since."""
    if (before := erased_before.of(subject)) is None:
        return
    if before.service != "nothing":
        text = _(
            "The copy that was kept here was erased on {time}; whether MemOS had let go of all by then is not known. "
            "What stands here was read after that."
        )
        if before.service == "something":
            text = _(
                "The copy that was kept here was erased on {time}; MemOS still showed something of this id when it "
                "was last asked. What stands here was read after that."
            )
        yield text.format(time=at(before.at))
        return
    text = _(
        "All that was stored of this id was erased on {time}. What stands here was stored after that."
    )
    if before.request:
        text = _(
            "For the request {request} all that was stored of this id was erased on {time}. What stands here "
            "was stored after that."
        )
    yield text.format(request=before.request, time=at(before.at))


def never_read(reads: Reads, subject: Subject) -> Iterator[str]:
    """Yield what was never read, and what of the messages is not here."""
    found = streams.coverage(reads.query, subject_pk=subject.pk)
    if found.never:
        yield counted(
            found.never,
            "Of {count} conversation the messages were never read: they are not here.",
            "Of {count} conversations the messages were never read: they are not here.",
        )
    yield from of_conversations(reads, subject.pk, unread=False)
    if subject.listed_at is None:
        yield _("The memories were never read completely: some may be missing.")


def _parts(problem: str) -> tuple[bool, bool]:
    """Return whether memories, and messages, were not read; of a problem that names neither, both."""
    memories = messages = False
    for language in LANGUAGES:
        with written_in(language):
            memories = memories or _("memories: ") in problem
            of_one = _PLACE.split(_("messages of {id}: {error}"))
            messages = (
                messages or _("messages: ") in problem or all(part in problem for part in of_one)
            )
    return (memories, messages) if memories or messages else (True, True)
