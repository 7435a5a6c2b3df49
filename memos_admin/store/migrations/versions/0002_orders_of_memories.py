"""Indexes for the orders of memories that had none: by title, view and status.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create them."""
    op.create_index("ix_memory_view", "memory", ["view"])
    op.create_index("ix_memory_status", "memory", ["status"])
    op.create_index(
        "ix_memory_title",
        "memory",
        [sa.text("substr(COALESCE(NULLIF(title, ''), content), 1, 40) COLLATE NOCASE")],
    )
