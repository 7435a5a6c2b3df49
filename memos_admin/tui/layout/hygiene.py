"""Why a row of the hygiene screen is there: the reason, why it may be wrong, and the memories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memos_admin.backend.evidence.matching import matching
from memos_admin.backend.hygiene.rules import DESCRIBED
from memos_admin.backend.hygiene.wording import reason
from memos_admin.backend.model import Memory, Reads
from memos_admin.backend.times import now_ms
from memos_admin.language import gettext as _
from memos_admin.tui.layout.evidence import READ, Paragraph
from memos_admin.tui.rows.hygiene import HygieneRow
from memos_admin.tui.words import phrases


def paragraphs(reads: Reads, row: HygieneRow) -> list[Paragraph]:
    """Return what is to be said of a row; to be called in the reader's thread."""
    rule = DESCRIBED[row.rule]
    if row.found is None:
        return [Paragraph("", _(rule.finds)), Paragraph("", _(rule.doubt), style="$text-muted")]
    return list(_of_finding(reads, row))


def _of_finding(reads: Reads, row: HygieneRow) -> Iterator[Paragraph]:
    found = row.found
    if found is None:
        return
    yield Paragraph("", reason(found), style="$text-warning")
    keys = [found.listing_pk, *([] if found.other is None else [found.other.listing_pk])]
    memories = {one.listing_pk: one for one in reads.memories(keys)}
    memory, other = memories.get(keys[0]), memories.get(keys[-1])
    if memory is None:
        return
    if found.other is not None and other is not None:
        mine, theirs = matching(memory.content[:READ], other.content[:READ])
        yield Paragraph(_heading(memory), memory.content[:READ], mine)
        yield Paragraph(_heading(other), other.content[:READ], theirs)
    else:
        text = memory.content[:READ]
        yield Paragraph(_heading(memory), text, _marks(text, found.hit.parts))
    yield Paragraph("", _(DESCRIBED[row.rule].doubt), style="$text-muted")


def _heading(memory: Memory) -> str:
    return _("memory · {view} · updated {when}").format(
        view=phrases.view_word(memory.view), when=phrases.exact(memory.updated_at, now_ms())
    )


def _marks(text: str, parts: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the words stand that a rule has found."""
    spans = ((text.find(part), len(part)) for part in parts if part)
    return [(at, at + length) for at, length in spans if at >= 0]
