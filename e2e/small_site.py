"""A small site of the tests' own, written, built or started as an author would."""

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread

from e2e.product import ROOT

MODULES = ROOT / "node_modules"
DOCUSAURUS = MODULES / "@docusaurus/core/bin/docusaurus.mjs"
STARTED = re.compile(r"http://localhost:\d+/\S*")

SMOKER = """# Using a smoker

Light the smoker before you open a hive, because smoke hides the alarm scent of the guard bees.

## Putting it out

Never leave a lit smoker in the grass.
"""
QUEEN = """# The queen

The queen lays up to two thousand eggs a day.
"""
ROOT_COMPONENT = """import React from 'react';
export default function Root({children}) {
  return <div id="swizzled">{children}</div>;
}
"""


@dataclass(frozen=True)
class SmallSite:
    """A site's folder, and the baseUrl it is served at."""

    folder: Path
    base_url: str

    def build(self, *locales: str) -> Path:
        """Build these locales, or all, and return the build's folder."""
        chosen = [argument for locale in locales for argument in ("--locale", locale)]
        command = ["node", str(DOCUSAURUS), "build", *chosen]
        built = subprocess.run(
            command, cwd=self.folder, env=_environment(), check=False, capture_output=True, text=True
        )
        assert built.returncode == 0, built.stdout + built.stderr
        return self.folder / "build"

    @contextmanager
    def start(self, port: int) -> Iterator[str]:
        """Run `docusaurus start` and give the address it prints, once the first build is done."""
        command = ["node", str(DOCUSAURUS), "start", "--no-open", "--port", str(port)]
        process = subprocess.Popen(
            command, cwd=self.folder, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None
        lines: Queue[str] = Queue()
        reader = Thread(target=_pass_on, args=(process.stdout, lines))
        reader.start()
        try:
            yield _wait_for_address(lines)
        finally:
            process.terminate()
            process.wait(timeout=30)
            reader.join()
            process.stdout.close()


def write_site(
    folder: Path, *, base_url: str = "/", trailing_slash: bool | None = None, **options: object
) -> SmallSite:
    """Write a book of one chapter in English and French whose theme has a `Root` of its own.

    `options` are the plugin's.
    """
    chapter = "docs/02-hives"
    french = "i18n/fr/docusaurus-plugin-content-docs/current/02-hives"
    files = {
        "docusaurus.config.js": _config(base_url, trailing_slash, options),
        "src/theme/Root.js": ROOT_COMPONENT,
        f"{chapter}/01-smoker.mdx": SMOKER,
        f"{chapter}/02-queen.mdx": QUEEN,
        f"{french}/01-smoker.mdx": "# L'enfumoir\n\nAllumez l'enfumoir avant d'ouvrir une ruche.\n",
    }
    return write_files(folder, files, base_url)


def write_files(folder: Path, files: Mapping[str, str], base_url: str = "/") -> SmallSite:
    """Write a site out of `files`, by their names, with the packages that are installed here."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "node_modules").symlink_to(MODULES)
    return SmallSite(folder, base_url)


def _config(base_url: str, trailing_slash: bool | None, options: Mapping[str, object]) -> str:
    config: dict[str, object] = {
        "title": "Bees",
        "url": "https://bees.example",
        "baseUrl": base_url,
        "onBrokenLinks": "ignore",
        "i18n": {"defaultLocale": "en", "locales": ["en", "fr"]},
        "future": {"faster": True, "v4": {"removeLegacyPostBuildHeadAttribute": True}},
        "presets": [["classic", {"docs": {"routeBasePath": "docs"}, "blog": False}]],
        "plugins": [["docusaurus-plugin-booklight", options]],
    }
    if trailing_slash is not None:
        config["trailingSlash"] = trailing_slash
    return f"module.exports = {json.dumps(config)};"


def _pass_on(output: Iterable[str], lines: "Queue[str]") -> None:
    for line in output:
        lines.put(line)


def _wait_for_address(lines: "Queue[str]") -> str:
    address, said = "", list[str]()
    while True:
        line = lines.get(timeout=120)
        said.append(line)
        address = address or next(iter(STARTED.findall(line)), "")
        if address and "compiled" in line.lower():
            return address
        if "error" in line.lower():
            raise AssertionError("".join(said))


def _environment() -> dict[str, str]:
    # What is cached of a site that is built once would be kept among the packages for good.
    once = {"DOCUSAURUS_NO_PERSISTENT_CACHE": "1"}
    return {**os.environ, **once, "DOCUSAURUS_NO_TELEMETRY": "1", "NO_UPDATE_NOTIFIER": "1", "NODE_ENV": ""}
