"""The built book that a command is given: its pages.json, the folder of its sources, and its chunks."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from booklight_ingest.book_language import as_written, plain_language
from booklight_ingest.chunks import Chunk, split_book
from booklight_ingest.mdx import Problem
from booklight_ingest.pages import load_book, source_root
from booklight_ingest.sources import BookSource

# Takes a line that is to be said.
Note = Callable[[str], None]

LANGUAGE_NAMES = {
    **{"ar": "Arabic", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English"},
    **{"es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi"},
    **{"hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch"},
    **{"no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish"},
    **{"th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese"},
}
DEFAULT_PAGES = Path("book/build/booklight/pages.json")

PagesJson = Annotated[Path, typer.Argument(metavar="[PAGES_JSON]", help="Written by the site plugin into the build.")]
SourceFolder = Annotated[Path | None, typer.Option("--source", help="The site's folder, where pages.json errs.")]


def locale_files(given: Path) -> list[Path]:
    """Return the `pages.json` of each locale in a build folder, the one at its root first; a file is returned as it is.

    A folder without any is answered with where the first is expected.
    """
    if not given.is_dir():
        return [given]
    root, others = given / "booklight/pages.json", sorted(given.glob("*/booklight/pages.json"))
    return [root, *others] if root.exists() or not others else others


def missing_locales(given: Path) -> Iterator[str]:
    """Yield a line for each locale that the sites in a build folder have and the folder has not."""
    sites = [load_book(file).site for file in locale_files(given)] if given.is_dir() else []
    for locale in dict.fromkeys(locale for site in sites for locale in site.locales):
        if locale not in {site.locale for site in sites}:
            yield (
                f"{given} has no pages of the site's locale {locale}: build it too, `docusaurus build` without --locale"
                f" builds all."
            )


def open_book(pages_json: Path, source: Path | None, note: Note | None = None) -> BookSource:
    """Return a book, the folder of its sources and the one it was built into. Raises PagesUnreadable.

    A book that is plainly written in another language than its locale says is taken for what it is, and `note` is told.
    """
    book = load_book(pages_json)
    opened = BookSource(book, source_root(book, pages_json, source), build_folder(pages_json))
    language = plain_language(opened)
    if language is None:
        return opened
    if note:
        note(_mend_locale(language, book.site.locale))
    return as_written(opened, language)


def _mend_locale(language: str, said: str) -> str:
    name = LANGUAGE_NAMES.get(language, language)
    line = f'i18n: {{ defaultLocale: "{language}", locales: ["{language}"] }}'
    return (
        f"The text looks {name}, and the site's locale is {said}: put `{line}` into docusaurus.config and build again."
        f" It is searched as {name} meanwhile."
    )


def build_folder(pages_json: Path) -> Path:
    """Return the folder that the site was built into; where none was, it holds no page's HTML."""
    return pages_json.resolve().parent.parent


def split(opened: BookSource, problems: list[Problem]) -> Iterator[Chunk]:
    """Yield the chunks of a book, and add what was not understood of its pages to `problems`."""
    return split_book(opened.book, opened.root, build=opened.build, report=problems.append)
