"""The native dialect's requests: ChatKit's own, held to what this sidecar accepts."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import assert_never

from chatkit.types import (
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    ChatKitReq,
    InputTranscribeReq,
    ItemsFeedbackReq,
    ItemsListReq,
    NonStreamingReq,
    StreamingReq,
    StructuredInputSubmission,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsRetryAfterItemReq,
    ThreadsSyncCustomActionReq,
    ThreadsUpdateReq,
    UserMessageInput,
    UserMessageTagContent,
)
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from booklight.api.bodies import JsonObject
from booklight.context import RequestContext
from booklight.contracts import MAX_QUESTION, MAX_SELECTION, PageContext, RequestMetadata, Selection
from booklight.errors import Invalid

MAX_PAGE = 100
MAX_TITLE = 200
RESUME = "booklight.resume"
STOP = "booklight.stop"

NativeRequest = StreamingReq | NonStreamingReq


class ResumeFrom(BaseModel):
    """The payload of `booklight.resume`: how many events of the answer the client has seen."""

    after: int = Field(0, ge=0)


def parse_native(body: JsonObject) -> NativeRequest:
    """Return the request that `body` is. Raises Invalid, naming the field, for what is not accepted here."""
    try:
        request = _requests().validate_python(body)
    except ValidationError as error:
        raise invalid(error, skip=1) from None
    _check(request)
    return request


def parse_metadata(request: NativeRequest) -> RequestMetadata:
    """Return what a client said about the reader's page and selection. Raises Invalid, naming the field."""
    try:
        return RequestMetadata.model_validate(request.metadata)
    except ValidationError as error:
        raise invalid(error, within=("metadata",)) from None


def parse_page(body: JsonObject) -> PageContext:
    """Return the page that `body` names. Raises Invalid, naming the field, also where there is no path."""
    try:
        page = PageContext.model_validate(body)
    except ValidationError as error:
        raise invalid(error) from None
    if not page.path:
        raise Invalid("path: name a page of the book")
    return page


def build_context(
    owner: str, request: NativeRequest, metadata: RequestMetadata, *, selection_first: bool = False
) -> RequestContext:
    """Return the context in which `owner` makes `request`."""
    return RequestContext(
        owner=owner,
        page=metadata.page_context,
        scope=metadata.scope,
        selections=_selections(request, metadata),
        selection_first=selection_first,
        about=metadata.about,
        begins_thread=isinstance(request, ThreadsCreateReq),
        asked_on=metadata.path,
        reason=metadata.reason,
        visible_only=isinstance(request, ItemsListReq | ThreadsGetByIdReq),
    )


def invalid(error: ValidationError, *, skip: int = 0, within: Iterable[str] = ()) -> Invalid:
    """Return `error` as a client may see it: its first field, without `skip` leading parts, and what is wrong."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join([*within, *map(str, first["loc"][skip:])])
    return Invalid(f"{field or 'type'}: {first['msg']}")


@cache
def _requests() -> TypeAdapter[NativeRequest]:
    """Return the adapter that ChatKit would build anew for every request."""
    return TypeAdapter(ChatKitReq)


def _check(request: NativeRequest) -> None:
    match request:
        case ThreadsCreateReq() | ThreadsAddUserMessageReq():
            _check_input(request.params.input)
        case AttachmentsCreateReq() | AttachmentsDeleteReq():
            raise Invalid("type: attachments are not accepted here")
        case InputTranscribeReq():
            raise Invalid("type: speech is not transcribed here")
        case ThreadsListReq() | ItemsListReq():
            request.params.limit = _page_size(request.params.limit)
        case ThreadsUpdateReq():
            request.params.title = _title(request.params.title)
        case ThreadsCustomActionReq():
            _check_action(request.params.action.type, STOP, RESUME)
        case ThreadsSyncCustomActionReq():
            _check_action(request.params.action.type, STOP)
        case ItemsFeedbackReq():
            _check_number(request.params.item_ids, "params.item_ids")
        case ThreadsAddStructuredInputReq():
            _check_answers(request.params.input)
        case ThreadsAddClientToolOutputReq() | ThreadsDeleteReq() | ThreadsGetByIdReq() | ThreadsRetryAfterItemReq():
            pass
        case _:
            assert_never(request)


def _check_input(asked: UserMessageInput) -> None:
    question = "".join(part.text for part in asked.content).strip()
    if not 1 <= len(question) <= MAX_QUESTION:
        raise Invalid(
            f"params.input.content: a question has 1 to {MAX_QUESTION:,} characters, this has {len(question):,}"
        )
    if asked.quoted_text is not None and len(asked.quoted_text) > MAX_SELECTION:
        raise Invalid(f"params.input.quoted_text: a selection has at most {MAX_SELECTION:,} characters")
    if asked.attachments:
        raise Invalid("params.input.attachments: attachments are not accepted here")
    tags = [part for part in asked.content if isinstance(part, UserMessageTagContent)]
    if sum(len(tag.model_dump_json()) for tag in tags) > MAX_QUESTION:
        raise Invalid(f"params.input.content: all tags together have at most {MAX_QUESTION:,} characters")


def _check_answers(form: StructuredInputSubmission) -> None:
    values = [value for answer in form.answers.values() for value in answer.values]
    if sum(map(len, values)) > MAX_QUESTION:
        raise Invalid(f"params.input.answers: all answers together have at most {MAX_QUESTION:,} characters")


def _check_number(item_ids: Sequence[str], field: str) -> None:
    if not 1 <= len(item_ids) <= MAX_PAGE:
        raise Invalid(f"{field}: name 1 to {MAX_PAGE} items")


def _check_action(action: str, *known: str) -> None:
    if action not in known:
        raise Invalid(f"params.action.type: use {' or '.join(known)}")


def _page_size(limit: int | None) -> int | None:
    if limit is not None and limit < 0:
        raise Invalid("params.limit: give a number from 1")
    return None if limit is None else min(limit, MAX_PAGE)


def _title(title: str) -> str:
    if not 1 <= len(title.strip()) <= MAX_TITLE:
        raise Invalid(f"params.title: a title has 1 to {MAX_TITLE} characters")
    return title.strip()


def _selections(request: NativeRequest, metadata: RequestMetadata) -> tuple[Selection, ...]:
    """Return every passage the reader marked, once each, however the client sent it."""
    sent = [metadata.selected_text]
    if isinstance(request, ThreadsCreateReq | ThreadsAddUserMessageReq):
        sent.append(request.params.input.quoted_text)
    selections = {marked.text.strip(): marked for marked in metadata.selections}
    for text in sent:
        if text is not None:
            selections.setdefault(text.strip(), Selection(text=text, path=metadata.page_context.path))
    selections.pop("", None)
    return tuple(selections.values())
