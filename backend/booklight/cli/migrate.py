"""`booklight migrate`: the database, brought to today's schema."""

import asyncio

from booklight.cli.console import Json, exit_on_errors, fail, print_json, read_settings
from booklight.store.database import StoreUnavailable, parse_database_url
from booklight.store.migrations import bring_up_to_date


def run(json: Json = False) -> None:
    """Migrate, and print which schema the database had."""
    settings = read_settings()
    with exit_on_errors():
        try:
            before = asyncio.run(bring_up_to_date(parse_database_url(settings.database_url.get_secret_value())))
        except StoreUnavailable as error:
            fail(error)
    if json:
        return print_json({"before": before})
    print(f"The database is at today's schema {'already' if before == 'current' else 'now'}")
    return None
