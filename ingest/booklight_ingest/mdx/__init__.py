"""MDX as a reader sees it: `parse` a file, then `read` its headings and blocks."""

from booklight_ingest.mdx.blocks import Block, Container, SourceHeading, render
from booklight_ingest.mdx.library import Library, imported_files, read_source
from booklight_ingest.mdx.parser import Document, parse
from booklight_ingest.mdx.reader import read
from booklight_ingest.mdx.source import Problem

__all__ = [
    "Block",
    "Container",
    "Document",
    "Library",
    "Problem",
    "SourceHeading",
    "imported_files",
    "parse",
    "read",
    "read_source",
    "render",
]
