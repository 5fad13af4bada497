"""Set-up runs what is needed, once, and says what failed."""

import sys
from pathlib import Path

import pytest

import steps
from steps import Runner, Step, StepFailed


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of the test's own."""
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(steps, "STATE", tmp_path / ".setup")
    return tmp_path


def count_step(root: Path, *, inputs: tuple[Path, ...] = (), name: str = "count") -> Step:
    """A step that adds a line to `<name>.txt` whenever it runs."""
    code = f"open({str(root / f'{name}.txt')!r}, 'a').write('ran\\n')"
    return Step(
        name=name,
        title=f"Counting {name}",
        command=lambda: [sys.executable, "-c", code],
        inputs=inputs,
        outputs=(root / f"{name}.txt",),
        folder=root,
    )


def runs(root: Path, name: str = "count") -> int:
    return len((root / f"{name}.txt").read_text().splitlines())


def test_a_step_runs_once_until_its_inputs_change(root: Path) -> None:
    source = root / "input.txt"
    source.write_text("one")
    step = count_step(root, inputs=(source,))
    Runner().run([step])
    Runner().run([step])
    assert runs(root) == 1
    source.write_text("two")
    Runner().run([step])
    assert runs(root) == 2


def test_a_step_runs_again_when_its_output_is_gone(root: Path) -> None:
    step = count_step(root)
    Runner().run([step])
    (root / "count.txt").unlink()
    Runner().run([step])
    assert runs(root) == 1


def test_branches_run_side_by_side_and_each_in_order(root: Path) -> None:
    Runner().run([count_step(root, name="a"), count_step(root, name="b")], [count_step(root, name="c")])
    assert [runs(root, name) for name in "abc"] == [1, 1, 1]


def test_a_failure_shows_the_end_of_its_log_and_runs_again(root: Path) -> None:
    broken = Step(
        name="broken",
        title="Breaking",
        command=lambda: [sys.executable, "-c", "print('what went wrong'); raise SystemExit(3)"],
        folder=root,
    )
    after = count_step(root, name="after")
    for _ in range(2):
        with pytest.raises(StepFailed, match=r"(?s)Breaking failed.*what went wrong"):
            Runner().run([broken, after])
    assert not (root / "after.txt").exists()
