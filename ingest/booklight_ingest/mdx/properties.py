"""The properties of components whose code is not read: those that look like text for the reader."""

import re
from collections.abc import Callable

from booklight_ingest.mdx.block_builder import Composition
from booklight_ingest.mdx.blocks import Container
from booklight_ingest.mdx.components import shown_properties
from booklight_ingest.mdx.excerpts import SHOWN, plain_text
from booklight_ingest.mdx.inline import escape
from booklight_ingest.mdx.scanner import Tag
from booklight_ingest.mdx.values import Markup, Scope, Unknown, Value, to_text

TITLES = frozenset({"header", "heading", "label", "question", "title"})
# What holds this was written to be shown as HTML.
HTML = re.compile(r"<([a-z][a-z0-9]*)>[^<]*</\1>")
Show = Callable[[Value], None]


def write_properties(page: Composition, tag: Tag, scope: Scope, show: Show, between: bool) -> None:
    """Write what `tag` shows: as blocks when it stands between paragraphs, else in the sentence.

    <Quiz question="2 + 2?" options={['three', 'four']} />
    """
    for name, value in shown_properties(tag, scope):
        if between and tag.name[:1].isupper():
            write_value(page, name, value, show)
        else:
            show(value)


def write_value(page: Composition, name: str, value: Value, show: Show) -> None:
    """Write a title as a label, a list as a list, and of an object the members that are text."""
    match value:
        case dict():
            for key, member in value.items():
                if key in SHOWN:
                    write_value(page, key, member, show)
        case list():
            for member in value:
                leave = page.enter(Container("- ", "  "))
                page.tight = not isinstance(member, dict | list)
                write_value(page, "text" if name in TITLES else name, member, show)
                leave()
            page.tight = False
        case str() if name in TITLES:
            page.label(value)
        case Unknown() if name in TITLES:
            page.label(plain_text(value))
        case Markup() | Unknown():
            show(value)
        case str() if HTML.search(value):
            page.flush()
            show(Markup(value, {}))
            page.flush()
        case _:
            page.write("paragraph", escape(to_text(value)))
