"""The steps of a turn: search, look further than the reader's page when nothing there answers, or answer.

A step sees what a language model sees, the conversation and the search tool's output, and nothing of the index.
"""

import re
from collections.abc import Sequence

from agents.items import TResponseInputItem
from openai.types.responses import ResponseFunctionToolCall
from pydantic import BaseModel

from booklight.contracts import Scope
from booklight.extractive.choosing import Choice, ParsedSection, Tier, choose
from booklight.extractive.conversation import Exchange, read_exchange
from booklight.extractive.phrases import LANGUAGES, Phrases, load_phrases, phrases_of
from booklight.extractive.rendering import block_quote, escape, render
from booklight.extractive.scores import ScoreBlocks
from booklight.llm.events import function_call
from booklight.llm.prompt_blocks import unwrap
from booklight.llm.search_tool import TOOL_NAME, ToolOutput, ToolSource

_NEAREST = 3


class _Arguments(BaseModel):
    """What the search tool is called with."""

    queries: list[str]
    search_scope: Scope = "full_book"


async def take_step(items: str | list[TResponseInputItem], score_blocks: ScoreBlocks) -> str | ResponseFunctionToolCall:
    """Return the answer to the latest message of `items`, or the search that has to come first."""
    exchange = read_exchange(items)
    if not exchange.outputs:
        return _small_talk(exchange) or _search(exchange)
    first, last = exchange.outputs[0], exchange.outputs[-1]
    choice = await _choose(exchange, last, score_blocks)
    if len(exchange.outputs) == 1 and first.scope != "full_book" and not first.found and choice.tier != "sure":
        return _search(exchange)
    return _answer(choice, first, last)


def tier_of(text: str) -> Tier | None:
    """Return the tier of an answer that `take_step` gave, None where it is no answer to a question."""
    every = [load_phrases(language) for language in LANGUAGES]
    if text.strip() in {said for phrases in every for said in (phrases.greeting, phrases.welcome, phrases.no_question)}:
        return None
    paragraphs = text.split("\n\n")
    if any(phrases.nearby in paragraphs for phrases in every):
        return "likely"
    refusals = tuple(phrases.not_covered for phrases in every)
    # What was searched for in place of a mistyped word may stand first.
    return "not_covered" if any(part.startswith(refusals) for part in paragraphs[:2]) else "sure"


def _small_talk(exchange: Exchange) -> str | None:
    """Return the reply to what is no question about the book, else None."""
    phrases = phrases_of(exchange.question.locale)
    words = set(re.findall(r"[^\W_]+", exchange.question.text.casefold()))
    if words and words <= {*phrases.hellos.split()}:
        return phrases.greeting
    if words and words <= {*phrases.thanks.split()}:
        return phrases.welcome
    return None if exchange.question.query else phrases.no_question


def _search(exchange: Exchange) -> ResponseFunctionToolCall:
    return function_call(TOOL_NAME, _Arguments(queries=[exchange.question.query]).model_dump_json())


async def _choose(exchange: Exchange, output: ToolOutput, score_blocks: ScoreBlocks) -> Choice:
    return await choose(
        exchange.question,
        _sections(output),
        covered=output.found,
        addressed=output.addressed,
        said=exchange.said,
        locale=output.locale,
        score_blocks=score_blocks,
    )


def _sections(output: ToolOutput) -> list[ParsedSection]:
    blocks = [block for block in unwrap(output.context)[0] if block.tag == "passage"]
    return [
        ParsedSection(block.attributes["label"], tuple(block.attributes["where"].split(" › ")), block.text)
        for block in blocks
    ]


def _answer(choice: Choice, first: ToolOutput, last: ToolOutput) -> str:
    phrases = phrases_of(last.locale)
    corrected = [] if last.searched_for is None else [phrases.searched_for.format(escape(last.searched_for))]
    said = [] if last.scope == first.scope else [f"{_not_here(phrases, first.scope)} {phrases.elsewhere}"]
    match choice.tier:
        case "not_covered":
            said = [_not_here(phrases, last.scope), *_nearest(phrases, last.sources)]
        case "likely":
            said += [phrases.nearby, *(block_quote(render(quotation)) for quotation in choice.quotations)]
        case "sure":
            said += [render(quotation) for quotation in choice.quotations]
    return "\n\n".join([*corrected, *said])


def _not_here(phrases: Phrases, scope: Scope) -> str:
    match scope:
        case "current_page":
            return phrases.not_on_page
        case "current_chapter":
            return phrases.not_in_chapter
        case "full_book":
            return phrases.not_covered


def _nearest(phrases: Phrases, sources: Sequence[ToolSource]) -> list[str]:
    """Return a list of the nearest pages, each once, or nothing if there are none."""
    pages: dict[str, ToolSource] = {}
    for source in sources:
        pages.setdefault(source.url.partition("#")[0], source)
    lines = [f"- {escape(_name(source))}[^{source.label}]" for source in [*pages.values()][:_NEAREST]]
    return [f"{phrases.nearest}\n\n" + "\n".join(lines)] if lines else []


def _name(source: ToolSource) -> str:
    return source.title if source.title == source.page else f"{source.page} › {source.title}"
