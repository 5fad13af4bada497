"""`booklight prune`: conversations that nothing was added to for some days, deleted."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from booklight.cli.console import Json, exit_on_errors, fail, print_json, read_settings
from booklight.store.database import StoreUnavailable
from booklight.store.threads import prune_threads


def run(
    older_than: Annotated[int, typer.Option(min=1, metavar="DAYS", help="Days without a question or an answer.")],
    json: Json = False,
) -> None:
    """Delete them and print how many they were."""
    database_url = read_settings().database_url.get_secret_value()
    with exit_on_errors():
        try:
            deleted = asyncio.run(prune_threads(database_url, timedelta(days=older_than)))
        except StoreUnavailable as error:
            fail(error)
    if json:
        return print_json({"deleted": deleted})
    print(f"{deleted} conversations deleted")
    return None
