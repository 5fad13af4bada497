"""The first search of a turn: by the sidecar, for the reader's question, before any model is asked.

The model gets its passages at the head of the reader's message, and may answer at once; one that takes no tools can
answer at all. It costs no call of the model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from agents import TResponseInputItem
from chatkit.types import URLSource

from booklight.citations.stage import Absolute, source_of
from booklight.context import RequestContext
from booklight.contracts import Found, Scope
from booklight.llm.inputs import estimate_tokens
from booklight.llm.prompt_blocks import split_blocks, unwrap
from booklight.llm.search_tool import PASSAGES, PLACES, SearchFunction, allowed_scope, render, search_for, select
from booklight.llm.whole_question import whole_question

PROMPT_TOKENS = 900
"""What the instructions, the tool and a template take of a context."""
LEAST_FOR_ANSWER = 500


@dataclass(frozen=True, slots=True)
class FirstSearch:
    """Searches with `search` and gives the model the best `passages` of it.

    `context_tokens` are what the model's context holds, where that is known; `answer_tokens`, what it may write.
    """

    search: SearchFunction
    takes_tools: Callable[[], bool]
    absolute: Absolute
    passages: int = PASSAGES
    context_tokens: int | None = None
    answer_tokens: int = 4_000

    async def find(self, inputs: Sequence[TResponseInputItem], context: RequestContext) -> "Briefing":
        """Search for the question that `inputs` end with. Raises SearchUnavailable.

        Where the reader's own scope has nothing, and the model cannot search again, the book is searched and it is
        told so.
        """
        asked = [unwrap(str(item.get("content", "")))[1] for item in inputs if item.get("role") == "user"]
        question = whole_question(asked)
        if not question:
            return Briefing(question, Found((), 0.0, found=False), "full_book", ())
        scope = allowed_scope("full_book", context)
        found = await search_for(self.search, [question], scope, context.page, context)
        missed: tuple[Scope, ...] = ()
        if scope != "full_book" and not found.found and not self.takes_tools():
            missed, scope = (scope,), "full_book"
            found = await search_for(self.search, [question], scope, context.page, context)
        return Briefing(question, select(found, [question], self.passages), scope, missed)

    def brief(
        self,
        inputs: Sequence[TResponseInputItem],
        briefing: "Briefing",
        context: RequestContext,
        context_tokens: int | None = None,
    ) -> list[TResponseInputItem]:
        """Return `inputs` with the passages at the head of the question, cut to the model's context.

        The oldest of the conversation is cut first, then the last passages. `context_tokens` is what was learned since.
        """
        asked = max(place for place, item in enumerate(inputs) if item.get("role") == "user")
        text = str(inputs[asked].get("content", ""))
        output = render(briefing.found, briefing.scope, context.turn)
        notes = [f"Nothing in {PLACES[scope]} answers this. From elsewhere in the book:" for scope in briefing.missed]
        history, passages = list(inputs[:asked]), split_blocks("\n\n".join([*notes, output.context]))
        if (tokens := context_tokens or self.context_tokens) is not None:
            room = tokens - PROMPT_TOKENS - min(self.answer_tokens, max(LEAST_FOR_ANSWER, tokens // 4))
            history, passages = _cut(history, passages, text, room)
        question = {**inputs[asked], "content": "\n\n".join([*passages, *_announced(text)])}
        return [*history, cast(TResponseInputItem, question), *inputs[asked + 1 :]]

    def sources(self, briefing: "Briefing") -> list[URLSource]:
        """Return where the passages that were found stand, each section once."""
        sources = [source_of(passage, self.absolute) for passage in briefing.found.passages]
        return [*{source.url: source for source in sources}.values()] if briefing.found.found else []


@dataclass(frozen=True, slots=True)
class Briefing:
    """What the first search found for the reader's whole `question`, where it searched, and where it found nothing."""

    question: str
    found: Found
    scope: Scope
    missed: tuple[Scope, ...]


def _announced(text: str) -> list[str]:
    """Return a reader's message as blocks and, announced, what they typed: behind passages a small model loses it."""
    *blocks, typed = split_blocks(text) or [text]
    return [*blocks, f"Question: {typed}" if unwrap(typed)[1] else typed]


def _cut(
    history: list[TResponseInputItem], passages: list[str], asked: str, room: int
) -> tuple[list[TResponseInputItem], list[str]]:
    """Return what fits into `room` tokens beside the question: the latest history, and the first passages."""

    def too_long() -> bool:
        return estimate_tokens([*history, *passages, asked]) > room

    while history and too_long():
        del history[0]
        while history and history[0].get("role") != "user":
            del history[0]
    while len(passages) > 1 and too_long():
        passages.pop()
    return history, passages
