"""Conditions of SQL that several reads share; values are always bound, never written into the text."""

from __future__ import annotations

from memos_admin.store.records import UNLOOKED, SubjectRef

BEGINS = f"""(from_beginning AND older_at IS NULL
 AND NOT EXISTS (SELECT 1 FROM setting WHERE name = '{UNLOOKED}'))"""
"""That a conversation is known from its beginning: a window has shown all of it, and nothing is older.

Where nobody has looked whether something is, it is not known of any.
"""

NOT_LOOKED_AT = f"""(from_beginning AND older_at IS NULL
 AND EXISTS (SELECT 1 FROM setting WHERE name = '{UNLOOKED}'))"""
"""That of a conversation only this is why it is not known from its beginning: nobody has looked yet."""

NAMED = "kind || ':' || replace(replace(external_id, '%', '%25'), ' ', '%20')"
"""A row of subjects as scopes of syncs, and names of erasures, have it: as `store.scopes.scope_of`."""
ERASING = f"(SELECT value FROM setting WHERE name = 'erasure ' || {NAMED})"
"""Of a row of subjects: the erasures of it that have no end, as `store.erasures` keeps them; NULL: none."""
ERASED = f"(SELECT value FROM setting WHERE name = 'erased ' || {NAMED})"
"""The same of the one that has ended before it came back."""
BEGUN_ELSEWHERE = "iif(anything_elsewhere(), begun_elsewhere(kind, external_id), NULL)"
"""The same that other stores of the same people have; see `memos_admin.store.query.Elsewhere`."""
UNFINISHED = f"({ERASING} IS NOT NULL OR {BEGUN_ELSEWHERE} IS NOT NULL)"
"""That an erasure of it has no end, here or elsewhere."""
TROUBLED = f"(problem IS NOT NULL OR {UNFINISHED})"
"""That it has a problem: the last sync did not read it whole, or an erasure of it is unfinished."""

DOUBTED = "l.missed_at IS NOT NULL AND l.vanished_at IS NULL"
"""That a listing `l` is lacked by the last whole one, and that it is gone is not confirmed: as `Memory.in_doubt`."""

EMPTY = "(fetched_at IS NOT NULL AND COALESCE(window, 0) = 0)"
"""That MemOS returned no messages of a conversation when they were last read."""

KEPT = f"({EMPTY} AND messages > 0)"
"""The same where earlier readings had some, which are kept here: as `Conversation.kept`."""

OF_KEPT = f"""count(*) FILTER (WHERE {KEPT}),
 min(served_at) FILTER (WHERE {KEPT}), min(fetched_at) FILTER (WHERE {KEPT})"""
"""How many these are, as of when their messages are that are oldest, and the first of their last readings."""

AS_OF = "COALESCE(served_at, fetched_at)"
"""As of when what is stored of a conversation's messages is; of one without any, when it was read."""


def subject_values(ref: SubjectRef) -> list[str]:
    """Return the values of ``kind = ? AND external_id = ?``."""
    return [ref.kind, ref.external_id]


def contains(column: str) -> str:
    """Return the condition that `column` contains a value, capitals of ASCII aside.

    LIKE would take ``%`` and ``_`` for wildcards and end at a NUL.
    """
    return f"instr(lower({column}), lower(?)) > 0"
