"""One run of the agent as ChatKit events: every message under an id of our own, and a failure raised at the end."""

from collections.abc import AsyncIterator, Callable
from typing import cast

from agents import AgentsException, RunConfig, RunResultStreaming, StreamEvent, TResponseInputItem
from chatkit.agents import AgentContext, stream_agent_response
from chatkit.types import ThreadStreamEvent
from openai import OpenAIError

from backend.agent.book import BookAgent, run_turn
from backend.agent.item_ids import own_ids
from backend.context import RequestContext

FAILURES = (AgentsException, OpenAIError)
"""What a run fails with: the agent's bounds, the search, and the model or the way to it."""

Failure = AgentsException | OpenAIError


async def stream_run(
    agent: BookAgent,
    inputs: list[TResponseInputItem],
    context: AgentContext[RequestContext],
    run_config: RunConfig,
    new_id: Callable[[], str],
) -> AsyncIterator[ThreadStreamEvent]:
    """Yield the events of a run. A stop ends it, and the model's work, at once. Raises one of FAILURES."""
    result = run_turn(agent, inputs, context, run_config)
    context.request_context.stop.call_when_asked(result.cancel)
    run = _Run(result)
    try:
        async for event in own_ids(stream_agent_response(context, cast(RunResultStreaming, run)), new_id):
            yield event
    finally:
        if not result.is_complete:
            result.cancel()
    if run.failure is not None:
        raise run.failure


class _Run:
    """A run as ChatKit reads it. Its failure is kept for later: ChatKit leaves a task behind when the stream raises."""

    def __init__(self, result: RunResultStreaming) -> None:
        self.failure: Failure | None = None
        self._result = result

    async def stream_events(self) -> AsyncIterator[StreamEvent]:
        """Yield the run's events to their end."""
        try:
            async for event in self._result.stream_events():
                yield event
        except FAILURES as failure:
            self.failure = failure
