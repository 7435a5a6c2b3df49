"""The table ``[hygiene]`` of ``config.toml``: which rules look, and from what on.

::

    [hygiene]
    off = ["no-source"]         # rules that do not look
    topics_off = ["finance"]    # topics that are not sensitive to you
    stale_days = 90
    confidence = 0.5
    alike = 90                  # percent
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from memos_admin.backend import config
from memos_admin.backend.hygiene.kinds import RULES, TOPICS, RuleId, Topic
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.home import Home

_LEAST_ALIKE = 70
"""Percent; below that everything is alike."""
_MOST_DAYS = 36_500

_Name = TypeVar("_Name", bound=str)


@dataclass(frozen=True, slots=True)
class HygieneSettings:
    """What ``[hygiene]`` says.

    Attributes:
        rules: those that look.
        topics: those that are sensitive.
        stale_days: days after which ``tomorrow`` says nothing any more.
        confidence: below it a memory is uncertain.
        alike: percent from which on two texts are nearly the same.
    """

    rules: tuple[RuleId, ...] = RULES
    topics: frozenset[Topic] = frozenset(TOPICS)
    stale_days: int = 90
    confidence: float = 0.5
    alike: int = 90


def of_home(home: Home) -> HygieneSettings:
    """Return what a configuration says of hygiene. Raises HomeError where it cannot be read."""
    return of_table(config.read(home))


def of_table(top: config.Table) -> HygieneSettings:
    """Return what a configuration says of hygiene. Raises ConfigError where that cannot be."""
    table, usual = top.table("hygiene"), HygieneSettings()
    table.only(("off", "topics_off", "stale_days", "confidence", "alike"))
    off, topics_off = _names(table, "off", RULES), _names(table, "topics_off", TOPICS)
    return HygieneSettings(
        rules=tuple(name for name in RULES if name not in off),
        topics=frozenset(TOPICS) - topics_off,
        stale_days=_whole(table, "stale_days", usual.stale_days, (1, _MOST_DAYS)),
        confidence=_part(table, "confidence", usual.confidence),
        alike=_whole(table, "alike", usual.alike, (_LEAST_ALIKE, 100)),
    )


def _names(table: config.Table, key: str, known: Collection[_Name]) -> frozenset[_Name]:
    given = frozenset(table.texts(key) or ())
    if unknown := sorted(given.difference(known)):
        problem = _("{name} is unknown. Known: {names}.")
        raise table.error(key, problem.format(name=unknown[0], names=", ".join(known)))
    return frozenset(name for name in known if name in given)


def _whole(table: config.Table, key: str, usual: int, span: tuple[int, int]) -> int:
    value = table.values.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not span[0] <= value <= span[1]:
        problem = _("must be a whole number from {least} to {most}.")
        raise table.error(key, problem.format(least=span[0], most=span[1]))
    return value


def _part(table: config.Table, key: str, usual: float) -> float:
    value = table.values.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise table.error(key, _("must be a number from 0 to 1."))
    return float(value)
