"""What crosses the wire of shared answers. What is not named here is not shown."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from booklight.contracts import Address, ApiModel

Id = Annotated[Address, Field(min_length=1)]


class AnswerAddress(ApiModel):
    """An answer of the reader who asks: its conversation, and its own id there."""

    thread_id: Id
    item_id: Id


class ShareLink(BaseModel):
    """A link that was made: `/assistant/shared/ID` shows the answer until it expires."""

    id: str
    expires_at: datetime


class ShareState(BaseModel):
    """How many links to an answer hold, and until when the last of them does; None where there is none."""

    links: int
    expires_at: datetime | None


class LinksEnded(BaseModel):
    """How many links were ended."""

    ended: int


class SharedSource(BaseModel):
    """A page or section that an answer cites; `description` is how its passage begins."""

    type: Literal["url"]
    title: str
    url: str
    group: str | None = None
    description: str | None = None


class SharedCitation(BaseModel):
    """A source at a place in a text; `index` counts code points, and none is the whole."""

    type: Literal["annotation"]
    source: SharedSource
    index: int | None = None


class SharedPart(BaseModel):
    """A part of an answer, in Markdown, as the chat protocol has it."""

    type: Literal["output_text"]
    text: str
    annotations: list[SharedCitation]


class SharedAnswer(BaseModel):
    """A question with its answer: all that whoever has the link sees.

    `quoted_text` is the selection that the question shows. `notices` are said of the answer, and `cut` says that it
    ended early. `page_url` is the page of the book where it was asked, or the book's first; it and the title are None
    while there is no index. `language` is the one of that page.
    """

    question: str
    quoted_text: str | None = None
    content: list[SharedPart]
    notices: list[str]
    cut: bool
    book_title: str | None = None
    page_url: str | None = None
    language: str
    expires_at: datetime
