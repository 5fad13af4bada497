"""The Action and the workflows, as far as they can be judged without GitHub: their shape, their wiring, their shell."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from booklight.settings import Settings
from steps import ROOT
from suites import SEARCH_GATES, choose

ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.S)
STEP_OUTPUT = re.compile(r"steps\.([\w-]+)\.outputs\.([\w-]+)")
Document = dict[str, Any]


def load(path: Path) -> Document:
    """Read a YAML file; the key `on` stays a word."""
    text = re.sub(r"^on:", '"on":', path.read_text(), flags=re.M)
    document: Document = yaml.safe_load(text)
    return document


def all_steps(document: Document) -> list[Document]:
    """Return the steps of an Action or of all jobs of a workflow."""
    jobs = [document["runs"]] if "runs" in document else list(document["jobs"].values())
    return [step for job in jobs for step in job["steps"]]


def expressions(value: object) -> list[str]:
    """Return the expressions in a part of a document."""
    conditions = re.findall(r"'if': '([^']*)'|'if': \"([^\"]*)\"", repr(value))
    return EXPRESSION.findall(yaml.safe_dump(value, width=10_000)) + ["".join(pair) for pair in conditions]


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: path.name)
def test_every_step_runs_or_uses_and_names_a_version(path: Path) -> None:
    for step in all_steps(load(path)):
        assert ("run" in step) != ("uses" in step), step
        if "uses" in step and step["uses"] != "./":
            assert re.fullmatch(r"[\w-]+/[\w/-]+@v\d+(\.\d+)*", step["uses"])
        if "run" in step:
            # What a stranger may have written is given by the environment, and never becomes part of a script.
            assert not EXPRESSION.search(step["run"])
            assert subprocess.run(["bash", "-n", "-c", step["run"]], check=False).returncode == 0
            assert path != ACTION or step["shell"] == "bash"


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: path.name)
def test_outputs_that_are_used_come_from_a_step_that_is_there(path: Path) -> None:
    steps = {step["id"]: step for step in all_steps(load(path)) if "id" in step}
    known = {"publish": published_outputs(), "book": set(load(ACTION)["outputs"]), "pages": {"page_url"}}
    for step, output in STEP_OUTPUT.findall("\n".join(expressions(load(path)))):
        assert step in steps
        assert output in known[step]


def published_outputs() -> set[str]:
    """Return the names of the outputs that the script writes."""
    return set(re.findall(r"(?:f\"|\\n)(\w+)=\{", (ROOT / "scripts/publish.py").read_text()))


def test_the_script_writes_what_the_action_promises() -> None:
    assert published_outputs() == set(load(ACTION)["outputs"])


def test_every_input_is_described_and_used_and_none_is_unknown() -> None:
    action = load(ACTION)
    used = set(re.findall(r"inputs\.([\w-]+)", yaml.safe_dump(action["runs"])))
    assert used == set(action["inputs"])
    assert all(
        given["description"] and ("default" in given or given["required"]) for given in action["inputs"].values()
    )


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: path.name)
def test_settings_have_names_that_booklight_knows(path: Path) -> None:
    known = {f"BOOKLIGHT_{name.upper()}" for name in Settings.model_fields} | {"OPENAI_API_KEY"}
    names = {name for step in all_steps(load(path)) for name in step.get("env", {})}
    assert {name for name in names if name.startswith(("BOOKLIGHT_", "OPENAI_"))} <= known


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_may_only_read_but_for_the_jobs_that_deploy_and_release(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 60
        assert set(job.get("permissions", {})) <= {"contents", "pages", "id-token"}
        if job.get("permissions", {}).get("contents") == "write":
            # It handles what another job has made, and runs no code of the repository.
            assert not any(step.get("uses", "").startswith("actions/checkout") for step in job["steps"])
            assert (path.name, job["needs"]) == ("release.yml", "build")


def test_the_workflow_gives_the_action_what_it_asks_for() -> None:
    inputs = load(ACTION)["inputs"]
    (step,) = [step for step in all_steps(load(ROOT / ".github/workflows/book.yml")) if step.get("uses") == "./"]
    assert set(step["with"]) <= set(inputs)
    assert {name for name, given in inputs.items() if given.get("required")} <= set(step["with"])
    assert step["with"]["qdrant-url"] == "${{ secrets.QDRANT_URL }}"
    for place in [*step["with"]["content"].split(), step["with"]["questions"]]:
        assert (ROOT / place).exists()
    assert step["with"]["min"].split() == SEARCH_GATES[1::2]


def test_what_the_workflow_remembers_is_what_the_action_recalls() -> None:
    caches = [
        step["with"]["path"]
        for path in (ACTION, ROOT / ".github/workflows/book.yml")
        for step in all_steps(load(path))
        if "cache/" in step.get("uses", "")
    ]
    assert len(caches) == 3
    assert len(set(caches)) == 1


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_matrix_gives_what_its_job_asks_for(path: Path) -> None:
    for job in load(path)["jobs"].values():
        given = job.get("strategy", {}).get("matrix", {}).get("include", [])
        used = set(re.findall(r"matrix\.(\w+)", yaml.safe_dump(job)))
        assert all(set(one) == used for one in given)
        assert bool(given) == bool(used)


def test_the_matrix_reaches_from_the_oldest_to_the_newest() -> None:
    jobs = load(ROOT / ".github/workflows/ci.yml")["jobs"]
    tried = jobs["test"]["strategy"]["matrix"]["include"]
    assert [one["python"] for one in tried] == ["3.11", "3.12", "3.13", "3.14"]
    assert {one["node"] for one in tried} == {20, 22, 24}
    oldest = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    assert oldest is not None
    assert tried[0] == {"python": oldest[1], "node": 20}
    assert jobs["macos"]["runs-on"] == "macos-latest"


def test_paths_that_workflows_test_have_a_runner() -> None:
    given = [step.get("run", "") for path in WORKFLOWS for step in all_steps(load(path))]
    named = [run.removeprefix("npm test -- ").split() for run in given if run.startswith("npm test -- ")]
    assert named
    for paths in named:
        assert choose(paths, ROOT).options == []


def test_a_release_takes_the_packages_that_the_build_makes() -> None:
    text = (ROOT / ".github/workflows/release.yml").read_text()
    plugin = json.loads((ROOT / "site-plugin/package.json").read_text())
    project = re.search(r'^name = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert project is not None
    for name in (f"{project[1]}-$version-py3-none-any.whl", f"{project[1]}-$version.tar.gz"):
        assert f'test -f "dist/{name}"' in text
    assert f'test -f "dist/{plugin["name"]}-$version.tgz"' in text


def run_publish_step(tmp_path: Path, **inputs: str) -> "subprocess.CompletedProcess[str]":
    """Run the Action's main step with a `python` that prints what it is given."""
    (step,) = [step for step in all_steps(load(ACTION)) if step.get("id") == "publish"]
    given = {name: str(one.get("default", "")) for name, one in load(ACTION)["inputs"].items()} | inputs
    environment = {
        name: given[EXPRESSION.findall(value)[0].removeprefix("inputs.")] for name, value in step["env"].items()
    }
    python = tmp_path / "python"
    python.write_text("#!/usr/bin/env python3\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    python.chmod(0o755)
    own = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "RUNNER_TEMP": "/runner", "GITHUB_ACTION_PATH": "/action"}
    command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
    return subprocess.run(command, env=own | environment, capture_output=True, text=True, check=False)


def test_the_action_hands_its_inputs_to_the_script_as_they_are(tmp_path: Path) -> None:
    done = run_publish_step(
        tmp_path,
        **{"qdrant-url": "https://q.example", "book": "my book", "content": "a b", "min": "mrr=0.5", "force": "true"},
        deploy='rsync "$BUILD_DIR" host:; $(touch owned)',
        questions="q.jsonl",
    )
    assert json.loads(done.stdout) == [
        "/action/scripts/publish.py",
        *("--book", "my book", "--build-command", "npm run build --ignore-scripts", "--min", "mrr=0.5"),
        *("--booklight", "/runner/booklight/bin/booklight", "--content", "a", "--content", "b"),
        *("--questions", "q.jsonl", "--deploy", 'rsync "$BUILD_DIR" host:; $(touch owned)', "--force"),
    ]


def test_without_a_production_index_the_action_stops(tmp_path: Path) -> None:
    done = run_publish_step(tmp_path)
    assert done.returncode == 2
    assert "qdrant-url is empty" in done.stdout


def test_without_a_deploy_command_the_workflow_remembers(tmp_path: Path) -> None:
    done = run_publish_step(tmp_path, **{"qdrant-url": "https://q.example"})
    assert json.loads(done.stdout)[-1] == "--no-remember"
