"""The three lists of the main screen: where their rows come from and which columns they have."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from memos_admin.backend.display import BEYOND, beginning, called, id_of, titled
from memos_admin.backend.ids.as_shown import meant
from memos_admin.backend.model import (
    Bound,
    Conversation,
    ConversationOrder,
    Filter,
    Memory,
    MemoryOrder,
    Reads,
    Subject,
    SubjectOrder,
    SubjectRef,
    bound,
)
from memos_admin.backend.perspective import without_marks
from memos_admin.language import N_, counted
from memos_admin.language import gettext as _
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.tui.jobs.judging import Judging

TITLE_CUT = 400
"""Characters of a memory's text that a list shows at most."""

TITLE_READ = TITLE_CUT + BEYOND
"""Characters of it that a list reads, so that no half of what is personal is shown."""

_GAPS = N_("Gaps")

ALL_MEMORIES, NO_CONVERSATION = -1, -2
"""Keys of the rows that are no conversation."""


@dataclass(frozen=True)
class Subjects:
    """The roster.

    Attributes:
        turned: the order is the other way round.
        held: keys that come first, in this order, whatever the order of the others is.
    """

    text: str = ""
    order: SubjectOrder = "activity"
    turned: bool = False
    held: Sequence[int] = field(default=(), compare=False)

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys of the subjects that match."""
        keys = self._matching(reads)[:: -1 if self.turned else 1]
        if not self.held:
            return keys
        there, held = set(keys), set(self.held)
        known = (key for key in self.held if key in there)
        return array("q", [*known, *(key for key in keys if key not in held)])

    def _matching(self, reads: Reads) -> array[int]:
        """Return the keys of those whose id contains the text, or of whoever has it as another name."""
        for kind in ("user", "agent"):
            if (whose := id_of(self.text, kind)) != self.text:
                found = reads.subject(SubjectRef(kind, whose))
                return array("q", [] if found is None else [found.pk])
        return reads.subject_pks(meant(self.text), self.order)

    def rows(self, reads: Reads, keys: Sequence[int]) -> list[Subject]:
        """Return subjects."""
        return reads.subjects(keys)


@dataclass(frozen=True)
class ConversationRow:
    """A conversation, or all memories of a subject, or those that name no conversation.

    `bound`: what their number is.
    """

    key: int
    label: str
    memories: int
    conversation: Conversation | None = None
    bound: Bound = "exact"


@dataclass(frozen=True)
class Conversations:
    """The conversations of a subject, framed by the rows that are none.

    With `turned` they come the other way round; their frame stays.
    """

    subject_pk: int
    ref: SubjectRef
    text: str = ""
    order: ConversationOrder = "activity"
    turned: bool = False

    @property
    def of(self) -> SubjectRef:
        """Whose they are."""
        return self.ref

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys of the rows."""
        keys = reads.conversation_pks(self.subject_pk, meant(self.text), self.order)
        keys = keys[:: -1 if self.turned else 1]
        if self.text:
            return keys
        none = reads.memory_count(Filter(subject=self.ref, conversation_id=""))
        last = [NO_CONVERSATION] if none else []
        if not keys and not none and not reads.memory_count(Filter(subject=self.ref)):
            return keys
        return array("q", [ALL_MEMORIES, *keys, *last])

    def rows(self, reads: Reads, keys: Sequence[int]) -> list[ConversationRow]:
        """Return rows."""
        subject = reads.subject(self.ref)
        is_bound: Bound = "least" if subject is None else subject.bound
        doubted = reads.doubted_in(self.subject_pk) if is_bound in {"most", "about"} else set()
        real = [key for key in keys if key >= 0]
        rows = [
            ConversationRow(
                c.pk, c.conversation_id, c.memories, c, _of_some(is_bound, doubted=c.pk in doubted)
            )
            for c in reads.conversations(real)
        ]
        if ALL_MEMORIES in keys:
            number = reads.memory_count(Filter(subject=self.ref, vanished=False))
            every = ConversationRow(ALL_MEMORIES, _("all memories"), number, bound=is_bound)
            rows.insert(0, every)
        if NO_CONVERSATION in keys:
            number = reads.memory_count(
                Filter(subject=self.ref, conversation_id="", vanished=False)
            )
            some = _of_some(is_bound, doubted=None in doubted)
            rows.append(ConversationRow(NO_CONVERSATION, _("no conversation"), number, bound=some))
        return rows


def _of_some(of_all: Bound, *, doubted: bool) -> Bound:
    """Return what the number of some memories is, where that of all of them is known: some of them are in doubt."""
    return bound(lacks=of_all in {"least", "about"}, doubted=doubted)


@dataclass(frozen=True)
class Memories:
    """The memories that a filter names; what operators said of them is read with them."""

    filter: Filter
    judging: Judging | None = field(default=None, compare=False)

    @property
    def of(self) -> object:
        """Whose they are, of which conversation, and as of when."""
        return self.filter.subject, self.filter.conversation_id, self.filter.as_of

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys of listings."""
        return reads.memory_pks(self.filter)

    def first_keys(self, reads: Reads, most: int) -> array[int]:
        """Return the keys of the first listings."""
        return reads.memory_pks(self.filter, most)

    def rows(self, reads: Reads, keys: Sequence[int]) -> list[Memory]:
        """Return memories with the beginning of their text."""
        found = reads.memories(keys, cut=TITLE_READ, as_of=self.filter.as_of)
        if self.judging is not None:
            self.judging.read(reads, found, self.filter.as_of)
        return found


class Nothing:
    """A source without rows."""

    def keys(self, _reads: Reads) -> array[int]:
        """Return no keys."""
        return array("q")

    def rows(self, _reads: Reads, _keys: Sequence[int]) -> list[Any]:
        """Return no rows."""
        return []


def _is_marked(subject: Subject) -> bool:
    return bool(subject.problem or subject.is_unfinished or subject.erased)


def _subject_tail(subject: Subject, shown: Collection[str]) -> str:
    problem = " !" if _is_marked(subject) and "Active" not in shown else ""
    return (_(" (agent)") if subject.ref.kind == "agent" else "") + problem


def _subject_seen(subject: Subject, now: int, _shown: Collection[str]) -> str:
    if _is_marked(subject):
        return _("problem") if subject.problem or subject.is_unfinished else _("erased")
    if subject.synced_at is None:
        return _("new")
    return phrases.short_age(subject.last_activity, now)


def _subject_memories(subject: Subject, _now: int, _shown: Collection[str]) -> str:
    return phrases.bounded(subject.memories, subject.bound)


SUBJECT_COLUMNS: tuple[Column[Subject], ...] = (
    Column(
        N_("User"),
        lambda subject, _now, _shown: called(subject.ref),
        is_id=True,
        tail=_subject_tail,
    ),
    Column(N_("Mem"), _subject_memories, 5, right=True, grows=True),
    Column(
        N_("Active"),
        _subject_seen,
        phrases.age_cells,
        right=True,
        gives_way=1,
        style=lambda subject: "warn" if _is_marked(subject) else "dim",
        least=12,
    ),
)

_SUBJECTS_BY: dict[SubjectOrder, str] = {"activity": "Active", "name": "User", "memories": "Mem"}


def subject_columns(order: SubjectOrder, *, turned: bool = False) -> list[Column[Subject]]:
    """Return the columns of the users with the one marked that they are sorted by."""
    return _marked(SUBJECT_COLUMNS, _SUBJECTS_BY[order], descending=(order != "name") != turned)


def subject_order(column: str) -> SubjectOrder | None:
    """Return the order of the users that a column stands for."""
    return next((order for order, name in _SUBJECTS_BY.items() if name == column), None)


def _marked(columns: Sequence[Column[Any]], name: str, *, descending: bool) -> list[Column[Any]]:
    mark = "↓" if descending else "↑"
    return [replace(column, mark=mark) if column.name == name else column for column in columns]


def _messages(row: ConversationRow, _now: int, shown: Collection[str]) -> str:
    conversation = row.conversation
    if conversation is None:
        return ""
    if conversation.fetched_at is None:
        return "?"
    if conversation.gaps and _GAPS not in shown:
        return _("gap")  # matters more than a number that is a lower bound anyway
    more = "" if conversation.from_beginning or not conversation.messages else "+"
    return f"{conversation.messages:,}{more}"


def _last(row: ConversationRow, now: int, _shown: Collection[str]) -> str:
    return phrases.short_age(row.conversation.last_message_at, now) if row.conversation else ""


def _gaps(row: ConversationRow, _now: int, _shown: Collection[str]) -> str:
    if row.conversation is None or not row.conversation.gaps:
        return ""
    gaps = row.conversation.gaps
    return _("gap") if gaps == 1 else counted(gaps, "{count} gap", "{count} gaps")


CONVERSATION_COLUMNS: tuple[Column[ConversationRow], ...] = (
    Column(
        N_("Conversation"),
        lambda row, _now, _shown: row.label,
        style=lambda row: "" if row.conversation else "dim",
        is_id=True,
    ),
    Column(_GAPS, _gaps, 6, gives_way=2, style="warn"),
    Column(N_("Msg"), _messages, 5, right=True, grows=True),
    Column(
        N_("Mem"),
        lambda row, _now, _shown: phrases.bounded(row.memories, row.bound),
        5,
        right=True,
        grows=True,
    ),
    Column(N_("Active"), _last, phrases.age_cells, right=True, gives_way=1, style="dim"),
)


_CONVERSATIONS_BY: dict[ConversationOrder, str] = {
    "activity": "Active",
    "name": "Conversation",
    "messages": "Msg",
    "memories": "Mem",
}


def conversation_columns(
    order: ConversationOrder, *, turned: bool = False
) -> list[Column[ConversationRow]]:
    """Return the columns of the conversations with the one marked that they are sorted by."""
    name = _CONVERSATIONS_BY[order]
    return _marked(CONVERSATION_COLUMNS, name, descending=(order != "name") != turned)


def conversation_order(column: str) -> ConversationOrder | None:
    """Return the order of the conversations that a column stands for."""
    return next((order for order, name in _CONVERSATIONS_BY.items() if name == column), None)


def title_of(memory: Memory) -> str:
    """Return what a memory is called in a line."""
    if memory.dropped:
        return _("(no longer kept)")
    return beginning(
        titled(memory.title or "", memory.content) or without_marks(memory.content), TITLE_CUT
    ) or _("(no text)")


def _state_before(memory: Memory, shown: Collection[str]) -> list[str]:
    return [] if "State" in shown else [phrases.state_word(memory)]


MEMORY_COLUMNS: tuple[Column[Memory], ...] = (
    Column(
        N_("View"),
        lambda memory, _now, _shown: phrases.view_word(memory.view),
        phrases.view_cells,
        style="dim",
    ),
    Column(N_("Title"), lambda memory, _now, _shown: title_of(memory), before=_state_before),
    Column(
        N_("State"),
        lambda memory, now, _shown: phrases.state(memory, now),
        20,
        gives_way=3,
        narrowest=8,
        style=lambda memory: "dim" if memory.missed_at is memory.vanished_at is None else "warn",
    ),
    Column(
        N_("Tags"),
        lambda memory, _now, _shown: " · ".join(memory.tags),
        24,
        gives_way=2,
        style="dim",
    ),
    Column(
        N_("Updated"),
        lambda memory, now, _shown: phrases.short_age(memory.updated_at, now),
        phrases.age_cells,
        right=True,
        gives_way=4,
        style="dim",
        least=16,
    ),
    Column(
        N_("Conf"),
        lambda memory, _now, _shown: (
            "" if memory.confidence is None else f"{memory.confidence:.2f}"
        ),
        4,
        right=True,
        gives_way=1,
        style="dim",
    ),
)

_CREATED = Column[Memory](
    N_("Created"),
    lambda memory, now, _shown: phrases.short_age(memory.created_at, now),
    phrases.age_cells,
    right=True,
    style="dim",
)
_MEMORIES_BY: dict[MemoryOrder, str] = {
    "updated": "Updated",
    "created": "Created",
    "title": "Title",
    "view": "View",
    "status": "State",
    "confidence": "Conf",
}
USUAL_ORDER: MemoryOrder = "updated"


def memory_columns(
    order: MemoryOrder,
    *,
    descending: bool,
    said: Callable[[Memory], Sequence[str]] = lambda _memory: (),
) -> list[Column[Memory]]:
    """Return the columns of the memories with the one marked that they are sorted by.

    That one stays however narrow it is, unless the order is the usual one. The words that `said`
    returns stand before the title, the first ones where there is little room.
    """

    def before(memory: Memory, shown: Collection[str]) -> list[str]:
        return [*said(memory), *_state_before(memory, shown)]

    columns = [
        _CREATED if order == "created" and column.name == "Updated" else column
        for column in MEMORY_COLUMNS
    ]
    columns = [replace(c, before=before) if c.name == "Title" else c for c in columns]
    name = _MEMORIES_BY[order]
    if order != USUAL_ORDER:
        columns = [replace(c, gives_way=0) if c.name == name else c for c in columns]
    return _marked(columns, name, descending=descending)


def memory_order(column: str) -> MemoryOrder | None:
    """Return the order of the memories that a column stands for."""
    return next((order for order, name in _MEMORIES_BY.items() if name == column), None)


def memory_style(memory: Memory) -> str:
    """Return the style of a memory's row."""
    return "dim" if memory.vanished_at is not None else ""
