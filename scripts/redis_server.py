"""See that the tests have a Redis server: a wheel's where there is one, the system's, else Debian's."""

import subprocess

from environment import PYTHON
from packages import need_packages
from steps import ROOT, StepFailed

FIND = "from backend.tests.redis_server import find_binary; find_binary()"


def ensure_redis() -> None:
    """Return once the tests find a `redis-server`, installing one where that may be done. Raises StepFailed."""
    if _found():
        return
    need_packages("redis-server", "redis-server", homebrew="redis")
    if not _found():
        raise StepFailed("redis-server was installed, but is not on the PATH.")


def _found() -> bool:
    return subprocess.run([PYTHON, "-c", FIND], cwd=ROOT, capture_output=True, check=False).returncode == 0
