"""What goes wrong with a model, each with the error kind it is counted under.

Their texts are ours: what a server says of an error may hold a reader's words.
"""

import re
from typing import Literal

from agents import AgentsException, MaxTurnsExceeded
from httpx2 import HTTPError, StreamError
from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError, OpenAIError, RateLimitError

from booklight.llm.pieces import Ending
from booklight_ingest.errors import IngestError

FAILURES = (AgentsException, OpenAIError)
"""What a run fails with: the agent's bounds, the search, and the model or the way to it."""

Failure = AgentsException | OpenAIError

UNREADABLE = (
    *(LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError),
    *(OSError, HTTPError, StreamError),
)
"""What reading fails with where a server sends something else than its format says, or breaks off: shapes that are not
there, text that is no JSON or no UTF-8, JSON too deep to decode, and the connection."""

Nothing = Literal["empty", "thought", "filtered", "not_an_api"]
"""What came in place of an answer: nothing, thinking alone, nothing past a filter, or a page that is no answer."""

_CUT_KINDS: dict[Ending, str] = {
    "length": "cut_short",
    "content_filter": "cut_filtered",
    "unfinished": "cut_unfinished",
    "repetition": "cut_repetition",
}
_UNSAFE = re.compile(r"[^\w.\-\[\]]")


class ServerFailed(AgentsException):
    """The server told of an error where an answer was expected."""

    def __init__(self, *, code: object = None, type: object = None, param: object = None) -> None:
        super().__init__("the model's server told of an error")
        self.code, self.type, self.param = code, type, param


class NoAnswer(AgentsException):
    """The model came to an end and said nothing that can be shown."""

    def __init__(self, nothing: Nothing) -> None:
        super().__init__(f"the model gave no answer: {nothing}")
        self.nothing = nothing


class CutShort(AgentsException):
    """The answer began, and ended before its end."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(f"the answer was cut: {ending}")
        self.ending = ending


class ContextExceeded(AgentsException):
    """The prompt is longer than the model's context, which holds `tokens` if the server says so."""

    def __init__(self, tokens: int | None = None) -> None:
        super().__init__("the prompt is longer than the model's context")
        self.tokens = tokens


class Unreadable(AgentsException):
    """What the server sent could not be read; the cause says where."""


def error_kind(failure: Failure) -> str:
    """Return the error kind under which a failure is counted."""
    match failure:
        case IngestError():
            return "index"
        case MaxTurnsExceeded():
            return "too_many_searches"
        case CutShort(ending=ending):
            return _CUT_KINDS[ending]
        case NoAnswer(nothing=nothing):
            return f"model_{nothing}"
        case ContextExceeded():
            return "model_context"
        case Unreadable():
            return "model_unreadable"
        case APITimeoutError():
            return "model_timeout"
        case APIConnectionError():
            return "model_unreachable"
        case RateLimitError():
            return "model_rate_limit"
        case APIStatusError():
            return "model_status"
        case APIError() | ServerFailed():
            return "model_error"
        case _:
            return "model"


def provider_facts(failure: BaseException) -> str:
    """Return the status, code, type and parameter that a server gave, in characters that no sentence needs."""
    if not isinstance(failure, APIError | ServerFailed):
        return ""
    facts: dict[str, object] = {"status": failure.status_code} if isinstance(failure, APIStatusError) else {}
    facts |= {"code": failure.code, "type": failure.type, "param": failure.param}
    shown = {name: _UNSAFE.sub("", str(value))[:60] for name, value in facts.items() if value is not None}
    return "".join(f" {name}={value}" for name, value in shown.items() if value)
