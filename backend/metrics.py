"""What operators see of the turns, in Prometheus' format. Each app has a registry of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from backend.turns.turn import TurnReport

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_FIRST_TEXT = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32)
_TOTAL = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """Counts turns, refusals and open streams of this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._turns = Counter("booklight_turns", "Turns that ended.", ["outcome"], registry=self._registry)
        self._errors = Counter("booklight_errors", "Requests refused.", ["code"], registry=self._registry)
        self._streams = Gauge("booklight_open_streams", "Streams being read.", registry=self._registry)
        self._first_text = Histogram(
            "booklight_first_text_seconds",
            "From the beginning of a turn to the first text of its answer.",
            buckets=_FIRST_TEXT,
            registry=self._registry,
        )
        self._total = Histogram(
            "booklight_turn_seconds", "From a turn's beginning to its end.", buckets=_TOTAL, registry=self._registry
        )

    def count_turn(self, report: TurnReport) -> None:
        """Count a turn that ended."""
        self._turns.labels(report.outcome).inc()
        self._total.observe(report.seconds)
        if report.first_text is not None:
            self._first_text.observe(report.first_text)

    def count_error(self, code: str) -> None:
        """Count a request that was refused, by the code its client saw."""
        self._errors.labels(code).inc()

    @contextmanager
    def open_stream(self) -> Iterator[None]:
        """Count a stream while it is read."""
        with self._streams.track_inprogress():
            yield

    def render(self) -> bytes:
        """Return everything counted, as Prometheus reads it."""
        return generate_latest(self._registry)
