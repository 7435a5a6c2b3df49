"""Which memories of a list do not agree with their messages: found out for the rows that are seen.

Those that are gone are left out: there is nothing to correct any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memos_admin.backend.model import Memory, Subject
from memos_admin.language import gettext as _
from memos_admin.tui.jobs.evidence import memories_to_check
from memos_admin.tui.reader import Reader
from memos_admin.tui.widgets.row_list import RowList

_AT_ONCE = 8
"""Rows that are compared in one go: as long a person who moves on waits for nothing."""


class CheckedRows:
    """What is known of the rows of one list, until what is stored of their user has changed."""

    def __init__(self) -> None:
        self._of: object = None
        self._known: dict[tuple[int, int], bool] = {}

    def word(self, memory: Memory) -> str:
        """Return that a memory deserves a look, in a word, ``""``: nothing of that is known."""
        found = memory.vanished_at is None and self._known.get(_key(memory))
        return _("check") if found else ""

    async def look(self, reader: Reader, rows: RowList[Memory], subject: Subject | None) -> None:
        """Compare the rows that are seen, and draw them with what is found."""
        of = None if subject is None else (subject.pk, subject.synced_at, subject.messages)
        if of != self._of:
            self._of, self._known = of, {}
        listed = (one for one in rows.seen_rows if one.vanished_at is None)
        for some in _parts([one for one in listed if _key(one) not in self._known]):
            found = await reader.aside(memories_to_check, [one.listing_pk for one in some])
            self._known |= {_key(one): one.listing_pk in found for one in some}
            if found:
                rows.redraw()


def _key(memory: Memory) -> tuple[int, int]:
    return memory.listing_pk, memory.version


def _parts(rows: Sequence[Memory]) -> Iterator[Sequence[Memory]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
