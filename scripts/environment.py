"""What Booklight needs on this machine, as steps: Python packages, Node packages, the plugin, the book, its index."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from steps import ROOT, STATE, Step, is_current

UV_LOCK = ROOT / "requirements-install.lock"
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
BOOKLIGHT = BIN / "booklight"
BUILD = ROOT / "book/build"
PAGES = BUILD / "booklight/pages.json"
BENCHMARKS = sorted((ROOT / "bench").glob("*.py"))
SYNC_OPTIONS = ["--require-hashes", "--no-build", "--compile-bytecode"]
INSTALL_OPTIONS = ["--offline", "--no-deps", "--no-build-isolation"]
UV_ENVIRONMENT = {"UV_SYSTEM_CERTS": "1", "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"}
NPM_ENVIRONMENT = {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false"}


def python_steps(*, development: bool) -> list[Step]:
    """Return the steps that leave `booklight` installed in `.venv`, with the test tools if `development`.

    An environment that has the test tools already keeps them.
    """
    with_tools = _python_packages("requirements-dev.lock")
    packages = with_tools if development or is_current(with_tools) else _python_packages("requirements.lock")
    return [packages] if shutil.which("uv") else [_install_uv(), packages]


def _python_packages(lock_name: str) -> Step:
    locks = (ROOT / lock_name, ROOT / "requirements-build.lock")
    return Step(
        name="python-packages",
        title=f"Python packages ({lock_name})",
        command=lambda: shell(
            [*uv_command(), "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(VENV)],
            # Compiled once and not by every process that imports first, while Node packages take their time.
            ["nice", *uv_command(), "pip", "sync", *SYNC_OPTIONS, "--python", str(PYTHON), *map(str, locks)],
            [*uv_command(), "pip", "install", *INSTALL_OPTIONS, "--python", str(PYTHON), "--editable", "."],
        ),
        inputs=(*locks, ROOT / "pyproject.toml"),
        outputs=(PYTHON, BOOKLIGHT),
        environment=uv_environment(),
    )


def node_steps() -> list[Step]:
    """Return the steps that leave the plugin compiled and the book built."""
    return [
        Step(
            name="node-packages",
            title="Node packages (package-lock.json)",
            command=lambda: ["npm", "ci"],
            inputs=(ROOT / "package-lock.json", ROOT / "package.json"),
            outputs=(ROOT / "node_modules/.package-lock.json",),
            environment=NPM_ENVIRONMENT,
        ),
        Step(
            name="site-plugin",
            title="The site plugin",
            command=lambda: ["npm", "run", "build", "--workspace", "site-plugin"],
            inputs=(*_sources("site-plugin", "src", "package.json"), *sorted(ROOT.glob("site-plugin/tsconfig.*.json"))),
            outputs=(ROOT / "site-plugin/lib/node/index.js", ROOT / "site-plugin/lib/client/launcher.js"),
        ),
        Step(
            name="book",
            title="The book",
            # Its postbuild line indexes it; here that is a step of its own, which needs the Python packages too.
            command=lambda: ["npm", "run", "build", "--workspace", "book", "--ignore-scripts"],
            inputs=(
                *_sources("book", "docs", "src", "static", "package.json", "docusaurus.config.ts", "sidebars.ts"),
                ROOT / "site-plugin/lib/node",
                ROOT / "site-plugin/lib/client",
                ROOT / "package-lock.json",
            ),
            outputs=(PAGES,),
            environment={"DOCUSAURUS_NO_TELEMETRY": "1", "CI": "true"},
        ),
    ]


def index_step() -> Step:
    """Return the step that brings the demo's index in step with the built book."""
    return Step(
        name="index",
        title="The index",
        command=lambda: [str(BOOKLIGHT), "index", str(PAGES)],
        inputs=(PAGES, ROOT / "book/docs", ROOT / "ingest/booklight_ingest", ROOT / "requirements.lock"),
        outputs=(ROOT / ".booklight/index", BUILD / "llms-full.txt"),
        key=repr(sorted(item for item in os.environ.items() if item[0].startswith("BOOKLIGHT_"))),
    )


def _install_uv() -> Step:
    target = STATE / "uv"
    pip = [sys.executable, "-m", "pip"]
    locked = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(UV_LOCK)]
    install = ["install", "--quiet", "--disable-pip-version-check", *locked]

    def command() -> Sequence[str]:
        if _succeeds([*pip, "--version"]):
            return [*pip, *install, "--upgrade", "--target", str(target)]
        return shell(
            [sys.executable, "-m", "venv", str(target)],
            [str(target / "bin/python"), "-m", "pip", *install],
        )

    return Step(
        name="uv",
        title="uv, the installer",
        command=command,
        inputs=(UV_LOCK,),
        outputs=(target / "bin/uv",),
    )


def uv_command() -> list[str]:
    """Return uv: the system's, else the one that was installed here."""
    return [shutil.which("uv") or str(STATE / "uv/bin/uv")]


def uv_environment() -> dict[str, str]:
    """Return the environment in which uv uses what this machine has."""
    # uv does not read pip's settings; a mirror named for pip is the one to use.
    mirror = os.environ.get("PIP_INDEX_URL")
    return {**UV_ENVIRONMENT, **({"UV_DEFAULT_INDEX": mirror} if mirror else {})}


def _sources(folder: str, *names: str) -> tuple[Path, ...]:
    return tuple(ROOT / folder / name for name in names if (ROOT / folder / name).exists())


def shell(*commands: Sequence[str]) -> list[str]:
    """Return one command that runs `commands` in order, while they succeed."""
    return ["sh", "-c", " && ".join(shlex.join(command) for command in commands)]


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
