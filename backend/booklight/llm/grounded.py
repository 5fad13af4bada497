"""The stage that holds a language model's answer against the passages: none is shown before a sentence rests on one.

A message is held until it has a citation that counts, or a sentence that stands in a passage nearly word for word. One
that ends without is shown as what it is: below a caveat, with the nearest passages behind it. Held text before a tool
call is not shown at all.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    NoticeEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)

from booklight.citations.stage import Absolute, source_of
from booklight.context import AnswerKind, TurnState
from booklight.llm.declining import declines, states_nothing
from booklight.llm.grounding import Sentence, find_support, sentences
from booklight.llm.notices import notices_of

_NEAREST_SHOWN = 3
_STOPS = (".", "!", "?", "。", "！", "？")
_STOPPING = frozenset({*_STOPS, "\n", " "})


class Grounded:
    """Passes on the events of one run whose answers rest on `turn.passages`; `question` is what was asked.

    `rewrite` takes the cited events one by one, and `settle` has to be called at the end of each call of the model.
    """

    def __init__(self, turn: TurnState, question: str, absolute: Absolute) -> None:
        self._turn, self._question, self._absolute = turn, question, absolute
        self._held: list[ThreadStreamEvent] = []
        self._item_id: str | None = None
        self._text = ""
        self._checked = 0
        self._cited = 0

    def rewrite(self, event: ThreadStreamEvent) -> Iterable[ThreadStreamEvent]:
        """Yield what is passed on of `event` now."""
        match event:
            case ThreadItemAddedEvent(item=AssistantMessageItem() as item):
                self._item_id, self._held = item.id, [event]
                self._text, self._checked, self._cited = "", 0, 0
                return []
            case ThreadItemRemovedEvent(item_id=item_id) if item_id == self._item_id:
                held, self._held, self._item_id = self._held, [], None
                return [] if held else [event]
            case ThreadItemUpdatedEvent(item_id=item_id) if item_id == self._item_id:
                return self._rewrite_update(event)
            case ThreadItemDoneEvent(item=AssistantMessageItem() as item) if item.id == self._item_id:
                shown = self._pass_on(self._cited_by_words(event))
                if not self._held:
                    # Before it is kept, so that what came of the turn is kept with it.
                    self._turn.answer = self._shown_kind()
                return shown
        return [event]

    def settle(self, *, calls: bool = False, refused: bool = False, whole: bool = True) -> Iterator[ThreadStreamEvent]:
        """Yield what is still held, now that a call of the model has ended, perhaps with `calls` of the tool."""
        if self._item_id is None:
            return
        if not whole and self._cited == 0:
            yield from self._pass_on(self._word_marks(self._item_id, 0, self._marks(self._text)))
        held, self._held = self._held, []
        if held and not calls:
            yield from self._show(held, refused=refused, whole=whole)
        elif not calls:
            self._turn.answer = "refused" if refused else self._shown_kind()
        self._item_id = None

    def _rewrite_update(self, event: ThreadItemUpdatedEvent) -> Iterable[ThreadStreamEvent]:
        match event.update:
            case AssistantMessageContentPartAnnotationAdded():
                self._cited += 1
                return self._release(event)
            case AssistantMessageContentPartTextDelta(delta=delta):
                self._text += delta
                if self._held and not _STOPPING.isdisjoint(delta) and self._is_supported():
                    return self._release(event)
            case AssistantMessageContentPartDone():
                return self._pass_on(self._cited_by_words(event))
            case _:
                pass
        return self._pass_on([event])

    def _is_supported(self) -> bool:
        """Say whether one of the sentences that have ended since the last look stands in a passage."""
        whole = [one for one in sentences(self._text) if one.end > self._checked and self._has_ended(one)]
        self._checked = whole[-1].end if whole else self._checked
        return any(find_support(one.text, self._turn.passages) is not None for one in whole)

    def _has_ended(self, sentence: Sentence) -> bool:
        return sentence.end < len(self._text) or sentence.text.endswith(_STOPS)

    def _pass_on(self, events: Iterable[ThreadStreamEvent]) -> Iterable[ThreadStreamEvent]:
        """Return `events`, or hold them with what is held; a citation among them releases it."""
        events = list(events)
        if not self._held:
            return events
        for event in events:
            self._hold(event)
        cited = any(_is_annotation(event) for event in events)
        return self._release() if cited else []

    def _hold(self, event: ThreadStreamEvent) -> None:
        """Hold an event, a piece of text together with the one before it."""
        match self._held[-1], event:
            case (
                ThreadItemUpdatedEvent(update=AssistantMessageContentPartTextDelta() as before),
                ThreadItemUpdatedEvent(update=AssistantMessageContentPartTextDelta() as piece),
            ) if before.content_index == piece.content_index:
                joined = piece.model_copy(update={"delta": before.delta + piece.delta})
                self._held[-1] = event.model_copy(update={"update": joined})
            case _:
                self._held.append(event)

    def _release(self, *events: ThreadStreamEvent) -> Sequence[ThreadStreamEvent]:
        for event in events:
            if self._held:
                self._hold(event)
        held, self._held = self._held, []
        return held or events

    def _cited_by_words(self, event: ThreadItemDoneEvent | ThreadItemUpdatedEvent) -> Iterator[ThreadStreamEvent]:
        """Yield the end of a part or a message that cites nothing, with citations where its sentences have support."""
        if self._cited > 0:
            yield event
            return
        content = _content_of(event)
        marks = self._marks(content.text)
        cited = content.model_copy(update={"annotations": marks})
        match event:
            case ThreadItemUpdatedEvent(update=AssistantMessageContentPartDone() as done):
                yield from self._word_marks(event.item_id, done.content_index, marks)
                yield event.model_copy(update={"update": done.model_copy(update={"content": cited})})
            case ThreadItemDoneEvent(item=AssistantMessageItem() as item):
                yield event.model_copy(update={"item": item.model_copy(update={"content": [cited]})})

    def _marks(self, text: str) -> list[Annotation]:
        """Return the citations of a text's sentences that stand in a passage nearly word for word."""
        passages = self._turn.passages
        return [
            Annotation(source=source_of(passages[label - 1], self._absolute), index=_stop(one))
            for one in sentences(text)
            if (label := find_support(one.text, passages)) is not None
        ]

    def _word_marks(self, item_id: str, index: int, marks: Sequence[Annotation]) -> Iterator[ThreadStreamEvent]:
        for place, mark in enumerate(marks):
            added = AssistantMessageContentPartAnnotationAdded(
                content_index=index, annotation_index=place, annotation=mark
            )
            yield ThreadItemUpdatedEvent(item_id=item_id, update=added)

    def _show(self, held: list[ThreadStreamEvent], *, refused: bool, whole: bool) -> Iterator[ThreadStreamEvent]:
        """Yield a message that no passage supports, as what it is."""
        self._turn.answer = self._kind(refused)
        if self._turn.answer != "uncited":
            yield from held
            return
        said = notices_of(self._turn.locale)
        yield NoticeEvent(level="warning", message=said.unsupported)
        before = f"{said.caveat}\n\n"
        behind, annotations = self._nearest(said.nearest, len(before) + len(self._text.rstrip()))
        content = AssistantMessageContent(text=before + self._text.rstrip() + behind, annotations=annotations)
        yield held[0]
        item = cast(AssistantMessageItem, cast(ThreadItemAddedEvent, held[0]).item)
        delta = AssistantMessageContentPartTextDelta(content_index=0, delta=content.text)
        yield ThreadItemUpdatedEvent(item_id=item.id, update=delta)
        yield from self._word_marks(item.id, 0, annotations)
        if whole:
            done = AssistantMessageContentPartDone(content_index=0, content=content)
            yield ThreadItemUpdatedEvent(item_id=item.id, update=done)
            yield ThreadItemDoneEvent(item=item.model_copy(update={"content": [content]}))

    def _shown_kind(self) -> AnswerKind:
        return "cited" if self._cited > 0 else "cited_by_words"

    def _kind(self, refused: bool) -> AnswerKind | None:
        if refused:
            return "refused"
        if states_nothing(self._text, self._question, self._turn.locale):
            return "not_covered" if declines(self._text, self._turn.locale) else None
        return "uncited"

    def _nearest(self, heading: str, length: int) -> tuple[str, list[Annotation]]:
        """Return the nearest passages as a list below `heading`, behind a text of `length`, each with its citation."""
        sources = [source_of(passage, self._absolute) for passage in self._turn.passages]
        shown = [*{source.url: source for source in sources}.values()][:_NEAREST_SHOWN]
        if not shown:
            return "", []
        text, annotations = f"\n\n{heading}\n", list[Annotation]()
        for source in shown:
            text += f"\n- {source.title}"
            annotations.append(Annotation(source=source, index=length + len(text)))
        return text, annotations


def _is_annotation(event: ThreadStreamEvent) -> bool:
    return isinstance(event, ThreadItemUpdatedEvent) and isinstance(
        event.update, AssistantMessageContentPartAnnotationAdded
    )


def _content_of(event: ThreadItemDoneEvent | ThreadItemUpdatedEvent) -> AssistantMessageContent:
    match event:
        case ThreadItemUpdatedEvent(update=AssistantMessageContentPartDone(content=content)):
            return content
        case ThreadItemDoneEvent(item=AssistantMessageItem(content=[content, *_])):
            return content
    return AssistantMessageContent(text="")


def _stop(sentence: Sentence) -> int:
    """Return where a citation of a sentence stands: right behind it."""
    return sentence.end - (len(sentence.text) - len(sentence.text.rstrip()))
