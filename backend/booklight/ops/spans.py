"""Spans: how long each stage of a request took, for an OpenTelemetry collector; nothing at all where none is named.

A span carries names, numbers and ids, and never what a reader or a page says.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from booklight.settings import Settings

Attribute = str | int | float | bool


class Span(Protocol):
    """A stage that is under way."""

    def note(self, **attributes: Attribute | None) -> None:
        """Add what is known of the stage; None is left out."""
        ...

    def fail(self, kind: str) -> None:
        """Say that the stage failed, and of what kind the failure is."""
        ...


class Spans(Protocol):
    """Measures stages."""

    def measure(self, name: str, *, headers: Mapping[str, str] | None = None) -> AbstractContextManager[Span]:
        """Measure a stage; those that begin within it are its children. `headers` may name the trace it belongs to."""
        ...

    def measure_apart(self, name: str) -> AbstractContextManager[Span]:
        """Measure a stage that has no children: for generators, which may end in another context."""
        ...

    def trace_id(self) -> str | None:
        """Return the id of the current trace, in hexadecimal."""
        ...

    async def close(self) -> None:
        """Send what has not been sent."""
        ...


class _NoSpan:
    def note(self, **attributes: Attribute | None) -> None:
        """Do nothing."""

    def fail(self, kind: str) -> None:
        """Do nothing."""


class NoSpans:
    """Measures nothing."""

    @contextmanager
    def measure(self, name: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Span]:
        """Give a span that notes nothing."""
        yield _NoSpan()

    @contextmanager
    def measure_apart(self, name: str) -> Iterator[Span]:
        """Give a span that notes nothing."""
        yield _NoSpan()

    def trace_id(self) -> str | None:
        """Return None."""
        return None

    async def close(self) -> None:
        """Do nothing."""


def open_spans(settings: Settings) -> Spans:
    """Return what sends spans to the collector that the settings name."""
    if settings.otlp_endpoint is None:
        return NoSpans()
    from booklight.ops.tracing import OtlpSpans

    return OtlpSpans(settings.otlp_endpoint)
