"""A model whose calls are measured: one span for each step of an answer, with its tokens and without its words."""

from collections.abc import AsyncIterator
from typing import Any

from agents import Model
from agents.items import TResponseStreamEvent
from openai import OpenAIError
from openai.types.responses import ResponseCompletedEvent, ResponseUsage

from booklight.llm.wrapped_model import WrappedModel
from booklight.ops.spans import Span, Spans


class MeasuredModel(WrappedModel):
    """Calls `model`, whose public name is `name`."""

    def __init__(self, model: Model, name: str, spans: Spans) -> None:
        super().__init__(model)
        self._name = name
        self._spans = spans

    async def stream_response(self, *given: Any, **named: Any) -> AsyncIterator[TResponseStreamEvent]:
        """Call the model, and measure until its last event or its failure."""
        with self._spans.measure_apart("model") as span:
            span.note(model=self._name)
            try:
                async for event in super().stream_response(*given, **named):
                    match event:
                        case ResponseCompletedEvent(response=response):
                            _note_usage(span, response.usage)
                    yield event
            except OpenAIError as error:
                span.fail(type(error).__name__)
                raise


def _note_usage(span: Span, usage: ResponseUsage | None) -> None:
    if usage is not None:
        span.note(tokens_in=usage.input_tokens, tokens_out=usage.output_tokens)
