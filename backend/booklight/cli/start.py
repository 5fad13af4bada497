"""Where the process begins: a signal to end it is heeded from here on, before anything slow is imported.

Process 1 of a container is not ended by signals that it does not handle.
"""

import signal
import sys
from types import FrameType

ENDED_BY_SIGNAL = 128


def main() -> None:
    """Run the command that the process was started with."""
    from booklight.cli.main import main as run_command

    run_command()


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(ENDED_BY_SIGNAL + number)


signal.signal(signal.SIGTERM, _end)

if __name__ == "__main__":
    main()
