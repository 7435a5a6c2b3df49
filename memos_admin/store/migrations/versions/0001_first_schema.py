"""The first schema.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "memory",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("memory_id", sa.String(), nullable=False),
        sa.Column("view", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("conversation_id", sa.String(), nullable=True),
        sa.Column("create_time", sa.String(), nullable=True),
        sa.Column("update_time", sa.String(), nullable=True),
        sa.Column("created_at", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Integer(), nullable=True),
        sa.Column("first_seen", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_since", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("memory_id"),
    )
    op.create_index("ix_memory_created_at", "memory", ["created_at"], unique=False)
    op.create_index("ix_memory_updated_at", "memory", ["updated_at"], unique=False)
    op.create_table(
        "setting",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "subject",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("known_from", sa.String(), nullable=False),
        sa.Column("added_at", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.Integer(), nullable=True),
        sa.Column("listed_at", sa.Integer(), nullable=True),
        sa.Column("synced_at", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("memories", sa.Integer(), nullable=False),
        sa.Column("last_activity", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("kind", "external_id"),
    )
    op.create_index("ix_subject_last_activity", "subject", ["last_activity"], unique=False)
    op.create_table(
        "sync_run",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.Integer(), nullable=True),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("vanished", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pk"),
    )
    op.create_table(
        "conversation",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("subject_pk", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("known_from", sa.String(), nullable=False),
        sa.Column("added_at", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.Integer(), nullable=True),
        sa.Column("fetched_at", sa.Integer(), nullable=True),
        sa.Column("window", sa.Integer(), nullable=True),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("from_beginning", sa.Boolean(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("last_message_at", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject_pk"],
            ["subject.pk"],
        ),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("subject_pk", "conversation_id"),
    )
    op.create_table(
        "memory_detail",
        sa.Column("memory_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fetched_at", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["memory_pk"],
            ["memory.pk"],
        ),
        sa.PrimaryKeyConstraint("memory_pk"),
    )
    op.create_table(
        "memory_raw",
        sa.Column("memory_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["memory_pk"],
            ["memory.pk"],
        ),
        sa.PrimaryKeyConstraint("memory_pk"),
    )
    op.create_table(
        "memory_source",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("memory_pk", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("excerpt", sa.Text(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("time", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["memory_pk"],
            ["memory.pk"],
        ),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("memory_pk", "ordinal"),
    )
    op.create_table(
        "memory_tag",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("memory_pk", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["memory_pk"],
            ["memory.pk"],
        ),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("memory_pk", "ordinal"),
    )
    op.create_index("ix_memory_tag_tag", "memory_tag", ["tag"], unique=False)
    op.create_table(
        "memory_version",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("memory_pk", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("view", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("update_time", sa.String(), nullable=True),
        sa.Column("seen_from", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.Integer(), nullable=False),
        sa.Column("run_pk", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["memory_pk"],
            ["memory.pk"],
        ),
        sa.ForeignKeyConstraint(
            ["run_pk"],
            ["sync_run.pk"],
        ),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("memory_pk", "version"),
    )
    op.create_table(
        "request_log",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("run_pk", sa.Integer(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_pk"],
            ["sync_run.pk"],
        ),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("run_pk", "route"),
    )
    op.create_table(
        "sync_progress",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("run_pk", sa.Integer(), nullable=False),
        sa.Column("subject_pk", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.Integer(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_pk"],
            ["sync_run.pk"],
        ),
        sa.ForeignKeyConstraint(
            ["subject_pk"],
            ["subject.pk"],
        ),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("run_pk", "subject_pk"),
    )
    op.create_index(
        op.f("ix_sync_progress_subject_pk"), "sync_progress", ["subject_pk"], unique=False
    )
    op.create_table(
        "verdict",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("memory_pk", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("ticket", sa.String(), nullable=True),
        sa.Column("judged_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["memory_pk"],
            ["memory.pk"],
        ),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("memory_pk", "version", "operator"),
    )
    op.create_table(
        "listing",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("memory_pk", sa.Integer(), nullable=False),
        sa.Column("subject_pk", sa.Integer(), nullable=False),
        sa.Column("conversation_pk", sa.Integer(), nullable=True),
        sa.Column("first_seen", sa.Integer(), nullable=False),
        sa.Column("last_seen", sa.Integer(), nullable=True),
        sa.Column("missed_at", sa.Integer(), nullable=True),
        sa.Column("vanished_at", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_pk"],
            ["conversation.pk"],
        ),
        sa.ForeignKeyConstraint(
            ["memory_pk"],
            ["memory.pk"],
        ),
        sa.ForeignKeyConstraint(
            ["subject_pk"],
            ["subject.pk"],
        ),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("memory_pk", "subject_pk"),
    )
    op.create_index("ix_listing_conversation", "listing", ["conversation_pk"], unique=False)
    op.create_index("ix_listing_subject", "listing", ["subject_pk"], unique=False)
    op.create_index(
        "ix_listing_vanished",
        "listing",
        ["vanished_at"],
        unique=False,
        sqlite_where=sa.text("vanished_at IS NOT NULL"),
    )
    op.create_table(
        "message",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("conversation_pk", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("role_id", sa.String(), nullable=True),
        sa.Column("role_name", sa.String(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=True),
        sa.Column("tool_calls", sa.Text(), nullable=True),
        sa.Column("tool_call_id", sa.String(), nullable=True),
        sa.Column("create_time", sa.String(), nullable=True),
        sa.Column("update_time", sa.String(), nullable=True),
        sa.Column("created_at", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.Integer(), nullable=True),
        sa.Column("first_seen", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_pk"],
            ["conversation.pk"],
        ),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("conversation_pk", "position"),
    )
    op.create_table(
        "message_raw",
        sa.Column("message_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_pk"],
            ["message.pk"],
        ),
        sa.PrimaryKeyConstraint("message_pk"),
    )
    op.create_table(
        "message_version",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("message_pk", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=True),
        sa.Column("update_time", sa.String(), nullable=True),
        sa.Column("replaced_at", sa.Integer(), nullable=False),
        sa.Column("run_pk", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_pk"],
            ["message.pk"],
        ),
        sa.ForeignKeyConstraint(
            ["run_pk"],
            ["sync_run.pk"],
        ),
        sa.PrimaryKeyConstraint("pk"),
    )
    op.create_index(
        op.f("ix_message_version_message_pk"), "message_version", ["message_pk"], unique=False
    )
    op.create_table(
        "seam",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("conversation_pk", sa.Integer(), nullable=False),
        sa.Column("message_pk", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("seen_at", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.Integer(), nullable=True),
        sa.Column("run_pk", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_pk"],
            ["conversation.pk"],
        ),
        sa.ForeignKeyConstraint(
            ["message_pk"],
            ["message.pk"],
        ),
        sa.ForeignKeyConstraint(
            ["run_pk"],
            ["sync_run.pk"],
        ),
        sa.PrimaryKeyConstraint("pk"),
    )
    op.create_index(op.f("ix_seam_conversation_pk"), "seam", ["conversation_pk"], unique=False)
    op.create_index(op.f("ix_seam_message_pk"), "seam", ["message_pk"], unique=False)
