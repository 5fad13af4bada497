"""MDX as a reader sees it: `parse` a file, then `read` its headings and blocks."""

from booklight_ingest.mdx.blocks import Block, Computed, Container, Item, SourceHeading, Title, render
from booklight_ingest.mdx.inline import escape
from booklight_ingest.mdx.library import Library, imported_files, read_source
from booklight_ingest.mdx.parser import Document, Format, parse
from booklight_ingest.mdx.reader import SourceReading, read
from booklight_ingest.mdx.source import Problem

__all__ = [
    "Block",
    "Computed",
    "Container",
    "Document",
    "Format",
    "Item",
    "Library",
    "Problem",
    "SourceHeading",
    "SourceReading",
    "Title",
    "escape",
    "imported_files",
    "parse",
    "read",
    "read_source",
    "render",
]
