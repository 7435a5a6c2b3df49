"""A table of when memories were not listed for a while: coming back left no trace before.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create it."""
    op.create_table(
        "absence",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("listing_pk", sa.Integer(), nullable=False),
        sa.Column("last_seen", sa.Integer(), nullable=True),
        sa.Column("missed_at", sa.Integer(), nullable=True),
        sa.Column("vanished_at", sa.Integer(), nullable=False),
        sa.Column("returned_at", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["listing_pk"], ["listing.pk"]),
        sa.PrimaryKeyConstraint("pk"),
    )
    op.create_index("ix_absence_listing_pk", "absence", ["listing_pk"])
