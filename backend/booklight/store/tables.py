"""The tables that keep threads: their schema, and nothing about who may read them.

Each row's `sequence` counts up in the order rows were added; times can be equal, sequences cannot.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, MetaData, Table, false
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from booklight.store.columns import Moment, SafeJson, SafeText

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
_COUNTER = BigInteger().with_variant(Integer(), "sqlite")


class Row(SQLModel, registry=registry(metadata=metadata)):
    """Base of the tables below."""


class ThreadRow(Row, table=True):
    """A conversation of one reader.

    `turn_id` is the turn that holds the thread until `turn_expires`, in seconds by the database's clock; both are
    null when it is free. `stop_asked` tells that turn to end. `drafts` are the messages it has begun, as they were when
    it last renewed its lease, and until `followed_until` a reader is known to follow it from another worker.
    """

    __tablename__ = "threads"

    sequence: int | None = Field(default=None, sa_column=Column(_COUNTER, primary_key=True, autoincrement=True))
    id: str = Field(sa_column=Column(SafeText, nullable=False, unique=True))
    owner: str = Field(sa_type=SafeText)
    title: str | None = Field(default=None, sa_type=SafeText)
    status: dict[str, Any] = Field(sa_type=SafeJson)
    allowed_image_domains: list[str] | None = Field(default=None, sa_type=SafeJson)
    metadata_: dict[str, Any] = Field(sa_column=Column("metadata", SafeJson, nullable=False))
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment, index=True)
    turn_id: str | None = Field(default=None, sa_type=SafeText)
    turn_expires: float | None = None
    stop_asked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    followed_until: float | None = None
    drafts: list[Any] | None = Field(default=None, sa_type=SafeJson)

    __table_args__ = (Index(None, "owner", "sequence"),)


class ItemRow(Row, table=True):
    """A thread item. Its id is its own only within its thread, as models make up ids that repeat.

    `content` is the item as chatkit dumps it, without the columns beside it. `sources` are those its annotations
    name. `metadata` and `path` tell where a question was asked from.
    """

    __tablename__ = "thread_items"

    sequence: int | None = Field(default=None, sa_column=Column(_COUNTER, primary_key=True, autoincrement=True))
    id: str = Field(sa_type=SafeText)
    thread_id: str = Field(sa_column=Column(SafeText, ForeignKey("threads.id", ondelete="CASCADE"), nullable=False))
    type: str = Field(sa_type=SafeText)
    role: str = Field(sa_type=SafeText)
    content: dict[str, Any] = Field(sa_type=SafeJson)
    sources: list[Any] = Field(sa_type=SafeJson)
    metadata_: dict[str, Any] = Field(sa_column=Column("metadata", SafeJson, nullable=False))
    path: str | None = Field(default=None, sa_type=SafeText)
    created_at: datetime = Field(sa_type=Moment, index=True)

    __table_args__ = (
        Index(None, "thread_id", "id", unique=True),
        Index(None, "thread_id", "sequence"),
    )


class FeedbackRow(Row, table=True):
    """What a reader thought of one item; the last word counts."""

    __tablename__ = "feedback"

    thread_id: str = Field(sa_type=SafeText, primary_key=True)
    item_id: str = Field(sa_type=SafeText, primary_key=True)
    kind: str = Field(sa_type=SafeText)
    reason: str | None = Field(default=None, sa_type=SafeText)
    created_at: datetime = Field(sa_type=Moment)

    __table_args__ = (
        ForeignKeyConstraint(
            ["thread_id", "item_id"], ["thread_items.thread_id", "thread_items.id"], ondelete="CASCADE"
        ),
    )


class UsageRow(Row, table=True):
    """What one reader used of the model on one day; the reader without a name stands for all of them."""

    __tablename__ = "usage"

    day: str = Field(sa_type=SafeText, primary_key=True)
    owner: str = Field(sa_type=SafeText, primary_key=True)
    turns: int = Field(sa_type=BigInteger)
    tokens: int = Field(sa_type=BigInteger)


threads: Table = metadata.tables["threads"]
items: Table = metadata.tables["thread_items"]
feedback: Table = metadata.tables["feedback"]
usage: Table = metadata.tables["usage"]
