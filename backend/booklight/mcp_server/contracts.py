"""What MCP tools take and return. The JSON Schemas that clients see are made from these classes."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from booklight.contracts import MAX_ADDRESS, MAX_EDITION_NAME, MAX_QUESTION, Scope

MAX_PASSAGES = 20

Address = Annotated[str, Field(min_length=1, max_length=MAX_ADDRESS)]
Named = Annotated[str, Field(min_length=1, max_length=MAX_EDITION_NAME)]


class ToolArguments(BaseModel):
    """Base of what tools take; an unknown argument is an error, since it would change nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EditionArguments(ToolArguments):
    """Which edition of the book is meant. Without any, it is the default locale's last version."""

    locale: Named | None = Field(None, description="A locale that list_chapters names, such as `en`.")
    version: Named | None = Field(None, description="A docs version that list_chapters names; by default the last.")
    instance: Named | None = Field(
        None, description="A docs instance that list_chapters names, where there are several."
    )


class SearchToolArguments(EditionArguments):
    """The arguments of `search_book`."""

    queries: list[Annotated[str, Field(min_length=1, max_length=MAX_QUESTION)]] = Field(
        min_length=1, max_length=3, description="One to three short searches, each in the book's likely words."
    )
    scope: Scope = Field(
        "full_book", description="current_page and current_chapter search there alone, and need `page`."
    )
    page: Address | None = Field(None, description="The URL of the page that the question is about; it is preferred.")
    limit: int = Field(8, ge=1, le=MAX_PASSAGES, description="How many passages to return at most.")


class ReadArguments(ToolArguments):
    """The arguments of `read_section`."""

    url: Address = Field(description="The URL of a page, or of a section of it, as the other tools return it.")
    start: int = Field(0, ge=0, description="Where to go on: `next` of the answer before.")


class ChapterArguments(EditionArguments):
    """The arguments of `list_chapters`."""


class FoundPassage(BaseModel):
    """A passage that a search found. Cite it by its `url`, which leads to the section itself."""

    url: str
    title: str
    breadcrumbs: list[str]
    text: str


class FoundPassages(BaseModel):
    """What `search_book` returns, best first.

    `found` says whether the book seems to answer, and `answerability` how likely that is, from 0 to 1.
    """

    found: bool
    answerability: float
    note: str | None = None
    passages: list[FoundPassage]


class SectionText(BaseModel):
    """A section, or a part of a long one, as Markdown. `heading` is None before a page's first heading."""

    url: str
    heading: str | None
    text: str


class ReadSections(BaseModel):
    """What `read_section` returns. `next` is where to go on, None at the end."""

    url: str
    page_title: str
    chapter: str | None
    sections: list[SectionText]
    next: int | None = None


class EditionEntry(BaseModel):
    """One version of one docs instance in one locale."""

    locale: str
    version: str
    instance: str
    last_version: bool


class PageEntry(BaseModel):
    """A page in the table of contents."""

    url: str
    title: str


class ChapterEntry(BaseModel):
    """A chapter in the table of contents; pages outside any chapter stand in one without a title."""

    number: int | None
    title: str | None
    pages: list[PageEntry]


class TableOfContents(BaseModel):
    """What `list_chapters` returns: the chapters of one edition in order of reading, and the editions there are."""

    book: str
    editions: list[EditionEntry]
    chapters: list[ChapterEntry]
