"""Tracing: spans of each stage of a request for an OpenTelemetry collector; where none is named, they cost nothing.

A span carries names, numbers and ids, and never what a reader or a page says: not in an exception's text either.
`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER` and `OTEL_EXPORTER_OTLP_HEADERS` are read by
OpenTelemetry itself.
"""

import asyncio
import os
from contextlib import AbstractContextManager
from importlib.metadata import version

from opentelemetry.context import Context
from opentelemetry.trace import NoOpTracer, Span, SpanKind, StatusCode, Tracer, format_trace_id, get_current_span

TRACES = "/v1/traces"
EXPORT_SECONDS = 5
SERVICE_NAME = "OTEL_SERVICE_NAME"

Attribute = str | int | float | bool


class Tracing:
    """A tracer of the app's own. It sends to the collector at `endpoint` from a thread; one that is away delays nobody.

    Without an endpoint it is OpenTelemetry's own that does nothing, and the SDK is not even imported.
    """

    def __init__(self, endpoint: str | None) -> None:
        self._provider = None
        self.tracer: Tracer = NoOpTracer()
        if endpoint is None:
            return
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        known: dict[str, str | int] = {"service.version": version("booklight"), "process.pid": os.getpid()}
        if SERVICE_NAME not in os.environ:
            known["service.name"] = "booklight"
        self._provider = TracerProvider(resource=Resource.create(known), shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=traces_url(endpoint), timeout=EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self.tracer = self._provider.get_tracer("booklight")

    async def close(self) -> None:
        """Send what has not been sent, for as long as one export may take."""
        if self._provider is not None:
            await asyncio.to_thread(self._provider.force_flush, EXPORT_SECONDS * 1000)
            await asyncio.to_thread(self._provider.shutdown)


def current_span(
    tracer: Tracer, name: str, *, context: Context | None = None, kind: SpanKind = SpanKind.INTERNAL
) -> AbstractContextManager[Span]:
    """Make a span the current one for a block, and keep no exception that ends it: its text may be a reader's."""
    return tracer.start_as_current_span(
        name, context=context, kind=kind, record_exception=False, set_status_on_exception=False
    )


def add_attributes(span: Span, **attributes: Attribute | None) -> None:
    """Add what is known of a span, in the namespace of this project; None is left out."""
    for name, value in attributes.items():
        if value is not None:
            span.set_attribute(f"booklight.{name}", value)


def mark_failed(span: Span, kind: str) -> None:
    """Say that what the span measures failed, and of what kind the failure is."""
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)


def current_trace_id() -> str | None:
    """Return the id of the current trace, in hexadecimal."""
    context = get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else None


def traces_url(endpoint: str) -> str:
    """Return where a collector at `endpoint` takes spans."""
    base = endpoint.rstrip("/")
    return base if base.endswith(TRACES) else base + TRACES
