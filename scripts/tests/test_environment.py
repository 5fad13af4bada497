"""Going from the tests to the demo keeps what is installed."""

from pathlib import Path

import pytest

import environment
import steps


def test_the_demo_keeps_an_environment_that_has_the_test_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "STATE", tmp_path)
    assert environment.python_steps(development=False)[-1].title == "Python packages (requirements.lock)"
    packages = environment.python_steps(development=True)[-1]
    (tmp_path / f"{packages.name}.stamp").write_text(steps.fingerprint(packages))
    assert environment.python_steps(development=False)[-1].title == "Python packages (requirements-dev.lock)"
