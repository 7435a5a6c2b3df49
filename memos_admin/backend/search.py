"""Search: words in what is stored, by the full-text index, or the service's own recall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Literal, Self

from memos_admin.backend import display, journal
from memos_admin.backend.excerpt import Excerpt
from memos_admin.backend.keys import refuse_key
from memos_admin.backend.times import parse_service_time
from memos_admin.backend.upkeep import indexing
from memos_admin.backend.workspace import Workspace
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.store.listings import passing
from memos_admin.store.reads import Reads
from memos_admin.store.records import Filter, SubjectRef
from memos_admin.store.search.find import Found, Search, message_places
from memos_admin.store.search.marks import Span, spans
from memos_admin.store.search.marks import part as part_around
from memos_admin.store.search.ranking import MOST_RANKED, ranked
from memos_admin.store.search.tokens import Wanted, wanted

if TYPE_CHECKING:
    from memos_admin.cloud.answers import Memory

__all__ = [
    "MOST_RANKED",
    "ORDERS",
    "Hit",
    "HitType",
    "Hits",
    "Order",
    "Span",
    "has_words",
    "incomplete",
    "recall",
    "search",
    "spans_in",
    "types_within",
]

HitType = Literal["message", "memory"]
Order = Literal["arrival", "relevance"]
ORDERS: tuple[Order, ...] = ("arrival", "relevance")

AROUND = 40
"""Characters of a snippet on each side of the words found, where nobody says another number."""
_BATCH = 50
_MOST_COMPARED = 256
"""Hits that are compared with a filter at once."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message or a memory that was found.

    Attributes:
        seq: a message's position in its conversation, from 1.
        excerpt: the words around the first occurrence.
        updated_at: UTC milliseconds; a message's is its latest known time.
        relativity: the service's figure where it was asked, else None.
        role: a message's.
        message_pk: a message's key in this store.
        vanished: a memory that is no longer listed.
        lacks: what the service should say of a memory that it recalls, and did not: ``relativity``,
            ``time``, ``text``.
    """

    type: HitType
    ref: SubjectRef
    conversation_id: str | None
    seq: int | None
    memory_id: str | None
    view: str | None
    title: str | None
    excerpt: Excerpt
    updated_at: int | None
    relativity: float | None = None
    role: str | None = None
    message_pk: int | None = None
    vanished: bool = False
    lacks: frozenset[str] = frozenset()

    @property
    def snippet(self) -> str:
        """The excerpt with masks as they are now, `…` where it is cut."""
        return self.excerpt.shown

    @property
    def heading(self) -> str:
        """The title with masks as they are now, also of what the text around the excerpt makes known."""
        return display.titled(self.title or "", self.excerpt.text)


class Hits:
    """Hits, one at a time as they are found, and how far the search for them is."""

    def __init__(
        self,
        hits: Iterable[Hit],
        found: Search | None = None,
        ranking: _Ranking | None = None,
    ) -> None:
        self._hits, self._found, self._ranking = iter(hits), found, ranking

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Hit:
        return next(self._hits)

    @property
    def looked(self) -> float | None:
        """How much was looked through of what the index does not have, from 0 to 1; None: it has all."""
        return None if self._found is None else self._found.looked

    @property
    def ranked(self) -> int | None:
        """How many were found and ranked, at most `MOST_RANKED`; None: none, or a filter leaves some out."""
        return None if self._ranking is None else self._ranking.number


def has_words(text: str) -> bool:
    """Return whether there is anything in a text that can be found: signs alone are no words."""
    return bool(wanted(text).terms)


def search(
    reads: Reads,
    text: str,
    *,
    subject: SubjectRef | None = None,
    types: frozenset[HitType] = frozenset({"message", "memory"}),
    limit: int | None = None,
    order: Order = "arrival",
    around: int = AROUND,
    within: Filter | None = None,
) -> Hits:
    """Return what has all words of `text`, as `memos_admin.store.search.tokens` has it.

    It covers everything committed, also what the search index does not have yet: the more that is,
    the longer it takes. The index is brought up to date meanwhile.

    Args:
        reads: the store.
        text: words, beginnings of words from two letters on, ``"phrases in quotes"``.
        subject: only what belongs to this one.
        types: of what is to be found.
        limit: at most so many.
        order: what was read here last comes first; or what is most relevant among the last
            `MOST_RANKED` of those.
        around: characters of a snippet on each side of the words found.
        within: only memories that this names; messages too where it asks for a user or a
            conversation only. Its text, order and instant do not count.

    Raises:
        ValueError: `text` is empty.
    """
    if not text.strip():
        raise ValueError("Nothing to search for. Give some words.")
    asked = wanted(text)
    if within is not None:
        if None not in (subject, within.subject) and subject != within.subject:
            return Hits(())
        subject = within.subject if subject is None else subject
        types = types & types_within(within)
    known = None if subject is None else reads.subject(subject)
    if subject is not None and known is None:
        return Hits(())
    found = Search(reads.query, asked, subject_pk=None if known is None else known.pk, kinds=types)
    if found.plan.rest:
        indexing.nudge(reads.query.path)
    ranking = None if order == "arrival" else _Ranking(asked, found)
    ordered = iter(found if ranking is None else ranking)
    if within is None:
        return Hits(_hits(reads, asked, islice(ordered, limit), around), found, ranking)
    whole = replace(within, text="", as_of=None)
    hits = _hits(reads, asked, _passing(reads, whole, ordered), around)
    name = within.conversation_id
    named = (hit for hit in hits if name is None or name == (hit.conversation_id or ""))
    return Hits(islice(named, limit), found, ranking if whole == Filter() else None)


class _Ranking:
    """What was found, ranked when the first one is asked for: who waits can be told how far that is."""

    def __init__(self, asked: Wanted, found: Search) -> None:
        self._asked, self._found = asked, found
        self.number: int | None = None

    def __iter__(self) -> Iterator[Found]:
        best = ranked(self._asked, self._found)
        self.number = len(best)
        yield from best


def types_within(within: Filter) -> frozenset[HitType]:
    """Return what can be found within a filter: messages have neither views nor tags."""
    usual = Filter()
    of_both = replace(
        within,
        subject=None,
        conversation_id=None,
        text="",
        as_of=None,
        order=usual.order,
        descending=usual.descending,
    )
    return frozenset({"message", "memory"}) if of_both == usual else frozenset({"memory"})


def _passing(reads: Reads, within: Filter, found: Iterator[Found]) -> Iterator[Found]:
    """Yield messages, and the memories that a filter names; few are looked at first."""
    most = 8
    while some := list(islice(found, most)):
        most = min(2 * most, _MOST_COMPARED)
        pks = [each.pk for each in some if each.kind == "memory"]
        passed = passing(reads.query, within, pks) if pks else set()
        yield from (each for each in some if each.kind == "message" or each.pk in passed)


def spans_in(text: str, shown: str) -> list[Span]:
    """Return where the words of a search stand in a text that is shown; it should not be long."""
    return spans(wanted(text), shown)


def _hits(reads: Reads, asked: Wanted, found: Iterator[Found], around: int) -> Iterator[Hit]:
    """Yield hits, the first one as soon as it is found, then more and more at once."""
    most = 1
    while some := list(islice(found, most)):
        most = min(2 * most, _BATCH)
        pks = [each.pk for each in some if each.kind == "message"]
        messages = _messages(reads, asked, pks, around)
        pks = [each.pk for each in some if each.kind == "memory"]
        memories = _memories(reads, asked, pks, around)
        for each in some:
            hit = (messages if each.kind == "message" else memories).get(each.pk)
            if hit is not None:  # else removed since
                yield hit


def _memories(reads: Reads, asked: Wanted, listing_pks: list[int], around: int) -> dict[int, Hit]:
    hits = {}
    for memory in reads.memories(listing_pks):
        hits[memory.listing_pk] = Hit(
            type="memory",
            ref=memory.ref,
            conversation_id=memory.conversation_id,
            seq=None,
            memory_id=memory.memory_id,
            view=memory.view,
            title=memory.title,
            excerpt=_excerpt(asked, memory.content, around),
            updated_at=memory.updated_at,
            vanished=memory.vanished_at is not None,
        )
    return hits


def _messages(reads: Reads, asked: Wanted, pks: list[int], around: int) -> dict[int, Hit]:
    hits, places = {}, message_places(reads.query, pks)
    for message in reads.messages(pks):
        if message.pk not in places:
            continue
        place = places[message.pk]
        hits[message.pk] = Hit(
            type="message",
            ref=place.ref,
            conversation_id=place.conversation_id,
            seq=place.seq,
            memory_id=None,
            view=None,
            title=None,
            excerpt=_excerpt(asked, message.content, around),
            updated_at=message.updated_at or message.created_at,
            role=message.role,
            message_pk=message.pk,
        )
    return hits


async def recall(
    workspace: Workspace,
    text: str,
    ref: SubjectRef,
    *,
    limit: int | None = None,
    around: int = AROUND,
) -> list[Hit]:
    """Return what the service would recall for a user, best first, threshold off; it is journaled.

    Raises:
        ValueError: `text` is empty, or it or the id is the API key (KeyGiven).
        CredentialsError, CloudError: the service could not be asked.
    """
    if not text.strip():
        raise ValueError("Nothing to search for. Give some words.")
    refuse_key(ref.external_id, N_("id"), workspace.project.fingerprints)
    refuse_key(text, N_("question"), workspace.project.fingerprints)
    remote = await workspace.remote()
    found = await remote.search(ref.external_id, text, relativity=0, limit=limit)
    event = journal.Event(
        "search",
        workspace.project,
        subject=ref,
        query=text,
        counts={"memories": len(found)},
        details={"in": "what MemOS recalls"},
    )
    journal.of(workspace.home).record(event)
    return [
        Hit(
            type="memory",
            ref=ref,
            conversation_id=memory.conversation_id,
            seq=None,
            memory_id=memory.memory_id,
            view=memory.view,
            title=memory.title,
            excerpt=recalled(memory.content, text, around),
            updated_at=parse_service_time(memory.update_time, workspace.zone),
            relativity=memory.relativity,
            lacks=_lacks(memory),
        )
        for memory in found
    ]


def _lacks(memory: Memory) -> frozenset[str]:
    """Return what an answer does not say of a memory, not even that it has none.

    Of a profile a search has single fields of it, without a time (memos-cloud-api, "Items").
    """
    lacking = {
        "relativity": memory.relativity is None,
        "time": memory.view != "profile" and "update_time" in memory.absent,
        "text": "content" in memory.absent,
    }
    return frozenset(name for name, lacks in lacking.items() if lacks)


def incomplete(hits: Sequence[Hit]) -> str:
    """Return of how many that the service recalled it did not say what it should, ``""``: of none."""
    lacking = Counter(name for hit in hits for name in hit.lacks)
    words = {
        "relativity": _("{count} without relativity"),
        "time": _("{count} without update time"),
        "text": _("{count} without text"),
    }
    parts = [text.format(count=f"{lacking[n]:,}") for n, text in words.items() if lacking[n]]
    if not parts:
        return ""
    return _(
        "The answer is incomplete: of {all} memories MemOS gave {parts}. Try again later."
    ).format(all=f"{len(hits):,}", parts=_(", ").join(parts))


def recalled(content: str, text: str, around: int = AROUND) -> Excerpt:
    """Return the part of `content` around the first word of `text`, or its beginning."""
    if place := part_around(wanted(text), content, around):
        return Excerpt.of(content, *place)
    at = max(content.casefold().find(text.casefold()), 0)
    return Excerpt.of(content, max(0, at - around), at + len(text) + around)


def _excerpt(asked: Wanted, content: str, around: int) -> Excerpt:
    return Excerpt.of(content, *(part_around(asked, content, around) or (0, 2 * around)))
