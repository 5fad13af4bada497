"""The chat endpoint: a request in either dialect is parsed, checked, limited, and answered as JSON or as a stream."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from chatkit.types import (
    ItemsListReq,
    StreamingReq,
    StreamOptions,
    StreamOptionsEvent,
    SyncCustomActionResponse,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsSyncCustomActionReq,
    ThreadStreamEvent,
    is_streaming_req,
)
from pydantic import ValidationError
from starlette.responses import Response

from booklight import timing
from booklight.api.bodies import JsonObject, ReadBody
from booklight.api.native import (
    RESUME,
    NativeRequest,
    ResumeFrom,
    build_context,
    invalid,
    parse_metadata,
    parse_native,
    parse_page,
)
from booklight.api.preconditions import Quotas, check_preconditions
from booklight.api.serialization import encode, event_json, native_frame
from booklight.api.simple import done_frame, parse_simple, selection_first, simple_frame, to_native
from booklight.api.sse import STREAM_HEADERS, EventStream
from booklight.api.store_errors import client_errors
from booklight.auth.authenticator import Authenticator
from booklight.auth.rate_limits import TurnLimits
from booklight.auth.tokens import READER_HEADER, Reader
from booklight.chat.dead_turn import end_if_dead
from booklight.chat.resume import find_remote
from booklight.chat.server import BookServer
from booklight.chat.turn import Turn
from booklight.chat.turns import Turns
from booklight.context import RequestContext
from booklight.contracts import AskedPlace
from booklight.errors import NotFound, Unauthorized
from booklight.ops.current_request import set_request_kind
from booklight.ops.metrics import Metrics
from booklight.store.database import StoreUnavailable

NOTHING_TO_CANCEL = native_frame(event_json(StreamOptionsEvent(stream_options=StreamOptions(allow_cancel=False))))
"""The one event that answers a stop."""


@dataclass(frozen=True, slots=True)
class ReadRequest:
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
        authenticator: Authenticator,
        limits: TurnLimits,
        quotas: Quotas,
        metrics: Metrics,
        check_index: Callable[[], object],
    ) -> None:
        self._server = server
        self._turns = turns
        self._authenticator = authenticator
        self._limits = limits
        self._quotas = quotas
        self._metrics = metrics
        self._check_index = check_index

    async def serve(self, read_body: ReadBody, *, authorization: str | None, address: str) -> Response:
        """Answer a request, whose body is read once it is known who asks.

        Raises RequestError, always before the first byte of an answer.
        """
        reader = await self._authenticator.identify(authorization)
        asked = await self._read(await read_body(), reader)
        with client_errors():
            response = await self._answer(asked, address)
        if asked.reader.token is not None:
            response.headers[READER_HEADER] = asked.reader.token
        return response

    async def forget(self, authorization: str | None) -> int:
        """Delete all conversations of the reader whose token is sent, and count them. Raises RequestError."""
        reader = await self._identify_known(authorization)
        context = RequestContext(owner=reader.id)
        with client_errors():
            for thread_id in await self._server.threads.load_answering_threads(reader.id):
                await self._end_turn(thread_id, context)
            return await self._server.threads.forget_reader(reader.id)

    async def asked_places(self, read_body: ReadBody, authorization: str | None) -> list[AskedPlace]:
        """Return where on a page the reader whose token is sent has asked before. Raises RequestError."""
        reader = await self._identify_known(authorization)
        page = parse_page(await read_body())
        with client_errors():
            return await self._server.threads.load_asked_places(RequestContext(owner=reader.id, page=page))

    async def close(self) -> None:
        """End all turns and keep what they said."""
        await self._turns.close()
        await self._server.close()

    async def _identify_known(self, authorization: str | None) -> Reader:
        """Return the reader whose token is sent; without one there is nothing of theirs. Raises Unauthorized."""
        if authorization is None:
            raise Unauthorized("Send the token of the reader whose conversations these are.")
        return await self._authenticator.identify(authorization)

    async def _read(self, body: JsonObject, reader: Reader) -> ReadRequest:
        if "type" in body:
            request = parse_native(body)
            metadata = parse_metadata(request)
            set_request_kind(request.type)
            return ReadRequest(request, build_context(reader.id, request, metadata), reader, simple=False)
        question = parse_simple(body)
        request = to_native(question)
        metadata = parse_metadata(request)
        set_request_kind("simple")
        if reader.token is not None:
            reader = await self._authenticator.identify(None, metadata.session_id)
        context = build_context(reader.id, request, metadata, selection_first=selection_first(question))
        return ReadRequest(request, context, reader, simple=True)

    async def _answer(self, asked: ReadRequest, address: str) -> Response:
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
            return self._stream_simple(turn) if asked.simple else self._stream(turn)
        match request:
            case ThreadsDeleteReq():
                await self._end_turn(request.params.thread_id, context)
            case ItemsListReq() | ThreadsGetByIdReq():
                # Where nothing can be written, what is stored can be read all the same.
                with suppress(StoreUnavailable):
                    await end_if_dead(self._server.threads, request.params.thread_id, context)
            case _:
                pass
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
        return Response(NOTHING_TO_CANCEL, headers=STREAM_HEADERS)

    async def _resume(self, thread_id: str, seen: ResumeFrom, context: RequestContext) -> Response:
        """Stream the answer that is being written from where the client left it."""
        turn = self._turns.find(thread_id)
        if turn is not None:
            return self._stream(turn, seen.after)
        remote = await find_remote(self._server.threads, thread_id, context)
        if remote is None:
            raise NotFound("No answer is being written in this conversation; what there is of one can be loaded.")
        return EventStream(remote.read(seen.after), native_frame, during=self._metrics.open_stream())

    async def _end_turn(self, thread_id: str, context: RequestContext) -> None:
        """End the turn of a thread that is about to be deleted."""
        await self._server.threads.load_thread(thread_id, context)
        await self._turns.stop(thread_id, context)

    def _stream(self, turn: Turn, after: int = 0) -> EventStream[str]:
        read = turn.log.read_json(after, patience=timing.KEEPALIVE_SECONDS)
        return EventStream(read, native_frame, during=self._metrics.open_stream())

    def _stream_simple(self, turn: Turn) -> EventStream[ThreadStreamEvent]:
        return EventStream(
            turn.log.read(patience=timing.KEEPALIVE_SECONDS),
            simple_frame,
            end=lambda: done_frame(turn.thread_id, turn.answer),
            during=self._metrics.open_stream(),
        )


def _thread_of(request: StreamingReq) -> str | None:
    return None if isinstance(request, ThreadsCreateReq) else request.params.thread_id


def _resume_from(request: ThreadsCustomActionReq | ThreadsSyncCustomActionReq) -> ResumeFrom:
    """Return what the client has seen already. Raises Invalid, naming the field."""
    try:
        return ResumeFrom.model_validate(request.params.action.payload or {})
    except ValidationError as error:
        raise invalid(error, within=("params", "action", "payload")) from None
