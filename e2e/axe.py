"""What axe finds wrong with the assistant, as it stands."""

from playwright.sync_api import Page

from e2e.product import ROOT

AXE = ROOT / "node_modules/axe-core/axe.min.js"
RUN_AXE = """
async ([theme, rules]) => {
  document.documentElement.dataset.theme = theme;
  const {violations, passes} = await axe.run({include: [["booklight-assistant"]]}, rules);
  const told = ({target, failureSummary}) => `${target} ${failureSummary}`;
  return {passed: passes.length, found: violations.flatMap(({id, nodes}) => [id, ...nodes.map(told)])};
}
"""
ALL_RULES: dict[str, object] = {}
RULES_OF_COLORS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
MOST_RULES, FEW_RULES = 15, 5


def assert_accessible(page: Page, *, closed: bool = False) -> None:
    """Run axe on the assistant of `page`, light, and dark for its colours; few rules concern one that is `closed`."""
    page.add_script_tag(path=AXE)
    expected = {"light": FEW_RULES if closed else MOST_RULES, "dark": 0 if closed else 1}
    for theme, rules in (("light", ALL_RULES), ("dark", RULES_OF_COLORS)):
        result = page.evaluate(RUN_AXE, [theme, rules])
        assert not result["found"], f"{theme}: {result['found']}"
        assert result["passed"] >= expected[theme], f"{theme}: only {result['passed']} rules had anything to check"
