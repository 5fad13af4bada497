"""Components that fail to open: what `ready` says of them, and that they are tried again whatever they failed with."""

import asyncio

import pytest

from booklight import lifecycle
from booklight.errors import ComponentUnavailable, NotReady
from booklight.lifecycle import BEING_OPENED, SEE_LOG, Component, open_all


def failing_component(*failures: Exception) -> Component[str]:
    """Return a component that fails with each of `failures` before it opens."""
    waiting = list(failures)

    async def open_component() -> str:
        if waiting:
            raise waiting.pop(0)
        return "open"

    return Component("index", open_component)


async def test_a_component_says_what_mends_it_until_it_is_open() -> None:
    component = failing_component(ComponentUnavailable("Run `booklight index`.", "no file"))
    assert component.reason == BEING_OPENED.format(name="index")
    assert not await component.try_open()
    assert component.reason == "Run `booklight index`."
    with pytest.raises(NotReady, match="booklight index"):
        component.require()
    assert await component.try_open()
    assert component.require() == "open"
    assert not component.reason


async def test_a_component_is_tried_again_after_an_error_that_nobody_expects(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lifecycle, "RETRY_SECONDS", 0)
    component = failing_component(ArithmeticError("password=hunter2"), ArithmeticError(), OSError())
    assert not await component.try_open()
    assert component.reason == SEE_LOG.format(name="index")
    await asyncio.wait_for(open_all([component], asyncio.Event()), 10)
    await component.wait()
    assert component.reason is None
    assert caplog.text.count("ArithmeticError") == 1
    assert "hunter2" not in caplog.text
