"""What if addresses are made up, or connections never end? Real sockets to a sidecar that serves others meanwhile."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.tests.faults.witness import Witness
from backend.tests.live import Live, live_sidecar, thread_of
from backend.tests.paced_model import PacedModel

CHAT = "/assistant/chatkit"
NOTHING = "Nothing was stored; what there was is untouched"
ASKED = {"query": "Do bees dance?"}


async def ask_from(live: Live, *forwarded: str) -> httpx.Response:
    """Ask as a new reader, with X-Forwarded-For as a proxy on this machine passes it on."""
    return await live.http.post(CHAT, json=ASKED, headers=[("X-Forwarded-For", value) for value in forwarded])


@pytest.mark.fault("A script behind a proxy makes up another X-Forwarded-For for each question")
async def test_a_made_up_address_evades_no_limit(witness: Witness, sqlite_url: str, tmp_path: Path) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url, tmp_path, turns_per_minute_per_address=3) as live:
        answers = [await ask_from(live, f"192.0.2.{number}, 198.51.100.7") for number in range(4)]
        other = await ask_from(live, "198.51.100.8")
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert other.status_code == 200
    witness.sees(answers[-1])
    witness.notes("Readers of other addresses are answered")
    witness.keeps("The questions and answers within the limit")


@pytest.mark.fault("A script asks from thousands of addresses of its own network of IPv6")
async def test_a_network_of_ipv6_is_one_address(witness: Witness, sqlite_url: str, tmp_path: Path) -> None:
    async with live_sidecar(PacedModel(["Yes."]), sqlite_url, tmp_path, turns_per_minute_per_address=3) as live:
        answers = [await ask_from(live, f"2001:db8:1:2:{number:x}::7") for number in range(4)]
        other = await ask_from(live, "2001:db8:1:3::7")
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert other.status_code == 200
    witness.sees(answers[-1])
    witness.notes("Readers of other networks are answered")
    witness.keeps("The questions and answers within the limit")


@pytest.mark.fault("A page of another site asks in a reader's browser, where origins are set")
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_page_of_another_site_spends_nothing(
    witness: Witness, sqlite_url: str, tmp_path: Path, origin: str
) -> None:
    model, known = PacedModel(["Yes."]), "https://bees.example"
    async with live_sidecar(model, sqlite_url, tmp_path, allowed_origins=known) as live:
        reader = await live.reader()
        before = await reader.items(thread_of(await reader.ask("Do bees dance?")))
        headers: dict[str, Any] = {"Origin": origin, "Content-Type": "text/plain"}
        refused = await live.http.post(CHAT, content=b'{"query": "Do bees dance?"}', headers=headers)
        asked = await live.http.post(CHAT, json=ASKED, headers={"Origin": known})
    assert (refused.status_code, asked.status_code, len(model.inputs)) == (403, 200, 2)
    assert len(before) == 2
    witness.sees(refused)
    witness.keeps(NOTHING)
