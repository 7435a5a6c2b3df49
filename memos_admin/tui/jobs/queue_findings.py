"""Queues of what a hygiene scan found, and why a memory is in one: what the rules find of it now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from memos_admin.backend.hygiene.finding import Finding
from memos_admin.backend.hygiene.kinds import RuleId
from memos_admin.backend.hygiene.rules import DESCRIBED
from memos_admin.backend.hygiene.scan import scan
from memos_admin.backend.hygiene.settings import of_home
from memos_admin.backend.hygiene.wording import reason
from memos_admin.backend.model import Filter, Memory, Reads
from memos_admin.backend.times import now_ms
from memos_admin.backend.verdicts.queues import Asked, found_by
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.tui.jobs.scanning import Scanning


class Why(NamedTuple):
    """A finding: the rule and the reason in words, and what the other memory of a pair says."""

    text: str
    other: str = ""


def asked_of(scanning: Scanning, rules: tuple[RuleId, ...]) -> Asked:
    """Return what a queue of the findings of a scan is made of; no rules: of all of them."""
    kept = {
        rule: [one.listing_pk for one in found]
        for rule, found in scanning.kept.items()
        if not rules or rule in rules
    }
    return Asked("findings", scanning.wanted, found=found_by(kept), rules=rules)


def beside(memory: Memory) -> Filter:
    """Return what is scanned for the findings of a memory: all of its user, gone or not as it is."""
    return Filter(subject=memory.ref, vanished=memory.vanished_at is not None)


def findings(
    reads: Reads, home: Home, wanted: Filter, rules: Sequence[RuleId]
) -> Mapping[int, Sequence[Finding]]:
    """Return what is found of memories by their keys; of a user with many it takes seconds.

    Args:
        reads: of a connection of its own.
        home: says which rules look.
        wanted: which memories.
        rules: the only ones that look; none: those that are on.

    Raises:
        HomeError: the configuration cannot be read.
        StoreInterrupted: nobody waits any more.
    """
    settings = of_home(home)
    settings = replace(settings, rules=tuple(rules) or settings.rules)
    found: defaultdict[int, list[Finding]] = defaultdict(list)
    for step in scan(reads, wanted, settings, now_ms()):
        for one in step.findings:
            found[one.memory_pk].append(one)
    return found


def whys(reads: Reads, found: Sequence[Finding]) -> list[Why]:
    """Return the findings of a memory in words."""
    keys = [one.other.listing_pk for one in found if one.other is not None]
    others = {one.listing_pk: one.content for one in reads.memories(keys)}
    return [
        Why(
            _("{rule}: {why}").format(rule=_(DESCRIBED[one.rule].name), why=reason(one)),
            "" if one.other is None else others.get(one.other.listing_pk, ""),
        )
        for one in found
    ]
