"""What an expression comes to: plain data, markup, or what cannot be known without running the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from booklight_ingest.mdx.lexer import NotPlain
from booklight_ingest.mdx.nodes import Part

Scope: TypeAlias = Mapping[str, "Value"]


@dataclass(frozen=True, slots=True)
class Markup:
    """JSX inside an expression, as written, and the names it may refer to."""

    source: str
    scope: Scope = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """An expression that is more than plain data, and the names it may refer to."""

    part: Part
    scope: Scope = field(compare=False, repr=False)


Value: TypeAlias = str | int | float | bool | Markup | Unknown | list["Value"] | dict[str, "Value"] | None


def to_text(value: Value) -> str:
    """Return `value` as JavaScript prints it on a page; what React does not show is empty."""
    if value is None or isinstance(value, bool | Markup | Unknown | dict):
        return ""
    if isinstance(value, list):
        return "".join(map(to_text, value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def to_string(value: Value) -> str:
    """Return `value` as JavaScript prints it within a string. Raises NotPlain for what is neither text nor number."""
    if not isinstance(value, str | int | float) and value is not None:
        raise NotPlain(value)
    return to_text(value)


def is_true(value: Value) -> bool:
    """Whether a condition holds of `value`. Raises NotPlain where that is unknown."""
    if isinstance(value, Unknown):
        raise NotPlain(value)
    return isinstance(value, list | dict | Markup) or bool(value)
