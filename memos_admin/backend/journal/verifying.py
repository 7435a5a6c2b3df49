"""Whether a journal is as it was written: what was changed, is missing, or cannot be told.

Three things are looked at: the chain of hashes (needs nothing), the seals (need the first key, from
the keyring), and what is known outside of the file (the keyring's last entry; a hash that somebody
kept). docs/journal.md says what none of them can find.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memos_admin.backend.credentials.keyring_entry import OsKeyring, without_other_ways
from memos_admin.backend.home import Home
from memos_admin.backend.journal import chain, sealing
from memos_admin.backend.journal.copies import Copy, copies_of, known_in
from memos_admin.backend.journal.entries import read_row
from memos_admin.backend.journal.predecessors import Predecessor, predecessors
from memos_admin.backend.keys import KeyringError
from memos_admin.store.journal_file import COLUMNS, Head, Row, note_of, noted
from memos_admin.store.journal_reads import JournalReads

if TYPE_CHECKING:
    from memos_admin.backend.journal.sealing import Extent, Kept

MOST_TOLD = 20
"""Problems that are told one by one: behind the first, most follow from it."""

_BATCH = 1_000
_BEFORE_ALL = -(2**63)
_MOST_CUT = 10_000
"""So many entries that were cut off are looked for by the key that the file has left."""

_MOST_MISSING = 1_000_000
"""Over so many missing entries keys are followed: a number that somebody wrote into the file can be any."""

_OUT_OF_TURN_MS = 60_000
"""How far an entry may be dated before the one before it: programs write beside each other, and wait."""

_SEQ, _HASH, _SEAL = (COLUMNS.index(name) for name in ("seq", "hash", "seal"))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in a sentence; `seq`: with which entry, None: with the journal.

    `of_another`: with one that is not here; that says nothing against what is.
    """

    seq: int | None
    text: str
    of_another: bool = False


class Noted(NamedTuple):
    """An entry that has a hash which somebody noted.

    Attributes:
        at: UTC milliseconds; it and the action are None where the entry was changed beyond reading.
    """

    seq: int
    hash: str
    action: str | None = None
    at: int | None = None


class SetBack(NamedTuple):
    """An entry that is dated before the one before it.

    Attributes:
        at, before: when the two are dated, UTC milliseconds.
    """

    seq: int
    at: int
    before: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at a whole journal found.

    Attributes:
        journal: its UUID; None: there is none.
        entries: how many were looked at.
        last: number and hash of the last one; None: there is none.
        sealed_from: the first that is sealed; None: none is, the entries are chained only.
        unchecked: why its seals could not be checked, ``""``: they were, or it has none.
        problems: the first bad entry first, `MOST_TOLD` at most.
        more: how many further problems there were.
        before: the journals that were in the folder before; those that were not shown since are among
            the problems.
        copies: the same journal in other folders, where it has other entries than here.
        noted: the entry that has the hash which was noted before; None: none was asked for, or none has it.
        set_back: the first entry that is dated before the one before it, which no change is: a clock was
            set back, or the entry had to wait. None: there is none; `set_backs`: how many there are.
    """

    journal: str | None = None
    entries: int = 0
    last: tuple[int, str] | None = None
    sealed_from: int | None = None
    unchecked: str = ""
    problems: tuple[Problem, ...] = ()
    more: int = 0
    before: tuple[Predecessor, ...] = ()
    copies: tuple[Copy, ...] = ()
    noted: Noted | None = None
    set_back: SetBack | None = None
    set_backs: int = 0


_LOOSENED = (
    "What keeps its entries from being changed and removed is not in the file: another program took it "
    "out."
)
_UNSEEN = " What is missing at the end cannot be seen without a seal or a noted hash."


def verify(
    home: Home, *, path: Path | None = None, expected: str = "", seconds: float = sealing.SECONDS
) -> Verified:
    """Look at every entry of a journal. Blocks; what is appended meanwhile is not looked at.

    Args:
        home: whose.
        path: of a journal that was moved away; None: the one in the home.
        expected: a hash (or its beginning) that was noted before, such as an export's.
        seconds: how long the keyring may take.

    Raises:
        StoreError: the file cannot be read, or is no journal.
    """
    reads = JournalReads(path or home.journal_path)
    ring = OsKeyring(seconds)
    try:
        head = reads.head()
    except FileNotFoundError:
        return _none(ring, home, reads.path, expected)
    kept, before, unchecked = _known(ring, home, head, at_home=path is None)
    folder = _folder(home, reads.path, kept)
    known = None if kept is None else known_in(kept, folder, reads)
    look = _Look(reads, head, kept, known)
    damage = reads.damage()
    found = [Problem(None, f"The file is damaged: {damage}.")] if damage else []
    found += look.problems()
    found += _known_outside(reads, head, known, before, cut=look.cut)
    found += _by_the_note(reads.path, head.journal, before) if path is None else ()
    noted = _noted(reads, expected) if expected else None
    if expected and noted is None:
        found.append(Problem(None, f"No entry has the hash {expected}: it was changed or removed."))
    if reads.is_loosened():
        unseen = _UNSEEN if look.sealed_from is None else ""
        found.append(Problem(None, _LOOSENED + unseen))
    problems = tuple(found)
    return Verified(
        journal=head.journal,
        entries=look.entries,
        last=(head.seq, str(head.hash)) if head.seq else None,
        sealed_from=look.sealed_from,
        unchecked=_unchecked(look.sealed_from, kept, unchecked),
        problems=problems[:MOST_TOLD],
        more=max(0, len(problems) - MOST_TOLD) + look.untold,
        before=before,
        copies=() if kept is None else copies_of(kept, folder, reads),
        noted=noted,
        set_back=look.set_back,
        set_backs=look.set_backs,
    )


def _noted(reads: JournalReads, beginning: str) -> Noted | None:
    """Return the entry whose hash begins so."""
    if (seq := reads.seq_of(beginning)) is None or not (rows := reads.after(seq - 1, 1)):
        return None
    try:
        entry = read_row(rows[0])
    except ValueError:  # which is among the problems
        return Noted(seq, rows[0][_HASH])
    return Noted(seq, rows[0][_HASH], entry.action, entry.at)


def missed(home: Home, *, seconds: float = sealing.SECONDS) -> Verified:
    """Return what the keyring misses of a home's journal: the file, another one, or entries at its end.

    Its entries are not looked at. Blocks, and raises, as `verify` does.
    """
    reads, ring = JournalReads(home.journal_path), OsKeyring(seconds)
    try:
        head = reads.head()
    except FileNotFoundError:
        return _none(ring, home, reads.path, "")
    kept, before, unchecked = _known(ring, home, head, at_home=True)
    known = None if kept is None else known_in(kept, str(home.path), reads)
    problems = (
        *_known_outside(reads, head, known, before),
        *_by_the_note(reads.path, head.journal, before),
    )
    return Verified(
        head.journal,
        sealed_from=head.sealed_from,
        unchecked=_unchecked(head.sealed_from, kept, unchecked),
        problems=problems,
        before=before,
    )


def _unchecked(sealed_from: int | None, kept: Kept | None, problem: str) -> str:
    """Return why the seals of a journal cannot be checked, if it has any; `problem`: with the keyring."""
    if sealed_from is None or kept is not None:
        return ""
    return problem or "The keyring here has no key of this journal."


def _known(
    ring: OsKeyring, home: Home, head: Head, *, at_home: bool
) -> tuple[Kept | None, tuple[Predecessor, ...], str]:
    """Return what the keyring has of a journal, those before it, and why it said neither."""
    if home.throwaway:
        return None, (), ""
    try:
        kept = sealing.read_kept(ring, head.journal)
        return kept, predecessors(ring, home, head.journal, kept) if at_home else (), ""
    except KeyringError as error:
        return None, (), without_other_ways(error)


def _folder(home: Home, path: Path, kept: Kept | None) -> str:
    """Return the folder that a file is known in: its own, else the home that it was moved away from."""
    its_own = str(path.absolute().parent)
    return its_own if kept is not None and its_own in kept.places else str(home.path)


def _none(ring: OsKeyring, home: Home, path: Path, expected: str) -> Verified:
    """Return what is to be said where there is no file."""
    found: list[Problem] = []
    unchecked = ""
    before: tuple[Predecessor, ...] = ()
    named = noted(path)
    try:
        if not home.throwaway:
            before = predecessors(ring, home, None, None)
    except KeyringError as error:
        unchecked = without_other_ways(error)
    for at, each in enumerate(before):
        text = f"{path} is missing: the keyring knows journal {each.held}."
        missing = Problem(None, text, of_another=True)
        found += () if each.shown else (missing,) if at == 0 else (_replaced(each),)
    if named is not None and not any(named in {"", each.journal} for each in before):
        which = f"journal {named}" if named else "a journal"
        note = note_of(path).name
        text = f"{path} is missing: by {note} beside it, {which} was there."
        found.append(Problem(None, text, of_another=True))
    if expected:
        found.append(Problem(None, f"There is no journal, and no entry with the hash {expected}."))
    return Verified(unchecked=unchecked, problems=tuple(found), before=before)


class _Wrong(NamedTuple):
    """What is wrong with entries that follow each other: of one, and of several."""

    first: int
    last: int
    one: str
    several: str

    def told(self) -> Problem:
        """Return it in a sentence."""
        if self.first == self.last:
            return Problem(self.first, f"Entry {self.first} {self.one}.")
        return Problem(self.first, f"Entries {self.first}-{self.last} {self.several}.")


def _joined(wrongs: Iterable[_Wrong]) -> Iterator[Problem]:
    """Yield problems, the same of entries that follow each other as one."""
    before: _Wrong | None = None
    for wrong in wrongs:
        if before is not None:
            if (wrong.one, wrong.first) == (before.one, before.last + 1):
                before = before._replace(last=wrong.last)
                continue
            yield before.told()
        before = wrong
    if before is not None:
        yield before.told()


class _Look:
    """One walk along the entries.

    Attributes:
        cut: how many are missing at the end, as the key that the file has left tells.
    """

    def __init__(
        self, reads: JournalReads, head: Head, kept: Kept | None, known: Extent | None
    ) -> None:
        self._reads, self._head, self._kept = reads, head, kept
        self.sealed_from = head.sealed_from
        if known is not None and known.sealed_from is not None:
            self.sealed_from = known.sealed_from
        self.entries = 0
        self.untold = self.cut = 0
        self.set_back: SetBack | None = None
        self.set_backs = 0
        self._dated: int | None = None
        self._at, self._previous = 0, ""
        # The key of the entry `_key_of`; None: seals cannot be checked.
        self._key = kept.first_key if kept is not None else None
        self._key_of = self.sealed_from or 0
        self._may_miss = _MOST_MISSING

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the entries and the end of the file."""
        for number, problem in enumerate(_joined(self._wrongs())):
            if number < MOST_TOLD:
                yield problem
            else:
                self.untold += 1
        yield from self._at_the_end()

    def _wrongs(self) -> Iterator[_Wrong]:
        cursor = _BEFORE_ALL
        while rows := self._reads.after(cursor, _BATCH):
            for row in rows:
                cursor = row[_SEQ]
                if cursor > self._head.seq:  # appended since
                    return
                yield from self._wrongs_of(row)

    def _wrongs_of(self, row: Row) -> Iterator[_Wrong]:
        seq, wanted = row[_SEQ], self._at + 1
        self.entries += 1
        if seq < wanted:
            yield _Wrong(seq, seq, "was put in", "were put in")
            return
        if seq > wanted:
            yield _Wrong(wanted, seq - 1, "is missing", "are missing")
        if wrong := self._wrong(row, seq == wanted):
            yield _Wrong(seq, seq, *wrong)
        self._at, self._previous = seq, str(row[_HASH])

    def _wrong(self, row: Row, follows: bool) -> tuple[str, str] | None:
        """Return what is wrong with an entry, as of one and as of several; None: nothing."""
        try:
            entry = read_row(row)
            text = entry.canonical(self._head.journal, self._previous)
        except ValueError as error:
            return f"was changed: {error}", "were changed: they are not written as entries are"
        self._look_at_time(entry.seq, entry.at)
        sealed = self.sealed_from is not None and row[_SEQ] >= self.sealed_from
        key = self._step_to(row[_SEQ]) if sealed else None
        if entry.hash != chain.hash_of(text):
            # Behind a hole nothing can be told of the entry, since it names one that is not there.
            changed = (
                "was changed, or what came before it",
                "were changed, or what came before them",
            )
            return changed if follows else None
        if sealed and row[_SEAL] is None:
            why = f"no seal, though all from {self.sealed_from} on have one"
        elif not sealed and row[_SEAL] is not None:
            why = "a seal, though none was made yet"
        elif key is not None and row[_SEAL] != chain.seal_of(key, text):
            return (
                "has a seal that is not ours: it was changed or put in",
                "have seals that are not ours: they were changed or put in",
            )
        else:
            return None
        return f"has {why}", f"have {why}"

    def _look_at_time(self, seq: int, at: int) -> None:
        """Note an entry that is dated well before the one before it."""
        before, self._dated = self._dated, at
        if before is not None and at < before - _OUT_OF_TURN_MS:
            self.set_backs += 1
            self.set_back = self.set_back or SetBack(seq, at, before)

    def _step_to(self, seq: int) -> bytes | None:
        """Return the key of an entry; None where it is not known, or behind too many missing ones."""
        if self._key is None or self.sealed_from is None:
            return None
        self._may_miss -= max(0, seq - self._key_of - 1)
        if self._may_miss < 0:  # that they are missing is told
            self._key = None
            return None
        while self._key_of < seq:
            self._key, self._key_of = chain.next_key(self._key), self._key_of + 1
        return self._key

    def _at_the_end(self) -> Iterator[Problem]:
        """Yield what the key that the file has left says of entries that are there no more."""
        head, after = self._head, self._head.seq + 1
        if head.key is None and self.sealed_from is not None:
            yield Problem(
                after,
                f"The key that follows entry {head.seq} was taken out: entries may be missing.",
            )
        if self._kept is None or self.sealed_from is None:
            return
        if head.sealed_from != self.sealed_from:
            yield Problem(None, "The file was changed: it says less of its seals than the keyring.")
        if head.key is None or self._key is None:
            return
        key = self._step_to(max(after, self.sealed_from))
        for missing in range(_MOST_CUT):
            if key is None or head.key == key:
                self.cut = missing
                return
            key = chain.next_key(key)
        yield Problem(after, f"The file has not the key that follows entry {head.seq}.")


def _known_outside(
    reads: JournalReads,
    head: Head,
    known: Extent | None,
    before: Iterable[Predecessor],
    *,
    cut: int = 0,
) -> Iterator[Problem]:
    """Yield what the file lacks of what the keyring knows.

    Args:
        reads: the file.
        head: where it ends.
        known: what the keyring has of it in its folder.
        before: the journals that it knows to have been here before.
        cut: how many entries are missing at the end by its own key; the keyring may know of more.
    """
    last = sealing.Anchor() if known is None else known.last
    if missing := max(cut, last.seq - head.seq, 0):
        yield Problem(head.seq + 1, _cut(head.seq + 1, missing))
    if 0 < last.seq <= head.seq and reads.hash_of(last.seq) != last.hash:
        yield Problem(last.seq, f"Entry {last.seq} is not the one that the keyring knows.")
    yield from (_replaced(each) for each in before if not each.shown)


def _by_the_note(path: Path, present: str, before: Iterable[Predecessor]) -> Iterator[Problem]:
    """Yield that another journal was written to last, as the note beside the file says until the next entry."""
    last = noted(path)
    if last and last != present and last not in {each.journal for each in before}:
        note = note_of(path).name
        text = (
            f"Another journal was in this folder before: by {note} beside it, {last}. "
            "The next entry names it."
        )
        yield Problem(None, text, of_another=True)


def _cut(first: int, number: int) -> str:
    if number == 1:
        return f"Entry {first} is missing at the end."
    return f"Entries {first}-{first + number - 1} are missing at the end."


def _replaced(before: Predecessor) -> Problem:
    text = f"Another journal was in this folder before: {before.held}."
    return Problem(None, text, of_another=True)
