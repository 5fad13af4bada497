"""The HTML file of a page, and the part of it that is the page's own.

selectolax builds the tree that browsers build. Docusaurus' minifier leaves out `</p>`, `</li>` and `</td>` wherever
HTML allows; lxml, tried on the same pages, took twice the time and put `<details>`, `<section>` and `<figure>` into
the paragraph before them.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

# Where a page's own text stands: on a page of docs, on a post of the blog, on any other page.
CONTENT = (".theme-doc-markdown", "#__blog-post-container", "main")
MAIN, MAIN_END = "<main", "</main>"


def file_of(build_dir: Path, base_url: str, path: str) -> Path | None:
    """Return the file that is served at `path`, whatever the site's trailing slashes; None if there is none."""
    if not f"{path}/".startswith(base_url):
        return None
    route = unquote(path[len(base_url) :]).strip("/")
    return next((file for file in _candidates(build_dir, route) if file.is_file()), None)


def main_text(html: str) -> str:
    """Return the HTML between the tags of `<main>`: what changes of a page when nothing of the others does."""
    start = html.find(MAIN)
    return html[start : html.rfind(MAIN_END)] if start >= 0 else html


def content_of(html: str) -> LexborNode | None:
    """Return the element that holds the page's own text, None if the page has none."""
    tree = LexborHTMLParser(main_text(html))
    return next((node for query in CONTENT if (node := tree.css_first(query))), None)


def _candidates(build_dir: Path, route: str) -> Iterator[Path]:
    if ".." in route.split("/"):
        return
    if route.endswith(".html"):
        yield build_dir / route
    if route:
        yield build_dir / f"{route}.html"
    yield build_dir / route / "index.html"
