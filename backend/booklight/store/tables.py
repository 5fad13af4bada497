"""The tables that keep threads, and column types that behave alike on SQLite and on Postgres.

Nothing here is about who may read a row. Each row's `sequence` counts up in the order rows were added; times can be
equal, sequences cannot.
"""

import math
import re
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import registry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
_COUNTER = BigInteger().with_variant(Integer(), "sqlite")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"

Values = dict[str, Any]
"""What is written into a row, by column, and the parameters of a statement, by name."""


class SafeText(TypeDecorator[str]):
    """Text of any origin. What a database refuses, NUL and lone surrogates, is stored as U+FFFD.

    Replaced one for one, so that positions in the text, such as those of annotations, stay right.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _storable_text(value)


class SafeJson(TypeDecorator[JsonValue]):
    """JSON of any origin, JSONB on Postgres; its texts are treated as SafeText does, NaN and infinities become null."""

    impl = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: JsonValue, dialect: Dialect) -> JsonValue:
        return _storable(value)


class Moment(TypeDecorator[datetime]):
    """A point in time: aware UTC in the database and in Python; a naive one is taken as local time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class database_seconds(FunctionElement[float]):
    """The database's clock in seconds since 1970: one clock for all workers, whatever their own say."""

    type = Float()
    inherit_cache = True


def current_moment() -> datetime:
    """Return the time by this process's clock; good enough for what is counted in days."""
    return datetime.now(UTC)


@compiles(database_seconds, "postgresql")
def _postgres_seconds(element: database_seconds, compiler: SQLCompiler, **options: object) -> str:
    return "EXTRACT(EPOCH FROM clock_timestamp())::float8"


@compiles(database_seconds, "sqlite")
def _sqlite_seconds(element: database_seconds, compiler: SQLCompiler, **options: object) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


class StoredRow(SQLModel, registry=registry(metadata=metadata)):
    """Base of the tables below."""


class ThreadRow(StoredRow, table=True):
    """A conversation of one reader.

    `turn_id` is the turn that holds the thread until `turn_expires`, in seconds by the database's clock; both are
    null when it is free. `stop_asked` cancels that turn, and until `followed_until` a reader is known to follow it
    from another worker.
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

    __table_args__ = (Index(None, "owner", "sequence"),)


class ItemRow(StoredRow, table=True):
    """A thread item. Its id is its own only within its thread, as models make up ids that repeat.

    `content` is the item as chatkit dumps it, without the columns beside it. `sources` are those its annotations
    name. `metadata` and `path` are where a question was asked from. `replaced_by` is the turn that answers the question
    before it again, until that has begun to keep its answer: the item is hidden, and comes back if it never does.
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
    replaced_by: str | None = Field(default=None, sa_type=SafeText)
    created_at: datetime = Field(sa_type=Moment, index=True)

    __table_args__ = (
        Index(None, "thread_id", "id", unique=True),
        Index(None, "thread_id", "sequence"),
    )


class TurnEventsRow(StoredRow, table=True):
    """Events of a turn as its viewers were sent them, as JSON, one a line; `first` is the number of the first of them.

    Kept while the turn holds its thread, and where it was followed from another worker, for a while after that.
    """

    __tablename__ = "turn_events"

    thread_id: str = Field(sa_column=Column(SafeText, ForeignKey("threads.id", ondelete="CASCADE"), primary_key=True))
    turn_id: str = Field(sa_type=SafeText, primary_key=True)
    first: int = Field(primary_key=True)
    events: str = Field(sa_type=SafeText)


class FeedbackRow(StoredRow, table=True):
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


class ShareRow(StoredRow, table=True):
    """A link to one answer, for whoever has it. `digest` is the SHA-256 of its id, which is kept nowhere."""

    __tablename__ = "shares"

    digest: str = Field(sa_type=SafeText, primary_key=True)
    thread_id: str = Field(sa_type=SafeText)
    item_id: str = Field(sa_type=SafeText)
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)

    __table_args__ = (
        ForeignKeyConstraint(
            ["thread_id", "item_id"], ["thread_items.thread_id", "thread_items.id"], ondelete="CASCADE"
        ),
        Index(None, "thread_id", "item_id"),
    )


class UsageRow(StoredRow, table=True):
    """What one reader used of the model on one day; the reader without a name stands for all of them."""

    __tablename__ = "usage"

    day: str = Field(sa_type=SafeText, primary_key=True)
    owner: str = Field(sa_type=SafeText, primary_key=True)
    turns: int = Field(sa_type=BigInteger)
    tokens: int = Field(sa_type=BigInteger)


threads: Table = metadata.tables["threads"]
items: Table = metadata.tables["thread_items"]
turn_events: Table = metadata.tables["turn_events"]
feedback: Table = metadata.tables["feedback"]
shares: Table = metadata.tables["shares"]
usage: Table = metadata.tables["usage"]


def _storable_text(text: str) -> str:
    return _UNSTORABLE.sub(_REPLACEMENT, text)


def _storable(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return _storable_text(value)
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [_storable(part) for part in value]
        case dict():
            return {_storable_text(key): _storable(part) for key, part in value.items()}
    return value
