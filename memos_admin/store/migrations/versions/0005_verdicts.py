"""Verdicts keep their history, and queues of memories that operators go through.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KEPT = "pk, memory_pk, version, operator, verdict, note, ticket, judged_at"


def upgrade() -> None:
    """Make the table anew, since one verdict a version and operator was all that it could hold."""
    op.rename_table("verdict", "verdict_before")
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
        sa.Column("subject_pk", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.Integer(), nullable=True),
        sa.Column("ended", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["memory_pk"], ["memory.pk"]),
        sa.ForeignKeyConstraint(["subject_pk"], ["subject.pk"]),
        sa.PrimaryKeyConstraint("pk"),
    )
    op.execute(f"INSERT INTO verdict ({_KEPT}) SELECT {_KEPT} FROM verdict_before")
    op.drop_table("verdict_before")
    op.create_index("ix_verdict_memory_pk", "verdict", ["memory_pk"])
    op.create_index("ix_verdict_subject_pk", "verdict", ["subject_pk"])
    op.create_index(
        "ix_verdict_standing",
        "verdict",
        ["memory_pk", "version", "operator"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "verdict_queue",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("subject_pk", sa.Integer(), nullable=True),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.Integer(), nullable=False),
        sa.Column("fitting", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["subject_pk"], ["subject.pk"]),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("operator", "kind", "blind"),
    )
    op.create_index("ix_verdict_queue_subject_pk", "verdict_queue", ["subject_pk"])
    op.create_table(
        "verdict_queue_item",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("queue_pk", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("memory_pk", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["queue_pk"], ["verdict_queue.pk"]),
        sa.ForeignKeyConstraint(["memory_pk"], ["memory.pk"]),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("queue_pk", "ordinal"),
    )
    op.create_index("ix_verdict_queue_item_memory_pk", "verdict_queue_item", ["memory_pk"])
