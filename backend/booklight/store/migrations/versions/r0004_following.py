"""What a worker needs to follow a turn that another one runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; no turn is followed, and nothing of one is kept."""
    op.add_column("threads", sa.Column("followed_until", sa.Float()))
    op.add_column("threads", sa.Column("drafts", sa.JSON().with_variant(JSONB(), "postgresql")))
