"""Spans for an OpenTelemetry collector, by OTLP over HTTP. Imported only where the settings name one.

`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER` and `OTEL_EXPORTER_OTLP_HEADERS` are read by
OpenTelemetry itself.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from booklight.ops.spans import Attribute, Span

TRACES = "/v1/traces"
EXPORT_SECONDS = 5
SERVICE_NAME = "OTEL_SERVICE_NAME"


class OtlpSpans:
    """Sends spans to the collector at `endpoint` from a thread of its own; one that is away delays nobody."""

    def __init__(self, endpoint: str) -> None:
        known: dict[str, str | int] = {"service.version": version("booklight"), "process.pid": os.getpid()}
        if SERVICE_NAME not in os.environ:
            known["service.name"] = "booklight"
        self._provider = TracerProvider(resource=Resource.create(known), shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=traces_url(endpoint), timeout=EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("booklight")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def measure(self, name: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Span]:
        """Measure a stage, in the trace that `headers` name by `traceparent`, else in the current one."""
        with self._tracer.start_as_current_span(
            name,
            context=None if headers is None else self._propagator.extract(headers),
            kind=SpanKind.INTERNAL if headers is None else SpanKind.SERVER,
            # An exception's text may hold a reader's words.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield _OtlpSpan(span)

    @contextmanager
    def measure_apart(self, name: str) -> Iterator[Span]:
        """Measure a stage without making it the current one."""
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, record_exception=False)
        try:
            yield _OtlpSpan(span)
        finally:
            span.end()

    def trace_id(self) -> str | None:
        """Return the id of the current trace, in hexadecimal."""
        context = trace.get_current_span().get_span_context()
        return trace.format_trace_id(context.trace_id) if context.is_valid else None

    async def close(self) -> None:
        """Send what has not been sent, for as long as one export may take."""
        await asyncio.to_thread(self._provider.force_flush, EXPORT_SECONDS * 1000)
        await asyncio.to_thread(self._provider.shutdown)


class _OtlpSpan:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def note(self, **attributes: Attribute | None) -> None:
        """Add attributes, all in the namespace of this project."""
        for name, value in attributes.items():
            if value is not None:
                self._span.set_attribute(f"booklight.{name}", value)

    def fail(self, kind: str) -> None:
        """Mark the span as failed."""
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))


def traces_url(endpoint: str) -> str:
    """Return where a collector at `endpoint` takes spans."""
    base = endpoint.rstrip("/")
    return base if base.endswith(TRACES) else base + TRACES
