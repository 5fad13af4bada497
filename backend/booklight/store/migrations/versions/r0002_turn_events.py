"""The events of running turns, in place of their drafts, and what a retry is about to replace."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "r0002"
down_revision = "r0001"

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Add a table and a column, and drop the column that they replace."""
    op.create_table(
        "turn_events",
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("turn_id", sa.Text(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id", "turn_id", "first", name="pk_turn_events"),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name="fk_turn_events_thread_id", ondelete="CASCADE"),
    )
    op.add_column("thread_items", sa.Column("replaced_by", sa.Text()))
    op.drop_column("threads", "drafts")
