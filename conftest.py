"""What every Python test relies on, wherever it stands."""

import gc
import signal


def pytest_configure() -> None:
    """Take interrupts, also in a run that was put into the background: what the tests start inherits that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Leave what has been imported out of every later search for cycles, which would find nothing there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)
