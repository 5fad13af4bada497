"""A sidecar in a process of its own, to be killed: run as a module with DATABASE_URL, FOLDER and `hold` or `say`.

It prints its address once it answers. With `hold` the model never finishes; leases run out within a second.
"""

import asyncio
import sys
from pathlib import Path

from backend.tests.live import HELD, live_sidecar
from backend.tests.paced_model import PacedModel
from booklight import timing


async def main(database_url: str, folder: Path, holds: bool) -> None:
    """Serve until killed."""
    timing.LEASE_SECONDS, timing.STORE_SECONDS, timing.RENEW_SECONDS = 1.0, 0.5, 0.2
    model = PacedModel(HELD)
    if not holds:
        model.go_on.set()
    async with live_sidecar(model, database_url, folder) as live:
        print(live.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "hold"))
