"""The context of a request: what was asked does not change, and the state of its turn is one."""

from dataclasses import FrozenInstanceError, replace

import pytest

from backend.tests.small_book import SMALL_BOOK
from booklight.context import RequestContext
from booklight.contracts import Passage


def test_a_request_is_frozen_and_its_copies_share_the_turn() -> None:
    context = RequestContext(owner="reader")
    with pytest.raises(FrozenInstanceError):
        context.owner = "another"  # type: ignore[misc]
    copy = replace(context, visible_only=True)
    copy.turn.found = True
    assert context.turn.found


def test_a_passage_keeps_its_label() -> None:
    turn = RequestContext(owner="reader").turn
    first, second = (Passage(chunk, 1.0) for chunk in SMALL_BOOK[:2])
    assert [turn.cite(first), turn.cite(second), turn.cite(first)] == [1, 2, 1]
    assert turn.passages == [first, second]
