"""Console output: results on standard output, progress and notes on standard error, nothing mixed."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from booklight.settings import Settings, SettingsError, load_settings
from booklight_ingest.errors import IngestError
from booklight_ingest.mdx import Problem
from booklight_ingest.passwords import mask_passwords

FOUND, MISUSE = 1, 2
NOTES_SHOWN = 20
# Where no terminal says how wide it is, lines are for files and logs.
WIDTH = 140

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show every note on the sources, not the first alone.")]
Rerank = Annotated[bool, typer.Option("--rerank/--no-rerank", help="Let the cross-encoder order the best anew.")]
# Takes how much is done, and of how much.
Progress = Callable[[int, int], None]

notes = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(document: Mapping[str, object]) -> None:
    """Print one JSON document on one line."""
    print_line(json.dumps(document, ensure_ascii=False, default=str))


def print_line(text: str) -> None:
    """Print a line of the result at once, also into a pipe that someone is following."""
    print(text, flush=True)


def print_table(table: Table) -> None:
    """Print a table, as wide as the terminal."""
    Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH).print(table)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write a file of lines, or end with one line that says why it cannot be."""
    try:
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")


def print_note(text: str) -> None:
    """Print a line on standard error, beside the result, without the passwords of URLs."""
    notes.print(mask_passwords(text), markup=False)


def print_notes(lines: Iterable[str]) -> None:
    """Print the first of many notes, and how many more there are."""
    listed = list(lines)
    for line in listed[:NOTES_SHOWN]:
        print_note(line)
    if len(listed) > NOTES_SHOWN:
        print_note(f"… and {len(listed) - NOTES_SHOWN} more")


def print_problems(problems: Iterable[Problem], verbose: bool) -> None:
    """Say what was not understood of a book's sources, file by file; without `verbose` the first, and how many more."""
    ordered = sorted(problems, key=lambda problem: (problem.file, problem.line))
    shown = ordered if verbose else ordered[:NOTES_SHOWN]
    for file, of_file in groupby(shown, key=lambda problem: problem.file):
        print_note(str(file))
        for problem in of_file:
            print_note(f"  {problem.line}: {problem.message}")
    if len(ordered) > len(shown):
        print_note(f"… and {len(ordered) - len(shown)} more: --verbose shows them all")


def fail(error: Exception | str) -> NoReturn:
    """End with one line on standard error that says what to do, and status 2."""
    print_note(f"booklight: {error}")
    raise typer.Exit(MISUSE)


@contextmanager
def exit_on_errors() -> Iterator[None]:
    """Turn errors that an author or operator can mend into one line and status 2."""
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


class _Speed(ProgressColumn):
    """How many are done in a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.0f}/s" if task.speed else "")


@contextmanager
def progress_bar(task: str) -> Iterator[Progress]:
    """Show a bar on a terminal, one line elsewhere; the function yielded moves it."""
    if not sys.stderr.isatty():
        print_note(f"{task} …")
        yield lambda done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Speed(), TimeRemainingColumn())
    with Bar(*columns, console=notes, transient=True) as progress:
        bar = progress.add_task(task, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)
