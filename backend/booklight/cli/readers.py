"""What the commands about one reader's data share: whose it is, and the store that keeps it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from booklight.auth.reader_ids import NotAReader, find_reader_id
from booklight.auth.secret import load_secret
from booklight.auth.tokens import Tokens
from booklight.cli.console import exit_on_errors, fail, read_settings
from booklight.errors import Unauthorized
from booklight.settings import Settings
from booklight.store.database import Database, StoreUnavailable, parse_database_url
from booklight.store.migrations import bring_up_to_date
from booklight.store.personal_data import PersonalDataStore

Returned = TypeVar("Returned")

OfReader = Annotated[
    str | None, typer.Option("--reader", metavar="TOKEN", help="Whose: their browser's token, or their id.")
]
OfThread = Annotated[str | None, typer.Option("--thread", metavar="ID", help="Which conversation, whoever's it is.")]


def on_store(
    reader: str | None,
    thread: str | None,
    of_reader: Callable[[PersonalDataStore, str], Awaitable[Returned]],
    of_thread: Callable[[PersonalDataStore, str], Awaitable[Returned]],
) -> Returned:
    """Return what `of_reader` does for a reader's id, or `of_thread` for a thread's; one has to be given."""
    settings = read_settings()

    async def work() -> Returned:
        database = await _open(settings)
        try:
            store = PersonalDataStore(database)
            return await (of_thread(store, thread) if thread else of_reader(store, _owner(settings, reader or "")))
        finally:
            await database.close()

    if (reader is None) == (thread is None):
        fail("give --reader or --thread, one of them")
    with exit_on_errors():
        try:
            return asyncio.run(work())
        except StoreUnavailable as error:
            fail(error)
        except (Unauthorized, NotAReader) as error:
            fail(f"--reader: {error}")


async def _open(settings: Settings) -> Database:
    url = parse_database_url(settings.database_url.get_secret_value())
    await bring_up_to_date(url)
    return Database(url)


def _owner(settings: Settings, reader: str) -> str:
    return find_reader_id(reader, Tokens(load_secret(settings)))
