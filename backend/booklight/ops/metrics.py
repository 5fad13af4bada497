"""Metrics of turns, searches and errors, in Prometheus' format. Each app has a registry of its own.

Where several workers share a port, `PROMETHEUS_MULTIPROC_DIR` names a folder in which each keeps its counts, and every
worker reports those of all.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from booklight.auth.rate_limit_storage import Limit
from booklight.contracts import Reranked

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
STATE = "metrics"
"""The name of the metrics in the state that the app keeps while it runs."""
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that prometheus_client reads as it is imported."""

_FIRST_TEXT = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32)
_TOTAL = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128)
_SEARCH = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class EndedTurn(Protocol):
    """A turn that ended, as far as it is counted. None is what was not there, or did not happen."""

    @property
    def outcome(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def first_text(self) -> float | None: ...
    @property
    def failure(self) -> str | None: ...
    @property
    def found(self) -> bool | None: ...
    @property
    def fallback(self) -> str | None: ...
    @property
    def answer(self) -> str | None: ...
    @property
    def tokens_in(self) -> int: ...
    @property
    def tokens_out(self) -> int: ...


class Metrics:
    """Counts what happens in this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._turns = self._counter("booklight_turns", "Turns that ended.", "outcome")
        self._failures = self._counter("booklight_turn_failures", "What went wrong in turns.", "kind")
        self._answers = self._counter("booklight_answers", "Turns that searched, by whether the book had it.", "found")
        self._fallbacks = self._counter("booklight_fallbacks", "Quotations in place of the model's answer.", "reason")
        self._kinds = self._counter("booklight_answer_kinds", "Answers, by what they rest on.", "kind")
        self._reranked = self._counter("booklight_reranked", "Searches the cross-encoder was asked about.", "outcome")
        self._tokens = self._counter("booklight_tokens", "Tokens, as the model's provider counts them.", "direction")
        self._errors = self._counter("booklight_errors", "Requests refused.", "code")
        self._limited = self._counter("booklight_limited", "Turns refused by a limit of the minute.", "limit")
        self._unshared = self._counter("booklight_unshared_turns", "Turns counted without Redis, as it was away.")
        self._key_fetches = self._counter("booklight_jwks_fetches", "Requests for the login's keys.", "outcome")
        self._streams = Gauge(
            "booklight_open_streams", "Streams being read.", registry=self._registry, multiprocess_mode="livesum"
        )
        self._connections = Gauge(
            "booklight_connections", "Open connections.", registry=self._registry, multiprocess_mode="livesum"
        )
        self._old_index = Gauge(
            "booklight_old_index",
            "1 while the newest index cannot be used, and an older one is.",
            registry=self._registry,
            multiprocess_mode="livemax",
        )
        self._first_text = self._seconds(
            "booklight_first_text_seconds", "From the beginning of a turn to the first text of its answer.", _FIRST_TEXT
        )
        self._total = self._seconds("booklight_turn_seconds", "From a turn's beginning to its end.", _TOTAL)
        self._search = self._seconds("booklight_search_seconds", "Searches in the index.", _SEARCH)

    def count_turn(self, report: EndedTurn) -> None:
        """Count a turn that ended."""
        self._turns.labels(report.outcome).inc()
        self._total.observe(report.seconds)
        if report.first_text is not None:
            self._first_text.observe(report.first_text)
        if report.failure is not None:
            self._failures.labels(report.failure).inc()
        if report.found is not None:
            self._answers.labels("true" if report.found else "false").inc()
        if report.fallback is not None:
            self._fallbacks.labels(report.fallback).inc()
        if report.answer is not None or report.fallback is not None:
            self._kinds.labels("stand_in" if report.fallback is not None else report.answer).inc()
        self._tokens.labels("in").inc(report.tokens_in)
        self._tokens.labels("out").inc(report.tokens_out)

    def note_index(self, *, old: bool) -> None:
        """Note whether an older index than the newest is in use."""
        self._old_index.set(old)

    def note_connections(self, count: int) -> None:
        """Note how many connections are open."""
        self._connections.set(count)

    def count_error(self, code: str) -> None:
        """Count a request that was refused, by the code its client saw."""
        self._errors.labels(code).inc()

    def count_limited(self, limit: Limit) -> None:
        """Count a turn that was refused because `limit` was reached."""
        self._limited.labels(limit).inc()

    def count_unshared_turn(self) -> None:
        """Count a turn that Redis could not count."""
        self._unshared.inc()

    def count_reranked(self, outcome: Reranked) -> None:
        """Count how the reranking of a search ended."""
        self._reranked.labels(outcome).inc()

    def count_key_fetch(self, ok: bool) -> None:
        """Count a request for the login's keys."""
        self._key_fetches.labels("ok" if ok else "failed").inc()

    @contextmanager
    def time_search(self) -> Iterator[None]:
        """Measure a search."""
        with self._search.time():
            yield

    @contextmanager
    def open_stream(self) -> Iterator[None]:
        """Count a stream while it is read."""
        with self._streams.track_inprogress():
            yield

    def render(self) -> bytes:
        """Return everything counted, as Prometheus reads it; where workers share a folder, by all of them."""
        if not os.environ.get(SHARED_FOLDER):
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self._registry)

    def _seconds(self, name: str, meaning: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, meaning, buckets=buckets, registry=self._registry)
