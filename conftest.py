"""What every Python test relies on, wherever it stands."""

import signal


def pytest_configure() -> None:
    """Take interrupts, also in a run that was put into the background: what the tests start inherits that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
