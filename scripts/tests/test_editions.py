"""A site of two locales on two domains, with three docs instances and their versions: built, indexed and audited."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from scripts.tests.small_site import BOOKLIGHT
from steps import ROOT

DOCUSAURUS = ROOT / "node_modules/@docusaurus/core/bin/docusaurus.mjs"
CONFIG = """
const docs = (id, more) => ["@docusaurus/plugin-content-docs", { id, path: id, routeBasePath: id, ...more }];
export default {
  title: "Gates", url: "https://en.gates.example", baseUrl: "/", onBrokenLinks: "ignore", trailingSlash: false,
  i18n: {
    defaultLocale: "en", locales: ["en", "pl"],
    localeConfigs: {
      en: { url: "https://en.gates.example", baseUrl: "/" },
      pl: { url: "https://pl.gates.example", baseUrl: "/" },
    },
  },
  future: { faster: true, v4: { removeLegacyPostBuildHeadAttribute: true } },
  plugins: ["docusaurus-plugin-booklight", docs("sdk"), docs("cli")],
  presets: [["classic", { docs: { routeBasePath: "docs" }, blog: false, pages: {}, theme: {} }]],
};
"""
INSTALL = """import Tabs from '@theme/Tabs';
import TabItem from '@theme/TabItem';
import Remove from './_remove.mdx';
import {LIMIT} from './limits.js';

# Install

One gate serves {LIMIT} carts.

<Tabs>
<TabItem value="iron" label="Iron">

### Hinges

Oil the hinges of iron gates.

</TabItem>
<TabItem value="wood" label="Wood">

### Hinges

Wax the hinges of wooden gates.

</TabItem>
</Tabs>

<details>
<summary>For old gates</summary>

### Latch {#old-latch}

Lift the latch.

</details>

:::tip[In winter]

#### Ice

Break the ice.

:::

<Remove />

## Ćwieki & `nails()` 🔨

Count the nails.
"""
REMOVE = "## Remove\n\nTo remove the gate from its frame, lift it off the hinges and lay it flat on the grass.\n"
POLISH = (
    "# Instalacja\n\nZamontuj bramę na zawiasach.\n\n## Usuwanie\n\nZdejmij bramę z zawiasów i połóż ją na trawie.\n"
)
TRANSLATED = "i18n/pl/docusaurus-plugin-content-docs/current/guide/install.mdx"
CATEGORY = {"label": "Guide", "link": {"type": "generated-index", "description": "All about hanging a gate."}}
FILES = {
    "docusaurus.config.mjs": CONFIG,
    "package.json": '{ "name": "gates", "private": true }',
    **{
        f"{folder}/{name}": text
        for folder in ("docs/guide", "versioned_docs/version-1.0/guide")
        for name, text in {
            "_category_.json": json.dumps(CATEGORY),
            "install.mdx": INSTALL,
            "_remove.mdx": REMOVE,
            "limits.js": f"export const LIMIT = {len(folder)};\n",
            "use.mdx": "import Remove from './_remove.mdx';\n\n# Use\n\nPush it.\n\n<Remove />\n",
        }.items()
    },
    "versions.json": '["1.0"]',
    "sdk/calls.md": "# Calls\n\nThe kit opens a gate with openGate().\n\n## Errors\n\nA stuck gate throws StuckGate.\n",
    "sdk_versioned_docs/version-5.0/calls.md": "# Calls\n\nThe kit opens a gate with gate.open().\n",
    "sdk_versions.json": '["5.0"]',
    "cli/commands.mdx": "# Commands\n\nThe command line opens a gate with `gate open`.\n",
    TRANSLATED: POLISH,
    TRANSLATED.replace("current", "version-1.0"): POLISH,
    "src/pages/about.md": "# About\n\nWho hangs gates here.\n",
}


@pytest.fixture(scope="module")
def gates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's folder, with both locales built."""
    folder = tmp_path_factory.mktemp("gates") / "site"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder.parent / "node_modules").symlink_to(ROOT / "node_modules")
    # What is cached of the site is kept there, and not among the packages.
    (folder / "node_modules").mkdir()
    for locale in ("en", "pl"):
        command = ["node", str(DOCUSAURUS), "build", "--locale", locale, "--out-dir", f"build/{locale}"]
        built = run(folder, *command, DOCUSAURUS_NO_TELEMETRY="1", NODE_ENV="production")
        assert built.returncode == 0, built.stdout + built.stderr
    return folder


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BOOKLIGHT_")}
    return subprocess.run(command, cwd=folder, env={**kept, **environment}, capture_output=True, text=True, check=False)


def booklight(folder: Path, *arguments: str) -> tuple[str, str]:
    """Run a command that ends well, and return what it printed and what it said beside that."""
    done = run(folder, BOOKLIGHT, *arguments, BOOKLIGHT_EMBEDDING="none")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, done.stderr


def test_every_link_of_every_edition_leads_where_it_says(gates: Path) -> None:
    printed, said = booklight(gates, "index", "build", "--json")
    report = json.loads(printed)
    audited = json.loads(booklight(gates, "audit", "build", "--json")[0])
    assert audited == {"checked": report["chunks"], "broken": []}
    assert report["pages"] == 2 * (3 + 2 + 2 + 1 + 1)
    assert "nothing can be found" not in said
    assert "looks" not in said
    assert "has no pages of" not in said


@pytest.mark.parametrize(
    ("page", "query", "expected"),
    [
        (
            "https://en.gates.example/sdk/next/calls",
            "the gate opens",
            {("sdk", "current"), ("cli", "current"), ("default", "1.0")},
        ),
        (
            "https://en.gates.example/docs/next/guide/use",
            "the gate opens",
            {("sdk", "5.0"), ("cli", "current"), ("default", "current")},
        ),
        (
            "https://pl.gates.example/docs/guide/install",
            "bramę gate",
            {("sdk", "5.0"), ("cli", "current"), ("default", "1.0")},
        ),
    ],
)
def test_readers_find_their_own_edition(gates: Path, page: str, query: str, expected: set[tuple[str, str]]) -> None:
    booklight(gates, "index", "build")
    found = json.loads(booklight(gates, "search", query, "--page", page, "--limit", "50", "--json")[0])["passages"]
    found = [passage for passage in found if passage["docs_instance"] != "pages/default"]
    assert {(passage["docs_instance"], passage["docs_version"]) for passage in found} == expected
    assert {passage["site"] for passage in found} == {f"{page[: page.index('/', 8)]}/"}


def test_what_the_pages_show_is_in_the_chunks(gates: Path) -> None:
    lines = booklight(gates, "chunks", "build/en/booklight/pages.json")[0].splitlines()
    chunks = [chunk for chunk in map(json.loads, lines) if chunk["path"] == "/docs/next/guide/install"]
    said = {chunk["text"].split("\n\n")[-1]: (chunk["anchor"], *chunk["breadcrumbs"][2:]) for chunk in chunks}
    assert said == {
        "One gate serves 10 carts.": (None,),
        "Oil the hinges of iron gates.": ("hinges", "Iron", "Hinges"),
        "Wax the hinges of wooden gates.": ("hinges-1", "Wood", "Hinges"),
        "Lift the latch.": ("old-latch", "For old gates", "Latch"),
        "Break the ice.": ("ice", "Latch", "In winter", "Ice"),
        REMOVE.partition("\n\n")[2].strip(): ("remove", "Remove"),
        "Count the nails.": ("ćwieki--nails-", "Ćwieki & nails() 🔨"),
    }
    indexes = [chunk["text"] for chunk in map(json.loads, lines) if "/category/" in chunk["path"]]
    assert any("All about hanging a gate." in text for text in indexes)
