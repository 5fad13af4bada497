"""The test suites: which command runs each, which run beside each other, and which one a path belongs to."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from checks import LINT, TYPES
from commands import Lane
from environment import BOOKLIGHT, PYTHON
from steps import ROOT, StepFailed

# What search has to reach on the handbook's own questions, and what its answers without a model have to be.
SEARCH_GATES = ["--min", "ndcg@10=0.7", "--min", "recall@5=0.8", "--min", "auc=0.8"]
ANSWER_GATES = ["--min", "right=0.8", "--max", "wrong_and_sure=0.04", "--max", "refused_wrongly=0.05"]

WORKERS = max(2, os.cpu_count() or 2)
PYTHON_TESTS = [str(PYTHON), "-m", "pytest", "-q", "-p", "no:playwright"]
BROWSER_TESTS = [str(PYTHON), "-m", "pytest", "-q", "-c", "e2e/pytest.ini"]
REAL_MODEL_TESTS = [*BROWSER_TESTS, "e2e/real_model"]
PLUGIN_TESTS = ["npm", "test", "--workspace", "site-plugin"]
# Those that wait most come first, while what computes runs beside them; the last build sites.
PYTHON_FOLDERS = ("backend", "ingest", "scripts")
BROWSER_FOLDER, PLUGIN_FOLDER, QUESTIONS_FOLDER = "e2e", "site-plugin", "book"


@dataclass
class Chosen:
    """The tests named on a command line, by what runs them; `options` are for that runner."""

    python: list[str] = field(default_factory=list)
    browser: list[str] = field(default_factory=list)
    plugin: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)

    def suites(self) -> Lane:
        """Return the commands that run them."""
        plugin = [str(Path(path).relative_to(PLUGIN_FOLDER)) for path in self.plugin if path != PLUGIN_FOLDER]
        commands = {
            "Python tests": [*PYTHON_TESTS, *self.options, *self.python] if self.python else [],
            "Browser tests": [*BROWSER_TESTS, *self.options, *self.browser] if self.browser else [],
            "Plugin tests": [*PLUGIN_TESTS, "--", *self.options, *plugin] if self.plugin else [],
            **{f"Questions: {path}": [*ask_questions(path), *self.options] for path in self.questions},
        }
        return {name: command for name, command in commands.items() if command}


def all_suites() -> tuple[list[Lane], Lane]:
    """Return every suite: in lanes that run beside each other, and in one that gets what time these leave.

    A browser test keeps a browser, a page and a sidecar busy, so that it gets a worker for every two cores.
    """
    python: Lane = {"Python tests": [*PYTHON_TESTS, *_spread(WORKERS), *PYTHON_FOLDERS]}
    browser: Lane = {"Browser tests": [*BROWSER_TESTS, *_spread(WORKERS // 2), BROWSER_FOLDER]}
    plugin: Lane = {"Plugin tests": PLUGIN_TESTS, "Widget size": [str(PYTHON), "bench/widget_size.py"]}
    questions: Lane = {"Handbook questions": ask_questions("book/questions.jsonl")}
    return [python, browser, plugin], {**questions, **TYPES, **LINT}


def ask_questions(path: str) -> list[str]:
    """Return the command that asks a file of questions about the handbook, and fails where the answers are worse."""
    return [str(BOOKLIGHT), "eval", path, "--answers", *SEARCH_GATES, *ANSWER_GATES]


def choose(arguments: Sequence[str], start: Path) -> Chosen:
    """Sort the paths among `arguments`, which are relative to `start`, by what runs them; the rest are options.

    Raises StepFailed where nothing tests a path, or where options are given for several runners.
    """
    chosen = Chosen()
    for argument in arguments:
        path = (start / argument.partition("::")[0]).resolve()
        if argument.startswith("-") or not path.exists():
            chosen.options.append(argument)
            continue
        if not path.is_relative_to(ROOT):
            raise StepFailed(f"{argument} is outside the repository.")
        node = "".join(argument.partition("::")[1:])
        _runner(chosen, path.relative_to(ROOT)).append(f"{path.relative_to(ROOT)}{node}")
    return _checked(chosen)


def _runner(chosen: Chosen, path: Path) -> list[str]:
    """Return the list that `path` goes to. Raises StepFailed."""
    top = path.parts[0] if path.parts else ""
    if top in PYTHON_FOLDERS:
        return chosen.python
    if top == BROWSER_FOLDER:
        return chosen.browser
    if top == PLUGIN_FOLDER:
        return chosen.plugin
    if top == QUESTIONS_FOLDER and path.suffix == ".jsonl":
        return chosen.questions
    folders = ", ".join([*PYTHON_FOLDERS, BROWSER_FOLDER, PLUGIN_FOLDER])
    raise StepFailed(f"No tests belong to {path}: name a path in {folders}, or a file of questions in book.")


def _checked(chosen: Chosen) -> Chosen:
    runners = len(chosen.suites())
    if chosen.options and not chosen.options[0].startswith("-"):
        raise StepFailed(f"{chosen.options[0]} does not exist.")
    if chosen.options and runners != 1:
        raise StepFailed(f"{' '.join(chosen.options)}: name paths of one runner with it, to say whose option it is.")
    return chosen


def _spread(workers: int) -> list[str]:
    return ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]
