"""Ask a running sidecar one question after the other until a file is there; ends with 1 if any was not answered.

python scripts/ask_until_told.py URL QUESTION FILE

Only the standard library is used, so that it runs beside containers.
"""

import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

# What a fault may never be taken for.
NOT_ANSWERED = ("event: error", "does not seem to cover")
SECONDS = 30
# An address may ask 120 times in a minute.
PAUSE_SECONDS = 0.6


def main(arguments: list[str]) -> int:
    """Ask as `arguments` say, and print how many questions were answered and what came of the others."""
    url, question, told = arguments[0], arguments[1], Path(arguments[2])
    answered, failed = 0, list[str]()
    while not told.exists():
        failure = ask(url, question)
        if failure is None:
            answered += 1
        else:
            failed.append(failure)
        time.sleep(PAUSE_SECONDS)
    print(f"{answered} answered, {len(failed)} not")
    for failure in failed[:5]:
        print(failure)
    return 1 if failed or not answered else 0


def ask(url: str, question: str) -> str | None:
    """Ask once, as a new reader. Return None if it was answered, else what came instead."""
    body = json.dumps({"query": question}).encode()
    request = urllib.request.Request(f"{url}/assistant/chatkit", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=SECONDS) as response:
            said = response.read().decode()
    except (urllib.error.URLError, OSError) as error:
        return str(error)
    return next((said for mark in NOT_ANSWERED if mark in said), None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
