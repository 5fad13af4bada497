"""`booklight index`: bring the index in step with the built book, once or, with `--watch`, whenever it changes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from booklight.cli.book import DEFAULT_PAGES, SourceFolder, locale_files, missing_locales, open_book
from booklight.cli.console import (
    Json,
    Progress,
    Verbose,
    exit_on_errors,
    fail,
    print_json,
    print_line,
    print_note,
    print_problems,
    progress_bar,
    read_settings,
)
from booklight.cli.polling import take_snapshot, wait_for_change
from booklight.search.connection import connect_embedder, index_location
from booklight.settings import Settings
from booklight_ingest.embed.embedder import DEFAULT
from booklight_ingest.embed.multilingual import EXTRA
from booklight_ingest.errors import IngestError
from booklight_ingest.index.sync import SyncReport, sync_books
from booklight_ingest.markdown_files import has_markdown, write_markdown
from booklight_ingest.mdx import Problem
from booklight_ingest.sources import BookSource, shown_files
from booklight_ingest.witnesses import Tally

# A provider or a Qdrant server that did not answer is asked again.
RETRY_SECONDS = 10.0

Builds = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[BUILD]...", help="The built folder, or a pages.json for each locale."),
]
Watch = Annotated[bool, typer.Option("--watch", help="Index again whenever the book changes, until interrupted.")]
Anew = Annotated[
    bool, typer.Option("--anew", help="Take nothing over from the index that is there, as from one that is damaged.")
]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What to say of the pages that were read: what was not understood, where their text is from, what of the site."""

    problems: list[Problem]
    tally: Tally
    site: list[str]

    def note_text(self) -> None:
        """Say where the text was taken from, and which pages have hardly any."""
        read = self.tally
        if read.from_source or read.from_html:
            print_note(f"Read {read.from_source} sections from the sources, {read.from_html} from the built HTML.")
        if read.nearly_empty:
            print_note(f"Nearly empty, so that nothing can be found in them: {', '.join(read.nearly_empty)}")


def run(
    build: Builds = None,
    source: SourceFolder = None,
    watch: Watch = False,
    anew: Anew = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Index the book, or go on indexing it, and say what was done."""
    settings = read_settings()
    given = build or [DEFAULT_PAGES]
    if watch and anew:
        fail("--watch goes on with the index that is there: run `booklight index --anew` before it")
    if watch:
        return _watch(settings, given, source, json, verbose)
    with exit_on_errors(), progress_bar("Indexing the book") as progress:
        site: list[str] = []
        sources = _open_all(given, source, site)
        report, reading = _sync(settings, sources, site, progress, anew=anew)
        _write_markdown(sources, report)
    _note(report, reading, verbose)
    reading.note_text()
    if advice := _advice(report, settings):
        print_note(advice)
    if json:
        return print_json(asdict(report))
    return print_line(_summary(report))


def _watch(settings: Settings, given: Sequence[Path], source: Path | None, json: bool, verbose: bool) -> None:
    """Index, tell it in a line, and wait for a change; what goes wrong is told once, and tried again."""
    watched = frozenset(_files(given))
    last_error: str | None = None
    told: list[str] = []
    try:
        while True:
            # Taken before they are read: what changes from here on is not in this run.
            seen = take_snapshot(watched)
            site: list[str] = []
            try:
                sources = _open_all(given, source, site)
                watched = frozenset(_files(given)).union(shown_files(sources))
                seen = {**take_snapshot(watched), **seen}
                told, site = site, [line for line in site if line not in told]
                report, reading = _sync(settings, sources, site, _silent)
                _write_markdown(sources, report)
                _tell_run(report, reading, json, verbose)
                last_error = None
            except IngestError as error:
                if str(error) != last_error:
                    print_note(f"booklight: {error}")
                last_error = str(error)
            wait_for_change(seen, RETRY_SECONDS if last_error else None)
    except (KeyboardInterrupt, SystemExit):
        # The second is how a signal to end arrives, see start.py.
        print_note("Stopped watching.")


def _tell_run(report: SyncReport, reading: _Reading, json: bool, verbose: bool) -> None:
    _note(report, reading, verbose)
    if json:
        print_json(asdict(report))
    else:
        print_line(f"{datetime.now():%H:%M:%S} {_summary(report)}")


def _note(report: SyncReport, reading: _Reading, verbose: bool) -> None:
    print_problems(reading.problems, verbose)
    for line in reading.site:
        print_note(line)
    if report.replaced:
        print_note(
            "An index of another version of Booklight was replaced: what was given is embedded anew, nothing else kept."
        )


def _advice(report: SyncReport, settings: Settings) -> str:
    """Return which embedding suits the book, or nothing where the one that is set does."""
    foreign = [language for language in report.languages if language != "en"]
    if settings.embedding != DEFAULT or not foreign:
        return ""
    return (
        f"The default embedding knows English alone; what is in `{'`, `'.join(foreign)}` here is found by its words. "
        f"BOOKLIGHT_EMBEDDING=multilingual finds it by its meaning too ({EXTRA})."
    )


def _files(given: Sequence[Path]) -> list[Path]:
    return [file for one in given for file in locale_files(one)]


def _open_all(given: Sequence[Path], source: Path | None, site: list[str]) -> list[BookSource]:
    """Open every locale, and add what there is to say of the site to `site`."""
    opened = [open_book(file, source, site.append) for file in _files(given)]
    site += [line for one in given for line in missing_locales(one)]
    return opened


def _sync(
    settings: Settings, sources: Sequence[BookSource], site: list[str], progress: Progress, *, anew: bool = False
) -> tuple[SyncReport, _Reading]:
    """Return what was done, and what there is to say of the pages that were read."""
    reading = _Reading([], Tally(), site)
    report = sync_books(
        sources,
        index_location(settings),
        connect_embedder(settings),
        progress,
        reading.problems.append,
        reading.tally,
        anew=anew,
    )
    return report, reading


def _write_markdown(sources: Sequence[BookSource], report: SyncReport) -> None:
    """Write what readers' assistants read of the build; where it cannot be written, the index is made all the same.

    It takes as long as reading the book once more, so it is left as it is where nothing has changed.
    """
    for source in sources:
        if not report.embedded and not report.deleted and has_markdown(source):
            continue
        try:
            write_markdown(source)
        except OSError as error:
            print_note(f"The book's Markdown was not written into {source.build}: {error.strerror}")


def _summary(report: SyncReport) -> str:
    counts = f"{report.embedded} embedded, {report.kept} kept, {report.deleted} deleted"
    return f"{report.pages} pages, {report.chunks} chunks: {counts}, in {report.seconds:.1f} s"


def _silent(done: int, total: int) -> None:
    """Show no progress: every run is printed in a line."""
