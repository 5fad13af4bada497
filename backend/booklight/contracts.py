"""Types of our own API: the page a reader is on, what they selected, and what a search returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from booklight_ingest.chunks import Chunk

MAX_QUESTION = 8_000
MAX_SELECTION = 20_000
MAX_EDITION_NAME = 200
MAX_ADDRESS = 2_000

# How the reranking of a search ended: `partly` is the first few sections in time, `late` fewer than that; `skipped` is
# a language that it does not know.
Reranked = Literal["done", "partly", "late", "busy", "skipped", "failed"]
Scope = Literal["current_page", "current_chapter", "full_book"]
Address = Annotated[str, Field(max_length=MAX_ADDRESS)]
EditionName = Annotated[str, Field(max_length=MAX_EDITION_NAME)]
SelectedText = Annotated[str, Field(max_length=MAX_SELECTION)]


class ApiModel(BaseModel):
    """A part of a request; unknown keys are ignored, as other clients may send more."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class PageContext(ApiModel):
    """Where the reader says they are. `path` wins over chapter and lesson when the index knows it.

    `locale` and `docs_instance` distinguish pages of the same path; values that the index does not know are ignored.
    """

    path: Address | None = None
    current_chapter: int | None = None
    current_lesson: Address | None = None
    locale: EditionName | None = None
    docs_instance: EditionName | None = None


NOWHERE = PageContext()
"""No page in particular."""


class Selection(ApiModel):
    """A passage the reader marked, and where it stands."""

    text: SelectedText
    path: Address | None = None
    anchor: Address | None = None


class SectionAddress(ApiModel):
    """Where a section stands: the path of its page, and its anchor; none is what precedes the first heading."""

    path: Address
    anchor: Address | None = None


class RequestMetadata(ApiModel):
    """The `metadata` of a native request; `about` is the section that a suggested question was made from."""

    page_context: PageContext = PageContext()
    selected_text: SelectedText | None = None
    selections: tuple[Selection, ...] = Field(default=(), max_length=10)
    scope: Scope | None = None
    about: SectionAddress | None = None
    reason: Annotated[str, Field(max_length=2_000)] | None = None
    path: Address | None = None
    session_id: Address | None = None


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is searched for, and where: `scope` filters, and is meant from `page`.

    `selection` is what the reader marked. `about` is the section that the question is known to ask about.
    """

    queries: Sequence[str]
    scope: Scope = "full_book"
    page: PageContext = NOWHERE
    selection: str | None = None
    about: SectionAddress | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that a search returned. `score` orders passages of one search and means nothing beyond it.

    `logit` is the cross-encoder's, where it has scored the passage: above 0 it rather answers than not. `also_on`
    counts the other pages within the scope that say the same.
    """

    chunk: Chunk
    score: float
    logit: float | None = None
    also_on: int = 0

    @property
    def elsewhere(self) -> str | None:
        """On how many other pages it stands, in words; None where it stands on this one alone."""
        return f"and on {self.also_on} more page{'s' * (self.also_on > 1)}" if self.also_on else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the book having an answer.

    `match` is the best BM25 score as a share of the question's summed IDF, from 0 to K1 + 1; `unknown` is the share of
    what the book does not have at all. `stranger` says that a name is part of that. `nearest` is the cosine of the
    nearest passage, None where the embedding's cosines are not those that the weights were fitted with.
    """

    match: float
    unknown: float
    stranger: bool
    nearest: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came back with.

    `passages` are best first and may be empty. `answerability` is between 0 and 1: how likely the book answers this.
    `found` says whether it is likely enough to answer from. `in_scope` is False when a filter left nothing.
    `addressed` says that the question names the section that stands first, by its heading or its address.
    `reranked` is None where there was no cross-encoder to ask, or nothing to order. `searched_for` is the first query
    as it was corrected, None where its spelling stands. `evidence` is what the answerability was estimated from, None
    where nothing tells.
    """

    passages: tuple[Passage, ...]
    answerability: float
    found: bool
    in_scope: bool = True
    addressed: bool = False
    reranked: Reranked | None = None
    searched_for: str | None = None
    evidence: Evidence | None = None


class ComponentStatus(BaseModel):
    """Whether a component of the sidecar is open, and if not, why."""

    ready: bool
    reason: str | None = None


class Readiness(BaseModel):
    """Whether questions can be answered, component by component."""

    ready: bool
    parts: dict[str, ComponentStatus]


class IndexStatus(BaseModel):
    """What the index was built from, and what answers. `model` is `extractive` when answers are quotations.

    `share_days` is how long an answer can be shared by a link, 0 where it cannot.
    """

    commit: str | None
    built_at: datetime
    pages: int
    chunks: int
    model: str
    embedding: str
    title: str
    share_days: int = 0


class AskedPlace(BaseModel):
    """A passage that a question was about, or that its answer cited.

    `anchor` is None above the first heading of the page, `text` where only its heading is known.
    """

    thread_id: str
    question: str
    anchor: str | None
    text: str | None
    asked_at: datetime
