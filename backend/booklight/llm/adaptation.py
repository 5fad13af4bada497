"""What a server has been found not to take: learned from its errors, remembered, and left out from then on."""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar

from openai import APIStatusError, Omit

from booklight.llm.failures import ContextExceeded

Options = dict[str, Any]
"""What a request is made with, of either wire format."""
Result = TypeVar("Result")
Change = Literal["completion_tokens", "stream_options", "strict", "parallel_tool_calls", "temperature", "tools"]

_SIGNS: dict[Change, re.Pattern[str]] = {
    "completion_tokens": re.compile(r"max_completion_tokens|max_tokens\W{0,3} is not supported"),
    "stream_options": re.compile(r"stream_options"),
    "strict": re.compile(r"\bstrict\b"),
    "parallel_tool_calls": re.compile(r"parallel_tool_calls"),
    "temperature": re.compile(r"\btemperature\b"),
    "tools": re.compile(
        r"not support(?:ed)?\b.{0,30}\b(?:tools?\b|functions?\b|tool[ _-])"
        r"|(?:tools?|tool[ _-]\w+|functions?(?: calling)?)\W{0,3} (?:is|are) not (?:supported|enabled|available)"
        r"|enable-auto-tool-choice|tools? param requires|unknown.{0,20}\btools\b",
        re.IGNORECASE,
    ),
}
_CONTEXT = re.compile(
    r"exceed_context_size|context_length_exceeded|maximum context length"
    r"|(?:exceeds?|larger than|longer than).{0,60}context|context (?:size|window|length).{0,60}exceed"
    r"|prompt is too long",
    re.IGNORECASE,
)
_CONTEXT_TOKENS = re.compile(
    r"\bn_ctx\W{1,6}(\d+)|context (?:length|size|window)\D{0,30}(\d{3,7})|(\d{3,7}) tokens? (?:context|maximum)"
)

_log = logging.getLogger("booklight.models")


class Adaptation:
    """What is changed in requests to one server."""

    def __init__(self) -> None:
        self._changes: set[Change] = set()

    @property
    def takes_tools(self) -> bool:
        """Whether the server has not refused tools so far."""
        return "tools" not in self._changes

    async def ask(self, send: Callable[[Options], Awaitable[Result]], options: Options) -> Result:
        """Send a request, and again without what the server says that it does not take.

        Raises ContextExceeded where the prompt is too long, and any other of the server's errors as it is.
        """
        while True:
            try:
                return await send(self.apply(options))
            except APIStatusError as error:
                told = f"{error.message} {error.body}"
                if _CONTEXT.search(told):
                    raise ContextExceeded(_tokens(told)) from error
                if not self._learn(told, options):
                    raise

    def apply(self, options: Options) -> Options:
        """Return `options` without what the server does not take."""
        options = {name: value for name, value in options.items() if not isinstance(value, Omit)}
        for change in self._changes:
            options = _changed(options, change)
        return options

    def _learn(self, told: str, options: Options) -> bool:
        """Take the first change that the server asks for and that makes a difference; say whether there is one."""
        before = self.apply(options)
        for change, sign in _SIGNS.items():
            if change not in self._changes and sign.search(told) and _changed(before, change) != before:
                self._changes.add(change)
                if change == "tools":
                    _log.warning("the model's server takes no tools: answers rest on the first search alone")
                else:
                    _log.info("the model's server does not take %s: left out from now on", change)
                return True
        return False


def _changed(options: Options, change: Change) -> Options:
    match change:
        case "completion_tokens" if "max_tokens" in options:
            return _without(options, "max_tokens") | {"max_completion_tokens": options["max_tokens"]}
        case "stream_options" | "parallel_tool_calls" | "temperature":
            return _without(options, change)
        case "strict" if "tools" in options:
            return options | {"tools": [_without(tool, "strict") for tool in options["tools"]]}
        case "tools":
            conversation = "messages" if "messages" in options else "input"
            kept = _without(options, "tools", "tool_choice", "parallel_tool_calls")
            return kept | {conversation: _without_calls(kept.get(conversation))}
    return options


def _without_calls(conversation: Any) -> Any:
    """Return a conversation with what tools returned as a reader's message, and without the calls."""
    if not isinstance(conversation, list):
        return conversation
    return [plain for item in conversation if (plain := _plain(item)) is not None]


def _plain(item: Options) -> Options | None:
    if item.get("role") == "tool" or item.get("type") == "function_call_output":
        return {"role": "user", "content": item.get("content") or item.get("output")}
    if item.get("tool_calls") or item.get("type") == "function_call":
        return None
    return item


def _without(options: Options, *names: str) -> Options:
    return {name: value for name, value in options.items() if name not in names}


def _tokens(told: str) -> int | None:
    """Return how many tokens the context holds, if the server says so."""
    found = _CONTEXT_TOKENS.search(told)
    return int(next(group for group in found.groups() if group)) if found else None
