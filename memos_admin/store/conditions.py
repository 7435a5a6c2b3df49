"""Filters as SQL conditions; values are always bound, never written into the text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from memos_admin.store.records import Filter, SubjectRef

_TAGGED = "m.pk IN (SELECT t.memory_pk FROM memory_tag t WHERE t.tag = ?)"
"""Not a correlated EXISTS, for which SQLite walks all rows of the tag for each memory."""


def subject_values(ref: SubjectRef) -> list[str]:
    """Return the values of ``kind = ? AND external_id = ?``."""
    return [ref.kind, ref.external_id]


def contains(column: str) -> str:
    """Return the condition that `column` contains a value, capitals of ASCII aside.

    LIKE would take ``%`` and ``_`` for wildcards and end at a NUL.
    """
    return f"instr(lower({column}), lower(?)) > 0"


def memory_conditions(query: Filter, conversation_pk: int | None = None) -> tuple[str, list[Any]]:
    """Return the SQL condition of a filter over listing l, memory m, subject s, and its values.

    Args:
        query: the filter.
        conversation_pk: the key of the subject's conversation that it names, if both are known: the
            index of its listings answers then, however many memories the subject has.
    """
    terms: list[tuple[str, Iterable[Any]]] = [("1", ())]
    if query.subject is not None:
        terms.append(("s.kind = ? AND s.external_id = ?", subject_values(query.subject)))
    if conversation_pk is not None:
        terms.append(("l.conversation_pk = ?", [conversation_pk]))
    elif query.conversation_id == "":
        terms.append(("m.conversation_id IS NULL", ()))
    elif query.conversation_id is not None:
        terms.append(("m.conversation_id = ?", [query.conversation_id]))
    for column, wanted in (("m.view", query.views), ("m.status", query.statuses)):
        if wanted:
            terms.append((f"{column} IN ({','.join('?' * len(wanted))})", sorted(wanted)))
    terms += [(_TAGGED, [tag]) for tag in sorted(query.tags)]
    if query.since is not None:
        terms.append(("m.updated_at >= ?", [query.since]))
    if query.until is not None:
        terms.append(("m.updated_at < ?", [query.until]))
    if query.vanished is not None:
        terms.append((f"l.vanished_at IS {'NOT ' if query.vanished else ''}NULL", ()))
    if query.text:
        terms.append(
            (
                f"""({contains("m.title")} OR {contains("m.content")} OR EXISTS (
                   SELECT 1 FROM memory_tag t WHERE t.memory_pk = m.pk AND {contains("t.tag")}))""",
                [query.text] * 3,
            )
        )
    return " AND ".join(term for term, _ in terms), [v for _, some in terms for v in some]
