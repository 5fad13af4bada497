"""A stand-in for the sidecar's answers, for what a real one cannot be made to do on time."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

QUESTION = "How is a long section split into chunks?"

Json = dict[str, object]

BEGINNING: Sequence[Json] = (
    {"type": "thread.created", "thread": {"id": "thr_1"}},
    {
        "type": "thread.item.done",
        "item": {
            "id": "msg_1",
            "thread_id": "thr_1",
            "created_at": "2026-01-01T00:00:00Z",
            "type": "user_message",
            "content": [{"type": "input_text", "text": QUESTION}],
        },
    },
    {"type": "progress_update", "text": "Searching the book for “split a long section”"},
)
STREAMING: Sequence[Json] = (
    *BEGINNING,
    {"type": "thread.item.added", "item": {"id": "msg_2", "type": "assistant_message", "content": []}},
    {
        "type": "thread.item.updated",
        "item_id": "msg_2",
        "update": {
            "type": "assistant_message.content_part.added",
            "content_index": 0,
            "content": {"type": "output_text", "annotations": [], "text": ""},
        },
    },
    {
        "type": "thread.item.updated",
        "item_id": "msg_2",
        "update": {
            "type": "assistant_message.content_part.text_delta",
            "content_index": 0,
            "delta": "A section under one heading is one chunk. Only a long section is split, at the edge of a "
            "paragraph:\n\n- never inside a code block,\n- never inside a row of a **table**, and",
        },
    },
)
CUT_OFF: Sequence[Json] = (
    *STREAMING,
    {
        "type": "thread.item.done",
        "item": {
            "id": "msg_2",
            "type": "assistant_message",
            "content": [{"type": "output_text", "annotations": [], "text": "A section under one heading is one"}],
        },
    },
    {"type": "thread.item.done", "item": {"id": "end_msg_2", "type": "end_of_turn"}},
)


@contextmanager
def stand_in(events: Sequence[Json]) -> Iterator[str]:
    """Serve a sidecar's answer that sends `events` and then says nothing more; give its address."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(as_stream(events).encode())
            self.wfile.flush()
            ended.wait()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            ended.set()
            server.shutdown()


def as_stream(events: Sequence[Json]) -> str:
    """Return `events` as they cross the wire."""
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events)
