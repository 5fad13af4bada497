"""The functions of JavaScript with which pages put their data in shape: none of them is anything but plain."""

from collections.abc import Callable, Mapping, Sequence

from booklight_ingest.mdx.lexer import NotPlain
from booklight_ingest.mdx.values import Value, is_true, to_string

Function = Callable[[Sequence[Value]], Value]

OF_STRINGS: Mapping[str, Callable[..., Value]] = {
    "split": lambda text, by: [*(text.split(_string(by)) if by else text)],
    "trim": lambda text: text.strip(),
    "startsWith": lambda text, start: text.startswith(_string(start)),
    "endsWith": lambda text, end: text.endswith(_string(end)),
    "includes": lambda text, part: _string(part) in text,
    "slice": lambda text, start, end=None: text[_index(start) : _index(end)],
    "toLowerCase": lambda text: text.lower(),
    "toUpperCase": lambda text: text.upper(),
}
OF_LISTS: Mapping[str, Callable[..., Value]] = {
    "join": lambda items, by=",": _string(by).join(map(to_string, items)),
    "includes": lambda items, item: item in items,
    "slice": lambda items, start=0, end=None: items[_index(start) : _index(end)],
    "reverse": lambda items: items[::-1],
}
OF_OBJECTS: Mapping[str, Callable[..., Value]] = {
    "keys": lambda entries: [*entries],
    "values": lambda entries: [*entries.values()],
    "entries": lambda entries: [[key, value] for key, value in entries.items()],
}


def call_method(of: Value, name: str, arguments: Sequence[Value]) -> Value:
    """Return `of.name(arguments)`. Raises NotPlain for a method or arguments that are not known."""
    methods = OF_STRINGS if isinstance(of, str) else OF_LISTS if isinstance(of, list) else {}
    return _call(methods, name, of, *arguments)


def call_object(name: str, arguments: Sequence[Value]) -> Value:
    """Return `Object.name(arguments)`. Raises NotPlain."""
    if not arguments or not isinstance(arguments[0], dict):
        raise NotPlain(name)
    return _call(OF_OBJECTS, name, *arguments)


def call_with(items: Sequence[Value], name: str, function: Function) -> Value:
    """Return `items.name(function)`. Raises NotPlain."""
    results = [function([item, at]) for at, item in enumerate(items)]
    match name:
        case "map":
            return results
        case "filter":
            return [item for item, wanted in zip(items, results, strict=True) if is_true(wanted)]
        case "some":
            return any(map(is_true, results))
        case "every":
            return all(map(is_true, results))
        case _:
            raise NotPlain(name)


def _call(methods: Mapping[str, Callable[..., Value]], name: str, *arguments: Value) -> Value:
    try:
        return methods[name](*arguments)
    except (KeyError, TypeError):
        raise NotPlain(name) from None


def _string(value: Value) -> str:
    if not isinstance(value, str):
        raise NotPlain(value)
    return value


def _index(value: Value) -> int | None:
    if not isinstance(value, int | None):
        raise NotPlain(value)
    return value
