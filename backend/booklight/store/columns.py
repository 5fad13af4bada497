"""Column types that behave alike on SQLite and on Postgres."""

import math
import re
from datetime import UTC, datetime

from pydantic import JsonValue
from sqlalchemy import JSON, DateTime, Dialect, Float, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


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
