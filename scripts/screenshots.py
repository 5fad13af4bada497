"""Take a picture of every state of the panel, with a real sidecar behind it: on the handbook, and in translations.

python scripts/screenshots.py FOLDER      # one PNG for each state
python scripts/screenshots.py --readme    # only the README's picture, at its place in the handbook
python scripts/screenshots.py --insights  # only the picture of the insights of a month, at its place there
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from e2e.demo_month import make_month, write_page  # noqa: E402
from e2e.panel_states import STATES, TRANSLATED_STATES, ZOOMED, State, entered  # noqa: E402
from e2e.product import SITE, Product, laptop  # noqa: E402
from e2e.themed_site import write_themed_site  # noqa: E402

README_PICTURE = ROOT / "book/static/img/panel.png"
INSIGHTS_PICTURE = ROOT / "book/static/img/insights.png"


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description="Take a picture of every state of the panel.")
    parser.add_argument("folder", nargs="?", type=Path, help="where the pictures go")
    parser.add_argument("--readme", action="store_true", help="take the README's picture")
    parser.add_argument("--insights", action="store_true", help="take the picture of the insights")
    names = [state.name for state in (*STATES, *TRANSLATED_STATES)]
    parser.add_argument("--only", action="append", choices=names, metavar="STATE", help="take this state alone")
    parser.add_argument("--site", type=Path, default=SITE, help="another build of the handbook")
    given = parser.parse_args()
    if given.folder is None and not (given.readme or given.insights):
        parser.error("name a FOLDER for the pictures, or give --readme or --insights")
    pictures = list(choose_pictures(given.folder, given.only or names, readme=given.readme))
    translated = [(state, picture) for state, picture in pictures if state in TRANSLATED_STATES]
    with (
        tempfile.TemporaryDirectory() as data,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=find_browser()) as browser,
    ):
        if given.insights:
            take_insights(Path(data), browser)
        if len(pictures) > len(translated):
            take_all([chosen for chosen in pictures if chosen not in translated], given.site, Path(data), browser)
        if translated:
            take_all(translated, write_themed_site(Path(data) / "site").build(), Path(data), browser)


def choose_pictures(folder: Path | None, names: Sequence[str], *, readme: bool) -> Iterator[tuple[State, Path]]:
    """Yield the states to take, each with the picture's file."""
    for state in (*STATES, *TRANSLATED_STATES):
        if folder is not None and state.name in names:
            yield state, folder / f"{state.name}.png"
        if readme and state.name == "cited":
            yield state, README_PICTURE


def take_all(pictures: Sequence[tuple[State, Path]], site: Path, data: Path, browser: Browser) -> None:
    """Take `pictures` on a built site, with an index and a database in a folder of their own below `data`."""
    with laptop(Path(tempfile.mkdtemp(dir=data)), site=site) as product:
        for state, picture in pictures:
            picture.parent.mkdir(parents=True, exist_ok=True)
            take(state, product, browser, picture)


def take(state: State, product: Product, browser: Browser, picture: Path) -> None:
    """Bring the panel into `state` for a new reader, and write the picture."""
    with browser.new_context(device_scale_factor=2 if state.size == ZOOMED else 1) as context:
        page = context.new_page()
        with entered(state, page, product):
            page.screenshot(path=picture)
    print(picture)


def take_insights(data: Path, browser: Browser) -> None:
    """Write the picture of what a month of conversations with the handbook tells its author."""
    folder = Path(tempfile.mkdtemp(dir=data))
    settings = make_month(folder, questions=150, readers=45)
    write_page(folder, settings, folder / "insights.html")
    picture_of(folder / "insights.html", browser)
    print(INSIGHTS_PICTURE)


def picture_of(file: Path, browser: Browser) -> None:
    """Write the picture of the upper part of a page of insights."""
    with browser.new_context(viewport={"width": 1120, "height": 1180}) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        page.screenshot(path=INSIGHTS_PICTURE)


def find_browser() -> str | None:
    """Return the Chromium that the set-up found, or the system's; None for Playwright's own."""
    return os.environ.get("BOOKLIGHT_TEST_BROWSER") or shutil.which("chromium")


if __name__ == "__main__":
    main()
