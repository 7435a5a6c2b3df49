"""When MemOS last returned messages of a conversation, and of how many a sync found that it returned none.

Where the last reading returned none, which one before it did was not noted: the last one that brought something
new, or changed, surely did, and since then nothing of what is stored has changed. What earlier syncs found of
that is not known.

And the ids that MemOS gives messages in their JSON apart from it, where it gives any, with an index.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_LAST_KNOWN = """(SELECT max(at) FROM (
    SELECT max(first_seen) AS at FROM message WHERE conversation_pk = conversation.pk
    UNION ALL SELECT max(v.replaced_at) FROM message m JOIN message_version v ON v.message_pk = m.pk
    WHERE m.conversation_pk = conversation.pk))"""


def upgrade() -> None:
    """Add the columns and the index."""
    op.add_column("conversation", sa.Column("served_at", sa.Integer(), nullable=True))
    op.add_column("sync_run", sa.Column("kept", sa.Integer(), nullable=True))
    op.execute(
        f"""UPDATE conversation SET served_at = CASE WHEN window > 0 THEN fetched_at ELSE {_LAST_KNOWN} END
            WHERE messages > 0"""
    )
    op.add_column("message_raw", sa.Column("message_id", sa.String(), nullable=True))
    op.execute(
        """UPDATE message_raw SET message_id = CAST(
               coalesce(nullif(json_extract(raw, '$.message_id'), ''), json_extract(raw, '$.id')) AS TEXT)
           WHERE iif(instr(raw, 'id"'), json_valid(raw), 0)"""
    )
    op.create_index(
        "ix_message_raw_message_id",
        "message_raw",
        ["message_id"],
        sqlite_where=sa.text("message_id IS NOT NULL"),
    )
