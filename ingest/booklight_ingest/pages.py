"""`pages.json`: what Docusaurus knows about a book's pages, as the site plugin wrote it down.

Nothing else in Booklight works out a URL, an anchor or a chapter number; it is read from here.
"""

from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from booklight_ingest.errors import PagesUnreadable


class Edition(NamedTuple):
    """What belongs together: one version of one docs instance, in one locale of one site (origin and baseUrl)."""

    site: str
    locale: str
    docs_instance: str
    docs_version: str


class PageId(NamedTuple):
    """What tells a page from every other: its edition, and its path there."""

    site: str
    locale: str
    docs_instance: str
    docs_version: str
    path: str

    @property
    def edition(self) -> Edition:
        """The edition that the page belongs to."""
        return Edition(*self[:4])


class PagesObject(BaseModel):
    """One object of `pages.json`: camelCase on disk, immutable in memory."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Heading(PagesObject):
    """A heading of the built page that can be linked to, in document order."""

    id: str
    level: int = Field(ge=1, le=6)
    text: str


class Chapter(PagesObject):
    """A sidebar category or folder of pages. `path` identifies it, since numbers may repeat."""

    number: int | None
    title: str
    path: str


class Page(PagesObject):
    """One MDX file at one permalink.

    `path` is the route as served, percent-encoded once. `source` is relative to the site's folder, and None for a page
    that was made from none. `last_version` says that the page is of its docs instance's last version, or of an instance
    without versions. `format` is what Docusaurus compiled the source as, None where its ending decides.
    `headings` is None where no HTML has been built, and then anchors have to be worked out. `listed` is False for a
    page that the site keeps out of its sitemap.
    """

    path: str
    source: str | None
    title: str
    chapter: int | None = None
    chapter_path: str | None = None
    lesson: str | None = None
    breadcrumbs: tuple[str, ...] = ()
    docs_instance: str = "default"
    docs_version: str = "current"
    last_version: bool = True
    locale: str = "en"
    format: Literal["mdx", "md"] | None = None
    headings: tuple[Heading, ...] | None = None
    listed: bool = True


class Site(PagesObject):
    """The site the pages belong to. `site_dir` is relative to the file it was read from.

    `locales` are all of its configuration, or none where that is not known. `markdown` says whether the build is to
    hold the book as Markdown too.
    """

    title: str
    url: str
    base_url: str
    locale: str
    site_dir: str
    commit: str | None = None
    locales: tuple[str, ...] = ()
    markdown: bool = False

    @property
    def address(self) -> str:
        """Where the site is served, its origin and baseUrl in one: `https://book.example/base/`."""
        return self.url.rstrip("/") + self.base_url


class Book(PagesObject):
    """One `pages.json`: a site in one locale, its chapters and its pages, in reading order."""

    version: Literal[1]
    site: Site
    chapters: tuple[Chapter, ...] = ()
    pages: tuple[Page, ...]

    def page_id(self, page: Page) -> PageId:
        """Return what tells `page` of this book from the pages of every book."""
        return PageId(self.site.address, page.locale, page.docs_instance, page.docs_version, page.path)


def load_book(pages_json: Path) -> Book:
    """Read and validate `pages_json`. Raises PagesUnreadable."""
    try:
        return Book.model_validate_json(pages_json.read_bytes())
    except FileNotFoundError:
        raise PagesUnreadable(f"{pages_json} does not exist: build the book first, or name its pages.json") from None
    except OSError as error:
        raise PagesUnreadable(f"{pages_json} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the document"
        raise PagesUnreadable(f"{pages_json} is not a pages.json of version 1: {place}: {first['msg']}") from error


def source_root(book: Book, pages_json: Path, override: Path | None = None) -> Path:
    """Return the folder that page sources are relative to. Raises PagesUnreadable when it is not there."""
    root = override or (pages_json.parent / book.site.site_dir).resolve()
    if not root.is_dir():
        raise PagesUnreadable(f"{root} is not a folder: name the site's folder with --source DIR")
    return root
