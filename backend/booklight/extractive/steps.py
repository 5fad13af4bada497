"""The steps of a turn: search, look further than the reader's page when nothing there answers, or answer.

A step sees what a language model sees, the conversation and the search tool's output, and nothing of the index.
"""

import re
from collections.abc import Sequence

from agents.items import TResponseInputItem
from openai.types.responses import ResponseFunctionToolCall
from pydantic import BaseModel

from booklight.contracts import Scope
from booklight.extractive.conversation import Exchange, read_exchange
from booklight.extractive.cues import defines
from booklight.extractive.question import ParsedQuestion
from booklight.extractive.quoting import Quotation, quote
from booklight.extractive.rendering import escape
from booklight.extractive.section import ParsedSection, parse_section
from booklight.llm.events import function_call
from booklight.llm.prompt_blocks import unwrap
from booklight.llm.search_tool import TOOL_NAME, ToolOutput, ToolSource

GREETING = "Hello! Ask me something about this book, and I will quote the passages that answer it."
THANKS = "You are welcome. Ask on whenever you like."
NO_QUESTION = "I could not find a question in that. Ask about something in this book, in a few words."
NOT_COVERED = "This book does not seem to cover that."
NEAR = "The book does not answer this in so many words. This comes nearest:"

_NOT_HERE: dict[Scope, str] = {
    "current_page": "Nothing on this page seems to answer that.",
    "current_chapter": "Nothing in this chapter seems to answer that.",
    "full_book": NOT_COVERED,
}
_ELSEWHERE = "From elsewhere in the book:"
_NEAREST = 3
_GLOSSARY_QUERY = "the word {} means"

_GREETS = re.compile(
    r"\W*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day))(?: (?:there|all|you|book))?\W*", re.IGNORECASE
)
_THANKS = re.compile(
    r"\W*(?:(?:ok(?:ay)?|great|cool|nice|perfect|good|got it|bye|goodbye|thx|(?:many )?thank(?:s| you)"
    r"(?: (?:so|very) much| a lot)?)\W*)+",
    re.IGNORECASE,
)


class _Arguments(BaseModel):
    """What the search tool is called with."""

    queries: list[str]
    search_scope: Scope = "full_book"


def take_step(items: str | list[TResponseInputItem]) -> str | ResponseFunctionToolCall:
    """Return the answer to the latest message of `items`, or the search that has to come first."""
    exchange = read_exchange(items)
    if exchange.outputs:
        return _search_again(exchange) or _answer(exchange)
    return _small_talk(exchange.question) or _search(exchange.question.query)


def _small_talk(question: ParsedQuestion) -> str | None:
    """Return the reply to what is no question about the book, else None."""
    if _GREETS.fullmatch(question.text):
        return GREETING
    if _THANKS.fullmatch(question.text):
        return THANKS
    return None if question.query else NO_QUESTION


def _search(query: str) -> ResponseFunctionToolCall:
    return function_call(TOOL_NAME, _Arguments(queries=[query]).model_dump_json())


def _search_again(exchange: Exchange) -> ResponseFunctionToolCall | None:
    """Return a second search if the only one so far leaves a hope.

    Where it was narrower than the book and nothing there answers, it is the whole book's turn. Where a definition is
    asked for and none came, a glossary may have it, in a section too long to be found by one word.
    """
    first, word = exchange.outputs[0], exchange.question.word
    if len(exchange.outputs) > 1:
        return None
    if first.scope != "full_book" and not first.found and not _quote(exchange.question, first):
        return _search(exchange.question.query)
    return _search(_GLOSSARY_QUERY.format(word)) if word and first.found and not _defines(word, first) else None


def _answer(exchange: Exchange) -> str:
    first, last = exchange.outputs[0], exchange.outputs[-1]
    if last.scope == first.scope and not _defines(exchange.question.word, last):
        last = first
    quoted = _quote(exchange.question, last)
    if quoted is None:
        return "\n\n".join([_NOT_HERE[last.scope], *_nearest(last.sources)])
    said = [quoted.text] if quoted.sure else [NEAR, quoted.text]
    if last.scope != first.scope:
        said.insert(0, f"{_NOT_HERE[first.scope]} {_ELSEWHERE}")
    return "\n\n".join(said)


def _defines(word: str | None, output: ToolOutput) -> bool:
    units = [unit for section in _sections(output) for unit in section.units]
    return word is not None and any(defines(word, unit) for unit in units)


def _quote(question: ParsedQuestion, output: ToolOutput) -> Quotation | None:
    return quote(question, _sections(output), output.answerability)


def _sections(output: ToolOutput) -> list[ParsedSection]:
    blocks = [block for block in unwrap(output.context)[0] if block.tag == "passage"]
    return [
        parse_section(rank, block.attributes["label"], block.attributes["where"].split(" › "), block.text)
        for rank, block in enumerate(blocks)
    ]


def _nearest(sources: Sequence[ToolSource]) -> list[str]:
    """Return a list of the nearest pages, each once, or nothing if there are none."""
    pages: dict[str, ToolSource] = {}
    for source in sources:
        pages.setdefault(source.url.partition("#")[0], source)
    lines = [f"- {escape(_name(source))}[^{source.label}]" for source in [*pages.values()][:_NEAREST]]
    return ["The nearest pages are:\n\n" + "\n".join(lines)] if lines else []


def _name(source: ToolSource) -> str:
    return source.title if source.title == source.page else f"{source.page} › {source.title}"
