"""An OpenTelemetry collector for tests: it takes OTLP over HTTP and decodes it."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from backend.tests.http_server import QuietHandler, serve_requests

Value = str | int | float | bool


@dataclass
class Collector:
    """What was sent: requests by path, and the spans in them. With `status` it refuses."""

    url: str = ""
    status: int = 200
    asked: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    resource: dict[str, Value] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)

    def named(self, name: str) -> list[Span]:
        """Return the spans of that name, in the order they began."""
        return sorted((span for span in self.spans if span.name == name), key=lambda span: span.start_time_unix_nano)

    def take(self, path: str, body: bytes) -> None:
        """Decode a request."""
        self.asked.append(path)
        self.bodies.append(body)
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resource = attributes(group.resource.attributes)
            self.spans += [span for scope in group.scope_spans for span in scope.spans]


def attributes(pairs: "Iterator[KeyValue] | list[KeyValue]") -> dict[str, Value]:
    """Return attributes as they were before they were encoded."""
    return {pair.key: getattr(pair.value, str(pair.value.WhichOneof("value"))) for pair in pairs}


@contextmanager
def collect_spans() -> Iterator[Collector]:
    """Serve a collector until the block ends."""
    collector = Collector()

    class Take(QuietHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.take(self.path, gzip.decompress(body) if self.headers.get("Content-Encoding") else body)
            self.answer(collector.status)

    with serve_requests(Take) as collector.url:
        yield collector
