"""What a model says, whatever the format and the dialect of its server."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
"""One chunk or event of a server, as it was decoded."""

Ending = Literal["stop", "length", "content_filter", "unfinished", "repetition"]
"""How a model's turn to speak ended: by itself, or cut by a limit, a filter, a broken stream or by us."""


@dataclass(frozen=True, slots=True)
class Text:
    """More of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """The model is thinking; what it thinks is nobody's."""


@dataclass(frozen=True, slots=True)
class Restart:
    """All text so far was thinking: the answer begins now."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """More of the reason why the model will not answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A whole tool call. `id` is empty where the server gave none; `provider_data` has to be sent back with it."""

    name: str
    arguments: str
    id: str = ""
    provider_data: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """An item of thinking that its server wants back, with the next call of the same turn."""

    item: Json


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens, as the server counts them."""

    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The model has ended, in this way."""

    ending: Ending


Piece = Text | Thought | Restart | Refusal | Call | Kept | Used | Ended


def text_of(content: object) -> str:
    """Return the text of a message's content: a string, a list of parts, or one part; thinking parts are left out."""
    match content:
        case str():
            return content
        case list():
            return "".join(map(text_of, content))
        case {"type": str(kind)} if "think" in kind or "reason" in kind:
            return ""
        case {"text": inner} | {"content": inner}:
            return text_of(inner)
    return ""


def count_of(usage: Json, *names: str) -> int:
    """Return the first of these counts that is there, 0 without one."""
    return next((usage[name] for name in names if isinstance(usage.get(name), int)), 0)
