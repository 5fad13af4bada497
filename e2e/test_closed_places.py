"""A citation into what is closed opens it as a reader would, and shows the passage: tabs, details, folded regions."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e.ask_panel import HIGHLIGHTED, AskPanel
from e2e.product import Product, laptop
from e2e.scripted_answer import Cited, script_answer
from e2e.small_site import write_files

CONFIG = """module.exports = {
  title: "Tools", url: "https://booklight.example", baseUrl: "/booklight/", onBrokenLinks: "ignore",
  future: { faster: true, v4: { removeLegacyPostBuildHeadAttribute: true } },
  presets: [["classic", { blog: false }]],
  plugins: ["docusaurus-plugin-booklight"],
};
"""
CLOSED = """import Tabs from "@theme/Tabs";
import TabItem from "@theme/TabItem";
import Folded from "@site/src/components/Folded";

# Install the tool

<Tabs groupId="system">
<TabItem value="mac" label="macOS">

### Remove on a Mac {#mac}

Drag it to the bin, and empty the bin afterwards.

</TabItem>
<TabItem value="linux" label="Linux">

### Remove on Linux {#linux}

Purge the package with apt, as the administrator.

<details>
<summary>For Fedora</summary>

#### Remove on Fedora {#fedora}

Erase the package with dnf, which asks once before it does.

<Tabs queryString="shell">
<TabItem value="bash" label="bash">Forget the alias in the file of bash.</TabItem>
<TabItem value="fish" label="fish">Forget the abbreviation in the file of fish.</TabItem>
</Tabs>

</details>

</TabItem>
</Tabs>

<Tabs groupId="system">
<TabItem value="mac" label="macOS">Second on a Mac.</TabItem>
<TabItem value="linux" label="Linux">Second on Linux.</TabItem>
</Tabs>

<Folded>The key of the depot hangs behind the second door.</Folded>
"""
FOLDED = """import React, { useState } from "react";
export default function Folded({ children }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" aria-controls="folded" aria-expanded={open} onClick={() => setOpen(!open)}>More</button>
      <p id="folded" style={{ display: open ? "block" : "none" }}>{children}</p>
    </>
  );
}
"""
PARAGRAPHS = 4_000
LONG = "# A long page\n\n" + "\n\n".join(
    f"## Rule {number}\n\nRule number {number} says that gate {number * 7} closes at dusk and opens again at dawn."
    for number in range(PARAGRAPHS)
)
PAGE = "docs/install"
LINUX = Cited("here.", f"{PAGE}#linux", "Remove on Linux", "Purge the package with apt, as the administrator.")
FEDORA = Cited("here.", f"{PAGE}#fedora", "Remove on Fedora", "Erase the package with dnf, which asks once")
FISH = Cited("here.", f"{PAGE}#fedora", "Remove on Fedora", "Forget the abbreviation in the file of fish.")
KEY = Cited("here.", PAGE, "Install the tool", "The key of the depot hangs behind the second door.")
LAST = Cited("here.", f"docs/long#rule-{PARAGRAPHS - 9}", "A rule", f"Rule number {PARAGRAPHS - 9} says that gate")
PASSAGE = "(() => { const [range] = CSS.highlights.get('booklight-passage') ?? []; return range"
IN_VIEW = (
    f"{PASSAGE} && range.getBoundingClientRect(); }})()?.height > 0 && {PASSAGE} && "
    "(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(range.getBoundingClientRect()); })()"
)


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A built site whose pages hide some of what they say, served with its assistant."""
    folder = tmp_path_factory.mktemp("tools")
    files = {
        "docusaurus.config.js": CONFIG,
        "src/components/Folded.js": FOLDED,
        "docs/start.md": "# Start\n\nBegin at the gate.\n",
        "docs/install.mdx": CLOSED,
        "docs/long.md": LONG,
    }
    site = write_files(folder / "site", files, "/booklight/").build()
    # What is cited is scripted: nothing is searched.
    with laptop(folder, site=site, BOOKLIGHT_EMBEDDING="none") as product:
        yield product


@pytest.mark.parametrize("start", [PAGE, "docs/start"], ids=["same page", "another page"])
@pytest.mark.parametrize("cited", [LINUX, FEDORA, FISH, KEY], ids=["tab", "details in tab", "tab in both", "folded"])
def test_a_citation_opens_what_hides_its_passage(
    cited: Cited, start: str, tools: Product, page: Page, assistant: AskPanel
) -> None:
    page.goto(tools.page(start))
    follow(page, assistant, cited)
    assert cited.quotation in assistant.highlighted()
    page.wait_for_function(IN_VIEW)


def test_the_components_own_state_is_what_changed(tools: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(tools.page(PAGE))
    follow(page, assistant, FISH)
    assert page.evaluate("localStorage.getItem('docusaurus.tab.system')") == "linux"
    expect(page.get_by_text("Second on Linux.")).to_be_visible()
    expect(page).to_have_url(f"{tools.page(PAGE)}?shell=fish#fedora")
    page.get_by_text("For Fedora").click()
    expect(page.get_by_role("heading", name="Remove on Fedora")).to_be_hidden()
    expect(page.get_by_role("heading", name="Remove on Linux")).to_be_visible()


def test_what_is_open_stays_as_it_is(tools: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(tools.page(PAGE))
    follow(page, assistant, FEDORA)
    page.locator("article h1").click()
    page.wait_for_function(f"{HIGHLIGHTED} === ''")
    assistant.citations.first.click()
    page.wait_for_function(f"({HIGHLIGHTED}).includes({FEDORA.quotation!r})")
    expect(page.get_by_role("heading", name="Remove on Fedora")).to_be_visible()


def test_a_passage_at_the_end_of_a_very_long_page_is_reached(tools: Product, page: Page, assistant: AskPanel) -> None:
    page.goto(tools.page("docs/start"))
    follow(page, assistant, LAST)
    assert LAST.quotation in assistant.highlighted()
    page.wait_for_function(IN_VIEW)


def follow(page: Page, assistant: AskPanel, cited: Cited) -> None:
    """Ask, and follow the citation of the answer until something is highlighted."""
    script_answer(page, "It stands here.", cited)
    assistant.open().send("How do I remove it?")
    expect(assistant.citations).to_have_count(1)
    assistant.citations.first.click()
    page.wait_for_function(f"{HIGHLIGHTED} !== ''")
