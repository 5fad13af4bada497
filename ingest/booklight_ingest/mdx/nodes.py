"""What a JavaScript expression is made of, as far as it is read."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, a number, `true`, `false`, `null` or `undefined`."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Element:
    """JSX, as written."""

    source: str


@dataclass(frozen=True, slots=True)
class Program:
    """JavaScript of a kind that is not read."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an expression that may be unknown where the rest is not, and how it was written."""

    node: "Node"
    source: str


@dataclass(frozen=True, slots=True)
class Template:
    """Text between backticks, with what stands in `${…}`."""

    parts: tuple[str | Part, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """`of.key` or `of[key]`."""

    of: "Node"
    key: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """`callee(arguments)`."""

    callee: "Node"
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """`!of` or `-of`."""

    mark: str
    of: "Node"


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands with operators of one rank between them, to be worked out from the left."""

    first: Part
    rest: tuple[tuple[str, Part], ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """`test ? yes : no`."""

    test: "Node"
    yes: "Node"
    no: "Node"


@dataclass(frozen=True, slots=True)
class Array:
    """`[…]`."""

    items: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Object:
    """`{key: …}`."""

    entries: tuple[tuple[str, Part], ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a function takes: a name, or the members of an object or of an array, each by its key."""

    name: str = ""
    members: tuple[tuple[str | int, "Pattern"], ...] = ()
    default: Part | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """A function of one expression."""

    parameters: tuple[Pattern, ...]
    body: Part


Node: TypeAlias = (
    Literal
    | Name
    | Element
    | Program
    | Template
    | Member
    | Call
    | Negation
    | Chain
    | Condition
    | Array
    | Object
    | Arrow
)
