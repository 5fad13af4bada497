"""What a command says: results on standard output, progress and notes on standard error, nothing mixed."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from backend.settings import Settings, SettingsError, load_settings
from ingest.errors import IngestError

FOUND, MISUSE = 1, 2
NOTES_SHOWN = 20

notes = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(document: Mapping[str, object]) -> None:
    """Print one JSON document on one line."""
    print(json.dumps(document, ensure_ascii=False, default=str))


def note(text: str) -> None:
    """Say something that is not the result."""
    notes.print(text, markup=False)


def note_all(lines: Iterable[str]) -> None:
    """Say the first of many things, and how many more there are."""
    told = list(lines)
    for line in told[:NOTES_SHOWN]:
        note(line)
    if len(told) > NOTES_SHOWN:
        note(f"… and {len(told) - NOTES_SHOWN} more")


def fail(error: Exception | str) -> NoReturn:
    """End with one line on standard error that says what to do, and status 2."""
    note(f"booklight: {error}")
    raise typer.Exit(MISUSE)


@contextmanager
def told_errors() -> Iterator[None]:
    """Turn what an author or operator can mend into one line and status 2."""
    try:
        yield
    except (IngestError, SettingsError) as error:
        fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def read_settings() -> Settings:
    """Return the settings, or end with one line that names the one that is wrong."""
    try:
        return load_settings()
    except SettingsError as error:
        fail(error)


@contextmanager
def progress_bar(task: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal, one line elsewhere; the function yielded takes how much is done, and of how much."""
    if not sys.stderr.isatty():
        note(f"{task} …")
        yield lambda done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes, transient=True) as progress:
        bar = progress.add_task(task, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)
