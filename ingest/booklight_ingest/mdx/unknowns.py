"""Report the expressions of a file that are more than plain data, with the lines they stand in."""

import re

from booklight_ingest.mdx.components import REPORTED
from booklight_ingest.mdx.expressions import evaluate
from booklight_ingest.mdx.scanner import Expression, Tag
from booklight_ingest.mdx.source import Source
from booklight_ingest.mdx.values import Scope, Unknown, Value

LONGEST = 60


def note_unknown(source: Source, *values: Value) -> None:
    """Note what is unknown in `values`, unless another file has brought it here: that has noted it."""
    for value in values:
        match value:
            case Unknown(part) if part.source in source.text:
                first = part.source.partition("\n")[0][:LONGEST]
                place = _place(first, source.text)
                source.note(f"{{{first}", "more than plain data: kept as far as it is text", place)
            case list():
                note_unknown(source, *value)
            case dict():
                note_unknown(source, *value.values())


def note_unknown_attributes(source: Source, tag: Tag, scope: Scope) -> None:
    """Note what is unknown in the attributes of `tag` that are text."""
    for name, attribute in tag.attributes.items():
        if isinstance(attribute, Expression) and name in REPORTED and (name == "alt" or tag.name[:1].isupper()):
            note_unknown(source, evaluate(attribute.source, scope))


def _place(first: str, text: str) -> int:
    """Return where an expression begins: after a brace, or after another mark within braces."""
    written = re.escape(first)
    found = re.search(rf"\{{\s*({written})", text) or re.search(rf"[^\w\s]\s*({written})", text)
    return found.start(1) if found else text.find(first)
