"""A small book made by hand: pages, chunks and ways to change them."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from booklight_ingest.chunks import Chunk
from booklight_ingest.pages import Book, Chapter, Page, Site

SITE = "https://book.example/"


def make_chunk(
    text: str,
    *,
    path: str = "/docs/setup/install",
    heading: str | None = None,
    title: str = "Install",
    chapter: int | None = 1,
    position: int = 0,
    site: str = SITE,
    locale: str = "en",
    docs_instance: str = "default",
    docs_version: str = "current",
) -> Chunk:
    anchor = heading.lower().replace(" ", "-") if heading else None
    parts = path.strip("/").split("/")
    return Chunk(
        id=str(
            uuid.uuid5(uuid.NAMESPACE_URL, f"{site} {locale} {docs_instance} {docs_version} {path}#{anchor}#{position}")
        ),
        path=path,
        url=path + (f"#{anchor}" if anchor else ""),
        anchor=anchor,
        heading=heading,
        breadcrumbs=("Guide", title, heading) if heading else ("Guide", title),
        page_title=title,
        chapter_number=chapter,
        chapter_path="/" + "/".join(parts[:-1]) if chapter else None,
        chapter_title="Setup",
        lesson_slug=parts[-1],
        source=f"{path.strip('/')}.mdx",
        position=position,
        text=text,
        token_count=len(text.split()),
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
        site=site,
        locale=locale,
        docs_instance=docs_instance,
        docs_version=docs_version,
    )


def rewritten(chunk: Chunk, text: str) -> Chunk:
    """Return the chunk as it would be after its author changed the text."""
    return replace(chunk, text=text, content_hash=hashlib.sha256(text.encode()).hexdigest())


def make_book(
    chunks: list[Chunk],
    *,
    commit: str | None = "abc1234",
    locale: str = "en",
    site: str = SITE,
    last: Sequence[str] = ("current",),
) -> Book:
    """Return a book of the pages that `chunks` stand on; `last` are the versions that are their instances' last."""
    address = urlsplit(site)
    pages = {
        chunk.path: Page(
            path=chunk.path,
            source=chunk.source,
            title=chunk.page_title,
            chapter=chunk.chapter_number,
            chapter_path=chunk.chapter_path,
            lesson=chunk.lesson_slug,
            docs_instance=chunk.docs_instance,
            docs_version=chunk.docs_version,
            last_version=chunk.docs_version in last,
            locale=chunk.locale,
        )
        for chunk in chunks
    }
    chapters = {page.chapter_path: page.chapter for page in pages.values() if page.chapter_path}
    return Book(
        version=1,
        site=Site(
            title="Guide",
            url=f"{address.scheme}://{address.netloc}",
            base_url=address.path,
            locale=locale,
            site_dir=".",
            commit=commit,
        ),
        chapters=tuple(Chapter(number=number, title="Chapter", path=path) for path, number in chapters.items()),
        pages=tuple(pages.values()),
    )


SENTENCES = (
    ("/docs/setup/install", 1, "Install", "Requirements", "Node.js 20 and Python 3.11 are needed to install it."),
    ("/docs/setup/install", 1, "Install", "Troubleshooting", "If npm install fails, remove node_modules and retry."),
    ("/docs/setup/configure", 1, "Configure", "Base URL", "Set baseUrl when the site lives in a subfolder."),
    ("/docs/setup/configure", 1, "Configure", "Environment", "Call `setChunkSize()` in docusaurus.config.js."),
    ("/docs/search/rank", 2, "Ranking", "Fusion", "Dense and sparse lists are scaled and added up."),
    ("/docs/search/rank", 2, "Ranking", "Boosts", "Passages of the reader's chapter are raised by a factor."),
    ("/docs/search/embed", 2, "Embedding", "Word vectors", "Token vectors are pooled by inverse document frequency."),
    ("/docs/search/embed", 2, "Embedding", "Batches", "Texts are sent to the provider in batches with retries."),
    ("/docs/ship/deploy", 3, "Deploy", "Docker", "Build the image and push it to a registry."),
    ("/docs/ship/deploy", 3, "Deploy", "Postgres", "Threads are kept in Postgres when several workers run."),
)


def small_book() -> list[Chunk]:
    """Return ten chunks on five pages in three chapters."""
    return [
        make_chunk(text, path=path, chapter=chapter, title=title, heading=heading)
        for path, chapter, title, heading, text in SENTENCES
    ]


def long_book(chunks: int, pages: int = 20) -> list[Chunk]:
    """Return many chunks of words that differ from chunk to chunk."""
    return [
        make_chunk(
            f"alpha{at} beta{at % 7} gamma{at % 13} the quick fox number {at} jumps over lazy dog {at % 5}",
            path=f"/docs/part{at % 3}/page{at % pages}",
            chapter=at % 3,
            title=f"Page {at % pages}",
            heading=f"Section {at}",
        )
        for at in range(chunks)
    ]
