"""What a contributor reads: its links lead somewhere, its commands exist, and the forms are ones that GitHub takes."""

import json
import re
from pathlib import Path

import pytest
import yaml

from steps import ROOT
from suites import choose

PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
ELEMENTS = {"markdown", "textarea", "input", "dropdown", "checkboxes"}


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_files_and_headings_that_are_there(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)(?:#([^)]+))?\)", (ROOT / name).read_text())
    assert links
    for path, anchor in links:
        assert (ROOT / path).is_file(), path
        assert not anchor or f"{{#{anchor}}}" in (ROOT / path).read_text()


def test_commands_are_scripts_of_the_repository() -> None:
    scripts = json.loads((ROOT / "package.json").read_text())["scripts"]
    for name in PAGES:
        assert set(re.findall(r"npm run ([\w-]+)", (ROOT / name).read_text())) <= set(scripts)


def test_every_test_that_is_named_can_be_run() -> None:
    lines = re.findall(r"^npm test -- (.+?)(?:\s+#.*)?$", (ROOT / "CONTRIBUTING.md").read_text(), re.M)
    assert len(lines) > 3
    for line in lines:
        assert len(choose(line.split(), ROOT).suites()) == 1


def test_scripts_that_are_named_are_there() -> None:
    named = re.findall(r"`(?:\.venv/bin/python )?(scripts/[\w.]+)", (ROOT / "CONTRIBUTING.md").read_text())
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("path", [path for path in FORMS if path.name != "config.yml"], ids=lambda path: path.name)
def test_a_form_has_what_github_asks_for(path: Path) -> None:
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "body"} <= set(form)
    ids = [element["id"] for element in form["body"] if element["type"] != "markdown"]
    assert ids
    assert len(ids) == len(set(ids))
    for element in form["body"]:
        assert element["type"] in ELEMENTS
        assert ("value" if element["type"] == "markdown" else "label") in element["attributes"]
