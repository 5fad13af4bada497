"""What a tag means for a reader: which elements break a line, which are not shown, which properties are text."""

import html
from collections.abc import Iterator

from ingest.mdx.expressions import NotPlain, Scope, Value, evaluate, to_text
from ingest.mdx.scanner import Attribute, Expression, Tag


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


HEADINGS = _names("h1 h2 h3 h4 h5 h6 Heading")
BLOCK_ELEMENTS = _names(
    """address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul"""
)
# Elements, of HTML and of Docusaurus, that stand on lines of their own.
BLOCKS = BLOCK_ELEMENTS | _names("Admonition CodeBlock Details Heading TabItem Tabs")
# Of these the page shows nothing, or nothing that is text.
HIDDEN = _names("audio BrowserOnly canvas head Head iframe noscript object script style svg template video")
# HTML that may stand open without being closed; any other name that nothing closes is text, as in `List<String>`.
ELEMENTS = BLOCK_ELEMENTS | _names(
    """a abbr b bdi bdo br button cite code data del dfn em font i img input ins kbd label mark option picture q ruby rt
    s samp select small source span strike strong sub sup textarea time tt u var wbr"""
)
MARKERS = {"b": "**", "strong": "**", "i": "*", "em": "*", "del": "~~", "s": "~~"}
# Properties that components commonly put on the page, whatever the component.
SHOWN = _names(
    """alt answer answers caption children choices content description explain explanation feedback header heading hint
    items label message note option options prompt question questions steps subtitle summary text title"""
)
TITLES = _names("header heading label question title")


def attribute_value(attribute: Attribute | None, scope: Scope) -> Value:
    """Return what an attribute comes to; None if it is absent or more than plain data."""
    match attribute:
        case None:
            return None
        case True:
            return True
        case Expression(source):
            try:
                return evaluate(source, scope)
            except NotPlain:
                return None
        case str():
            return html.unescape(attribute)


def attribute_text(tag: Tag, name: str, scope: Scope) -> str:
    """Return the text of an attribute, empty if it has none."""
    return to_text(attribute_value(tag.attributes.get(name), scope)).strip()


def shown_properties(tag: Tag, scope: Scope) -> Iterator[tuple[str, Value]]:
    """Yield the name and value of each property that a reader sees, in the order they are written."""
    if tag.name[:1].islower():
        if tag.name == "img":
            yield "alt", attribute_value(tag.attributes.get("alt"), scope)
        return
    for name, attribute in tag.attributes.items():
        if name in SHOWN:
            yield name, attribute_value(attribute, scope)
