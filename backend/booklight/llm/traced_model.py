"""A model each of whose calls is a span, with its tokens and without its words."""

from collections.abc import AsyncIterator
from typing import Any

from agents import Model
from agents.items import TResponseStreamEvent
from openai import OpenAIError
from openai.types.responses import ResponseCompletedEvent
from opentelemetry.trace import SpanKind, Tracer

from booklight.llm.wrapped_model import WrappedModel
from booklight.ops.tracing import add_attributes, mark_failed


class TracedModel(WrappedModel):
    """Calls `model`, whose public name is `name`."""

    def __init__(self, model: Model, name: str, tracer: Tracer) -> None:
        super().__init__(model)
        self._name = name
        self._tracer = tracer

    async def stream_response(self, *given: Any, **named: Any) -> AsyncIterator[TResponseStreamEvent]:
        """Call the model; the span ends with its last event or its failure."""
        # Not the current one: a generator may end in another context than it began in.
        span = self._tracer.start_span("model", kind=SpanKind.CLIENT, record_exception=False)
        add_attributes(span, model=self._name)
        try:
            async for event in super().stream_response(*given, **named):
                if isinstance(event, ResponseCompletedEvent) and event.response.usage is not None:
                    usage = event.response.usage
                    add_attributes(span, tokens_in=usage.input_tokens, tokens_out=usage.output_tokens)
                yield event
        except OpenAIError as error:
            mark_failed(span, type(error).__name__)
            raise
        finally:
            span.end()
