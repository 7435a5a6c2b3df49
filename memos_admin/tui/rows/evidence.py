"""The lists of the evidence screen: what is in them, their columns and their words."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, get_args

from memos_admin.backend.author_words import AUTHOR_WORDS, author_word
from memos_admin.backend.authors import PERHAPS_NOT_USER, Writer
from memos_admin.backend.display import beginning, called, titled
from memos_admin.backend.evidence.kinds import (
    ANOTHER,
    CHECKS,
    LINK_KINDS,
    MISSING,
    TELLERS,
    THANKS,
    UNCOMPARED,
    Teller,
)
from memos_admin.backend.evidence.narrowing import silent_within
from memos_admin.backend.evidence.support import Silent, Support
from memos_admin.backend.evidence.wording import (
    CHECK_WORDS,
    LINK_WORDS,
    MISSING_WORDS,
    UNCOMPARED_WORDS,
)
from memos_admin.backend.model import Filter, Memory, Message, Reads, SubjectRef
from memos_admin.backend.perspective import without_marks
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.desk.place import Place
from memos_admin.tui.rows.main import TITLE_CUT, TITLE_READ
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.words import phrases

ListName = Literal["check", "missing", "silent", "links", "uncompared"]
LISTS: tuple[ListName, ...] = get_args(ListName)

TITLES: Mapping[ListName, str] = {
    "check": N_("check this"),
    "missing": N_("source missing"),
    "silent": N_("silent messages"),
    "links": N_("links"),
    "uncompared": N_("uncompared"),
}

SHORTER: Mapping[ListName, str] = {**TITLES, "missing": N_("missing"), "silent": N_("silent")}
"""The same where there is little room."""

KINDS: Mapping[ListName, Sequence[str]] = {
    "check": CHECKS,
    "missing": MISSING,
    "silent": ("user", ANOTHER, "assistant", "system", "tool", THANKS),
    "links": (*LINK_KINDS, ANOTHER),
    "uncompared": UNCOMPARED,
}
"""What each list can be narrowed to."""


def kind_word(name: ListName, kind: str) -> str:
    """Return the word for a kind of a list, translated."""
    if kind == ANOTHER:
        return _(AUTHOR_WORDS[ANOTHER])
    if name == "silent":
        return _("only thanks") if kind == THANKS else phrases.role_word(kind)
    words: Mapping[str, str] = {
        **CHECK_WORDS,
        **MISSING_WORDS,
        **LINK_WORDS,
        **UNCOMPARED_WORDS,
    }
    return _(words[kind])


def kinds_of(name: ListName, support: Support) -> Sequence[str]:
    """Return of which kinds of a list a memory is."""
    if name == "check":
        return list(dict.fromkeys(one.kind for one in support.checks))
    if name == "missing":
        return support.reasons
    if name == "uncompared":
        return [] if support.uncompared is None else [support.uncompared]
    theirs = any(link.writer.author == ANOTHER for link in support.links)
    return [support.kind, ANOTHER] if theirs else [support.kind]


@dataclass(frozen=True)
class EvidenceRow:
    """A memory with what stands behind it, or a message that nothing came of.

    Attributes:
        writer: who wrote the message.
        nearest: a memory without a source has words nearest to the message.
        thanks: the message is a courtesy and nothing else.
    """

    key: int
    name: ListName
    ref: SubjectRef
    memory: Memory | None = None
    support: Support | None = None
    message: Message | None = None
    conversation_id: str = ""
    writer: Writer | None = None
    nearest: bool = False
    thanks: bool = False

    @property
    def kinds(self) -> str:
        """The kinds that it is of, in words; of a message who said it."""
        if self.writer is not None:
            return author_word(self.writer)
        if self.support is None:
            return ""
        if self.name == "links":
            return kind_word(self.name, self.support.kind)
        return _(", ").join(
            kind_word(self.name, kind) for kind in kinds_of(self.name, self.support)
        )

    @property
    def title(self) -> str:
        """What it says in a line."""
        if self.message is not None:
            text = self.message.content or _("(no text)")
            return _("only thanks: {text}").format(text=text) if self.thanks else text
        if self.memory is None:
            return ""
        said = without_marks(self.memory.content)
        title = titled(self.memory.title or "", self.memory.content) or said or _("(no text)")
        words = [phrases.state_word(self.memory), *self._others, title]
        return " · ".join(word for word in words if word)

    @property
    def _others(self) -> list[str]:
        """Whose messages a memory is linked to that are not the user's, or may not be, in words."""
        if self.name != "links" or self.support is None:
            return []
        writers = (link.writer for link in self.support.links)
        others = (one for one in writers if one.author in PERHAPS_NOT_USER)
        return [*dict.fromkeys(map(author_word, others))]

    @property
    def conversation(self) -> str:
        """In which conversation its messages stand, or would."""
        if self.memory is None:
            return self.conversation_id
        links = () if self.support is None else self.support.links
        there = dict.fromkeys(link.conversation_id for link in links if link.conversation_id)
        if self.name == "links" and there:
            return _(", ").join(there)
        return self.memory.conversation_id or ""

    @property
    def numbers(self) -> str:
        """The numbers of its messages."""
        if self.message is not None:
            return str(self.message.seq)
        links = () if self.support is None else self.support.links
        return _(", ").join(dict.fromkeys(str(link.seq) for link in links))

    @property
    def place(self) -> Place:
        """Where it can be seen: a memory beside its source, a message in its conversation.

        A source in another conversation is there where one goes to, and names the memory.
        """
        if self.message is not None:
            return Place(self.ref, self.conversation_id, message=self.message.pk, pane="transcript")
        memory, support = self.memory, self.support
        assert memory is not None  # noqa: S101 - a row is one of the two
        links = () if support is None or support.elsewhere is None else support.links
        if links and all(link.conversation_id != memory.conversation_id for link in links):
            return Place(
                self.ref,
                links[0].conversation_id,
                message=links[0].message_pk,
                pane="transcript",
                beside=memory.memory_id,
            )
        return Place(self.ref, memory.conversation_id or "", memory.memory_id, pane="memories")


class Counts(NamedTuple):
    """How many rows each list has, and in how many of *links* a source is known."""

    rows: Mapping[ListName, int]
    linked: int


@dataclass(frozen=True)
class EvidenceRows:
    """The rows of one list; equal to a later one of the same list, whatever was found meanwhile.

    Attributes:
        ref: whose; None: everyone's.
        kind: only of this kind, ``""``: of any.
        teller: only what is told as the words of this one.
        supports, silent: what was found so far.
        narrowed: what else narrows memories, and what of that messages have.
    """

    name: ListName
    ref: SubjectRef | None
    conversation_id: str | None
    kind: str = ""
    teller: Teller | None = None
    supports: Mapping[int, Support] = field(default_factory=dict, compare=False)
    silent: Sequence[Silent] = field(default=(), compare=False)
    narrowed: Filter = field(default_factory=Filter)

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys: what was inferred stands behind what was said, messages as `silent` has them."""
        if self.name == "silent":
            return array("q", self.silent_pks(reads))
        found = [(pk, one) for pk, one in self._known(reads) if self.holds(one)]
        order = {teller: number for number, teller in enumerate(TELLERS)}
        return array("q", [pk for pk, one in sorted(found, key=lambda it: order[it[1].teller])])

    def counts(self, reads: Reads, kinds: Mapping[ListName, str]) -> Counts:
        """Return how many rows each list has with these filters; `kinds`: the kind of each list."""
        lists = [replace(self, name=name, kind=kinds.get(name, "")) for name in LISTS]
        known = [one for _, one in self._known(reads)]
        rows = {
            one.name: len(one.silent_pks(reads))
            if one.name == "silent"
            else sum(map(one.holds, known))
            for one in lists
        }
        links = next(one for one in lists if one.name == "links")
        return Counts(rows, sum(it.is_linked for it in known if links.holds(it)))

    @property
    def _wanted(self) -> Filter:
        named = self.conversation_id
        return replace(
            self.narrowed,
            subject=self.ref,
            conversation_id=self.narrowed.conversation_id if named is None else named,
        )

    def _known(self, reads: Reads) -> list[tuple[int, Support]]:
        found = reads.memory_pks(self._wanted)
        return [(pk, self.supports[pk]) for pk in found if pk in self.supports]

    def holds(self, support: Support) -> bool:
        """Whether the list has a memory, as far as that can be told without the store."""
        kinds = kinds_of(self.name, support)
        return (
            bool(kinds)
            and (not self.kind or self.kind in kinds)
            and self.teller in {None, support.teller}
        )

    def silent_pks(self, reads: Reads) -> Sequence[int]:
        """Return the keys of the messages that nothing came of, as they are filtered."""
        some = (one for one in self.silent if not self.kind or one.is_of(self.kind))
        return [one.message_pk for one in silent_within(reads, some, self._wanted)]

    def rows(self, reads: Reads, keys: Sequence[int]) -> list[EvidenceRow]:
        """Return rows; without what was removed since."""
        if self.name != "silent":
            return [
                EvidenceRow(one.listing_pk, self.name, one.ref, one, self.supports[one.listing_pk])
                for one in reads.memories(keys, cut=TITLE_READ)
            ]
        by_pk = {one.message_pk: one for one in self.silent}
        where = {
            one.pk: one
            for one in reads.conversations(sorted({by_pk[key].conversation_pk for key in keys}))
        }
        return [
            EvidenceRow(
                message.pk,
                self.name,
                where[by_pk[message.pk].conversation_pk].ref,
                message=message._replace(seq=by_pk[message.pk].seq),
                conversation_id=where[by_pk[message.pk].conversation_pk].conversation_id,
                writer=by_pk[message.pk].writer,
                nearest=by_pk[message.pk].nearest,
                thanks=by_pk[message.pk].weight == "courtesy",
            )
            for message in reads.messages(keys, cut=TITLE_READ)
            if by_pk[message.pk].conversation_pk in where
        ]


_Text = Callable[[EvidenceRow, int, Collection[str]], str]


def _kind_cells(name: ListName) -> int:
    return phrases.widest([kind_word(name, kind) for kind in KINDS[name]])


def _style(row: EvidenceRow) -> str:
    return "warn" if row.name == "check" else "accent"


def columns(name: ListName, *, whose: bool = False) -> tuple[Column[EvidenceRow], ...]:
    """Return the columns of a list; `whose` it is too."""
    heading = {
        "check": N_("Check"),
        "missing": N_("Source"),
        "silent": N_("Who"),
        "links": N_("Link"),
        "uncompared": N_("Reason"),
    }[name]
    shown: list[Column[EvidenceRow]] = [
        Column(
            heading,
            lambda row, _now, _s: row.kinds,
            _kind_cells(name),
            style=_style,
            narrowest=_kind_cells(name),
            grows=True,
        ),
        Column(
            N_("Text") if name == "silent" else N_("Title"),
            lambda row, _now, _s: beginning(row.title, TITLE_CUT),
        ),
        Column(
            N_("Conversation"),
            lambda row, _now, _s: row.conversation,
            18,
            gives_way=1,
            style="dim",
            is_id=True,
        ),
    ]
    if whose:
        user: Column[EvidenceRow] = Column(
            N_("User"), lambda row, _now, _s: called(row.ref), 20, gives_way=2, is_id=True
        )
        shown.insert(1, user)
    if name in {"silent", "links"}:
        number: Column[EvidenceRow] = Column(
            N_("Message"), lambda row, _now, _s: row.numbers, 7, right=True
        )
        shown.insert(1, number)
    return tuple(shown)
