"""Tool calls that a model wrote into its text: JSON, bare or in a fence or a tag, and calls as Python writes them.

Such a text begins a line and is the end of what the model has to say. The tool meant is ours, as there is no other.
"""

import ast
import json
import re
from collections.abc import Iterator

from booklight.llm.pieces import Call, Json

_NAMES = "name|function|tool|tool_name|action"
_ARGUMENTS = ("arguments", "parameters", "args", "input", "action_input")
_QUERIES = "queries|query|search_query"
_FENCE = r"(?:`{3,}[a-z_]{0,12}[ \t]*\n\s*)?"
_BEGINS = re.compile(
    rf"[ \t]*{_FENCE}(?:"
    r"<(?:tool_call|function_call|tool_code|function=|\|tool_call|\|python_tag)|\[TOOL_CALLS?\]"
    rf'|\[?\s*\{{\s*"(?:(?:{_NAMES})"\s*:\s*(?:"(?:functions\.)?search|\{{\s*"name)|type"\s*:\s*"function|(?:{_QUERIES})"\s*:)'
    r"|\[?\s*(?:print\()?(?:functions\.)?search_\w{1,30}\("
    r")"
)
_MAY_BEGIN = re.compile(
    r"[ \t]*(?:`{3,}(?:[a-z_]{0,12}[ \t]*(?:\n\s*)?)?)?"
    r'(?:<\|?[a-z_]{0,14}=?|\[[A-Z_]{0,12}|\[?\s*(?:\{\s*(?:"[a-z_]{0,14}(?:"\s*(?::\s*(?:"[\w.]{0,12}|\{\s*"?[a-z]{0,4})?)?)?)?)?)?\Z'
)
_OPENINGS = ("print(search_book_content(", "functions.search_book_content(", "search_book_content(")
_BEFORE_NAME = re.compile(rf"[ \t]*{_FENCE}\[?\s*")
_RECIPIENT = re.compile(r"to=(?:functions\.)?([\w.]+)")
_PYTHON = re.compile(r"(?:functions\.)?search_\w{1,30}\(")
_VALUE_BEGINS = re.compile(r"[\[{]")


def begins_call(text: str, place: int) -> bool:
    """Say whether a call begins at `place`, which is where a line begins."""
    return bool(_BEGINS.match(text, place))


def may_begin_call(text: str, place: int) -> bool:
    """Say whether what stands from `place` to the end may yet turn out to begin a call."""
    if _MAY_BEGIN.match(text, place):
        return True
    before = _BEFORE_NAME.match(text, place)
    name = text[before.end() :] if before else ""
    return bool(name) and any(opening.startswith(name) for opening in _OPENINGS)


def read_calls(text: str) -> tuple[list[Call], str]:
    """Return the calls in `text`, which begins with one, and the text again if it turns out to hold none.

    One that cannot be read, as when it was cut, is returned as it stands, for the tool to complain of.
    """
    calls = [*_json_calls(text)] or [*_python_calls(text)]
    if calls:
        return calls, ""
    complete = any(True for _ in _values(text))
    return ([], text) if complete else ([Call("", text)], "")


def _json_calls(text: str) -> Iterator[Call]:
    recipient = _RECIPIENT.search(text.partition("<|message|>")[0])
    for value in _values(text):
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and (call := _call_of(one)):
                yield call
            elif recipient is not None and isinstance(one, dict):
                yield Call(recipient[1], json.dumps(one))


def _values(text: str) -> Iterator[object]:
    """Yield the JSON values of `text`, each as far as it goes, the outermost alone."""
    decoder, place = json.JSONDecoder(), 0
    while (begin := _VALUE_BEGINS.search(text, place)) is not None:
        try:
            value, place = decoder.raw_decode(text, begin.start())
        except ValueError:
            place = begin.end()
            continue
        yield value


def _call_of(value: Json) -> Call | None:
    match value:
        case {"function": dict(inner)}:
            return _call_of(inner)
        case {"queries": _} | {"query": _} | {"search_query": _}:
            return Call("", json.dumps(value))
    name = next((value[key] for key in _NAMES.split("|") if isinstance(value.get(key), str)), None)
    if name is None:
        return None
    arguments: object = next((value[key] for key in _ARGUMENTS if key in value), {})
    return Call(name.removeprefix("functions."), arguments if isinstance(arguments, str) else json.dumps(arguments))


def _python_calls(text: str) -> Iterator[Call]:
    for begin in _PYTHON.finditer(text):
        arguments = _python_arguments(text[begin.start() :])
        if arguments is not None:
            yield Call(begin[0][:-1].removeprefix("functions."), json.dumps(arguments))


def _python_arguments(text: str) -> Json | None:
    """Return the literal arguments of the call that `text` begins with; the first without a name are the queries."""
    for end in (place for place, character in enumerate(text) if character == ")"):
        try:
            call = ast.parse(text[: end + 1], mode="eval").body
            if not isinstance(call, ast.Call):
                return None
            named = {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg}
            return named or {"queries": [ast.literal_eval(value) for value in call.args]}
        except (SyntaxError, ValueError):
            continue
    return None
