"""Which pages are read again, and that an index made by sparing the others is the one a fresh run would make."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from booklight_ingest import sources as sources_module
from booklight_ingest.chunks import Chunk
from booklight_ingest.embed.embedder import NoEmbedder
from booklight_ingest.embed.sentence_vectors import SentenceVectors
from booklight_ingest.errors import PagesUnreadable
from booklight_ingest.index.live import open_generations
from booklight_ingest.index.manifest import Manifest
from booklight_ingest.index.sync import SyncReport, sync_books
from booklight_ingest.mdx import Problem
from booklight_ingest.pages import Book, Chapter, Heading, Page, PageId, Site
from booklight_ingest.sources import BookSource, ReadBooks, read_books

INSTALL = """import Partial from './_partial.mdx'
import code from '!!raw-loader!@site/code/run.py'

Install it.

<Partial />

## Summary

Short.
"""
FILES = {
    "docs/install.mdx": INSTALL,
    "docs/_partial.mdx": "import Inner from './_inner.mdx'\n\nFrom a partial. <Inner />\n",
    "docs/_inner.mdx": "From a partial's partial.\n",
    "code/run.py": "print('run')\n",
    "docs/use.mdx": "Use it.\n\n## Summary\n\nShort.\n",
    "docs/ship.mdx": "Ship it.\n\n## Summary\n\nShort.\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name).write_text(text)
    return tmp_path / "site"


def page(name: str) -> Page:
    return Page(path=f"/docs/{name}", source=f"docs/{name}.mdx", title=name.title(), chapter=1, chapter_path="/docs")


def book(*names: str, commit: str = "abc", locale: str = "en") -> Book:
    base = "/" if locale == "en" else f"/{locale}/"
    site = Site(title="T", url="https://book.example", base_url=base, locale=locale, site_dir=".", commit=commit)
    chapter = Chapter(number=1, title="Docs", path="/docs")
    return Book(version=1, site=site, chapters=(chapter,), pages=tuple(map(page, names or ("install", "use", "ship"))))


def ids(*names: str, locale: str = "en") -> set[PageId]:
    site = "https://book.example/" if locale == "en" else f"https://book.example/{locale}/"
    return {PageId(site, locale, "default", "current", f"/docs/{name}") for name in names}


def read(given: Book, root: Path, before: ReadBooks | None = None) -> ReadBooks:
    return read_books([BookSource(given, root)], before.fingerprints if before else {})


def test_pages_that_have_not_changed_are_not_read(root: Path) -> None:
    first = read(book(), root)
    again = read(book(commit="def"), root, first)
    assert {chunk.path for chunk in first.chunks} == {"/docs/install", "/docs/use", "/docs/ship"}
    assert not again.chunks
    assert again.spared == ids("install", "use", "ship")
    assert again.fingerprints == first.fingerprints


@pytest.mark.parametrize("name", ["docs/install.mdx", "docs/_partial.mdx", "docs/_inner.mdx", "code/run.py"])
def test_a_page_is_read_again_when_a_file_it_shows_has_changed(root: Path, name: str) -> None:
    first = read(book(), root)
    (root / name).write_text(f"{FILES[name]}\nmore = 1\n")
    again = read(book(), root, first)
    assert {chunk.path for chunk in again.chunks} == {"/docs/install"}
    assert again.spared == ids("use", "ship")


def test_a_page_is_read_again_when_a_file_it_shows_comes_or_goes(root: Path) -> None:
    first = read(book("install"), root)
    (root / "docs/_inner.mdx").unlink()
    without = read(book("install"), root, first)
    (root / "docs/_inner.mdx").write_text(FILES["docs/_inner.mdx"])
    assert not without.spared
    assert not read(book("install"), root, without).spared


@pytest.mark.parametrize(
    ("changed", "spared"), [("<main><p>Used.</main>", False), ("<nav>New</nav><main><p>Use it.</main>", True)]
)
def test_a_page_is_read_again_when_its_own_part_of_the_html_has_changed(root: Path, changed: str, spared: bool) -> None:
    build = root / "build"
    (build / "docs").mkdir(parents=True)
    given, found = BookSource(book("use"), root, build), dict[PageId, str]()
    for html in ("<main><p>Use it.</main>", changed):
        (build / "docs/use.html").write_text(html)
        again = read_books([given], found)
        found = dict(again.fingerprints)
    assert again.spared == (ids("use") if spared else set())


ENTRIES: dict[str, Callable[[Book], Book]] = {
    "its title": lambda given: changed_page(given, title="Other"),
    "its headings": lambda given: changed_page(given, headings=(Heading(id="s", level=2, text="Summary"),)),
    "its lesson": lambda given: changed_page(given, lesson="other"),
    "its chapter's title": lambda given: given.model_copy(
        update={"chapters": (Chapter(number=1, title="Other", path="/docs"),)}
    ),
}


def changed_page(given: Book, **change: object) -> Book:
    return given.model_copy(update={"pages": (given.pages[0].model_copy(update=change),)})


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_page_is_read_again_when_docusaurus_says_something_else_of_it(root: Path, entry: str) -> None:
    first = read(book("use"), root)
    again = read(ENTRIES[entry](book("use")), root, first)
    assert not again.spared
    assert len(again.chunks) == 2


def test_all_pages_are_read_again_by_another_reader(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read(book(), root)
    monkeypatch.setattr(sources_module, "_package", lambda: "later")
    assert not read(book(), root, first).spared


def test_a_page_that_is_not_made_from_markdown_has_no_fingerprint(root: Path) -> None:
    given = changed_page(book("use"), source="src/pages/index.tsx")
    assert read(given, root) == ReadBooks((), frozenset(), {})


def test_a_page_with_neither_source_nor_html_is_left_out(root: Path) -> None:
    given = changed_page(book("use"), source=None)
    assert read(given, root) == ReadBooks((), frozenset(), {})


def index(given: Book, root: Path, folder: Path) -> SyncReport:
    return sync_books([BookSource(given, root)], folder, NoEmbedder())


def stored(folder: Path) -> tuple[Manifest, dict[str, Chunk]]:
    async def load() -> tuple[Manifest, dict[str, Chunk]]:
        generation = await open_generations(folder).open()
        chunks = {point.chunk.id: point.chunk async for points in generation.engine.scroll() for point in points}
        await generation.engine.close()
        return generation.manifest, chunks

    return asyncio.run(load())


CHANGES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "nothing": (("install", "use", "ship"), {}),
    "a text": (("install", "use", "ship"), {"docs/use.mdx": "Use it so.\n\n## Summary\n\nShort.\n"}),
    "a partial": (("install", "use", "ship"), {"docs/_inner.mdx": "Other.\n"}),
    "a page that goes": (("install", "use"), {}),
    "a page that comes": (("install", "use", "ship", "new"), {"docs/new.mdx": "New.\n\n## Summary\n\nLast.\n"}),
    "a page that loses its text": (("install", "use", "ship"), {"docs/ship.mdx": ""}),
    "a heading": (("install", "use", "ship"), {"docs/use.mdx": "Use it.\n\n## In short\n\nShort.\n"}),
    "the order": (("ship", "use", "install"), {}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_sparing_pages_makes_the_index_that_a_fresh_run_makes(root: Path, tmp_path: Path, change: str) -> None:
    (root / "docs/more.mdx").write_text("More.\n\n## Summary\n\nOf more.\n")
    names, files = CHANGES[change]
    index(book("install", "use", "ship", "more"), root, tmp_path / "index")
    for name, text in files.items():
        (root / name).write_text(text)
    index(book(*names, "more"), root, tmp_path / "index")
    index(book(*names, "more"), root, tmp_path / "fresh")
    (spared, chunks), (fresh, fresh_chunks) = stored(tmp_path / "index"), stored(tmp_path / "fresh")
    assert chunks == fresh_chunks
    assert {row.id: row for row in spared.rows} == {row.id: row for row in fresh.rows}
    assert (spared.pages, spared.fingerprints) == (fresh.pages, fresh.fingerprints)
    assert spared.counts.counts.tolist() == fresh.counts.counts.tolist()


def test_a_run_without_a_change_publishes_nothing_and_a_commit_is_published(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    first = index(book(), root, folder)
    pointer = (folder / "CURRENT").stat()
    again = index(book(), root, folder)
    assert replace(again, seconds=0) == replace(first, seconds=0, embedded=0, kept=first.chunks)
    assert (folder / "CURRENT").stat() == pointer
    index(book(commit="def"), root, folder)
    assert (folder / "CURRENT").stat() != pointer
    assert stored(folder)[0].info.commit == "def"


def test_each_locale_keeps_its_own_fingerprints(root: Path, tmp_path: Path) -> None:
    (root / "docs/fr.mdx").write_text("En français.")
    french = changed_page(book("fr", locale="fr"), locale="fr")
    index(book(), root, tmp_path / "index")
    index(french, root, tmp_path / "index")
    manifest, chunks = stored(tmp_path / "index")
    assert set(manifest.fingerprints) == ids("install", "use", "ship") | ids("fr", locale="fr")
    report = index(book(), root, tmp_path / "index")
    assert (report.embedded, report.deleted, report.chunks) == (0, 0, len(chunks))


def test_another_embedding_takes_the_pages_that_were_spared_along(root: Path, tmp_path: Path) -> None:
    first = index(book(), root, tmp_path / "index")
    report = sync_books([BookSource(book(), root)], tmp_path / "index", SentenceVectors())
    assert (report.embedded, report.kept) == (first.chunks, 0)
    assert len(stored(tmp_path / "index")[1]) == first.chunks


def test_what_was_not_understood_is_told_when_its_page_is_read(root: Path, tmp_path: Path) -> None:
    (root / "docs/use.mdx").write_text("Use it. {calculate()}\n")
    for told in (1, 0):
        problems = list[Problem]()
        sync_books([BookSource(book("use"), root)], tmp_path / "index", NoEmbedder(), report=problems.append)
        assert len(problems) == told


def test_a_source_that_is_gone_leaves_the_index_as_it_was(root: Path, tmp_path: Path) -> None:
    report = index(book(), root, tmp_path / "index")
    (root / "docs/use.mdx").unlink()
    with pytest.raises(PagesUnreadable, match=r"use\.mdx, the source of /docs/use, cannot be read"):
        index(book(), root, tmp_path / "index")
    assert len(stored(tmp_path / "index")[1]) == report.chunks


def test_sources_that_are_not_there_at_all_are_told_apart_from_one_that_is_gone(root: Path, tmp_path: Path) -> None:
    (root / "docs").rename(root / "elsewhere")
    with pytest.raises(PagesUnreadable, match="its folder is not either: put the book's sources where they were"):
        index(book(), root, tmp_path / "index")


def test_a_book_that_has_lost_all_its_text_leaves_the_index_as_it_was(root: Path, tmp_path: Path) -> None:
    report = index(book("use"), root, tmp_path / "index")
    (root / "docs/use.mdx").write_text("")
    for _ in range(2):
        with pytest.raises(PagesUnreadable, match="left as it was"):
            index(book("use"), root, tmp_path / "index")
    assert len(stored(tmp_path / "index")[1]) == report.chunks
