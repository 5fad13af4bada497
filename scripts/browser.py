"""Find a Chromium for the browser tests: the system's, else Playwright's, else Debian's."""

import os
import shutil
import subprocess
from pathlib import Path

from environment import PYTHON
from packages import install_packages
from steps import StepFailed, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as p\nwith p() as q: print(q.chromium.executable_path)"
)


def find_browser() -> Path:
    """Return a Chromium that runs here, installing one if there is none. Raises StepFailed."""
    found = _on_path() or _from_playwright()
    if found:
        return found
    say("  … No Chromium found; installing one for the browser tests")
    playwright = [str(PYTHON), "-m", "playwright"]
    if _run(*playwright, "install", "chromium"):
        _run(*playwright, "install-deps", "chromium")
        found = _from_playwright()
    elif install_packages("chromium", "fonts-dejavu-core"):
        found = _on_path()
    if not found:
        raise StepFailed(
            "The browser tests need Chromium, and none could be installed: install it, then run this again."
        )
    return found


def _on_path() -> Path | None:
    named = os.environ.get("BOOKLIGHT_TEST_BROWSER")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


def _from_playwright() -> Path | None:
    answer = subprocess.run([PYTHON, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=False)
    path = Path(answer.stdout.strip())
    return path if answer.returncode == 0 and path.is_file() else None


def _run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
