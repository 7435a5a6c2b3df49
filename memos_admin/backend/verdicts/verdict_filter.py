"""Which verdicts: what the lists, the screen and exports of verdicts ask with."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from memos_admin.backend.model import Filter
from memos_admin.backend.times import utc_text


@dataclass(frozen=True, slots=True)
class VerdictFilter(Filter):
    """Which verdicts, by what was said and on which memories; empty fields do not narrow.

    Attributes:
        views, not_views: of the versions that were judged.
        since, until: bounds of when the memory was updated, as of any memory.
        verdicts: which ones.
        operators: whose.
        both: what of each of these is compared with the others, see `agreement`; on a version that each
            of them has judged.
        given_since, given_until: bounds of when they were given, milliseconds, `given_until` excluded.
        changed: True: only on memories that say something else since; False: on what they say now.
        ended: those that were replaced or withdrawn too; no field of the language says it.
        stands: only those that stand, of what `both` compares too; no field says it either.
    """

    verdicts: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()
    both: frozenset[str] = frozenset()
    given_since: int | None = None
    given_until: int | None = None
    changed: bool | None = None
    ended: bool = False
    stands: bool = False

    @classmethod
    def on(cls, memories: Filter, **said: Any) -> VerdictFilter:
        """Return the filter of verdicts on these memories; `said`: which verdicts."""
        return cls(**{one.name: getattr(memories, one.name) for one in fields(Filter)} | said)

    @property
    def memories(self) -> Filter:
        """On which memories."""
        return Filter(**{one.name: getattr(self, one.name) for one in fields(Filter)})

    @property
    def details(self) -> dict[str, Any]:
        """What journals and manifests say of it beside its memories."""
        said = {
            "verdicts": sorted(self.verdicts),
            "operators": sorted(self.operators),
            "both_operators": sorted(self.both),
            "given_since": None if self.given_since is None else utc_text(self.given_since),
            "given_until": None if self.given_until is None else utc_text(self.given_until),
            "changed": self.changed,
            "ended": self.ended or None,
            "stands": self.stands or None,
        }
        return {name: value for name, value in said.items() if value not in (None, [])}
