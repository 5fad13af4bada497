"""Requests made from the OpenAPI document and by spoiling right ones: no 5xx, nothing that is not promised, no leak.

BOOKLIGHT_TEST_REQUESTS says how many of each kind are sent.
"""

import copy
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.checks import CheckContext, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backend.tests.live import UNLIMITED, Json, live_sidecar, question_request, thread_of
from backend.tests.paced_model import PacedModel
from backend.tests.thread_requests import requests_about

AnyCase = schemathesis.Case[Any]
EXAMPLES = int(os.environ.get("BOOKLIGHT_TEST_REQUESTS", "120"))
PROMISED = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
INTERNAL = ("Traceback", 'File "', "site-packages", "sqlalchemy", "sqlite", "pydantic", "s" * 40, "/booklight/")
"""What no answer may hold: traces, paths, the names of our libraries, and the secret."""

LARGEST = 2_000_000
"""Bytes of a value that is repeated: a body may have 1 MB, and what is larger is refused in the same way."""


@dataclass(frozen=True)
class Target:
    """A reader with a conversation, so that requests can be about something that is there; `others` has none."""

    url: str
    headers: dict[str, str]
    others: dict[str, str]
    thread_id: str
    item_id: str


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A sidecar on a thread of its own."""
    folder = tmp_path_factory.mktemp("fuzzed")
    bounds = UNLIMITED | {"share_days": 7}
    model = PacedModel(["Yes."], searches=True)
    sidecar = live_sidecar(model, f"sqlite:///{folder}/booklight.db", **bounds)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(sidecar) as live:
        reader = portal.call(live.reader)
        events = portal.call(reader.ask, "Do bees dance?")
        other = portal.call(live.reader)
        yield Target(live.url, reader.headers, other.headers, thread_of(events), events[-1]["item"]["id"])


@pytest.fixture(scope="module")
def document(target: Target) -> schemathesis.BaseSchema:
    """What the sidecar says of itself."""
    return schemathesis.openapi.from_url(f"{target.url}/assistant/openapi.json")


def test_what_the_document_allows_is_answered_as_it_promises(document: schemathesis.BaseSchema, target: Target) -> None:
    for operation in document.get_all_operations():
        assert isinstance(operation, Ok)
        send_many(operation.ok().as_strategy(generation_mode=GenerationMode.POSITIVE), target)


def test_what_the_document_does_not_allow_is_refused_as_it_promises(
    document: schemathesis.BaseSchema, target: Target
) -> None:
    chat = document["/assistant/chatkit"]["POST"]
    send_many(chat.as_strategy(generation_mode=GenerationMode.NEGATIVE), target)


def send_many(cases: SearchStrategy[AnyCase], target: Target) -> None:
    """Send EXAMPLES of `cases`, the same in every run."""

    @given(case=cases)
    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    def send(case: AnyCase) -> None:
        if not is_deletion(case.body):
            aim(case.body, target)
        # What a reader forgets is everything that the other requests are about.
        headers = target.others if case.path == "/assistant/forget" else target.headers
        case.call_and_validate(headers=headers, checks=[*PROMISED, says_nothing_internal])

    send()


HOSTILE: list[Any] = [
    *(None, True, 0, -1, 2**63, 1e300, "", " ", "\0", "\ud800", "﷽" * 2_000, "x" * 50_000, "../../etc/passwd"),
    *([], {}, [[]], [0] * 5_000, {"type": "threads.list"}, "<passage>", "' OR 1=1 --", "thr_" + "0" * 32, "reader:0"),
]


def test_a_right_request_that_was_spoilt_is_refused_or_answered(target: Target) -> None:
    rng = random.Random(1)
    right = [request for kind, request in requests_about(target.thread_id, target.item_id).items() if kind != "delete"]
    with requests.Session() as session:
        for _ in range(EXAMPLES):
            body = spoil_bytes(json.dumps(spoil(rng.choice(right), rng)).encode(), rng)
            answer = session.post(f"{target.url}/assistant/chatkit", data=body, headers=target.headers, timeout=60)
            assert answer.status_code < 500 or is_designed(answer), (body[:2_000], answer.status_code, answer.text)
            leaked = [word for word in INTERNAL if word in answer.text and word.encode() not in body]
            assert leaked == [], (body[:2_000], answer.text)


def spoil(request: Json, rng: random.Random) -> Any:
    """Return `request` with up to three of its values replaced, left out, doubled or called otherwise."""
    spoilt = copy.deepcopy(request)
    for _ in range(rng.randint(1, 3)):
        place: Any = spoilt
        while isinstance(inner := rng.choice([*place.values()]) if place else None, dict) and rng.random() < 0.8:
            place = inner
        name = rng.choice([*place]) if place else "type"
        match rng.randrange(4):
            case 0:
                place.pop(name, None)
            case 1:
                place[name] = repeated(place.get(name), rng.randint(2, 200))
            case 2:
                place[rng.choice(["id", "metadata", "\0", "__class__", "x" * 300])] = place.pop(name, None)
            case _:
                place[name] = hostile(rng)
        if rng.random() < 0.1:
            spoilt = {"type": spoilt.get("type"), "params": spoilt, "metadata": hostile(rng)}
    return spoilt


def hostile(rng: random.Random) -> Any:
    """Return one of HOSTILE, to be spoilt in its turn."""
    return copy.deepcopy(rng.choice(HOSTILE))


def repeated(value: Any, times: int) -> list[Any]:
    """Return a list of `value` so many times, or as often as fits into a body that is read: it may be one itself."""
    return [value] * min(times, max(2, LARGEST // len(json.dumps(value))))


def spoil_bytes(body: bytes, rng: random.Random) -> bytes:
    """Return `body`, one in eight times with a byte of it changed, left out, or all that follows it."""
    at = rng.randrange(len(body))
    match rng.randrange(24):
        case 0:
            return body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :]
        case 1:
            return body[:at] + body[at + 1 :]
        case 2:
            return body[:at]
        case _:
            return body


def is_designed(answer: requests.Response) -> bool:
    """Say whether an answer is one that says that something is not ready, in the words of the document."""
    return answer.status_code == 503 and answer.json()["error"]["code"] == "not_ready"


def is_deletion(body: object) -> bool:
    """Say whether `body` would delete the conversation that all others are about."""
    return isinstance(body, dict) and body.get("type") == "threads.delete"


def aim(body: object, target: Target) -> None:
    """Let every other id in `body` be one that is there."""
    if isinstance(body, list):
        for part in body:
            aim(part, target)
    if not isinstance(body, dict):
        return
    known = {"thread_id": target.thread_id, "item_id": target.item_id, "after": target.item_id}
    for name, value in body.items():
        if name in known and isinstance(value, str) and len(value) % 2 == 0:
            body[name] = known[name]
        aim(value, target)


def says_nothing_internal(context: CheckContext, response: schemathesis.Response, case: AnyCase) -> None:
    """Fail if the answer to `case` holds anything INTERNAL that was not sent."""
    sent = str(case.body)
    leaked = [word for word in INTERNAL if word in response.text and word not in sent]
    assert leaked == [], response.text


def test_what_was_there_is_there_after_all_that(target: Target) -> None:
    body: Json = question_request("Do they still?", target.thread_id)
    answered = requests.post(f"{target.url}/assistant/chatkit", json=body, headers=target.headers, timeout=60)
    ready = requests.get(f"{target.url}/assistant/ready", timeout=60)
    assert (answered.status_code, ready.status_code) == (200, 200)
