"""A model whose calls are measured: one span for each step of an answer, with its tokens and without its words."""

from collections.abc import AsyncIterator
from typing import Any

from agents import Model, ModelResponse
from agents.items import TResponseStreamEvent
from agents.retry import ModelRetryAdvice, ModelRetryAdviceRequest
from openai import OpenAIError
from openai.types.responses import ResponseCompletedEvent, ResponseUsage

from backend.observing.spans import Span, Spans


class MeasuredModel(Model):
    """Calls `model`, whose public name is `name`."""

    def __init__(self, model: Model, name: str, spans: Spans) -> None:
        self._model = model
        self._name = name
        self._spans = spans

    def get_retry_advice(self, request: ModelRetryAdviceRequest) -> ModelRetryAdvice | None:
        """Return what the model itself advises."""
        return self._model.get_retry_advice(request)

    async def get_response(self, *given: Any, **named: Any) -> ModelResponse:
        """Call the model for a whole answer, which no turn does."""
        return await self._model.get_response(*given, **named)

    async def stream_response(self, *given: Any, **named: Any) -> AsyncIterator[TResponseStreamEvent]:
        """Call the model, and measure until its last event or its failure."""
        with self._spans.measure_apart("model") as span:
            span.note(model=self._name)
            try:
                async for event in self._model.stream_response(*given, **named):
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
