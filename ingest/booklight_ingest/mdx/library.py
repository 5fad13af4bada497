"""The files that pages import. Partials among them are read and parsed once."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from booklight_ingest.mdx.parser import Document, parse
from booklight_ingest.mdx.source import Problem

MARKDOWN = (".md", ".mdx")
READ_IMPORT = re.compile(
    r"^import\s[^'\"]{0,200}['\"]([^'\"\n]+\.mdx?|[^'\"\n]*raw-loader![^'\"\n]+)['\"]", re.MULTILINE
)
MAX_INSERTS = 2_000


@dataclass(slots=True)
class Inserts:
    """The files that led to the one being read, and how much its page may still insert: files can multiply."""

    trail: tuple[Path, ...]
    left: list[int] = field(default_factory=lambda: [MAX_INSERTS])

    def spend(self) -> bool:
        """Take one insert; False when none is left."""
        self.left[0] -= 1
        return self.left[0] > 0


class Library:
    """The files below a site's folder `root`, as its pages see them. `problems` holds what was not understood."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._documents: dict[Path, Document | None] = {}

    def partial(self, document: Document, name: str) -> Document | None:
        """Return the Markdown file that `document` imports as `name`, None if that is no such file."""
        target = document.imports.get(name, "")
        if not target.endswith(MARKDOWN) or "!" in target:
            return None
        file = self.locate(target, document.source.file)
        loaded = self._load(file) if file else None
        if loaded is None:
            document.source.note(target, "this import cannot be read: what it holds is left out")
        return loaded

    def locate(self, target: str, importer: Path) -> Path | None:
        """Return the file that an import names, relative to its importer or to the site."""
        if target.startswith("@site/"):
            return (self.root / target.removeprefix("@site/")).resolve()
        return (importer.parent / target).resolve() if target.startswith(".") else None

    def problems(self) -> list[Problem]:
        """What was not understood in the partials read so far."""
        return [problem for document in self._documents.values() if document for problem in document.source.problems]

    def _load(self, file: Path) -> Document | None:
        if file not in self._documents:
            text = read_source(file)
            self._documents[file] = None if text is None else parse(text, file)
        return self._documents[file]


def read_source(file: Path) -> str | None:
    """Return the text of `file`, None if there is no such file."""
    try:
        return file.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return None


def imported_files(text: str, file: Path, library: Library) -> list[Path]:
    """Return the other files that a page shows: those that `text`, read from `file`, imports, and theirs in turn."""
    found: list[Path] = []
    waiting = [(text, file)]
    while waiting:
        source, importer = waiting.pop()
        for target in READ_IMPORT.findall(source):
            partial = library.locate(target.rpartition("!")[2], importer)
            if partial and partial not in found and (content := read_source(partial)) is not None:
                found.append(partial)
                waiting.append((content, partial))
    return found
