"""What to look at next: memories in an order that stays while they are judged, and where one is in it.

A queue is made once. What was judged stays in it, so that *12 of 50* means the same all the time and one
can go back. Of each kind an operator has one; making it anew takes the place of the last.

* ``unreviewed``: what nobody has judged as it says now. For a second reviewer: what others have judged
  as it says now, and the operator has not.
* ``changed``: judged before, and it says something else since.
* ``sample``: some of all, drawn by a seed: memories come in the order of the SHA-256 of seed and id.
  Whoever draws with the same seed from the same memories, in another store too, gets the same ones.
* ``flagged``: what somebody found wrong, outdated, duplicate, too sensitive or about someone else.
* ``findings``: what rules of a hygiene scan found and nobody has judged as it says now, rule by rule in the
  order of the scan. Who makes the queue hands in what was found.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from memos_admin.backend.daemon import in_background
from memos_admin.backend.hygiene.kinds import RULES, RuleId
from memos_admin.backend.journal import narrowed
from memos_admin.backend.model import Filter, Reads
from memos_admin.backend.times import now_ms
from memos_admin.backend.verdicts.kinds import FLAGGED
from memos_admin.store import verdict_reads
from memos_admin.store.verdict_records import Queue

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace

__all__ = [
    "MOST",
    "Asked",
    "Item",
    "Kind",
    "Queue",
    "facts_of",
    "found_by",
    "items",
    "judged",
    "left",
    "make",
    "move",
    "rules_of",
]

Kind = Literal["unreviewed", "changed", "sample", "flagged", "findings"]

MOST = 5_000
"""Memories of a queue: more than somebody goes through before much of it has changed."""

SAMPLE = 50
"""Memories of a sample where nobody says how many."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What a queue is made of.

    Attributes:
        memories: which may be in it, and in which order; gone ones only where they are asked for.
        blind: for a second reviewer, who sees what others said when having judged.
        number, seed: of a sample; without a seed one is drawn.
        verdicts: those that make a memory flagged.
        found: of findings the rules that found a memory, by its listing, in the order of the queue.
        rules: of findings the only rules that looked; none: all that are on.
    """

    kind: Kind
    memories: Filter = field(default_factory=Filter)
    blind: bool = False
    number: int = SAMPLE
    seed: int | None = None
    verdicts: frozenset[str] = frozenset(FLAGGED)
    found: Mapping[int, Sequence[RuleId]] = field(default_factory=dict)
    rules: tuple[RuleId, ...] = ()


class Item(NamedTuple):
    """A memory of a queue: its ordinal there, and the listing that it is shown with."""

    ordinal: int
    memory_pk: int
    listing_pk: int


async def make(workspace: Workspace, asked: Asked, operator: str) -> Queue:
    """Begin a queue; the operator's last one of the kind is forgotten.

    Raises:
        StoreError, HomeError: the store cannot be read or written.
    """
    if asked.kind == "sample" and asked.seed is None:
        asked = replace(asked, seed=secrets.randbelow(10**6))

    def look() -> tuple[list[int], int, int | None]:
        with workspace.open_reads() as reads:
            memory_pks, fitting = fitting_memories(reads, asked, operator)
            ref = asked.memories.subject
            subject = None if ref is None else reads.subject(ref)
            return memory_pks, fitting, None if subject is None else subject.pk

    memory_pks, fitting, subject_pk = await in_background(look)
    writer = await workspace.open_writer()
    from memos_admin.store import verdicts

    pk = await writer.run(
        partial(
            verdicts.put_queue,
            operator=operator,
            kind=asked.kind,
            blind=asked.blind,
            subject_pk=subject_pk,
            asked=json.dumps(_facts(asked)),
            memory_pks=memory_pks,
            fitting=fitting,
            now=now_ms(),
        )
    )

    def read() -> Queue:
        with workspace.open_reads() as reads:
            return next(one for one in left(reads, operator) if one.pk == pk)

    return await in_background(read)


def _facts(asked: Asked) -> dict[str, object]:
    """Return what is told of a queue later: nobody's id, and no words that were searched for."""
    facts: dict[str, object] = dict(narrowed(asked.memories)["details"])
    if asked.kind == "sample":
        facts |= {"seed": asked.seed, "number": asked.number}
    if asked.kind == "flagged" and asked.verdicts != frozenset(FLAGGED):
        facts["verdicts"] = sorted(asked.verdicts)
    if asked.rules:
        facts["rules"] = list(asked.rules)
    return facts


def facts_of(queue: Queue) -> dict[str, object]:
    """Return what a queue was made of: filters, and of a sample ``seed`` and ``number``."""
    try:
        found = json.loads(queue.asked)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def rules_of(queue: Queue) -> tuple[RuleId, ...]:
    """Return the only rules whose findings a queue is made of; none: all that were on."""
    said = facts_of(queue).get("rules")
    return tuple(rule for rule in RULES if isinstance(said, list) and rule in said)


def left(reads: Reads, operator: str) -> list[Queue]:
    """Return the queues of an operator, the one that was used last first."""
    return verdict_reads.queues(reads.query, operator)


def items(reads: Reads, queue: Queue) -> list[Item]:
    """Return the memories of a queue in order; without those that were removed here since."""
    rows = verdict_reads.queue_items(reads.query, queue.pk)
    return [Item(at, memory, listing) for at, memory, listing in rows if listing is not None]


def judged(reads: Reads, some: Sequence[Item], operator: str) -> frozenset[int]:
    """Return the keys of the memories that an operator has judged as they are now."""
    found = verdict_reads.standing(reads.query, [item.memory_pk for item in some])
    own = (one for several in found.values() for one in several if one.operator == operator)
    return frozenset(one.memory_pk for one in own if one.is_of_now)


def move(workspace: Workspace, queue_pk: int, ordinal: int) -> None:
    """Remember which item is at hand, soon; the writer is open already where verdicts were given."""
    from memos_admin.store import verdicts

    workspace.writer.submit(
        partial(verdicts.move_queue, queue_pk=queue_pk, position=ordinal, now=now_ms())
    )


def fitting_memories(reads: Reads, asked: Asked, operator: str) -> tuple[list[int], int]:
    """Return the keys of the memories of a queue in order, and how many would fit."""
    listings, fitting = fitting_listings(reads, asked, operator)
    found = verdict_reads.memories_of(reads.query, listings)
    return [found[pk][0] for pk in listings if pk in found], fitting


def fitting_listings(reads: Reads, asked: Asked, operator: str) -> tuple[list[int], int]:
    """Return listings of the memories of a queue in order, and how many would fit."""
    wanted = asked.memories
    if wanted.vanished is None:
        wanted = replace(wanted, vanished=False)
    found: Sequence[int] = list(asked.found)
    if asked.kind != "findings":
        found = reads.memory_pks(replace(wanted, as_of=None))
    keys = _once(reads, found)
    if asked.kind == "sample":
        return _drawn(reads, keys, asked.seed or 0, asked.number), len(keys)
    reviewed, fit = _judged(reads, asked, operator)
    if asked.kind in {"unreviewed", "findings"} and not asked.blind:
        keys = [pk for pk in keys if pk not in reviewed]
    else:
        keys = [pk for pk in keys if pk in fit]
    return list(keys[:MOST]), len(keys)


def found_by(by_rule: Mapping[RuleId, Iterable[int]]) -> dict[int, list[RuleId]]:
    """Return the rules that found a memory by its listing, in the order of a queue.

    `by_rule`: the listings that each rule found.
    """
    found: dict[int, list[RuleId]] = {}
    for rule in RULES:
        for pk in by_rule.get(rule, ()):
            found.setdefault(pk, []).append(rule)
    return found


def _once(reads: Reads, keys: Sequence[int]) -> Sequence[int]:
    """Return listings without those of memories that another one stands for already."""
    twice = verdict_reads.listed_twice(reads.query)
    if not twice:
        return keys
    seen, kept = set[int](), []
    for pk in keys:
        memory_pk = twice.get(pk)
        if memory_pk not in seen:
            kept.append(pk)
        if memory_pk is not None:
            seen.add(memory_pk)
    return kept


def _judged(reads: Reads, asked: Asked, operator: str) -> tuple[set[int], set[int]]:
    """Return the listings of memories judged as they are now, and of those that a queue is about."""
    listings: dict[int, list[int]] = {}
    for pk, memory_pk, _ in verdict_reads.judged_listings(reads.query):
        listings.setdefault(memory_pk, []).append(pk)
    reviewed, fit = set[int](), set[int]()
    for memory_pk, some in verdict_reads.standing(reads.query, list(listings)).items():
        now = [one for one in some if one.is_of_now]
        if now:
            reviewed.update(listings[memory_pk])
        own = any(one.operator == operator for one in now)
        about = {
            "unreviewed": bool(now) and not own,
            "findings": bool(now) and not own,
            "changed": not now,
            "flagged": any(one.verdict in asked.verdicts for one in now),
        }
        if about[asked.kind]:
            fit.update(listings[memory_pk])
    return reviewed, fit


def _drawn(reads: Reads, keys: Sequence[int], seed: int, number: int) -> list[int]:
    def ranked() -> Iterator[tuple[bytes, int]]:
        for start in range(0, len(keys), _BATCH):
            found = verdict_reads.memories_of(reads.query, keys[start : start + _BATCH])
            for pk, (_memory_pk, memory_id) in found.items():
                text = f"{seed}:{memory_id}".encode("utf-8", "surrogatepass")
                yield hashlib.sha256(text).digest(), pk

    return [pk for _, pk in heapq.nsmallest(min(number, MOST), ranked())]
