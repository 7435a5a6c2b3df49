"""What the display gate asks while the mode is on: the mask of a text, the name of a user."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from memos_admin.backend.masking.covering import Covered, Edit, cover, mask
from memos_admin.backend.masking.finding import Kind, find
from memos_admin.backend.masking.pseudonyms import pseudonym
from memos_admin.language import N_

WORDS: dict[Kind, str] = {
    "e-mail": N_("e-mail"),
    "phone": N_("phone"),
    "id number": N_("id number"),
    "card": N_("card"),
    "account": N_("account"),
    "secret": N_("secret"),
}
"""What masks call what they stand for; translated where it is shown."""

MOST_KEPT = 4_000
"""Texts whose masks are kept, so that what is drawn again and again is looked through once."""

LONGEST_KEPT = 4_000

_TOKEN = re.compile(r"[^\s\"'<>(){}\[\],;，。：；、！？（）【】「」“”]{4,200}")
_WORD = re.compile(r"[^\W\d_]+")


class Veil:
    """Masks texts; it is replaced, not changed, but for what a person has revealed.

    Attributes:
        names: every user and agent has another name, not only those whose id says who it is.
        revealed: what is shown as it is wherever it stands.
    """

    def __init__(
        self, key: bytes, *, names: bool = False, translate: Callable[[str], str] = str
    ) -> None:
        """Take the key of pseudonyms, and what translates the words of masks."""
        self.names, self.revealed = names, frozenset[str]()
        self._key, self._translate = key, translate
        self._known: dict[str, str] = {}
        self._kept = lru_cache(MOST_KEPT)(self._cover)

    def covered(self, text: str) -> Covered:
        """Return a text with masks."""
        return self._kept(text) if len(text) <= LONGEST_KEPT else self._cover(text)

    def name(self, external_id: str, kind: str) -> str:
        """Return what a user or agent is called: its id, or another name.

        An id that is an address or a phone always has one: masked, all of them would look alike.
        """
        if external_id in self.revealed:
            return external_id
        if external_id not in self._known:
            if not (self.names or find(external_id)):
                return external_id
            self._known[external_id] = pseudonym(self._key, kind, external_id)
            self._kept.cache_clear()
        return self._known[external_id]

    def values(self, texts: Iterable[str]) -> frozenset[str]:
        """Return what of some texts is masked."""
        return frozenset(text[start:end] for text in texts for start, end, _ in self._edits(text))

    def renamed(self, ids: Iterable[str]) -> frozenset[str]:
        """Return those of some ids that have other names."""
        return frozenset(self._known.keys() & {*ids})

    def reveal(self, values: frozenset[str]) -> None:
        """Show these as they are from now on, and what was revealed before no longer."""
        if values != self.revealed:
            self.revealed = values
            self._kept.cache_clear()

    def _cover(self, text: str) -> Covered:
        edits = self._edits(text)
        return cover(
            text, [edit for edit in edits if text[edit.start : edit.end] not in self.revealed]
        )

    def _edits(self, text: str) -> list[Edit]:
        edits = []
        for start, end, kind in find(text):
            known = self._known.get(text[start:end])
            edits.append(Edit(start, end, known or mask(self._translate(WORDS[kind]), end - start)))
        if not self._known:
            return edits
        taken = {at for start, end, _ in edits for at in (start, end - 1)}
        edits += (
            edit for edit in self._names_in(text) if not taken & {*range(edit.start, edit.end)}
        )
        return sorted(edits)

    def _names_in(self, text: str) -> Iterator[Edit]:
        """Yield ids that were shown by another name already; those that are words are no ids."""
        for found in _TOKEN.finditer(text):
            token = found[0].strip(".:")
            if token in self._known and not _WORD.fullmatch(token):
                start = found.start() + found[0].index(token)
                yield Edit(start, start + len(token), self._known[token])
