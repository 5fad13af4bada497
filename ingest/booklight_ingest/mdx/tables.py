"""Tables, written with pipes or as HTML."""

from booklight_ingest.mdx.block_builder import BlockBuilder, Closer
from booklight_ingest.mdx.scanner import Tag


def open_table(page: BlockBuilder, tag: Tag) -> Closer:
    """`<table>`: its rows are gathered and written as one block."""
    page.flush()
    page.tables.append([])

    def close() -> None:
        page.flush()
        page.write("table", write_table(page.tables.pop()))

    return close


def open_row(page: BlockBuilder, tag: Tag) -> Closer:
    """`<tr>`."""
    if page.tables:
        page.tables[-1].append([])
    return page.flush


def open_cell(page: BlockBuilder, tag: Tag) -> Closer:
    """`<td>` or `<th>`; outside a table it is a paragraph."""
    if not page.tables or not page.tables[-1]:
        page.flush()
        return page.flush
    row = page.tables[-1][-1]
    return page.capture(lambda text: row.append(_cell(text)), "markdown")


def write_table(rows: list[list[str]]) -> str:
    """Return `rows` of CommonMark cells as a table; the first is its head, short ones are filled up."""
    rows = [row for row in rows if any(row)]
    width = max(map(len, rows), default=0)
    lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]]) if lines else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
