"""What of a memory is older than the first message of its conversation.

Found here as far as SQL can read the times; the next sync of a subject looks at it again.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_OLDER = """
WITH begun AS (
    SELECT c.pk AS pk, c.subject_pk AS subject_pk, m.created_at AS first,
           CAST(strftime('%s', m.create_time) AS INTEGER) AS said
    FROM conversation c JOIN message m ON m.pk = (
        SELECT pk FROM message WHERE conversation_pk = c.pk ORDER BY position LIMIT 1)
    WHERE c.from_beginning AND m.created_at IS NOT NULL),
told AS (
    SELECT b.pk AS pk, b.subject_pk AS subject_pk, b.first AS first, m.pk AS memory_pk, m.created_at AS at
    FROM begun b JOIN listing l ON l.conversation_pk = b.pk JOIN memory m ON m.pk = l.memory_pk
    WHERE COALESCE(m.updated_at, 0) < b.first OR NOT EXISTS (
        SELECT 1 FROM memory_source o WHERE o.memory_pk = m.pk AND o.time IS NOT NULL)
    UNION ALL
    SELECT b.pk, b.subject_pk, b.first, o.memory_pk,
           b.first + (CAST(strftime('%s', o.time) AS INTEGER) - b.said) * 1000
    FROM begun b JOIN listing l ON l.conversation_pk = b.pk
    JOIN memory_source o ON o.memory_pk = l.memory_pk)
SELECT t.pk, min(t.at) FROM told t WHERE t.at / 1000 < t.first / 1000 AND NOT EXISTS (
    SELECT 1 FROM memory_source s CROSS JOIN conversation c CROSS JOIN message m
    WHERE s.memory_pk = t.memory_pk AND c.subject_pk = t.subject_pk AND c.pk <> t.pk
    AND m.conversation_pk = c.pk AND m.create_time = s.time)
GROUP BY t.pk"""


def upgrade() -> None:
    """Add the column, and fill it."""
    op.add_column("conversation", sa.Column("older_at", sa.Integer(), nullable=True))
    connection = op.get_bind()
    for pk, older_at in connection.exec_driver_sql(_OLDER).all():
        connection.exec_driver_sql(
            "UPDATE conversation SET older_at = ? WHERE pk = ?", (older_at, pk)
        )
