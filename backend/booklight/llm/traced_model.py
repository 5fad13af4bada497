"""A model each of whose calls is a span, with its tokens and without its words."""

from collections.abc import AsyncIterator
from typing import Any

from agents import Model
from agents.items import TResponseStreamEvent
from openai import OpenAIError
from openai.types.responses import ResponseCompletedEvent
from opentelemetry.trace import SpanKind, Tracer

from booklight.ops.tracing import add_attributes, mark_failed


class Traced(Model):
    """Mixed into a model, makes a span of each call from `trace` on."""

    _tracer: Tracer | None = None
    _traced_name = ""

    def trace(self, tracer: Tracer, name: str) -> None:
        """Make spans with `tracer`, under the model's public name."""
        self._tracer, self._traced_name = tracer, name

    def stream_response(self, *asked: Any, **options: Any) -> AsyncIterator[TResponseStreamEvent]:
        """Stream the model's answer."""
        events = super().stream_response(*asked, **options)  # type: ignore[safe-super]  # a mixin, never alone
        return events if self._tracer is None else _in_span(events, self._tracer, self._traced_name)


async def _in_span(
    events: AsyncIterator[TResponseStreamEvent], tracer: Tracer, name: str
) -> AsyncIterator[TResponseStreamEvent]:
    """Yield `events`; the span ends with the last or with their failure."""
    # Not the current one: a generator may end in another context than it began in.
    span = tracer.start_span("model", kind=SpanKind.CLIENT, record_exception=False)
    add_attributes(span, model=name)
    try:
        async for event in events:
            if isinstance(event, ResponseCompletedEvent) and event.response.usage is not None:
                usage = event.response.usage
                add_attributes(span, tokens_in=usage.input_tokens, tokens_out=usage.output_tokens)
            yield event
    except OpenAIError as error:
        mark_failed(span, type(error).__name__)
        raise
    finally:
        span.end()
