"""The properties of components whose code is not read: those that look like text for the reader."""

from collections.abc import Callable

from ingest.mdx.blocks import Container
from ingest.mdx.components import SHOWN, TITLES, shown_properties
from ingest.mdx.composition import Composition
from ingest.mdx.expressions import Markup, Scope, Value, to_text
from ingest.mdx.inline import escape
from ingest.mdx.scanner import Tag


def write_properties(
    page: Composition, tag: Tag, scope: Scope, markup: Callable[[Markup], None], between: bool
) -> None:
    """Write what `tag` shows: as blocks when it stands between paragraphs, else in the sentence.

    <Quiz question="2 + 2?" options={['three', 'four']} />
    """
    for name, value in shown_properties(tag, scope):
        if isinstance(value, Markup):
            markup(value)
        elif between and tag.name[:1].isupper():
            write_value(page, name, value)
        else:
            page.run.text(to_text(value))


def write_value(page: Composition, name: str, value: Value) -> None:
    """Write a title as a label, a list as a list, and of an object the members that are text."""
    match value:
        case dict():
            for key, member in value.items():
                if key in SHOWN:
                    write_value(page, key, member)
        case list():
            for member in value:
                leave = page.enter(Container("- ", "  "))
                page.tight = not isinstance(member, dict | list)
                write_value(page, "text" if name in TITLES else name, member)
                leave()
            page.tight = False
        case str() if name in TITLES:
            page.label(value)
        case _:
            page.write("paragraph", escape(to_text(value)))
