"""The built page as a reader sees it: find its file and its main content, then read its headings and blocks."""

from booklight_ingest.html.page import content_of, file_of, main_text
from booklight_ingest.html.reader import heading_text, read_html

__all__ = ["content_of", "file_of", "heading_text", "main_text", "read_html"]
