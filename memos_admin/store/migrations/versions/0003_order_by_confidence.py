"""An index for the one order of memories that had none: by confidence.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create it."""
    op.create_index("ix_memory_confidence", "memory", ["confidence"])
