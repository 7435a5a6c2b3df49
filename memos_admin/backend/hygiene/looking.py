"""The findings about some memories of one user, in the order in which they were said. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from memos_admin.backend.authors import Writer
from memos_admin.backend.evidence.checking import COMPARED
from memos_admin.backend.hygiene.contradictions import contradiction
from memos_admin.backend.hygiene.duplicates import duplicate
from memos_admin.backend.hygiene.finding import Finding, Hit, finding
from memos_admin.backend.hygiene.keyed import Keys
from memos_admin.backend.hygiene.kinds import RuleId
from memos_admin.backend.hygiene.pairs import Candidates, Text
from memos_admin.backend.hygiene.settings import HygieneSettings
from memos_admin.backend.hygiene.single import SINGLE, looked
from memos_admin.backend.model import Memory, MemorySource

LONGEST = 20_000
"""Characters of a memory that are looked at."""

_KEYED = COMPARED | {"profile"}
"""Views whose memories say keys and values of the user."""


def of_each(
    memories: Sequence[Memory],
    sources: Mapping[int, Sequence[MemorySource]],
    settings: HygieneSettings,
    now: int,
    said: Mapping[int, Sequence[tuple[Writer | None, str]]] = MappingProxyType({}),
) -> Iterator[Finding]:
    """Yield what the rules find that look at one memory; `sources`, and who wrote what they quote, by the memory's key."""
    for memory in memories:
        of_it = sources.get(memory.pk, ()), LONGEST, said.get(memory.pk, ())
        one = looked(memory, *of_it)
        for rule, look in SINGLE.items():
            if rule in settings.rules and (hit := look(one, settings, now)) is not None:
                yield finding(rule, memory, hit)


class Between:
    """Finds what memories of one user have to do with each other."""

    def __init__(self, texts: Sequence[Text], settings: HygieneSettings) -> None:
        """Take all of them, in the order in which they are looked at."""
        self._candidates, self._settings, self._keys = Candidates(texts), settings, Keys()

    def look(self, text: Text) -> Iterator[Finding]:
        """Yield what a memory has to do with the earlier ones: of each rule one, the latest pair."""
        rules = self._settings.rules
        found: dict[RuleId, tuple[Hit, Text]] = {}
        keyed: list[tuple[Hit, Text]] = []
        if "contradiction" in rules and text.memory.view in _KEYED:
            keyed += self._keys.before(text)
        # Who says another value in the same words does not say the same.
        compared = {id(other) for _, other in keyed}
        for other, theirs, mine in self._candidates.before(text):
            if other is text or other.memory.pk == text.memory.pk:
                continue
            if "duplicate" in rules and "duplicate" not in found and id(other) not in compared:
                compared.add(id(other))
                if (hit := duplicate(other, text, self._settings.alike)) is not None:
                    found["duplicate"] = hit, other
                    continue
            views = {other.memory.view, text.memory.view}
            wanted = "contradiction" in rules and "contradiction" not in found
            if wanted and views <= COMPARED and (hit := contradiction(theirs, mine)) is not None:
                found["contradiction"] = hit, other
        if keyed:
            found.setdefault("contradiction", keyed[0])
        for rule, (hit, other) in found.items():
            yield finding(rule, text.memory, hit, other.memory)
