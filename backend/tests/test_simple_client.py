"""The client that the handbook shows is run as it is printed there."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from backend.tests.live import live_sidecar
from backend.tests.paced_model import PacedModel

PAGE = Path(__file__).parents[2] / "book/docs/06-reference/03-http-simple.mdx"
SHOWN = re.search(r'```python title="ask.py"\n(.*?)```', PAGE.read_text(encoding="utf-8"), re.DOTALL)
SOURCE = "https://bees.example/book/docs/dances#the-waggle-dance"


async def test_the_client_in_the_handbook_asks_cites_and_goes_on(tmp_path: Path) -> None:
    assert SHOWN is not None
    model = PacedModel(["In eights.[^1]"], searches=True)
    async with live_sidecar(model, f"sqlite:///{tmp_path}/booklight.db") as live:
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SHOWN[1], live.url, stdin=PIPE, stdout=PIPE, env={"NO_PROXY": "*"}
        )
        said, _ = await client.communicate(b"How do bees dance?\nReally?\n")
    assert client.returncode == 0
    assert said.decode().splitlines() == ["In eights.", SOURCE] * 2
    assert "In eights." in str(model.inputs[-1])
