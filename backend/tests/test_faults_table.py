"""The handbook's tables of faults: each fault that is tested, and no other."""

from importlib import import_module
from pathlib import Path
from types import FunctionType

from backend.tests.faults.witness import Row, handbook_rows, tables

SUITE = Path(__file__).parent / "faults"


def faults_with_a_test() -> set[str]:
    """Return what the tests of the suite say they cause."""
    modules = [import_module(f"backend.tests.faults.{file.stem}") for file in SUITE.glob("test_*.py")]
    tests = [test for module in modules for test in vars(module).values() if isinstance(test, FunctionType)]
    marks = [mark for test in tests for mark in vars(test).get("pytestmark", []) if mark.name == "fault"]
    return {mark.args[0] for mark in marks}


def test_every_tested_fault_has_its_row_and_no_other_is_there() -> None:
    shown = [row.split(" | ")[0].removeprefix("| ") for row in handbook_rows()]
    assert sorted(shown) == sorted(
        str(Row("", fault, "", "")).split(" | ")[0].removeprefix("| ") for fault in faults_with_a_test()
    )


def test_a_row_is_shown_as_it_is_whatever_it_holds() -> None:
    row = Row("What if?", "A | B", "<b>{x}</b>\n`c`", "[d](e)")
    assert tables([row, row]).count("\n## What if?\n") == 1
    assert str(row) == "| A \\| B | \\<b\\>\\{x\\}\\</b\\> \\`c\\` | \\[d\\](e) |"
