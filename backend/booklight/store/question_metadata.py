"""Question and answer metadata: where a question was asked, and what came of it.

With its item, and of questions with their thread. None of it goes to clients.
"""

from chatkit.types import AssistantMessageItem, ThreadItem, UserMessageItem
from pydantic import BaseModel

from booklight.context import AnswerKind, FallbackReason, RequestContext, TurnState
from booklight.contracts import Selection
from booklight.store.tables import Values
from booklight_ingest.index.manifest import page_key

_MAX_SELECTIONS = 20
_MAX_TEXT = 1_000


class BestPassage(BaseModel):
    """The first passage that an answer's searches found, as it was then; `url` has the origin of its site."""

    id: str
    content_hash: str
    url: str
    heading: str


class AnswerMetadata(BaseModel):
    """What came of a question: see TurnState. `found` is None where nothing was searched."""

    answer: AnswerKind | None = None
    fallback: FallbackReason | None = None
    found: bool | None = None
    best: BestPassage | None = None


def item_origin(item: ThreadItem, context: RequestContext) -> Values:
    """Return where and about what a question was asked, or what came of it, by column; nothing for other items."""
    match item:
        case UserMessageItem():
            metadata = {
                "page_context": context.page.model_dump(mode="json", exclude_none=True),
                "selections": [_dump(selection) for selection in context.selections],
                "scope": context.scope,
            }
            return {"metadata": metadata, "path": context.page.path and page_key(context.page.path)}
        case AssistantMessageItem():
            return {"metadata": answer_metadata(context.turn), "path": None}
        case _:
            return {"metadata": {}, "path": None}


def add_question_metadata(metadata: Values, context: RequestContext) -> Values:
    """Return a thread's metadata with the reader's session and the latest selections asked about, each once.

    The session is the reader's id, not the `session_id` sent, which may stand in for a token and is kept nowhere.
    """
    noted = list(metadata.get("selections", []))
    new = [_dump(selection) for selection in context.selections]
    selections = [selection for selection in noted if selection not in new] + new
    return metadata | {"session": context.owner, "selections": selections[-_MAX_SELECTIONS:]}


def answer_metadata(turn: TurnState) -> Values:
    """Return what came of a turn so far, as AnswerMetadata reads it."""
    found = turn.found if turn.searches else None
    best = None
    if turn.passages:
        chunk = turn.passages[0].chunk
        best = BestPassage(
            id=chunk.id,
            content_hash=chunk.content_hash,
            url=chunk.address,
            heading=chunk.heading or chunk.page_title,
        )
    told = AnswerMetadata(answer=turn.answer, fallback=turn.fallback, found=found, best=best)
    return told.model_dump(exclude_none=True)


def _dump(selection: Selection) -> Values:
    """Return a selection as it is kept: the beginning of it, as the page has the whole."""
    return selection.model_dump(mode="json", exclude_none=True) | {"text": selection.text[:_MAX_TEXT]}
