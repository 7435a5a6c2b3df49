"""A review narrowed by a filter of memories: of messages by what of it says something of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields, replace
from itertools import islice
from typing import TYPE_CHECKING

from memos_admin.backend.model import Filter, Reads

if TYPE_CHECKING:
    from memos_admin.backend.evidence.review import Part
    from memos_admin.backend.evidence.support import Silent

_OF_MEMORIES = {
    "views": "view",
    "not_views": "view",
    "tags": "tag",
    "any_tags": "tag",
    "not_tags": "tag",
    "statuses": "status",
    "not_statuses": "status",
    "vanished": "vanished",
    "inferred": "inferred",
    "sourced": "source",
    "as_of": "as-of",
    "order": "sort",
    "descending": "sort",
}
"""What of a filter says nothing of a message, by the name that the language of filters has for it."""

OF_MEMORIES_ALONE = frozenset(_OF_MEMORIES.values())
"""Fields of the language that say nothing of a message."""

_BATCH = 500


def of_messages(wanted: Filter) -> Filter:
    """Return what of a filter says something of messages: whose, of which conversation, when, which words."""
    usual = Filter()
    of_memories = {name: getattr(usual, name) for name in _OF_MEMORIES}
    return replace(wanted, conversation_id=wanted.conversation_id or None, **of_memories)


def of_memories_alone(wanted: Filter) -> tuple[str, ...]:
    """Return the fields of the language by which a filter narrows memories and no messages."""
    usual = Filter()
    said = (
        _OF_MEMORIES[one.name]
        for one in fields(Filter)
        if one.name in _OF_MEMORIES and getattr(wanted, one.name) != getattr(usual, one.name)
    )
    return tuple(dict.fromkeys(said))


def silent_within(reads: Reads, silent: Iterable[Silent], wanted: Filter) -> Iterator[Silent]:
    """Yield the messages that a filter names, of whomever: both of its times are when they were said."""
    wanted = replace(of_messages(wanted), subject=None)
    if wanted == Filter():
        yield from silent
        return
    source = iter(silent)
    names: dict[int, str] = {}
    cut = None if wanted.text or wanted.not_texts else 0
    without = [text.casefold() for text in wanted.not_texts]
    while some := list(islice(source, _BATCH)):
        if wanted.conversation_id is not None:
            unknown = {one.conversation_pk for one in some} - names.keys()
            names |= {one.pk: one.conversation_id for one in reads.conversations(sorted(unknown))}
            some = [one for one in some if names.get(one.conversation_pk) == wanted.conversation_id]
        by_pk = {one.pk: one for one in reads.messages([one.message_pk for one in some], cut=cut)}
        for one in some:
            message = by_pk.get(one.message_pk)
            if message is None or not _is_between(message.created_at, wanted):
                continue
            said = message.content.casefold()
            if wanted.text.casefold() in said and not any(text in said for text in without):
                yield one


def _is_between(at: int | None, wanted: Filter) -> bool:
    """Whether a message was said within the times of a filter; of one without a time that is not known."""
    since = [one for one in (wanted.since, wanted.created_since) if one is not None]
    until = [one for one in (wanted.until, wanted.created_until) if one is not None]
    if at is None:
        return not since and not until
    return all(at >= one for one in since) and all(at < one for one in until)


def part_within(reads: Reads, part: Part, wanted: Filter, listings: Collection[int]) -> Part:
    """Return what of a part a filter names; `listings`: the keys of the memories that it does."""
    supports = [one for one in part.supports if one.listing_pk in listings]
    silent = list(silent_within(reads, part.silent, wanted))
    return replace(part, supports=supports, silent=silent)
