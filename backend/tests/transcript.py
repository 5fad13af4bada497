"""Transcripts: what a client asks and what it gets, one conversation per file, replayed against a live sidecar.

The requests in a file are written by hand, and what came back is recorded: `python -m backend.tests.transcript` records
all files anew, to be read as a change of the protocol before it is kept. Ids and times differ from run to run, so
`thr_1` stands for the first thread's id, and so on, and TIME for a time in UTC.
"""

import asyncio
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import httpx
from chatkit.types import ThreadItem
from pydantic import TypeAdapter

from backend.tests.live import Json, Live, Reader, live_sidecar
from backend.tests.paced_model import PacedModel
from backend.tests.samples import NOON
from booklight.context import RequestContext

FOLDER = Path(__file__).parent / "transcripts"
SAID = ["A waggle dance ", "is a figure of eight.", "[^1]"]
"""What the model says in every transcript, after a search."""

_ID = re.compile(r"\b([a-z]+)_[0-9a-f]{32}\b")
_PLACEHOLDER = re.compile(r"\b[a-z]+_\d{1,3}\b")
_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z")
_FRAME = re.compile(r"(?:event: (.*)\n)?data: (.*)")


def transcripts() -> list[Path]:
    """Return the recorded conversations."""
    return sorted(FOLDER.glob("*.json"))


def load_transcript(path: Path) -> Json:
    """Return what was recorded at `path`."""
    recorded: Json = json.loads(path.read_text(encoding="utf-8"))
    return recorded


async def replay(recorded: Json, database_url: str) -> Json:
    """Ask again what a transcript asks, and return it as it is now."""
    async with live_sidecar(PacedModel(SAID, searches=True), database_url) as live:
        conversation = _Conversation(live)
        return recorded | {"steps": [await conversation.take(step) for step in recorded["steps"]]}


class _Conversation:
    """One replay: its readers by name, and which real id each placeholder stands for."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._readers: dict[str, Reader] = {}
        self._ids: dict[str, str] = {}

    async def take(self, step: Json) -> Json:
        """Take one step and return it with what came back."""
        if "store" in step:
            await self._store(step["store"])
            return step
        reader = await self._reader(step.get("reader", "first"))
        response = await reader.send(self._filled(step["request"]))
        kept = {name: step[name] for name in ("about", "reader", "request") if name in step}
        return kept | {"status": response.status_code, "answer": self._normal(_read(response))}

    async def _reader(self, name: str) -> Reader:
        if name not in self._readers:
            self._readers[name] = await self._live.reader()
        return self._readers[name]

    async def _store(self, item: Json) -> None:
        """Add an item that only an integrator's code makes."""
        placed = self._filled(item) | {"created_at": NOON}
        parsed: ThreadItem = TypeAdapter(ThreadItem).validate_python(placed)
        context = RequestContext(owner=await self._live.owner_of(placed["thread_id"]))
        await self._live.store.add_thread_item(parsed.thread_id, parsed, context)

    def _filled(self, request: Json) -> Json:
        """Return `request` with real ids; placeholders that stand for nothing yet are sent as they are."""
        real = {placeholder: real for real, placeholder in self._ids.items()}
        text = _PLACEHOLDER.sub(lambda found: real.get(found[0], found[0]), json.dumps(request))
        filled: Json = json.loads(text)
        return filled

    def _normal(self, answer: Any) -> Any:
        text = _ID.sub(self._placeholder, json.dumps(answer))
        return json.loads(_TIME.sub("TIME", text))

    def _placeholder(self, found: re.Match[str]) -> str:
        same_kind = sum(known.startswith(f"{found[1]}_") for known in self._ids)
        return self._ids.setdefault(found[0], f"{found[1]}_{same_kind + 1}")


def _read(response: httpx.Response) -> Any:
    """Return an answer as JSON, a stream as the list of its events, neighbouring pieces of text as one.

    How the text is cut depends on how fast it came.
    """
    if not response.headers["content-type"].startswith("text/event-stream"):
        return response.json()
    frames = [_FRAME.fullmatch(frame) for frame in response.text.strip().split("\n\n")]
    events: list[Json] = []
    for event in (_event(frame) for frame in frames if frame is not None):
        before = _piece(events[-1]) if events else None
        piece = _piece(event)
        if before is not None and piece is not None:
            before[0][before[1]] += piece[0][piece[1]]
        else:
            events.append(event)
    return events


def _piece(event: Json) -> tuple[Json, str] | None:
    """Return what holds the piece of text that `event` brings, in either dialect, and under which key."""
    if event.get("event") == "item.delta":
        return event["data"]["delta"], "text"
    update = event.get("update", {})
    return (update, "delta") if "delta" in update else None


def _event(frame: re.Match[str]) -> Json:
    data: Json = json.loads(frame[2])
    return data if frame[1] is None else {"event": frame[1], "data": data}


def main() -> None:
    """Record all transcripts anew."""
    for path in transcripts():
        with tempfile.TemporaryDirectory() as folder:
            database_url = f"sqlite:///{folder}/booklight.db"
            recorded = asyncio.run(replay(load_transcript(path), database_url))
        path.write_text(json.dumps(recorded, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        print(path.relative_to(FOLDER.parents[2]))


if __name__ == "__main__":
    main()
