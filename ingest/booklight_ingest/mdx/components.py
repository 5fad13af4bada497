"""What a tag means for a reader: which elements break a line, which are not shown, what an attribute says."""

import html
import re

from booklight_ingest.mdx.scanner import Expression, Tag, scan_braces, scan_element, scan_tag


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
HIDDEN = _names(
    "audio BrowserOnly canvas datalist head Head iframe noscript object script style svg template TOCInline video"
)
# Components that show their children and nothing else.
TRANSPARENT = _names("Link MDXContent React.Fragment Fragment")
# HTML that may stand open without being closed; any other name that nothing closes is text, as in `List<String>`.
ELEMENTS = BLOCK_ELEMENTS | _names(
    """a abbr b bdi bdo br button cite code data del dfn em font i img input ins kbd label mark option picture q ruby rt
    s samp select small source span strike strong sub sup textarea time tt u var wbr"""
)
MARKERS = {"b": "**", "strong": "**", "i": "*", "em": "*", "del": "~~", "s": "~~"}
STRING = re.compile(
    r"\s*(?:\"((?:\\.|[^\"\\\n])*)\"|'((?:\\.|[^'\\\n])*)'|`((?:\\.|[^`\\$]|\$(?!\{))*)`)\s*", re.DOTALL
)
SILENT = re.compile(r"\s*(?:true|false|null|undefined)?\s*")
NUMBER = re.compile(r"\s*(-?\d[\d_]*(?:\.\d+)?)\s*")
ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}
ENTRY = re.compile(r"\b(label|value)[\"']?\s*:\s*")
TAG = re.compile(r"<[^>]*>")


def literal_text(source: str) -> str | None:
    """Return what the page shows of a literal between braces: a string, a number; None if it is anything else."""
    if string := STRING.fullmatch(source):
        return ESCAPE.sub(_unescape, next(part for part in string.groups() if part is not None))
    number = NUMBER.fullmatch(source)
    return number[1].replace("_", "") if number else "" if SILENT.fullmatch(source) else None


def attribute_text(tag: Tag, name: str) -> str | None:
    """Return the text of an attribute, empty if it has none, None if only the built page knows it."""
    match tag.attributes.get(name):
        case str() as text:
            return html.unescape(text).strip()
        case Expression(source):
            return _shown(source)
        case _:
            return ""


def labels_of(tag: Tag) -> dict[str, str]:
    """Return the label that each value of `<Tabs values={[{label, value}]}>` has; the value where it has no text."""
    given = tag.attributes.get("values")
    source, labels, pos = (given.source if isinstance(given, Expression) else ""), dict[str, str](), 0
    while (start := source.find("{", pos)) >= 0 and (end := scan_braces(source, start, len(source))):
        entry = dict(_entries(source[start + 1 : end - 1]))
        if value := entry.get("value"):
            labels[value] = entry.get("label") or value
        pos = end
    return labels


def _entries(source: str) -> list[tuple[str, str]]:
    """The label and the value in the source of an object, as far as they are plain."""
    found, pos = list[tuple[str, str]](), 0
    while entry := ENTRY.search(source, pos):
        pos = entry.end()
        string = STRING.match(source, pos)
        end = string.end() if string else scan_element(source, pos, len(source))
        found.append((entry[1], (_shown(source[pos:end]) or "") if end else ""))
        pos = end or pos
    return found


def _shown(source: str) -> str | None:
    """The text of a literal or of plain JSX."""
    source = source.strip()
    if scan_tag(source, 0, len(source)) and scan_element(source, 0, len(source)) == len(source):
        return " ".join(html.unescape(TAG.sub("", source)).split()) if "{" not in source else ""
    text = literal_text(source)
    return text if text is None else text.strip()


def _unescape(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    if not code:
        return CONTROLS.get(escape[4], escape[4])
    return chr(int(code, 16)) if int(code, 16) < 0x110000 else ""
