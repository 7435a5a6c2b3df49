"""What the display gate asks while the mode is on: the mask of a text, the name of a user."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from memos_admin.backend.masking.covering import Covered, Edit, cover, mask
from memos_admin.backend.masking.finding import Kind, find
from memos_admin.backend.masking.pseudonyms import pseudonym
from memos_admin.language import N_

if TYPE_CHECKING:
    from memos_admin.backend.model import Reads

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

MOST_IDS_KEPT = 20_000
"""Ids of which it is kept whether they say who it is: one veil after the other asks of the same ones."""

SHORTEST_IN_TEXTS = 4
"""Characters of an id that is looked for in texts; shorter ones are words and numbers of all texts."""

_SHORTEST_BESIDE = 3
"""Characters of what is masked beside a text that is masked in it too."""

_WORDS = re.compile(r"[^\W\d_]+")
_EAST_ASIAN_NAME = re.compile(
    r"(?:[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af]\W*){2}"
)
"""Two characters as Chinese, Japanese and Korean names have them: an id of such letters is a name, and no word."""
_LATIN = "0-9A-Za-z\u00c0-\u024f\u0370-\u052f"
_BEGINS = rf"(?<![{_LATIN}])|(?![{_LATIN}])"
"""Where an id may begin: not within a word or number. Chinese has no spaces, so each letter is a word."""
_ENDS = re.compile(rf"(?![{_LATIN}])|(?<![{_LATIN}])")
_OF_NUMBER_BEFORE = re.compile(r"\d[-._/:+,]\Z")
_OF_NUMBER_BEHIND = re.compile(r"[-._/:+,]\d")


class Veil:
    """Masks texts; it is replaced, not changed, but for whom it has met, and what a person has revealed.

    Several threads may ask it at once: what one of them makes of names that are no longer all is forgotten.

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
        self._meeting = threading.Lock()
        self._met: set[tuple[str, str]] = set()
        self._known: dict[tuple[str, str], str] = {}
        self._called: dict[str, str] = {}
        self._in_texts: _InTexts | None = None
        self._kept = lru_cache(MOST_KEPT)(self._cover)

    def covered(self, text: str) -> Covered:
        """Return a text with masks."""
        return self._kept(text) if len(text) <= LONGEST_KEPT else self._cover(text)

    def beside(self, text: str, others: Iterable[str]) -> Covered:
        """Return a text with masks, also of what others make known: a title may be a code and nothing else.

        Args:
            text: is shown.
            others: say what it is about, such as the text below a title.
        """
        covered = self.covered(text)
        known = {
            other[start:end]: put
            for other in others
            for start, end, put in self.covered(other).edits
            if end - start >= _SHORTEST_BESIDE
        }
        if not known:
            return covered
        edits = [*covered.edits]
        longest_first = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        edits += (
            Edit(*found.span(), known[found[0]])
            for found in re.finditer(rf"(?<![{_LATIN}])(?:{longest_first})(?![{_LATIN}])", text)
            if all(found.end() <= start or end <= found.start() for start, end, _ in covered.edits)
        )
        return cover(text, sorted(edits))

    def name(self, external_id: str, kind: str) -> str:
        """Return what a user or agent is called: its id, or another name.

        An id that is an address or a phone always has one: masked, all of them would look alike.
        """
        if external_id in self.revealed:
            return external_id
        named = kind, external_id
        if named not in self._met:
            self.meet([named])
        return self._known.get(named, external_id)

    def meet(self, subjects: Iterable[tuple[str, str]]) -> bool:
        """Know users and agents, by kind and id, by their other names, also where texts name them.

        To be done before a text that may name them is shown. Returns whether one has another name that
        was not known: what was made of texts before may have its id in it.
        """
        strangers = {*subjects} - self._met
        named = {
            (kind, external_id): pseudonym(self._key, kind, external_id)
            for kind, external_id in strangers
            if self.names or _says_who(external_id)
        }
        with self._meeting:
            if named:
                self._known |= named
                for (kind, external_id), name in named.items():
                    if kind == "user" or external_id not in self._called:
                        self._called[external_id] = name
                self._in_texts = None
                self._forget()
            self._met |= strangers  # last: whoever is met has a name by now
        return bool(named)

    @property
    def shows_ids(self) -> Literal["all", "some", "none"]:
        """Of how many of those whom it has met the id is shown; of nobody: all."""
        if not self._known:
            return "all"
        return "some" if len(self._known) < len(self._met) else "none"

    def meet_all(self, reads: Reads) -> bool:
        """Meet everybody whom a store has."""
        return self.meet(reads.subject_ids())

    def name_of_id(self, external_id: str) -> str:
        """Return the same of an id that does not say of which kind it is, as texts have it.

        It is a user's where there is such a user, else an agent's where there is such an agent.
        """
        if external_id in self.revealed:
            return external_id
        return self._called.get(external_id) or self.name(external_id, "user")

    def id_of(self, name: str, kind: str) -> str:
        """Return the id of the user or agent that has another name; `name` where none has, or two have it."""
        if not name.startswith(f"{kind}-"):
            return name
        with self._meeting:
            found = [
                one for (of, one), called in self._known.items() if (of, called) == (kind, name)
            ]
        return found[0] if len(found) == 1 else name

    def values(self, texts: Iterable[str]) -> frozenset[str]:
        """Return what of some texts is masked."""
        return frozenset(text[start:end] for text in texts for start, end, _ in self._edits(text))

    def renamed(self, ids: Iterable[str]) -> frozenset[str]:
        """Return those of some ids that have other names."""
        return frozenset(one for one in ids if one in self._called)

    def reveal(self, values: frozenset[str]) -> None:
        """Show these as they are from now on, and what was revealed before no longer."""
        if values != self.revealed:
            self.revealed = values
            self._forget()

    def _forget(self) -> None:
        """Forget masks; those that another thread is making are forgotten with the rest."""
        self._kept = lru_cache(MOST_KEPT)(self._cover)

    def _cover(self, text: str) -> Covered:
        edits = self._edits(text)
        return cover(
            text, [edit for edit in edits if text[edit.start : edit.end] not in self.revealed]
        )

    def _edits(self, text: str) -> list[Edit]:
        edits = []
        for start, end, kind in find(text):
            known = self._called.get(text[start:end])
            edits.append(Edit(start, end, known or mask(self._translate(WORDS[kind]), end - start)))
        if not self._called:
            return edits
        taken = {at for start, end, _ in edits for at in (start, end - 1)}
        edits += (
            edit
            for edit in self._ids_in_texts().edits(text)
            if not taken & {*range(edit.start, edit.end)}
        )
        return sorted(edits)

    def _ids_in_texts(self) -> _InTexts:
        if (made := self._in_texts) is None:
            with self._meeting:
                made = self._in_texts = _InTexts(self._called)
        return made


@lru_cache(MOST_IDS_KEPT)
def _says_who(external_id: str) -> bool:
    return bool(find(external_id))


class _InTexts:
    """Finds ids of whoever has another name in texts; those that are words of European languages are no ids there."""

    def __init__(self, called: Mapping[str, str]) -> None:
        self._called = {one: name for one, name in called.items() if _is_looked_for(one)}
        lengths: dict[str, set[int]] = {}
        for one in self._called:
            lengths.setdefault(one[0], set()).add(len(one))
        self._lengths = {first: sorted(some, reverse=True) for first, some in lengths.items()}
        firsts = "".join(map(re.escape, lengths))
        self._begins = re.compile(rf"(?:{_BEGINS})[{firsts}]") if firsts else None

    def edits(self, text: str) -> Iterator[Edit]:
        """Yield them with their other names, in order; of several that begin at one place the longest."""
        at = 0
        while self._begins and (found := self._begins.search(text, at)):
            start = at = found.start()
            at += 1
            for length in self._lengths[found[0]]:
                name = self._called.get(text[start : start + length])
                if name is not None and _stands_alone(text, start, start + length):
                    at = start + length
                    yield Edit(start, at, name)
                    break


def _is_looked_for(external_id: str) -> bool:
    """Return whether an id is one in texts as well, where others would be words or numbers of them."""
    if _EAST_ASIAN_NAME.search(external_id):
        return True
    return len(external_id) >= SHORTEST_IN_TEXTS and not _WORDS.fullmatch(external_id)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Return whether what stands there goes on neither as a word nor, if it is digits, as a number."""
    if not _ENDS.match(text, end):
        return False
    return not (
        text[start:end].isdigit()
        and (
            _OF_NUMBER_BEFORE.search(text[max(0, start - 2) : start])
            or _OF_NUMBER_BEHIND.match(text, end)
        )
    )
