"""Chunks: the pieces of a page that are embedded, found and cited."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chunk:
    """A section of a page, or a part of a long one, with all that a citation needs.

    `text` is CommonMark as a reader sees it: no JSX, no ESM. `anchor` and `heading` are None for what stands before
    the page's first heading. `breadcrumbs` are the page's own, its title, then the headings above and including this
    one. `position` counts the chunks of a page that share an anchor, from 0. `id` is a UUIDv5 of path, anchor and
    position; `content_hash` covers everything that is stored or embedded. `token_count` counts words and punctuation.
    """

    id: str
    path: str
    url: str
    anchor: str | None
    heading: str | None
    breadcrumbs: tuple[str, ...]
    page_title: str
    chapter_number: int | None
    chapter_path: str | None
    chapter_title: str | None
    lesson_slug: str | None
    source: str
    position: int
    text: str
    token_count: int
    content_hash: str
    docs_version: str
    locale: str
