"""Cancellation of an answer that is being written; its text so far is kept."""

from collections.abc import Callable


class Cancellation:
    """Asks an answer to end early. It is requested once; requesting it again changes nothing."""

    def __init__(self) -> None:
        self._requested = False
        self._calls: list[Callable[[], None]] = []

    @property
    def requested(self) -> bool:
        """Whether the answer has been asked to end."""
        return self._requested

    def request(self) -> None:
        """Ask the answer to end, and make the calls that were left for that."""
        if self._requested:
            return
        self._requested = True
        for call in self._calls:
            call()

    def close(self) -> None:
        """Leave nobody to be called, as the answer has ended."""
        self._calls.clear()

    def on_request(self, call: Callable[[], None]) -> None:
        """Make `call` when the answer is asked to end; at once if it has been."""
        if self._requested:
            call()
        else:
            self._calls.append(call)
