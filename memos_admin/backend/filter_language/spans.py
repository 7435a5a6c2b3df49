"""Where in what was typed something of a filter is said."""

from __future__ import annotations

from memos_admin.backend.filter_language.fields import OF_VERDICTS
from memos_admin.backend.filter_language.reading import apart, terms

_SAID_BY = {
    "subject": ("user", "agent"),
    "conversation_id": ("conversation",),
    "views": ("view",),
    "statuses": ("status",),
    "verdicts": ("verdict",),
    "operators": ("operator",),
    "both": ("operator",),
    "since": ("updated",),
    "until": ("updated",),
    "created_since": ("created",),
    "created_until": ("created",),
    "given_since": ("given",),
    "given_until": ("given",),
    "sourced": ("source",),
    "as_of": ("as-of",),
    "order": ("sort",),
    "descending": ("sort",),
    "text": ("",),
}
"""The fields that say what of a filter, where they are called otherwise."""


def span_of(typed: str, name: str, *, among_words: bool = False) -> tuple[int, int] | None:
    """Return from where to where a text says what is called so in its filter; None: it does not.

    Args:
        typed: a filter.
        name: of the attribute of a `Filter`.
        among_words: it is a search, and the filter stands among its words.
    """
    fields = _SAID_BY.get(name, (name,))
    for term in apart(typed)[1] if among_words else terms(typed, OF_VERDICTS):
        if term.field in fields and not (term.negated and not term.field):
            return term.start, term.end
    return None
