"""The model that needs no model: it searches like any other, then answers in the book's own words.

It sees what a language model sees, the conversation and the search tool's output, and nothing of the index. Each call
takes one step: search, look further than the reader's page when nothing there answers, or answer.
"""

import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from agents import AgentOutputSchemaBase, Handoff, Model, ModelBehaviorError, ModelResponse, ModelSettings, Tool, Usage
from agents.items import TResponseInputItem, TResponseStreamEvent
from agents.models.interface import ModelTracing
from openai.types.responses import ResponseFunctionToolCall
from openai.types.responses.response_prompt_param import ResponsePromptParam
from pydantic import BaseModel, ValidationError

from backend.blocks import unwrap
from backend.contracts import Scope
from backend.model_events import function_call, message, stream_function_call, stream_message
from backend.quoting import Question, Quotation, quote
from backend.sections import Section, escape, open_section
from backend.tools import TOOL_NAME, Source, ToolOutput
from ingest.terms import split_terms

NAME = "extractive"

GREETING = "Hello! Ask me something about this book, and I will quote the passages that answer it."
THANKS = "You are welcome. Ask on whenever you like."
NO_QUESTION = "I could not find a question in that. Ask about something in this book, in a few words."
NOT_COVERED = "This book does not seem to cover that."
NEAR = "The book does not say this in so many words; this is the nearest it comes:"

_NOT_HERE: dict[Scope, str] = {
    "current_page": "Nothing on this page seems to answer that.",
    "current_chapter": "Nothing in this chapter seems to answer that.",
    "full_book": NOT_COVERED,
}
_ELSEWHERE = "From elsewhere in the book:"
_NEAREST = 3
_QUERY_LENGTH = 400
_PIECE = re.compile(r"(?:\S+\s*){1,3}")

_GREETS = re.compile(
    r"\W*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day))(?: (?:there|all|you|book))?\W*", re.IGNORECASE
)
_THANKS = re.compile(
    r"\W*(?:(?:ok(?:ay)?|great|cool|nice|perfect|good|got it|bye|goodbye|thx|(?:many )?thank(?:s| you)"
    r"(?: (?:so|very) much| a lot)?)\W*)+",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"^\W*(?:and|but|so|or|also|then|what about|how about|what if|why not|why so|how so)\b", re.IGNORECASE
)
_PRONOUN = re.compile(r"\b(?:it|its|that|this|they|them|their|those|these|there|one)\b", re.IGNORECASE)
_FEW_TERMS = 3


class _Arguments(BaseModel):
    """What the search tool is called with."""

    queries: list[str]
    search_scope: Scope = "full_book"


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is asked in the latest message, and what the searches of this turn returned."""

    question: Question
    outputs: tuple[ToolOutput, ...]


class ExtractiveModel(Model):
    """Answers with quotations. It keeps nothing between calls, so one serves every reader."""

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None,
        conversation_id: str | None,
        prompt: ResponsePromptParam | None,
    ) -> ModelResponse:
        """Return the next step of the turn at once."""
        step = take_step(input)
        output = message(step) if isinstance(step, str) else step
        return ModelResponse(output=[output], usage=Usage(requests=1), response_id=None)

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None,
        conversation_id: str | None,
        prompt: ResponsePromptParam | None,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Yield the next step of the turn, an answer in groups of words."""
        step = take_step(input)
        events = (
            stream_message(NAME, _PIECE.findall(step)) if isinstance(step, str) else stream_function_call(NAME, step)
        )
        for event in events:
            yield event


def take_step(items: str | list[TResponseInputItem]) -> str | ResponseFunctionToolCall:
    """Return the answer to the latest message of `items`, or the search that has to come first."""
    turn = _read_turn(items)
    if turn.outputs:
        return _look_further(turn) or _answer(turn)
    return _small_talk(turn.question) or _search(_query(turn.question))


def _look_further(turn: _Turn) -> ResponseFunctionToolCall | None:
    """Return a search of the whole book if the only one so far was narrower and nothing there answers."""
    first = turn.outputs[0]
    if len(turn.outputs) > 1 or first.scope == "full_book" or first.found or _quote(turn.question, first):
        return None
    return _search(_query(turn.question))


def _answer(turn: _Turn) -> str:
    first, last = turn.outputs[0], turn.outputs[-1]
    quoted = _quote(turn.question, last)
    if quoted is None:
        return "\n\n".join([_NOT_HERE[last.scope], *_nearest(last)])
    said = [quoted.text] if quoted.sure else [NEAR, quoted.text]
    if last is not first:
        said.insert(0, f"{_NOT_HERE[first.scope]} {_ELSEWHERE}")
    return "\n\n".join(said)


def _quote(question: Question, output: ToolOutput) -> Quotation | None:
    """Return quotations that answer; where the search thinks that nothing does, only ones that surely do."""
    quoted = quote(question, _sections(output), output.answerability)
    return quoted if quoted and (output.found or quoted.sure) else None


def _nearest(output: ToolOutput) -> list[str]:
    """Return a list of the nearest pages, each once, or nothing if there are none."""
    pages = {source.url.partition("#")[0]: source for source in reversed(output.sources)}
    nearest = sorted(pages.values(), key=lambda source: output.sources.index(source))[:_NEAREST]
    lines = [f"- {escape(_name(source))}[^{source.label}]" for source in nearest]
    return ["The nearest pages are:\n\n" + "\n".join(lines)] if lines else []


def _name(source: Source) -> str:
    return source.title if source.title == source.page else f"{source.page} › {source.title}"


def _sections(output: ToolOutput) -> list[Section]:
    blocks = [block for block in unwrap(output.context)[0] if block.tag == "passage"]
    return [
        open_section(rank, block.attributes["label"], block.attributes["where"].split(" › "), block.text)
        for rank, block in enumerate(blocks)
    ]


def _small_talk(question: Question) -> str | None:
    """Return the reply to what is no question about the book, else None."""
    if _GREETS.fullmatch(question.text):
        return GREETING
    if _THANKS.fullmatch(question.text):
        return THANKS
    return None if _query(question) else NO_QUESTION


def _query(question: Question) -> str:
    """Return what to search for, or nothing if there is nothing to search for."""
    parts = [question.topic or "", question.text]
    text = " ".join(part for part in parts if split_terms(part)) or (question.selection or "")
    return text[:_QUERY_LENGTH].strip() if split_terms(text) else ""


def _search(query: str) -> ResponseFunctionToolCall:
    return function_call(TOOL_NAME, _Arguments(queries=[query]).model_dump_json())


def _read_turn(items: str | list[TResponseInputItem]) -> _Turn:
    """Read the latest user message, what it points back to, and the tool outputs after it."""
    if isinstance(items, str):
        return _Turn(Question(items), ())
    asked: list[tuple[str, str | None]] = []
    outputs: list[ToolOutput] = []
    for item in items:
        if item.get("role") == "user":
            asked.append(_read_message(_text(item)))
            outputs = []
        elif item.get("type") == "function_call_output":
            outputs.append(_read_output(item.get("output")))
    if not asked:
        return _Turn(Question(""), ())
    text, selection = asked[-1]
    earlier = [question for question, _ in asked[:-1]]
    return _Turn(Question(text, _topic(text, selection, earlier), selection), tuple(outputs))


def _read_message(text: str) -> tuple[str, str | None]:
    """Return the question as typed, and the passages that came with it."""
    blocks, typed = unwrap(text)
    selected = [block.text for block in blocks if block.tag in {"selection", "quote"}]
    return typed, "\n\n".join(selected) or None


def _read_output(output: object) -> ToolOutput:
    try:
        return ToolOutput.model_validate_json(output if isinstance(output, str) else json.dumps(output))
    except ValidationError:
        raise ModelBehaviorError(f"{TOOL_NAME} returned something other than its JSON") from None


def _topic(text: str, selection: str | None, earlier: Sequence[str]) -> str | None:
    """Return the latest earlier question that stands by itself, if `text` points back."""
    if selection is not None or not _points_back(text):
        return None
    standing = (question for question in reversed(earlier) if not _points_back(question))
    return next(standing, None)


def _points_back(text: str) -> bool:
    terms = split_terms(text)
    return not terms or bool(_POINTS_BACK.match(text)) or (len(terms) <= _FEW_TERMS and bool(_PRONOUN.search(text)))


def _text(item: TResponseInputItem) -> str:
    """Return the text of a message, whether its content is a string or parts."""
    content = item.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))
