"""How many requests each subject took: syncs of several counted them together before.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "subject_requests",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("subject_pk", sa.Integer(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["subject_pk"], ["subject.pk"]),
        sa.PrimaryKeyConstraint("pk"),
        sa.UniqueConstraint("subject_pk", "route"),
    )
