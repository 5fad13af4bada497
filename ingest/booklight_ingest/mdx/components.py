"""What a tag means for a reader: which elements break a line, which are not shown, which properties are text."""

import html
from collections.abc import Iterator

from booklight_ingest.mdx.excerpts import SHOWN, plain_text
from booklight_ingest.mdx.expressions import evaluate
from booklight_ingest.mdx.scanner import Attribute, Expression, Tag
from booklight_ingest.mdx.values import Scope, Value, to_text


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


HEADINGS = _names("h1 h2 h3 h4 h5 h6 Heading")
BLOCK_ELEMENTS = _names(
    """address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul"""
)
# Elements, of HTML and of Docusaurus, that stand on lines of their own.
BLOCKS = BLOCK_ELEMENTS | _names("Admonition CodeBlock Details Heading TabItem Tabs")
# Where an expression that is more than plain data keeps text from the page.
REPORTED = SHOWN | {"values"}
# Of these the page shows nothing, or nothing that is text.
HIDDEN = _names("audio BrowserOnly canvas head Head iframe noscript object script style svg template video")
# HTML that may stand open without being closed; any other name that nothing closes is text, as in `List<String>`.
ELEMENTS = BLOCK_ELEMENTS | _names(
    """a abbr b bdi bdo br button cite code data del dfn em font i img input ins kbd label mark option picture q ruby rt
    s samp select small source span strike strong sub sup textarea time tt u var wbr"""
)
MARKERS = {"b": "**", "strong": "**", "i": "*", "em": "*", "del": "~~", "s": "~~"}


def attribute_value(attribute: Attribute | None, scope: Scope) -> Value:
    """Return what an attribute comes to; None if it is absent."""
    match attribute:
        case None:
            return None
        case True:
            return True
        case Expression(source):
            return evaluate(source, scope)
        case str():
            return html.unescape(attribute)


def attribute_text(tag: Tag, name: str, scope: Scope) -> str:
    """Return the text of an attribute, empty if it has none, or if what it should tell the page is unknown."""
    value = attribute_value(tag.attributes.get(name), scope)
    return (plain_text(value) if name in SHOWN else to_text(value)).strip()


def shown_properties(tag: Tag, scope: Scope) -> Iterator[tuple[str, Value]]:
    """Yield the name and value of each property that a reader sees, in the order they are written."""
    if tag.name[:1].islower():
        if tag.name == "img":
            yield "alt", attribute_value(tag.attributes.get("alt"), scope)
        return
    for name, attribute in tag.attributes.items():
        if name in SHOWN:
            yield name, attribute_value(attribute, scope)
