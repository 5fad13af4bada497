"""A port that cannot be had is told before anything is set up."""

import socket

import pytest

from ports import ensure_free
from steps import StepFailed


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StepFailed, match=f"Port {port} cannot be used.*PORT="):
            ensure_free(str(port))


@pytest.mark.parametrize("value", ["", "x", "0", "70000", "-1"])
def test_what_is_no_port_is_refused(value: str) -> None:
    with pytest.raises(StepFailed, match="is not a port"):
        ensure_free(value)
