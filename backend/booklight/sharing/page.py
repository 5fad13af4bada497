"""A shared answer as a page: nothing is loaded from anywhere, and it runs no script."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, TypeAdapter

from booklight.sharing.cited_markdown import collect_sources, render_markdown
from booklight.sharing.contracts import SharedAnswer

IN_PANEL = "?ask=#booklight-shared="
"""Opens the panel, which takes the id behind it and shows the shared answer; a fragment is sent to no server."""
_RIGHT_TO_LEFT = {"ar"}


class PageWords(BaseModel):
    """What the page says around a question and its answer, in one language; `until` has a place for a date."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    sources: str
    cut: str
    until: str
    book: str
    gone: str
    gone_hint: str


@dataclass(frozen=True, slots=True)
class PageHtml:
    """A page, and the policy under which a browser may show it: with its own styles, and nothing else."""

    html: str
    policy: str


def render_shared(shared: SharedAnswer, share_id: str) -> PageHtml:
    """Return the page of a shared answer; that takes as long as its Markdown is long."""
    sources = collect_sources(shared.content)
    answer = "".join(render_markdown(part, sources) for part in shared.content)
    book = shared.page_url and f"{shared.page_url}{IN_PANEL}{share_id}"
    return _render("shared.html", shared.language, shared=shared, sources=[*sources.values()], answer=answer, book=book)


def render_gone(language: str) -> PageHtml:
    """Return the page of a link that shows nothing, which is the same whatever the reason."""
    return _render("gone.html", language)


@cache
def words_by_language() -> dict[str, PageWords]:
    """Return the words of every language that there is a page in."""
    text = files("booklight.sharing").joinpath("words.json").read_text("utf-8")
    return TypeAdapter(dict[str, PageWords]).validate_json(text)


def _render(template: str, language: str, **shown: object) -> PageHtml:
    pages, style = _templates()
    direction = "rtl" if language in _RIGHT_TO_LEFT else "ltr"
    words = words_by_language()[language]
    html = pages.get_template(template).render(
        language=language, direction=direction, words=words, style=style, **shown
    )
    return PageHtml(html, _policy(style))


@cache
def _templates() -> tuple[Environment, str]:
    """Return the pages, and the styles of all of them."""
    loader = PackageLoader("booklight.sharing")
    pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return pages, files("booklight.sharing").joinpath("templates/shared.css").read_text("utf-8")


@cache
def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
