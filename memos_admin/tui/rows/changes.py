"""The rows of the list of changes: where they come from, and their columns."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from memos_admin.backend.display import both_ends, called
from memos_admin.backend.history.changes import (
    KINDS,
    WORDS,
    Change,
    ChangeKind,
    about,
    changes,
    changes_between,
    changes_of,
    changes_within,
    words_changed,
)
from memos_admin.backend.model import Conversation, Filter, Memory, Reads, SubjectRef, SyncRun
from memos_admin.backend.times import now_ms
from memos_admin.language import N_, counted
from memos_admin.language import gettext as _
from memos_admin.tui.desk.place import Place
from memos_admin.tui.layout.version import WORDS as FIELDS
from memos_admin.tui.rows.main import TITLE_READ, title_of
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.words import phrases

MOST = 50_000
"""Changes that are listed, the latest ones."""

CONVERSATION = N_("Conversation")
BESIDE_DIFFERENCE = 30
"""Characters that stand beside words which have changed."""

NAMED_CELLS = 14
"""How much of its id names a conversation elsewhere: no more, since both its ends are to be seen."""

MOVED_CELLS = 9
"""The same where two stand in a cell, the one before and the one then."""


@dataclass(frozen=True)
class ChangeRow:
    """A change with what it is about: a memory, or the conversation with the new messages, or the changed one."""

    key: int
    change: Change
    about: Memory | Conversation

    def what(self, shown: Collection[str]) -> str:
        """Return what changed, as it was called then, or ours; `shown`: the columns there are.

        Without the column of the conversation the one of new messages is named here. Of a message that changed
        the words.
        """
        if self.change.kind == "edited":
            return self._edit
        if isinstance(self.about, Conversation):
            number = self.change.messages
            if CONVERSATION in shown:
                return counted(number, "{count} new message", "{count} new messages")
            name = both_ends(self.about.conversation_id, NAMED_CELLS)
            return _("{count} new in {conversation}").format(
                count=phrases.count(number), conversation=name
            )
        return title_of(self.about)

    @property
    def _edit(self) -> str:
        """Which message changed, and which words of it."""
        edit = self.change.edit
        if edit is None:
            return ""
        return _("message {number}: {text}").format(
            number=phrases.count(edit.number), text=edited_words(edit.before, edit.after)
        )

    @property
    def how(self) -> str:
        """Return what of it changed, or why it is gone."""
        change = self.change
        if change.reason:
            return phrases.reason_word(change.reason)
        told = _(", ").join(map(self._field, change.fields))
        if not change.dropped or change.kind == "edited":
            return told
        return _("{what}, perhaps more").format(what=told) if told else _("(no longer kept)")

    def _field(self, name: str) -> str:
        if name == "conversation_id":
            return " → ".join(
                both_ends(name, MOVED_CELLS) if name else _("none") for name in self._moved
            )
        before, after = self.change.status_before, self.change.status
        if name == "status" and before and after:
            return f"{phrases.status_word(before)} → {phrases.status_word(after)}"
        return _(FIELDS[name])

    @property
    def conversation(self) -> str:
        """Of which conversation it is, in words; of a memory that of then, where it is kept.

        Of one that moved from which to which.
        """
        if "conversation_id" in self.change.fields:
            before, after = (name or _("none") for name in self._moved)
            return _("conversation {before} → {after}").format(before=before, after=after)
        if isinstance(self.about, Memory) and self.change.conversation_id is None:
            now = self.about.conversation_id
            text = _("conversation of then not kept; now of conversation {name}")
            return text.format(name=now) if now else _("conversation of then not kept")
        name = self.conversation_id
        return _("conversation {name}").format(name=name) if name else _("names no conversation")

    @property
    def _moved(self) -> tuple[str | None, str | None]:
        return self.change.conversation_before, self.change.conversation_id

    @property
    def conversation_id(self) -> str:
        """Of which conversation it is; of a memory the one of then; ``""``: none, or that is not kept."""
        if isinstance(self.about, Memory):
            return self.change.conversation_id or ""
        return self.about.conversation_id

    @property
    def view(self) -> str:
        """The word for the memory's view."""
        return phrases.view_word(self.about.view) if isinstance(self.about, Memory) else ""

    @property
    def place(self) -> Place:
        """Where it can be seen."""
        about = self.about
        if isinstance(about, Memory):
            return Place(about.ref, about.conversation_id or "", about.memory_id, pane="memories")
        edit = self.change.edit
        message = None if edit is None else edit.message_pk
        return Place(about.ref, about.conversation_id, message=message, pane="transcript")


class Span(NamedTuple):
    """A time of which the changes are shown, and what it is called; no end: until now."""

    since: int
    until: int | None
    name: str


@dataclass
class Changes:
    """The changes of a period, a span or one sync; equal to another of the same and of the subject.

    What has no end of its own ends at `as_of`; None: now.
    """

    period: int | None
    subject: SubjectRef | None
    run: SyncRun | None = None
    span: Span | None = None
    kinds: Collection[ChangeKind] = KINDS
    as_of: int | None = None
    named: dict[tuple[object, ...], int] = field(default_factory=dict, compare=False)
    """Keys of changes, so that each keeps its own while others arrive."""
    within: Filter = field(default_factory=Filter)
    """Only those of the memories that it names as they are now; one that names all: of messages too."""
    _changes: dict[int, Change] = field(default_factory=dict, compare=False)

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys of the changes."""
        named = self.named
        found = self._found(reads)
        if self._is_narrowed:
            found = changes_within(reads, found, self.within)[:MOST]
        self._changes = {named.setdefault(_identity(c), len(named)): c for c in found}
        return array("q", self._changes)

    @property
    def _is_narrowed(self) -> bool:
        return replace(self.within, subject=None) != Filter()

    @property
    def first(self) -> int | None:
        """When the earliest of the changes that were read was found; None: there is none."""
        return min((change.at for change in self._changes.values()), default=None)

    def _found(self, reads: Reads) -> list[Change]:
        kinds, whose, most = self.kinds, self.subject, None if self._is_narrowed else MOST
        if self.run is not None:
            return changes_of(reads, self.run, whose, kinds=kinds, most=most)
        if (span := self.span) is not None:
            end = span.until
            if end is None and self.as_of is not None:
                end = self.as_of + 1
            return changes_between(reads, span.since, end, whose, kinds=kinds, most=most)
        then, now = self.as_of, now_ms()
        return changes(reads, self.period, now, whose, until=then, kinds=kinds, most=most)

    def rows(self, reads: Reads, keys: Sequence[int]) -> list[ChangeRow]:
        """Return rows; without what was removed since."""
        found = [self._changes[key] for key in keys]
        return [
            ChangeRow(self.named[_identity(change)], change, it)
            for change, it in about(reads, found, cut=TITLE_READ)
        ]


def edited_words(before: str | None, after: str | None) -> str:
    """Return which words are gone and new, with those that are kept of one text where the other is not."""
    lost = _("(no longer kept)")
    if before is None and after is None:
        return lost
    if before is not None and after is not None:
        return words_changed(before, after, BESIDE_DIFFERENCE)
    return " → ".join(lost if text is None else text for text in (before, after))


def _identity(change: Change) -> tuple[object, ...]:
    """Return what a change is told by."""
    return change.kind, change.listing_pk, change.conversation_pk, change.at, change.replaced


_WHOSE = Column[ChangeRow](
    N_("Whose"), lambda row, _now, _s: called(row.about.ref), 22, gives_way=4, is_id=True
)

COLUMNS: tuple[Column[ChangeRow], ...] = (
    Column(
        N_("Found"),
        lambda row, now, _s: phrases.short_age(row.change.at, now),
        phrases.age_cells,
        right=True,
    ),
    Column(
        N_("Change"),
        lambda row, _now, _s: _(WORDS[row.change.kind]),
        8,
        style=lambda row: "warn" if row.change.kind == "vanished" else "accent",
    ),
    Column(
        N_("View"),
        lambda row, _now, _s: row.view,
        phrases.view_cells,
        gives_way=2,
        style="dim",
    ),
    Column(N_("What"), lambda row, _now, shown: row.what(shown)),
    Column(
        N_("How"),
        lambda row, _now, _s: row.how,
        22,
        gives_way=3,
        style="dim",
    ),
    Column(
        CONVERSATION,
        lambda row, _now, _s: row.conversation_id,
        18,
        gives_way=1,
        style="dim",
        is_id=True,
    ),
    _WHOSE,
)

OF_ONE = tuple(column for column in COLUMNS if column is not _WHOSE)
"""The columns where all rows are of one user, whom the frame names."""
