"""One chat request, in either dialect: told apart, checked, limited, and answered as JSON or as a stream."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chatkit.store import NotFoundError
from chatkit.types import (
    StreamingReq,
    StreamOptions,
    StreamOptionsEvent,
    SyncCustomActionResponse,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsDeleteReq,
    ThreadsSyncCustomActionReq,
    is_streaming_req,
)
from pydantic import ValidationError
from starlette.responses import Response

from booklight import timing
from booklight.api.bodies import JsonObject
from booklight.api.native import (
    RESUME,
    NativeRequest,
    ResumeFrom,
    build_context,
    invalid,
    parse_metadata,
    parse_native,
)
from booklight.api.preconditions import Quotas, check_preconditions
from booklight.api.serialization import KEEPALIVE, encode, native_frame
from booklight.api.simple import done_frame, parse_simple, selection_first, simple_frame, to_native
from booklight.api.sse import EventStream
from booklight.auth.authenticator import Readers
from booklight.auth.rate_limits import TurnLimits
from booklight.auth.tokens import READER_HEADER, Reader
from booklight.chat.resume import TurnElsewhere, find_elsewhere
from booklight.chat.server import BookServer
from booklight.chat.turn import Turn
from booklight.chat.turns import Turns
from booklight.context import RequestContext
from booklight.errors import NotFound, NotReady, ThreadBusy
from booklight.ops.current_request import name_kind
from booklight.ops.metrics import Metrics
from booklight.store.database import StoreUnavailable
from booklight.store.leases import TurnLost


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that has been read: what, by whom, and in which dialect it is answered."""

    request: NativeRequest
    context: RequestContext
    reader: Reader
    simple: bool


class Chat:
    """Answers chat requests with `server`. `check_index` raises NotReady while nothing can be searched."""

    def __init__(
        self,
        server: BookServer,
        turns: Turns,
        *,
        readers: Readers,
        limits: TurnLimits,
        quotas: Quotas,
        metrics: Metrics,
        check_index: Callable[[], object],
    ) -> None:
        self._server = server
        self._turns = turns
        self._readers = readers
        self._limits = limits
        self._quotas = quotas
        self._metrics = metrics
        self._check_index = check_index

    async def serve(self, body: JsonObject, *, authorization: str | None, address: str) -> Response:
        """Answer the request that `body` is. Raises RequestError, always before the first byte of an answer."""
        asked = await self._read(body, authorization)
        with _client_errors():
            response = await self._answer(asked, address)
        if asked.reader.token is not None:
            response.headers[READER_HEADER] = asked.reader.token
        return response

    async def close(self) -> None:
        """End all turns and keep what they said."""
        await self._turns.close()
        await self._server.close()

    async def _read(self, body: JsonObject, authorization: str | None) -> Asked:
        if "type" in body:
            request = parse_native(body)
            metadata = parse_metadata(request)
            name_kind(request.type)
            reader = await self._readers.identify(authorization)
            return Asked(request, build_context(reader.id, request, metadata), reader, simple=False)
        question = parse_simple(body)
        request = to_native(question)
        metadata = parse_metadata(request)
        name_kind("simple")
        reader = await self._readers.identify(authorization, metadata.session_id)
        context = build_context(reader.id, request, metadata, selection_first=selection_first(question))
        return Asked(request, context, reader, simple=True)

    async def _answer(self, asked: Asked, address: str) -> Response:
        request = asked.request
        context = await check_preconditions(request, self._server.threads, asked.context, self._quotas)
        if isinstance(request, ThreadsCustomActionReq | ThreadsSyncCustomActionReq):
            return await self._act(request, context)
        if is_streaming_req(request):
            self._check_index()
            await self._limits.count(context.owner, address)
            turn = await self._turns.start(
                self._server.stream(request, context), context, thread_id=_thread_of(request)
            )
            return EventStream(self._simple_frames(turn) if asked.simple else self._native_frames(turn))
        if isinstance(request, ThreadsDeleteReq):
            await self._end_turn(request.params.thread_id, context)
        return Response(await self._server.reply(request, context), media_type="application/json")

    async def _act(
        self, request: ThreadsCustomActionReq | ThreadsSyncCustomActionReq, context: RequestContext
    ) -> Response:
        """Resume or stop the answer in a thread, neither of which is a turn of its own."""
        thread = await self._server.threads.load_thread(request.params.thread_id, context)
        if request.params.action.type == RESUME:
            return await self._resume(thread.id, _resume_from(request), context)
        await self._turns.stop(thread.id, context)
        if isinstance(request, ThreadsSyncCustomActionReq):
            return Response(encode(SyncCustomActionResponse()), media_type="application/json")
        return EventStream(_nothing_to_cancel())

    async def _resume(self, thread_id: str, seen: ResumeFrom, context: RequestContext) -> Response:
        """Stream the answer that is being written from where the client left it."""
        turn = self._turns.find(thread_id)
        if turn is not None:
            return EventStream(self._native_frames(turn, seen.after))
        elsewhere = await find_elsewhere(self._server.threads, thread_id, context)
        if elsewhere is None:
            raise NotFound("No answer is being written in this conversation; what there is of one can be loaded.")
        return EventStream(self._frames_from_elsewhere(elsewhere))

    async def _end_turn(self, thread_id: str, context: RequestContext) -> None:
        """End the turn of a thread that is about to be deleted."""
        await self._server.threads.load_thread(thread_id, context)
        await self._turns.stop(thread_id, context)
        await self._turns.wait(thread_id)

    async def _native_frames(self, turn: Turn, after: int = 0) -> AsyncGenerator[bytes, None]:
        with self._metrics.open_stream(), turn.reading() as log:
            async for batch in log.read(after, patience=timing.KEEPALIVE_SECONDS):
                yield b"".join(map(native_frame, batch)) or KEEPALIVE

    async def _frames_from_elsewhere(self, turn: TurnElsewhere) -> AsyncGenerator[bytes, None]:
        with self._metrics.open_stream():
            async for batch in turn.read():
                yield b"".join(map(native_frame, batch)) or KEEPALIVE

    async def _simple_frames(self, turn: Turn) -> AsyncGenerator[bytes, None]:
        with self._metrics.open_stream(), turn.reading() as log:
            async for batch in log.read(patience=timing.KEEPALIVE_SECONDS):
                frames = b"".join(map(simple_frame, batch))
                if frames or not batch:
                    yield frames or KEEPALIVE
        yield done_frame(turn.thread_id)


def _thread_of(request: StreamingReq) -> str | None:
    return None if isinstance(request, ThreadsCreateReq) else request.params.thread_id


def _resume_from(request: ThreadsCustomActionReq | ThreadsSyncCustomActionReq) -> ResumeFrom:
    """Return what the client has seen already. Raises Invalid, naming the field."""
    try:
        return ResumeFrom.model_validate(request.params.action.payload or {})
    except ValidationError as error:
        raise invalid(error, within=("params", "action", "payload")) from None


async def _nothing_to_cancel() -> AsyncGenerator[bytes, None]:
    """Answer a stop: nothing is left to cancel."""
    yield native_frame(StreamOptionsEvent(stream_options=StreamOptions(allow_cancel=False)))


@contextmanager
def _client_errors() -> Iterator[None]:
    """Say to clients what the store's errors mean for them."""
    try:
        yield
    except NotFoundError:
        raise NotFound("There is no such conversation or message.") from None
    except StoreUnavailable as error:
        raise NotReady("The database cannot be reached; please try again in a moment.") from error
    except TurnLost as error:
        raise ThreadBusy("This conversation is being answered elsewhere; load it again.") from error
