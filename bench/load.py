"""Many streams on one worker: what each costs, beside a bare ASGI server that sends the same bytes in the same run.

1,000 readers ask and are held in mid-answer, all at once; then each gets its pieces, one a second. A worker is a
uvicorn process of its own, the sidecar on Postgres with an embedded index; the model is in that process and costs
nothing. CPU is the worker's own. Memory is what each adds while nothing is sent: an answer with its agent's run, and a
stream alone, which is a reader who follows an answer that is being written already. Jitter is how far the time between
two pieces is from the second it should be. What a piece costs is measured while all streams are in full flow; their
ends, which here come within a second, are told by themselves. The two take turns; each figure is the median of five
rounds, with the least and the most. `--quick` holds 100. Ends with 1 if a stream is not whole.
"""

import asyncio
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
from held.pace import INTERVAL, PIECES
from held.reading import PIECE, open_streams, post
from interleaved import ROUNDS, Ratio, Rounds, p95

from backend.tests.live import action_request, index_small_book, question_request
from backend.tests.postgres import start_postgres

STREAMS, QUICK = 1_000, 100
WARMING = 20
READERS = 10
SECONDS_HELD = 10
# All streams are in full flow from the third piece to the sixteenth.
FLOWING = 3, 16
TARGET_KB = 25.0
THREAD = re.compile(rb"thr_[0-9a-f]{32}")
SERVER = Path(__file__).parent / "held/serve.py"
BODY = json.dumps(question_request("What is a waggle dance?")).encode()
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a stream took: ms of CPU to open, for a piece, to end and to wait a second; KB; ms until pieces came."""

    opening: float
    piece: float
    ending: float
    waiting: float
    memory: float
    first: list[float]
    jitter: list[float]
    whole: bool


@dataclass(frozen=True, slots=True)
class Worker:
    """A server's process."""

    process: "subprocess.Popen[str]"
    port: int

    def cpu(self) -> float:
        """Return the CPU it has used, in ms."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1_000 / TICKS

    def memory(self) -> float:
        """Return the memory it holds by itself, in KB."""
        lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines()
        private = [line.split() for line in lines if line.startswith("Private_")]
        return float(sum(int(words[1]) for words in private))

    def open_gate(self) -> None:
        """Let its streams go on."""
        self.process.send_signal(signal.SIGUSR1)


@contextmanager
def worker(*arguments: str) -> Iterator[Worker]:
    """Run a server until the block ends."""
    process = subprocess.Popen([sys.executable, str(SERVER), *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Worker(process, int(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


async def measure(running: Worker, readers: Sequence[str], streams: int) -> tuple[Measured, bytes]:
    """Hold `streams` open, let them end, and return what one took, and the bytes of one."""
    requests = [post(BODY, reader) for reader in readers]
    _, tasks = await open_streams(running.port, requests, WARMING)
    memory, begun = running.memory(), running.cpu()
    readings, asking = await open_streams(running.port, requests, streams)
    opened, held = running.cpu(), running.memory()
    await asyncio.sleep(SECONDS_HELD)
    waited = running.cpu()
    running.open_gate()
    first, last = FLOWING
    await asyncio.sleep(first * INTERVAL)
    flowing = running.cpu()
    await asyncio.sleep((last - first) * INTERVAL)
    piece = (running.cpu() - flowing) / streams / (last - first)
    await asyncio.gather(*tasks, *asking)
    gaps = [abs(gap - INTERVAL) * 1_000 for reading in readings for gap in reading.gaps(*FLOWING)]
    measured = Measured(
        opening=(opened - begun) / streams,
        piece=piece,
        ending=(running.cpu() - waited) / streams - piece * (PIECES - 1),
        waiting=(waited - opened) / streams / SECONDS_HELD,
        memory=(held - memory) / streams,
        first=[reading.first * 1_000 for reading in readings],
        jitter=gaps,
        whole=all(reading.whole and len(reading.moments) >= PIECES for reading in readings),
    )
    return measured, bytes(readings[0].read)


async def memory_alone(running: Worker, reader: str, streams: int) -> float:
    """Return what one stream takes by itself: so many readers follow one answer that is held."""
    (held, *_), tasks = await open_streams(running.port, [post(BODY, reader)], WARMING)
    found = THREAD.search(held.read)
    assert found is not None, "the stream names its conversation"
    follow = json.dumps(action_request("booklight.resume", found[0].decode())).encode()
    before = running.memory()
    _, following = await open_streams(running.port, [post(follow, reader)], streams)
    taken = (running.memory() - before) / streams
    running.open_gate()
    await asyncio.gather(*tasks, *following)
    return taken


def frames_of(answer: bytes) -> list[str]:
    """Return a stream as the bare server sends it: up to the first piece, each piece, and what follows the last."""
    rest, chunks = answer.partition(b"\r\n\r\n")[2], list[str]()
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        chunks.append(rest[: int(size, 16)].decode())
        rest = rest[int(size, 16) + 2 :]
    pieces = [number for number, chunk in enumerate(chunks) if PIECE.decode() in chunk]
    first, last = pieces[0], pieces[-1]
    return ["".join(chunks[: first + 1]), *chunks[first + 1 : last + 1], "".join(chunks[last + 1 :])]


def tokens(port: int) -> list[str]:
    """Return the tokens of READERS readers, once the sidecar can answer."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http:
        while http.get("/assistant/ready").status_code != 200:
            continue
        return [http.post("/assistant/session").json()["token"] for _ in range(READERS)]


async def compare(folder: Path, database_url: str, streams: int) -> tuple[Rounds, list[tuple[Measured, Measured]]]:
    """Return the memory of a stream of ours, and in turn what ours takes and a bare server with the bytes of ours."""
    await index_small_book(folder / "index")
    ours, frames = ["ours", database_url, str(folder / "index")], folder / "frames.json"
    alone, rounds = list[float](), list[tuple[Measured, Measured]]()
    for _ in range(ROUNDS):
        with worker(*ours) as running:
            alone.append(await memory_alone(running, tokens(running.port)[0], streams))
        with worker(*ours) as running:
            measured, answer = await measure(running, tokens(running.port), streams)
        frames.write_text(json.dumps(frames_of(answer)))
        with worker("bare", str(frames)) as running:
            rounds.append((measured, (await measure(running, ["nobody"], streams))[0]))
    return Rounds(tuple(alone)), rounds


def report(alone: Rounds, rounds: Sequence[tuple[Measured, Measured]], streams: int) -> None:
    """Print both, side by side."""
    rows: list[tuple[str, Callable[[Measured], float]]] = [
        ("CPU to open it and send the first piece, ms", lambda measured: measured.opening),
        ("CPU to send a piece, ms", lambda measured: measured.piece),
        ("CPU to end it and keep the answer, ms", lambda measured: measured.ending),
        ("CPU for a second of waiting, ms", lambda measured: measured.waiting),
        ("memory with the agent's run, KB", lambda measured: measured.memory),
        ("first piece p50, ms", lambda measured: median(measured.first)),
        ("first piece p95, ms", lambda measured: p95(measured.first)),
        ("jitter p50, ms", lambda measured: median(measured.jitter)),
        ("jitter p95, ms", lambda measured: p95(measured.jitter)),
    ]
    print(f"{streams:,} streams on one worker, each:                 {'ours':<26}{'bare':<26}of the bare server's")
    for name, of in rows:
        own, other = (tuple(map(of, measured)) for measured in zip(*rounds, strict=True))
        ratio = str(Ratio(own, other)) if all(other) else "–"
        print(f"{name:<46} {f'{Rounds(own):.2f}':<26}{f'{Rounds(other):.2f}':<26}{ratio}")
    print(f"memory of the stream alone, KB: {alone:.1f} (target: {TARGET_KB:.0f})")


def main() -> int:
    """Measure, report, and return 1 where a stream was not read to its end."""
    streams = QUICK if "--quick" in sys.argv else STREAMS
    wanted = 4 * streams
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    with start_postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        database_url = postgres.url(postgres.create_database())
        alone, rounds = asyncio.run(compare(Path(folder), database_url, streams))
    report(alone, rounds, streams)
    whole = all(ours.whole and bare.whole for ours, bare in rounds)
    print(f"streams read to their end: {'all' if whole else 'NOT all'}")
    return int(not whole)


if __name__ == "__main__":
    sys.exit(main())
