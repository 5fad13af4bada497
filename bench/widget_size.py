"""What the widget weighs: on every page, and in all to the first answer, next to what others publish.

The handbook is built once more without the plugin: what a page's scripts weigh beyond that is what the plugin adds to
it. What opening the panel and asking adds is counted in a browser, as it arrives; React is the site's own and is not
among it. Ends with 1 if a budget is exceeded.
"""

import gzip
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from built_book import BUILD, ROOT, BuiltBook, built_file, open_book

DOCUSAURUS = ROOT / "node_modules/@docusaurus/core/bin/docusaurus.mjs"
WITHOUT_PLUGIN = ROOT / "bench/built_book/without-plugin.config.ts"
SCRIPT = re.compile(r'<script src="?([^" >]+\.js)')
EVERY_PAGE, FIRST_ANSWER = 1_500, 42_000
"""The budgets, in bytes after gzip -9."""

OTHERS = {
    "Cloudflare AI search snippet": 42_972,
    "Biel": 64_000,
    "Kapa headless SDK": 73_056,
    "DocSearch 5, search only": 89_963,
    "DocsGPT": 121_912,
    "DocSearch React": 164_212,
    "DocSearch 5 with AI": 173_910,
    "Biel, with code": 373_002,
    "Inkeep chat button": 385_911,
    "Inkeep embed": 437_778,
}
"""The published browser files of others, after gzip -9. OpenAI's own comes from a CDN, in no fixed size."""


def main() -> int:
    """Print the sizes as ratios; return 1 if one is over its budget."""
    with open_book() as book:
        every_page = added_to_every_page(book)
        total = every_page + first_answer(book)
    print(f"on every page     {every_page:>8,} B  {every_page / EVERY_PAGE:.2f} of its budget")
    print(f"to first answer   {total:>8,} B  {total / FIRST_ANSWER:.2f} of its budget")
    for name, size in OTHERS.items():
        print(f"{name:<30} {size:>8,} B  {size / total:.1f} times as much")
    return int(every_page > EVERY_PAGE or total > FIRST_ANSWER)


def added_to_every_page(book: BuiltBook) -> int:
    """Return by how much the plugin makes the scripts of the book's first page larger."""
    page = book.first_page.removeprefix(book.base_url)
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder)
        build_without_plugin(bare)
        return page_scripts(BUILD, page, book.base_url) - page_scripts(bare, page, book.base_url)


def build_without_plugin(folder: Path) -> None:
    """Build the handbook as it is but for the plugin. Raises CalledProcessError after printing why."""
    environment = {
        **os.environ,
        "DOCUSAURUS_NO_TELEMETRY": "1",
        "DOCUSAURUS_GENERATED_FILES_DIR_NAME": ".docusaurus/bare",
    }
    command = ["node", DOCUSAURUS, "build", "--config", WITHOUT_PLUGIN, "--out-dir", folder]
    built = subprocess.run(command, cwd=ROOT / "book", env=environment, capture_output=True, text=True, check=False)
    if built.returncode:
        print(built.stdout, built.stderr, file=sys.stderr)
    built.check_returncode()


def page_scripts(build: Path, page: str, base_url: str) -> int:
    """Return the size of the scripts that the built `page` asks for."""
    html = built_file(build, page)
    assert html is not None, f"{page} is not in {build}"
    scripts = SCRIPT.findall(html.read_text())
    assert scripts, f"{page} asks for no scripts"
    return sum(compressed((build / script.removeprefix(base_url)).read_bytes()) for script in scripts)


def first_answer(book: BuiltBook) -> int:
    """Open the panel and ask; return the size of the scripts that arrive from then on."""
    before = book.scripts()
    book.page.get_by_role("button", name="Ask this book").click()
    composer = book.page.get_by_role("textbox", name="Your question")
    composer.fill("Why?")
    composer.press("Enter")
    book.page.get_by_text("An answer.", exact=True).wait_for()
    book.page.wait_for_load_state("networkidle")
    return sum(compressed(book.sent[path]) for path in book.scripts() - before)


def compressed(script: bytes) -> int:
    """Return the size of `script` after gzip -9, in bytes."""
    return len(gzip.compress(script, 9))


if __name__ == "__main__":
    sys.exit(main())
