"""What asks while a node is killed: that it tells answers from everything that is none."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import ask_until_told
from ask_until_told import main

ANSWERED = 'event: item.done\ndata: {"content": []}\n\nevent: done\n\n'


@pytest.fixture
def answers() -> Iterator[tuple[str, list[tuple[int, str]], list[Path]]]:
    """An address, the answers given there in turn, and the file that is made with the last of them."""
    given, told = list[tuple[int, str]](), list[Path]()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, text = given.pop(0)
            if not given:
                told[0].touch()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", given, told
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("second", "status", "says"),
    [
        ((200, ANSWERED), 0, "3 answered, 0 not"),
        ((503, "{}"), 1, "2 answered, 1 not"),
        ((200, 'event: error\ndata: {"code": "custom"}\n\n'), 1, "2 answered, 1 not"),
        ((200, "This book does not seem to cover that."), 1, "2 answered, 1 not"),
    ],
)
def test_only_an_answer_counts(
    answers: tuple[str, list[tuple[int, str]], list[Path]],
    second: tuple[int, str],
    status: int,
    says: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ask_until_told, "PAUSE_SECONDS", 0)
    url, given, told = answers
    given += [(200, ANSWERED), second, (200, ANSWERED)]
    told.append(tmp_path / "told")
    assert main([url, "What is a bee?", str(told[0])]) == status
    assert says in capsys.readouterr().out
