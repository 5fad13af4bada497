"""How a running answer learns that it is to end early."""

from collections.abc import Callable


class StopSignal:
    """Asks an answer to end, keeping what it has said. It is asked once; asking again changes nothing."""

    def __init__(self) -> None:
        self._asked = False
        self._calls: list[Callable[[], None]] = []

    @property
    def asked(self) -> bool:
        """Whether the answer has been asked to end."""
        return self._asked

    def ask(self) -> None:
        """Ask the answer to end, and make the calls that were left for that."""
        if self._asked:
            return
        self._asked = True
        for call in self._calls:
            call()

    def call_when_asked(self, call: Callable[[], None]) -> None:
        """Make `call` when the answer is asked to end; at once if it has been."""
        if self._asked:
            call()
        else:
            self._calls.append(call)
