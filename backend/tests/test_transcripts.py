"""Every request of the protocol over real HTTP, on both databases, compared with what was recorded."""

from pathlib import Path
from typing import get_args

import pytest
from chatkit.types import NonStreamingReq, StreamingReq

from backend.tests.transcript import load_transcript, replay, transcripts


@pytest.mark.parametrize("path", transcripts(), ids=lambda path: path.stem)
async def test_a_client_gets_what_was_recorded(path: Path, database_url: str) -> None:
    recorded = load_transcript(path)
    assert await replay(recorded, database_url) == recorded


def test_every_type_of_request_is_recorded() -> None:
    steps = [step for path in transcripts() for step in load_transcript(path)["steps"]]
    recorded = {step["request"].get("type", "simple") for step in steps if "request" in step}
    types = {request.model_fields["type"].default for request in get_args(StreamingReq) + get_args(NonStreamingReq)}
    assert recorded >= types | {"simple"}
