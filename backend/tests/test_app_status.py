"""What operators and the panel ask of the sidecar itself: is it there, is it ready, what does it know."""

from pathlib import Path
from typing import Any

import pytest

from backend.tests.cold import cold_sidecar, until_parts_are
from backend.tests.live import live_sidecar, question_request
from backend.tests.metric_samples import samples
from backend.tests.paced_model import HOLD, PacedModel


async def test_a_model_without_its_key_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    async with cold_sidecar(tmp_path, model="openai:some-model") as http:
        said = await until_parts_are(http, {"database": True, "index": False, "model": False})
    assert "BOOKLIGHT_MODEL" in said["parts"]["model"]["reason"]


async def test_the_index_tells_what_it_was_built_from(tmp_path: Path) -> None:
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/booklight.db") as live:
        status = (await live.http.get("/assistant/index")).json()
        ready = (await live.http.get("/assistant/ready")).json()
    assert ready["ready"] is True
    built_at = status.pop("built_at")
    assert built_at.endswith("Z")
    assert status == {
        "commit": "abc1234",
        "pages": 4,
        "chunks": 4,
        "model": "paced",
        "embedding": "none",
        "title": "Bees",
        "share_days": 0,
    }


async def test_operators_see_turns_errors_and_open_streams(tmp_path: Path) -> None:
    model = PacedModel(["Yes.", HOLD])
    async with live_sidecar(model, f"sqlite:///{tmp_path}/booklight.db") as live:
        reader = await live.reader()
        async with reader.stream(question_request("How?")) as events:
            await events.until(lambda event: event["type"] == "thread.item.updated")
            during = samples((await live.http.get("/metrics")).text)
            model.go_on.set()
            await events.rest()
        await live.http.post("/assistant/chatkit", content=b"")
        after = samples((await live.http.get("/metrics")).text)
    assert during["booklight_open_streams"] == 1
    assert after["booklight_open_streams"] == 0
    assert after["booklight_turns_total done"] == 1
    assert after["booklight_errors_total bad_request"] == 1
    assert after["booklight_turn_seconds_count"] == after["booklight_first_text_seconds_count"] == 1


async def test_the_document_describes_what_is_served(tmp_path: Path) -> None:
    async with live_sidecar(PacedModel([]), f"sqlite:///{tmp_path}/booklight.db") as live:
        document = (await live.http.get("/assistant/openapi.json")).json()
        interactive = [await live.http.get(path) for path in ("/docs", "/redoc")]
    assert set(document["paths"]) == {
        "/assistant/chatkit",
        "/assistant/session",
        "/assistant/forget",
        "/assistant/asked",
        "/assistant/health",
        "/assistant/ready",
        "/assistant/index",
        "/metrics",
    }
    chat = document["paths"]["/assistant/chatkit"]["post"]
    assert set(chat["responses"]) == {"200", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503"}
    schemas = document["components"]["schemas"]
    assert {"ThreadsCreateReq", "SimpleRequest", "ChatRequest"} <= set(schemas)
    assert references(document) <= {f"#/components/schemas/{name}" for name in schemas}
    assert [response.status_code for response in interactive] == [404, 404]


def references(node: Any) -> set[str]:
    """Return every reference in a document."""
    if isinstance(node, list):
        return {found for part in node for found in references(part)}
    if not isinstance(node, dict):
        return set()
    found = {found for part in node.values() for found in references(part)}
    return found | ({node["$ref"]} if isinstance(node.get("$ref"), str) else set())
