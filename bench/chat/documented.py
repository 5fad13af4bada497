"""A chat server wired as the documentation of ChatKit and the Agents SDK shows, to measure ours beside.

It answers from a model alone, with no tools, keeps threads in dictionaries, and streams through FastAPI.
"""

from collections import defaultdict
from collections.abc import AsyncIterator

from agents import Agent, Model, RunConfig, Runner
from chatkit.agents import AgentContext, simple_to_agent_input, stream_agent_response
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata, ThreadStreamEvent, UserMessageItem
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import ASGIApp

LATEST = 20


def documented_app(model: Model, path: str) -> ASGIApp:
    """Return an app that answers ChatKit's requests at `path`."""
    app, server = FastAPI(), DocumentedServer(model)

    @app.post(path)
    async def chat(request: Request) -> Response:
        result = await server.process(await request.body(), None)
        if isinstance(result, StreamingResult):
            return StreamingResponse(result, media_type="text/event-stream")
        return Response(result.json, media_type="application/json")

    return app


class DocumentedServer(ChatKitServer[None]):
    """Answers with `model`, which is not traced, as ours is not."""

    def __init__(self, model: Model) -> None:
        super().__init__(MemoryStore())
        self._agent: Agent[AgentContext[None]] = Agent(name="Assistant", instructions="Answer.")
        self._config = RunConfig(model=model, tracing_disabled=True)

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: None
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Answer the latest messages."""
        items = await self.store.load_thread_items(thread.id, None, LATEST, "asc", context)
        agent_context: AgentContext[None] = AgentContext(thread=thread, store=self.store, request_context=context)
        inputs = await simple_to_agent_input(items.data)
        result = Runner.run_streamed(self._agent, inputs, context=agent_context, run_config=self._config)
        async for event in stream_agent_response(agent_context, result):
            yield event


class MemoryStore(Store[None]):
    """Threads in dictionaries, as in a first example; attachments are not kept."""

    def __init__(self) -> None:
        self.threads: dict[str, ThreadMetadata] = {}
        self.items: dict[str, list[ThreadItem]] = defaultdict(list)

    async def load_thread(self, thread_id: str, context: None) -> ThreadMetadata:
        """Return a thread."""
        return self.threads[thread_id].model_copy(deep=True)

    async def save_thread(self, thread: ThreadMetadata, context: None) -> None:
        """Keep a thread."""
        self.threads[thread.id] = thread.model_copy(deep=True)

    async def load_threads(self, limit: int, after: str | None, order: str, context: None) -> Page[ThreadMetadata]:
        """Return all threads."""
        return Page(data=list(self.threads.values()))

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: None
    ) -> Page[ThreadItem]:
        """Return the first items of a thread."""
        items = self.items[thread_id][:: -1 if order == "desc" else 1]
        return Page(data=items[:limit])

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: None) -> None:
        """Add an item."""
        self.items[thread_id].append(item)

    async def save_item(self, thread_id: str, item: ThreadItem, context: None) -> None:
        """Add an item."""
        self.items[thread_id].append(item)

    async def load_item(self, thread_id: str, item_id: str, context: None) -> ThreadItem:
        """Return an item."""
        return next(item for item in self.items[thread_id] if item.id == item_id)

    async def delete_thread(self, thread_id: str, context: None) -> None:
        """Delete a thread."""
        del self.threads[thread_id]

    async def delete_thread_item(self, thread_id: str, item_id: str, context: None) -> None:
        """Delete an item."""
        self.items[thread_id] = [item for item in self.items[thread_id] if item.id != item_id]

    async def save_attachment(self, attachment: Attachment, context: None) -> None:
        """Keep nothing."""

    async def load_attachment(self, attachment_id: str, context: None) -> Attachment:
        """Find nothing. Raises NotFoundError."""
        raise NotFoundError(attachment_id)

    async def delete_attachment(self, attachment_id: str, context: None) -> None:
        """Do nothing."""
