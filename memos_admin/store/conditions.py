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


def subject_values(ref: SubjectRef) -> list[str]:
    """Return the values of ``kind = ? AND external_id = ?``."""
    return [ref.kind, ref.external_id]


def contains(column: str) -> str:
    """Return the condition that `column` contains a value, capitals of ASCII aside.

    LIKE would take ``%`` and ``_`` for wildcards and end at a NUL.
    """
    return f"instr(lower({column}), lower(?)) > 0"
