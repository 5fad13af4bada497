"""The architecture page draws what is checked, and one word means one thing."""

import ast
import re
import tomllib
from collections import defaultdict
from pathlib import Path

import booklight
import booklight_ingest

ROOT = Path(__file__).parents[2]


def test_the_handbook_draws_the_layers_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    page = (ROOT / "book/docs/06-reference/06-architecture.mdx").read_text(encoding="utf-8")
    drawn = dict(re.findall(r'^```text title="(\w+), [^"]*"\n(.*?)\n```$', page, re.MULTILINE | re.DOTALL))
    checked = {
        contract["containers"][0]: "\n".join(contract["layers"]) for contract in contracts if "layers" in contract
    }
    assert drawn == checked


def test_no_two_public_classes_have_one_name() -> None:
    modules = defaultdict(list)
    for package in (booklight, booklight_ingest):
        folder = Path(str(package.__file__)).parent
        for path in folder.rglob("*.py"):
            for name in public_classes(path):
                modules[name].append(path.relative_to(folder.parent).as_posix())
    assert len(modules) > 100
    assert {name: found for name, found in modules.items() if len(found) > 1} == {}


def public_classes(path: Path) -> list[str]:
    """Return the names of the classes that a file defines, but for those that begin with an underscore."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node.name for node in nodes if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
