"""Ids of headings as Docusaurus makes them, for pages whose HTML has not been built."""

import json
import re
from functools import cache
from importlib.resources import files


class Slugger:
    """Makes the ids of one file; a repeated text gets a number."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def slug(self, text: str) -> str:
        """Return the id for a heading of this text; it may be empty, and then the heading has none."""
        base = slug = slugify(text)
        while slug in self._used:
            self._used[base] += 1
            slug = f"{base}-{self._used[base]}"
        self._used[slug] = 0
        return slug


def slugify(text: str) -> str:
    """Return `text` in lower case, with hyphens for spaces and without punctuation, whatever its script."""
    text = text.lower()
    if text.isascii():
        return text.translate(_removed_ascii())
    return _removed().sub("", text).replace(" ", "-")


@cache
def _removed_ascii() -> dict[int, str]:
    """What becomes of each character of ASCII: to look it up is quicker than to search long lists for it."""
    return {code: _removed().sub("", chr(code)).replace(" ", "-") for code in range(128)}


@cache
def _removed() -> re.Pattern[str]:
    """The characters that ids leave out, as github-slugger 1.5 lists them: pairs of first and last code point."""
    ranges = json.loads(files("booklight_ingest").joinpath("slugs.json").read_text(encoding="utf-8"))
    return re.compile("[" + "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in ranges) + "]")
