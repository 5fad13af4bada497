"""The conversation so far, read for what is asked now: the latest message and what the searches since returned."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents import ModelBehaviorError
from agents.items import TResponseInputItem
from pydantic import ValidationError

from booklight.extractive.question import ParsedQuestion
from booklight.llm.prompt_blocks import unwrap
from booklight.llm.search_tool import TOOL_NAME, ToolOutput
from booklight_ingest.terms import split_terms

_POINTS_BACK = re.compile(
    r"^\W*(?:and|but|so|or|also|then|what about|how about|what if|why not|why so|how so)\b", re.IGNORECASE
)
_PRONOUN = re.compile(r"\b(?:it|its|that|this|they|them|their|those|these|there|one)\b", re.IGNORECASE)
_FEW_TERMS = 3


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange with the reader: what is asked in the latest message, and what the searches for it returned."""

    question: ParsedQuestion
    outputs: tuple[ToolOutput, ...] = ()


def read_exchange(items: str | list[TResponseInputItem]) -> Exchange:
    """Read the latest user message, what it points back to, and the tool outputs after it.

    Raises ModelBehaviorError when an output is not the search tool's.
    """
    if isinstance(items, str):
        return Exchange(ParsedQuestion(items))
    asked: list[tuple[str, str | None]] = []
    outputs: list[ToolOutput] = []
    for item in items:
        if item.get("role") == "user":
            asked.append(_read_message(_text(item)))
            outputs = []
        elif item.get("type") == "function_call_output":
            outputs.append(_read_output(item.get("output")))
    if not asked:
        return Exchange(ParsedQuestion(""))
    text, selection = asked[-1]
    earlier = [question for question, _ in asked[:-1]]
    return Exchange(ParsedQuestion(text, _topic(text, selection, earlier), selection), tuple(outputs))


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
