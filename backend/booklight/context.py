"""The context of one request: who asks, from where, about what, and what has been found for them so far."""

from dataclasses import dataclass, field
from typing import Literal

from booklight.cancellation import StopSignal
from booklight.contracts import PageContext, Passage, Scope, Selection

StandIn = Literal["model_down", "reader_budget", "everybody_budget"]
"""Why quotations stand in for the model's answer."""


@dataclass(slots=True)
class RequestContext:
    """Handed to the store, the server and the agent's tools; made anew for every request.

    `owner` is the reader whose threads are visible. `passages` grows as searches run in a turn: the passage labelled
    `[^n]` is `passages[n - 1]`, and labels go on counting across searches. `searches` counts those of this turn;
    `scope_exhausted` says that one within the reader's own `scope` found no answer, so that the model may widen it.

    `asked_on` keeps a list of threads to those asked on that page; `visible_only` keeps a list of items to those that
    clients may see; `reason` goes with feedback. `turn_id` is set while a turn runs, and `stop` ends its answer early.
    `tokens` are those the model's provider says the turn has used, some in what it was given and some in what it wrote,
    and `found` says that a search of it found an answer. `stand_in` says why the model did not answer, if it did not,
    and `failure` is the kind of what went wrong. `unstored_since` is when a write of it first failed, by the monotonic
    clock, until one succeeds. `begins_thread` says that the question is the first of its thread. `threads_seen` are the
    threads this request has loaded or saved: one of them that is deleted meanwhile is not created again.
    """

    owner: str
    page: PageContext = field(default_factory=PageContext)
    scope: Scope | None = None
    selections: tuple[Selection, ...] = ()
    session_id: str | None = None
    selection_first: bool = False
    passages: list[Passage] = field(default_factory=list)
    asked_on: str | None = None
    turn_id: str | None = None
    threads_seen: set[str] = field(default_factory=set)
    searches: int = 0
    scope_exhausted: bool = False
    stop: StopSignal = field(default_factory=StopSignal)
    reason: str | None = None
    visible_only: bool = False
    tokens: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    found: bool = False
    begins_thread: bool = False
    stand_in: StandIn | None = None
    failure: str | None = None
    unstored_since: float | None = None

    def cite(self, passage: Passage) -> int:
        """Return the label of `passage`, the same one if it was handed out before."""
        for label, known in enumerate(self.passages, start=1):
            if known.chunk.id == passage.chunk.id:
                return label
        self.passages.append(passage)
        return len(self.passages)
