"""Question metadata: where it was asked from, kept with its item in full and with its thread in short, for lists."""

from chatkit.types import ThreadItem, UserMessageItem

from booklight.context import RequestContext
from booklight.contracts import Selection
from booklight.store.tables import Values
from booklight_ingest.index.manifest import page_key

_MAX_SELECTIONS = 20
_MAX_TEXT = 1_000


def item_origin(item: ThreadItem, context: RequestContext) -> Values:
    """Return where and about what a question was asked, by column; nothing for other items."""
    if not isinstance(item, UserMessageItem):
        return {"metadata": {}, "path": None}
    metadata = {
        "page_context": context.page.model_dump(mode="json", exclude_none=True),
        "selections": [_dump(selection) for selection in context.selections],
        "scope": context.scope,
    }
    return {"metadata": metadata, "path": context.page.path and page_key(context.page.path)}


def add_question_metadata(metadata: Values, context: RequestContext) -> Values:
    """Return a thread's metadata with the reader's session and the latest selections asked about, each once.

    The session is the reader's id, not the `session_id` sent, which may stand in for a token and is kept nowhere.
    """
    noted = list(metadata.get("selections", []))
    new = [_dump(selection, _MAX_TEXT) for selection in context.selections]
    selections = [selection for selection in noted if selection not in new] + new
    return metadata | {"session": context.owner, "selections": selections[-_MAX_SELECTIONS:]}


def _dump(selection: Selection, max_text: int | None = None) -> Values:
    return selection.model_dump(mode="json", exclude_none=True) | {"text": selection.text[:max_text]}
