"""What axe finds wrong with the assistant, as it stands."""

from playwright.sync_api import Page

from e2e.product import ROOT

AXE = ROOT / "node_modules/axe-core/axe.min.js"
RUN_AXE = """
async (theme) => {
  document.documentElement.dataset.theme = theme;
  const {violations, passes} = await axe.run({include: [["booklight-assistant"]]});
  const told = ({target, failureSummary}) => `${target} ${failureSummary}`;
  return {passed: passes.length, found: violations.flatMap(({id, nodes}) => [id, ...nodes.map(told)])};
}
"""
MOST_RULES, FEW_RULES = 15, 5


def assert_accessible(page: Page, *, closed: bool = False) -> None:
    """Run axe on the assistant of `page`, light and dark; when it is `closed`, few rules have anything to look at."""
    page.add_script_tag(path=AXE)
    for theme in ("light", "dark"):
        result = page.evaluate(RUN_AXE, theme)
        assert not result["found"], f"{theme}: {result['found']}"
        assert result["passed"] > (FEW_RULES if closed else MOST_RULES), (
            f"only {result['passed']} rules had anything to check"
        )
