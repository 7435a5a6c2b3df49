"""When MemOS last returned messages of a conversation, and of how many a sync found that it returned none.

Where the last reading returned none, which one before it did was not noted: the last one that brought something
new, or changed, surely did, and since then nothing of what is stored has changed. What earlier syncs found of
that is not known.

And the ids that MemOS gives messages in their JSON apart from it, where it gives any, with an index.

And which conversation a version of a memory named. Of earlier versions that is not known, nor whether a memory moved to
another one meanwhile: it is noted until when that was not kept.

And an index of the memories that a whole listing lacked, and that may be gone or not.

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


_NOW = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


def upgrade() -> None:
    """Add the columns, the index and the note."""
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
    op.create_index(
        "ix_listing_doubted",
        "listing",
        ["subject_pk"],
        sqlite_where=sa.text("missed_at IS NOT NULL AND vanished_at IS NULL"),
    )
    op.add_column("memory_version", sa.Column("conversation_id", sa.String(), nullable=True))
    op.execute(
        f"""INSERT INTO setting (name, value)
            SELECT 'moves_kept_since', CAST({_NOW} AS TEXT) WHERE EXISTS (SELECT 1 FROM memory)"""
    )
