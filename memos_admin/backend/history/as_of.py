"""What cannot be known of an instant that has passed, in words: beside each list of then."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from memos_admin.backend.model import Filter, Reads, SubjectRef
from memos_admin.language import counted
from memos_admin.language import gettext as _
from memos_admin.store import known_then
from memos_admin.store.known_then import Known, known


def told(reads: Reads, wanted: Filter, when: Callable[[int], str]) -> tuple[str, ...]:
    """Return that a list is as of an instant, and its `limits`; none where it is of now."""
    if wanted.as_of is None:
        return ()
    text = _("As this store knew them at {time}, not as they are now.")
    return (text.format(time=when(wanted.as_of)), *limits(reads, wanted, when))


def limits(reads: Reads, wanted: Filter, when: Callable[[int], str]) -> tuple[str, ...]:
    """Return what a list as of an instant cannot tell, a sentence each; none where it is of now.

    Args:
        reads: the store.
        wanted: what is listed.
        when: says an instant.
    """
    if wanted.as_of is None:
        return ()
    found = known(reads.query, wanted, wanted.as_of)
    return (*_readings(found, wanted, when), *_lost(found, wanted.as_of, when))


def readings(reads: Reads, ref: SubjectRef | None, most: int) -> list[int]:
    """Return when a subject, or anybody, was last read, latest first."""
    return sorted({*known_then.readings(reads.query, ref, 1)}, reverse=True)[:most]


def _readings(found: Known, wanted: Filter, when: Callable[[int], str]) -> Iterator[str]:
    one = wanted.subject is not None
    if found.unlisted and one:
        if found.began is None:
            yield _("It was never listed completely: what MemOS had then is not known.")
        else:
            text = _(
                "It was first listed completely at {began}: what MemOS had before is not known."
            )
            yield text.format(began=when(found.began))
    elif found.unlisted:
        yield counted(
            found.unlisted,
            "{count} user or agent was not listed completely by then: what MemOS had of it is not "
            "known.",
            "{count} users and agents were not listed completely by then: what MemOS had of them is "
            "not known.",
        )
    if found.read is not None and found.next is not None and one:
        text = _(
            "Read at {read}, and next at {next}: what MemOS changed in between is dated by the next "
            "reading, and two changes in between are seen as one."
        )
        yield text.format(read=when(found.read), next=when(found.next))
    elif found.read is not None and one:
        yield _("Read at {read}, and not again since.").format(read=when(found.read))
    elif not one:
        yield _(
            "Each user and agent is as the last reading before had found it: what MemOS changed later "
            "is dated by the next one."
        )


def _lost(found: Known, moment: int, when: Callable[[int], str]) -> Iterator[str]:
    if found.dropped:
        yield counted(
            found.dropped,
            "What {count} memory said then is no longer kept: keep_versions_days of config.toml has it "
            "dropped.",
            "What {count} memories said then is no longer kept: keep_versions_days of config.toml has "
            "it dropped.",
        )
    if found.untold is not None and moment < found.untold:
        text = _(
            "Until {until} this store did not keep that memories came back: some that are listed here "
            "may have been gone then."
        )
        yield text.format(until=when(found.untold))
    if found.unmoved is not None and moment < found.unmoved:
        text = _(
            "Until {until} this store did not keep that memories moved to another conversation: some "
            "that are listed here under one may have named another one then."
        )
        yield text.format(until=when(found.unmoved))
    yield _(
        "Not kept by date: confidence, the service's JSON, a time of updating that was given later, and "
        "of texts replaced since their sources."
    )
