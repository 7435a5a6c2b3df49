"""The tables of the store that only ever grow at their end, as the index follows them.

A text is found through the row by which it came: a memory through its listing for a subject, a
message through itself, and what either says since it changed through the latest of its versions. So
nothing that the index has read once needs to be changed in it; a row that no longer says what it said
is found out when it is compared.

A *mark* is what tells a row from another one that got the same key later, as in a store that was
replaced by an older copy of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from memos_admin.store.query import Query
from memos_admin.store.search.tokens import fold

LogName = Literal["listing", "message", "memory_version", "message_version"]
Kind = Literal["memory", "message"]

SHARD = 1 << 16
"""Keys of a shard of the index: few enough to be made again in seconds, or searched row by row."""

MayFit = Callable[[Sequence[str]], bool]

_MOST_CHARACTERS = 4_000_000
_LAST_COLUMN = 5


class Document(NamedTuple):
    """A row with the text by which it is found.

    Attributes:
        pk: in its log.
        item: the key of the memory or the message.
        subjects: keys of those whom it belongs to.
        arrived: when it was first read, milliseconds.
        fields: the folded texts: content, and of a memory the title (perhaps ``""``) and tags.
    """

    pk: int
    item: int
    subjects: tuple[int, ...]
    arrived: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """One of the tables; the SQL selects key, item, subject (or none), arrival, title, content."""

    name: LogName
    kind: Kind
    documents: str
    mark: str
    of_subject: str
    """The keys of a subject's rows."""

    def last(self, query: Query) -> int:
        """Return the highest key that there is; 0 where there is none."""
        return next(query.rows(f"SELECT max(pk) FROM {self.name}"))[0] or 0

    def ascending(self, query: Query, after: int, until: int, most: int) -> list[Document]:
        """Return the first documents after a key, at most `most`, fewer where they are long."""
        sql = f"{self.documents} WHERE x.pk > ? AND x.pk <= ? ORDER BY x.pk LIMIT ?"
        rows = query.beginning(sql, (after, until, most), _LAST_COLUMN, _MOST_CHARACTERS)
        return self._made(query, rows)

    def descending(
        self, query: Query, first: int, last: int, most: int, may_fit: MayFit
    ) -> tuple[list[Document], int | None]:
        """Return the last documents from `first` to `last` that may fit, latest first.

        Returns:
            They, and the lowest key that was looked at; None: there are no more.
        """
        sql = f"{self.documents} WHERE x.pk >= ? AND x.pk <= ? ORDER BY x.pk DESC LIMIT ?"
        rows = query.beginning(sql, (first, last, most), _LAST_COLUMN, _MOST_CHARACTERS)
        return self._made(query, rows, may_fit), rows[-1][0] if rows else None

    def some(
        self, query: Query, pks: Sequence[int], may_fit: MayFit | None = None
    ) -> list[Document]:
        """Return the documents with these keys, latest first; those gone since are left out."""
        made = self._made(query, query.rows_of(self.documents, "x.pk", pks), may_fit)
        return sorted(made, reverse=True)

    def keys_of(self, query: Query, subject_pk: int, first: int, last: int) -> list[int]:
        """Return the keys of a subject's rows in a range, latest first."""
        return sorted(query.keys(self.of_subject, [subject_pk, first, last]), reverse=True)

    def marks(self, query: Query, pks: Sequence[int]) -> dict[int, str]:
        """Return the marks of the rows with these keys."""
        sql = f"SELECT x.pk, {self.mark} FROM {self.name} x"
        return {pk: str(mark) for pk, mark in query.rows_of(sql, "x.pk", pks)}

    def _made(
        self, query: Query, rows: Iterable[Any], may_fit: MayFit | None = None
    ) -> list[Document]:
        """Return documents of rows, with what is read beside them.

        Args:
            query: the store.
            rows: of `documents`.
            may_fit: says of raw texts that they are worth to be folded, which is most of the work.
        """
        if self.kind == "message":
            return [
                Document(pk, item, (subject,), arrived, (fold(content),))
                for pk, item, subject, arrived, _, content in rows
                if may_fit is None or may_fit((content,))
            ]
        rows = list(rows)
        items = [row[1] for row in rows]
        tags: dict[int, list[str]] = {}
        for item, tag in query.rows_of("SELECT memory_pk, tag FROM memory_tag", "memory_pk", items):
            tags.setdefault(item, []).append(tag)
        listed: dict[int, list[int]] = {}
        if self.name == "memory_version":
            sql = "SELECT memory_pk, subject_pk FROM listing"
            for item, subject in query.rows_of(sql, "memory_pk", items):
                listed.setdefault(item, []).append(subject)
        made = []
        for pk, item, subject, arrived, title, content in rows:
            texts = (content, title or "", *tags.get(item, ()))
            if may_fit is None or may_fit(texts):
                subjects = tuple(listed.get(item, ())) if subject is None else (subject,)
                made.append(Document(pk, item, subjects, arrived, tuple(map(fold, texts))))
        return made


LOGS: tuple[Log, ...] = (
    Log(
        "memory_version",
        "memory",
        """SELECT x.pk, x.memory_pk, NULL, x.replaced_at, m.title, m.content
           FROM memory_version x JOIN memory m ON m.pk = x.memory_pk""",
        "x.replaced_at || ':' || x.memory_pk",
        """SELECT x.pk FROM listing l JOIN memory_version x ON x.memory_pk = l.memory_pk
           WHERE l.subject_pk = ? AND x.pk BETWEEN ? AND ?""",
    ),
    Log(
        "message_version",
        "message",
        """SELECT x.pk, x.message_pk, c.subject_pk, x.replaced_at, NULL, m.content
           FROM message_version x JOIN message m ON m.pk = x.message_pk
           JOIN conversation c ON c.pk = m.conversation_pk""",
        "x.replaced_at || ':' || x.message_pk",
        """SELECT x.pk FROM conversation c JOIN message m ON m.conversation_pk = c.pk
           JOIN message_version x ON x.message_pk = m.pk
           WHERE c.subject_pk = ? AND x.pk BETWEEN ? AND ?""",
    ),
    Log(
        "listing",
        "memory",
        """SELECT x.pk, x.memory_pk, x.subject_pk, x.first_seen, m.title, m.content
           FROM listing x JOIN memory m ON m.pk = x.memory_pk""",
        "x.first_seen || ':' || x.memory_pk || ':' || x.subject_pk",
        "SELECT x.pk FROM listing x WHERE x.subject_pk = ? AND x.pk BETWEEN ? AND ?",
    ),
    Log(
        "message",
        "message",
        """SELECT x.pk, x.pk, c.subject_pk, x.first_seen, NULL, x.content
           FROM message x JOIN conversation c ON c.pk = x.conversation_pk""",
        "x.first_seen || ':' || x.conversation_pk || ':' || coalesce(x.create_time, '')",
        """SELECT x.pk FROM conversation c JOIN message x ON x.conversation_pk = c.pk
           WHERE c.subject_pk = ? AND x.pk BETWEEN ? AND ?""",
    ),
)
"""Those with changes first: they are few, and the same text stands in the others too."""


def shard_of(pk: int) -> int:
    """Return the number of the shard that a key is in."""
    return pk // SHARD


def bounds(number: int) -> tuple[int, int]:
    """Return the first and the last key of a shard."""
    return max(1, number * SHARD), (number + 1) * SHARD - 1
