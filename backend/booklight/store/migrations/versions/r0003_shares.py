"""Links to shared answers."""

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add their table."""
    op.create_table(
        "shares",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_shares"),
        sa.ForeignKeyConstraint(
            ["thread_id", "item_id"],
            ["thread_items.thread_id", "thread_items.id"],
            name="fk_shares_thread_id_item_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_shares_thread_id_item_id", "shares", ["thread_id", "item_id"])
