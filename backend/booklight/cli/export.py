"""`booklight export`: all that is kept of one reader, or one conversation, as one JSON document."""

from booklight.cli.console import Json, print_json
from booklight.cli.readers import OfReader, OfThread, on_store
from booklight.store.personal_data import PersonalDataStore


def run(reader: OfReader = None, thread: OfThread = None, json: Json = False) -> None:
    """Print it, with or without `--json`."""
    found = on_store(reader, thread, PersonalDataStore.export_reader, PersonalDataStore.export_thread)
    print_json(found.model_dump(mode="json"))
