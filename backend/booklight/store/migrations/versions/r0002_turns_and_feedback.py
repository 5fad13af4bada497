"""The lease of a turn on its thread, and readers' feedback."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the lease's columns, all threads free, and the table of feedback."""
    op.add_column("threads", sa.Column("turn_id", sa.Text()))
    op.add_column("threads", sa.Column("turn_expires", sa.Float()))
    op.add_column("threads", sa.Column("stop_asked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "feedback",
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("thread_id", "item_id", name="pk_feedback"),
        sa.ForeignKeyConstraint(
            ["thread_id", "item_id"],
            ["thread_items.thread_id", "thread_items.id"],
            name="fk_feedback_thread_id_item_id",
            ondelete="CASCADE",
        ),
    )
