"""`search_book_content`: how a model looks into the book.

The output is JSON, the same for a language model and for the extractive one: whether the book seems to answer, the
passages with their labels, and where each stands. What a model may not decide (whose scope holds, how many searches
a turn may make) is decided here.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Protocol

from agents import AgentsException, FunctionTool, ModelBehaviorError, RunContextWrapper, function_tool
from pydantic import BaseModel, Field

from booklight.citations.marks import defuse_footnotes
from booklight.context import RequestContext, TurnState
from booklight.contracts import Found, PageContext, Passage, Scope
from booklight.llm.prompt_blocks import wrap
from booklight_ingest.errors import IngestError

MAX_SEARCHES = 4
TOOL_NAME = "search_book_content"

_PLACE = {"current_page": "this page", "current_chapter": "this chapter", "full_book": "the book"}
_SHOWN_QUERY = 80

Queries = Annotated[
    list[str],
    Field(min_length=1, max_length=3, description="One to three short searches, each in the book's likely words."),
]
SearchScope = Annotated[
    Scope, Field(description="current_page and current_chapter exclude everything else; full_book prefers them.")
]
ChapterNumber = Annotated[int | None, Field(description="A chapter other than the reader's; leave null for theirs.")]
LessonSlug = Annotated[str | None, Field(description="A lesson other than the reader's; leave null for theirs.")]


class SearchFunction(Protocol):
    """A search that already knows its index and its boosts."""

    async def __call__(
        self, queries: Sequence[str], *, scope: Scope, page: PageContext, selection: str | None
    ) -> Found: ...


class SearchUnavailable(AgentsException, IngestError):
    """The index cannot be searched; the text says why and what mends it. It ends the run."""


class ToolSource(BaseModel):
    """Where a labelled passage stands: `title` is its heading, or that of its page; `also_on` counts other pages."""

    label: int
    url: str
    page: str
    title: str
    also_on: int = 0


class ToolOutput(BaseModel):
    """What the tool returns. `scope` is the one that was searched; `context` holds the passages, or says why none.

    `answerability` is how likely the book is to answer, between 0 and 1.
    """

    found: bool
    scope: Scope
    answerability: float = 0.0
    context: str
    sources: list[ToolSource] = []


def build_search_tool(search: SearchFunction, *, max_searches: int = MAX_SEARCHES) -> FunctionTool:
    """Return the tool that searches with `search`, at most `max_searches` times in a turn.

    It raises SearchUnavailable when the index cannot be searched.
    """

    async def search_book_content(
        wrapper: RunContextWrapper[RequestContext],
        queries: Queries,
        search_scope: SearchScope = "full_book",
        current_chapter: ChapterNumber = None,
        current_lesson: LessonSlug = None,
    ) -> str:
        """Search the book. Returns passages labelled [^1], [^2] and so on; cite them by these labels."""
        request = wrapper.context
        turn = request.turn
        scope = _allowed_scope(search_scope, request)
        asked = [query.strip() for query in queries if query.strip()]
        if not asked:
            return _refusal(scope, "The queries were empty. Search for words that the book is likely to use.")
        if turn.searches >= max_searches:
            return _refusal(scope, "No more searches in this turn. Answer from the passages found so far.")
        turn.searches += 1
        turn.report_progress(_progress(asked[0], scope))
        page = _asked_page(request.page, current_chapter, current_lesson)
        found = await _search(search, asked, scope, page, request)
        return _render(found, scope, turn).model_dump_json()

    return function_tool(search_book_content, name_override=TOOL_NAME, failure_error_function=_explain_failure)


async def _search(
    search: SearchFunction, queries: list[str], scope: Scope, page: PageContext, request: RequestContext
) -> Found:
    """Search, with what the reader selected joined to every query, or ahead of them when it is what they ask about."""
    selection = "\n\n".join(marked.text for marked in request.selections) or None
    if selection is not None and request.selection_first:
        queries, selection = [selection, *queries], None
    try:
        return await search(queries, scope=scope, page=page, selection=selection)
    except IngestError as error:
        raise SearchUnavailable(str(error)) from error


def _render(found: Found, scope: Scope, turn: TurnState) -> ToolOutput:
    """Label the passages of `found` and note whether the reader's scope has come up empty."""
    turn.found |= found.found
    if scope != "full_book" and not found.found:
        turn.scope_exhausted = True
    labelled = [(turn.cite(passage), passage) for passage in found.passages]
    blocks = [_passage_block(label, passage) for label, passage in labelled]
    return ToolOutput(
        found=found.found,
        scope=scope,
        answerability=round(found.answerability, 2),
        context="\n\n".join([*_notes(found, scope), *blocks]),
        sources=[_source(label, passage) for label, passage in labelled],
    )


def _notes(found: Found, scope: Scope) -> list[str]:
    """Return what a model has to be told besides the passages."""
    place = _PLACE[scope]
    if found.found:
        return []
    if scope == "full_book":
        return ["The book does not seem to cover this; the nearest passages, if any, follow."]
    return [f"Nothing in {place} seems to answer this. Search again with full_book to look further, and say that."]


def _passage_block(label: int, passage: Passage) -> str:
    return wrap(
        "passage",
        defuse_footnotes(passage.chunk.text),
        label=f"[^{label}]",
        where=" › ".join(passage.chunk.breadcrumbs),
        also=passage.elsewhere,
    )


def _source(label: int, passage: Passage) -> ToolSource:
    chunk = passage.chunk
    title = chunk.heading or chunk.page_title
    return ToolSource(label=label, url=chunk.url, page=chunk.page_title, title=title, also_on=passage.also_on)


def _allowed_scope(asked: Scope, request: RequestContext) -> Scope:
    """Return the reader's own choice of scope while it holds, else what the model asks for."""
    if request.scope is None or request.turn.scope_exhausted:
        return asked
    return request.scope


def _asked_page(page: PageContext, chapter: int | None, lesson: str | None) -> PageContext:
    """Return the reader's page, or the chapter and lesson a model named instead of it."""
    same_chapter = chapter is None or chapter == page.current_chapter
    same_lesson = lesson is None or lesson == page.current_lesson
    if same_chapter and same_lesson:
        return page
    return PageContext(
        current_chapter=page.current_chapter if chapter is None else chapter,
        current_lesson=lesson if lesson is not None or not same_chapter else page.current_lesson,
        locale=page.locale,
        docs_instance=page.docs_instance,
    )


def _progress(query: str, scope: Scope) -> str:
    shown = query if len(query) <= _SHOWN_QUERY else query[:_SHOWN_QUERY].rstrip() + "…"
    return f"Searching {_PLACE[scope]} for “{shown}”"


def _refusal(scope: Scope, text: str) -> str:
    return ToolOutput(found=False, scope=scope, context=text).model_dump_json()


def _explain_failure(wrapper: RunContextWrapper[Any], error: Exception) -> str:
    """Tell a model that its arguments were no good; anything else is not the model's to mend."""
    if isinstance(error, ModelBehaviorError):
        return "The arguments were not understood. Give `queries` as a list of one to three short strings."
    raise error
