"""One listing of a subject's memories, and what a complete one no longer holds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from memos_admin.backend.sync import intake
from memos_admin.backend.sync.behind import Behind
from memos_admin.backend.sync.report import Running
from memos_admin.cloud.answers import MemoryPage
from memos_admin.cloud.errors import CloudError, NotFound, QuotaExceeded, Refused
from memos_admin.language import gettext as _
from memos_admin.store import memories, vanishing
from memos_admin.store.subjects import RosterEntry

MOST_PAGES = 20_000
"""A million memories of one view; a service that promises more pages is not believed."""

MOST_DETAILS = 50
"""Missing memories asked for by their id, a subject and run. A second listing tells of the rest."""

MOST_DETAILS_OF_ONE = 1_000
"""The same where somebody asked for all of one subject: less than two minutes of requests."""

_CARRIED = ("status", "update_time")
"""What every memory of a listing has, null perhaps (memos-cloud-api, "Items")."""

_LISTABLE = {"activated", "resolving"}
"""Statuses that a listing may hold; any other says why it does not."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What was read: `problem` says why it is not complete, None where it is.

    `in_part`: memories of which it does not say what every one has; they are listed all the same.
    """

    seen: frozenset[str]
    pages: int
    problem: str | None
    in_part: int = 0


async def read_listing(running: Running, entry: RosterEntry, *, since: str | None) -> Listing:
    """Read and store a subject's memories page by page; with `since` (a date) what changed only.

    Raises:
        CloudError: a page could not be read; those before it are stored.
    """
    async with Behind() as storing:
        return await _read_pages(running, entry, storing, since=since)


async def _read_pages(
    running: Running, entry: RosterEntry, storing: Behind, *, since: str | None
) -> Listing:
    """As `read_listing`; a page is stored while the next one is asked for."""
    seen: set[str] = set()
    page, furthest, problem, in_part = 0, 0, None, 0
    total: int | None = None
    while problem is None:
        page += 1
        running.tell(
            _("{name}: memories, page {page}").format(name=entry.ref.external_id, page=page)
        )
        answer = await running.remote.get_memories(
            entry.ref.kind, entry.ref.external_id, page=page, updated_since=since
        )
        ids = {memory.memory_id for memory in answer.memories}
        again, furthest = page <= furthest, max(furthest, page)
        if not again:
            in_part += sum(not m.absent.isdisjoint(_CARRIED) for m in answer.memories)
        running.counts["answers"] += 1
        await storing.do(_store(running, entry.pk, answer))
        shrunk = total is not None and answer.total is not None and answer.total < total
        total = answer.total
        if answer.skipped:
            problem = _("{count} memories on page {page} could not be understood").format(
                count=answer.skipped, page=page
            )
        elif shrunk and again:
            problem = _("memories were removed again and again while page {page} was read").format(
                page=page
            )
        elif shrunk:
            page -= 2  # what stood behind those that went has moved up, onto the page before
        elif is_last(answer):
            break
        elif not ids:
            problem = _("page {page} of {total} was empty").format(page=page, total=answer.pages)
        elif ids <= seen and not again:
            problem = _("page {page} repeated what was read before").format(page=page)
        elif page >= MOST_PAGES:
            problem = _("there are more than {count} pages").format(count=MOST_PAGES)
        seen |= ids
    seen |= ids
    return Listing(frozenset(seen), furthest, problem, in_part)


def is_last(answer: MemoryPage) -> bool:
    """Whether no page of a listing follows."""
    if answer.pages is None:
        return not answer.full
    return answer.page >= answer.pages


async def _store(running: Running, subject_pk: int, answer: MemoryPage) -> None:
    if not answer.memories:
        return
    incoming = [intake.memory(memory, running.zone) for memory in answer.memories]
    recorded = await running.writer.run(
        partial(
            memories.record,
            subject_pk=subject_pk,
            incoming=incoming,
            run_pk=running.run_pk,
            now=running.clock(),
            unsaid=intake.unsaid,
        )
    )
    running.counts["memories read"] += len(incoming)
    running.counts["added"] += recorded.added
    running.counts["changed"] += recorded.changed
    running.counts["returned"] += recorded.returned
    running.counts["replaced"] += answer.replaced
    running.tell()  # what is stored, while the next page is waited for: a run may end there


@dataclass(frozen=True, slots=True)
class Settled:
    """How many memories that a complete listing lacks may be gone or not; `error`: why, where one is."""

    in_doubt: int = 0
    error: CloudError | None = None


async def settle_missing(running: Running, entry: RosterEntry, listing: Listing) -> Settled:
    """Find out what became of memories that a complete listing lacks; mark those surely gone.

    Sure is: the service says by id that there is none, or tells a status that is not listed, or a
    second complete listing lacks it too. That one is read at once where there are more than are asked
    for by id, and nothing that was said by id speaks against the first one.

    Raises:
        Refused, QuotaExceeded: nothing else can be asked.
    """
    missing = await running.writer.run(
        partial(
            vanishing.note_missing,
            subject_pk=entry.pk,
            seen=listing.seen,
            last_seen=entry.listed_at,
            now=running.clock(),
        )
    )
    most, settled = running.most_details, 0
    error: CloudError | None = None
    for at in range(0, min(len(missing), most), MOST_DETAILS):
        running.tell(
            _("{name}: asking for {count} memories no longer listed").format(
                name=entry.ref.external_id, count=f"{len(missing) - at:,}"
            )
        )
        found, error = await _ask(running, missing[at : min(at + MOST_DETAILS, most)])
        settled += found
        if error is not None:
            break
    missed_before = [item for item in missing[most:] if item.missed_before]
    left = [item for item in missing[most:] if not item.missed_before]
    settled += await _mark(running, {item.listing_pk: _NOT_LISTED_TWICE for item in missed_before})
    if left and settled == len(missing) - len(left):
        try:
            settled += await _list_again(running, entry, left)
        except (Refused, QuotaExceeded):
            raise
        except CloudError as failed:
            error = failed
    in_doubt = len(missing) - settled
    running.counts["unconfirmed"] += in_doubt
    return Settled(in_doubt, error)


async def _ask(
    running: Running, asked: Sequence[vanishing.Missing]
) -> tuple[int, CloudError | None]:
    """Ask for memories by id and mark those that are gone; return how many, and an error if there was one."""
    fates = await asyncio.gather(*(_fate(running, item) for item in asked))
    told = [(item, fate) for item, fate in zip(asked, fates, strict=True) if isinstance(fate, Fate)]
    gone = await _mark(
        running,
        {item.listing_pk: fate for item, fate in told},
        {item.memory_id: fate.status for item, fate in told if fate.status},
    )
    return gone, next((fate for fate in fates if isinstance(fate, CloudError)), None)


async def _list_again(
    running: Running, entry: RosterEntry, left: Sequence[vanishing.Missing]
) -> int:
    """List all once more and mark what is missing again; return of how many it tells: none, if not complete.

    Raises:
        CloudError: a page could not be read.
    """
    again = await read_listing(running, entry, since=None)
    if again.problem is not None:
        return 0
    gone = [item for item in left if item.memory_id not in again.seen]
    await _mark(running, {item.listing_pk: _NOT_LISTED_TWICE for item in gone})
    return len(left)


async def _mark(
    running: Running, fates: Mapping[int, Fate], statuses: Mapping[str, str] | None = None
) -> int:
    """Mark listings as vanished; return how many."""
    await running.writer.run(
        partial(
            vanishing.mark_vanished,
            reasons={pk: fate.reason for pk, fate in fates.items()},
            statuses=statuses,
            run_pk=running.run_pk,
            now=running.clock(),
        )
    )
    running.counts["vanished"] += len(fates)
    return len(fates)


@dataclass(frozen=True, slots=True)
class Fate:
    """Why a memory is no longer listed, and the status that it has instead, if that is told."""

    reason: str
    status: str | None = None


NOT_FOUND = Fate("not found")
"""The service has nothing under the id."""

_NOT_LISTED_TWICE = Fate("not listed twice")
"""Two complete listings lack it."""


def fate_of(status: str | None) -> Fate | None:
    """Return why a memory of a status is not listed; None where the status does not say."""
    return None if status is None or status in _LISTABLE else Fate(status, status)


async def _fate(running: Running, item: vanishing.Missing) -> Fate | CloudError | None:
    """Return what became of a memory that is no longer listed; None where that is not sure yet.

    An error where the service could not be asked.
    """
    again = _NOT_LISTED_TWICE if item.missed_before else None
    try:
        detail = await running.remote.get_memory(item.memory_id)
    except NotFound:
        return NOT_FOUND
    except (Refused, QuotaExceeded):
        raise
    except CloudError as error:
        return again or error
    await running.writer.run(
        partial(
            memories.keep_detail,
            memory_id=item.memory_id,
            status=detail.status,
            text=intake.as_json(detail.raw),
            now=running.clock(),
        )
    )
    return fate_of(detail.status) or again
