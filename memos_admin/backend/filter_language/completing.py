"""What could be typed next into a filter."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from memos_admin.backend.filter_language.fields import FIELDS, TURNED, VALUES, WORDS
from memos_admin.backend.filter_language.printing import quoted
from memos_admin.backend.filter_language.reading import field_of
from memos_admin.backend.translated_names import spoken

OF_STORE = frozenset({"tag", "operator"})
"""Fields whose values only a store has."""

_SINGLE = frozenset({"vanished", "inferred", "source", "changed"})
"""Fields that take one value only."""

_COMMAS = (",", "，", "、")

_OPEN = re.compile(
    r"""(?:^|\s)(?P<sign>[-－]?)(?:(?P<field>[^\W\d_](?:[^\W\d]|-)*)[:：]
    (?P<before>(?:(?:"(?:[^"\\]|\\.)*"|[^\s,，、"“”]+)[,，、])*))?
    (?P<begin>"(?:[^"\\]|\\.)*|[^\s,，、"“”]*)$""",
    re.VERBOSE | re.DOTALL,
)


class Completion(NamedTuple):
    """Where the cursor stands in a filter.

    Attributes:
        stem: what is typed before the word that is being typed.
        field: whose value it is; ``""``: it is the beginning of a field, or a text.
        begin: what is typed of it, without a quote before it.
        fields: those that there are.
    """

    stem: str
    field: str
    begin: str
    fields: Collection[str] = FIELDS

    def lines(self, stored: Iterable[str] = ()) -> Iterator[str]:
        """Yield the whole text as it would be with each word that could stand there.

        Args:
            stored: those of the store that could be meant, where `field` is one of `OF_STORE`.
        """
        for word in self.words(stored):
            yield self.stem + word

    def words(self, stored: Iterable[str] = ()) -> Iterator[str]:
        """Yield the words that could stand there, in the language that is spoken, or as they are typed in English."""
        if self.field in OF_STORE:
            yield from (quoted(one) for one in stored if one.lower().startswith(self.begin.lower()))
            return
        is_second = self.stem.endswith(_COMMAS)
        if not (self.field or self.begin) or (is_second and self.field in _SINGLE):
            return
        begin, end = self.begin.lower(), "" if self.field else ":"
        for name, word in self._known(is_second=is_second).items():
            called = spoken(name, word)
            if called.startswith(begin):
                yield called + end
            elif name.startswith(begin):
                yield name + end

    def _known(self, *, is_second: bool) -> Mapping[str, str]:
        """Return the names that could stand there, with what screens call them."""
        if not self.field:
            return {name: WORDS[name] for name in self.fields}
        known = VALUES.get(self.field, {})
        return {**known, **TURNED} if self.field == "sort" and is_second else known


def completion(typed: str, fields: Collection[str] = FIELDS) -> Completion | None:
    """Return what stands at the end of a text, where the cursor is; None within a quoted text."""
    found = _OPEN.search(typed)
    if found is None:
        return None
    field = field_of(found["field"]) if found["field"] else ""
    if field and field not in fields:
        return None
    begin = found["begin"]
    if begin.startswith('"') and not field:
        return None
    return Completion(typed[: found.start("begin")], field, begin.removeprefix('"'), fields)
