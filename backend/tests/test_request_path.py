"""The page that says which way a request takes names functions and files that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "book/docs/06-reference/06-architecture.mdx"
_ROW = re.compile(r"^\| \d+ \| (?P<names>[^|]+) \| `(?P<file>[^`]+)` \|", re.MULTILINE)


def rows(heading: str) -> list[tuple[str, str]]:
    """Return the names and files of the table under `heading`, a row for each name."""
    table = PAGE.read_text(encoding="utf-8").split(f"\n### {heading}\n")[1].split("\n#")[0]
    return [(name, row["file"]) for row in _ROW.finditer(table) for name in re.findall(r"`([^`]+)`", row["names"])]


def test_every_function_on_the_way_is_where_the_page_says() -> None:
    way = rows("From the request to the search") + rows("From the model back to the client")
    missing = [
        (name, file)
        for name, file in way
        if f"def {name.rpartition('.')[2]}(" not in (ROOT / "backend/booklight" / file).read_text(encoding="utf-8")
    ]
    assert len(way) > 5
    assert missing == []


def test_the_page_counts_its_own_rows() -> None:
    way = rows("From the request to the search")
    files = {file for _, file in way}
    assert f"{len(way)} functions in {len(files)} files" in PAGE.read_text(encoding="utf-8")
