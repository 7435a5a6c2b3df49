"""Whom a filter names that a person types: somebody of the roster, or it is wrong."""

from __future__ import annotations

from memos_admin.backend.display import masked
from memos_admin.backend.filter_language import FilterError, span_of
from memos_admin.backend.model import Filter, Reads
from memos_admin.language import gettext as _
from memos_admin.tui.reader import Reader


async def check_named(
    reader: Reader, typed: str, wanted: Filter, *, among_words: bool = False
) -> None:
    """Look whether whom a filter names is on the roster.

    Args:
        reader: of the store.
        typed: what a person typed.
        wanted: what it says.
        among_words: it is a search, and the filter stands among its words.

    Raises:
        FilterError: nobody there is called so.
    """
    from memos_admin.backend.errors import HomeError, StoreError

    if (ref := wanted.subject) is None:
        return
    span = span_of(typed, "subject", among_words=among_words)

    def is_there(reads: Reads) -> bool:
        return reads.subject(ref) is not None

    try:
        # Aside: what is being typed does not wait for what is being listed.
        known = await reader.aside(is_there)
    except (StoreError, HomeError):  # what is listed says it
        return
    if span is not None and not known:
        text = _("{id} is not on the roster of this project.")
        raise FilterError(text.format(id=masked(ref.external_id)), *span)
