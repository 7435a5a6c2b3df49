"""What of a memory is older than the first message of its conversation.

SQL cannot read all times that the service writes: all conversations are looked at when the store is opened.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column, and note that nobody has looked yet, where there is something to look at."""
    op.add_column("conversation", sa.Column("older_at", sa.Integer(), nullable=True))
    op.execute(
        "INSERT OR REPLACE INTO setting (name, value) SELECT 'beginnings_unlooked', '1' "
        "WHERE EXISTS (SELECT 1 FROM conversation WHERE from_beginning)"
    )
