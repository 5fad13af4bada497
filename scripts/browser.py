"""Find a Chromium for the browser tests: one without windows, else the system's, else Playwright's, else Debian's.

The one without windows takes less of the processor for the same page.
"""

import os
import shutil
import subprocess
from pathlib import Path

from environment import PYTHON
from packages import install_quietly, may_install, need_packages, run_quietly
from steps import StepFailed, say

WITHOUT_WINDOWS = "chromium-headless-shell"
NAMES = (WITHOUT_WINDOWS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONTS = "fonts-dejavu-core"
ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as p\nwith p() as q: print(q.chromium.executable_path)"
)


def find_browser() -> Path:
    """Return a Chromium that runs here, fetching one if there is none, or only a slower one. Raises StepFailed.

    Playwright's goes into the user's own cache; what it needs of the system, and Debian's, are system packages.
    """
    if "BOOKLIGHT_TEST_BROWSER" not in os.environ and may_install() and not shutil.which(WITHOUT_WINDOWS):
        say("  … looking for a Chromium without windows, which runs the browser tests faster")
        install_quietly(WITHOUT_WINDOWS, FONTS)
    found = _on_path() or _from_playwright()
    if found:
        return found
    say("  … No Chromium found; fetching Playwright's for the browser tests")
    playwright = [str(PYTHON), "-m", "playwright"]
    if run_quietly(*playwright, "install", "chromium"):
        if may_install():
            run_quietly(*playwright, "install-deps", "chromium")
        found = _from_playwright()
    else:
        need_packages("chromium", "chromium", FONTS)
        found = _on_path()
    if not found:
        raise StepFailed("Chromium was installed, but is not on the PATH.")
    return found


def _on_path() -> Path | None:
    named = os.environ.get("BOOKLIGHT_TEST_BROWSER")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


def _from_playwright() -> Path | None:
    answer = subprocess.run([PYTHON, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=False)
    path = Path(answer.stdout.strip())
    return path if answer.returncode == 0 and path.is_file() else None
