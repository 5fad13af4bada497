"""Check that a port is free, before a minute of set-up rather than after."""

import socket

from steps import StepFailed


def ensure_free(value: str) -> int:
    """Return `value` as a port that can be listened on. Raises StepFailed."""
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise StepFailed(f"PORT={value} is not a port: give a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(value)))
        except OSError as error:
            raise StepFailed(f"Port {value} cannot be used ({error.strerror}): try PORT=8001 npm run demo.") from error
    return int(value)
