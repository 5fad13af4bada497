"""Open files: how many a process may have, since every connection is one."""

import sys

from booklight.settings import Settings

if sys.platform != "win32":
    import resource

ROOM_TO_REFUSE = 2
"""So many times the connections that are served may be open, to be told that they are too many."""
OTHER_FILES = 200
"""The index, the database, Redis, the model and what else a worker has open."""


def needed_files(settings: Settings) -> int:
    """Return how many files a worker may have open at once."""
    return ROOM_TO_REFUSE * settings.max_connections + OTHER_FILES


def allowed_files() -> int:
    """Return how many files a process may be allowed here, at most."""
    if sys.platform == "win32":
        return sys.maxsize
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def allow_files(settings: Settings) -> None:
    """Allow this process, and those that it starts, as many files as may be; what is needed where that has no end."""
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    elif soft != hard and soft < needed_files(settings):
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed_files(settings), hard))


def describe_shortage(settings: Settings) -> str | None:
    """Return in words that not all connections can be opened that the settings allow; None where they can."""
    allowed, needed = allowed_files(), needed_files(settings)
    if allowed >= needed:
        return None
    setting = f"BOOKLIGHT_MAX_CONNECTIONS, {settings.max_connections},"
    return f"a process may open {allowed} files here, and {setting} needs {needed}"


def mend_shortage(settings: Settings) -> str:
    """Return what to do where not all connections can be opened."""
    return f"let the service open {needed_files(settings)} files (`ulimit -n`, LimitNOFILE), or lower the setting"
