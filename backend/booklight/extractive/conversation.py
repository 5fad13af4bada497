"""The conversation so far, read for what is asked now: the latest message and what the searches since returned."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents import ModelBehaviorError
from agents.items import TResponseInputItem
from pydantic import ValidationError

from booklight.llm.prompt_blocks import PromptBlock, unwrap
from booklight.llm.search_tool import TOOL_NAME, ToolOutput
from booklight.llm.whole_question import points_back
from booklight_ingest.terms import cut_text, split_terms

DEFAULT_LOCALE = "en"

_QUERY_LENGTH = 400
# What is longer would drown what was meant, and cost time that no answer is worth.
_QUESTION_READ = 600
_SELECTION_READ = 2_000


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """What is asked: the reader's words, the earlier question they point back to, what was selected and the locale."""

    text: str
    topic: str | None = None
    selection: str | None = None
    locale: str = DEFAULT_LOCALE

    @property
    def query(self) -> str:
        """The question made whole, as it is searched and judged; empty where there is nothing to search for."""
        parts = [self.topic or "", self.text]
        text = " ".join(part for part in parts if split_terms(part, self.locale)) or (self.selection or "")
        query = cut_text(text, _QUERY_LENGTH).strip()
        return query if split_terms(query, self.locale) else ""

    @property
    def judged(self) -> str:
        """What blocks are judged by: the question made whole, and the beginning of what was selected."""
        selected = cut_text(self.selection or "", _QUERY_LENGTH)
        return self.query if not selected or self.query in selected else f"{self.query} {selected}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange with the reader: what is asked, what the searches for it returned, and what was said before."""

    question: AskedQuestion
    outputs: tuple[ToolOutput, ...] = ()
    said: tuple[str, ...] = ()


def read_exchange(items: str | list[TResponseInputItem]) -> Exchange:
    """Read the latest user message, what it points back to, and the tool outputs after it.

    Raises ModelBehaviorError when an output is not the search tool's.
    """
    if isinstance(items, str):
        return Exchange(AskedQuestion(items))
    asked: list[tuple[str, list[PromptBlock]]] = []
    outputs: list[ToolOutput] = []
    said: list[str] = []
    for item in items:
        if item.get("role") == "user":
            blocks, typed = unwrap(_text(item))
            asked.append((cut_text(typed, _QUESTION_READ), blocks))
            outputs = []
        elif item.get("role") == "assistant":
            said.append(_text(item))
        elif item.get("type") == "function_call_output":
            outputs.append(_read_output(item.get("output")))
    question = _question(asked) if asked else AskedQuestion("")
    return Exchange(question, tuple(outputs), tuple(said))


def _question(asked: Sequence[tuple[str, list[PromptBlock]]]) -> AskedQuestion:
    text, blocks = asked[-1]
    marked = "\n\n".join(block.text for block in blocks if block.tag in {"selection", "quote"})
    selected = cut_text(marked, _SELECTION_READ)
    locale = next((place for block in blocks if (place := _locale(block))), DEFAULT_LOCALE)
    earlier = [question for question, _ in asked[:-1]]
    return AskedQuestion(text, None if selected else _topic(text, earlier, locale), selected or None, locale)


def _locale(block: PromptBlock) -> str | None:
    """Return the locale that a page's block names."""
    named = re.search(r"^locale: (\S+)$", block.text, re.MULTILINE) if block.tag == "page" else None
    return named[1] if named else None


def _topic(text: str, earlier: Sequence[str], locale: str) -> str | None:
    """Return the latest earlier question that stands by itself, if `text` points back."""
    if not points_back(text, locale):
        return None
    return next((question for question in reversed(earlier) if not points_back(question, locale)), None)


def _read_output(output: object) -> ToolOutput:
    try:
        return ToolOutput.model_validate_json(output if isinstance(output, str) else json.dumps(output))
    except ValidationError:
        raise ModelBehaviorError(f"{TOOL_NAME} returned something other than its JSON") from None


def _text(item: TResponseInputItem) -> str:
    """Return the text of a message, whether its content is a string or parts."""
    content = item.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))
