"""Which revision of the schema a database has, read without Alembic, which takes long to import.

Alembic is imported only where there is something to migrate.
"""

from pathlib import Path
from typing import Literal

from sqlalchemy import URL, Connection, column, inspect, select, table
from sqlalchemy.pool import NullPool

from booklight.store.database import StoreUnavailable, create_engine, describe_failures

Comparison = Literal["empty", "current", "older", "newer", "unreleased"]
"""How a database's schema compares with today's; `unreleased` is that of a version before the first release."""

_VERSIONS = Path(__file__).parent / "migrations/versions"
_AT = table("alembic_version", column("version_num"))


async def bring_up_to_date(url: URL) -> Comparison:
    """Bring the database at `url` to today's schema and say how it was before.

    Raises StoreUnavailable, for a database of a newer version and of one before the first release too.
    """
    before = await compare_revision(url)
    match before:
        case "newer":
            raise StoreUnavailable(f"The database {url} was made by a newer Booklight: install that version")
        case "unreleased":
            raise StoreUnavailable(
                f"The database {url} was made by a development version before the first release, and cannot be"
                " migrated: move it away or drop its tables, or name another one in BOOKLIGHT_DATABASE_URL"
            )
        case "empty" | "older":
            from booklight.store.migrations import upgrade

            await upgrade(url)
    return before


async def compare_revision(url: URL) -> Comparison:
    """Say how the schema of the database at `url` compares with today's; changes nothing. Raises StoreUnavailable."""
    engine = create_engine(url, poolclass=NullPool)
    only_reading = engine.execution_options(isolation_level="AUTOCOMMIT")
    try:
        async with describe_failures(url), only_reading.connect() as connection:
            return _compare(await connection.run_sync(_read_revision))
    finally:
        await engine.dispose()


def known_revisions() -> list[str]:
    """Return all revisions in their order: the names of their files up to the first underscore."""
    return sorted(file.stem.partition("_")[0] for file in _VERSIONS.glob("r*.py"))


def _compare(revision: str | None) -> Comparison:
    known = known_revisions()
    if revision is None:
        return "empty"
    if not revision.startswith("r"):
        return "unreleased"
    if revision not in known:
        return "newer"
    return "current" if revision == known[-1] else "older"


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_AT.name):
        return None
    return connection.scalar(select(_AT.c.version_num))
