"""The commands of `package.json`: demo, test, test:model, check, fix and bench, each from a bare clone.

Set-up is shared: every command first brings this machine up to what it needs, and skips what is already there.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (this line is read by older Pythons)
    sys.exit(f"Booklight needs Python 3.11 or newer as `python3`; this is {sys.version.split()[0]} ({sys.executable}).")

import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from browser import find_browser
from checks import FIXES, LINT, TYPES
from commands import run_all
from environment import BENCHMARKS, BOOKLIGHT, BUILD, PYTHON, index_step, node_steps, python_steps
from ports import ensure_free
from real_model import DEFAULT, SERVER_PYTHON, find_model, model_steps
from redis_server import ensure_redis
from steps import ROOT, Runner, StepFailed, say
from suites import REAL_MODEL_TESTS, all_suites, choose


def main(arguments: Sequence[str]) -> int:
    """Run the command named by `arguments` and return its exit status."""
    commands = {"demo": demo, "test": test, "test:model": test_model, "check": check, "fix": fix, "bench": bench}
    if len(arguments) < 1 or arguments[0] not in commands:
        say(f"usage: run.py {'|'.join(commands)}")
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return commands[arguments[0]](arguments[1:])
    except StepFailed as failure:
        say(f"\n{failure}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped. What was finished is kept: the next run goes on from there.")
        return 130


def demo(_: Sequence[str]) -> int:
    """Serve the handbook with its assistant, and print the address when it is ready."""
    port = ensure_free(os.environ.get("PORT", "8000"))
    set_up(development=False)
    os.execv(BOOKLIGHT, ["booklight", "serve", "--site", str(BUILD.relative_to(ROOT)), "--port", str(port)])


def test(arguments: Sequence[str]) -> int:
    """Run everything: lint, types, unit, contract, Postgres and browser tests; or only the tests at the paths given."""
    chosen = choose(arguments, Path(os.environ.get("INIT_CWD", ROOT)))
    set_up(development=True)
    environment = dict(os.environ)
    if chosen.browser or not arguments:
        environment["BOOKLIGHT_TEST_BROWSER"] = str(find_browser())
        # Else each worker deletes what another one has just written there.
        shutil.rmtree(ROOT / "test-results", ignore_errors=True)
    if chosen.python or not arguments:
        ensure_redis()
    lanes, behind = ([chosen.suites()], None) if arguments else all_suites()
    return run_all(lanes, environment=environment, behind=behind)


def test_model(arguments: Sequence[str]) -> int:
    """Ask a small real model the handbook's questions; the first argument may name another than the default."""
    named = arguments[0] if arguments and not arguments[0].startswith("-") else None
    model = find_model(named or DEFAULT)
    set_up(development=True)
    Runner().run(model_steps(model))
    environment = dict(os.environ) | {
        "BOOKLIGHT_TEST_BROWSER": str(find_browser()),
        "BOOKLIGHT_TEST_GGUF": str(model.gguf),
        "BOOKLIGHT_TEST_LLAMA_PYTHON": str(SERVER_PYTHON),
        "BOOKLIGHT_TEST_MODEL_TITLE": model.title,
    }
    options = arguments[1:] if named else arguments
    return run_all([{f"Real model: {model.title}": [*REAL_MODEL_TESTS, *options]}], environment=environment)


def check(_: Sequence[str]) -> int:
    """Check formatting, lint, types and import layers; change nothing."""
    set_up(development=True, build=False)
    return run_all([TYPES, LINT], environment=os.environ)


def fix(_: Sequence[str]) -> int:
    """Format the code, and mend what lint finds where a machine can."""
    set_up(development=True, build=False)
    return run_all([FIXES], environment=os.environ)


def bench(arguments: Sequence[str]) -> int:
    """Run the benchmarks and print their ratios."""
    set_up(development=True)
    return run_all([{path.stem: [str(PYTHON), str(path), *arguments] for path in BENCHMARKS}], environment=os.environ)


def set_up(*, development: bool, build: bool = True) -> None:
    """Bring this machine up to what a command needs. Raises StepFailed."""
    if shutil.which("npm") is None:
        raise StepFailed("npm was not found: install Node.js 20 or newer, which brings it.")
    say("Setting up (what is already there is skipped)")
    runner = Runner()
    nodes = node_steps() if build else node_steps()[:2]
    runner.run(python_steps(development=development), nodes)
    if build:
        runner.run([index_step()])


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(sys.argv[1:]))
