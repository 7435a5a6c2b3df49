"""Whether a store holds what it promises: integrity, references and the schema's invariants."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from memos_admin.store import damage
from memos_admin.store.connection import explained

_MOST = 20
"""Findings of one kind that are told one by one."""

_INVARIANTS = {
    "messages that a conversation counts wrongly": """
        SELECT c.conversation_id FROM conversation c
        WHERE c.messages <> (SELECT count(*) FROM message m WHERE m.conversation_pk = c.pk)""",
    "gaps that a conversation counts wrongly": """
        SELECT c.conversation_id FROM conversation c
        WHERE c.gaps <> (SELECT count(*) FROM seam s WHERE s.conversation_pk = c.pk
                         AND s.kind = 'gap' AND s.closed_at IS NULL)""",
    "seams that stand in another conversation than their message": """
        SELECT s.pk FROM seam s JOIN message m ON m.pk = s.message_pk
        WHERE m.conversation_pk <> s.conversation_pk""",
    "memories that nobody lists or listed": """
        SELECT memory_id FROM memory m
        WHERE NOT EXISTS (SELECT 1 FROM listing l WHERE l.memory_pk = m.pk)""",
    "memories without the service's own JSON": """
        SELECT memory_id FROM memory m
        WHERE NOT EXISTS (SELECT 1 FROM memory_raw r WHERE r.memory_pk = m.pk)""",
    "messages without the service's own JSON": """
        SELECT pk FROM message m
        WHERE NOT EXISTS (SELECT 1 FROM message_raw r WHERE r.message_pk = m.pk)""",
    "memories whose versions are not numbered from 1 without a hole": """
        SELECT memory_id FROM memory m
        WHERE m.version <> 1 + (SELECT count(*) FROM memory_version v WHERE v.memory_pk = m.pk)""",
    "listings that name a conversation of another subject": """
        SELECT l.pk FROM listing l JOIN conversation c ON c.pk = l.conversation_pk
        WHERE c.subject_pk <> l.subject_pk""",
    "listed memories that do not belong to the conversation that they name": """
        SELECT m.memory_id FROM listing l JOIN memory m ON m.pk = l.memory_pk
        JOIN conversation c ON c.subject_pk = l.subject_pk AND c.conversation_id = m.conversation_id
        WHERE l.vanished_at IS NULL AND l.conversation_pk IS NOT c.pk""",
    "verdicts on a version that the memory never had": """
        SELECT m.memory_id FROM verdict v JOIN memory m ON m.pk = v.memory_pk
        WHERE v.version NOT BETWEEN 1 AND m.version""",
    "verdicts that ended without a word on how, or the other way round": """
        SELECT m.memory_id FROM verdict v JOIN memory m ON m.pk = v.memory_pk
        WHERE (v.ended_at IS NULL) <> (v.ended IS NULL)""",
    "vanished memories without a reason": """
        SELECT pk FROM listing WHERE vanished_at IS NOT NULL AND reason IS NULL""",
}


PARTS = 2 + len(_INVARIANTS)
"""Of a check: the file, the references, each invariant."""


def problems(
    connection: sqlite3.Connection,
    path: Path,
    on_part: Callable[[int], None] = lambda _number: None,
) -> list[str]:
    """Return what is wrong, a sentence each, worst first; empty: nothing is.

    Args:
        connection: to the store.
        path: of it.
        on_part: told the number of each part that begins, from 1 to `PARTS`.
    """
    with explained(path):
        on_part(1)
        found = [f"The file is damaged: {text}." for text in damage.findings(connection, _MOST)]
        if found:
            return found
        on_part(2)
        found += [
            f"Row {row} of {table} refers to a row of {parent} that is missing."
            for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(
                _MOST
            )
        ]
        for number, (what, query) in enumerate(_INVARIANTS.items(), 3):
            on_part(number)
            rows = connection.execute(f"{query} LIMIT {_MOST + 1}").fetchall()
            if rows:
                names = ", ".join(str(row[0]) for row in rows[:_MOST])
                more = " and more" if len(rows) > _MOST else ""
                found.append(f"There are {what}: {names}{more}.")
    return found
