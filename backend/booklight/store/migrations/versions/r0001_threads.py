"""Threads, their items and readers' feedback on them, and what the model was used for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "r0001"
down_revision = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the four tables."""
    _create_threads()
    _create_items()
    _create_feedback()
    _create_usage()


def _create_threads() -> None:
    op.create_table(
        "threads",
        sa.Column("sequence", _COUNTER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("status", _JSON, nullable=False),
        sa.Column("allowed_image_domains", _JSON),
        sa.Column("metadata", _JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("turn_id", sa.Text()),
        sa.Column("turn_expires", sa.Float()),
        sa.Column("stop_asked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("followed_until", sa.Float()),
        sa.Column("drafts", _JSON),
        sa.PrimaryKeyConstraint("sequence", name="pk_threads"),
        sa.UniqueConstraint("id", name="uq_threads_id"),
    )
    op.create_index("ix_threads_owner_sequence", "threads", ["owner", "sequence"])
    op.create_index("ix_threads_updated_at", "threads", ["updated_at"])


def _create_items() -> None:
    op.create_table(
        "thread_items",
        sa.Column("sequence", _COUNTER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("sources", _JSON, nullable=False),
        sa.Column("metadata", _JSON, nullable=False),
        sa.Column("path", sa.Text()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_thread_items"),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name="fk_thread_items_thread_id", ondelete="CASCADE"),
    )
    op.create_index("ix_thread_items_thread_id_id", "thread_items", ["thread_id", "id"], unique=True)
    op.create_index("ix_thread_items_thread_id_sequence", "thread_items", ["thread_id", "sequence"])
    op.create_index("ix_thread_items_created_at", "thread_items", ["created_at"])


def _create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("thread_id", "item_id", name="pk_feedback"),
        sa.ForeignKeyConstraint(
            ["thread_id", "item_id"],
            ["thread_items.thread_id", "thread_items.id"],
            name="fk_feedback_thread_id_item_id",
            ondelete="CASCADE",
        ),
    )


def _create_usage() -> None:
    op.create_table(
        "usage",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("turns", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "owner", name="pk_usage"),
    )
