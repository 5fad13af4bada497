"""`search_book_content`: how a model looks into the book.

A language model reads text: notes and labelled passages. The extractive one reads JSON, with where each passage stands.
What a model may not decide (whose scope holds, how many searches a turn may make) is decided here, and arguments are
understood as models write them.
"""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, get_args

from agents import AgentsException, FunctionTool
from agents.tool_context import ToolContext
from pydantic import BaseModel

from booklight.citations.marks import defuse_footnotes
from booklight.context import RequestContext, TurnState
from booklight.contracts import Found, PageContext, Passage, Scope, SearchRequest
from booklight.llm.echo import NOT_COVERED
from booklight.llm.notices import notices_of
from booklight.llm.prompt_blocks import wrap
from booklight_ingest.errors import IngestError
from booklight_ingest.terms import split_terms

MAX_SEARCHES = 4
MAX_QUERIES = 3
TOOL_NAME = "search_book_content"
PASSAGES = 8
"""Passages that one search gives a model, at most; a language model's have a bound in tokens too."""
PASSAGE_TOKENS = 1_200

DESCRIPTION = "Search the book. Returns passages labelled [^1], [^2] and so on; cite them by these labels."
PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "queries": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "maxItems": MAX_QUERIES,
            "description": "Short searches in the book's likely words.",
        },
        "search_scope": {
            "type": "string",
            "enum": list(get_args(Scope)),
            "description": "Narrower than full_book excludes all else.",
        },
        "current_chapter": {"type": "integer", "description": "Only for a chapter other than the reader's."},
        "current_lesson": {"type": "string", "description": "Only for a lesson other than the reader's."},
    },
    "required": ["queries"],
    "additionalProperties": False,
}

PLACES: dict[Scope, str] = {"current_page": "this page", "current_chapter": "this chapter", "full_book": "the book"}
_SHOWN_QUERY = 80
_QUERY_KEYS = ("queries", "query", "search_query", "search_queries", "q", "question", "keywords")
_NOT_UNDERSTOOD = "The arguments were not understood. Give `queries` as a list of one to three short strings."
_OFF_THE_SUBJECT = -6.0
"""A passage that the cross-encoder scores below this says nothing to the question."""
_BYTES_PER_TOKEN = 4


SearchFunction = Callable[[SearchRequest], Awaitable[Found]]
"""A search that already knows its index and its boosts."""


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

    `answerability` is how likely the book is to answer, between 0 and 1; `locale` is that of the passages.
    `searched_for` is the first query as its spelling was corrected; `addressed` says that the question names the
    section that stands first.
    """

    found: bool
    addressed: bool = False
    scope: Scope
    locale: str = "en"
    answerability: float = 0.0
    searched_for: str | None = None
    context: str
    sources: list[ToolSource] = []


class SearchArguments(BaseModel):
    """What a model asks for."""

    queries: list[str]
    search_scope: Scope = "full_book"
    current_chapter: int | None = None
    current_lesson: str | None = None


def build_search_tool(
    search: SearchFunction, *, max_searches: int = MAX_SEARCHES, passages: int = PASSAGES, as_json: bool = True
) -> FunctionTool:
    """Return the tool that searches with `search`, at most `max_searches` times in a turn.

    `as_json` is for a program; without it the tool returns text for a language model, of at most so many `passages`.
    The tool raises SearchUnavailable when the index cannot be searched.
    """

    async def invoke(tool: ToolContext[Any], arguments: str) -> str:
        request: RequestContext = tool.context
        asked = read_arguments(arguments)
        if asked is None:
            return _NOT_UNDERSTOOD
        output = await _search_within_bounds(search, asked, request, max_searches, passages if not as_json else None)
        return output.model_dump_json() if as_json else output.context

    return FunctionTool(
        name=TOOL_NAME,
        description=DESCRIPTION,
        params_json_schema=PARAMETERS,
        on_invoke_tool=invoke,
        strict_json_schema=False,
    )


def read_arguments(raw: str) -> SearchArguments | None:
    """Return what a model asks for, however it writes that; None where nothing to search for can be made out."""
    given = _decode(raw)
    if isinstance(given, str | list):
        given = {"queries": given}
    if not isinstance(given, dict):
        return None
    queries = next((given[key] for key in _QUERY_KEYS if given.get(key)), None)
    texts = [queries] if isinstance(queries, str) else queries if isinstance(queries, list) else []
    asked = [text.strip() for text in texts if isinstance(text, str) and text.strip()]
    scope, chapter, lesson = (given.get(key) for key in ("search_scope", "current_chapter", "current_lesson"))
    if not asked:
        return None
    return SearchArguments(
        queries=asked[:MAX_QUERIES],
        search_scope=scope if scope in get_args(Scope) else "full_book",
        current_chapter=int(str(chapter)) if re.fullmatch(r"\d{1,6}", str(chapter)) else None,
        current_lesson=lesson or None if isinstance(lesson, str) else None,
    )


def _decode(raw: str) -> object:
    """Return the first JSON value in `raw`, which may stand in a fence or have something behind it, or None."""
    begin = re.search(r'[\[{"]', raw)
    try:
        return json.JSONDecoder().raw_decode(raw, begin.start())[0] if begin else None
    except ValueError:
        return None


async def _search_within_bounds(
    search: SearchFunction, asked: SearchArguments, request: RequestContext, max_searches: int, passages: int | None
) -> ToolOutput:
    scope = allowed_scope(asked.search_scope, request)
    if request.turn.searches >= max_searches:
        refusal = "No more searches in this turn. Answer from the passages found so far."
        return ToolOutput(found=False, scope=scope, context=refusal)
    page = _asked_page(request.page, asked.current_chapter, asked.current_lesson)
    found = await search_for(search, asked.queries, scope, page, request)
    if passages is not None:
        found = select(found, asked.queries, passages)
    return render(found, scope, request.turn)


async def search_for(
    search: SearchFunction, queries: list[str], scope: Scope, page: PageContext, request: RequestContext
) -> Found:
    """Search, with what the reader selected joined to every query, or ahead of them when it is what they ask about.

    It counts as one of the turn's searches, and the reader is told of it. Raises SearchUnavailable.
    """
    request.turn.searches += 1
    request.turn.report_progress(_progress(queries[0], scope, request.turn.locale))
    selection = "\n\n".join(marked.text for marked in request.selections) or None
    if selection is not None and request.selection_first:
        queries, selection = [selection, *queries], None
    # What a model looks for beyond its first search is no longer what the reader was offered.
    about = request.about if request.turn.searches == 1 else None
    try:
        found = await search(SearchRequest(queries, scope, page, selection, about))
    except IngestError as error:
        raise SearchUnavailable(str(error)) from error
    if found.searched_for is not None:
        request.turn.report_progress(_progress(found.searched_for, scope, request.turn.locale))
    return found


def select(found: Found, queries: Sequence[str], most: int) -> Found:
    """Return what of `found` a language model is given: its best passages, and none that says nothing to `queries`."""
    locale = found.passages[0].chunk.locale if found.passages else "en"
    asked = {term for query in queries for term in split_terms(query, locale)}
    telling = [passage for passage in found.passages if _tells(passage, asked)] or list(found.passages[:1])
    chosen, room = list[Passage](), PASSAGE_TOKENS * _BYTES_PER_TOKEN
    for passage in telling[:most]:
        room -= len(_passage_block(most, passage).encode())
        if chosen and room < 0:
            break
        chosen.append(passage)
    return replace(found, passages=tuple(chosen))


def _tells(passage: Passage, asked: set[str]) -> bool:
    if passage.logit is not None:
        return passage.logit >= _OFF_THE_SUBJECT
    chunk = passage.chunk
    return not asked or not asked.isdisjoint(split_terms(" ".join([*chunk.breadcrumbs, chunk.text]), chunk.locale))


def render(found: Found, scope: Scope, turn: TurnState) -> ToolOutput:
    """Label the passages of `found` and note whether the reader's scope has come up empty."""
    turn.found |= found.found
    if scope != "full_book" and not found.found:
        turn.scope_exhausted = True
    labelled = [(turn.cite(passage), passage) for passage in found.passages]
    blocks = [_passage_block(label, passage) for label, passage in labelled]
    return ToolOutput(
        found=found.found,
        addressed=found.addressed,
        scope=scope,
        locale=found.passages[0].chunk.locale if found.passages else "en",
        answerability=round(found.answerability, 2),
        searched_for=found.searched_for,
        context="\n\n".join([*_notes(found, scope), *blocks]),
        sources=[_source(label, passage) for label, passage in labelled],
    )


def _notes(found: Found, scope: Scope) -> list[str]:
    """Return what a model has to be told besides the passages."""
    place = PLACES[scope]
    if found.found:
        return []
    if scope == "full_book":
        return [NOT_COVERED]
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


def allowed_scope(asked: Scope, request: RequestContext) -> Scope:
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


def _progress(query: str, scope: Scope, locale: str) -> str:
    shown = query if len(query) <= _SHOWN_QUERY else query[:_SHOWN_QUERY].rstrip() + "…"
    said = notices_of(locale)
    lines: dict[Scope, str] = {
        "current_page": said.search_page,
        "current_chapter": said.search_chapter,
        "full_book": said.search_book,
    }
    return lines[scope].format(shown)
