"""Which revision a database is at, told without Alembic, which a start need not import for it."""

from pathlib import Path
from typing import Literal

from sqlalchemy import URL, Connection, column, inspect, select, table
from sqlalchemy.pool import NullPool

from booklight.store.database import create_engine, describe_failures

Comparison = Literal["empty", "current", "older", "newer"]

_VERSIONS = Path(__file__).parent / "migrations/versions"
_AT = table("alembic_version", column("version_num"))


async def compare_revision(url: URL) -> Comparison:
    """Say how the schema of the database at `url` compares with today's; changes nothing. Raises StoreUnavailable."""
    engine = create_engine(url, poolclass=NullPool)
    only_reading = engine.execution_options(isolation_level="AUTOCOMMIT")
    try:
        async with describe_failures(url), only_reading.connect() as connection:
            present = await connection.run_sync(_read_revision)
    finally:
        await engine.dispose()
    known = known_revisions()
    if present is None:
        return "empty"
    if present not in known:
        return "newer"
    return "current" if present == known[-1] else "older"


async def bring_up_to_date(url: URL) -> Comparison:
    """Bring the database at `url` to today's schema and say how it was before. Raises StoreUnavailable."""
    before = await compare_revision(url)
    if before != "current":
        from booklight.store.migrations import upgrade

        await upgrade(url)
    return before


def known_revisions() -> list[str]:
    """Return all revisions in their order. Each is in a file of its own, which begins with `r` and its number."""
    return sorted(file.stem[1:].partition("_")[0] for file in _VERSIONS.glob("r*.py"))


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_AT.name):
        return None
    return connection.scalar(select(_AT.c.version_num))
