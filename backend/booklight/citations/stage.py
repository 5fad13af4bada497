"""Turn the marks in an answer into annotations, on the events as they leave.

A label that was never handed out, or whose passage does not support what it stands behind, loses its link rather than
gaining a guess: its mark is dropped like any other.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Protocol

from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    URLSource,
)

from booklight.citations.marks import Mark, MarkReader, Piece, read_marks
from booklight.contracts import Passage

Absolute = Callable[[str], str]
MayCite = Callable[[Passage, str], bool]
"""Whether a passage supports what stands before a citation of it."""

_SNIPPET_LENGTH = 200
_FENCE_LINE = re.compile(r"^\s*(`{3,}|~{3,}).*$", re.MULTILINE)
_LINE_MARKUP = re.compile(r"^\s*(?:[-*+]\s+|\d+[.)]\s+|>\s?|#{1,6}\s+)", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"[*`]+")


class SiteAddress(Protocol):
    """Where the indexed book was built to be served: `https://host` and `/base/`."""

    @property
    def site_url(self) -> str: ...

    @property
    def base_url(self) -> str: ...


def absolute_url(site: SiteAddress, book_base_url: str | None, address: str) -> str:
    """Return `address`, as the index has it, as the URL that readers follow.

    `book_base_url` replaces the site's URL and baseUrl; a bare path in it replaces only the baseUrl. What stands on
    another domain, as a locale may, stays there.
    """
    path = address.removeprefix(site.site_url.rstrip("/"))
    if not path.startswith("/"):
        return address
    below = path.removeprefix(f"{site.base_url.rstrip('/')}/").lstrip("/")
    base = site.base_url if book_base_url is None else book_base_url
    if base.startswith("/"):
        base = site.site_url.rstrip("/") + base
    return f"{base.rstrip('/')}/{below}"


class _Part:
    """One part of one item's text, as it streams."""

    def __init__(self, reader: MarkReader) -> None:
        self.reader = reader
        self.annotations = 0
        self.text = ""


class Citer:
    """Rewrites events one by one, with every mark of an assistant's text taken out and made an annotation.

    `[^n]` means `passages[n - 1]`; more may be added meanwhile. `absolute` turns a passage's path into the URL
    that readers get. Positions count code points of the text as sent. What is uncertain of a part is held back between
    events, until its end at the latest. `may_cite` is given for a language model's answers: it is asked of
    every citation with the text before it, once, and marks are read in all the forms that such models write.
    """

    def __init__(self, passages: Sequence[Passage], absolute: Absolute, may_cite: MayCite | None = None) -> None:
        self._passages = passages
        self._absolute = absolute
        self._may_cite = None if may_cite is None else _asked_once(may_cite, passages)
        self._parts: dict[tuple[str, int], _Part] = {}
        # A part's whole text comes twice, with its own end and with its item's, and each time with all its marks.
        self._known = None if may_cite is None else passages.__len__
        self._read = lru_cache(maxsize=4)(lambda text: read_marks(text, self._known))
        self._sources: dict[int, URLSource] = {}

    def rewrite(self, event: ThreadStreamEvent) -> Iterable[ThreadStreamEvent]:
        """Yield what takes the place of `event`."""
        match event:
            case ThreadItemUpdatedEvent():
                yield from self._rewrite_update(event)
            case ThreadItemDoneEvent(item=AssistantMessageItem() as item):
                yield from self._finish_parts(item.id)
                yield event.model_copy(update={"item": self._cited_item(item)})
            case ThreadItemReplacedEvent(item=AssistantMessageItem() as item):
                self._forget(item.id)
                yield event.model_copy(update={"item": self._cited_item(item)})
            case ThreadItemAddedEvent(item=AssistantMessageItem() as item):
                self._forget(item.id)
                yield event
            case _:
                yield event

    def finish(self) -> Iterable[ThreadStreamEvent]:
        """Yield what is still held of parts that will have no end."""
        for item_id in {item_id for item_id, _ in self._parts}:
            yield from self._finish_parts(item_id)

    def _rewrite_update(self, event: ThreadItemUpdatedEvent) -> Iterable[ThreadStreamEvent]:
        match event.update:
            case AssistantMessageContentPartTextDelta() as update:
                piece = self._part(event.item_id, update.content_index).reader.read(update.delta)
                yield from self._cite_piece(event.item_id, update.content_index, piece)
            case AssistantMessageContentPartAdded() as update if update.content.text:
                piece = self._part(event.item_id, update.content_index).reader.read(update.content.text)
                empty = update.model_copy(update={"content": update.content.model_copy(update={"text": ""})})
                yield event.model_copy(update={"update": empty})
                yield from self._cite_piece(event.item_id, update.content_index, piece)
            case AssistantMessageContentPartAnnotationAdded() as update:
                part = self._part(event.item_id, update.content_index)
                numbered = update.model_copy(update={"annotation_index": part.annotations})
                part.annotations += 1
                yield event.model_copy(update={"update": numbered})
            case AssistantMessageContentPartDone() as update:
                yield from self._finish_part(event.item_id, update.content_index)
                done = update.model_copy(update={"content": self._cited(update.content)})
                yield event.model_copy(update={"update": done})
            case _:
                yield event

    def _finish_parts(self, item_id: str) -> Iterable[ThreadStreamEvent]:
        for _, index in [key for key in self._parts if key[0] == item_id]:
            yield from self._finish_part(item_id, index)

    def _finish_part(self, item_id: str, index: int) -> Iterable[ThreadStreamEvent]:
        """Yield what a part still held back, once."""
        part = self._parts.get((item_id, index))
        if part is not None:
            yield from self._cite_piece(item_id, index, part.reader.finish())
            del self._parts[item_id, index]

    def _cite_piece(self, item_id: str, index: int, piece: Piece) -> Iterable[ThreadStreamEvent]:
        """Yield `piece` as a text delta, if it has text, and an annotation for each of its marks."""
        if piece.text:
            delta = AssistantMessageContentPartTextDelta(content_index=index, delta=piece.text)
            yield ThreadItemUpdatedEvent(item_id=item_id, update=delta)
        part = self._part(item_id, index)
        part.text += piece.text
        for annotation in self._annotations(piece.marks, part.text):
            added = AssistantMessageContentPartAnnotationAdded(
                content_index=index, annotation_index=part.annotations, annotation=annotation
            )
            part.annotations += 1
            yield ThreadItemUpdatedEvent(item_id=item_id, update=added)

    def _cited_item(self, item: AssistantMessageItem) -> AssistantMessageItem:
        return item.model_copy(update={"content": [self._cited(content) for content in item.content]})

    def _cited(self, content: AssistantMessageContent) -> AssistantMessageContent:
        piece = self._read(content.text)
        annotations = [*content.annotations, *self._annotations(piece.marks, piece.text)]
        return content.model_copy(update={"text": piece.text, "annotations": annotations})

    def _annotations(self, marks: Iterable[Mark], text: str) -> list[Annotation]:
        return [self._annotation(mark) for mark in marks if self._holds(mark, text)]

    def _holds(self, mark: Mark, text: str) -> bool:
        if not 1 <= mark.label <= len(self._passages):
            return False
        return self._may_cite is None or self._may_cite(mark.label, text[: mark.index])

    def _annotation(self, mark: Mark) -> Annotation:
        if mark.label not in self._sources:
            self._sources[mark.label] = source_of(self._passages[mark.label - 1], self._absolute)
        return Annotation(source=self._sources[mark.label], index=mark.index)

    def _part(self, item_id: str, index: int) -> _Part:
        return self._parts.setdefault((item_id, index), _Part(MarkReader(self._known)))

    def _forget(self, item_id: str) -> None:
        for key in [key for key in self._parts if key[0] == item_id]:
            del self._parts[key]


def _asked_once(may_cite: MayCite, passages: Sequence[Passage]) -> Callable[[int, str], bool]:
    """Return `may_cite` by label. A citation is written three times, and what was shown of it holds."""
    return lru_cache(maxsize=256)(lambda label, before: may_cite(passages[label - 1], before))


def source_of(passage: Passage, absolute: Absolute) -> URLSource:
    """Return where a passage stands, as readers are shown it."""
    chunk = passage.chunk
    return URLSource(
        url=absolute(chunk.address),
        title=" ".join(
            filter(None, [chunk.heading or chunk.page_title, passage.elsewhere and f"({passage.elsewhere})"])
        ),
        group=chunk.chapter_title,
        description=_snippet(chunk.text),
    )


def _snippet(text: str) -> str | None:
    """Return the beginning of a passage as a reader sees it, on one line, cut between words."""
    plain = _LINK.sub(r"\1", _LINE_MARKUP.sub("", _FENCE_LINE.sub("", text)))
    words = " ".join(_EMPHASIS.sub("", plain).split())
    if len(words) <= _SNIPPET_LENGTH:
        return words or None
    return words[:_SNIPPET_LENGTH].rsplit(" ", 1)[0] + "…"
