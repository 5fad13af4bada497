"""The steps of publishing a book, each a command that passes or ends the run."""

import json
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from steps import say

REHEARSAL = Path(".booklight/rehearsal")
PLACE = ("BOOKLIGHT_QDRANT_URL", "BOOKLIGHT_QDRANT_API_KEY", "BOOKLIGHT_COLLECTION", "BOOKLIGHT_INDEX_PATH")
"""The settings that say where the index is; the rehearsal has a place of its own."""

Report = dict[str, Any]


class Misused(Exception):
    """The command was misused; the text is one line that says what to do."""


class CheckFailed(Exception):
    """A step did not pass: which one, and its output."""

    def __init__(self, step: str, output: str) -> None:
        super().__init__(f"{step}: {output}")
        self.step = step
        self.output = output.strip()


@dataclass(frozen=True)
class Counts:
    """What indexing did, as `booklight index --json` prints it."""

    pages: int
    chunks: int
    embedded: int
    kept: int
    deleted: int
    commit: str | None


@dataclass(frozen=True)
class Tool:
    """The `booklight` command, the folder it runs in, and the environment it gets."""

    command: str
    folder: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def run(self, step: str, *arguments: str | Path) -> Report:
        """Run a command that reports, and return what it reports. Raises CheckFailed naming the `step`."""
        say(f"── booklight {arguments[0]}")
        try:
            done = subprocess.run(
                [self.command, *map(str, arguments), "--json"],
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise Misused(f"{self.command} was not found: install Booklight, or name it with --booklight") from None
        if done.returncode:
            raise CheckFailed(step, f"{_readable(done.stdout)}\n{done.stderr}")
        say(done.stderr.rstrip())
        report: Report = json.loads(done.stdout)
        return report


def build(command: str, book: Path) -> None:
    """Build the book. Raises CheckFailed."""
    _shell("the book could not be built", command, book, {})


def audit(tool: Tool, built: Path) -> str:
    """Check every link into the built book. Raises CheckFailed with the list of those that are broken."""
    report = tool.run("links into the book are broken", "audit", built.resolve())
    return f"- {report['checked']} links checked, none is broken"


def rehearsal(tool: Tool, pages: Path) -> Tool:
    """Index the book into a folder beside the real index, and return the tool that asks it."""
    folder = tool.folder / REHEARSAL
    folder.mkdir(parents=True, exist_ok=True)
    _copy_settings(tool.folder / ".env", folder / ".env")
    environment = {name: value for name, value in tool.environment.items() if name not in PLACE}
    rehearsing = Tool(tool.command, folder, environment | {"BOOKLIGHT_INDEX_PATH": str(folder / "index")})
    rehearsing.run("the book cannot be indexed", "index", pages.resolve())
    return rehearsing


def evaluate(tool: Tool, questions: Path, pages: Path, gates: Sequence[str]) -> str:
    """Ask the rehearsal the questions. Raises CheckFailed when a figure is below its gate."""
    least = [part for gate in gates for part in ("--min", gate)]
    places: list[str | Path] = [questions.resolve(), "--pages", pages.resolve()]
    report = tool.run("search is worse than it has to be", "eval", *places, *least)
    shown = ", ".join(f"{name} {value:.3f}" for name, value in report.get("figures", {}).items())
    return f"- questions asked: {report['asked']}; {shown}"


def index(tool: Tool, pages: Path) -> Counts:
    """Bring the real index in step with the book. Raises CheckFailed."""
    report = tool.run("the index could not be brought in step", "index", pages.resolve())
    return Counts(**{one.name: report[one.name] for one in fields(Counts)})


def deploy(command: str, built: Path) -> None:
    """Run the command that puts the built book where readers find it. Raises CheckFailed."""
    _shell("the index is new, but the book could not be deployed", command, Path.cwd(), {"BUILD_DIR": str(built)})


def _shell(step: str, command: str, folder: Path, environment: Mapping[str, str]) -> None:
    say(f"── {command}")
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise CheckFailed(step, f"{shlex.quote(command)} ended with status {done.returncode}")


def _readable(stdout: str) -> str:
    """Return what a check found as lines: broken links, or figures below their gates."""
    report: Report = json.loads(stdout) if stdout.startswith("{") else {}
    broken = [f"{link['source']}: {link['url']}: {link['reason']}" for link in report.get("broken", [])]
    return "\n".join([*broken, *report.get("missed_gates", [])])


def _copy_settings(source: Path, target: Path) -> None:
    """Take a `.env` along, but for where the index is."""
    lines = source.read_text(encoding="utf-8").splitlines() if source.is_file() else []
    kept = [line for line in lines if line.partition("=")[0].removeprefix("export ").strip().upper() not in PLACE]
    target.write_text("\n".join(kept) + "\n", encoding="utf-8")
    target.chmod(0o600)
