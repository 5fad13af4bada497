"""What every Python test relies on, wherever it stands."""

import gc
import signal


def pytest_configure() -> None:
    """Take interrupts, also in a run that was put into the background: what the tests start inherits that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Look for cycles less often, and never among what has been imported: nothing there is freed while tests run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)
