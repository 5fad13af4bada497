"""A path goes to the runner that its tests need, and what cannot be run is said before anything is."""

from pathlib import Path

import pytest

from checks import LINT, TYPES
from steps import ROOT, StepFailed
from suites import BROWSER_TESTS, PLUGIN_TESTS, PYTHON_TESTS, all_suites, ask_questions, choose


def commands(*arguments: str, start: Path = ROOT) -> dict[str, list[str]]:
    """Return what runs for `npm test -- ARGUMENTS`."""
    return {name: list(command) for name, command in choose(arguments, start).suites().items()}


def test_each_path_goes_to_its_own_runner() -> None:
    chosen = commands(
        *("ingest/tests/test_terms.py", "scripts/tests", "e2e/test_panel.py"),
        *("site-plugin/src/pages.ts", "book/questions.jsonl"),
    )
    assert chosen == {
        "Python tests": [*PYTHON_TESTS, "ingest/tests/test_terms.py", "scripts/tests"],
        "Browser tests": [*BROWSER_TESTS, "e2e/test_panel.py"],
        "Plugin tests": [*PLUGIN_TESTS, "--", "src/pages.ts"],
        "Questions: book/questions.jsonl": ask_questions("book/questions.jsonl"),
    }


def test_one_test_is_named_as_pytest_names_it_and_options_go_along() -> None:
    name = "scripts/tests/test_ports.py::test_what_is_no_port_is_refused"
    assert commands("-k", "port", name, "-x") == {"Python tests": [*PYTHON_TESTS, "-k", "port", "-x", name]}


def test_paths_are_read_from_where_the_command_was_given() -> None:
    assert commands("tests/test_ports.py", start=ROOT / "scripts") == {
        "Python tests": [*PYTHON_TESTS, "scripts/tests/test_ports.py"]
    }


def test_the_whole_plugin_is_tested_without_a_filter() -> None:
    assert commands("site-plugin") == {"Plugin tests": [*PLUGIN_TESTS, "--"]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("backend/tests/test_nothing.py",), "backend/tests/test_nothing.py does not exist"),
        (("book/docs",), "No tests belong to book/docs"),
        (("/",), "/ is outside the repository"),
        (("-x", "scripts/tests", "e2e"), "-x: name paths of one runner"),
        (("-x",), "-x: name paths of one runner"),
    ],
)
def test_what_cannot_be_run_is_named(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(StepFailed, match=said):
        choose(arguments, ROOT)


def test_every_suite_has_a_name_of_its_own_and_checks_give_way_to_tests() -> None:
    lanes, behind = all_suites()
    names = [name for lane in [*lanes, behind] for name in lane]
    assert len(names) == len(set(names))
    assert {"Python tests", "Browser tests", "Plugin tests", "Widget size"} <= {*names} - {*behind}
    assert {*TYPES, *LINT} <= {*behind}
