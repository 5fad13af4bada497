"""`booklight forget`: all that is kept of one reader, or one conversation, deleted for good."""

from booklight.cli.console import Json, print_json
from booklight.cli.readers import OfReader, OfThread, on_store
from booklight.store.personal_data import PersonalDataStore


def run(reader: OfReader = None, thread: OfThread = None, json: Json = False) -> None:
    """Delete it, and say how many conversations it was."""
    deleted = on_store(reader, thread, PersonalDataStore.forget_reader, PersonalDataStore.forget_thread)
    if json:
        return print_json({"deleted": deleted})
    print(f"{deleted} conversations deleted")
    return None
